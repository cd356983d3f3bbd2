//! `gleaner serve`: policies by their schedules, for years.
//!
//! One loop begins what is due and reads the policy files again when they change. Everything that happens is told to the
//! listeners: the metrics, the log and the status page know no more than that.

pub mod admin;
pub mod agenda;
pub mod board;
pub mod log;
pub mod metrics;
pub mod notice;

mod files;
mod probe;
mod scheduler;
mod stale;
mod turn;
mod work;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use files::{FilesError, PolicyFiles};
pub use scheduler::{Batch, Broken, Scheduler};

use crate::cycle::brake::InUseStanding;
use crate::cycle::clock::Clock;
use crate::cycle::paragraph;
use crate::gitlab::Connection;
use crate::package::address::Address;
use crate::policy::{Policy, PolicySet};
use crate::record::journal::Journal;
use crate::record::reports::ReportStore;
use crate::record::sent::SentLately;
use crate::record::state::{PolicyState, StateStore};
use crate::serve::agenda::Jitter;
use crate::serve::notice::{Authority, Listeners, Notice};
use probe::Probe;
use stale::StaleInARow;
use work::BatchWork;

/// How often the policy files are compared with what was read, and the brake is asked whether deletions are paused.
/// Contents are compared, not times: a mounted ConfigMap is swapped by a link.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A fire that was missed while no daemon ran is made up for if it is not older than this: a new version was rolled out
/// just then. A nightly run must not begin at noon because the daemon was down for the night. Jitter comes on top.
const CATCH_UP: SignedDuration = SignedDuration::from_hours(1);

/// Whether a new or changed policy has to be planned once before it may delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rehearsal {
    /// It has to be.
    Required,
    /// It may delete at once.
    Waived,
}

/// What a policy does when the daemon starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnStart {
    /// It waits for its time, unless it has to be rehearsed.
    Wait,
    /// It runs at once.
    Run,
}

/// The options of a daemon.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Whether it may delete.
    pub authority: Authority,
    /// Whether new and changed policies are rehearsed.
    pub rehearsal: Rehearsal,
    /// What policies do when it starts.
    pub on_start: OnStart,
    /// How long scheduled runs are put off.
    pub jitter: Jitter,
    /// How many batches run at once at most; from 1.
    pub concurrent: usize,
}

/// The signals that reach the daemon while it runs.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    /// Ends it: what is in flight is finished, and nothing else begins.
    pub stop: CancellationToken,
    /// Has it read the policy files again, changed or not.
    pub reload: Arc<Notify>,
}

/// The daemon: it begins what is due until it is stopped.
pub struct Daemon {
    options: Options,
    signals: Signals,
    clock: Clock,
    listeners: Listeners,
    files: PolicyFiles,
    address: Option<Address>,
    work: Arc<BatchWork>,
    scheduler: Scheduler,
    probe: Probe,
    /// Looks for what seems wrong in the policy files; `None` once that is told.
    closer: Option<JoinHandle<Vec<String>>>,
    /// Why deletions were held up when the brake was last asked.
    halted: Option<String>,
    /// The in-use files when the brake was last asked.
    in_use: Vec<InUseStanding>,
}

/// The parts of a daemon, beside its options.
pub struct DaemonParts {
    /// The connection to GitLab.
    pub connection: Connection,
    /// The clock that it goes by.
    pub clock: Clock,
    /// Hears what happens.
    pub listeners: Listeners,
    /// The state that outlives it.
    pub state: StateStore,
    /// Has every deletion before it is sent; `None` where none is kept.
    pub journal: Option<Journal>,
    /// Has the last reports of each policy.
    pub reports: Arc<ReportStore>,
    /// The policy files.
    pub files: PolicyFiles,
    /// The GitLab that an instance file may object to; `None` where that doesn't matter.
    pub address: Option<Address>,
}

