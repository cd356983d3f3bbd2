//! Runs one policy of a batch: a walk, unless one before it can be shared, and the cycle on it.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::scheduler::Batch;
use super::work::BatchWork;
use crate::cycle::clock::{by_the_earlier, check_clocks};
use crate::cycle::execute::Tools;
use crate::cycle::marking::Marking;
use crate::cycle::progress::{Counting, Event, Observer};
use crate::cycle::scribe::Scribe;
use crate::cycle::walk::{Walk, WalkError};
use crate::cycle::{Cycle, Ended, paragraph};
use crate::gitlab::{Connection, GitlabClock, Reader, TrafficObserver as _, Writer};
use crate::plan::inventory::Walked;
use crate::plan::{Extent, Memory, Take, Taken};
use crate::policy::{InForce, Policy};
use crate::record::state::LastCycle;
use crate::report::{Account, CycleStatus, PolicyReport, Rows};
use crate::serve::notice::{Listeners, Notice, Purpose};

/// How long a walk may be shared. A later policy should not plan on a listing that is older than what a person would be
/// asked to agree to.
const SHARED_FOR: SignedDuration = SignedDuration::from_mins(15);

pub(super) struct Turn<'a> {
    pub(super) work: &'a BatchWork,
    pub(super) batch: &'a Batch,
    /// As of the instant at which the turn began.
    pub(super) in_force: InForce<'a>,
    pub(super) purpose: Purpose,
}

/// The past of a batch, which the next policy goes on from.
#[derive(Default)]
pub(super) struct Past {
    /// The walk that the next policy may share.
    walk: Option<DatedWalk>,
    /// GitLab's time. A policy that shares a walk may ask nothing itself, and goes by the time that was told to an
    /// earlier one.
    theirs: Arc<GitlabClock>,
}

/// A walk, and when it began.
struct DatedWalk {
    /// By this machine's clock.
    began: Timestamp,
    /// By this machine's clock or GitLab's, whichever was behind: the instant of the plans on it.
    at: Timestamp,
    walked: Result<Walked, WalkError>,
}

