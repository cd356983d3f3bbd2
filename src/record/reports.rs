//! Keeps the last reports of each policy as files beside the journal, and knows which there are.
//!
//! Each is a whole report of the one policy, as `--output json` writes it. They can be read without gleaner, and by
//! `gleaner report`.

mod excerpt;
mod folder;
mod name;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::report::{CycleStatus, PolicyReport, Report};

pub use folder::ReportFolder;
pub use name::ReportName;

/// How many reports of a policy are kept.
pub const KEPT: usize = 10;

/// The reports of one GitLab, and what is in each, for a daemon that shows them.
///
/// It has no more than a few figures of each in memory.
#[derive(Debug)]
pub struct ReportStore {
    /// Or why none are kept.
    folder: Result<ReportFolder, String>,
    index: Mutex<ReportIndex>,
}

/// What is known of the files.
#[derive(Debug, Default)]
struct ReportIndex {
    /// By policy, the newest first.
    reports: BTreeMap<String, Vec<KeptReport>>,
    /// What is wrong with the reports of a policy.
    problems: BTreeMap<String, String>,
    /// The folder of all could not be had when it was opened, nor since, and that was told.
    is_closed: bool,
}

/// The figures of a report that lies in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptReport {
    /// The name of its file, without the ending.
    pub name: ReportName,
    /// The instant that it judged by.
    pub as_of: Timestamp,
    /// How the cycle ended.
    pub status: CycleStatus,
    /// How many packages and files its plan names.
    pub deletions: u64,
    /// How many of them are gone; `None` where nothing was to be executed.
    pub gone: Option<u64>,
}

