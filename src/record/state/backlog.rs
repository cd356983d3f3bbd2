//! The part of the state that a policy with `max_per_cycle` has: what was approved of a plan, and is left.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::package::{FileId, PackageId};
use crate::plan::{Backlog, ItemId};

/// What is left of an approved plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BacklogState {
    /// The digest of what it was approved by.
    by: String,
    /// What was approved.
    approved: Items,
    /// What came to nothing when it was tried.
    tried: Items,
}

/// Packages and files by their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Items {
    packages: BTreeSet<u64>,
    files: BTreeSet<u64>,
}

impl BacklogState {
    /// Returns what is to be written down; `None` where nothing is left.
    pub(super) fn of(backlog: &Backlog) -> Option<Self> {
        let Backlog { by, approved, tried } = backlog;
        let is_empty = approved.is_empty() && tried.is_empty();
        (!is_empty).then(|| Self { by: by.clone(), approved: Items::of(approved), tried: Items::of(tried) })
    }

    /// Returns what is left, as a cycle takes it.
    pub(super) fn left(self) -> Backlog {
        Backlog { by: self.by, approved: self.approved.ids(), tried: self.tried.ids() }
    }
}

impl Items {
    fn of(items: &BTreeSet<ItemId>) -> Self {
        let mut written = Self::default();
        for item in items {
            match item {
                ItemId::Package(id) => written.packages.insert(id.0),
                ItemId::File(id) => written.files.insert(id.0),
            };
        }
        written
    }

    fn ids(self) -> BTreeSet<ItemId> {
        let packages = self.packages.into_iter().map(|id| ItemId::Package(PackageId(id)));
        packages.chain(self.files.into_iter().map(|id| ItemId::File(FileId(id)))).collect()
    }
}
