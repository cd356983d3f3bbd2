//! The part of the state that a policy with `max_per_cycle` has: what was approved of a plan, and is left.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{StateError, StateStore};
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

impl StateStore {
    /// Notes what an approved plan that goes in parts leaves; `None` leaves it as it was.
    ///
    /// # Errors
    ///
    /// When it can't be written; it is remembered all the same for as long as this lives.
    pub fn remember_backlog(&self, policy: &str, backlog: Option<&Backlog>) -> Result<(), StateError> {
        let Some(left) = backlog.map(BacklogState::of) else { return Ok(()) };
        if self.of(policy).backlog == left { Ok(()) } else { self.update(policy, |state| state.backlog = left) }
    }
}

impl BacklogState {
    /// Returns what is to be written down; `None` where nothing is left.
    fn of(backlog: &Backlog) -> Option<Self> {
        let Backlog { by, approved, tried } = backlog;
        let is_empty = approved.is_empty() && tried.is_empty();
        (!is_empty).then(|| Self { by: by.clone(), approved: Items::of(approved), tried: Items::of(tried) })
    }

    pub(super) fn read(self) -> Backlog {
        Backlog { by: self.by, approved: self.approved.read(), tried: self.tried.read() }
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

    fn read(self) -> BTreeSet<ItemId> {
        let packages = self.packages.into_iter().map(|id| ItemId::Package(PackageId(id)));
        packages.chain(self.files.into_iter().map(|id| ItemId::File(FileId(id)))).collect()
    }
}
