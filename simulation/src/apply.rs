//! Plays `apply`: every policy in its order, on what those before it leave.

use std::sync::Arc;
use std::time::Duration;

use gleaner::cycle::Cycle;
use gleaner::cycle::brake::Brake;
use gleaner::cycle::clock::Clock;
use gleaner::cycle::progress::{Event, Observer};
use gleaner::gitlab::{Reader, RequestCounts, Writer};
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

/// Runs `apply` while people act, and then, with nobody about, until nothing more goes.
pub(crate) async fn play(stage: &mut Stage<'_>) {
    if stage.case.rehearses {
        run(stage, Purpose::Rehearse).await;
    }
    run(stage, Purpose::Execute).await;
    stage.wire.quiet();
    for _ in 0..MOST_QUIET_RUNS {
        sleep(PAUSE).await;
        if !run(stage, Purpose::Finish).await {
            break;
        }
    }
}

/// Runs every policy once, and returns whether something was deleted.
async fn run(stage: &mut Stage<'_>, purpose: Purpose) -> bool {
    let now = stage.time.now();
    let as_of = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let (set, time, stop) = (stage.set.clone(), stage.time, CancellationToken::new());
    let clock = Clock::new(move || time.now());
    let paths = std::slice::from_ref(&stage.policies);
    let brake = Brake::new(paths, set.instance.as_ref(), None, clock).watching(&set);
    let (mut succession, mut take) = (Succession::of(set.policies_at(as_of)), Take::default());
    let mut has_deleted = false;
    let mut policy = 0;
    while let Some((in_force, taken)) = succession.next(take) {
        stage.wire.notes().cycle = stage.cycles.len();
        let requests = Arc::new(RequestCounts::default());
        let connection = stage.connection.heard_by(requests.clone());
        let cycle = Cycle {
            reader: &Reader::new(&connection),
            requests: &requests,
            in_force,
            projects: None,
            taken,
            memory: None,
            rows: Rows::All,
            observer: &Deaf,
            stop: &stop,
        };
        let walked = cycle.walk().await;
        let mut approved = None;
        let ended = match purpose {
            Purpose::Rehearse => cycle.rehearse(walked.as_ref()).await,
            Purpose::Execute | Purpose::Finish => {
                let consent = async |plan: &PolicyReport| {
                    approved = Some(targets(plan));
                    Stage::doom(&stage.wire, plan);
                    if purpose == Purpose::Execute {
                        ask(stage).await;
                    }
                    Ok(())
                };
                cycle.run(walked.as_ref(), &Writer::new(&connection), &brake, consent).await
            }
        };
        stage.wire.notes().doomed = Doomed::default();
        take = ended.take;
        let (report, left, ended) = (ended.report, stage.wire.now(), stage.time.now());
        has_deleted |= report.totals.gone() + report.totals.gone_files() > 0;
        let run = stage.runs;
        stage.cycles.push(CycleTold { purpose, run, policy, as_of, approved, report, left, ended });
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
