//! Plays `apply`: every policy in its order, on what those before it leave.

use std::sync::Arc;
use std::time::Duration;

use gleaner::cycle::Cycle;
use gleaner::cycle::brake::Brake;
use gleaner::cycle::clock::Clock;
use gleaner::cycle::execute::Tools;
use gleaner::cycle::marking::Marking;
use gleaner::cycle::progress::{Event, Observer};
use gleaner::cycle::recover::recover;
use gleaner::cycle::scribe::Scribe;
use gleaner::gitlab::{Connection, GitlabClock, Reader, RequestCounts, Traffic, TrafficObserver, Writer};
use gleaner::plan::{Succession, Take};
use gleaner::policy::PolicySet;
use gleaner::report::{PolicyReport, Rows};
use jiff::Timestamp;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::exit::CommandTold;
use crate::outages::Machine;
use crate::run::{CycleTold, PlayError, Purpose, RunEnd, Stage};
use crate::wire::Wire;

/// How many runs it takes at most until nothing more goes.
const MOST_QUIET_RUNS: usize = 4;

/// The time from one run to the next.
const PAUSE: Duration = Duration::from_secs(300);

/// Hears nothing: what a run did is seen on the wire.
struct Deaf;

impl Observer for Deaf {
    fn on(&self, _event: &Event) {}
}

/// Counts the requests of a cycle, keeps GitLab's time, and notes what is sent once more.
struct Heard {
    requests: RequestCounts,
    theirs: GitlabClock,
    wire: Wire,
}

impl TrafficObserver for Heard {
    fn on(&self, traffic: &Traffic) {
        self.requests.on(traffic);
        self.theirs.on(traffic);
        if let Traffic::Retrying { path, .. } = traffic {
            self.wire.repeat(path);
        }
    }
}

/// Runs `apply` while people act, and then, with nobody about who touches what should go, until nothing more goes.
///
/// # Errors
/// When the journal can't be kept.
pub(crate) async fn play(stage: &Stage<'_>) -> Result<(), PlayError> {
    let mut brake = None;
    if stage.case.rehearses {
        run_again(stage, &mut brake, (Machine::First, Purpose::Rehearse)).await?;
    }
    let ended = CancellationToken::new();
    let first = async {
        let played = run_again(stage, &mut brake, (Machine::First, Purpose::Execute)).await;
        ended.cancel();
        played
    };
    let second = async {
        tokio::select! {
            biased;
            () = ended.cancelled() => Ok(()),
            machine = stage.wire.second() => run_again(stage, &mut None, (machine, Purpose::Execute)).await,
        }
    };
    tokio::try_join!(first, second)?;
    stage.wire.quiet(&stage.case.workers);
    for _ in 0..MOST_QUIET_RUNS {
        sleep(PAUSE).await;
        let before = stage.wire.notes().cycles.len();
        run_again(stage, &mut brake, (Machine::First, Purpose::Finish)).await?;
        if stage.is_at_rest(before) {
            break;
        }
    }
    Ok(())
}

/// Runs every policy once, from the beginning after each time that the run is killed.
async fn run_again(
    stage: &Stage<'_>,
    brake: &mut Option<SetBrake>,
    (machine, purpose): (Machine, Purpose),
) -> Result<(), PlayError> {
    loop {
        let process = stage.process(machine)?;
        let (_, wire, _) = &process;
        let end = tokio::select! {
            biased;
            kill = wire.killed() => RunEnd::Killed(kill),
            ended = run(stage, brake, &process, (machine, purpose)) => ended.map(|()| RunEnd::Ended)?,
        };
        match end {
            RunEnd::Ended => return Ok(()),
            RunEnd::Killed(kill) => stage.after_kill(kill, machine).await?,
        }
    }
}

/// A brake, with the set that stood when it began to watch.
type SetBrake = (Arc<PolicySet>, Brake);

