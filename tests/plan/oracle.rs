//! An independent reading of the policy language: slow, simple, and written from the specification alone.
//!
//! Of the library it takes what does not decide: the data types, pattern matching, when an age began, what an
//! ecosystem calls a pre-release, which of two of its versions is the higher one, and which numbers a version begins
//! with. It shares no index and no code with the plan, looks at every package from scratch, and knows the files and the
//! pipelines of all of them.

mod condition;
mod downloads;
pub(crate) mod files;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use gleaner::package::{
    BuiltFrom, Depth, Downloaded, Package, PackageFile, PackageId, PackageType, ProjectId, Status, rungs, series,
};
use gleaner::plan::{Lookup, RuleRef};
use gleaner::policy::{Archived, By, Condition, DeleteRule, KeepRule, Newest, Per, Policy, PolicySet};
use jiff::Timestamp;

use crate::generate::LinkTo;

/// What is expected of one package: the code of the reason, and the rule that decided, where one did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ruling {
    pub(crate) code: &'static str,
    pub(crate) rule: Option<RuleRef>,
}

impl Ruling {
    pub(crate) fn deletes(self) -> bool {
        self.code == "selected"
    }
}

/// Everything there is to know, as of one instant.
pub(crate) struct Oracle<'a> {
    pub(crate) set: &'a PolicySet,
    pub(crate) policy: &'a Policy,
    /// The rows as the walk read them, with those that repeat.
    pub(crate) rows: &'a [Package],
    /// The files of every package, asked for or not, and the look-ups that failed. Only where no file can be added later
    /// a package may be missing: then its own date says when it got its content.
    pub(crate) files: BTreeMap<PackageId, Lookup<Vec<PackageFile>>>,
    /// The refs that are told only to whom asks; `None` where there is none, or where the look-up failed.
    pub(crate) built_from: BTreeMap<PackageId, Option<&'static str>>,
    /// The packages whose pipelines could not be looked up.
    pub(crate) failed: BTreeSet<PackageId>,
    /// What the releases of the projects that were asked link to; `None` where they could not be read.
    pub(crate) links: BTreeMap<ProjectId, Option<&'a [LinkTo]>>,
    pub(crate) now: Timestamp,
}

/// What is known of the dates of a package's content.
struct Content {
    /// The newest date that is known. What isn't known can only be newer, never make it older.
    newest: Timestamp,
    /// Whether every date is known.
    is_whole: bool,
}

