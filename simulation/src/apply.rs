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
use gleaner::gitlab::{GitlabClock, Reader, RequestCounts, Traffic, TrafficObserver, Writer};
use gleaner::plan::{Succession, Take};
use gleaner::policy::PolicySet;
use gleaner::report::{PolicyReport, Rows};
use jiff::Timestamp;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::exit::CommandTold;
use crate::people::Doomed;
use crate::run::{CycleTold, PlayError, Purpose, Stage, targets};
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
pub(crate) async fn play(stage: &mut Stage<'_>) -> Result<(), PlayError> {
    let mut brake = None;
    if stage.case.rehearses {
        run(stage, &mut brake, Purpose::Rehearse).await?;
    }
    run(stage, &mut brake, Purpose::Execute).await?;
    stage.wire.quiet(&stage.case.workers);
    for _ in 0..MOST_QUIET_RUNS {
        sleep(PAUSE).await;
        let before = stage.cycles.len();
        run(stage, &mut brake, Purpose::Finish).await?;
        if stage.is_at_rest(before) {
            break;
        }
    }
    Ok(())
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
async fn run(stage: &mut Stage<'_>, brake: &mut Option<SetBrake>, purpose: Purpose) -> Result<(), PlayError> {
    let now = stage.time.now();
    let as_of = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let Some(set) = stage.wire.set() else {
        // Files that make no set end the command before it asks anything.
        stage.runs += 1;
        return Ok(());
    };
    let (brake, stop) = (brake_of(brake, &set, stage), CancellationToken::new());
    let (mut succession, mut take) = (Succession::of(set.policies_at(as_of)), Take::default());
    let first = stage.cycles.len();
    let journal = if purpose == Purpose::Rehearse { None } else { Some(stage.journal("apply")?) };
    let time = stage.time;
    let clock = Clock::new(move || time.now());
    if let Some(journal) = &journal {
        stage.wire.notes().cycle = first;
        recover(&stage.connection, journal, &clock, &stop).await?;
    }
    while let Some((in_force, taken)) = succession.next(take) {
        stage.wire.notes().cycle = stage.cycles.len();
        let (requests, theirs) = (RequestCounts::default(), GitlabClock::default());
        let heard = Arc::new(Heard { requests, theirs, wire: stage.wire.clone() });
        let connection = stage.connection.heard_by(heard.clone());
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
        let begun = stage.wire.notes().exchanges.len();
        let walked = cycle.walk().await;
        let (mut approved, mut walk) = (None, None);
        let ended = match purpose {
            Purpose::Rehearse => cycle.rehearse(walked.as_ref()).await,
            Purpose::Execute | Purpose::Finish => {
                let consent = async |plan: &PolicyReport| {
                    approved = Some(targets(plan));
                    walk = Some(begun..stage.wire.notes().exchanges.len());
                    Stage::doom(&stage.wire, plan);
                    if purpose == Purpose::Execute {
                        ask(stage).await;
                    }
                    Ok(())
                };
                let scribe = Scribe::new(journal.as_ref(), clock.clone(), None);
                let tools = Tools { writer: &Writer::new(&connection), scribe: &scribe, brake, run_limit: None };
                cycle.run(walked.as_ref(), tools, consent).await
            }
        };
        stage.wire.notes().doomed = Doomed::default();
        take = ended.take;
        let (report, left, ended) = (ended.report, stage.wire.now(), stage.time.now());
        let (run, set) = (stage.runs, set.clone());
        stage.cycles.push(CycleTold { purpose, run, set, as_of, approved, walk, report, left, ended });
    }
    let reports: Vec<PolicyReport> = stage.cycles[first..].iter().map(|cycle| cycle.report.clone()).collect();
    stage.commands.push(CommandTold::of(stage.runs, &reports));
    stage.runs += 1;
    Ok(())
}

/// Lets a question stand for its time, half of it before people act.
async fn ask(stage: &Stage<'_>) {
    let asked = stage.cycles.iter().filter(|cycle| cycle.approved.is_some()).count();
    let stands = Duration::from_secs(stage.case.questions.get(asked).copied().unwrap_or(0));
    sleep(stands / 2).await;
    stage.wire.ask();
    sleep(stands / 2).await;
}
