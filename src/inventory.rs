//! The finished listing of a scope.
//!
//! An `Inventory` can only come out of a [`Walked`], that only out of [`InventoryBuilder::finish`], and a walk that fails
//! drops its builder, so a plan from half a listing can't be written down.

mod gone;

use std::collections::btree_map::{BTreeMap, Entry};
use std::collections::{BTreeSet, HashSet};

pub use gone::Gone;

use crate::package::{Package, PackageId};
use crate::policy::{Archived, Patterns, Scope, Shown};

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
        let is_in_scope = |package: &&Package| {
            let path = package.project.path.as_deref();
            let is_archived = package.project.archived == Some(true);
            let archived_fits = match scope.archived {
                Archived::Exclude => !is_archived,
                Archived::Include => true,
                Archived::Only => is_archived,
            };
            let type_fits = scope.types.is_empty() || scope.types.contains(&package.package_type);
            let path_fits =
                scope.paths.as_ref().is_none_or(|paths| path.is_some_and(|path| paths.select(Shown::Plain(path))));
            let is_wanted =
                projects.is_none_or(|projects| path.is_some_and(|path| projects.select(Shown::Plain(path))));
            archived_fits && type_fits && path_fits && is_wanted
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::{BuiltFrom, Downloaded, PackageType, Permission, Project, ProjectId, Status};
    use crate::policy::{PatternKind, PolicySet, Source};

    #[test]
    fn a_scope_takes_away_what_stands_before_two_stars_too() {
        let text =
            "version: 1\nscope: { group: acme, paths: [\"acme/**\", \"!acme/old/**\"] }\ndelete: [{ status: error }]\n";
        let (set, _) = PolicySet::parse(&[Source::new("p.yaml", text)]).unwrap();
        let scope = &set.policies[0].scope;
        let mut builder = InventoryBuilder::default();
        builder.absorb((1..).zip(["acme/api", "acme/old", "acme/old/v1", "acme/older"]).map(package));
        let walked = builder.finish();
        let ids = |projects: Option<&Patterns>| -> Vec<u64> {
            walked.within(scope, projects).packages().iter().map(|package| package.id.0).collect()
        };
        assert_eq!(ids(None), [1, 4]);
        for package in walked.packages() {
            assert_eq!(scope.filters_out(package).is_none(), [1, 4].contains(&package.id.0), "{package:?}");
        }
        // So it is with what narrows a run.
        let narrowed = Patterns::parse(&["**", "!acme/api/**"], PatternKind::Path).unwrap();
        assert_eq!(ids(Some(&narrowed)), [4]);
    }

    fn package((id, path): (u64, &str)) -> Package {
        let path = Some(path.to_owned());
        Package {
            id: PackageId(id),
            project: Project { id: ProjectId(id), path, archived: Some(false), has_releases: None },
            package_type: PackageType::Generic,
            name: "app".to_owned(),
            channel: None,
            version: Some("1.0".to_owned()),
            status: Status::Default,
            created_at: None,
            downloaded: Downloaded::Never,
            tags: None,
            built_from: BuiltFrom::NotListed,
            permission: Permission::Granted,
            unreadable: None,
        }
    }
}
