//! One policy's turn in its batch: a walk, unless one before it can be shared, and on it the cycle.

use std::any::Any;
use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::scheduler::Batch;
use super::work::Work;
use crate::cycle::walk::{self, WalkError};
use crate::cycle::{Cycle, Ended, paragraph};
use crate::event::{Counting, Event, GitlabClock, Observer};
use crate::gitlab::{Connection, Reader, Writer};
use crate::package::PathsSeen;
use crate::plan::Outcome;
use crate::plan::inventory::{Gone, Walked};
use crate::plan::{Guard, HeldProjects, ReasonKind};
use crate::policy::{InForce, Policy};
use crate::record::state::LastCycle;
use crate::report::{Account, PolicyReport, Rows, Status};
use crate::serve::notice::{Listeners, Notice, Purpose};

/// So long may a walk be shared. What a later policy plans on should not be older than what a person would be asked to
/// agree to.
const SHARED_FOR: SignedDuration = SignedDuration::from_mins(15);

pub(super) struct Turn<'a> {
    pub(super) work: &'a Work,
    pub(super) batch: &'a Batch,
    /// As of the instant at which the turn began.
    pub(super) in_force: InForce<'a>,
    pub(super) stop: &'a CancellationToken,
    pub(super) purpose: Purpose,
}

/// What a batch has behind it.
#[derive(Default)]
pub(super) struct Past {
    /// The walk that the next policy may share.
    walk: Option<Walk>,
    /// What was deleted.
    gone: Gone,
    /// What was deleted, and what would have been if the plans of dry runs were executed.
    would_be_gone: Gone,
    /// Whoever shares the walk of another has only that one's word for GitLab's time.
    theirs: Arc<GitlabClock>,
}

/// A walk, and when it began.
struct Walk {
    at: Timestamp,
    walked: Result<Walked, WalkError>,
}

