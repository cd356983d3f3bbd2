//! One batch: a walk, and on it one cycle after the other, each on what those before it leave.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::Rehearsal;
use super::scheduler::Batch;
use crate::brake::Brake;
use crate::clock::Clock;
use crate::cycle::{Cycle, Ended};
use crate::event::{Counting, Event, GitlabClock, Observer};
use crate::gitlab::{Connection, Reader, Writer};
use crate::inventory::Walked;
use crate::notice::{Authority, Listeners, Notice, Purpose};
use crate::package::PackageId;
use crate::policy::{Mode, Policy, PolicySet};
use crate::report::{PolicyReport, Rows, Status};
use crate::state::{LastCycle, StateStore};
use crate::walk::{WalkError, walk};

/// So long may a walk be shared. What a later policy plans on should not be older than what a person would be asked to
/// agree to.
const SHARED_FOR: SignedDuration = SignedDuration::from_mins(15);

/// What every batch needs.
pub(super) struct Work {
    pub(super) connection: Connection,
    pub(super) clock: Clock,
    pub(super) listeners: Listeners,
    pub(super) state: StateStore,
    pub(super) authority: Authority,
    pub(super) rehearsal: Rehearsal,
    /// A new one for each set of policies.
    pub(super) brake: Mutex<Brake>,
}

/// What the cycles of a batch have behind them.
#[derive(Default)]
struct Past {
    /// What was deleted.
    gone: HashSet<PackageId>,
    /// What was deleted, and what would have been if the plans of dry runs were executed.
    would_be_gone: HashSet<PackageId>,
}

impl Work {
    /// Runs the policies of a batch. A stop leaves out those that have not begun.
    pub(super) async fn run(self: Arc<Self>, batch: Batch) {
        let mut past = Past::default();
        let mut shared: Option<(Timestamp, Result<Walked, WalkError>)> = None;
        for (name, stop) in &batch.policies {
            let Some(policy) = batch.set.policies.iter().find(|policy| policy.name == *name) else { continue };
            if stop.is_cancelled() {
                continue;
            }
            let began = self.clock.now();
            let purpose = self.purpose(&batch.set, policy, began);
            self.listeners.tell(&Notice::CycleBegan { policy: name, purpose, at: began });
            let hearing = Arc::new(Hearing::new(Some(name), &self.listeners));
            let counting = Arc::new(Counting::new(hearing.clone()));
            let connection = self.connection.heard_by(counting.clone());
            if shared.as_ref().is_none_or(|(at, _)| began.duration_since(*at) > SHARED_FOR) {
                let now = self.clock.this_second();
                let reader = Reader::new(&connection);
                let walked = match &batch.route {
                    Ok(route) => walk(&reader, route, &*counting, &batch.stop).await,
                    Err(error) => Err(error.clone().into()),
                };
                shared = Some((now, walked));
            }
            let Some((now, walked)) = &shared else { continue };
            let cycle = Cycle {
                reader: &Reader::new(&connection),
                requests: &counting.requests,
                set: &batch.set,
                policy,
                projects: None,
                gone: if purpose == Purpose::Execution { &past.gone } else { &past.would_be_gone },
                now: *now,
                rows: Rows::Deletions,
                observer: &*counting,
                stop,
            };
            let ended = match purpose {
                Purpose::Rehearsal | Purpose::DryRun => cycle.rehearse(walked.as_ref()).await,
                Purpose::Execution => self.execute(cycle, walked.as_ref(), &connection, &hearing.theirs).await,
            };
            past.add(purpose, &ended);
            self.finish(policy, purpose, *now, began, &ended.report);
        }
    }

    async fn execute(
        &self,
        cycle: Cycle<'_>,
        walked: Result<&Walked, &WalkError>,
        connection: &Connection,
        theirs: &GitlabClock,
    ) -> Ended {
        let consent = async |report: &PolicyReport| {
            self.listeners.tell(&Notice::Planned { purpose: Purpose::Execution, report });
            theirs.agrees_with(self.clock.now()).map_err(|apart| apart.to_string())
        };
        cycle.run(walked, &Writer::new(connection), &self.brake(), consent).await
    }

    /// A policy that was not planned before as it is now is rehearsed, whatever it asks for.
    fn purpose(&self, set: &PolicySet, policy: &Policy, now: Timestamp) -> Purpose {
        match (self.authority, policy.mode) {
            (Authority::PlanOnly, _) | (_, Mode::DryRun) => Purpose::DryRun,
            (Authority::Execute, Mode::Delete) if self.is_rehearsed(set, policy, now) => Purpose::Execution,
            (Authority::Execute, Mode::Delete) => Purpose::Rehearsal,
        }
    }

    /// Whether the policy was planned before as it is now, or needn't be.
    pub(super) fn is_rehearsed(&self, set: &PolicySet, policy: &Policy, now: Timestamp) -> bool {
        self.rehearsal == Rehearsal::Waived
            || self.state.of(&policy.name).rehearsed == Some(policy.fingerprint(&set.protections, now))
    }

    pub(super) fn brake(&self) -> Brake {
        self.brake.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_brake(&self, brake: Brake) {
        *self.brake.lock().unwrap_or_else(PoisonError::into_inner) = brake;
    }

    fn finish(&self, policy: &Policy, purpose: Purpose, as_of: Timestamp, began: Timestamp, report: &PolicyReport) {
        let ended = self.clock.now();
        let took = ended.duration_since(began).try_into().unwrap_or_default();
        self.listeners.tell(&Notice::CycleEnded { purpose, report, as_of, began, took });
        let noted = self.state.update(&policy.name, |state| {
            if report.status != Status::Failed {
                state.rehearsed = Some(report.policy_sha256.clone());
            }
            if report.is_success() {
                state.last_success = Some(ended);
            }
            if report.is_effective() {
                state.last_effective = Some(ended);
            }
            state.last = policy.schedule.as_ref().map(|schedule| LastCycle {
                began,
                schedule: schedule.line.clone(),
                timezone: schedule.zone.clone(),
                status: report.status.code().to_owned(),
            });
        });
        if let Err(error) = noted {
            let problem =
                format!("{error}: {}", std::error::Error::source(&error).map_or_else(String::new, ToString::to_string));
            self.listeners.tell(&Notice::Complaint { problem: &problem });
        }
    }
}

impl Past {
    fn add(&mut self, purpose: Purpose, ended: &Ended) {
        self.would_be_gone.extend(&ended.gone);
        if purpose == Purpose::Execution {
            self.gone.extend(&ended.gone);
        }
    }
}

/// Passes on what happens during a cycle, and keeps an eye on GitLab's clock.
struct Hearing {
    policy: Option<String>,
    listeners: Listeners,
    theirs: GitlabClock,
}

impl Hearing {
    fn new(policy: Option<&str>, listeners: &Listeners) -> Self {
        Self { policy: policy.map(str::to_owned), listeners: listeners.clone(), theirs: GitlabClock::default() }
    }
}

impl Observer for Hearing {
    fn on(&self, event: &Event) {
        self.theirs.on(event);
        self.listeners.tell(&Notice::During { policy: self.policy.as_deref(), event });
    }
}
