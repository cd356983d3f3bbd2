//! Marks: since when packages and files are named without a break, for policies with `grace`.
//!
//! A finished walk makes new marks out of those before ([`Plan::marks_after`]), and a plan tells by them what waits
//! ([`Plan::under_grace`]). Both are pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Guard, ItemId, Plan, Reason, RuleRef};
use crate::package::{PackageId, ProjectId};
use crate::policy::{Age, InForce, Mode, Policy};

/// The marks of one policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks(pub BTreeMap<ItemId, ItemMark>);

/// A mark: a package or a file has been named since then by every finished walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemMark {
    /// The instant of the first plan that named it.
    pub since: Timestamp,
    /// The digest of what named it: the text of the rule, the scope and `min_age`. Another one has no part in this mark.
    pub rule: String,
    /// The package, or the one that the file is in.
    pub package: PackageId,
    /// Its project.
    pub project: ProjectId,
}

/// How much a finished walk says of marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The whole scope was looked at, as of an instant that both clocks agree on: it sets marks and takes them away.
    Whole,
    /// The whole scope was looked at, and nobody can tell what the time is: it takes marks away, and sets none.
    Undated,
    /// The run was narrowed to some projects: it takes marks away of what it looked at, and sets none.
    Part,
}

/// How long something that a plan names has been marked, under `grace`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maturity {
    /// It has been marked for long enough, and goes.
    OfAge {
        /// Since when.
        since: Timestamp,
    },
    /// It waits.
    Young {
        /// Since when it is marked.
        since: Timestamp,
        /// From when on it goes.
        from: Timestamp,
    },
    /// It waits for a mark.
    Unmarked,
}

impl Maturity {
    /// Returns whether it waits.
    #[must_use]
    pub fn waits(self) -> bool {
        matches!(self, Self::Young { .. } | Self::Unmarked)
    }

    /// Returns since when it is marked.
    #[must_use]
    pub fn since(self) -> Option<Timestamp> {
        match self {
            Self::OfAge { since } | Self::Young { since, .. } => Some(since),
            Self::Unmarked => None,
        }
    }

    /// Returns from when on it goes, where it waits and that is known.
    #[must_use]
    pub fn from(self) -> Option<Timestamp> {
        match self {
            Self::Young { from, .. } => Some(from),
            Self::OfAge { .. } | Self::Unmarked => None,
        }
    }

    /// Tells the mark, as a part of a sentence.
    #[must_use]
    pub fn told(self, grace: &Age) -> String {
        match self {
            Self::OfAge { since } => format!("marked since {since}"),
            Self::Young { since, from } => format!("marked since {since}, and goes from {from} on, by grace: {grace}"),
            Self::Unmarked => format!("not marked yet, and goes {grace} after it is, by grace: {grace}"),
        }
    }

    /// A mark of the future counts as made now.
    fn of(since: Option<Timestamp>, grace: &Age, now: Timestamp) -> Self {
        let Some(since) = since else { return Self::Unmarked };
        let from = grace.after(since.min(now)).unwrap_or(Timestamp::MAX);
        if from <= now { Self::OfAge { since } } else { Self::Young { since, from } }
    }
}

impl Plan {
    /// Returns the marks after the finished walk that this plan was made from. `unanswered` has the projects of which a
    /// question could not be answered.
    ///
    /// What is named is marked as of the plan's instant, unless it was marked by the same rule before. What is not named
    /// loses its mark, whatever the reason, unless what decides about it could not be looked up.
    #[must_use]
    pub fn marks_after(
        &self,
        in_force: InForce<'_>,
        before: &Marks,
        unanswered: &BTreeSet<ProjectId>,
        extent: Extent,
    ) -> Marks {
        let policy = in_force.policy();
        // Nobody has said yet that anything of it may go: the grace begins when somebody does.
        if policy.grace.is_none() || policy.mode == Mode::DryRun {
            return if extent == Extent::Part { before.clone() } else { Marks::default() };
        }
        let named = self.named(policy);
        let unnamed = before
            .0
            .iter()
            .filter(|(item, mark)| !named.contains_key(item) && self.leaves_alone(mark, unanswered, extent));
        let mut after: BTreeMap<ItemId, ItemMark> = unnamed.map(|(item, mark)| (*item, mark.clone())).collect();
        for (item, fresh) in &named {
            let known = before.0.get(item).filter(|mark| mark.rule == fresh.rule);
            let mark = match (known, extent) {
                (Some(mark), Extent::Whole) => Some(ItemMark { since: mark.since.min(fresh.since), ..fresh.clone() }),
                (None, Extent::Whole) => Some(fresh.clone()),
                (known, Extent::Undated | Extent::Part) => known.cloned(),
            };
            after.extend(mark.map(|mark| (*item, mark)));
        }
        Marks(after)
    }

