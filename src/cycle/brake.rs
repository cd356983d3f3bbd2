//! Asks before every batch of deletions whether anything may be deleted still.
//!
//! Somebody who pauses the deletions means those that are under way as well. So the instance file is read from disk
//! each time, with the in-use files that protections go by, and judged by the present, not by the instant of the plan. Where
//! the brake can't tell, it holds the deletions up: a brake that fails has to fail shut.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::fs;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::cycle::clock::Clock;
use crate::cycle::in_use::InUseReader;
use crate::cycle::load::{FileReading, LoadError, load_each};
use crate::package::Package;
use crate::package::address::Address;
use crate::plan::protected_by;
use crate::policy::{Freeze, Instance, PolicySet, Unusable};
use crate::yaml::{Problems, Source};

/// Tells whether deletions may go on. It watches the instance file of one set and the in-use files that its protections go
/// by, or nothing. It reads all of them each time, and goes through an in-use file only where that has changed.
#[derive(Debug, Clone)]
pub struct Brake(Option<Watch>);

#[derive(Debug, Clone)]
struct Watch {
    paths: Vec<PathBuf>,
    clock: Clock,
    /// The GitLab that is deleted from; `None` where no instance file may object to it.
    address: Option<Address>,
    /// The instance file when the watch began.
    known: Option<String>,
    /// The protections that go by in-use files.
    in_use: PolicySet,
    in_use_reader: InUseReader,
}

/// Why nothing may be deleted now, told as one sentence without its full stop.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    /// The instance file says `paused: true`.
    #[error("deletions are paused by {file}")]
    Paused {
        /// The instance file.
        file: String,
    },
    /// The instance file has a freeze that is under way.
    #[error("deletions are frozen by {file} until {}{}", freeze.end, noted(freeze))]
    Frozen {
        /// The instance file.
        file: String,
        /// The freeze.
        freeze: Freeze,
    },
    /// The instance file is broken.
    #[error("{file} can't be used, and may say that deletions are paused: {problem}")]
    Unusable {
        /// The instance file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The instance file was there when the watch began.
    #[error("{file}, which says whether deletions are paused, is no longer there")]
    Vanished {
        /// The instance file.
        file: String,
    },
    /// The instance file is for another GitLab.
    #[error("{file} is for {url}, and the deletions are for {address}")]
    Elsewhere {
        /// The instance file.
        file: String,
        /// The GitLab that it is for.
        url: String,
        /// The GitLab that is deleted from.
        address: String,
    },
    /// A policy or protection that the instance file requires is gone.
    #[error("{file} requires `{name}`, which is no longer there")]
    Missing {
        /// The instance file.
        file: String,
        /// The name that it requires.
        name: String,
    },
    /// An in-use file can't be used, so nobody knows what is in use.
    #[error("what is in use can't be told: {file} can't be used, because {why}")]
    InUse {
        /// The in-use file.
        file: String,
        /// What is wrong with it.
        why: Unusable,
    },
    /// The folder of the policy files can't be read.
    #[error("whether deletions are paused can't be told: {problem}")]
    Unreadable {
        /// What went wrong.
        problem: String,
    },
}

impl Brake {
    /// Watches the instance file among the policy files of these paths, `instance` as of now. `address` is the GitLab that
    /// is deleted from, or `None` where it doesn't matter which that is.
    #[must_use]
    pub fn new(paths: &[PathBuf], instance: Option<&Instance>, address: Option<Address>, clock: Clock) -> Self {
        let known = instance.map(|instance| instance.source.clone());
        let (paths, in_use, in_use_reader) = (paths.to_owned(), PolicySet::default(), InUseReader::default());
        Self(Some(Watch { paths, clock, address, known, in_use, in_use_reader }))
    }

    /// Watches the in-use files of a set as well, in the place of those that were watched before.
    #[must_use]
    pub fn watching(mut self, set: &PolicySet) -> Self {
        if let Some(watch) = &mut self.0 {
            watch.in_use = set.of_files_alone();
        }
        self
    }

    /// Returns what it reads in-use files with.
    #[must_use]
    pub fn in_use_reader(&self) -> InUseReader {
        self.0.as_ref().map(|watch| watch.in_use_reader.clone()).unwrap_or_default()
    }

    /// Returns a brake that never holds anything up, for deletions that no policy file on disk is behind.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// Checks that deletions may go on.
    ///
    /// # Errors
    ///
    /// Why they may not.
    pub fn check(&self) -> Result<(), Halt> {
        self.look().map(|_| ())
    }

    /// Checks the same, and returns what is in use now.
    ///
    /// # Errors
    ///
    /// Why deletions may not go on.
    pub fn look(&self) -> Result<InUseNow, Halt> {
        match &self.0 {
            Some(watch) => watch.check().and_then(|()| usable(watch.in_use())),
            None => Ok(InUseNow::default()),
        }
    }

    /// Returns why deletions may not go on, if they may not, and how each in-use file is now.
    #[must_use]
    pub fn survey(&self) -> (Option<Halt>, Vec<InUseStanding>) {
        let Some(watch) = &self.0 else { return (None, Vec::new()) };
        let in_use = watch.in_use();
        let files = in_use.0.as_ref().map(|(set, now)| standings(set, *now)).unwrap_or_default();
        (watch.check().and_then(|()| usable(in_use)).err(), files)
    }
}

