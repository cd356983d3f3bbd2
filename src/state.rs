//! What has to outlive a restart of the daemon: a small JSON file in a folder of its own.
//!
//! What is lost with it only makes the daemon more careful: every policy is rehearsed again before it deletes.

use std::collections::BTreeMap;
use std::fs::{self, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::policy::Policy;

/// The version of the file's form.
const VERSION: u32 = 1;

/// The state of a daemon, and the file that it is kept in.
#[derive(Debug)]
pub struct StateStore {
    /// `None` keeps it in memory only.
    file: Option<PathBuf>,
    state: Mutex<State>,
    /// The folder, locked for as long as this lives.
    _lock: Option<fs::File>,
}

/// What is known of one policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyState {
    /// The fingerprint of the policy as it was planned last, so that a changed one is told.
    pub rehearsed: Option<String>,
    pub last: Option<LastCycle>,
    pub last_success: Option<Timestamp>,
    pub last_effective: Option<Timestamp>,
}

/// When a policy ran last, and by which schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCycle {
    pub began: Timestamp,
    pub schedule: String,
    pub timezone: String,
    pub status: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    version: u32,
    /// Another release may decide otherwise, so what it rehearsed does not count.
    generator: String,
    /// The URL of the GitLab that was rehearsed on.
    instance: String,
    policies: BTreeMap<String, PolicyState>,
}

#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error("the folder for the state, {}, can't be made", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("the state can't be written to {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("another daemon uses the folder for the state, {}: each needs one of its own", path.display())]
    Taken { path: PathBuf },
    #[error("the state in {} can't be read", path.display())]
    Read { path: PathBuf, source: io::Error },
}

impl StateStore {
    /// A state that ends with the process.
    #[must_use]
    pub fn in_memory(generator: &str, instance: &str) -> Self {
        Self { file: None, state: Mutex::new(State::new(generator, instance)), _lock: None }
    }

