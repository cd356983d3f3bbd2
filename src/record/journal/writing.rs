//! Appends lines to the newest file of a journal.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::chain::{LineHash, Seq};
use super::error::JournalError;
use super::lately::GoneLately;
use super::line::{DeleteLine, FORMAT, Line, LineContent, RunLine};
use super::month::Month;
use super::open_line::{ItemKey, OpenLine};
use super::tail::Tail;

/// The end of a journal that lines are appended to.
#[derive(Debug)]
pub(super) struct Writing {
    folder: PathBuf,
    run: String,
    /// The line that begins every file of this run.
    start: RunLine,
    file: MonthFile,
    /// The last line's number and hash.
    seq: Seq,
    hash: LineHash,
    open: BTreeMap<Seq, OpenLine>,
    gone: GoneLately,
    /// Lines were written since the last `rest`.
    is_dirty: bool,
    /// Why nothing can be written any more.
    broken: Option<JournalError>,
}

/// The newest file.
#[derive(Debug)]
struct MonthFile {
    month: Month,
    path: PathBuf,
    file: File,
    /// The bytes of whole lines in it.
    length: u64,
}

impl Writing {
    /// Goes on behind what the run before left, and writes down that this one began.
    pub(super) fn begin(
        folder: &Path,
        (run, start): (String, RunLine),
        (tail, gone): (Tail, GoneLately),
        now: Timestamp,
    ) -> Result<Self, JournalError> {
        let file = MonthFile::open(folder, tail.month.unwrap_or(Month::of(now)))?;
        let open = tail.open.into_iter().map(|line| (line.seq, line)).collect();
        let (seq, hash) = (tail.seq, tail.hash);
        let folder = folder.to_owned();
        let mut writing = Self { folder, run, start, file, seq, hash, open, gone, is_dirty: true, broken: None };
        if tail.lacks_newline {
            writing.file.append(b"\n")?;
        }
        if let Some(bytes) = tail.torn {
            writing.append_here(vec![LineContent::Torn { bytes }], now)?;
        }
        if Month::of(now) <= writing.file.month {
            writing.append_here(vec![LineContent::Run(writing.start.clone())], now)?;
        } else {
            writing.turn_to(now)?;
        }
        writing.sync()?;
        sync_folder(&writing.folder)?;
        // The folder may be new as well.
        writing.folder.parent().map_or(Ok(()), sync_folder)?;
        Ok(writing)
    }

    /// Writes down deletions, and waits until they are on the disk.
    pub(super) fn about(&mut self, deletions: Vec<DeleteLine>, at: Timestamp) -> Result<Vec<Seq>, JournalError> {
        let mut lines = Vec::new();
        for mut delete in deletions {
            let item = delete.item();
            let before = self.open.values().find(|line| line.item == item);
            delete.r#try = before.map_or(1, |line| line.r#try + 1);
            delete.again_of = before.map(|line| line.seq);
            lines.push(delete);
        }
        let contents = lines.iter().map(|delete| LineContent::Delete(Box::new(delete.clone()))).collect();
        let numbers = self.append(contents, at)?;
        for (seq, delete) in numbers.iter().zip(&lines) {
            if let Some(before) = delete.again_of {
                self.open.remove(&before);
            }
            self.open.insert(*seq, OpenLine::of(*seq, at, delete));
        }
        self.sync()?;
        Ok(numbers)
    }

    /// Writes down what became of an open line. One that is not open says nothing any more.
    pub(super) fn settle(
        &mut self,
        seq: Seq,
        at: Timestamp,
        content: impl FnOnce(ItemKey) -> LineContent,
    ) -> Result<(), JournalError> {
        let Some(line) = self.open.get(&seq) else { return self.is_usable() };
        let content = content(line.item);
        let is_settled = !matches!(&content, LineContent::Ended(ended) if !ended.is_certain());
        self.gone.note(&content, at);
        self.append(vec![content], at)?;
        if is_settled {
            self.open.remove(&seq);
        }
        Ok(())
    }