    /// Returns the plan with what waits by these marks.
    #[must_use]
    pub fn under_grace(mut self, in_force: InForce<'_>, marks: &Marks) -> Self {
        let policy = in_force.policy();
        let Some(grace) = &policy.grace else { return self };
        let mut maturities = BTreeMap::new();
        for (item, fresh) in self.named(policy) {
            let mark = marks.0.get(&item).filter(|mark| mark.rule == fresh.rule);
            maturities.insert(item, Maturity::of(mark.map(|mark| mark.since), grace, self.as_of));
        }
        for (_, group) in self.file_groups() {
            let last =
                group.iter().filter_map(|item| maturities.get(item).copied()).max_by_key(|one| one.last_of_all());
            maturities.extend(group.iter().zip(last.into_iter().cycle()).map(|(item, last)| (*item, last)));
        }
        self.maturities = maturities;
        self
    }

    /// Returns how long something that goes has been marked; `None` where the policy has no grace, or it stays.
    #[must_use]
    pub fn maturity(&self, item: ItemId) -> Option<Maturity> {
        self.maturities.get(&item).copied()
    }

    /// Returns whether something that the plan names may not go yet.
    #[must_use]
    pub fn waits(&self, item: ItemId) -> bool {
        self.maturity(item).is_some_and(Maturity::waits)
    }

    /// Returns everything that goes, with the mark that it would get as of now.
    fn named(&self, policy: &Policy) -> BTreeMap<ItemId, ItemMark> {
        let of_delete: Vec<String> = policy.delete.iter().map(|rule| policy.delete_mark(rule)).collect();
        let of_files: Vec<String> = policy.files.iter().map(|rule| policy.files_mark(rule)).collect();
        let digest = |rule: Option<RuleRef>| match rule? {
            RuleRef::Delete(number) => of_delete.get(number).cloned(),
            RuleRef::Files(number) => of_files.get(number).cloned(),
            RuleRef::Keep(_) | RuleRef::Protect { .. } => None,
        };
        let mark = |rule, package, project| ItemMark { since: self.as_of, rule, package, project };
        let packages = self.deletions().filter_map(|decision| {
            let package = &decision.package;
            let rule = digest(decision.reason.rule())?;
            Some((ItemId::Package(package.id), mark(rule, package.id, package.project.id)))
        });
        let files = self.file_deletions().filter_map(|decision| {
            let rule = digest(decision.reason.rule())?;
            Some((ItemId::File(decision.file.id), mark(rule, decision.package, decision.project)))
        });
        packages.chain(files).collect()
    }

    /// Returns whether the walk says nothing of what has this mark, and isn't named: it could not be looked up, or the run
    /// was narrowed and passed over it.
    fn leaves_alone(&self, mark: &ItemMark, unanswered: &BTreeSet<ProjectId>, extent: Extent) -> bool {
        let decision = self.decision(mark.package);
        let is_unseen = decision.is_some_and(|decision| decision.reason == Reason::Always(Guard::NoEvidence));
        is_unseen || unanswered.contains(&mark.project) || (extent == Extent::Part && decision.is_none())
    }

    /// Returns the files that go together, with the package that they are in: each with its checksums and signatures, none of
    /// which may be left alone.
    pub(super) fn file_groups(&self) -> Vec<(PackageId, Vec<ItemId>)> {
        let mut groups: BTreeMap<(PackageId, &str), Vec<ItemId>> = BTreeMap::new();
        for decision in self.file_deletions() {
            groups.entry((decision.package, decision.root())).or_default().push(ItemId::File(decision.file.id));
        }
        groups.into_iter().map(|((package, _), group)| (package, group)).collect()
    }
}

impl Maturity {
    /// Orders those of a group: the last of them to be marked comes last.
    fn last_of_all(self) -> (bool, Option<Timestamp>) {
        (self.since().is_none(), self.since())
    }
}
