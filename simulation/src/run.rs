//! Plays a case through `apply`: every policy in its order, on what those before it leave.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

use gitlab_sandbox::{OpenError, Options, Registry, Sandbox};
use gleaner::cycle::Cycle;
use gleaner::cycle::brake::Brake;
use gleaner::cycle::clock::Clock;
use gleaner::cycle::progress::{Event, Observer};
use gleaner::gitlab::{Connection, ConnectionOptions, Credential, Reader, RequestCounts, TokenKind, Writer};
use gleaner::plan::{Succession, Take, Verdict};
use gleaner::policy::PolicySet;
use gleaner::report::{CycleStatus, PolicyReport, Rows};
use gleaner::yaml::Source;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::case::Case;
use crate::people::Doomed;
use crate::time::Time;
use crate::wire::{Notes, Target, Wire};

/// A case that was played, with all that was noted.
#[derive(Debug)]
pub struct Played {
    /// The policies.
    pub set: PolicySet,
    /// The cycles, in their order.
    pub cycles: Vec<CycleTold>,
    /// The requests, states and deeds.
    pub notes: Notes,
}

/// One cycle of one policy, and what it told.
#[derive(Debug)]
pub struct CycleTold {
    /// The purpose that the cycle ran for.
    pub purpose: Purpose,
    /// The number of the run that it is a part of, from 0.
    pub run: usize,
    /// The place of its policy in the set.
    pub policy: usize,
    /// The instant of its plan.
    pub as_of: Timestamp,
    /// What the approved plan deletes; `None` where nobody was asked.
    pub approved: Option<BTreeSet<Target>>,
    /// What it told in the end.
    pub report: PolicyReport,
    /// What GitLab had when it ended.
    pub left: Arc<Registry>,
    /// When it ended.
    pub ended: Timestamp,
}

/// The purpose of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It shows what would go.
    Rehearse,
    /// It deletes while people act.
    Execute,
    /// It deletes when everybody has gone home.
    Finish,
}

/// Why a case can't be played. It is the simulation's own fault.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// There is no runtime, or no folder for the policies.
    #[error("the run can't be set up")]
    Io(#[from] io::Error),
    /// The registry doesn't hang together.
    #[error("the registry can't be opened")]
    Registry(#[from] OpenError),
    /// The policies are wrong.
    #[error("the policies are wrong: {0}")]
    Policies(String),
    /// The client can't be set up.
    #[error("the client can't be set up")]
    Client(#[from] gleaner::gitlab::Error),
}

/// Hears nothing: what a run did is seen on the wire.
struct Deaf;

impl Observer for Deaf {
    fn on(&self, _event: &Event) {}
}

/// Plays a case from its begin to its end, with its policy files in this folder.
///
/// # Errors
/// When the case can't be set up.
pub fn play(case: &Case, folder: &Path) -> Result<Played, PlayError> {
    fastrand::seed(case.seed);
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let mut run = Run::begin(case, folder)?;
        if case.rehearses {
            run.all(Purpose::Rehearse).await;
        }
        run.all(Purpose::Execute).await;
        run.wire.quiet();
        for _ in 0..MOST_QUIET_RUNS {
            tokio::time::sleep(PAUSE).await;
            if !run.all(Purpose::Finish).await {
                break;
            }
        }
        let notes = std::mem::take(&mut *run.wire.notes());
        Ok(Played { set: run.set, cycles: run.cycles, notes })
    })
}

/// How many runs it takes at most until nothing more goes.
const MOST_QUIET_RUNS: usize = 4;

/// The time from one run to the next.
const PAUSE: Duration = Duration::from_secs(300);

struct Run<'c> {
    case: &'c Case,
    set: PolicySet,
    time: Time,
    wire: Wire,
    connection: Connection,
    paths: Vec<PathBuf>,
    runs: usize,
    cycles: Vec<CycleTold>,
}