impl Daemon {
    /// Makes a daemon that has not begun yet.
    #[must_use]
    pub fn new(options: Options, signals: Signals, parts: DaemonParts) -> Self {
        let DaemonParts { connection, clock, listeners, state, journal, reports, files, address } = parts;
        let scheduler = Scheduler::new(clock.clone(), options.jitter, options.concurrent, signals.stop.clone());
        let probe = Probe::new(&connection, &listeners);
        let work = Arc::new(BatchWork {
            connection,
            clock: clock.clone(),
            listeners: listeners.clone(),
            state,
            journal,
            reports,
            sent: SentLately::default(),
            stale: StaleInARow::default(),
            authority: options.authority,
            rehearsal: options.rehearsal,
            brake: Mutex::new(files.brake(None, address.clone(), clock.clone())),
        });
        let (closer, halted, in_use) = (None, None, Vec::new());
        Self { options, signals, clock, listeners, files, address, work, scheduler, probe, closer, halted, in_use }
    }

    /// Runs until it is told to stop. `set` is what the policy files held when they were read first.
    pub async fn run(mut self, set: PolicySet) {
        self.load(set, self.options.on_start);
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let probing = tokio::spawn(self.probe.clone().run(self.signals.stop.clone()));
        // At the start nothing has to wait for this, and another thread would keep its memory.
        let lints = self.files.looked_at(self.clock.now());
        self.tell_lints(&lints);
        loop {
            self.begin_due();
            tokio::select! {
                biased;
                () = self.signals.stop.cancelled() => break,
                () = self.signals.reload.notified() => {
                    self.read();
                    self.probe.ask();
                }
                _ = look.tick() => self.look(),
                broken = self.scheduler.changed() => self.complain(broken),
                lints = of(&mut self.closer) => self.tell_lints(&lints),
            }
        }
        self.listeners.tell(&Notice::Stopping);
        self.closer = None;
        let broken = self.scheduler.drain().await;
        self.complain(broken);
        probing.abort();
    }

    fn begin_due(&mut self) {
        let work = &self.work;
        let begun = self.scheduler.begin_due(|batch| work.clone().run(batch));
        for policy in begun {
            self.tell_schedule(&policy);
        }
    }

    fn look(&mut self) {
        let (halt, in_use) = self.work.brake().survey();
        if in_use != self.in_use {
            self.listeners.tell(&Notice::InUse { files: &in_use });
            self.in_use = in_use;
        }
        let halted = halt.map(|halt| halt.to_string());
        if halted != self.halted {
            self.listeners.tell(&Notice::Halted { why: halted.as_deref() });
            self.halted = halted;
        }
        if self.files.have_changed() {
            self.read();
        }
    }

    /// Reads the policy files. Whatever is wrong with them, the set that is in force stays whole.
    fn read(&mut self) {
        let at = self.clock.now();
        let read = self.files.read().map_err(|error| error.to_string());
        match read.and_then(|set| self.with_lasting_state(set)) {
            Ok(set) => {
                self.load(set, OnStart::Wait);
                // What looked wrong in the files before is of no use any more.
                self.closer = Some(self.files.look_closer(at));
            }
            Err(problem) => self.listeners.tell(&Notice::NotLoaded { problem: &problem, at }),
        }
    }

    /// Returns the set, unless it needs a state that lasts and there is none. The error is text of one line.
    fn with_lasting_state(&self, set: PolicySet) -> Result<PolicySet, String> {
        let executes = self.options.authority == Authority::Execute;
        match set.policies.iter().find(|policy| policy.grace.is_some()) {
            Some(policy) if executes && !self.work.state.is_kept() => Err(forgets_marks(&policy.name)),
            _ => Ok(set),
        }
    }

