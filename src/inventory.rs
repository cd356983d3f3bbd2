//! The finished listing of a scope.
//!
//! An `Inventory` can only come out of a [`Walked`], that only out of [`InventoryBuilder::finish`], and a walk that fails
//! drops its builder, so a plan from half a listing can't be written down.

mod gone;

use std::collections::btree_map::{BTreeMap, Entry};
use std::collections::{BTreeSet, HashSet};

pub use gone::Gone;

use crate::package::{Package, PackageId};
use crate::policy::{Archived, Patterns, Scope};

/// Every package of a scope, once, in the order of the ids.
#[derive(Debug, Clone)]
pub struct Inventory {
    packages: Vec<Package>,
    changed: BTreeSet<PackageId>,
}

impl Inventory {
    #[must_use]
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// Whether the walk saw two copies of this package that differ.
    #[must_use]
    pub fn has_changed(&self, id: PackageId) -> bool {
        self.changed.contains(&id)
    }

    /// What is left once `gone` are deleted: what the next policy is planned on.
    #[must_use]
    pub fn without(mut self, gone: &HashSet<PackageId>) -> Self {
        self.packages.retain(|package| !gone.contains(&package.id));
        self.changed.retain(|id| !gone.contains(id));
        self
    }

    /// The versions of the package that this one is a version of: all that ranks and the latest version hang on. `None`
    /// where it is not in here.
    #[must_use]
    pub fn of_key_of(&self, id: PackageId) -> Option<Self> {
        let key = self.packages.iter().find(|package| package.id == id)?.key();
        let packages = self.packages.iter().filter(|package| package.key() == key).cloned().collect();
        Some(Self { packages, changed: self.changed.clone() })
    }

    #[must_use]
    pub fn into_packages(self) -> Vec<Package> {
        self.packages
    }
}

/// Every row of a finished walk, once: what the inventories of several policies can be taken from.
#[derive(Debug, Clone)]
pub struct Walked {
    packages: BTreeMap<PackageId, Package>,
    changed: BTreeSet<PackageId>,
}

impl Walked {
    /// A row of the walk, whatever scope it is in.
    #[must_use]
    pub fn get(&self, id: PackageId) -> Option<&Package> {
        self.packages.get(&id)
    }

    /// Every row of the walk.
    pub fn packages(&self) -> impl ExactSizeIterator<Item = &Package> {
        self.packages.values()
    }

    /// What is in the scope and in projects whose path matches `projects`. Packages whose project's path is unknown are
    /// left out where one of the two asks for it. A project that isn't known to be archived counts as not archived.
    /// Projects leave whole, so no package key loses a part.
    #[must_use]
    pub fn within(&self, scope: &Scope, projects: Option<&Patterns>) -> Inventory {
        let patterns: Vec<&Patterns> = scope.paths.iter().chain(projects).collect();
        let is_in_scope = |package: &&Package| {
            let path = package.project.path.as_deref();
            let is_archived = package.project.archived == Some(true);
            let archived_fits = match scope.archived {
                Archived::Exclude => !is_archived,
                Archived::Include => true,
                Archived::Only => is_archived,
            };
            let type_fits = scope.types.is_empty() || scope.types.contains(&package.package_type);
            archived_fits
                && type_fits
                && patterns.iter().all(|patterns| path.is_some_and(|path| patterns.matches(path)))
        };
        let packages = self.packages.values().filter(is_in_scope).cloned().collect();
        Inventory { packages, changed: self.changed.clone() }
    }
}

/// Takes the pages of a walk in any order, with rows that repeat.
#[derive(Debug, Default)]
pub struct InventoryBuilder {
    packages: BTreeMap<PackageId, Package>,
    changed: BTreeSet<PackageId>,
}

impl InventoryBuilder {
    pub fn absorb(&mut self, page: impl IntoIterator<Item = Package>) {
        for package in page {
            match self.packages.entry(package.id) {
                Entry::Vacant(entry) => {
                    entry.insert(package);
                }
                Entry::Occupied(mut entry) => {
                    if *entry.get() != package {
                        self.changed.insert(package.id);
                    }
                    if package < *entry.get() {
                        entry.insert(package);
                    }
                }
            }
        }
    }

    /// Ends the walk.
    #[must_use]
    pub fn finish(self) -> Walked {
        Walked { packages: self.packages, changed: self.changed }
    }
}
