//! Everything that is noted of a run: the requests with their instants, the states that GitLab was in, and who did what.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use axum::body::Bytes;
use gitlab_sandbox::Registry;
use gleaner::policy::PolicySet;
use gleaner::report::PolicyReport;
use jiff::Timestamp;

use crate::lies::Lie;
use crate::outages::Machine;
use crate::people::{Doomed, Person};
use crate::run::{CycleEnd, CycleTold, Purpose, targets};
use crate::shelf::Shelf;

/// One request with everything that became of it.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The number of the cycle that sent it, from 0; `None` where that was none.
    pub cycle: Option<usize>,
    /// The number of the run that sent it: of an `apply`, or of one life of a daemon.
    pub run: usize,
    /// The machine that it left.
    pub machine: Machine,
    /// It deletes.
    pub deletes: Option<Target>,
    /// The method, such as `GET`.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// When it left.
    pub sent: Timestamp,
    /// How many bytes of its machine's journal were on the disk then, if it deletes.
    pub recorded: u64,
    /// When GitLab answered it, or something in its place did; `None` where nobody has.
    pub served: Option<Timestamp>,
    /// When the answer came back; `None` where none has.
    pub heard: Option<Timestamp>,
    /// The status that came back.
    pub status: Option<u16>,
    /// The body that came back.
    pub body: Bytes,
    /// It failed, and the client said that it sends it once more.
    pub is_repeated: bool,
    /// The lie that it met.
    pub lie: Option<Lie>,
    /// When GitLab carried it out, if it deletes.
    pub done: Option<Timestamp>,
    /// The number of the state that it led to then.
    pub led_to: usize,
}

/// What a deletion is for: a package, or a file of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The package.
    pub package: u64,
    /// The file, where it isn't the package as a whole.
    pub file: Option<u64>,
}

/// A state that GitLab and the policy files were in, until the next one.
#[derive(Debug, Clone)]
pub struct State {
    /// Since when.
    pub since: Timestamp,
    /// Everything that GitLab had.
    pub registry: Arc<Registry>,
    /// The set that the policy files made; `None` where they made none.
    pub set: Option<Arc<PolicySet>>,
}

/// When nobody was left but people who don't touch what should go.
#[derive(Debug, Clone, Copy)]
pub struct Home {
    /// The number of the state then.
    pub state: usize,
    /// The instant.
    pub at: Timestamp,
}

/// Everything that is noted of a run.
#[derive(Debug, Default)]
pub struct Notes {
    /// The requests, in the order in which they left.
    pub exchanges: Vec<Exchange>,
    /// The states, the oldest first.
    pub states: Vec<State>,
    /// What people did, in words.
    pub deeds: Vec<(Timestamp, String)>,
    /// The cycles, in the order in which they began.
    pub cycles: Vec<CycleTold>,
    /// What the plan deletes that is under way.
    pub doomed: Doomed,
    /// The policy files.
    pub shelf: Shelf,
    /// The packages that should go, or lose files, when all went home who touch them. Only workers mind.
    pub should_go: BTreeSet<u64>,
    /// When all went home who touch what should go; `None` before.
    pub home: Option<Home>,
    pub(crate) people: Vec<Person>,
    pub(crate) lies: Vec<Lie>,
    pub(crate) questions: u64,
    pub(crate) deletions: u64,
    /// The machine on which somebody begins a second run, until it begins.
    pub(crate) second: Option<Machine>,
}

impl Notes {
    /// Notes that a cycle begins, and returns its number.
    pub(crate) fn begin(&mut self, cycle: CycleTold) -> usize {
        self.cycles.push(cycle);
        self.cycles.len() - 1
    }

    /// Notes what the plan of a cycle deletes.
    pub(crate) fn approve(&mut self, cycle: Option<usize>, plan: &PolicyReport, walk: Option<Range<usize>>) {
        let targets = targets(plan);
        self.doomed = Doomed {
            policy: plan.policy.clone(),
            packages: targets.iter().filter(|target| target.file.is_none()).map(|target| target.package).collect(),
            files: targets.iter().filter_map(|target| Some((target.package, target.file?))).collect(),
        };
        if let Some(cycle) = cycle.and_then(|at| self.cycles.get_mut(at)) {
            (cycle.approved, cycle.walk) = (Some(targets), walk);
        }
    }

    /// Notes how a cycle ended.
    pub(crate) fn end(
        &mut self,
        cycle: Option<usize>,
        report: PolicyReport,
        (as_of, purpose): (Timestamp, Purpose),
        at: Timestamp,
    ) {
        let left = self.states.last().map(|state| state.registry.clone()).unwrap_or_default();
        self.doomed = Doomed::default();
        if let Some(cycle) = cycle.and_then(|at| self.cycles.get_mut(at)) {
            (cycle.as_of, cycle.purpose) = (as_of, purpose);
            cycle.end = Some(CycleEnd { report, left, at });
        }
    }

    /// Returns how many bytes of a machine's journal were on the disk when a deletion left it last.
    #[must_use]
    pub fn recorded(&self, machine: Machine) -> u64 {
        let own = self.exchanges.iter().filter(|one| one.machine == machine && one.deletes.is_some());
        own.map(|one| one.recorded).max().unwrap_or(0)
    }
}

impl Target {
    pub(crate) fn of(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.trim_start_matches("/api/v4/").split('/').collect();
        match parts.as_slice() {
            ["projects", _, "packages", package] => Some(Self { package: package.parse().ok()?, file: None }),
            ["projects", _, "packages", package, "package_files", file] => {
                Some(Self { package: package.parse().ok()?, file: Some(file.parse().ok()?) })
            }
            _ => None,
        }
    }
}
