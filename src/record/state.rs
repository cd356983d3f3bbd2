//! Keeps what has to outlive a restart of the daemon: a small JSON file in a folder of its own.
//!
//! Losing it makes the daemon more careful: every policy is rehearsed again before it deletes, and branches count from
//! anew. But what was a default branch once, and under which paths projects were seen, is known from here alone.

mod backlog;
mod error;
mod held;
mod holds;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use held::HeldState;
pub use holds::HoldsState;

use held::{held_projects, held_state};

use super::marks::MarkBook;
use super::whole::replace;
use crate::package::{BranchSighting, BranchesSeen, MarkedBranches, PathsSeen, ProjectId};
use crate::plan::{Backlog, HeldProjects, HoldsSeen, Memory};
use crate::policy::Policy;
use backlog::BacklogState;
pub use error::StateError;

/// The version of the file's form. A file of version 1 lacks the projects.
const VERSION: u32 = 2;

/// The state of a daemon, and the file that it is kept in.
#[derive(Debug)]
pub struct StateStore {
    /// `None` keeps it in memory only.
    file: Option<PathBuf>,
    /// Whether it outlives this process, in its own file or in the one that it was looked up from.
    is_kept: bool,
    state: Mutex<State>,
    marks: MarkBook,
    /// The folder, locked for as long as this lives.
    _lock: Option<fs::File>,
}

/// The state of one policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyState {
    /// The fingerprint of the policy as it was planned last, so that a changed one is told.
    pub rehearsed: Option<String>,
    /// Its last scheduled cycle.
    pub last: Option<LastCycle>,
    /// When its last cycle that was a success ended.
    pub last_success: Option<Timestamp>,
    /// When its last cycle that was effective ended.
    pub last_effective: Option<Timestamp>,
    /// Since when things have waited under `grace` with none of them coming of age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<Timestamp>,
    /// The projects that each hold held when the policy was planned last, by the hold's name; `None` where it never
    /// was.
    #[serde(default)]
    pub held: Option<BTreeMap<String, HeldState>>,
    /// What was approved of a plan that goes in parts, and is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backlog: Option<BacklogState>,
    /// What its cycles were told that keeps packages. A file of a release before lacks it.
    #[serde(default, skip_serializing_if = "HoldsState::is_empty")]
    pub holds: HoldsState,
}

/// When a policy ran last, and by which schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCycle {
    /// When it began.
    pub began: Timestamp,
    /// The cron line that it ran by.
    pub schedule: String,
    /// The zone of that line.
    pub timezone: String,
    /// The status of its report.
    pub status: String,
}

/// What a cycle of a policy leaves to be remembered.
#[derive(Debug, Clone, Copy, Default)]
pub struct Noted<'a> {
    /// The paths that projects were seen under.
    pub paths: Option<&'a PathsSeen>,
    /// What was seen of the branches of projects.
    pub branches: Option<&'a BTreeMap<ProjectId, BranchSighting>>,
    /// What the holds held, where the policy's projects were looked at whole.
    pub held: Option<&'a HeldProjects>,
    /// What the policy's cycles were told that keeps packages, where its projects were looked at whole.
    pub holds: Option<&'a HoldsSeen>,
    /// What an approved plan that goes in parts leaves.
    pub backlog: Option<&'a Backlog>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    version: u32,
    /// The release that rehearsed. Another one may decide otherwise, so what this one rehearsed does not count for it.
    generator: String,
    /// The URL of the GitLab that was rehearsed on.
    instance: String,
    policies: BTreeMap<String, PolicyState>,
    /// Every path that each project was seen under, by its id.
    #[serde(default)]
    projects: BTreeMap<u64, BTreeSet<String>>,
    /// The branches of each project that are remembered. A file of a release before lacks them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    branches: BTreeMap<u64, BranchesState>,
}

/// The branches of one project that are remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct BranchesState {
    /// Every branch that was ever seen as the default one.
    defaults: BTreeSet<String>,
    /// The branches that are gone, each with the time at which it was first seen to be so.
    gone: BTreeMap<String, Timestamp>,
}

impl StateStore {
    /// Makes a state that ends with the process.
    #[must_use]
    pub fn in_memory(generator: &str, instance: &str) -> Self {
        let (state, marks) = (Mutex::new(State::new(generator, instance)), MarkBook::in_memory(instance));
        Self { file: None, is_kept: false, state, marks, _lock: None }
    }

