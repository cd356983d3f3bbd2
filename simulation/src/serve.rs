//! Plays nights of `serve --execute`, with restarts: a daemon's state outlives it, and it may be stopped in the middle.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gleaner::cycle::clock::Clock;
use gleaner::cycle::progress::Event;
use gleaner::gitlab::Traffic;
use gleaner::policy::PolicySet;
use gleaner::record::reports::ReportStore;
use gleaner::record::state::{StateError, StateStore};
use gleaner::serve::agenda::Jitter;
use gleaner::serve::metrics::Metrics;
use gleaner::serve::notice::{self, Authority, Listener, Listeners, Notice};
use gleaner::serve::{Daemon, DaemonParts, OnStart, Options, PolicyFiles, Rehearsal, Signals};
use jiff::{SignedDuration, Timestamp};
use tokio::time::{sleep, timeout};

use crate::dice::Dice;
use crate::metrics::Scrape;
use crate::outages::Machine;
use crate::run::{CycleTold, PlayError, Purpose, RunEnd, Stage};
use crate::time::Time;
use crate::wire::Wire;

/// How many nights people act, and how many nights there are at most without them.
const NIGHTS: usize = 3;
const MOST_QUIET_NIGHTS: usize = 3;

/// For so long a daemon runs each night at most.
const NIGHT: Duration = Duration::from_secs(1200);

/// A daemon that sends nothing for so many seconds waits for the next night. GitLab asks for shorter waits.
const IDLE: u32 = 100;

/// For so many seconds it sends nothing once every policy had its turn.
const REST: u32 = 10;

/// Executes what is in `mode: delete` once it was rehearsed, and runs nothing before its time.
const EXECUTE: Options = Options {
    authority: Authority::Execute,
    rehearsal: Rehearsal::Required,
    on_start: OnStart::Wait,
    jitter: Jitter::none(),
    concurrent: 1,
};

/// Runs a daemon on each of some nights while people act, and then, with nobody about who touches what should go, until
/// nothing more goes.
///
/// # Errors
/// When the daemon can't be set up.
pub(crate) async fn play(stage: &Stage<'_>) -> Result<(), PlayError> {
    let mut dice = Dice::of(stage.case.seed, "nights");
    for _ in 0..NIGHTS {
        // Some nights end before their work is done, and the daemon comes back.
        if dice.percent(30) {
            let stop = Duration::from_millis(dice.number(3000, 20_000));
            nights(stage, stop, Purpose::Execute).await?;
        }
        nights(stage, NIGHT, Purpose::Execute).await?;
        sleep(until_next_night(stage.time)).await;
    }
    stage.wire.quiet(&stage.case.workers);
    for _ in 0..MOST_QUIET_NIGHTS {
        let before = stage.wire.notes().cycles.len();
        nights(stage, NIGHT, Purpose::Finish).await?;
        if stage.is_at_rest(before) {
            break;
        }
        sleep(until_next_night(stage.time)).await;
    }
    Ok(())
}

/// Runs a daemon until every policy had its turn, or until it is stopped, and again each time that it is killed.
async fn nights(stage: &Stage<'_>, longest: Duration, purpose: Purpose) -> Result<(), PlayError> {
    while let RunEnd::Killed(kill) = night(stage, longest, purpose).await? {
        stage.after_kill(kill, Machine::First).await?;
    }
    Ok(())
}

