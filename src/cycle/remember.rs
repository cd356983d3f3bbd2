//! What a cycle goes by of those before it, and what it leaves to those after it.

use super::Cycle;
use super::walk::WalkError;
use crate::package::PathsSeen;
use crate::plan::inventory::{Gone, Walked};
use crate::plan::{Deleted, FewerHolds, HeldProjects, HoldsSeen, HoldsTold, Plan};

impl Cycle<'_> {
    /// Returns the paths that projects had in the walk and in those before.
    pub(super) fn paths(&self, walked: Result<&Walked, &WalkError>) -> PathsSeen {
        let mut paths = self.memory.map(|memory| memory.paths.clone()).unwrap_or_default();
        if let Ok(walked) = walked {
            paths.extend(&walked.seen);
        }
        paths
    }

    /// Returns what the holds held, if the whole scope was planned. A part of it says nothing of the rest, and neither does
    /// a hold that holds everything because nobody knows what is in use.
    pub(super) fn held_by(&self, plan: &Plan) -> Option<HeldProjects> {
        (self.projects.is_none() && self.unusable().is_empty()).then(|| plan.held().clone())
    }

    /// Returns what is fewer than before. Where nobody remembers, nothing is.
    pub(super) fn fewer_holds(&self, told: &HoldsTold) -> FewerHolds {
        let fewer = self.memory.map(|memory| told.against(&memory.holds)).unwrap_or_default();
        if self.projects.is_some() { fewer.of_part() } else { fewer }
    }

    /// Returns what is to be remembered of what keeps packages, if the whole scope was planned.
    pub(super) fn holds_after(&self, told: &HoldsTold) -> Option<HoldsSeen> {
        Some(self.holds_before()?.after(told, Deleted::default()))
    }

    /// Returns the same after an execution. What it and those before it deleted is no loss.
    pub(super) fn holds_left(&self, told: &HoldsTold, plan: &Plan, gone: &Gone) -> Option<HoldsSeen> {
        let packages = plan.decisions().iter().map(|decision| &decision.package);
        let left = packages.filter(|package| !gone.packages.contains(&package.id));
        Some(self.holds_before()?.after(told, told.deleted(left)))
    }

    fn holds_before(&self) -> Option<&HoldsSeen> {
        self.memory.filter(|_| self.projects.is_none()).map(|memory| &memory.holds)
    }
}
