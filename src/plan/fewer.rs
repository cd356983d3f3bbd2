//! Finds the projects of which GitLab tells fewer than half of the holds that it told before: a token may have lost a
//! right, and what those holds kept would go.
//!
//! Only what was asked for and answered is compared. A kind that nobody asked about in a cycle is neither fewer nor
//! counted. What was told of a project that is left out for this doesn't count either, so that a loss never becomes the
//! measure by lasting.

mod seen;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;

pub use seen::{HoldsSeen, MostSeen};

use crate::package::{BranchOrigin, Evidence, HoldCounts, HoldKind, Package, PackageKey, Project, ProjectId};
use crate::plan::inventory::{Inventory, Walked};
use crate::policy::{Archived, InForce};
use seen::is_fewer;

/// What one cycle was told that keeps packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldsTold {
    day: Date,
    counts: HoldCounts,
    /// How many names could have a tag, by project. A name that is no longer listed needs none.
    taggable: BTreeMap<ProjectId, u64>,
    /// The projects with packages that were built in a project whose branches were asked for.
    built_in: BTreeMap<ProjectId, BTreeSet<ProjectId>>,
    /// The projects of which fewer holds are right.
    accepted: BTreeSet<ProjectId>,
    scope: String,
    packages: u64,
    projects: u64,
}

/// A count that is fewer than half of the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fewer {
    /// The count of now.
    pub now: u64,
    /// The most of the last 30 days.
    pub most: u64,
    /// The last day of the most.
    pub on: Date,
}

/// How much of what a cycle listed is gone by its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deleted {
    /// Packages.
    pub packages: u64,
    /// Projects that have no package left.
    pub projects: u64,
}

/// What is fewer than before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FewerHolds {
    /// The kinds of hold that are fewer, by project, but for what is accepted.
    pub projects: BTreeMap<ProjectId, Vec<(HoldKind, Fewer)>>,
    /// Those projects, and the ones whose packages were built in them where branches are fewer.
    pub left_out: BTreeSet<ProjectId>,
    /// What is fewer, and right by somebody's word.
    pub accepted: BTreeSet<(ProjectId, HoldKind)>,
    /// Packages in the scope.
    pub packages: Option<Fewer>,
    /// Projects with packages in the scope.
    pub with_packages: Option<Fewer>,
}

impl HoldsTold {
    /// Counts what a cycle was told, by its walk and by the answers that its plan goes by.
    #[must_use]
    pub fn of(in_force: InForce<'_>, walked: &Walked, inventory: &Inventory, evidence: &Evidence) -> Self {
        let listed = || inventory.packages().iter().chain(inventory.taken());
        let present: BTreeMap<ProjectId, &Project> =
            listed().map(|package| (package.project.id, &package.project)).collect();
        let mut counts = evidence.hold_counts();
        let mut note = |project: ProjectId, kind, count| {
            counts.entry(project).or_default().insert(kind, count);
        };
        for (id, project) in &present {
            // Nobody asks for releases that are switched off, and they hold nothing: GitLab has told that there are none.
            let would_ask = evidence.has_protection(*id) && in_force.minds_releases();
            if project.has_releases == Some(false) && would_ask {
                note(*id, HoldKind::Releases, 0);
            }
        }
        let tagged = Tagged::of(listed());
        for (project, names) in &tagged.0 {
            note(*project, HoldKind::Tags, names.values().filter(|is_tagged| **is_tagged).count() as u64);
        }
        // Where archived projects are looked at, the flag holds nothing.
        if in_force.policy().scope.archived == Archived::Exclude {
            for package in walked.packages() {
                let id = package.project.id;
                match package.project.archived {
                    Some(true) => note(id, HoldKind::Archived, 1),
                    Some(false) if present.contains_key(&id) => note(id, HoldKind::Archived, 0),
                    Some(false) | None => {}
                }
            }
        }
        Self {
            day: in_force.now().to_zoned(TimeZone::UTC).date(),
            taggable: tagged.0.iter().map(|(project, names)| (*project, names.len() as u64)).collect(),
            built_in: built_in(inventory, evidence, &counts),
            accepted: accepted(in_force, walked, counts.keys()),
            counts,
            scope: in_force.policy().scope_digest(),
            packages: listed().count() as u64,
            projects: present.len() as u64,
        }
    }

    /// Returns what is fewer than what was seen before. Pure and total.
    #[must_use]
    pub fn against(&self, seen: &HoldsSeen) -> FewerHolds {
        let mut fewer = FewerHolds::default();
        for (project, counts) in &self.counts {
            for (kind, now) in counts {
                let Some(lost) = self.lost(seen, *project, *kind, *now) else { continue };
                if self.accepted.contains(project) {
                    fewer.accepted.insert((*project, *kind));
                    continue;
                }
                fewer.projects.entry(*project).or_default().push((*kind, lost));
                fewer.left_out.insert(*project);
                if matches!(kind, HoldKind::Branches | HoldKind::ProtectedBranches) {
                    fewer.left_out.extend(self.built_in.get(project).into_iter().flatten());
                }
            }
        }
        if self.scope == seen.scope {
            fewer.packages = seen.packages.fewer(self.packages);
            fewer.with_packages = seen.with_packages.fewer(self.projects);
        }
        fewer
    }