    /// Reads the state that `folder` holds, or begins one. The folder is made where there is none. A file that can't be
    /// understood is set aside, and the text that is returned tells of it.
    ///
    /// # Errors
    ///
    /// When the folder or the file in it can't be read or written: a daemon that forgets everything at each restart
    /// would rehearse for ever.
    pub fn open(folder: &Path, generator: &str, instance: &str) -> Result<(Self, Option<String>), StateError> {
        fs::create_dir_all(folder).map_err(|source| StateError::Folder { path: folder.to_owned(), source })?;
        let lock = lock(folder)?;
        let path = folder.join("state.json");
        let (state, complaint) = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => (State::new(generator, instance), None),
            Err(source) => return Err(StateError::Read { path, source }),
            Ok(bytes) => match State::read(&bytes) {
                Ok(state) => (state.for_use_by(generator, instance), None),
                Err(problem) => {
                    let aside = folder.join("state.json.damaged");
                    fs::rename(&path, &aside).map_err(|source| StateError::Write { path: aside.clone(), source })?;
                    let complaint = format!(
                        "the state in {} can't be used ({problem}); it is now {}, and every policy is rehearsed again",
                        path.display(),
                        aside.display()
                    );
                    (State::new(generator, instance), Some(complaint))
                }
            },
        };
        let (marks, complaint_of_marks) = MarkBook::open(folder, instance)?;
        let complaints: Vec<String> = complaint.into_iter().chain(complaint_of_marks).collect();
        let store = Self { file: Some(path), is_kept: true, state: Mutex::new(state), marks, _lock: lock };
        store.write(&store.lock())?;
        Ok((store, (!complaints.is_empty()).then(|| complaints.join("; "))))
    }

    /// Reads what `folder` holds, for a command that runs once and changes nothing. The state is empty where there is
    /// none.
    ///
    /// # Errors
    ///
    /// When there is a state that can't be read, or that of another GitLab: holds go by what it remembers.
    pub fn look(folder: &Path, generator: &str, instance: &str) -> Result<Self, StateError> {
        let state = State::found(&folder.join("state.json"), generator, instance)?;
        let marks = MarkBook::look(folder, instance)?;
        Ok(Self { file: None, is_kept: true, state: Mutex::new(state), marks, _lock: None })
    }

    /// Reads what `folder` holds, for a command that runs once and notes what it sees. What another release has
    /// rehearsed stays as it is.
    ///
    /// # Errors
    ///
    /// As for [`Self::look`], when another process uses the folder, or when it can't be written: a branch that comes back
    /// has to be noted.
    pub fn borrow(folder: &Path, generator: &str, instance: &str) -> Result<Self, StateError> {
        fs::create_dir_all(folder).map_err(|source| StateError::Folder { path: folder.to_owned(), source })?;
        let lock = lock(folder)?;
        let path = folder.join("state.json");
        let state = State::found(&path, generator, instance)?;
        let marks = MarkBook::borrow(folder, instance)?;
        let store = Self { file: Some(path), is_kept: true, state: Mutex::new(state), marks, _lock: lock };
        store.write(&store.lock())?;
        Ok(store)
    }

    /// Returns the marks of all policies.
    #[must_use]
    pub fn marks(&self) -> &MarkBook {
        &self.marks
    }

    /// Returns whether it outlives this process.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// Returns every path that each project was seen under.
    #[must_use]
    pub fn paths(&self) -> PathsSeen {
        let mut seen = PathsSeen::default();
        for (id, paths) in &self.lock().projects {
            for path in paths {
                seen.note(ProjectId(*id), path);
            }
        }
        seen
    }

    /// Returns since when branches were seen to be gone, and which ones were default.
    #[must_use]
    pub fn branches(&self) -> BranchesSeen {
        branches_seen(&self.lock().branches)
    }

    /// Returns what a policy's next cycle has to know of those before it.
    #[must_use]
    pub fn memory_of(&self, policy: &str) -> Memory {
        let PolicyState { held, backlog, .. } = self.of(policy);
        let (held, holds) = (held.map(held_projects), self.holds_of(policy));
        let backlog = backlog.map(BacklogState::left);
        let (paths, branches, is_kept) = (self.paths(), self.branches(), self.is_kept);
        Memory { paths, branches, held, holds, backlog, is_kept, ..Memory::default() }
    }

    /// Notes what a cycle of a policy saw at a time, and writes it down if it is new.
    ///
    /// # Errors
    ///
    /// When it can't be written; it is remembered all the same for as long as this lives.
    pub fn remember(&self, policy: &str, noted: Noted<'_>, at: Timestamp) -> Result<(), StateError> {
        let mut state = self.lock();
        let before = state.clone();
        state.note(policy, noted, at);
        if *state == before { Ok(()) } else { self.write(&state) }
    }

    /// Returns the state of a policy; that of a new one is empty.
    #[must_use]
    pub fn of(&self, policy: &str) -> PolicyState {
        self.lock().policies.get(policy).cloned().unwrap_or_default()
    }

    /// Changes the state of a policy, and writes it down.
    ///
    /// # Errors
    ///
    /// When it can't be written; the change holds all the same.
    pub fn update(&self, policy: &str, change: impl FnOnce(&mut PolicyState)) -> Result<(), StateError> {
        let mut state = self.lock();
        change(state.policies.entry(policy.to_owned()).or_default());
        self.write(&state)
    }

    /// Forgets every policy but these: one that comes back after a while is a new one. What they were told that keeps packages
    /// is left for those that look at the same projects.
    ///
    /// # Errors
    ///
    /// When it can't be written; it is forgotten all the same.
    pub fn keep_only(&self, policies: &[Policy]) -> Result<(), StateError> {
        self.marks.keep_only(policies)?;
        let mut state = self.lock();
        let before = state.policies.clone();
        for (_, left) in state.policies.iter_mut().filter(|(name, _)| !policies.iter().any(|one| one.name == **name)) {
            *left = PolicyState { holds: std::mem::take(&mut left.holds), ..PolicyState::default() };
        }
        state.policies.retain(|_, state| *state != PolicyState::default());
        if state.policies == before { Ok(()) } else { self.write(&state) }
    }

    /// Writes the file whole or not at all: a reader sees it as it was before or as it is after.
    fn write(&self, state: &State) -> Result<(), StateError> {
        let Some(path) = &self.file else { return Ok(()) };
        let bytes = serde_json::to_vec_pretty(state).map_err(io::Error::from);
        let written = bytes.and_then(|bytes| replace(path, &bytes));
        written.map_err(|source| StateError::Write { path: path.clone(), source })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn branches_seen(branches: &BTreeMap<u64, BranchesState>) -> BranchesSeen {
    let marked = |state: &BranchesState| MarkedBranches { defaults: state.defaults.clone(), gone: state.gone.clone() };
    BranchesSeen(branches.iter().map(|(id, state)| (ProjectId(*id), marked(state))).collect())
}

/// Locks the folder. Two daemons would run the same policies side by side, and each would forget what the other noted.
/// A file system that has no locks is taken as it is.
fn lock(folder: &Path) -> Result<Option<fs::File>, StateError> {
    let file = fs::File::open(folder).map_err(|source| StateError::Folder { path: folder.to_owned(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(StateError::Taken { path: folder.to_owned() }),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

impl State {
    fn new(generator: &str, instance: &str) -> Self {
        let (generator, instance) = (generator.to_owned(), instance.to_owned());
        let (policies, projects, branches) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { version: VERSION, generator, instance, policies, projects, branches }
    }

    /// Takes in what a cycle saw. What it says nothing of stays as it was.
    fn note(&mut self, policy: &str, noted: Noted<'_>, at: Timestamp) {
        let Noted { paths, branches, held, holds, backlog } = noted;
        for (id, paths) in paths.into_iter().flat_map(PathsSeen::iter) {
            self.projects.entry(id.0).or_default().extend(paths.iter().cloned());
        }
        if let Some(sightings) = branches {
            let mut seen = branches_seen(&self.branches);
            for (project, sighting) in sightings {
                seen.note(*project, sighting, at);
            }
            let marked = seen.0.into_iter();
            let marked = marked.map(|(id, MarkedBranches { defaults, gone })| (id.0, BranchesState { defaults, gone }));
            self.branches = marked.collect();
        }
        if held.is_none() && holds.is_none() && backlog.is_none() {
            return;
        }
        let state = self.policies.entry(policy.to_owned()).or_default();
        if let Some(held) = held {
            state.held = Some(held_state(held));
        }
        if let Some(holds) = holds {
            state.holds = HoldsState::of(holds);
        }
        if let Some(backlog) = backlog {
            state.backlog = BacklogState::of(backlog);
        }
    }

    /// Reads the file for a command that may not begin anew. The state is empty where there is no file.
    fn found(path: &Path, generator: &str, instance: &str) -> Result<Self, StateError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::new(generator, instance)),
            Err(source) => return Err(StateError::Read { path: path.to_owned(), source }),
        };
        match Self::read(&bytes) {
            Ok(state) if state.instance == instance => Ok(state),
            Ok(state) => Err(StateError::Elsewhere { path: path.to_owned(), theirs: state.instance }),
            Err(problem) => Err(StateError::Damaged { path: path.to_owned(), problem }),
        }
    }

    /// Reads a state. The error says what is wrong, as part of a sentence.
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let state: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        match state.version {
            1 | VERSION => Ok(Self { version: VERSION, ..state }),
            other => Err(format!("its version is {other}")),
        }
    }

    /// Forgets what another release rehearsed, and all that was noted on another GitLab: it says nothing of this one.
    fn for_use_by(mut self, generator: &str, instance: &str) -> Self {
        if (self.generator.as_str(), self.instance.as_str()) != (generator, instance) {
            for policy in self.policies.values_mut() {
                policy.rehearsed = None;
            }
        }
        if self.instance != instance {
            self.policies.clear();
            self.projects.clear();
            self.branches.clear();
        }
        Self { generator: generator.to_owned(), instance: instance.to_owned(), ..self }
    }
}

#[cfg(test)]
mod tests;
