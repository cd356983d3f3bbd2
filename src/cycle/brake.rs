//! Asks before every batch of deletions whether anything may be deleted still.
//!
//! Somebody who pauses the deletions means those that are under way as well, and so does somebody who takes a rule back.
//! So all policy files are read from disk each time, with the in-use files that protections go by, and judged by the
//! present, not by the instant of the plan. Where the brake can't tell, it holds the deletions up: a brake that fails has
//! to fail shut.

mod files;
mod halt;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

pub use halt::Halt;

use crate::cycle::clock::Clock;
use crate::cycle::in_use::InUseReader;
use crate::cycle::load::{FileReading, load_each};
use crate::package::address::Address;
use crate::policy::{InForce, Instance, Mode, PolicySet, Present};
use crate::yaml::Source;
use files::WatchedFiles;
use halt::with_cause;

/// So long after a reading that failed the files are read once more: somebody may be writing them.
const ONCE_MORE_AFTER: Duration = Duration::from_secs(1);

/// Tells whether deletions may go on. It watches the policy files of some paths and the in-use files that their protections
/// go by, or nothing. It reads all of them each time, and goes through one only where it has changed.
#[derive(Debug, Clone)]
pub struct Brake(Option<Watch>);

#[derive(Debug, Clone)]
struct Watch {
    files: WatchedFiles,
    clock: Clock,
    /// The GitLab that is deleted from; `None` where no instance file may object to it.
    address: Option<Address>,
    /// The instance file when the watch began.
    known: Option<String>,
    /// The protections that went by in-use files when the watch began.
    in_use: PolicySet,
    in_use_reader: InUseReader,
}

impl Brake {
    /// Watches the policy files of these paths, `instance` as of now. `address` is the GitLab that is deleted from, or
    /// `None` where it doesn't matter which that is.
    #[must_use]
    pub fn new(paths: &[PathBuf], instance: Option<&Instance>, address: Option<Address>, clock: Clock) -> Self {
        let known = instance.map(|instance| instance.source.clone());
        let (files, in_use, in_use_reader) = (WatchedFiles::new(paths), PolicySet::default(), InUseReader::default());
        Self(Some(Watch { files, clock, address, known, in_use, in_use_reader }))
    }

    /// Has [`check`](Self::check) and [`survey`](Self::survey) look at the in-use files of a set as well, in the place of
    /// those that they looked at before.
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

    /// Reads the policy files, and returns the planned policy with the set that is in force now, its in-use files
    /// included. Protections and keep rules may be new: who deletes has to plan again with them. A brake that watches
    /// nothing returns what was planned.
    ///
    /// Files that can't be used are read once more after a second.
    ///
    /// # Errors
    ///
    /// Why nothing may be deleted by the planned policy now.
    pub async fn look(&self, planned: InForce<'_>) -> Result<Present, Halt> {
        let Some(watch) = &self.0 else { return Ok(planned.owned()) };
        let set = match watch.files.read(planned.set()) {
            Ok(set) => set,
            Err(_) => {
                tokio::time::sleep(ONCE_MORE_AFTER).await;
                // Whatever is wrong with the others, the instance file may tell more.
                watch.files.read(planned.set()).map_err(|halt| watch.check().err().unwrap_or(halt))?
            }
        };
        watch.present(planned, &set)
    }

    /// Checks the same at once, before somebody is asked about a plan. Files that can't be used are left to
    /// [`look`](Self::look), unless the instance file is among them.
    ///
    /// # Errors
    ///
    /// Those of [`look`](Self::look).
    pub fn glance(&self, planned: InForce<'_>) -> Result<(), Halt> {
        let Some(watch) = &self.0 else { return Ok(()) };
        match watch.files.read(planned.set()) {
            Ok(set) => watch.present(planned, &set).map(|_| ()),
            Err(_) => self.check(),
        }
    }

    /// Checks that neither the instance file nor an in-use file holds deletions up, whatever the other files say.
    ///
    /// # Errors
    ///
    /// Why they are held up.
    pub fn check(&self) -> Result<(), Halt> {
        let Some(watch) = &self.0 else { return Ok(()) };
        watch.check()?;
        let (set, now) = watch.in_use();
        usable(&set, now)
    }

    /// Returns the same, and how each in-use file is now.
    #[must_use]
    pub fn survey(&self) -> (Option<Halt>, Vec<InUseStanding>) {
        let Some(watch) = &self.0 else { return (None, Vec::new()) };
        let (set, now) = watch.in_use();
        (watch.check().and_then(|()| usable(&set, now)).err(), standings(&set, now))
    }
}

/// Returns the planned policy as the set has it now.
fn as_approved(planned: InForce<'_>, set: &PolicySet, now: Timestamp) -> Result<Present, Halt> {
    let planned = planned.policy();
    let policy = planned.name.clone();
    let Some(present) = set.policy_at(&policy, now) else { return Err(Halt::Gone { policy }) };
    let file = present.policy().source.clone();
    if present.policy().mode == Mode::DryRun {
        return Err(Halt::DryRun { policy, file });
    }
    if present.policy().binding() != planned.binding() {
        return Err(Halt::Changed { policy, file });
    }
    Ok(present.owned())
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

/// Checks that every in-use file of the set can be used.
fn usable(set: &PolicySet, now: Timestamp) -> Result<(), Halt> {
    match set.unusable_at(now).into_iter().next() {
        Some((file, why)) => Err(Halt::InUse { file: file.to_owned(), why: why.clone() }),
        None => Ok(()),
    }
}

impl Watch {
    /// Returns the planned policy as it is now in a set that was just read.
    fn present(&self, planned: InForce<'_>, set: &PolicySet) -> Result<Present, Halt> {
        match (&set.instance, &self.known) {
            (Some(instance), _) => self.judge(instance)?,
            (None, Some(file)) => return Err(Halt::Vanished { file: file.clone() }),
            (None, None) => {}
        }
        let now = self.clock.now();
        let renewed = self.in_use_reader.renewed(set, now);
        let set = renewed.as_ref().unwrap_or(set);
        usable(set, now)?;
        as_approved(planned, set, now)
    }

    /// Checks the instance file alone, among files of which any may be broken.
    fn check(&self) -> Result<(), Halt> {
        let known = self.known.as_deref();
        let mut sources = Vec::new();
        for FileReading { file, source } in
            load_each(&self.files.paths).map_err(|error| Halt::Unreadable { problem: with_cause(&error) })?
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
        match (Instance::find(&sources, known).map_err(|errors| Halt::of_instance(&errors))?, known) {
            (Some(instance), _) => match instance.missing(&sources) {
                Some(name) => Err(Halt::Missing { name: name.to_owned(), file: instance.source.clone() }),
                None => self.judge(&instance),
            },
            (None, Some(file)) => Err(Halt::Vanished { file: file.to_owned() }),
            (None, None) => Ok(()),
        }
    }

    /// Returns what the in-use files say now.
    fn in_use(&self) -> (PolicySet, Timestamp) {
        let now = self.clock.now();
        (self.in_use_reader.renewed(&self.in_use, now).unwrap_or_default(), now)
    }

    fn judge(&self, instance: &Instance) -> Result<(), Halt> {
        let file = instance.source.clone();
        if let Some(address) = &self.address
            && let Some(url) = instance.elsewhere(address)
        {
            return Err(Halt::Elsewhere { file, url: url.to_string(), address: address.to_string() });
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
