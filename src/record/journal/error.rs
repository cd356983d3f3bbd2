//! Says why a journal can't be used.

use std::error::Error as _;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::record::lock::Holder;

/// Why a journal can't be opened, read or written. It can be told more than once: a journal that broke stays broken.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// The folder can't be made.
    #[error("the folder for the journal, {}, can't be made", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why it failed.
        source: Arc<io::Error>,
    },
    /// Another run writes.
    #[error(
        "the journal in {} is in use{}: two runs on one GitLab would get in each other's way, so wait until the other has ended",
        path.display(),
        by(holder.as_ref())
    )]
    Taken {
        /// The folder.
        path: PathBuf,
        /// The one who has it, as far as the lock file tells.
        holder: Option<Holder>,
    },
    /// A file or the folder can't be read.
    #[error("the journal can't be read from {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        source: Arc<io::Error>,
    },
    /// A file can't be written.
    #[error("the journal can't be written to {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: Arc<io::Error>,
    },
    /// A newer release wrote it.
    #[error(
        "line {line} of {} is from a newer release of gleaner, and this one doesn't know everything that it says: go on with \
         that release, or move the journal's folder away to begin a new one",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
    },
    /// A line makes no sense.
    #[error(
        "line {line} of {} can't be used ({problem}), and may hide a deletion that nobody knows the end of: move the \
         journal's folder away, read it with `gleaner history`, and begin a new one",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong, as part of a sentence.
        problem: String,
    },
    /// It is the journal of another GitLab.
    #[error("the journal in {} is of the GitLab at {theirs}: name another folder", path.display())]
    Elsewhere {
        /// The folder.
        path: PathBuf,
        /// The GitLab whose journal it is.
        theirs: String,
    },
}

impl JournalError {
    /// Returns the error with its cause, in one line.
    #[must_use]
    pub fn with_cause(&self) -> String {
        self.source().map_or_else(|| self.to_string(), |cause| format!("{self}: {cause}"))
    }

    /// Returns what turns an I/O error into one of reading a file or folder.
    pub(super) fn reading(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Read { path, source: Arc::new(source) }
    }

    /// Returns what turns an I/O error into one of writing a file.
    pub(super) fn writing(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Write { path, source: Arc::new(source) }
    }
}

fn by(holder: Option<&Holder>) -> String {
    holder.map_or_else(String::new, |holder| format!(", by {holder}"))
}
