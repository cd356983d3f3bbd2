//! The ground on which a condition is implied: a rule, and the facts that hold for every package that it selects.

use super::Condition;
use crate::package::{PackageType, Status};
use crate::policy::pattern::{Reading, SearchResult, Texts, Work, find};
use crate::policy::{PatternKind, Patterns};

/// A rule from which it may follow that a condition holds.
pub(in crate::policy) struct Premise<'a> {
    /// How it reads its patterns.
    pub(in crate::policy) reading: Reading,
    /// Its conditions. All of them hold for each of its packages.
    pub(in crate::policy) conditions: &'a [Condition],
    /// The types that its packages can have; `None` is any.
    pub(in crate::policy) types: Option<Vec<PackageType>>,
    /// The statuses that its packages can have.
    pub(in crate::policy) statuses: Vec<Status>,
    /// The lists of patterns that the path of a project in its scope matches. Empty is any path.
    pub(in crate::policy) project_paths: Vec<Texts<'a>>,
    /// The steps that may be spent on patterns.
    pub(in crate::policy) work: &'a Work,
}

impl<'a> Premise<'a> {
    /// Returns whether `is_such` holds for one of its conditions.
    pub(super) fn has(&self, is_such: impl Fn(&'a Condition) -> bool) -> bool {
        self.conditions.iter().any(is_such)
    }

    /// Returns whether `is_such` holds for one of its types, or its types are open.
    pub(super) fn may_have(&self, is_such: impl Fn(&PackageType) -> bool) -> bool {
        self.types.as_ref().is_none_or(|types| types.iter().any(is_such))
    }

    /// Returns whether `wanted` matches everything that the patterns picked by `own` match.
    pub(super) fn keeps_to(
        &self,
        wanted: Texts<'_>,
        kind: PatternKind,
        own: impl Fn(&'a Condition) -> Option<&'a Patterns>,
    ) -> bool {
        let own: Vec<Texts<'_>> = self.conditions.iter().filter_map(own).map(|own| self.as_read(own)).collect();
        is_within(kind, &own, wanted, self.work)
    }

    /// Returns whether `wanted` matches every path that a project of its packages can have.
    pub(in crate::policy) fn keeps_to_projects(&self, wanted: Texts<'_>) -> bool {
        let own = self.conditions.iter().filter_map(|condition| match condition {
            Condition::Project(own) if !own.have_ids() => Some(self.as_read(own)),
            _ => None,
        });
        let own: Vec<Texts<'_>> = own.chain(self.project_paths.iter().copied()).collect();
        is_within(PatternKind::Path, &own, wanted, self.work)
    }

    /// Returns its own patterns, as it reads them.
    pub(super) fn as_read<'p>(&self, patterns: &'p Patterns) -> Texts<'p> {
        Texts::List(patterns, self.reading)
    }
}

/// Returns whether every text that is among all of `narrow` is among `wide`. An empty `narrow` is every text.
pub(in crate::policy) fn is_within(kind: PatternKind, narrow: &[Texts<'_>], wide: Texts<'_>, work: &Work) -> bool {
    find(kind, narrow, &[wide], work) == SearchResult::Nothing
}
