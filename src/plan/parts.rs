//! Parts: `max_per_cycle` spreads a plan over several cycles, the oldest first. It is approved as a whole, and every part is
//! planned anew.

use std::collections::{BTreeSet, VecDeque};

use super::{Backlog, Endings, Guard, ItemId, Outcome, Plan, Reason, in_turn};
use crate::package::{Package, ProjectId};
use crate::policy::{InForce, Policy};

impl Plan {
    /// Returns the plan with what earlier cycles have approved and left of it. Without `max_per_cycle`, or by other rules or
    /// limits, nothing of that counts.
    #[must_use]
    pub fn with_backlog(mut self, in_force: InForce<'_>, backlog: Option<&Backlog>) -> Self {
        let policy = in_force.policy();
        let by = policy.approval_digest();
        let Some(left) = backlog.filter(|left| policy.limits.max_per_cycle.is_some() && left.by == by) else {
            return self;
        };
        self.backlog = Backlog { by, ..left.clone() };
        let unseen = self.unseen();
        let going: BTreeSet<ItemId> = self.going().map(|(item, _)| item).chain(unseen.approved).collect();
        self.backlog.approved.retain(|item| going.contains(item));
        self.backlog.tried.retain(|item| going.contains(item));
        self
    }

    /// Returns what the approved plan leaves to later cycles after an execution that ended so; empty without
    /// `max_per_cycle`. What was tried counts anew, so that nothing adds up which never goes. Of the projects that were given
    /// up nothing more was tried.
    #[must_use]
    pub fn leaves(&self, policy: &Policy, endings: &Endings, given_up: &BTreeSet<ProjectId>) -> Backlog {
        if policy.limits.max_per_cycle.is_none() {
            return Backlog::default();
        }
        let outcome = |item| endings.of(item).map(|ending| ending.outcome);
        let left = self.going().filter(|(item, _)| !outcome(*item).is_some_and(Outcome::is_gone));
        let came_to_nothing = |item, package: &Package| match outcome(item) {
            Some(Outcome::Stale | Outcome::Forbidden | Outcome::Unconfirmed | Outcome::Failed) => true,
            Some(Outcome::NotAttempted) => given_up.contains(&package.project.id),
            _ => false,
        };
        let mut backlog = Backlog { by: policy.approval_digest(), ..self.unseen() };
        for (item, package) in left {
            if outcome(item) == Some(Outcome::Later) {
                backlog.approved.insert(item);
            } else if came_to_nothing(item, package) {
                backlog.tried.insert(item);
            }
        }
        backlog
    }

    /// Returns what was approved before of packages that stay for this time alone. Nothing says that they should.
    fn unseen(&self) -> Backlog {
        let for_now =
            [Guard::NoEvidence, Guard::FewerHolds, Guard::Loosened, Guard::ChangedDuringWalk].map(Reason::Always);
        let is_unseen = |item: &ItemId| match item {
            ItemId::Package(id) => self.decision(*id).is_some_and(|decision| for_now.contains(&decision.reason)),
            ItemId::File(_) => false,
        };
        let unseen = |items: &BTreeSet<ItemId>| items.iter().copied().filter(is_unseen).collect();
        let Backlog { by, approved, tried } = &self.backlog;
        Backlog { by: by.clone(), approved: unseen(approved), tried: unseen(tried) }
    }

    /// Returns what goes, in the order in which it does: packages before files, the oldest first, and at the end what came to
    /// nothing when it was tried last. Files that go together, each with its checksums and signatures, are one.
    fn units(&self) -> Vec<Vec<ItemId>> {
        let packages = in_turn(self.deletions()).into_iter().map(|decision| vec![ItemId::Package(decision.package.id)]);
        let mut files = self.file_groups();
        files.sort_by_key(|(package, _)| (self.decision(*package).and_then(|one| one.package.created_at), *package));
        let mut units: Vec<Vec<ItemId>> = packages.chain(files.into_iter().map(|(_, group)| group)).collect();
        units.sort_by_key(|unit| unit.iter().any(|item| self.backlog.tried.contains(item)));
        units
    }
}