    /// Reads the state that `folder` holds, or begins one. The folder is made where there is none. A file that can't be
    /// understood is set aside; the text tells of it.
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
        let store = Self { file: Some(path), state: Mutex::new(state), _lock: lock };
        store.write(&store.lock())?;
        Ok((store, complaint))
    }

    /// What is known of a policy; nothing of a new one.
    #[must_use]
    pub fn of(&self, policy: &str) -> PolicyState {
        self.lock().policies.get(policy).cloned().unwrap_or_default()
    }

    /// Changes what is known of a policy, and writes it down.
    ///
    /// # Errors
    ///
    /// When it can't be written; the change holds all the same.
    pub fn update(&self, policy: &str, change: impl FnOnce(&mut PolicyState)) -> Result<(), StateError> {
        let mut state = self.lock();
        change(state.policies.entry(policy.to_owned()).or_default());
        self.write(&state)
    }

    /// Forgets every policy but these: one that comes back after a while is a new one.
    ///
    /// # Errors
    ///
    /// When it can't be written; it is forgotten all the same.
    pub fn keep_only(&self, policies: &[Policy]) -> Result<(), StateError> {
        let mut state = self.lock();
        let before = state.policies.len();
        state.policies.retain(|name, _| policies.iter().any(|policy| policy.name == *name));
        if state.policies.len() == before { Ok(()) } else { self.write(&state) }
    }

    /// Whole or not at all: a reader sees the file as it was before or as it is after.
    fn write(&self, state: &State) -> Result<(), StateError> {
        let Some(path) = &self.file else { return Ok(()) };
        let write = || {
            let folder = path.parent().unwrap_or(Path::new("."));
            let new = path.with_extension("json.new");
            let mut file = fs::File::create(&new)?;
            file.write_all(&serde_json::to_vec_pretty(state)?)?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            fs::rename(new, path)?;
            fs::File::open(folder)?.sync_all()
        };
        write().map_err(|source| StateError::Write { path: path.clone(), source })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Two daemons would run the same policies side by side, and each would forget what the other noted. A file system that
/// has no locks is taken as it is.
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
        Self { version: VERSION, generator, instance, policies: BTreeMap::new() }
    }

    /// The error says what is wrong, as part of a sentence.
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let state: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if state.version == VERSION { Ok(state) } else { Err(format!("its version is {}", state.version)) }
    }

    /// What was rehearsed by another release or on another GitLab says nothing of this one.
    fn for_use_by(mut self, generator: &str, instance: &str) -> Self {
        if (self.generator.as_str(), self.instance.as_str()) != (generator, instance) {
            for policy in self.policies.values_mut() {
                policy.rehearsed = None;
            }
        }
        if self.instance != instance {
            self.policies.clear();
        }
        Self { generator: generator.to_owned(), instance: instance.to_owned(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &Path, generator: &str, instance: &str) -> (StateStore, Option<String>) {
        StateStore::open(folder, generator, instance).unwrap()
    }

    fn rehearsed(store: &StateStore) -> Option<String> {
        store.of("snapshots").rehearsed
    }

    /// A folder whose state knows of one rehearsal and one success.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let (store, complaint) = open(&folder.path().join("made"), "gleaner 1", "https://gitlab.test");
        assert_eq!((complaint, rehearsed(&store)), (None, None));
        let change = |state: &mut PolicyState| {
            state.rehearsed = Some("abc".to_owned());
            state.last_success = Some(Timestamp::UNIX_EPOCH);
        };
        store.update("snapshots", change).unwrap();
        folder
    }

    #[test]
    fn what_was_noted_outlives_a_restart() {
        let folder = folder();
        let (store, complaint) = open(&folder.path().join("made"), "gleaner 1", "https://gitlab.test");
        assert_eq!((complaint, rehearsed(&store).as_deref()), (None, Some("abc")));
        let files: Vec<_> = fs::read_dir(folder.path().join("made")).unwrap().map(|file| file.unwrap()).collect();
        assert_eq!(files.len(), 1, "{files:?}");
    }

    #[test]
    fn two_daemons_do_not_share_a_state() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path(), "gleaner 1", "https://gitlab.test");
        let second = StateStore::open(folder.path(), "gleaner 1", "https://gitlab.test");
        assert!(matches!(second, Err(StateError::Taken { .. })), "{second:?}");
        drop(first);
        open(folder.path(), "gleaner 1", "https://gitlab.test");
    }

    #[test]
    fn another_release_or_another_gitlab_rehearses_again() {
        let folder = folder();
        let made = folder.path().join("made");
        let (store, _) = open(&made, "gleaner 2", "https://gitlab.test");
        assert_eq!((rehearsed(&store), store.of("snapshots").last_success), (None, Some(Timestamp::UNIX_EPOCH)));
        drop(store);
        let (store, _) = open(&made, "gleaner 2", "https://other.test");
        assert_eq!(store.of("snapshots"), PolicyState::default());
    }

    #[test]
    fn a_damaged_state_is_set_aside_and_told() {
        let whole = |folder: &Path| fs::read_to_string(folder.join("made/state.json")).unwrap();
        let damages: [fn(String) -> String; 4] = [
            |text| text[..text.len() / 2].to_owned(),
            |_| String::new(),
            |text| text.replace("\"version\": 1", "\"version\": 2"),
            |text| text.replace("\"abc\"", "17"),
        ];
        for (number, damage) in damages.into_iter().enumerate() {
            let folder = folder();
            let made = folder.path().join("made");
            let damaged = damage(whole(folder.path()));
            fs::write(made.join("state.json"), &damaged).unwrap();
            let (store, complaint) = open(&made, "gleaner 1", "https://gitlab.test");
            assert_eq!(rehearsed(&store), None, "damage {number}");
            assert!(complaint.unwrap().contains("every policy is rehearsed again"), "damage {number}");
            assert_eq!(fs::read_to_string(made.join("state.json.damaged")).unwrap(), damaged, "damage {number}");
        }
    }

    #[test]
    fn a_folder_that_can_not_be_made_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let error = StateStore::open(&folder.path().join("file/state"), "gleaner 1", "https://gitlab.test");
        assert!(matches!(error, Err(StateError::Folder { .. })), "{error:?}");
    }
}
