//! An independent reading of the policy language: slow, simple, and written from the specification alone.
//!
//! Of the library it takes what does not decide: the data types, pattern matching with the spellings that a pattern sees,
//! when an age began, what an ecosystem calls a pre-release, which of two of its versions is the higher one, which are one
//! to it, and which numbers a version begins with. It shares no index and no code with the plan, looks at every package
//! from scratch, has its own table of package types, and knows the files and the pipelines of all packages.

#![allow(clippy::expect_used, reason = "an oracle that can't go on has to stop")]

pub mod branches;
mod condition;
mod content;
mod downloads;
pub mod facts;
pub mod files;
pub mod in_use;
mod newest;
pub mod protection;
mod superseded;

use std::collections::{BTreeMap, BTreeSet};

use gleaner::package::{
    Downloaded, Lookup, Package, PackageFile, PackageId, PackageType, Pipeline, PipelineId, ProjectId, RefKind, Status,
};
use gleaner::plan::RuleRef;
use gleaner::policy::{Archived, Condition, DeleteRule, KeepRule, Policy, PolicySet};
use jiff::Timestamp;

use branches::BranchesKnown;
use condition::{Side, has_topic, is_of_project};
use facts::{Growth, growth, has_several_indexes, has_unknown_age};
use in_use::InUseLine;
use protection::Guarded;

/// What is expected of one package: the code of the reason, and the rule that decided, where one did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ruling {
    /// The reason, as reports spell it.
    pub code: &'static str,
    /// The rule that decided.
    pub rule: Option<RuleRef>,
}

impl Ruling {
    /// Returns whether the package goes.
    #[must_use]
    pub fn deletes(self) -> bool {
        self.code == "selected"
    }
}

/// The target of a link of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkTo {
    /// A package, by its id.
    Package(u64),
    /// A package file, by its id.
    File(u64),
    /// Something that is no package.
    Elsewhere,
}

/// Everything there is to know, as of one instant.
#[derive(Debug)]
pub struct Oracle<'a> {
    /// The policies and protections.
    pub set: &'a PolicySet,
    /// The policy that is planned.
    pub policy: &'a Policy,
    /// The rows as the walk read them, with those that repeat.
    pub rows: &'a [Package],
    /// What an earlier policy takes.
    pub taken: &'a [Package],
    /// The files of every package, asked for or not, and the look-ups that failed.
    pub files: BTreeMap<PackageId, Lookup<Vec<PackageFile>>>,
    /// The last pipelines that are told only to whom asks; `None` where there is none, or where the look-up failed.
    pub built_from: BTreeMap<PackageId, Option<Pipeline>>,
    /// What pipelines say they ran for. Of those that are not in here nobody can tell.
    pub kinds: BTreeMap<PipelineId, RefKind>,
    /// What is told of last downloads only to whom asks; `None` where the look-up failed.
    pub downloads: BTreeMap<PackageId, Option<Downloaded>>,
    /// The packages whose pipelines or last download could not be looked up.
    pub failed: BTreeSet<PackageId>,
    /// What the releases of the projects that were asked link to; `None` where they could not be read.
    pub links: BTreeMap<ProjectId, Option<Vec<LinkTo>>>,
    /// The protection rules of the projects that were asked; `None` where they could not be read.
    pub protection: BTreeMap<ProjectId, Option<Vec<Guarded>>>,
    /// What is known of branches.
    pub branches: BranchesKnown<'a>,
    /// What is in use; `None` where the file can't be used.
    pub in_use: Option<&'a [InUseLine]>,
    /// The instant of the plan.
    pub now: Timestamp,
}