impl<'c> Run<'c> {
    fn begin(case: &'c Case, folder: &Path) -> Result<Self, PlayError> {
        write_policies(case, folder)?;
        let sources: Vec<Source> =
            case.policies.iter().map(|file| Source::new(file.name.clone(), file.text.clone())).collect();
        let (set, _) = PolicySet::parse(&sources).map_err(|problems| PlayError::Policies(problems.to_string()))?;
        let time = Time::begin();
        let clock = gitlab_sandbox::Clock::new(move || time.now());
        let options = Options { largest_page: case.page, clock, keep_requests: false, ..Options::default() };
        let sandbox = Sandbox::open(case.registry.clone(), &options)?;
        let token = sandbox.token().to_owned();
        let wire = Wire::new(sandbox, options, time, (case.pace, case.seed), case.people.clone());
        let credential = Credential::Fixed { kind: TokenKind::Private, token: token.into() };
        let options = ConnectionOptions::new("http://gitlab.test", credential);
        let connection = Connection::over(Arc::new(wire.clone()), options, Arc::new(RequestCounts::default()))?;
        let paths = vec![folder.to_owned()];
        Ok(Self { case, set, time, wire, connection, paths, runs: 0, cycles: Vec::new() })
    }

    /// Runs every policy once, and returns whether something was deleted.
    async fn all(&mut self, purpose: Purpose) -> bool {
        let as_of = this_second(self.time.now());
        let set = self.set.clone();
        let stop = CancellationToken::new();
        let time = self.time;
        let clock = Clock::new(move || time.now());
        let brake = Brake::new(&self.paths, set.instance.as_ref(), None, clock).watching(&set);
        let (mut succession, mut take) = (Succession::of(set.policies_at(as_of)), Take::default());
        let mut has_deleted = false;
        let mut policy = 0;
        while let Some((in_force, taken)) = succession.next(take) {
            self.wire.notes().cycle = self.cycles.len();
            let requests = Arc::new(RequestCounts::default());
            let connection = self.connection.heard_by(requests.clone());
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
                        self.consent(purpose, plan).await;
                        Ok(())
                    };
                    cycle.run(walked.as_ref(), &Writer::new(&connection), &brake, consent).await
                }
            };
            self.wire.notes().doomed = Doomed::default();
            take = ended.take;
            has_deleted |= ended.report.totals.gone() + ended.report.totals.gone_files() > 0;
            let (left, ended_at, run) = (self.wire.now(), self.time.now(), self.runs);
            self.cycles.push(CycleTold {
                purpose,
                run,
                policy,
                as_of,
                approved,
                report: ended.report,
                left,
                ended: ended_at,
            });
            policy += 1;
        }
        self.runs += 1;
        has_deleted
    }

    /// Lets a question stand for its time, half of it before people act.
    async fn consent(&self, purpose: Purpose, plan: &PolicyReport) {
        self.wire.notes().doomed = Doomed {
            packages: targets(plan).into_iter().filter(|target| target.file.is_none()).map(|it| it.package).collect(),
            files: targets(plan).into_iter().filter_map(|target| Some((target.package, target.file?))).collect(),
        };
        if purpose == Purpose::Execute {
            let asked = self.cycles.iter().filter(|cycle| cycle.approved.is_some()).count();
            let stands = Duration::from_secs(self.case.questions.get(asked).copied().unwrap_or(0));
            tokio::time::sleep(stands / 2).await;
            self.wire.ask();
            tokio::time::sleep(stands / 2).await;
        }
    }
}

/// Returns what a plan deletes.
#[must_use]
pub fn targets(plan: &PolicyReport) -> BTreeSet<Target> {
    let rows = plan.decisions.iter().chain(&plan.file_decisions);
    let going = rows.filter(|row| row.verdict() == Verdict::Delete);
    going.map(|row| Target { package: row.package.id.0, file: row.item.file().map(|file| file.0) }).collect()
}

/// Returns how `apply` would exit after these cycles.
#[must_use]
pub fn exit(cycles: &[&CycleTold]) -> u8 {
    let any = |wanted: fn(&PolicyReport) -> bool| cycles.iter().any(|cycle| wanted(&cycle.report));
    if any(|report| report.status == CycleStatus::Failed) {
        1
    } else if any(|report| {
        report.status == CycleStatus::Partial || (report.refusal.is_some() && report.error.is_some())
    }) {
        3
    } else if any(|report| report.status == CycleStatus::Refused) {
        4
    } else {
        0
    }
}

/// Writes the policy files, in the place of those of another run.
fn write_policies(case: &Case, folder: &Path) -> io::Result<()> {
    for old in fs::read_dir(folder)? {
        fs::remove_file(old?.path())?;
    }
    case.policies.iter().try_for_each(|file| fs::write(folder.join(&file.name), &file.text))
}

fn this_second(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