impl Turn<'_> {
    /// Runs the policy on what those before it leave, and returns what it takes from those after it.
    pub(super) async fn run(self, past: &mut Past, taken: &Taken) -> Take {
        let Self { work, in_force, purpose, .. } = self;
        let (policy, began) = (in_force.policy(), in_force.now());
        work.listeners.tell(&Notice::CycleBegan { policy: &policy.name, purpose, at: began });
        let observer = CycleObserver {
            policy: policy.name.clone(),
            listeners: work.listeners.clone(),
            theirs: past.theirs.clone(),
        };
        let counting = Arc::new(Counting::new(Arc::new(observer)));
        let walk = past.walk.take().filter(|walk| began.duration_since(walk.began).abs() <= SHARED_FOR);
        // What a panic leaves half done is dropped, so that nothing broken is seen afterwards.
        match AssertUnwindSafe(self.cycle(walk, past, taken, &counting)).catch_unwind().await {
            Ok((walk, ended)) => {
                let clocks_agree = check_clocks(&past.theirs, in_force.set(), work.clock.now(), walk.at).is_ok();
                let is_shown = clocks_agree && ended.shows_enough;
                let rehearsed = is_shown.then_some(ended.report.policy_sha256.as_str());
                self.finish(walk.at, &ended.report, rehearsed);
                self.remember(&walk, &ended);
                work.sent.note(&ended.sent, work.clock.now());
                for problem in work.stale.note(&ended.report) {
                    work.listeners.tell(&Notice::Complaint { problem: &problem });
                }
                past.walk = (!ended.leaves_doubt).then_some(walk);
                ended.take
            }
            Err(panic) => {
                let requests = counting.requests.by_method();
                let account = Account { in_force, rows: Rows::Deletions, requests };
                let report =
                    account.failed(format!("a defect in gleaner broke the cycle off: {}", panic_message(&*panic)));
                self.finish(began, &report, None);
                Take::default()
            }
        }
    }

    async fn cycle(
        &self,
        walk: Option<DatedWalk>,
        past: &Past,
        taken: &Taken,
        counting: &Arc<Counting>,
    ) -> (DatedWalk, Ended) {
        let connection = self.work.connection.heard_by(counting.clone());
        let reader = Reader::new(&connection);
        let walk = match walk {
            Some(walk) => walk,
            None => self.walk(&reader, &*counting.observer, &past.theirs).await,
        };
        let sent = self.work.sent.unsettled_at(walk.at);
        let memory = Memory { sent, ..self.work.state.memory_of(&self.in_force.policy().name) };
        let cycle = Cycle {
            reader: &reader,
            requests: &counting.requests,
            in_force: self.in_force.at(walk.at),
            projects: None,
            taken,
            memory: Some(&memory),
            saved: None,
            marking: Marking::Kept { book: self.work.state.marks(), extent: self.extent(walk.at, &past.theirs) },
            rows: Rows::Deletions,
            theirs: &past.theirs,
            observer: &*counting.observer,
            stop: self.stop(),
        };
        let ended = match self.purpose {
            Purpose::Rehearsal | Purpose::DryRun => cycle.rehearse(walk.walked.as_ref()).await,
            Purpose::Execution => self.execute(cycle, &walk, &connection, &past.theirs).await,
        };
        (walk, ended)
    }

    /// Returns how much a walk as of `at` says of marks. What is dated by clocks that don't agree may be older than it looks.
    fn extent(&self, at: Timestamp, theirs: &GitlabClock) -> Extent {
        match check_clocks(theirs, self.in_force.set(), self.work.clock.now(), at) {
            Ok(()) => Extent::Whole,
            Err(_) => Extent::Undated,
        }
    }

    async fn walk(&self, reader: &Reader, observer: &dyn Observer, theirs: &GitlabClock) -> DatedWalk {
        let began = self.work.clock.this_second();
        let policies: Vec<&Policy> = self.batch.policies_at(began).into_iter().map(InForce::policy).collect();
        let (named, remembered) = (self.batch.set.named(&policies), self.work.state.paths());
        let (route, stop) = (&self.batch.route, &self.batch.stop);
        let walked = Walk { reader, route, named: &named, remembered: &remembered, observer, stop }.run().await;
        let at = by_the_earlier(theirs, began, self.work.clock.now());
        DatedWalk { began, at, walked }
    }

    async fn execute(
        &self,
        cycle: Cycle<'_>,
        walk: &DatedWalk,
        connection: &Connection,
        theirs: &GitlabClock,
    ) -> Ended {
        let consent = async |report: &PolicyReport| {
            self.work.listeners.tell(&Notice::Planned { purpose: Purpose::Execution, report });
            check_clocks(theirs, self.in_force.set(), self.work.clock.now(), walk.at)
        };
        let brake = self.work.brake().watching(self.in_force.set());
        let who = match &self.work.journal {
            Some(_) => tokio::select! {
                biased;
                () = cycle.stop.cancelled() => None,
                owner = cycle.reader.owner() => owner.ok().and_then(|owner| owner.username),
            },
            None => None,
        };
        let scribe = Scribe::new(self.work.journal.as_ref(), self.work.clock.clone(), who);
        let tools = Tools { writer: &Writer::new(connection), scribe: &scribe, brake: &brake, run_limit: None };
        cycle.run(walk.walked.as_ref(), tools, consent).await
    }

    /// Returns what stops the policy's cycle.
    fn stop(&self) -> &CancellationToken {
        self.batch.stop_of(&self.in_force.policy().name)
    }

    /// Notes what the cycle saw.
    fn remember(&self, walk: &DatedWalk, ended: &Ended) {
        let Self { work, in_force, .. } = *self;
        let noted = ended.noted(walk.walked.as_ref().ok());
        if let Err(error) = work.state.remember(&in_force.policy().name, noted, work.clock.now()) {
            work.listeners.tell(&Notice::Complaint { problem: &paragraph(&error) });
        }
    }

    /// Tells of the end, and notes what has to outlive the daemon. `rehearsed` is the fingerprint of the policy that the
    /// report was a rehearsal of, if it was one.
    fn finish(&self, as_of: Timestamp, report: &PolicyReport, rehearsed: Option<&str>) {
        let Self { work, in_force, purpose, .. } = *self;
        let (policy, began) = (in_force.policy(), in_force.now());
        let ended = work.clock.now();
        let took = ended.duration_since(began).try_into().unwrap_or_default();
        // Whoever hears of the end finds the report.
        if let Some(error) = work.reports.keep(as_of, report) {
            work.listeners.tell(&Notice::Complaint { problem: &paragraph(&error) });
        }
        work.listeners.tell(&Notice::CycleEnded { purpose, report, as_of, began, took });
        let mut waiting_since = None;
        let noted = work.state.update(&policy.name, |state| {
            // A failed cycle says nothing of what waits.
            if report.status != CycleStatus::Failed {
                state.waiting_since = report.only_waits().then(|| state.waiting_since.unwrap_or(as_of));
            }
            waiting_since = state.waiting_since;
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
            if !self.stop().is_cancelled() {
                state.last = policy.schedule.as_ref().map(|schedule| LastCycle {
                    began,
                    schedule: schedule.line.clone(),
                    timezone: schedule.zone.clone(),
                    status: report.status.code().to_owned(),
                });
            }
        });
        work.listeners.tell(&Notice::Waits { policy: &policy.name, since: waiting_since });
        if let Err(error) = noted {
            work.listeners.tell(&Notice::Complaint { problem: &paragraph(&error) });
        }
    }
}

/// Returns the message that a panic left.
fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let literal = panic.downcast_ref::<&str>().copied();
    literal.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("it left no word")
}

/// Passes on what happens during a cycle, and keeps GitLab's time.
struct CycleObserver {
    policy: String,
    listeners: Listeners,
    theirs: Arc<GitlabClock>,
}

impl Observer for CycleObserver {
    fn on(&self, event: &Event) {
        if let Event::Traffic(traffic) = event {
            self.theirs.on(traffic);
        }
        self.listeners.tell(&Notice::During { policy: Some(&self.policy), event });
    }
}
