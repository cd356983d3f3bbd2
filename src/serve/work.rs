//! Runs one batch: its policies one after the other, each on what those before it leave.

use std::sync::{Arc, Mutex, PoisonError};

use super::Rehearsal;
use super::scheduler::Batch;
use super::stale::StaleInARow;
use super::turn::{Past, Turn};
use crate::cycle::brake::Brake;
use crate::cycle::clock::Clock;
use crate::cycle::paragraph;
use crate::cycle::recover::recover;
use crate::gitlab::Connection;
use crate::plan::{Succession, Take};
use crate::policy::InForce;
use crate::record::journal::Journal;
use crate::record::reports::ReportStore;
use crate::record::sent::SentLately;
use crate::record::state::StateStore;
use crate::serve::notice::{Authority, Listeners, Notice, Purpose};

/// Everything that a batch needs to run.
pub(super) struct BatchWork {
    pub(super) connection: Connection,
    pub(super) clock: Clock,
    pub(super) listeners: Listeners,
    pub(super) state: StateStore,
    pub(super) journal: Option<Journal>,
    pub(super) reports: Arc<ReportStore>,
    pub(super) sent: SentLately,
    pub(super) stale: StaleInARow,
    pub(super) authority: Authority,
    pub(super) rehearsal: Rehearsal,
    /// The brake, a new one for each set of policies.
    pub(super) brake: Mutex<Brake>,
}

impl BatchWork {
    /// Runs the policies of a batch. A stop leaves out those that have not begun.
    pub(super) async fn run(self: Arc<Self>, batch: Batch) {
        self.recover(&batch).await;
        self.forget(&batch);
        let mut past = Past::default();
        let (mut succession, mut take) = (Succession::of(batch.policies_at(self.clock.now())), Take::default());
        while let Some((in_force, taken)) = succession.next(take) {
            let in_force = in_force.at(self.clock.now());
            let renewed = self.brake().in_use_reader().renewed(in_force.set(), in_force.now());
            let policy = renewed.as_ref().and_then(|set| set.policy_at(&in_force.policy().name, in_force.now()));
            let in_force = policy.unwrap_or(in_force);
            take = match self.purpose(in_force, &batch) {
                Some(purpose) => Turn { work: &self, batch: &batch, in_force, purpose }.run(&mut past, taken).await,
                None => Take::default(),
            };
        }
    }

    /// Finds out what became of deletions that an earlier run, or an earlier batch, left in doubt. Until that is known no
    /// plan names them.
    async fn recover(&self, batch: &Batch) {
        let Some(journal) = self.journal.as_ref().filter(|journal| !journal.open_lines().is_empty()) else { return };
        let problem = match recover(&self.connection, journal, &self.clock, &batch.stop).await {
            Ok(recovery) => recovery.to_string(),
            Err(error) => paragraph(&error),
        };
        self.listeners.tell(&Notice::Complaint { problem: &problem });
    }

    /// Removes the months of the journal that need not be kept.
    fn forget(&self, batch: &Batch) {
        let now = self.clock.now();
        let from = batch.policies_at(now).first().and_then(|in_force| in_force.set().journal_from(now));
        if let (Some(journal), Some(from)) = (&self.journal, from)
            && let Err(error) = journal.forget(from)
        {
            self.listeners.tell(&Notice::Complaint { problem: &paragraph(&error) });
        }
    }

    /// Returns whether the policy was planned before as it is now, or needn't be.
    pub(super) fn is_rehearsed(&self, in_force: InForce<'_>) -> bool {
        self.rehearsal == Rehearsal::Waived
            || self.state.of(&in_force.policy().name).rehearsed == Some(in_force.fingerprint())
    }

    pub(super) fn brake(&self) -> Brake {
        self.brake.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_brake(&self, brake: Brake) {
        *self.brake.lock().unwrap_or_else(PoisonError::into_inner) = brake;
    }

    /// Returns the purpose of the policy's cycle; `None` where there is none. A policy that would delete, and was not
    /// planned before as it is now, is rehearsed instead.
    fn purpose(&self, in_force: InForce<'_>, batch: &Batch) -> Option<Purpose> {
        let name = &in_force.policy().name;
        // It may have been rehearsed since it was asked for. To execute it now would be before its time.
        let is_done = batch.rehearsals.contains(name) && self.is_rehearsed(in_force);
        if is_done || batch.stop_of(name).is_cancelled() {
            return None;
        }
        Some(if !self.authority.executes(in_force.policy().mode) {
            Purpose::DryRun
        } else if self.is_rehearsed(in_force) {
            Purpose::Execution
        } else {
            Purpose::Rehearsal
        })
    }
}