    fn load(&mut self, set: PolicySet, on_start: OnStart) {
        let now = self.clock.now();
        let set = Arc::new(set);
        let work = self.work.clone();
        // An instance file that is gone was not meant to go: the brake that knows of it stays, and holds.
        if set.instance.is_some() {
            let brake = self.files.brake(set.instance.as_ref(), self.address.clone(), self.clock.clone());
            self.work.set_brake(brake);
        }
        self.work.set_brake(self.work.brake().watching(&set));
        self.complain_of_lost_protections(&set);
        let catch_up = CATCH_UP.saturating_add(self.options.jitter.max.try_into().unwrap_or(SignedDuration::MAX));
        self.scheduler.load(set.clone(), |policy| missed_since(&work.state, policy, now, catch_up));
        if let Err(error) = work.state.keep_only(&set.policies) {
            self.listeners.tell(&Notice::Complaint { problem: &paragraph(&error) });
        }
        self.listeners.tell(&Notice::Loaded { set: &set, at: now });
        for in_force in set.policies_at(now) {
            let policy = in_force.policy();
            let PolicyState { last_success, last_effective, waiting_since, .. } = work.state.of(&policy.name);
            self.listeners.tell(&Notice::Recalled { policy: &policy.name, last_success, last_effective });
            self.listeners.tell(&Notice::Waits { policy: &policy.name, since: waiting_since });
            for report in work.reports.last(&policy.name) {
                self.listeners.tell(&Notice::Remembered { report: &report });
            }
            if on_start == OnStart::Run {
                self.scheduler.agenda.ask_for(&policy.name, now);
            } else if !work.is_rehearsed(in_force) {
                self.scheduler.agenda.ask_for_rehearsal(&policy.name, now);
            }
            self.tell_schedule(&policy.name);
        }
        if set.policies.iter().all(|policy| policy.schedule.is_none()) {
            let problem = "no policy has a schedule, so nothing will run; write `schedule: \"30 2 * * *\"` into one";
            self.listeners.tell(&Notice::Complaint { problem });
        }
    }

    fn tell_lints(&mut self, lints: &[String]) {
        self.closer = None;
        for lint in lints {
            self.listeners.tell(&Notice::Complaint { problem: lint });
        }
    }

    /// Complains of protections that are gone. A legal hold whose file was deleted by mistake holds no longer: the
    /// rehearsals show it, and so does this.
    fn complain_of_lost_protections(&self, set: &PolicySet) {
        let is_gone = |name: &str| set.protections.iter().all(|protection| protection.name != name);
        for name in self.scheduler.set().protections.iter().map(|before| &before.name).filter(|name| is_gone(name)) {
            let problem = format!(
                "the protection `{name}` is no longer there, and what it held may go; `require: [{name}]` in the instance \
                 file would keep it"
            );
            self.listeners.tell(&Notice::Complaint { problem: &problem });
        }
    }

    /// Complains of runs that a defect ended. The cycles tell of their own defects. This is for what is left: without a
    /// word, its policies would seem to run.
    fn complain(&self, broken: impl IntoIterator<Item = Broken>) {
        for Broken { policies } in broken {
            let names = policies.join(", ");
            let problem = format!("a defect in gleaner ended the run of {names}; each runs again when it is due");
            self.listeners.tell(&Notice::Complaint { problem: &problem });
        }
    }

    fn tell_schedule(&self, policy: &str) {
        let (next, interval) = self.scheduler.agenda.run_of(policy).unwrap_or_default();
        self.listeners.tell(&Notice::Scheduled { policy, next, interval });
    }
}

/// Tells that a policy can't have a grace without a state that lasts, as a sentence without its full stop.
#[must_use]
pub fn forgets_marks(policy: &str) -> String {
    format!(
        "the policy {policy} has a `grace`, and nothing remembers since when its packages are marked: name a folder with \
         --state-dir"
    )
}

/// Waits until it is known what looks wrong. A defect in looking is no defect in the policies.
async fn of(closer: &mut Option<JoinHandle<Vec<String>>>) -> Vec<String> {
    match closer {
        Some(closer) => closer.await.unwrap_or_default(),
        None => std::future::pending().await,
    }
}

/// Returns the instant from which a policy's fires count, where one of them may have been missed.
fn missed_since(state: &StateStore, policy: &Policy, now: Timestamp, catch_up: SignedDuration) -> Option<Timestamp> {
    let (last, schedule) = (state.of(&policy.name).last?, policy.schedule.as_ref()?);
    let is_same = (&last.schedule, &last.timezone) == (&schedule.line, &schedule.zone);
    // A clock that was set back would have it wait for a day that is over.
    (is_same && last.began < now).then(|| last.began.max(now.saturating_sub(catch_up).unwrap_or(now)))
}
