//! The memory of what GitLab told that keeps packages: the most of each kind in the last 30 days.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::{Deleted, Fewer, HoldsTold};
use crate::package::{HoldKind, ProjectId};

/// How many days a count is remembered for.
const DAYS: i32 = 30;

/// What the finished cycles of a policy were told that keeps packages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HoldsSeen {
    /// The most of each kind of hold, by project.
    pub projects: BTreeMap<ProjectId, BTreeMap<HoldKind, MostSeen>>,
    /// The digest of the scope that packages and projects were counted in.
    pub scope: String,
    /// The most packages in the scope.
    pub packages: MostSeen,
    /// The most projects with packages in the scope.
    pub with_packages: MostSeen,
    /// The most that the cycles of other policies were told. It counts where the policy has no count of its own yet, because it
    /// is new or was renamed.
    pub others: BTreeMap<ProjectId, BTreeMap<HoldKind, MostSeen>>,
}

/// The most of something in the last 30 days. Of each day it has the greatest count, unless a later one is as great.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MostSeen(Vec<(Date, u64)>);

impl MostSeen {
    /// Takes days with their counts, in the order of the days.
    #[must_use]
    pub fn of(counts: Vec<(Date, u64)>) -> Self {
        Self(counts)
    }

    /// Returns the days with their counts.
    #[must_use]
    pub fn counts(&self) -> &[(Date, u64)] {
        &self.0
    }

    /// Returns the greatest count, and its last day.
    #[must_use]
    pub fn most(&self) -> Option<(Date, u64)> {
        self.0.iter().copied().max_by_key(|(day, count)| (*count, *day))
    }

    /// Takes in a count, and lets go of those that it makes needless and those that are too old. So the 30 days count up
    /// to the last count that was taken in, and not to today.
    pub fn note(&mut self, day: Date, count: u64) {
        let first = day.saturating_sub(DAYS.days());
        // Nothing is fewer than none. Where that was accepted it stands all the same, before the counts of others.
        let counts = count > 0 || !self.0.is_empty();
        self.0.retain(|(on, most)| *on >= first && *most > count);
        if counts && self.0.last().is_none_or(|(on, _)| *on < day) {
            self.0.push((day, count));
        }
    }

    /// Begins anew with a count.
    pub fn begin_anew(&mut self, day: Date, count: u64) {
        self.0.clear();
        self.note(day, count);
    }

    /// Takes from every count what gleaner has deleted since.
    pub fn less(&mut self, gone: u64) {
        for (_, count) in &mut self.0 {
            *count = count.saturating_sub(gone);
        }
        self.0.retain(|(_, count)| *count > 0);
    }

    /// Returns what `now` is fewer than, if that is twice as much and more.
    pub(super) fn fewer(&self, now: u64) -> Option<Fewer> {
        let (on, most) = self.most()?;
        is_fewer(now, most).then_some(Fewer { now, most, on })
    }
}

impl HoldsSeen {
    /// Returns the most of a kind of hold of a project.
    #[must_use]
    pub fn most_of(&self, project: ProjectId, kind: HoldKind) -> Option<&MostSeen> {
        [&self.projects, &self.others].into_iter().find_map(|seen| seen.get(&project)?.get(&kind))
    }

    /// Returns what is remembered after a cycle. What was told of a project that is left out for its holds doesn't count
    /// and doesn't let its days move on. What gleaner has deleted is no loss.
    #[must_use]
    pub fn after(&self, told: &HoldsTold, deleted: Deleted) -> Self {
        let judged = told.against(self);
        let mut seen = self.clone();
        for (project, counts) in told.counts.iter().filter(|(project, _)| !judged.left_out.contains(project)) {
            let of_project = seen.projects.entry(*project).or_default();
            for (kind, count) in counts {
                let known = || self.most_of(*project, *kind).cloned().unwrap_or_default();
                let of_kind = of_project.entry(*kind).or_insert_with(known);
                let of_others = self.others.get(project).is_some_and(|kinds| kinds.contains_key(kind));
                match judged.accepted.contains(&(*project, *kind)) {
                    true if of_others => *of_kind = MostSeen(vec![(told.day, *count)]),
                    true => of_kind.begin_anew(told.day, *count),
                    false => of_kind.note(told.day, *count),
                }
            }
        }
        for kinds in seen.projects.values_mut() {
            kinds.retain(|_, most| !most.0.is_empty());
        }
        seen.projects.retain(|_, kinds| !kinds.is_empty());
        if seen.scope != told.scope {
            seen.scope.clone_from(&told.scope);
            (seen.packages, seen.with_packages) = (MostSeen::default(), MostSeen::default());
        }
        seen.packages.note(told.day, told.packages);
        seen.packages.less(deleted.packages);
        seen.with_packages.note(told.day, told.projects);
        seen.with_packages.less(deleted.projects);
        seen
    }
}

/// Returns whether `now` is fewer than half of the most.
pub(super) fn is_fewer(now: u64, most: u64) -> bool {
    now < most.div_ceil(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_is_less_than_half() {
        let table = [
            (0, 0, false),
            (0, 1, true),
            (1, 1, false),
            (1, 2, false),
            (0, 2, true),
            (1, 3, true),
            (2, 3, false),
            (6, 12, false),
            (5, 12, true),
            (12, 1, false),
            (0, u64::MAX, true),
            (u64::MAX, u64::MAX, false),
        ];
        for (now, most, expected) in table {
            assert_eq!(is_fewer(now, most), expected, "{now} of {most}");
        }
    }

    #[test]
    fn the_most_of_thirty_days_is_known() {
        let day = |number: i32| Date::constant(2026, 11, 1).saturating_add(number.days());
        let mut seen = MostSeen::default();
        let mut note = |number, count| {
            seen.note(day(number), count);
            (seen.most(), seen.counts().len())
        };
        assert_eq!(note(0, 12), (Some((day(0), 12)), 1));
        // Of one day, the greatest.
        assert_eq!(note(0, 9), (Some((day(0), 12)), 1));
        assert_eq!(note(1, 9), (Some((day(0), 12)), 2));
        assert_eq!(note(2, 10), (Some((day(0), 12)), 2));
        assert_eq!(note(3, 7), (Some((day(0), 12)), 3));
        assert_eq!(note(30, 7), (Some((day(0), 12)), 3));
        assert_eq!(note(31, 7), (Some((day(2), 10)), 2));
        // Nothing is forgotten while nothing is counted.
        assert_eq!(note(300, 3), (Some((day(300), 3)), 1));
        // A clock that goes back makes nothing less.
        assert_eq!(note(299, 2), (Some((day(300), 3)), 1));
        assert_eq!(note(299, 30), (Some((day(299), 30)), 1));
    }

    #[test]
    fn what_gleaner_deleted_is_no_loss() {
        let day = |number| Date::constant(2026, 11, number);
        let mut seen = MostSeen::of(vec![(day(1), 100), (day(2), 60), (day(3), 5)]);
        seen.less(60);
        assert_eq!(seen.counts(), [(day(1), 40)]);
        assert_eq!((seen.fewer(20), seen.fewer(19).map(|fewer| fewer.most)), (None, Some(40)));
    }
}