/// Why a report can't be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// It can't be written.
    #[error("the report can't be written to {}", path.display())]
    Write {
        /// The folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// An old one can't be removed.
    #[error("old reports can't be removed from {}", path.display())]
    Remove {
        /// The folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A file or folder can't be read.
    #[error("reports can't be read from {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl ReportStore {
    /// Opens the store of a folder, and looks what lies there. What is wrong with it is returned, too, and ends nothing.
    #[must_use]
    pub fn open(folder: ReportFolder) -> (Self, Vec<ReportError>) {
        let (mut index, mut errors) = (ReportIndex::default(), Vec::new());
        let policies = folder.make().and_then(|()| folder.policies()).unwrap_or_else(|error| {
            errors.push(error);
            index.is_closed = true;
            Vec::new()
        });
        for policy in policies {
            errors.extend(index.look(&folder, &policy).err());
        }
        (Self { folder: Ok(folder), index: Mutex::new(index) }, errors)
    }

    /// Returns a store that keeps none, because of `why`: a sentence without its full stop.
    #[must_use]
    pub fn nowhere(why: impl Into<String>) -> Self {
        Self { folder: Err(why.into()), index: Mutex::default() }
    }

    /// Writes a report down, where any are kept. Returns what is wrong, unless that was told.
    pub fn keep(&self, as_of: Timestamp, policy: &PolicyReport) -> Option<ReportError> {
        let folder = self.folder.as_ref().ok()?;
        let kept = folder.keep(as_of, policy).map(|_| ());
        let mut index = self.index();
        index.is_closed &= kept.is_err();
        let before = index.problems.get(&policy.policy).cloned();
        let looked = index.look(folder, &policy.policy);
        let error = kept.and(looked).err()?;
        let now = told(&error);
        let is_news = !index.is_closed && before.as_ref() != Some(&now);
        index.problems.insert(policy.policy.clone(), now);
        is_news.then_some(error)
    }

    /// Returns the reports of a policy, the newest first.
    #[must_use]
    pub fn of(&self, policy: &str) -> Vec<KeptReport> {
        self.index().reports.get(policy).cloned().unwrap_or_default()
    }

    /// Returns the file of a report that is known to be there. No text of the request becomes part of its path.
    #[must_use]
    pub fn file(&self, policy: &str, name: &str) -> Option<PathBuf> {
        let folder = self.folder.as_ref().ok()?;
        let index = self.index();
        let (policy, reports) = index.reports.get_key_value(policy)?;
        let report = reports.iter().find(|report| report.name.to_string() == name)?;
        Some(folder.file(policy, report.name))
    }

    /// Returns what is known of the last cycles of a policy, without the rows: the last that has a plan, if the very last
    /// has none, and the very last.
    #[must_use]
    pub fn last(&self, policy: &str) -> Vec<Report> {
        let Ok(folder) = &self.folder else { return Vec::new() };
        let known = self.of(policy);
        let newest = known.first();
        let plan = known.iter().find(|report| report.status != CycleStatus::Failed);
        let wanted = plan.filter(|plan| Some(*plan) != newest).into_iter().chain(newest);
        wanted.filter_map(|report| head(&folder.file(policy, report.name)).ok()).collect()
    }

    /// Returns what is wrong with the reports of a policy, if anything is.
    #[must_use]
    pub fn problem(&self, policy: &str) -> Option<String> {
        self.index().problems.get(policy).cloned()
    }

    /// Returns why no reports are kept, where none are.
    #[must_use]
    pub fn why_none(&self) -> Option<&str> {
        self.folder.as_ref().err().map(String::as_str)
    }

    fn index(&self) -> MutexGuard<'_, ReportIndex> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReportIndex {
    /// Looks what lies in the folder of a policy. A report that can't be read is left out.
    fn look(&mut self, folder: &ReportFolder, policy: &str) -> Result<(), ReportError> {
        let names = folder.names(policy)?;
        let known = self.reports.remove(policy).unwrap_or_default();
        let (mut reports, mut problem) = (Vec::new(), None);
        for name in names {
            if let Some(known) = known.iter().find(|known| known.name == name) {
                reports.push(known.clone());
                continue;
            }
            match head(&folder.file(policy, name)) {
                Ok(report) => reports.extend(report.policies.first().map(|policy| kept(name, report.as_of, policy))),
                Err(error) => problem = problem.or(Some(error)),
            }
        }
        self.reports.insert(policy.to_owned(), reports);
        match problem {
            None => {
                self.problems.remove(policy);
                Ok(())
            }
            Some(error) => {
                self.problems.insert(policy.to_owned(), told(&error));
                Err(error)
            }
        }
    }
}

/// Reads a report with no more than its first `most` rows.
///
/// # Errors
///
/// When it can't be read.
pub fn first_rows(path: &Path, most: usize) -> Result<Report, ReportError> {
    read(path, |reader| excerpt::first_rows(reader, most))
}

fn kept(name: ReportName, as_of: Timestamp, policy: &PolicyReport) -> KeptReport {
    let totals = &policy.totals;
    let gone = totals.is_executed().then(|| totals.gone() + totals.gone_files());
    KeptReport { name, as_of, status: policy.status, deletions: totals.deletions(), gone }
}

/// Reads a report without its rows.
fn head(path: &Path) -> Result<Report, ReportError> {
    read(path, excerpt::head)
}

fn read(path: &Path, part: impl FnOnce(BufReader<File>) -> io::Result<String>) -> Result<Report, ReportError> {
    let text = File::open(path).and_then(|file| part(BufReader::new(file)));
    let report = text.and_then(|text| Report::parse(&text).map_err(io::Error::from));
    report.map_err(ReportError::reading(path))
}

fn told(error: &ReportError) -> String {
    let (ReportError::Write { source, .. } | ReportError::Remove { source, .. } | ReportError::Read { source, .. }) =
        error;
    format!("{error}: {source}")
}

impl ReportError {
    fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self {
        |source| Self::Write { path: path.to_owned(), source }
    }

    fn removing(path: &Path) -> impl FnOnce(io::Error) -> Self {
        |source| Self::Remove { path: path.to_owned(), source }
    }

    fn reading(path: &Path) -> impl FnOnce(io::Error) -> Self {
        |source| Self::Read { path: path.to_owned(), source }
    }
}

#[cfg(test)]
mod tests;
