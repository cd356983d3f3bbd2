//! The finished listing of a scope.
//!
//! An `Inventory` can only come out of a [`Walked`], and a `Walked` only out of [`InventoryBuilder::finish`]. A walk
//! that fails drops its builder, so a plan from half a listing can't be written down.

mod gone;
mod projects;

use std::collections::btree_map::{BTreeMap, Entry};
use std::collections::{BTreeSet, HashSet};

pub use gone::Gone;
pub use projects::{GroupSeen, Sightings};

use crate::package::{Package, PackageId, PathsSeen, Project, ProjectId};
use crate::policy::{Named, Outside, Patterns, Scope};

/// Every package of a scope, once, in the order of the ids.
#[derive(Debug, Clone)]
pub struct Inventory {
    packages: Vec<Package>,
    taken: Vec<Package>,
    changed: BTreeSet<PackageId>,
    loosened: BTreeSet<ProjectId>,
    fewer_holds: BTreeSet<ProjectId>,
}

impl Inventory {
    /// Returns every package, in the order of the ids.
    #[must_use]
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// Returns every package that the policies before take. They are no longer decided on.
    #[must_use]
    pub fn taken(&self) -> &[Package] {
        &self.taken
    }

    /// Returns whether the walk saw two copies of this package that differ.
    #[must_use]
    pub fn has_changed(&self, id: PackageId) -> bool {
        self.changed.contains(&id)
    }

    /// Returns whether a hold whose text was changed has let go of this project since it was planned last.
    #[must_use]
    pub fn is_loosened(&self, id: ProjectId) -> bool {
        self.loosened.contains(&id)
    }

    /// Marks these projects as ones that a hold has let go of.
    #[must_use]
    pub fn with_loosened(self, loosened: BTreeSet<ProjectId>) -> Self {
        Self { loosened, ..self }
    }

    /// Returns whether GitLab tells fewer than half of this project's holds that it told before.
    #[must_use]
    pub fn has_fewer_holds(&self, id: ProjectId) -> bool {
        self.fewer_holds.contains(&id)
    }

    /// Marks these projects as ones of which GitLab tells too few holds.
    #[must_use]
    pub fn with_fewer_holds(self, fewer_holds: BTreeSet<ProjectId>) -> Self {
        Self { fewer_holds, ..self }
    }

    /// Returns what is left once `gone` are deleted. The next policy is planned on that.
    #[must_use]
    pub fn without(mut self, gone: &HashSet<PackageId>) -> Self {
        let (taken, left) = self.packages.into_iter().partition(|package| gone.contains(&package.id));
        self.packages = left;
        self.taken.extend::<Vec<Package>>(taken);
        self
    }

    /// Returns the packages of the same key as this one: ranks and the latest version depend on no others. `None` where
    /// it is not in here.
    #[must_use]
    pub fn of_key_of(&self, id: PackageId) -> Option<Self> {
        let key = self.packages.iter().find(|package| package.id == id)?.key();
        let of_key = |packages: &[Package]| packages.iter().filter(|package| package.key() == key).cloned().collect();
        let (packages, taken) = (of_key(&self.packages), of_key(&self.taken));
        Some(self.beside(packages, taken))
    }

    /// Returns the same packages beside others that policies before take.
    #[must_use]
    pub fn with_taken(self, taken: Vec<Package>) -> Self {
        Self { taken, ..self }
    }

    /// Returns these packages alone, beside what the policies before take.
    #[must_use]
    pub fn only(&self, ids: &BTreeSet<PackageId>) -> Self {
        let packages = self.packages.iter().filter(|package| ids.contains(&package.id)).cloned().collect();
        self.beside(packages, self.taken.clone())
    }

    /// Returns everything but the packages that are decided on, which a plan has as well.
    #[must_use]
    pub fn frame(&self) -> Self {
        self.beside(Vec::new(), self.taken.clone())
    }

    /// Returns the part of one project, with these packages in the place of those that are decided on. They come in the
    /// order of the ids.
    #[must_use]
    pub fn holding(&self, project: ProjectId, packages: Vec<Package>) -> Self {
        let taken = self.taken.iter().filter(|package| package.project.id == project).cloned().collect();
        self.beside(packages, taken)
    }

    /// Returns other packages, with what is known beside them.
    fn beside(&self, packages: Vec<Package>, taken: Vec<Package>) -> Self {
        let Self { changed, loosened, fewer_holds, .. } = self;
        let (changed, loosened, fewer_holds) = (changed.clone(), loosened.clone(), fewer_holds.clone());
        Self { packages, taken, changed, loosened, fewer_holds }
    }

    /// Returns every package, in the order of the ids, and keeps none.
    #[must_use]
    pub fn into_packages(self) -> Vec<Package> {
        self.packages
    }
}

