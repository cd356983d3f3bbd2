//! Why the state can't be used.

use std::io;
use std::path::PathBuf;

/// Why the state can't be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The folder can't be made.
    #[error("the folder for the state, {}, can't be made", path.display())]
    Folder {
        /// The file or folder that is meant.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The file can't be written.
    #[error("the state can't be written to {}", path.display())]
    Write {
        /// The file or folder that is meant.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Another process uses the folder.
    #[error("another gleaner uses the folder for the state, {}, such as a `plan` that is under way: wait for its end; a service needs a folder of its own", path.display())]
    Taken {
        /// The file or folder that is meant.
        path: PathBuf,
    },
    /// The file can't be read.
    #[error("the state in {} can't be read", path.display())]
    Read {
        /// The file or folder that is meant.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The state is that of another GitLab.
    #[error("the state in {} is of the GitLab at {theirs}: each GitLab needs a folder of its own", path.display())]
    Elsewhere {
        /// The file or folder that is meant.
        path: PathBuf,
        /// The GitLab whose state it is.
        theirs: String,
    },
    /// The state can't be understood.
    #[error("the state in {} can't be used ({problem}). It is left as it is; without it, what holds held, what was marked and what was approved is forgotten: move it away to begin anew", path.display())]
    Damaged {
        /// The file or folder that is meant.
        path: PathBuf,
        /// The problem, as part of a sentence.
        problem: String,
    },
}
