//! Plays a case from its begin to its end, and keeps what was noted.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fs, io};

use gitlab_sandbox::{OpenError, Options, Registry, Sandbox};
use gleaner::gitlab::{Connection, ConnectionOptions, Credential, RequestCounts, TokenKind};
use gleaner::package::address::Address;
use gleaner::plan::Verdict;
use gleaner::policy::{Mode, Policy, PolicySet};
use gleaner::record::journal::{Journal, JournalError, RunStart, folder_name};
use gleaner::record::lock::{LockError, MachineLock};
use gleaner::record::state::StateError;
use gleaner::report::PolicyReport;
use gleaner_support::run_start;
use jiff::Timestamp;
use tokio::time::sleep;

use crate::case::{Case, Command};
use crate::exit::CommandTold;
use crate::metrics::Scrape;
use crate::notes::{Notes, Target};
use crate::outages::{self, Kill, Machine};
use crate::record::Record;
use crate::shelf::Shelf;
use crate::time::Time;
use crate::wire::Wire;
use crate::{apply, serve};

/// The address of the GitLab, which no name leads to.
const URL: &str = "http://gitlab.test";

/// A case that was played, with all that was noted.
#[derive(Debug)]
pub struct Played {
    /// The cycles, in their order.
    pub cycles: Vec<CycleTold>,
    /// The commands, in their order.
    pub commands: Vec<CommandTold>,
    /// The metrics of the daemons, in their order.
    pub scrapes: Vec<Scrape>,
    /// The requests, states and deeds.
    pub notes: Notes,
    /// What the journal of each machine has.
    pub records: BTreeMap<Machine, Record>,
}

/// One cycle of one policy, and what it told.
#[derive(Debug)]
pub struct CycleTold {
    /// The purpose that the cycle ran for.
    pub purpose: Purpose,
    /// The number of the run that it is a part of, from 0: one `apply`, or one life of a daemon.
    pub run: usize,
    /// The name of its policy.
    pub policy: String,
    /// The set that its policy was planned by.
    pub set: Arc<PolicySet>,
    /// The instant of its plan.
    pub as_of: Timestamp,
    /// What the approved plan deletes; `None` where nobody was asked.
    pub approved: Option<BTreeSet<Target>>,
    /// The requests from the walk's begin to the approval, by their numbers. A daemon's walk may be shared, and isn't told.
    pub walk: Option<Range<usize>>,
    /// How it ended; `None` where its process was killed before.
    pub end: Option<CycleEnd>,
}