/// Every row of a finished walk, once. The inventories of several policies can be taken from it.
#[derive(Debug, Clone, Default)]
pub struct Walked {
    packages: BTreeMap<PackageId, Package>,
    changed: BTreeSet<PackageId>,
    /// The projects and groups that rules and scopes name, and that GitLab has elsewhere or doesn't show.
    pub strays: Vec<Stray>,
    /// Every path that a project was seen under in this walk.
    pub seen: PathsSeen,
}

/// A project or group that a policy set names by a path which is not, or is no longer, its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// The path, and the rules that name it.
    pub named: Named,
    /// Where it is instead.
    pub whereabouts: Whereabouts,
}

/// Where GitLab has the project or group that a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whereabouts {
    /// The path leads to a project that has another path now.
    Moved {
        /// The project that the path leads to.
        id: ProjectId,
        /// The path that it has now.
        path: String,
    },
    /// GitLab shows nothing there, and a walk of the past has seen projects by that path.
    Remembered,
    /// GitLab shows nothing there, and nobody knows what it was.
    Unknown,
}

impl Walked {
    /// Returns a row of the walk, whatever scope it is in.
    #[must_use]
    pub fn get(&self, id: PackageId) -> Option<&Package> {
        self.packages.get(&id)
    }

    /// Returns every row of the walk.
    pub fn packages(&self) -> impl ExactSizeIterator<Item = &Package> {
        self.packages.values()
    }

    /// Returns what is in the scope and in projects whose path matches `projects`. A package whose project's path is
    /// unknown is left out where one of the two asks for the path. A package whose project isn't known to be archived
    /// or not is always left out. Projects leave whole, so no package key loses a part.
    #[must_use]
    pub fn within(&self, scope: &Scope, projects: Option<&Patterns>) -> Inventory {
        let is_in_scope =
            |package: &&Package| scope.filters_out(package).is_none() && is_among(projects, package) == Some(true);
        let packages = self.packages.values().filter(is_in_scope).cloned().collect();
        let (taken, changed) = (Vec::new(), self.changed.clone());
        Inventory { packages, taken, changed, loosened: BTreeSet::new(), fewer_holds: BTreeSet::new() }
    }

    /// Returns the projects that may be in the scope, and are left out because GitLab doesn't tell enough of them.
    #[must_use]
    pub fn untold(&self, scope: &Scope, projects: Option<&Patterns>) -> BTreeSet<ProjectId> {
        let is_untold = |package: &&Package| match (is_among(projects, package), scope.filters_out(package)) {
            (Some(false), _) | (_, Some(Outside::Type { .. } | Outside::Paths { .. } | Outside::Topics { .. })) => {
                false
            }
            (
                _,
                Some(Outside::UnknownPath { .. } | Outside::UnknownArchived { .. } | Outside::UnknownTopics { .. }),
            ) => true,
            (among, None | Some(Outside::Archived | Outside::NotArchived)) => among.is_none(),
        };
        self.packages.values().filter(is_untold).map(|package| package.project.id).collect()
    }
}

/// Returns whether the package's project matches the patterns that a run is narrowed to; `None` where its path is
/// unknown.
fn is_among(projects: Option<&Patterns>, package: &Package) -> Option<bool> {
    projects.map_or(Some(true), |patterns| patterns.select_project(&package.project))
}

/// Takes the pages of a walk in any order, with rows that repeat.
#[derive(Debug, Default)]
pub struct InventoryBuilder {
    packages: BTreeMap<PackageId, Package>,
    changed: BTreeSet<PackageId>,
}

impl InventoryBuilder {
    /// Takes a page.
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
        Walked { packages: self.packages, changed: self.changed, ..Walked::default() }
    }

    /// Ends the walk, and gives each package what became known of its project in this walk and those before.
    #[must_use]
    pub fn settle(self, sightings: &Sightings, remembered: &PathsSeen, strays: Vec<Stray>) -> Walked {
        let mut walked = self.finish();
        walked.seen = sightings.paths();
        let mut all = remembered.clone();
        all.extend(&walked.seen);
        let projects: BTreeMap<ProjectId, Project> = sightings.settle(&all);
        for package in walked.packages.values_mut() {
            if let Some(project) = projects.get(&package.project.id) {
                package.project.clone_from(project);
            }
        }
        Walked { strays, ..walked }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::{Project, ProjectId};
    use crate::policy::{PatternKind, PolicySet};
    use crate::yaml::Source;

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
        let project = Project { archived: Some(false), ..Project::unread(ProjectId(id), path) };
        Package { version: Some("1.0".to_owned()), ..Package::plain(id, project) }
    }
}
