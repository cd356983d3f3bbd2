//! The reasons for which nothing may be deleted now, each as a sentence.

use std::error::Error as _;

use crate::cycle::load::LoadError;
use crate::plan::Refusal;
use crate::policy::{Freeze, Unusable};
use crate::yaml::Problems;

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
    /// A policy file can't be read or is invalid.
    #[error("the policy files can't be used, and may keep what would go: {problem}")]
    Unsound {
        /// The first problem, with its file and line.
        problem: String,
    },
    /// No file has the policy any more.
    #[error("the policy {policy} is no longer there")]
    Gone {
        /// The policy's name.
        policy: String,
    },
    /// The policy may no longer delete.
    #[error("the policy {policy} is in `mode: dry-run` now, by {file}")]
    DryRun {
        /// The policy's name.
        policy: String,
        /// The file that it is in now.
        file: String,
    },
    /// The policy would no longer select what was approved.
    #[error(
        "the policy {policy} is not the one that was approved: its scope, its delete or files rules or its `min_age` were \
         changed in {file}"
    )]
    Changed {
        /// The policy's name.
        policy: String,
        /// The file that it is in now.
        file: String,
    },
    /// A limit was lowered, and what is gone already leaves no room for the next deletions.
    #[error("the limits of the policy {policy} are lower than when it was approved: {}", refusal.because)]
    Lowered {
        /// The policy's name.
        policy: String,
        /// The limit, with its figures.
        refusal: Refusal,
    },
}

impl Halt {
    /// Returns why a broken instance file halts: its first problem, in one line.
    pub(super) fn of_instance(errors: &Problems) -> Self {
        let place = errors.problems.first().and_then(|problem| problem.place.as_ref());
        Self::Unusable {
            file: place.map_or_else(|| "the instance file".to_owned(), |place| place.file.clone()),
            problem: match (errors.problems.first(), place) {
                (Some(problem), Some(place)) => format!("line {}, {}", place.line, problem.message),
                _ => errors.to_string(),
            },
        }
    }
}

/// Returns the first problem in one line, with its file and line.
pub(super) fn first(errors: &Problems) -> String {
    match errors.problems.first() {
        Some(problem) => match &problem.place {
            Some(place) => format!("{}, line {}, {}", place.file, place.line, problem.message),
            None => problem.message.clone(),
        },
        None => errors.to_string(),
    }
}

/// Returns an error with its cause in parentheses.
pub(super) fn with_cause(error: &LoadError) -> String {
    match error.source() {
        Some(cause) => format!("{error} ({cause})"),
        None => error.to_string(),
    }
}

/// Returns the note of a freeze in parentheses, and in one line. It may have several in its file.
fn noted(freeze: &Freeze) -> String {
    let words = |note: &String| note.split_whitespace().collect::<Vec<_>>().join(" ");
    freeze.note.as_ref().map_or_else(String::new, |note| format!(" ({})", words(note)))
}
