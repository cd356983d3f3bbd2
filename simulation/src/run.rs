//! Plays a case from its begin to its end, and keeps what was noted.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use gitlab_sandbox::{OpenError, Options, Registry, Sandbox};
use gleaner::gitlab::{Connection, ConnectionOptions, Credential, RequestCounts, TokenKind};
use gleaner::package::address::Address;
use gleaner::plan::Verdict;
use gleaner::policy::{Mode, Policy, PolicySet};
use gleaner::record::journal::{Journal, JournalError, RunStart, folder_name};
use gleaner::record::state::StateError;
use gleaner::report::PolicyReport;
use gleaner_support::run_start;
use jiff::Timestamp;

use crate::case::{Case, Command};
use crate::exit::CommandTold;
use crate::metrics::Scrape;
use crate::people::Doomed;
use crate::record::Record;
use crate::shelf::Shelf;
use crate::time::Time;
use crate::wire::{Notes, Target, Wire};
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
    /// What the journal has.
    pub record: Record,
}

/// One cycle of one policy, and what it told.
#[derive(Debug)]
pub struct CycleTold {
    /// The purpose that the cycle ran for.
    pub purpose: Purpose,
    /// The number of the run that it is a part of, from 0: one `apply`, or one life of a daemon.
    pub run: usize,
    /// The set that its policy was planned by.
    pub set: Arc<PolicySet>,
    /// The instant of its plan.
    pub as_of: Timestamp,
    /// What the approved plan deletes; `None` where nobody was asked.
    pub approved: Option<BTreeSet<Target>>,
    /// The requests from the walk's begin to the approval, by their numbers. A daemon's walk may be shared, and isn't told.
    pub walk: Option<Range<usize>>,
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
    /// The daemon's state can't be kept.
    #[error("the state can't be kept: {0}")]
    State(#[from] StateError),
}

/// Everything that cycles run on.
pub(crate) struct Stage<'c> {
    pub(crate) case: &'c Case,
    pub(crate) time: Time,
    pub(crate) wire: Wire,
    pub(crate) connection: Connection,
    /// The folder of the policy files.
    pub(crate) policies: PathBuf,
    /// The folder of the daemon's state.
    pub(crate) state: PathBuf,
    /// The folder of the journals.
    pub(crate) journals: PathBuf,
    /// How many runs there were.
    pub(crate) runs: usize,
    pub(crate) cycles: Vec<CycleTold>,
    pub(crate) commands: Vec<CommandTold>,
    pub(crate) scrapes: Vec<Scrape>,
}

/// Plays a case, with its files in this folder, which should lie in memory.
///
/// # Errors
/// When the case can't be set up.
pub fn play(case: &Case, folder: &Path) -> Result<Played, PlayError> {
    fastrand::seed(case.seed);
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let mut stage = Stage::set(case, folder)?;
        match case.command {
            Command::Apply => apply::play(&mut stage).await?,
            Command::Serve => serve::play(&mut stage).await?,
        }
        let notes = std::mem::take(&mut *stage.wire.notes());
        let record = Record::read(&stage.journals.join(folder_name(stage.connection.address())))?;
        let Stage { cycles, commands, scrapes, .. } = stage;
        Ok(Played { cycles, commands, scrapes, notes, record })
    })
}

impl CycleTold {
    /// Returns its policy, as it was planned.
    #[must_use]
    pub fn policy(&self) -> Option<&Policy> {
        self.set.policy(&self.report.policy)
    }
}

impl<'c> Stage<'c> {
    fn set(case: &'c Case, folder: &Path) -> Result<Self, PlayError> {
        let [policies, state, journals] = ["policies", "state", "journals"].map(|name| folder.join(name));
        let shelf = Shelf::lay(&case.policies, &policies)?;
        for left in [&state, &journals].into_iter().filter(|left| left.exists()) {
            fs::remove_dir_all(left)?;
        }
        let time = Time::begin();
        let clock = gitlab_sandbox::Clock::new(move || time.now());
        let options = Options { largest_page: case.page, clock, keep_requests: false, ..Options::default() };
        let sandbox = Sandbox::open(case.registry.clone(), &options)?;
        let token = sandbox.token().to_owned();
        let address = Address::parse(URL).map_err(gleaner::gitlab::Error::BadUrl)?;
        let wire = Wire::new(sandbox, options, time, case, (shelf, journals.join(folder_name(&address))));
        if wire.set().is_none() {
            let files: Vec<&str> = case.policies.iter().map(|file| file.text.as_str()).collect();
            return Err(PlayError::Policies(files.join("\n")));
        }
        let credential = Credential::Fixed { kind: TokenKind::Private, token: token.into() };
        let options = ConnectionOptions::new(URL, credential);
        let connection = Connection::over(Arc::new(wire.clone()), options, Arc::new(RequestCounts::default()))?;
        Ok(Self {
            case,
            time,
            wire,
            connection,
            policies,
            state,
            journals,
            runs: 0,
            cycles: Vec::new(),
            commands: Vec::new(),
            scrapes: Vec::new(),
        })
    }

    /// Opens the journal for another run.
    pub(crate) fn journal(&self, command: &str) -> Result<Journal, JournalError> {
        let url = self.connection.url();
        let start = RunStart { command: command.to_owned(), ..run_start(&self.runs.to_string(), url) };
        Ok(Journal::open(&self.journals, start, self.time.now())?.journal)
    }

    /// Returns whether the cycles from this one on came to an end of all: nothing went any more, and nothing was rehearsed
    /// that is to go next time. Where people go on working, what they held up has another chance.
    pub(crate) fn is_at_rest(&self, first: usize) -> bool {
        self.cycles[first..].iter().all(|CycleTold { purpose, report, .. }| {
            let gone = report.totals.gone() + report.totals.gone_files();
            let is_rehearsed = *purpose == Purpose::Rehearse && report.mode == Mode::Delete;
            let waits = is_rehearsed && report.totals.deletions() > 0;
            gone == 0 && !waits && (self.case.workers.is_empty() || report.is_success())
        })
    }

    /// Notes that a plan is approved, so that people may meet what it deletes.
    pub(crate) fn doom(wire: &Wire, plan: &PolicyReport) {
        let targets = targets(plan);
        wire.notes().doomed = Doomed {
            policy: plan.policy.clone(),
            packages: targets.iter().filter(|target| target.file.is_none()).map(|target| target.package).collect(),
            files: targets.iter().filter_map(|target| Some((target.package, target.file?))).collect(),
        };
    }
}

/// Returns what a plan deletes.
#[must_use]
pub fn targets(plan: &PolicyReport) -> BTreeSet<Target> {
    let rows = plan.decisions.iter().chain(&plan.file_decisions);
    let going = rows.filter(|row| row.verdict() == Verdict::Delete);
    going.map(|row| Target { package: row.package.id.0, file: row.item.file().map(|file| file.0) }).collect()
}