    /// Writes down what is open, and waits until it is on the disk.
    pub(super) fn rest(&mut self, at: Timestamp) -> Result<(), JournalError> {
        self.is_usable()?;
        if self.is_dirty {
            self.append(vec![LineContent::Rest { open: self.open() }], at)?;
            self.sync()?;
            self.is_dirty = false;
        }
        Ok(())
    }

    pub(super) fn revision(&self) -> Option<String> {
        self.start.revision.clone()
    }

    /// Returns the open lines in the order of their numbers.
    pub(super) fn open(&self) -> Vec<OpenLine> {
        self.open.values().cloned().collect()
    }

    /// Returns what a listing that began at `at` may still show, although it is gone.
    pub(super) fn gone_lately(&self, at: Timestamp) -> Vec<ItemKey> {
        self.gone.shown_at(at)
    }

    /// Appends lines, and returns their numbers. A new month gets a new file; a clock that went back does not.
    fn append(&mut self, contents: Vec<LineContent>, at: Timestamp) -> Result<Vec<Seq>, JournalError> {
        self.is_usable()?;
        if Month::of(at) > self.file.month {
            self.turn_to(at)?;
        }
        self.append_here(contents, at)
    }

    /// Appends lines to the file that is open.
    fn append_here(&mut self, contents: Vec<LineContent>, at: Timestamp) -> Result<Vec<Seq>, JournalError> {
        let (mut seq, mut hash) = (self.seq, self.hash);
        let (mut bytes, mut numbers) = (Vec::new(), Vec::new());
        for content in contents {
            seq = seq.next();
            let line = Line { format: FORMAT, seq, prev: hash, time: at, run: self.run.clone(), content };
            let written = line.written().map_err(|error| JournalError::writing(&self.file.path)(error.into()))?;
            hash = LineHash::of(written.strip_suffix(b"\n").unwrap_or(&written));
            bytes.extend(written);
            numbers.push(seq);
        }
        let appended = self.file.append(&bytes);
        self.breaking(appended)?;
        (self.seq, self.hash, self.is_dirty) = (seq, hash, true);
        Ok(numbers)
    }

    /// Begins the file of another month. Everything before it has to be on the disk by then, or the chain could lack a
    /// link.
    fn turn_to(&mut self, at: Timestamp) -> Result<(), JournalError> {
        self.sync()?;
        let opened = MonthFile::open(&self.folder, Month::of(at));
        self.file = self.breaking(opened)?;
        self.append_here(vec![LineContent::Run(self.start.clone())], at)?;
        let synced = sync_folder(&self.folder);
        self.breaking(synced)
    }

    fn sync(&mut self) -> Result<(), JournalError> {
        let synced = self.file.file.sync_all().map_err(JournalError::writing(&self.file.path));
        self.breaking(synced)
    }

    fn is_usable(&self) -> Result<(), JournalError> {
        self.broken.clone().map_or(Ok(()), Err)
    }

    /// Notes an error, so that all later calls fail with it.
    fn breaking<T>(&mut self, result: Result<T, JournalError>) -> Result<T, JournalError> {
        result.inspect_err(|error| self.broken = Some(error.clone()))
    }
}

impl MonthFile {
    fn open(folder: &Path, month: Month) -> Result<Self, JournalError> {
        let path = folder.join(month.file_name());
        let open = || -> io::Result<(File, u64)> {
            let file = File::options().append(true).create(true).open(&path)?;
            let length = file.metadata()?.len();
            Ok((file, length))
        };
        let (file, length) = open().map_err(JournalError::writing(&path))?;
        Ok(Self { month, path, file, length })
    }

    /// Appends bytes. Where that fails half-way, it cuts the file back to its last whole line, if it can.
    fn append(&mut self, bytes: &[u8]) -> Result<(), JournalError> {
        match self.file.write_all(bytes) {
            Ok(()) => {
                self.length += bytes.len() as u64;
                Ok(())
            }
            Err(error) => {
                let _ = self.file.set_len(self.length).and_then(|()| self.file.sync_all());
                Err(JournalError::writing(&self.path)(error))
            }
        }
    }
}

/// Makes sure that the names of new files are on the disk, too.
fn sync_folder(folder: &Path) -> Result<(), JournalError> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(JournalError::writing(folder))
}