/// Returns the brake of a new process. Where the set is that of the last one, it is the same, and parses the files once.
fn brake_of<'b>(known: &'b mut Option<SetBrake>, set: &Arc<PolicySet>, stage: &Stage<'_>) -> &'b Brake {
    let same = known.take().filter(|(known, _)| Arc::ptr_eq(known, set));
    let begin = || {
        let time = stage.time;
        let paths = std::slice::from_ref(&stage.policies);
        let brake = Brake::new(paths, set.instance.as_ref(), None, Clock::new(move || time.now()));
        (set.clone(), brake.watching(set))
    };
    &known.insert(same.unwrap_or_else(begin)).1
}

/// Reads the policy files and runs every policy once.
async fn run(
    stage: &Stage<'_>,
    brake: &mut Option<SetBrake>,
    (run, wire, connection): &(usize, Wire, Connection),
    (machine, purpose): (Machine, Purpose),
) -> Result<(), PlayError> {
    let now = stage.time.now();
    let as_of = Timestamp::from_second(now.as_second()).unwrap_or(now);
    // Files that make no set end the command before it asks anything.
    let Some(set) = wire.set() else { return Ok(()) };
    let kept = match purpose {
        Purpose::Rehearse => None,
        Purpose::Execute | Purpose::Finish => match stage.begin((*run, machine, "apply"), connection.address())? {
            None => return Ok(()),
            kept => kept,
        },
    };
    let journal = kept.as_ref().map(|(_, journal)| journal);
    let (brake, stop) = (brake_of(brake, &set, stage), CancellationToken::new());
    let (mut succession, mut take) = (Succession::of(set.policies_at(as_of)), Take::default());
    let mut reports = Vec::new();
    let time = stage.time;
    let clock = Clock::new(move || time.now());
    if let Some(journal) = journal
        && recover(connection, journal, &clock, &stop).await.is_err()
    {
        // The disk is full.
        return Ok(());
    }
    while let Some((in_force, taken)) = succession.next(take) {
        let policy = in_force.policy().name.clone();
        let (run, set) = (*run, set.clone());
        wire.begin(CycleTold { purpose, run, policy, set, as_of, approved: None, walk: None, end: None });
        let (requests, theirs) = (RequestCounts::default(), GitlabClock::default());
        let heard = Arc::new(Heard { requests, theirs, wire: wire.clone() });
        let connection = connection.heard_by(heard.clone());
        let cycle = Cycle {
            reader: &Reader::new(&connection),
            requests: &heard.requests,
            in_force,
            projects: None,
            taken,
            memory: None,
            saved: None,
            marking: Marking::Nowhere,
            rows: Rows::All,
            theirs: &heard.theirs,
            observer: &Deaf,
            stop: &stop,
        };
        let begun = wire.notes().exchanges.len();
        let walked = cycle.walk().await;
        let ended = match purpose {
            Purpose::Rehearse => cycle.rehearse(walked.as_ref()).await,
            Purpose::Execute | Purpose::Finish => {
                let consent = async |plan: &PolicyReport| {
                    let walk = begun..wire.notes().exchanges.len();
                    wire.approve(plan, Some(walk));
                    if purpose == Purpose::Execute {
                        ask(stage, wire).await;
                    }
                    Ok(())
                };
                let scribe = Scribe::new(journal, clock.clone(), None);
                let tools = Tools { writer: &Writer::new(&connection), scribe: &scribe, brake, run_limit: None };
                cycle.run(walked.as_ref(), tools, consent).await
            }
        };
        take = ended.take;
        reports.push(ended.report.clone());
        wire.end(ended.report, as_of, purpose);
    }
    stage.commands.borrow_mut().push(CommandTold::of(*run, &reports));
    Ok(())
}

/// Lets a question stand for its time, half of it before people act.
async fn ask(stage: &Stage<'_>, wire: &Wire) {
    let asked = wire.notes().cycles.iter().filter(|cycle| cycle.approved.is_some()).count();
    let stands = Duration::from_secs(stage.case.questions.get(asked - 1).copied().unwrap_or(0));
    sleep(stands / 2).await;
    wire.ask();
    sleep(stands / 2).await;
}