/// How an in-use file is at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUseStanding {
    /// The file.
    pub file: String,
    /// Of what time it is, by its own word; `None` where that can't be told.
    pub as_of: Option<Timestamp>,
    /// Whether every rule that goes by it can use it.
    pub is_usable: bool,
}

fn standings(set: &PolicySet, now: Timestamp) -> Vec<InUseStanding> {
    let mut files: BTreeMap<&str, InUseStanding> = BTreeMap::new();
    for from in set.from_files_at(now) {
        let as_of = match &from.reading {
            Ok(in_use) => Some(in_use.as_of),
            Err(unusable) => unusable.as_of(),
        };
        let standing = InUseStanding { file: from.file.clone(), as_of, is_usable: true };
        files.entry(&from.file).or_insert(standing).is_usable &= from.reading.is_ok();
    }
    files.into_values().collect()
}

fn usable(in_use: InUseNow) -> Result<InUseNow, Halt> {
    let unusable = in_use.0.as_ref().and_then(|(set, now)| set.unusable_at(*now).into_iter().next());
    match unusable.map(|(file, why)| Halt::InUse { file: file.to_owned(), why: why.clone() }) {
        Some(halt) => Err(halt),
        None => Ok(in_use),
    }
}

/// What the in-use files say at one instant, which may be more than what a plan knew.
#[derive(Debug, Default)]
pub struct InUseNow(Option<(PolicySet, Timestamp)>);

impl InUseNow {
    /// Returns why a package is held now, as a sentence without its full stop; `None` where it isn't.
    #[must_use]
    pub fn holds(&self, package: &Package) -> Option<String> {
        let (set, now) = self.0.as_ref()?;
        protected_by(set, package, *now)
    }
}

impl Watch {
    fn check(&self) -> Result<(), Halt> {
        let known = self.known.as_deref();
        let mut sources = Vec::new();
        for FileReading { file, source } in
            load_each(&self.paths).map_err(|error| Halt::Unreadable { problem: with_cause(&error) })?
        {
            match source {
                Ok(source) => sources.push(source),
                Err(error) if known == Some(file.as_str()) => {
                    return Err(Halt::Unusable { problem: with_cause(&error), file });
                }
                // It is no policy file, and yet somebody may mean it for a pause.
                Err(_) => sources.extend(made_out(file)),
            }
        }
        match (Instance::find(&sources, known).map_err(|errors| unusable(&errors))?, known) {
            (Some(instance), _) => self.judge(&instance, &sources),
            (None, Some(file)) => Err(Halt::Vanished { file: file.to_owned() }),
            (None, None) => Ok(()),
        }
    }

    fn in_use(&self) -> InUseNow {
        let now = self.clock.now();
        InUseNow(self.in_use_reader.renewed(&self.in_use, now).map(|set| (set, now)))
    }

    fn judge(&self, instance: &Instance, sources: &[Source]) -> Result<(), Halt> {
        let file = instance.source.clone();
        if let Some(address) = &self.address
            && let Some(url) = instance.elsewhere(address)
        {
            return Err(Halt::Elsewhere { file, url: url.to_string(), address: address.to_string() });
        }
        if let Some(name) = instance.missing(sources) {
            return Err(Halt::Missing { file, name: name.to_owned() });
        }
        if instance.paused {
            return Err(Halt::Paused { file });
        }
        match instance.frozen(self.clock.now()) {
            Some(freeze) => Err(Halt::Frozen { file, freeze: freeze.clone() }),
            None => Ok(()),
        }
    }
}

/// Reads as much as possible of a file that is no text, or has another ending.
fn made_out(file: String) -> Option<Source> {
    // Reading a pipe would wait.
    let is_file = fs::metadata(&file).is_ok_and(|metadata| metadata.is_file());
    let bytes = is_file.then(|| fs::read(&file).ok()).flatten()?;
    Some(Source::new(file, String::from_utf8_lossy(&bytes)))
}

/// Returns why a broken instance file halts: its first problem, in one line.
fn unusable(errors: &Problems) -> Halt {
    let first = errors.problems.first();
    let place = first.and_then(|problem| problem.place.as_ref());
    Halt::Unusable {
        file: place.map_or_else(|| "the instance file".to_owned(), |place| place.file.clone()),
        problem: match (first, place) {
            (Some(problem), Some(place)) => format!("line {}, {}", place.line, problem.message),
            _ => errors.to_string(),
        },
    }
}

/// Returns the note of a freeze in parentheses, and in one line. It may have several in its file.
fn noted(freeze: &Freeze) -> String {
    let words = |note: &String| note.split_whitespace().collect::<Vec<_>>().join(" ");
    freeze.note.as_ref().map_or_else(String::new, |note| format!(" ({})", words(note)))
}

fn with_cause(error: &LoadError) -> String {
    match error.source() {
        Some(cause) => format!("{error} ({cause})"),
        None => error.to_string(),
    }
}