impl Turn<'_> {
    pub(super) async fn run(self, past: &mut Past) {
        let Self { work, in_force, purpose, .. } = self;
        let (policy, began) = (in_force.policy(), in_force.now());
        work.listeners.tell(&Notice::CycleBegan { policy: &policy.name, purpose, at: began });
        let hearing =
            Hearing { policy: policy.name.clone(), listeners: work.listeners.clone(), theirs: past.theirs.clone() };
        let counting = Arc::new(Counting::new(Arc::new(hearing)));
        let walk = past.walk.take().filter(|walk| began.duration_since(walk.at).abs() <= SHARED_FOR);
        // What a panic leaves half done is dropped, so that nothing broken is seen afterwards.
        match AssertUnwindSafe(self.cycle(walk, past, &counting)).catch_unwind().await {
            Ok((walk, ended)) => {
                let clocks_agree = past.theirs.agrees_with(work.clock.now(), walk.at).is_ok();
                let is_shown = clocks_agree && shows_enough(&ended.report);
                let rehearsed = is_shown.then_some(ended.report.policy_sha256.as_str());
                self.finish(walk.at, &ended.report, rehearsed);
                self.remember(&walk, ended.held.as_ref());
                past.would_be_gone.extend(&ended.gone);
                if purpose == Purpose::Execution {
                    past.gone.extend(&ended.gone);
                }
                past.walk = (!leaves_doubt(&ended.report)).then_some(walk);
            }
            Err(panic) => {
                let requests = counting.requests.by_method();
                let account = Account { in_force, rows: Rows::Deletions, requests };
                let report = account.failed(format!("a defect in gleaner broke the cycle off: {}", told(&*panic)));
                self.finish(began, &report, None);
            }
        }
    }

    async fn cycle(&self, walk: Option<Walk>, past: &Past, counting: &Arc<Counting>) -> (Walk, Ended) {
        let connection = self.work.connection.heard_by(counting.clone());
        let reader = Reader::new(&connection);
        let walk = match walk {
            Some(walk) => walk,
            None => self.walk(&reader, &**counting).await,
        };
        let memory = self.work.state.memory_of(&self.in_force.policy().name);
        let cycle = Cycle {
            reader: &reader,
            requests: &counting.requests,
            in_force: self.in_force.at(walk.at),
            projects: None,
            gone: if self.purpose == Purpose::Execution { &past.gone } else { &past.would_be_gone },
            memory: Some(&memory),
            rows: Rows::Deletions,
            observer: &**counting,
            stop: self.stop,
        };
        let ended = match self.purpose {
            Purpose::Rehearsal | Purpose::DryRun => cycle.rehearse(walk.walked.as_ref()).await,
            Purpose::Execution => self.execute(cycle, &walk, &connection, &past.theirs).await,
        };
        (walk, ended)
    }

    async fn walk(&self, reader: &Reader, observer: &dyn Observer) -> Walk {
        let at = self.work.clock.this_second();
        let walked = match &self.batch.route {
            Ok(route) => {
                let set = &self.batch.set;
                let policies: Vec<&Policy> =
                    self.batch.policies.iter().filter_map(|(name, _)| set.policy(name)).collect();
                let (named, remembered) = (set.named(&policies), self.work.state.paths());
                let stop = &self.batch.stop;
                walk::Walk { reader, route, named: &named, remembered: &remembered, observer, stop }.run().await
            }
            Err(error) => Err(error.clone().into()),
        };
        Walk { at, walked }
    }

    async fn execute(&self, cycle: Cycle<'_>, walk: &Walk, connection: &Connection, theirs: &GitlabClock) -> Ended {
        let consent = async |report: &PolicyReport| {
            self.work.listeners.tell(&Notice::Planned { purpose: Purpose::Execution, report });
            theirs.agrees_with(self.work.clock.now(), walk.at).map_err(|apart| apart.to_string())
        };
        cycle.run(walk.walked.as_ref(), &Writer::new(connection), &self.work.brake(), consent).await
    }

    /// Notes the paths that projects were seen under, and what the holds held.
    fn remember(&self, walk: &Walk, held: Option<&HeldProjects>) {
        let Self { work, in_force, .. } = *self;
        let nothing = PathsSeen::default();
        let seen = walk.walked.as_ref().map_or(&nothing, |walked| &walked.seen);
        if let Err(error) = work.state.remember(&in_force.policy().name, seen, held) {
            work.listeners.tell(&Notice::Complaint { problem: &paragraph(&error) });
        }
    }

    /// Tells of the end, and notes what has to outlive the daemon. `rehearsed` is the fingerprint of the policy that the
    /// report was a rehearsal of, if it was one.
    fn finish(&self, as_of: Timestamp, report: &PolicyReport, rehearsed: Option<&str>) {
        let Self { work, in_force, purpose, stop, .. } = *self;
        let (policy, began) = (in_force.policy(), in_force.now());
        let ended = work.clock.now();
        let took = ended.duration_since(began).try_into().unwrap_or_default();
        work.listeners.tell(&Notice::CycleEnded { purpose, report, as_of, began, took });
        let noted = work.state.update(&policy.name, |state| {
            if let Some(fingerprint) = rehearsed {
                state.rehearsed = Some(fingerprint.to_owned());
            }
            if report.is_success() {
                state.last_success = Some(ended);
            }
            if report.is_effective() {
                state.last_effective = Some(ended);
            }
            // A run that was broken off is still to be made up for.
            if !stop.is_cancelled() {
                state.last = policy.schedule.as_ref().map(|schedule| LastCycle {
                    began,
                    schedule: schedule.line.clone(),
                    timezone: schedule.zone.clone(),
                    status: report.status.code().to_owned(),
                });
            }
        });
        if let Err(error) = noted {
            work.listeners.tell(&Notice::Complaint { problem: &paragraph(&error) });
        }
    }
}

/// Whether the report shows what an execution would do. What could not be looked up was kept, so that a plan which lacks
/// more than a little shows too little; but one look-up that always fails must not hold a policy up for ever. A listing
/// without a row may be that of a token that sees nothing yet.
fn shows_enough(report: &PolicyReport) -> bool {
    let unseen = report.totals.by_reason.get(&ReasonKind::Always(Guard::NoEvidence)).copied().unwrap_or_default();
    let trimmed: BTreeSet<_> = report.file_decisions.iter().map(|row| row.package.id).collect();
    let seen = report.totals.delete + trimmed.len() as u64;
    report.status != Status::Failed && report.scanned > 0 && unseen <= (seen / 10).max(1)
}

/// Whether nobody knows of some package if it is still there. What is planned next counts what there is, and a package
/// that is gone must not take the place of one that is there: then it lists anew.
fn leaves_doubt(report: &PolicyReport) -> bool {
    let count = |outcome: Outcome| report.totals.by_outcome.get(&outcome).copied().unwrap_or_default();
    count(Outcome::Unconfirmed) + count(Outcome::Failed) > 0
}

/// What a panic has to say for itself.
fn told(panic: &(dyn Any + Send)) -> &str {
    let literal = panic.downcast_ref::<&str>().copied();
    literal.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("it left no word")
}

/// Passes on what happens during a cycle, and keeps an eye on GitLab's clock.
struct Hearing {
    policy: String,
    listeners: Listeners,
    theirs: Arc<GitlabClock>,
}

impl Observer for Hearing {
    fn on(&self, event: &Event) {
        self.theirs.on(event);
        self.listeners.tell(&Notice::During { policy: Some(&self.policy), event });
    }
}