/// The end of a cycle.
#[derive(Debug)]
pub struct CycleEnd {
    /// What it told.
    pub report: PolicyReport,
    /// What GitLab had then.
    pub left: Arc<Registry>,
    /// When it was.
    pub at: Timestamp,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunEnd {
    /// By itself, or by a stop.
    Ended,
    /// It was killed.
    Killed(Kill),
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
    #[error("the run can't be set up: {0}")]
    Io(#[from] io::Error),
    /// The registry doesn't hang together.
    #[error("the registry can't be opened: {0}")]
    Registry(#[from] OpenError),
    /// The policies of the case are wrong.
    #[error("the policies are wrong:\n{0}")]
    Policies(String),
    /// The client can't be set up.
    #[error("the client can't be set up: {0}")]
    Client(#[from] gleaner::gitlab::Error),
    /// The daemon's metrics can't be made.
    #[error("the metrics can't be made: {0}")]
    Metrics(String),
    /// The journal can't be kept.
    #[error("the journal can't be kept: {0}")]
    Journal(#[from] JournalError),
    /// The lock can't be taken.
    #[error("the lock can't be taken: {0}")]
    Lock(#[from] LockError),
    /// The daemon's state can't be kept.
    #[error("the state can't be kept: {0}")]
    State(#[from] StateError),
}

/// Everything that cycles run on.
pub(crate) struct Stage<'c> {
    pub(crate) case: &'c Case,
    pub(crate) time: Time,
    pub(crate) wire: Wire,
    options: ConnectionOptions,
    /// The folder of the policy files.
    pub(crate) policies: PathBuf,
    /// The folder of the daemon's state.
    pub(crate) state: PathBuf,
    /// The folders of the journals and locks, each of a machine.
    machines: [PathBuf; 2],
    /// How many runs there were.
    runs: Cell<usize>,
    pub(crate) commands: RefCell<Vec<CommandTold>>,
    pub(crate) scrapes: RefCell<Vec<Scrape>>,
}

/// The limit on the size of files, which stands for a full disk, is that of the whole process.
static DISK: Mutex<()> = Mutex::new(());

/// Plays a case, with its files in this folder, which should lie in memory.
///
/// # Errors
/// When the case can't be set up.
pub fn play(case: &Case, folder: &Path) -> Result<Played, PlayError> {
    let _disk = DISK.lock().unwrap_or_else(PoisonError::into_inner);
    outages::outlive_full_disks()?;
    let played = play_alone(case, folder);
    outages::clear();
    played
}

fn play_alone(case: &Case, folder: &Path) -> Result<Played, PlayError> {
    fastrand::seed(case.seed);
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let stage = Stage::set(case, folder)?;
        match case.command {
            Command::Apply => apply::play(&stage).await?,
            Command::Serve => serve::play(&stage).await?,
        }
        let mut notes = std::mem::take(&mut *stage.wire.notes());
        let record = |machine| Record::read(stage.wire.journal(machine));
        let records =
            BTreeMap::from([(Machine::First, record(Machine::First)?), (Machine::Other, record(Machine::Other)?)]);
        let cycles = std::mem::take(&mut notes.cycles);
        let Stage { commands, scrapes, .. } = stage;
        let (commands, scrapes) = (commands.into_inner(), scrapes.into_inner());
        Ok(Played { cycles, commands, scrapes, notes, records })
    })
}

impl CycleTold {
    /// Returns its policy, as it was planned.
    #[must_use]
    pub fn policy(&self) -> Option<&Policy> {
        self.set.policy(&self.policy)
    }

    /// Returns what it told, and nothing where it came to no end.
    #[must_use]
    pub fn report(&self) -> Option<&PolicyReport> {
        self.end.as_ref().map(|end| &end.report)
    }
}

impl<'c> Stage<'c> {
    fn set(case: &'c Case, folder: &Path) -> Result<Self, PlayError> {
        let [policies, state, first, other] = ["policies", "state", "first", "other"].map(|name| folder.join(name));
        let shelf = Shelf::lay(&case.policies, &policies)?;
        for left in [&state, &first, &other].into_iter().filter(|left| left.exists()) {
            fs::remove_dir_all(left)?;
        }
        let machines = [first, other];
        machines.iter().try_for_each(fs::create_dir_all)?;
        let time = Time::begin();
        let clock = gitlab_sandbox::Clock::new(move || time.now());
        let options = Options { largest_page: case.page, clock, keep_requests: false, ..Options::default() };
        let sandbox = Sandbox::open(case.registry.clone(), &options)?;
        let token = sandbox.token().to_owned();
        let address = Address::parse(URL).map_err(gleaner::gitlab::Error::BadUrl)?;
        let journals = machines.each_ref().map(|machine| machine.join(folder_name(&address)));
        let wire = Wire::new(sandbox, options, time, case, (shelf, journals));
        if wire.set().is_none() {
            let files: Vec<&str> = case.policies.iter().map(|file| file.text.as_str()).collect();
            return Err(PlayError::Policies(files.join("\n")));
        }
        let credential = Credential::Fixed { kind: TokenKind::Private, token: token.into() };
        let options = ConnectionOptions::new(URL, credential);
        let (runs, commands, scrapes) = <(Cell<usize>, RefCell<Vec<_>>, RefCell<Vec<_>>)>::default();
        Ok(Self { case, time, wire, options, policies, state, machines, runs, commands, scrapes })
    }

    /// Begins a process on a machine, with a connection of its own. The number is that of its run.
    pub(crate) fn process(&self, machine: Machine) -> Result<(usize, Wire, Connection), PlayError> {
        let run = self.runs.replace(self.runs.get() + 1);
        let wire = self.wire.of_process(run, machine);
        let observer = Arc::new(RequestCounts::default());
        let connection = Connection::over(Arc::new(wire.clone()), self.options.clone(), observer)?;
        Ok((run, wire, connection))
    }

    /// Takes the lock of a machine, and opens its journal for a run. There is nothing where another run has it, or where the
    /// disk is full: then the run gives up.
    pub(crate) fn begin(
        &self,
        (run, machine, command): (usize, Machine, &str),
        gitlab: &Address,
    ) -> Result<Option<(MachineLock, Journal)>, PlayError> {
        let folder = &self.machines[usize::from(machine == Machine::Other)];
        let now = self.time.now();
        let lock = match MachineLock::take(folder, gitlab, command, now) {
            Ok(lock) => lock,
            Err(LockError::Taken { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let start = RunStart { command: command.to_owned(), ..run_start(&run.to_string(), gitlab.as_str()) };
        match Journal::open(folder, start, now) {
            Ok(opened) => Ok(Some((lock, opened.journal))),
            Err(JournalError::Write { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes away what a killed process had in memory alone, and waits until it is begun again.
    pub(crate) async fn after_kill(&self, kill: Kill, machine: Machine) -> Result<(), PlayError> {
        let kept = self.wire.notes().recorded(machine);
        outages::lose(self.wire.journal(machine), kept, kill)?;
        sleep(Duration::from_secs(kill.restart)).await;
        Ok(())
    }

    /// Returns whether the cycles from this one on came to an end of all: nothing went any more, and nothing was rehearsed
    /// that is to go next time. Where people go on working, what they held up has another chance.
    pub(crate) fn is_at_rest(&self, first: usize) -> bool {
        self.wire.notes().cycles[first..].iter().all(|CycleTold { purpose, end, .. }| {
            let Some(CycleEnd { report, .. }) = end else { return false };
            let gone = report.totals.gone() + report.totals.gone_files();
            let is_rehearsed = *purpose == Purpose::Rehearse && report.mode == Mode::Delete;
            let waits = is_rehearsed && report.totals.deletions() > 0;
            gone == 0 && !waits && (self.case.workers.is_empty() || report.is_success())
        })
    }
}

/// Returns what a plan deletes.
#[must_use]
pub fn targets(plan: &PolicyReport) -> BTreeSet<Target> {
    let rows = plan.decisions.iter().chain(&plan.file_decisions);
    let going = rows.filter(|row| row.verdict() == Verdict::Delete);
    going.map(|row| Target { package: row.package.id.0, file: row.item.file().map(|file| file.0) }).collect()
}
