//! Plays `apply`: every policy in its order, on what those before it leave.

use std::sync::Arc;
use std::time::Duration;

use gleaner::cycle::Cycle;
use gleaner::cycle::brake::Brake;
use gleaner::cycle::clock::Clock;
use gleaner::cycle::execute::Tools;
use gleaner::cycle::progress::{Event, Observer};
use gleaner::cycle::scribe::Scribe;
use gleaner::gitlab::{GitlabClock, Reader, RequestCounts, Traffic, TrafficObserver, Writer};
use gleaner::plan::{Succession, Take};
use gleaner::report::{PolicyReport, Rows};
use jiff::Timestamp;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::people::Doomed;
use crate::run::{CycleTold, Purpose, Stage, targets};

/// How many runs it takes at most until nothing more goes.
const MOST_QUIET_RUNS: usize = 4;

/// The time from one run to the next.
const PAUSE: Duration = Duration::from_secs(300);

/// Hears nothing: what a run did is seen on the wire.
struct Deaf;

impl Observer for Deaf {
    fn on(&self, _event: &Event) {}
}

/// Counts the requests of a cycle, and keeps GitLab's time.
#[derive(Default)]
struct Heard {
    requests: RequestCounts,
    theirs: GitlabClock,
}

impl TrafficObserver for Heard {
    fn on(&self, traffic: &Traffic) {
        self.requests.on(traffic);
        self.theirs.on(traffic);
    }
}

/// Runs `apply` while people act, and then, with nobody about, until nothing more goes.
pub(crate) async fn play(stage: &mut Stage<'_>) {
    // One brake for all runs parses the files once.
    let time = stage.time;
    let paths = std::slice::from_ref(&stage.policies);
    let brake = Brake::new(paths, None, None, Clock::new(move || time.now())).watching(&stage.set);
    if stage.case.rehearses {
        run(stage, &brake, Purpose::Rehearse).await;
    }
    run(stage, &brake, Purpose::Execute).await;
    stage.wire.quiet();
    for _ in 0..MOST_QUIET_RUNS {
        sleep(PAUSE).await;
        if !run(stage, &brake, Purpose::Finish).await {
            break;
        }
    }
}

/// Runs every policy once, and returns whether something was deleted.
async fn run(stage: &mut Stage<'_>, brake: &Brake, purpose: Purpose) -> bool {
    let now = stage.time.now();
    let as_of = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let (set, stop) = (stage.set.clone(), CancellationToken::new());
    let (mut succession, mut take) = (Succession::of(set.policies_at(as_of)), Take::default());
    let mut has_deleted = false;
    let mut policy = 0;
    while let Some((in_force, taken)) = succession.next(take) {
        stage.wire.notes().cycle = stage.cycles.len();
        let heard = Arc::new(Heard::default());
        let connection = stage.connection.heard_by(heard.clone());
        let cycle = Cycle {
            reader: &Reader::new(&connection),
            requests: &heard.requests,
            in_force,
            projects: None,
            taken,
            memory: None,
            rows: Rows::All,
            theirs: &heard.theirs,
            observer: &Deaf,
            stop: &stop,
        };
        let first = stage.wire.notes().exchanges.len();
        let walked = cycle.walk().await;
        let (mut approved, mut walk) = (None, None);
        let ended = match purpose {
            Purpose::Rehearse => cycle.rehearse(walked.as_ref()).await,
            Purpose::Execute | Purpose::Finish => {
                let consent = async |plan: &PolicyReport| {
                    approved = Some(targets(plan));
                    walk = Some(first..stage.wire.notes().exchanges.len());
                    Stage::doom(&stage.wire, plan);
                    if purpose == Purpose::Execute {
                        ask(stage).await;
                    }
                    Ok(())
                };
                let tools = Tools { writer: &Writer::new(&connection), scribe: &Scribe::none(), brake };
                cycle.run(walked.as_ref(), tools, consent).await
            }
        };
        stage.wire.notes().doomed = Doomed::default();
        take = ended.take;
        let (report, left, ended) = (ended.report, stage.wire.now(), stage.time.now());
        has_deleted |= report.totals.gone() + report.totals.gone_files() > 0;
        let run = stage.runs;
        stage.cycles.push(CycleTold { purpose, run, policy, as_of, approved, walk, report, left, ended });
        policy += 1;
    }
    stage.runs += 1;
    has_deleted
}

/// Lets a question stand for its time, half of it before people act.
async fn ask(stage: &Stage<'_>) {
    let asked = stage.cycles.iter().filter(|cycle| cycle.approved.is_some()).count();
    let stands = Duration::from_secs(stage.case.questions.get(asked).copied().unwrap_or(0));
    sleep(stands / 2).await;
    stage.wire.ask();
    sleep(stands / 2).await;
}