impl Oracle<'_> {
    /// What is expected of every package in scope.
    pub(crate) fn rulings(&self) -> BTreeMap<PackageId, Ruling> {
        self.packages().into_iter().map(|package| (package.id, self.ruling(package))).collect()
    }

    fn ruling(&self, package: &Package) -> Ruling {
        let always = |code| Ruling { code, rule: None };
        let mut standing: Vec<usize> = (0..self.policy.delete.len())
            .filter(|&number| self.selects(&self.policy.delete[number], package))
            .collect();
        let is_selected = !standing.is_empty();
        for guard in self.guards(package, is_selected) {
            standing.retain(|&number| lifts(&self.policy.delete[number], guard, package));
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
        if is_selected && self.is_linked(package).is_none() {
            standing.retain(|&number| self.policy.delete[number].released);
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
    pub(crate) fn protecting_rule(&self, package: &Package) -> Option<RuleRef> {
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

    pub(crate) fn is_in_scope(&self, package: &Package) -> bool {
        let scope = &self.policy.scope;
        let path = package.project.path.as_deref();
        let path_fits = scope.paths.as_ref().is_none_or(|patterns| path.is_some_and(|path| patterns.matches(path)));
        let is_archived = package.project.archived == Some(true);
        let archived_fits = match scope.archived {
            Archived::Exclude => !is_archived,
            Archived::Include => true,
            Archived::Only => is_archived,
        };
        archived_fits && path_fits && (scope.types.is_empty() || scope.types.contains(&package.package_type))
    }

    fn has_changed(&self, package: &Package) -> bool {
        self.rows.iter().any(|row| row.id == package.id && row != package)
    }

    /// The guards that stand before a package, in the order in which they are told.
    fn guards(&self, package: &Package, is_selected: bool) -> Vec<&'static str> {
        let lookup = self.files.get(&package.id);
        let file_dates_are_sane = match lookup {
            Some(Lookup::Found(files)) => {
                files.iter().all(|file| file.created_at.is_some_and(|date| self.is_sane(date)))
            }
            Some(Lookup::Failed) | None => true,
        };
        let carries_latest = package.tags.as_ref().is_none_or(|tags| tags.iter().any(|tag| tag == "latest"));
        let table = [
            ("changed_during_walk", self.has_changed(package)),
            ("unreadable", package.unreadable.is_some()),
            ("processing", package.status == Status::Processing),
            ("pending_destruction", package.status == Status::PendingDestruction),
            ("hidden", package.status == Status::Hidden),
            ("unknown_status", matches!(package.status, Status::Other(_))),
            ("versionless", package.version.is_none()),
            ("type_not_named", matches!(package.package_type, PackageType::MlModel | PackageType::Other(_))),
            ("min_age", self.is_younger(&self.policy.limits.min_age, package) == Some(true)),
            ("no_evidence", matches!(lookup, Some(Lookup::Failed)) || self.failed.contains(&package.id)),
            ("senseless_dates", !self.has_sane_dates(package) || !file_dates_are_sane),
            ("npm_latest", package.package_type == PackageType::Npm && carries_latest),
            ("released", is_selected && self.is_linked(package) == Some(true)),
            ("latest", self.is_latest(package)),
        ];
        table.into_iter().filter(|(_, applies)| *applies).map(|(code, _)| code).collect()
    }

    /// When the package last got content; `None` where even its own date is missing.
    fn content(&self, package: &Package) -> Option<Content> {
        let created_at = package.created_at?;
        let content = match self.files.get(&package.id) {
            Some(Lookup::Found(files)) => Content {
                newest: files.iter().filter_map(|file| file.created_at).fold(created_at, Timestamp::max),
                is_whole: files.iter().all(|file| file.created_at.is_some()),
            },
            Some(Lookup::Failed) => Content { newest: created_at, is_whole: !package.package_type.gains_files() },
            None => Content { newest: created_at, is_whole: true },
        };
        Some(content)
    }

    /// Whether a release links to it; `None` where that can't be told.
    fn is_linked(&self, package: &Package) -> Option<bool> {
        if package.project.has_releases == Some(false) {
            return Some(false);
        }
        let Some(links) = self.links.get(&package.project.id) else { return Some(false) };
        let links = (*links)?;
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

    /// What the package was built from, where anybody can tell.
    fn built_from<'o>(&'o self, package: &'o Package) -> Option<&'o str> {
        match &package.built_from {
            BuiltFrom::Ref(name) => Some(name),
            BuiltFrom::Unknown => None,
            BuiltFrom::NotListed => self.built_from.get(&package.id).copied().flatten(),
        }
    }

    /// What its versions have in common with it under a rule; `None` where that can't be told.
    fn series(&self, newest: &Newest, package: &Package) -> Option<String> {
        let version = package.version.as_deref()?;
        let numbers = |depth| series(&package.package_type, version, depth);
        match &newest.per {
            None => Some("all of them".to_owned()),
            Some(Per::Major) => numbers(Depth::Major),
            Some(Per::Minor) => numbers(Depth::Minor),
            Some(Per::Patch) => numbers(Depth::Patch),
            Some(Per::Ref) => self.built_from(package).map(str::to_owned),
            Some(Per::Capture(capture)) => capture.of(version).map(str::to_owned),
        }
    }

    /// The version of the key that clients would take for its latest: the highest release, else what was made last.
    fn is_latest(&self, package: &Package) -> bool {
        if matches!(package.package_type, PackageType::Generic | PackageType::MlModel) {
            return false;
        }
        let installable: Vec<&Package> = self
            .packages()
            .into_iter()
            .filter(|other| are_siblings(other, package))
            .filter(|other| self.takes_places(other) && is_installable_status(&other.status))
            .collect();
        let releases: Vec<&Package> =
            installable.iter().copied().filter(|other| other.is_prerelease() == Some(false)).collect();
        // Nobody can tell of a version that can't be read whether it is the latest.
        let is_unreadable = package.is_prerelease().is_none() && !matches!(package.package_type, PackageType::Other(_));
        if is_unreadable && installable.iter().any(|other| other.id == package.id) {
            return true;
        }
        let latest = if releases.is_empty() {
            installable.into_iter().max_by_key(|other| by_creation(other))
        } else {
            releases.into_iter().max_by(|one, other| by_version(one, other))
        };
        latest.is_some_and(|latest| latest.id == package.id)
    }

    fn keeps(&self, rule: &KeepRule, package: &Package) -> bool {
        if !self.is_in_force(&rule.hold) {
            return false;
        }
        match (rule.newest.as_ref(), self.fits(&rule.hold, package)) {
            (_, Some(false)) => false,
            (None, _) => true,
            // What can't be told of a version is no reason to let it go, as long as it is one that the rule counts.
            (Some(_), None) => counts_status(rule, &package.status),
            // Of a version that can't be read nobody knows how high it is.
            (Some(Newest { by: By::Version, .. }), Some(true)) if !can_be_read(package) => {
                counts_status(rule, &package.status)
            }
            (Some(newest), Some(true)) if self.series(newest, package).is_none() => {
                counts_status(rule, &package.status)
            }
            (Some(newest), Some(true)) => self.is_among_newest(rule, newest, package),
        }
    }

    fn is_among_newest(&self, rule: &KeepRule, newest: &Newest, package: &Package) -> bool {
        let mut candidates: Vec<&Package> = self
            .packages()
            .into_iter()
            .filter(|other| are_siblings(other, package))
            .filter(|other| self.takes_places(other) && counts_status(rule, &other.status))
            .filter(|other| self.fits(&rule.hold, other) == Some(true))
            .filter(|other| self.series(newest, other) == self.series(newest, package))
            .collect();
        match newest.by {
            By::Created => candidates.sort_by_key(|other| by_creation(other)),
            By::Version => {
                candidates.retain(|other| can_be_read(other));
                candidates.sort_by(|one, other| by_version(one, other));
            }
        }
        candidates.reverse();
        candidates.truncate(usize::try_from(newest.count.get()).unwrap_or(usize::MAX));
        candidates.iter().any(|other| other.id == package.id)
    }

    /// Whether a row can be believed, its status aside.
    fn takes_places(&self, package: &Package) -> bool {
        package.unreadable.is_none()
            && !self.has_changed(package)
            && package.version.is_some()
            && self.has_sane_dates(package)
    }

    /// Whether the dates of the listing make sense.
    fn has_sane_dates(&self, package: &Package) -> bool {
        let created = package.created_at.is_some_and(|date| self.is_sane(date));
        match package.downloaded {
            Downloaded::At(date) => created && self.is_sane(date),
            Downloaded::Never | Downloaded::Unknown => created,
            Downloaded::Unreadable => false,
        }
    }

    fn is_sane(&self, date: Timestamp) -> bool {
        let first: Timestamp = "2011-01-01T00:00:00Z".parse().expect("a date");
        first <= date && date <= self.now
    }
}

/// Whether a delete rule lifts a guard. Most guards are lifted by none.
fn lifts(rule: &DeleteRule, guard: &str, package: &Package) -> bool {
    let names_type = |condition: &Condition| match condition {
        Condition::Type(types) => types.contains(&package.package_type),
        _ => false,
    };
    match guard {
        "type_not_named" => rule.conditions.iter().any(names_type),
        "npm_latest" => rule.conditions.iter().any(names_latest),
        "released" => rule.released,
        "latest" => rule.allow_latest,
        _ => false,
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

fn are_siblings(one: &Package, other: &Package) -> bool {
    one.project.id == other.project.id
        && one.package_type == other.package_type
        && one.name == other.name
        && one.channel == other.channel
}

/// Whether a version has a place in the order of its ecosystem.
fn can_be_read(package: &Package) -> bool {
    package.version.as_deref().is_some_and(|version| rungs(&package.package_type, &[version]) != [None])
}

/// Two versions of one key that can be read. Equal ones are told apart by their dates, then by their ids.
fn by_version(one: &Package, other: &Package) -> Ordering {
    let versions = [one, other].map(|package| package.version.as_deref().unwrap_or_default());
    let rungs = rungs(&one.package_type, &versions);
    rungs[0].cmp(&rungs[1]).then_with(|| by_creation(one).cmp(&by_creation(other)))
}

fn by_creation(package: &Package) -> (Option<Timestamp>, PackageId) {
    (package.created_at, package.id)
}
