//! Writes down every deletion before it is sent: JSON lines, a file for each month, in a folder for each GitLab.
//!
//! Each line has the hash of the one before it. `docs/journal.md` describes the form and what is promised.

mod backwards;
pub mod chain;
mod error;
mod forwards;
mod history;
mod index;
mod indexing;
mod lately;
pub mod line;
mod month;
mod open_line;
mod place;
mod query;
mod shelf;
mod tail;
mod verify;
mod writing;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::package::address::Address;
use crate::record::lock::{holder, sign, try_lock};
use chain::Seq;
use lately::GoneLately;
use line::{ClosedLine, DeleteLine, EndedLine, Finding, LineContent, RunLine};
use tail::Tail;
use writing::Writing;

pub use error::JournalError;
pub use history::{History, HistoryRow, RowEnd, UnreadLines, gitlabs};
pub use month::{Month, MonthSpan, months_that_go};
pub use open_line::{ItemKey, OpenLine, OpenLines};
pub use place::folder_name;
pub use query::{ProjectQuery, Query};
pub use verify::{Verified, verify};

/// The journal of one GitLab, open for writing. Nobody else writes to it for as long as this lives.
///
/// Every call may wait for the disk. After a call that failed, all later ones fail with the same error.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    writing: Mutex<Writing>,
    /// The file that holds the lock, open for as long as this lives.
    _lock: fs::File,
}

/// A journal that was opened, and how the run before left it.
#[derive(Debug)]
pub struct OpenedJournal {
    /// The journal.
    pub journal: Journal,
    /// The deletions that nobody knows the end of, in the order of their lines.
    pub open: Vec<OpenLine>,
    /// How many bytes were left of a last line that was broken off.
    pub torn: Option<u64>,
}

/// The run that opens a journal.
#[derive(Debug, Clone)]
pub struct RunStart {
    /// Its id, which no other run has.
    pub run: String,
    /// The program, `gleaner X.Y.Z`.
    pub generator: String,
    /// The GitLab that it deletes on.
    pub instance: Address,
    /// The command, `apply` or `serve`.
    pub command: String,
    /// The token's user, where it is known.
    pub who: Option<String>,
    /// The revision of the policies, where it is known.
    pub revision: Option<String>,
}

/// How a deletion ended, as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEnding {
    /// The outcome, and what went wrong.
    pub ending: crate::plan::Ending,
    /// GitLab's `X-Request-Id` of each answer.
    pub request_ids: Vec<String>,
}

impl Journal {
    /// Opens the journal of the run's GitLab below `folder`, and begins it where there is none. Takes its lock, tells
    /// in it of a last line that was broken off, and writes down that the run began.
    ///
    /// # Errors
    ///
    /// When another process has it, when it can't be read or written, when it is of another GitLab, and when a newer
    /// release wrote to it.
    pub fn open(folder: &Path, start: RunStart, now: Timestamp) -> Result<OpenedJournal, JournalError> {
        let folder = folder.join(folder_name(&start.instance));
        let made = |source| JournalError::Folder { path: folder.clone(), source: Arc::new(source) };
        fs::create_dir_all(&folder).map_err(made)?;
        let lock = lock(&folder, &start.command, now)?;
        let tail = Tail::read(&folder)?;
        if let Some(theirs) = &tail.instance
            && Address::parse(theirs).as_ref() != Ok(&start.instance)
        {
            return Err(JournalError::Elsewhere { path: folder, theirs: theirs.clone() });
        }
        let RunStart { run, generator, instance, command, who, revision } = start;
        let instance = instance.as_str().to_owned();
        let line = RunLine { began: now, generator, instance, command, who, revision };
        let (open, torn) = (tail.open.clone(), tail.torn);
        let gone = GoneLately::read(&folder, now)?;
        let writing = Writing::begin(&folder, (run, line), (tail, gone), now)?;
        Ok(OpenedJournal { journal: Self { folder, writing: Mutex::new(writing), _lock: lock }, open, torn })
    }

    /// Writes down deletions that are about to be sent, and returns once that is on the disk. The numbers are those of
    /// their lines, in their order. A package or file that is open already is written down as another try.
    ///
    /// # Errors
    ///
    /// When it can't be written: then none of them may be sent.
    pub fn about(&self, deletions: Vec<DeleteLine>, at: Timestamp) -> Result<Vec<Seq>, JournalError> {
        self.lock().about(deletions, at)
    }

    /// Writes down how a deletion ended. It is on the disk after the next call of [`Self::about`] or [`Self::rest`].
    ///
    /// # Errors
    ///
    /// When it can't be written.
    pub fn ended(&self, seq: Seq, ended: JournalEnding, at: Timestamp) -> Result<(), JournalError> {
        let JournalEnding { ending, request_ids } = ended;
        self.lock().settle(seq, at, |item| {
            let outcome = ending.outcome.code().to_owned();
            LineContent::Ended(EndedLine { of: seq, item, outcome, problem: ending.problem, request_ids })
        })
    }

    /// Writes down what became of a deletion that an earlier run left open, by an answer that GitLab gave at `seen_at`.
    ///
    /// # Errors
    ///
    /// When it can't be written.
    pub fn closed(&self, seq: Seq, found: Finding, seen_at: Timestamp, at: Timestamp) -> Result<(), JournalError> {
        self.lock().settle(seq, at, |item| LineContent::Closed(ClosedLine { of: seq, item, found, seen_at }))
    }

    /// Writes down that a run or a cycle came to its end, with the lines that are still open, and returns once that is
    /// on the disk. Does nothing where no line was written since the last time.
    ///
    /// # Errors
    ///
    /// When it can't be written.
    pub fn rest(&self, at: Timestamp) -> Result<(), JournalError> {
        self.lock().rest(at)
    }

    /// Removes the files of whole months whose last line is older than `before`, from the oldest on, up to a month in
    /// which an open line stands. The newest file stays. Returns the months that are gone.
    ///
    /// # Errors
    ///
    /// When a file can't be read or removed. The journal can be written all the same.
    pub fn forget(&self, before: Timestamp) -> Result<Vec<Month>, JournalError> {
        // While this is held, no line is opened or closed.
        let writing = self.lock();
        shelf::forget(&self.folder, &writing.open(), before)
    }

    /// Returns the deletions that nobody knows the end of, in the order of their lines: those of this run that are
    /// under way, and what earlier runs left.
    #[must_use]
    pub fn open_lines(&self) -> Vec<OpenLine> {
        self.lock().open()
    }

    /// Returns what this run and those before told to be gone, as far as a listing that began at `at` may still show it.
    #[must_use]
    pub fn gone_lately(&self, at: Timestamp) -> Vec<ItemKey> {
        self.lock().gone_lately(at)
    }

    /// Returns the revision of the policies, where it is known.
    #[must_use]
    pub fn revision(&self) -> Option<String> {
        self.lock().revision()
    }

    /// Returns the folder of this GitLab's journal.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn lock(&self) -> MutexGuard<'_, Writing> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name of the lock's file.
const LOCK: &str = "lock";

/// Takes the lock of a folder for as long as the file that is returned is open.
fn lock(folder: &Path, command: &str, now: Timestamp) -> Result<fs::File, JournalError> {
    let path = folder.join(LOCK);
    let opened = fs::File::options().read(true).write(true).create(true).truncate(false).open(&path);
    let mut file = opened.map_err(JournalError::writing(&path))?;
    if !try_lock(&file) {
        return Err(JournalError::Taken { path: folder.to_owned(), holder: holder(&mut file) });
    }
    sign(&mut file, command, now);
    Ok(file)
}

#[cfg(test)]
mod tests;
