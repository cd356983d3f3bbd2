//! The policy files that a daemon goes by, and whether they are still as they were read.

use std::path::PathBuf;

use jiff::Timestamp;
use tokio::task::JoinHandle;

use crate::cycle::brake::Brake;
use crate::cycle::clock::Clock;
use crate::cycle::load::{LoadError, Loaded, load_policies};
use crate::cycle::paragraph;
use crate::package::address::Address;
use crate::policy::{Instance, PolicySet};
use crate::yaml::{Problems, Source};

/// Policy files on disk, or none, for a daemon whose policies come from elsewhere.
#[derive(Debug)]
pub struct PolicyFiles {
    paths: Vec<PathBuf>,
    /// The files as they were read last, whether they were any good or not.
    seen: Option<Result<Vec<Source>, String>>,
}

/// Why policy files make no set.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// They can't be read.
    #[error("{}", paragraph(.0))]
    Load(LoadError),
    /// They are invalid.
    #[error(transparent)]
    Policies(#[from] Problems),
    /// There is no policy among them.
    #[error("the files hold no policy")]
    NoPolicy,
}

impl PolicyFiles {
    /// Names the files, and reads none yet.
    #[must_use]
    pub fn new(paths: Vec<PathBuf>) -> Self {
        Self { paths, seen: None }
    }

    /// Reads the files, without the in-use files that protections go by: each run reads those anew.
    ///
    /// # Errors
    ///
    /// Files that can't be read or are invalid, all problems at once.
    pub fn read(&mut self) -> Result<PolicySet, FilesError> {
        let loaded = load_policies(&self.paths);
        self.seen = Some(contents(&loaded));
        let Loaded { sources, wanted, .. } = loaded.map_err(FilesError::Load)?;
        let mut set = PolicySet::read(&sources)?;
        if let Some(wanted) = wanted {
            set.policies.retain(|policy| wanted.contains(&policy.source));
        }
        if set.policies.is_empty() {
            return Err(FilesError::NoPolicy);
        }
        Ok(set)
    }

    /// Tells what looks wrong in the files as they were read last. That may take seconds, so it is done on another
    /// thread, and nobody has to wait for it.
    pub fn look_closer(&self, now: Timestamp) -> JoinHandle<Vec<String>> {
        let sources = self.sources();
        tokio::task::spawn_blocking(move || looks_wrong(&sources, now))
    }

    /// Tells the same at once.
    #[must_use]
    pub fn looked_at(&self, now: Timestamp) -> Vec<String> {
        looks_wrong(&self.sources(), now)
    }

    /// Returns the files as they were read last; nothing where they could not be.
    fn sources(&self) -> Vec<Source> {
        self.seen.as_ref().and_then(|seen| seen.as_ref().ok()).cloned().unwrap_or_default()
    }

    /// Returns a brake that watches the instance file among them, `instance` as it was read.
    #[must_use]
    pub fn brake(&self, instance: Option<&Instance>, address: Option<Address>, clock: Clock) -> Brake {
        Brake::new(&self.paths, instance, address, clock)
    }

    /// Returns whether the files are no longer what was read last.
    #[must_use]
    pub fn have_changed(&self) -> bool {
        self.seen.as_ref() != Some(&contents(&load_policies(&self.paths)))
    }
}

fn looks_wrong(sources: &[Source], now: Timestamp) -> Vec<String> {
    let lints = PolicySet::parse(sources).map(|(_, lints)| lints).unwrap_or_default();
    lints.as_of(now).iter().map(ToString::to_string).collect()
}

fn contents(loaded: &Result<Loaded, LoadError>) -> Result<Vec<Source>, String> {
    loaded.as_ref().map(|loaded| loaded.sources.clone()).map_err(|error| paragraph(error))
}
