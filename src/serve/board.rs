//! The board that the daemon's notices are written on, for the status page and the probes.
//!
//! It holds what is now, and the last cycle of each policy. Its memory is bounded, whatever the plans are like: see
//! [`DECISIONS`].

mod policy;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::policy::PolicySet;
use crate::report::{FORMAT, Report};
use crate::serve::notice::{Authority, Listener, Notice};

pub use policy::{CycleProgress, CycleRun, EndedCycle, PolicyBoard, RunningCycle};

/// How many decisions of all last cycles together are remembered. Each takes about half a kilobyte.
pub const DECISIONS: usize = 10_000;

/// How many decisions of one policy are remembered: what `max_deletions` lets pass by default.
pub const DECISIONS_OF_A_POLICY: usize = 1_000;

/// A listener that remembers what is now. Its lock is held for moments, and never over an await.
#[derive(Debug)]
pub struct Board {
    about: About,
    state: Mutex<BoardState>,
}

/// The facts that stay the same as long as the daemon runs.
#[derive(Debug, Clone)]
pub struct About {
    /// "gleaner X.Y.Z"
    pub generator: String,
    /// The URL of the GitLab that is asked.
    pub instance: String,
    /// Whether it may delete.
    pub authority: Authority,
    /// When it was started.
    pub started: Timestamp,
}

/// Everything on the board at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The facts that stay the same.
    pub about: About,
    /// When the set in force was loaded; `None` before the first.
    pub loaded: Option<Timestamp>,
    /// What is wrong with the policy files as they are now, and since when.
    pub policy_problem: Option<(String, Timestamp)>,
    /// Whether GitLab answered when it was last asked.
    pub gitlab: GitlabHealth,
    /// Why deletions are held up.
    pub halted: Option<String>,
    /// The policies of the set in force, in the order of their names.
    pub policies: Vec<PolicyBoard>,
    /// Whether traffic should come here.
    pub readiness: Readiness,
}

/// Whether GitLab answered when it was last asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum GitlabHealth {
    /// It has not been asked yet.
    #[default]
    Unknown,
    /// It answers, and takes the token.
    Up {
        /// The instant from which the token is no longer taken; `None` where GitLab tells none.
        token_expires: Option<Timestamp>,
    },
    /// It does not answer, or does not take the token.
    Down {
        /// What is wrong, as one paragraph.
        problem: String,
    },
}

/// Whether traffic should come here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// It should.
    Ready,
    /// It should not, for this reason.
    NotReady(&'static str),
}

#[derive(Debug, Default)]
struct BoardState {
    loaded: Option<Timestamp>,
    policy_problem: Option<(String, Timestamp)>,
    gitlab: GitlabHealth,
    has_connected: bool,
    halted: Option<String>,
    is_stopping: bool,
    policies: BTreeMap<String, PolicyBoard>,
}

impl Board {
    /// Makes a board on which nothing is written yet.
    #[must_use]
    pub fn new(about: About) -> Self {
        Self { about, state: Mutex::default() }
    }

    /// Returns everything on the board.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let state = self.state();
        Snapshot {
            about: self.about.clone(),
            loaded: state.loaded,
            policy_problem: state.policy_problem.clone(),
            gitlab: state.gitlab.clone(),
            halted: state.halted.clone(),
            policies: state.policies.values().cloned().collect(),
            readiness: state.readiness(),
        }
    }

    /// Returns one policy of the set in force.
    #[must_use]
    pub fn policy(&self, name: &str) -> Option<PolicyBoard> {
        self.state().policies.get(name).cloned()
    }

    /// Returns whether traffic should come here.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        self.state().readiness()
    }

    /// Locks what is written. A panic elsewhere leaves it whole: each notice is written in one go.
    fn state(&self) -> MutexGuard<'_, BoardState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener for Board {
    fn on(&self, notice: &Notice<'_>) {
        let mut state = self.state();
        match *notice {
            Notice::Loaded { set, at } => state.load(set, at, self.about.authority),
            Notice::NotLoaded { problem, at } => state.policy_problem = Some((problem.to_owned(), at)),
            Notice::Scheduled { policy, next, .. } => {
                if let Some(policy) = state.policies.get_mut(policy) {
                    policy.next = next;
                }
            }
            Notice::Connected { token_expires } => {
                state.gitlab = GitlabHealth::Up { token_expires };
                state.has_connected = true;
            }
            Notice::NotConnected { problem } => state.gitlab = GitlabHealth::Down { problem: problem.to_owned() },
            Notice::Halted { why } => state.halted = why.map(str::to_owned),
            // One that can't be used halts deletions, and why is on the board.
            Notice::InUse { .. } => {}
            Notice::CycleBegan { policy, purpose, at } => {
                if let Some(policy) = state.policies.get_mut(policy) {
                    policy.running = Some(RunningCycle::new(purpose, at));
                }
            }
            Notice::During { policy, event } => {
                if let Some(policy) = policy.and_then(|policy| state.policies.get_mut(policy)) {
                    policy.during(event);
                }
            }
            Notice::CycleEnded { purpose, report, as_of, began, took } => {
                let loaded = state.loaded;
                let most = (DECISIONS / state.policies.len().max(1)).min(DECISIONS_OF_A_POLICY);
                if let Some(policy) = state.policies.get_mut(&report.policy) {
                    let report = Report {
                        format: FORMAT,
                        generator: self.about.generator.clone(),
                        instance: self.about.instance.clone(),
                        as_of,
                        quick: report.is_bound,
                        policies: vec![policy::shortened(report, most)],
                    };
                    let report = Arc::new(report);
                    let run = Some(CycleRun { purpose, took });
                    policy.end(EndedCycle { run, began, report }, loaded);
                }
            }
            Notice::Remembered { report } => {
                let name = report.policies.first().map(|policy| policy.policy.as_str()).unwrap_or_default();
                if let Some(policy) = state.policies.get_mut(name) {
                    policy.remember(report);
                }
            }
            Notice::Stopping => state.is_stopping = true,
            Notice::Recalled { .. } | Notice::Waits { .. } | Notice::Planned { .. } | Notice::Complaint { .. } => {}
        }
    }
}

impl BoardState {
    /// Takes over a set of policies. Whatever is known of a policy outlives a reload, as long as the policy does.
    fn load(&mut self, set: &PolicySet, at: Timestamp, authority: Authority) {
        self.loaded = Some(at);
        self.policy_problem = None;
        let mut before = std::mem::take(&mut self.policies);
        self.policies = set
            .policies_at(at)
            .map(|in_force| {
                let (policy, sha) = (in_force.policy(), in_force.fingerprint());
                let board = PolicyBoard::new(policy, authority, sha, before.remove(&policy.name));
                (policy.name.clone(), board)
            })
            .collect();
    }

    /// Returns whether traffic should come here. Once that is so, it stays so: a restart would mend neither a GitLab
    /// that is down nor a policy file that is broken.
    fn readiness(&self) -> Readiness {
        if self.is_stopping {
            Readiness::NotReady("stopping")
        } else if self.loaded.is_none() {
            Readiness::NotReady("no valid policies have been loaded yet")
        } else if !self.has_connected {
            Readiness::NotReady("GitLab has not answered yet")
        } else {
            Readiness::Ready
        }
    }
}