/// Runs a daemon once.
async fn night(stage: &Stage<'_>, longest: Duration, purpose: Purpose) -> Result<RunEnd, PlayError> {
    let time = stage.time;
    let (run, wire, connection) = stage.process(Machine::First)?;
    let mut files = PolicyFiles::new(vec![stage.policies.clone()]);
    // Where the policy files make no set no daemon begins.
    let Ok(set) = files.read() else { return Ok(RunEnd::Ended) };
    let begun = stage.begin((run, Machine::First, "serve"), connection.address())?;
    let state = match StateStore::open(&stage.state, "gleaner X.Y.Z", connection.url()) {
        Ok((state, _)) => state,
        // The disk is full.
        Err(StateError::Write { .. }) => return Ok(RunEnd::Ended),
        Err(error) => return Err(error.into()),
    };
    let Some((_lock, journal)) = begun else { return Ok(RunEnd::Ended) };
    let told = Told { run, purpose, loaded: Arc::default(), ended: Vec::new() };
    let ear = Arc::new(Ear { wire: wire.clone(), told: Mutex::new(told) });
    let metrics = Metrics::new(Authority::Execute).map_err(|error| PlayError::Metrics(error.to_string()))?;
    let (metrics, sent) = (Arc::new(metrics), wire.notes().exchanges.len());
    let parts = DaemonParts {
        connection,
        clock: Clock::new(move || time.now()),
        listeners: Listeners::new(vec![ear.clone(), metrics.clone()]),
        state,
        journal: Some(journal),
        reports: Arc::new(ReportStore::nowhere("nobody looks at them")),
        files,
        address: None,
    };
    let signals = Signals::default();
    let (count, due) = (set.policies.len(), due(time.now()));
    let mut running = tokio::spawn(Daemon::new(EXECUTE, signals.clone(), parts).run(set));
    let all_ran = async {
        let (mut sent, mut idle) = (0, 0);
        loop {
            sleep(Duration::from_secs(1)).await;
            let now = wire.notes().exchanges.len();
            idle = if now == sent { idle + 1 } else { 0 };
            sent = now;
            let told = ear.told.lock().unwrap_or_else(PoisonError::into_inner);
            // A plan is as of the earlier of two clocks, and GitLab's tells full seconds.
            let is_of_night = |as_of: Timestamp| as_of >= due - SignedDuration::from_secs(2);
            let of_night = told.ended.iter().filter(|(_, as_of)| is_of_night(*as_of));
            let have_run = of_night.map(|(policy, _)| policy).collect::<BTreeSet<_>>().len() == count;
            // A policy that ran before a restart doesn't run again, and one that was rehearsed runs twice.
            if idle >= IDLE || (have_run && idle >= REST) {
                return;
            }
        }
    };
    let night = async {
        // A night that takes longer is broken off.
        let _ = timeout(longest, all_ran).await;
        signals.stop.cancel();
        // A defect of the daemon shows in what it left undone.
        let _ = (&mut running).await;
    };
    let killed = tokio::select! {
        biased;
        kill = wire.killed() => Some(kill),
        () = night => None,
    };
    if let Some(kill) = killed {
        running.abort();
        let _ = running.await;
        signals.stop.cancel();
        // Its tasks are dropped once all have had a turn.
        sleep(Duration::from_millis(1)).await;
        return Ok(RunEnd::Killed(kill));
    }
    let text = metrics.render().map_err(|error| PlayError::Metrics(error.to_string()))?;
    let requests = sent..wire.notes().exchanges.len();
    stage.scrapes.borrow_mut().push(Scrape { run, requests, text });
    Ok(RunEnd::Ended)
}

/// Hears what the daemon tells, and notes its cycles.
struct Ear {
    wire: Wire,
    told: Mutex<Told>,
}

struct Told {
    run: usize,
    purpose: Purpose,
    /// The set in force.
    loaded: Arc<PolicySet>,
    /// The policies whose cycle ended, with the instant of its plan.
    ended: Vec<(String, Timestamp)>,
}

impl Listener for Ear {
    fn on(&self, notice: &Notice<'_>) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match notice {
            // It was read right before.
            Notice::Loaded { .. } => told.loaded = self.wire.set().unwrap_or_default(),
            Notice::During { event: Event::Traffic(Traffic::Retrying { path, .. }), .. } => self.wire.repeat(path),
            Notice::CycleBegan { policy, purpose, at } => {
                let (purpose, policy, run) = (told.purpose_of(*purpose), (*policy).to_owned(), told.run);
                let (set, as_of) = (told.loaded.clone(), *at);
                self.wire.begin(CycleTold { purpose, run, policy, set, as_of, approved: None, walk: None, end: None });
            }
            // A daemon's walk may be shared.
            Notice::Planned { report, .. } => {
                self.wire.approve(report, None);
                if told.purpose == Purpose::Execute {
                    self.wire.ask();
                }
            }
            Notice::CycleEnded { purpose, report, as_of, .. } => {
                let purpose = told.purpose_of(*purpose);
                told.ended.push((report.policy.clone(), *as_of));
                self.wire.end((*report).clone(), *as_of, purpose);
            }
            _ => {}
        }
    }
}

impl Told {
    fn purpose_of(&self, purpose: notice::Purpose) -> Purpose {
        match purpose {
            notice::Purpose::Execution => self.purpose,
            notice::Purpose::Rehearsal | notice::Purpose::DryRun => Purpose::Rehearse,
        }
    }
}

/// Returns when policies run: at three in the morning where that is near, and else at once, to be rehearsed.
fn due(now: Timestamp) -> Timestamp {
    let left = THREE - now.as_second().rem_euclid(DAY);
    let is_near = (0..=60).contains(&left);
    // A plan is as of a full second.
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    now + SignedDuration::from_secs(if is_near { left } else { 0 })
}

const DAY: i64 = 24 * 3600;
const THREE: i64 = 3 * 3600;

/// Returns the time until shortly before the policies run next.
fn until_next_night(time: Time) -> Duration {
    let second = time.now().as_second().rem_euclid(DAY);
    let left = (THREE - 3 - second).rem_euclid(DAY);
    SignedDuration::from_secs(left).try_into().unwrap_or_default()
}