/// What is left of an approved plan for a cycle that takes no more than a part of it.
#[derive(Debug)]
pub struct PartQueue {
    most: usize,
    units: VecDeque<Vec<ItemId>>,
}

impl PartQueue {
    /// Begins with what goes of a plan and fits. A cycle takes `most` packages and files.
    #[must_use]
    pub fn of(plan: &Plan, most: u64, fits: impl Fn(&ItemId) -> bool) -> Self {
        let units = plan.units().into_iter().filter(|unit| unit.iter().any(&fits)).collect();
        Self { most: usize::try_from(most).unwrap_or(usize::MAX), units }
    }

    /// Takes what is to be tried next, once so many deletions are done and `allowed` more may be tried at all. Nothing is left
    /// to be tried once it is empty. More than a part are taken only where they are one file with its checksums and
    /// signatures.
    pub fn next(&mut self, done: usize, allowed: usize) -> BTreeSet<ItemId> {
        let room = self.most.saturating_sub(done).min(allowed);
        let mut part = BTreeSet::new();
        while let Some(unit) = self.units.front() {
            let is_too_large_for_any = done == 0 && part.is_empty() && (self.most + 1..=allowed).contains(&unit.len());
            if part.len() + unit.len() > room && !is_too_large_for_any {
                break;
            }
            part.extend(self.units.pop_front().unwrap_or_default());
        }
        part
    }

    /// Returns what a later cycle takes.
    #[must_use]
    pub fn rest(self) -> BTreeSet<ItemId> {
        self.units.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::{FileId, PackageId};

    fn packages(ids: impl IntoIterator<Item = u64>) -> Vec<Vec<ItemId>> {
        ids.into_iter().map(|id| vec![ItemId::Package(PackageId(id))]).collect()
    }

    fn files(ids: impl IntoIterator<Item = u64>) -> Vec<ItemId> {
        ids.into_iter().map(|id| ItemId::File(FileId(id))).collect()
    }

    fn parts(most: usize, units: Vec<Vec<ItemId>>) -> PartQueue {
        PartQueue { most, units: units.into() }
    }

    fn next(parts: &mut PartQueue, done: usize) -> Vec<ItemId> {
        parts.next(done, usize::MAX).into_iter().collect()
    }

    #[test]
    fn what_is_not_done_is_replaced_by_the_next() {
        let mut of_three = parts(3, packages(1..=6));
        assert_eq!(next(&mut of_three, 0), packages(1..=3).concat());
        // One of them was stale.
        assert_eq!(next(&mut of_three, 2), packages([4]).concat());
        assert_eq!(next(&mut of_three, 3), []);
        assert_eq!(of_three.rest().into_iter().collect::<Vec<_>>(), packages(5..=6).concat());
    }

    #[test]
    fn no_more_are_tried_than_the_whole_run_may() {
        let mut of_three = parts(3, packages(1..=6));
        let mut next = |done, allowed| of_three.next(done, allowed).into_iter().collect::<Vec<_>>();
        assert_eq!(next(0, 2), packages(1..=2).concat());
        assert_eq!((next(0, 1), next(0, 0)), (packages([3]).concat(), Vec::new()));
        assert_eq!(parts(1, vec![files([1, 2])]).next(0, 1), [].into());
    }

    #[test]
    fn a_file_goes_with_its_checksums_or_waits_with_them() {
        let units = || [packages([1]), vec![files([1, 2]), files([3])]].concat();
        let mut of_two = parts(2, units());
        assert_eq!(next(&mut of_two, 0), packages([1]).concat());
        // The order stays: a later one does not overtake what does not fit.
        assert_eq!(next(&mut of_two, 1), []);
        assert_eq!(next(&mut parts(3, units()), 0), [packages([1]).concat(), files([1, 2])].concat());
        // What fits no cycle goes by itself.
        let mut of_one = parts(1, vec![files([1, 2]), files([3])]);
        assert_eq!(next(&mut of_one, 0), files([1, 2]));
        assert_eq!(next(&mut of_one, 2), []);
    }
}