impl Oracle<'_> {
    /// What is expected of every package in scope.
    #[must_use]
    pub fn rulings(&self) -> BTreeMap<PackageId, Ruling> {
        self.packages().into_iter().map(|package| (package.id, self.ruling(package))).collect()
    }

    /// What is expected of one package in scope.
    #[must_use]
    pub fn ruling(&self, package: &Package) -> Ruling {
        let always = |code| Ruling { code, rule: None };
        let mut standing: Vec<usize> = (0..self.policy.delete.len())
            .filter(|&number| self.selects(&self.policy.delete[number], package))
            .collect();
        let is_selected = !standing.is_empty();
        for guard in self.guards(package) {
            standing.retain(|&number| self.lifts(&self.policy.delete[number], guard, package));
            if standing.is_empty() {
                return always(guard);
            }
        }
        if let Some(rule) = self.protecting_rule(package) {
            return Ruling { code: "protected", rule: Some(rule) };
        }
        if let Some(number) = (0..self.policy.keep.len()).find(|&number| self.keeps(&self.policy.keep[number], package))
        {
            return Ruling { code: "kept_by_rule", rule: Some(RuleRef::Keep(number)) };
        }
        if is_selected && self.is_held_by_gitlab(package).is_none() {
            return always("no_evidence");
        }
        if is_selected && self.is_linked(package).is_none() {
            standing.retain(|&number| self.policy.delete[number].allow_released);
            if standing.is_empty() {
                return always("no_evidence");
            }
        }
        match standing.first() {
            Some(&number) => Ruling { code: "selected", rule: Some(RuleRef::Delete(number)) },
            None => always("not_selected"),
        }
    }

    /// The first protect rule that may hold where its protection may hold.
    #[must_use]
    pub fn protecting_rule(&self, package: &Package) -> Option<RuleRef> {
        for (protection, protected) in self.set.protections.iter().enumerate() {
            let reached = protected.scope.as_ref().is_none_or(|scope| condition::within(scope, package) != Some(false));
            for (rule, hold) in protected.rules.iter().enumerate() {
                if reached && self.is_in_force(hold) && self.fits(hold, package) != Some(false) {
                    return Some(RuleRef::Protect { protection, rule });
                }
            }
        }
        None
    }

    /// Each id once, in scope. Of copies that differ the least stands for all; nothing but its place in the scope
    /// rests on it, because such a package is kept and takes no place.
    fn packages(&self) -> Vec<&Package> {
        let ids: BTreeSet<PackageId> = self.rows.iter().map(|row| row.id).collect();
        ids.into_iter()
            .filter_map(|id| self.rows.iter().filter(|row| row.id == id).min())
            .filter(|package| self.is_in_scope(package))
            .collect()
    }

    /// Returns whether the policy looks at a package.
    #[must_use]
    pub fn is_in_scope(&self, package: &Package) -> bool {
        let scope = &self.policy.scope;
        let path_fits = scope
            .paths
            .as_ref()
            .is_none_or(|patterns| is_of_project(patterns, &package.project, Side::Taking) == Some(true));
        let archived_fits = match (scope.archived, package.project.archived) {
            (Archived::Exclude, Some(false)) | (Archived::Include, Some(_)) | (Archived::Only, Some(true)) => true,
            // What can't be told is in no scope.
            (_, None) | (Archived::Exclude, Some(true)) | (Archived::Only, Some(false)) => false,
        };
        let topics = scope.topics.as_ref();
        let topic_fits = topics.is_none_or(|it| has_topic(it, &package.project, Side::Taking) == Some(true));
        archived_fits
            && path_fits
            && topic_fits
            && (scope.types.is_empty() || scope.types.contains(&package.package_type))
    }

    fn has_changed(&self, package: &Package) -> bool {
        self.rows.iter().any(|row| row.id == package.id && row != package)
    }

    /// The guards that stand before a package, in the order in which they are told.
    fn guards(&self, package: &Package) -> Vec<&'static str> {
        let has_no_files =
            growth(&package.package_type) == Growth::ByFiles && self.files.get(&package.id) == Some(&Lookup::Failed);
        let carries_latest = package.tags.as_ref().is_none_or(|tags| tags.iter().any(|tag| tag == "latest"));
        let table = [
            ("changed_during_walk", self.has_changed(package)),
            ("unreadable", package.unreadable.is_some()),
            ("marked_for_deletion", package.project.marked_for_deletion),
            ("processing", package.status == Status::Processing),
            ("pending_destruction", package.status == Status::PendingDestruction),
            ("hidden", package.status == Status::Hidden),
            ("unknown_status", matches!(package.status, Status::Other(_))),
            ("versionless", package.version.is_none()),
            ("type_not_named", matches!(package.package_type, PackageType::MlModel | PackageType::Other(_))),
            ("min_age", self.is_fresh(package) || (has_unknown_age(package) && package.created_at.is_some())),
            ("no_evidence", has_no_files || self.failed.contains(&package.id)),
            ("senseless_dates", !self.has_sane_dates(package) || !self.has_sane_file_dates(package)),
            ("npm_latest", package.package_type == PackageType::Npm && carries_latest),
            ("protected_in_gitlab", self.is_held_by_gitlab(package) == Some(true)),
            ("released", self.is_linked(package) == Some(true)),
            ("latest", self.is_latest(package)),
            ("other_index", has_several_indexes(&package.package_type) && self.is_installable(package)),
        ];
        table.into_iter().filter(|(_, applies)| *applies).map(|(code, _)| code).collect()
    }

    /// Whether its newest content is known to be younger than `min_age`: no branch is older than its row.
    fn is_fresh(&self, package: &Package) -> bool {
        let min_age = &self.policy.limits.min_age;
        if has_unknown_age(package) {
            let start = min_age.before(self.now);
            return package.created_at.is_some_and(|made| start.is_none_or(|start| made > start));
        }
        self.is_younger(min_age, package) == Some(true)
    }

    /// Whether a delete rule lifts a guard. Most guards are lifted by none.
    fn lifts(&self, rule: &DeleteRule, guard: &str, package: &Package) -> bool {
        let names_type = |condition: &Condition| match condition {
            Condition::Type(types) => types.contains(&package.package_type),
            _ => false,
        };
        match guard {
            "type_not_named" => rule.conditions.iter().any(names_type),
            // The rule knows that the age is unknown, or goes by the branch. The row's own date has to be old enough all
            // the same.
            "min_age" => {
                let is_row_old = package.created_at.is_some() && !self.is_fresh(package);
                let means_it =
                    |condition: &Condition| matches!(condition, Condition::UnknownAge | Condition::BranchGoneFor(_));
                is_row_old && rule.conditions.iter().any(means_it)
            }
            "npm_latest" => rule.conditions.iter().any(names_latest),
            "released" => rule.allow_released,
            "latest" => rule.allow_latest,
            "other_index" => rule.other_indexes,
            _ => false,
        }
    }

    /// Whether a release links to it; `None` where that can't be told.
    fn is_linked(&self, package: &Package) -> Option<bool> {
        if package.project.has_releases == Some(false) {
            return Some(false);
        }
        let Some(links) = self.links.get(&package.project.id) else { return Some(false) };
        let links = links.as_ref()?;
        let files = match self.files.get(&package.id) {
            Some(Lookup::Found(files)) => Some(files),
            Some(Lookup::Failed) | None => None,
        };
        let told: Vec<Option<bool>> = links
            .iter()
            .map(|link| match link {
                LinkTo::Package(id) => Some(package.id.0 == *id),
                LinkTo::File(id) => files.map(|files| files.iter().any(|file| file.id.0 == *id)),
                LinkTo::Elsewhere => Some(false),
            })
            .collect();
        if told.contains(&Some(true)) {
            return Some(true);
        }
        (!told.contains(&None)).then_some(false)
    }
}

/// Whether a condition asks for the tag `latest` itself, and not only for everything but some other one.
fn names_latest(condition: &Condition) -> bool {
    let Condition::Tag(patterns) = condition else { return false };
    patterns.texts().any(|text| matches!(text, "latest" | "*"))
}

/// The statuses that a `newest` rule counts among: those that clients can install, or those that it names.
fn counts_status(rule: &KeepRule, status: &Status) -> bool {
    let mut named = rule.hold.conditions.iter().filter_map(|condition| match condition {
        Condition::Status(statuses) => Some(statuses.contains(status)),
        _ => None,
    });
    named.next().unwrap_or(is_installable_status(status))
}

fn is_installable_status(status: &Status) -> bool {
    matches!(status, Status::Default | Status::Deprecated)
}