    /// Returns how much is gone once these packages alone are left of those that were listed.
    #[must_use]
    pub fn deleted<'p>(&self, left: impl Iterator<Item = &'p Package> + Clone) -> Deleted {
        let projects: BTreeSet<ProjectId> = left.clone().map(|package| package.project.id).collect();
        Deleted {
            packages: self.packages.saturating_sub(left.count() as u64),
            projects: self.projects.saturating_sub(projects.len() as u64),
        }
    }

    fn lost(&self, seen: &HoldsSeen, project: ProjectId, kind: HoldKind, now: u64) -> Option<Fewer> {
        let lost = seen.most_of(project, kind)?.fewer(now)?;
        let could_be = match kind {
            HoldKind::Tags => self.taggable.get(&project).copied().unwrap_or(0),
            _ => u64::MAX,
        };
        is_fewer(now, lost.most.min(could_be)).then_some(lost)
    }
}

/// Returns whether a second reading tells fewer than half of the holds of some project that the first one told. It asks about
/// the project that it is for, and about those where packages of it were built.
#[must_use]
pub fn tells_fewer(first: &Evidence, second: &Evidence) -> bool {
    let (first, second) = (first.hold_counts(), second.hold_counts());
    second
        .iter()
        .filter_map(|(project, now)| Some((first.get(project)?, now)))
        .any(|(then, now)| then.iter().any(|(kind, most)| now.get(kind).is_some_and(|now| is_fewer(*now, *most))))
}

impl FewerHolds {
    /// Leaves out what only a look at the whole scope can tell.
    #[must_use]
    pub fn of_part(self) -> Self {
        Self { packages: None, with_packages: None, ..self }
    }
}

impl fmt::Display for Fewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} now, and {} on {}", self.now, self.most, self.on)
    }
}

/// The names of each project that could have a tag, and whether one of their versions has one. A project with tags that
/// can't be read has none of this: nobody knows how many there are.
struct Tagged<'p>(BTreeMap<ProjectId, BTreeMap<PackageKey<'p>, bool>>);

impl<'p> Tagged<'p> {
    fn of(packages: impl Iterator<Item = &'p Package>) -> Self {
        let mut tagged: BTreeMap<ProjectId, BTreeMap<PackageKey<'p>, bool>> = BTreeMap::new();
        let mut unread = BTreeSet::new();
        for package in packages.filter(|package| package.package_type.facts().has_tags) {
            match &package.tags {
                Some(tags) => {
                    let names = tagged.entry(package.project.id).or_default();
                    *names.entry(package.key()).or_default() |= !tags.is_empty();
                }
                None => _ = unread.insert(package.project.id),
            }
        }
        tagged.retain(|project, _| !unread.contains(project));
        Self(tagged)
    }
}

/// Returns, for each project whose branches were told, the projects with packages that were built there.
fn built_in(
    inventory: &Inventory,
    evidence: &Evidence,
    counts: &HoldCounts,
) -> BTreeMap<ProjectId, BTreeSet<ProjectId>> {
    let has_branches = |project: &ProjectId| {
        let kinds = counts.get(project);
        kinds.is_some_and(|kinds| {
            kinds.contains_key(&HoldKind::Branches) || kinds.contains_key(&HoldKind::ProtectedBranches)
        })
    };
    let mut built_in: BTreeMap<ProjectId, BTreeSet<ProjectId>> = BTreeMap::new();
    if !counts.keys().any(has_branches) {
        return built_in;
    }
    for package in inventory.packages() {
        let origin = BranchOrigin::of(package, &evidence.built_from(package));
        if let Some((project, _)) = origin.branch().filter(|(project, _)| has_branches(project)) {
            built_in.entry(project).or_default().insert(package.project.id);
        }
    }
    built_in
}

/// Returns the projects of which fewer holds are right, by the instance file.
fn accepted<'p>(
    in_force: InForce<'_>,
    walked: &Walked,
    told: impl Iterator<Item = &'p ProjectId>,
) -> BTreeSet<ProjectId> {
    let now = in_force.now();
    let instance = in_force.set().instance.iter();
    let acceptances: Vec<_> =
        instance.flat_map(|instance| &instance.accept_fewer_holds).filter(|one| one.holds(now)).collect();
    if acceptances.is_empty() {
        return BTreeSet::new();
    }
    let known: BTreeMap<ProjectId, &Project> =
        walked.packages().map(|package| (package.project.id, &package.project)).collect();
    let is_meant = |id: &ProjectId| acceptances.iter().any(|one| one.means(*id, known.get(id).copied()));
    told.copied().filter(is_meant).collect()
}

#[cfg(test)]
mod tests;
