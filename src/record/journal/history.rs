//! Answers who deleted what, when and why, from the journals below a folder.
//!
//! The index of a month tells which blocks of lines are worth reading. What is told comes from the lines alone.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::chain::Seq;
use super::error::JournalError;
use super::forwards::Forwards;
use super::index::{BLOCK, Block, Glance};
use super::indexing::MonthIndex;
use super::line::{ClosedLine, DeleteLine, EndedLine, Line, LineContent, LineProblem};
use super::month::Month;
use super::query::Query;
use super::shelf::months;
use super::tail::instance;

/// A deletion that was about to be sent, and what is known of its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// The number of its line, or of the last one that repeats it.
    pub seq: Seq,
    /// When the line was written.
    pub time: Timestamp,
    /// The run that wrote it.
    pub run: String,
    /// The deletion and its reason.
    pub delete: Box<DeleteLine>,
    /// Its end; `None` where nobody knows it.
    pub end: Option<RowEnd>,
}

/// The end of a deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowEnd {
    /// The run that sent it wrote down how it ended, and when.
    Ended(EndedLine, Timestamp),
    /// A later run found out what became of it.
    Closed(ClosedLine, Timestamp),
}

/// Lines of one file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadLines {
    /// The file's name.
    pub file: String,
    /// The first of them, counted from 1.
    pub line: u64,
    /// How many there are.
    pub count: u64,
    /// A newer release wrote the first of them, or nobody can tell what it is.
    pub problem: LineProblem,
}

/// The reading of one GitLab's journal, block by block.
#[derive(Debug)]
pub struct History<'q> {
    folder: PathBuf,
    query: &'q Query,
    months: VecDeque<Month>,
    file: Option<MonthReading>,
    /// The rows that were found and not yet told, in their order.
    rows: VecDeque<HistoryRow>,
    /// How many rows were told.
    told: usize,
    /// The rows of which a later line may tell the end, by the numbers of their lines: their places among all rows.
    open: HashMap<Seq, usize>,
    unread: Vec<UnreadLines>,
}

/// A file that is being read.
#[derive(Debug)]
struct MonthReading {
    name: String,
    path: PathBuf,
    lines: Forwards,
    /// The blocks that are still to be looked at; `None` where every line is read.
    blocks: Option<VecDeque<Stretch>>,
    /// Where the lines begin that are in no block.
    covered: u64,
    /// The number of the next line that is read.
    line: u64,
    /// The size of the last line that was read, if it can't be read, and what was told of unread lines before it.
    wreck: Option<(u64, Vec<UnreadLines>)>,
}

/// What the query has to know of a block. Blocks themselves are too large to be kept.
#[derive(Debug)]
struct Stretch {
    begin: u64,
    end: u64,
    /// It may have rows that are asked for.
    is_sought: bool,
    /// The lines before it that it may tell the end of.
    settles: Vec<Seq>,
}

/// Returns the folders of all GitLabs below the journal's folder, or this one where it is a GitLab's itself, each with
/// the URL that its newest file names.
///
/// # Errors
///
/// When a folder or a file can't be read.
pub fn gitlabs(folder: &Path) -> Result<Vec<(PathBuf, Option<String>)>, JournalError> {
    let folders = || -> io::Result<Vec<PathBuf>> {
        let mut folders = vec![folder.to_owned()];
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            folders.extend(path.is_dir().then_some(path));
        }
        folders.sort_unstable();
        Ok(folders)
    };
    let folders = match folders() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        other => other.map_err(JournalError::reading(folder))?,
    };
    let mut found = Vec::new();
    for folder in folders {
        if let Some(newest) = months(&folder)?.last() {
            let named = instance(&folder, *newest)?;
            found.push((folder, named));
        }
    }
    Ok(found)
}

impl<'q> History<'q> {
    /// Begins to read the journal of the GitLab in `folder`.
    ///
    /// # Errors
    ///
    /// When the folder can't be read.
    pub fn open(folder: &Path, query: &'q Query) -> Result<Self, JournalError> {
        Ok(Self {
            folder: folder.to_owned(),
            query,
            months: months(folder)?.into(),
            file: None,
            rows: VecDeque::new(),
            told: 0,
            open: HashMap::new(),
            unread: Vec::new(),
        })
    }

    /// Returns the next rows, the oldest first; `None` once there are no more. A row waits until its end is found, and so
    /// do those behind it.
    ///
    /// # Errors
    ///
    /// When a file can't be read.
    pub fn next_rows(&mut self) -> Result<Option<Vec<HistoryRow>>, JournalError> {
        if self.file.is_none() {
            let Some(month) = self.months.pop_front() else {
                // Nobody knows the end of what is left.
                let rest: Vec<_> = std::mem::take(&mut self.rows).into();
                self.told += rest.len();
                return Ok((!rest.is_empty()).then_some(rest));
            };
            self.file = Some(MonthReading::open(&self.folder, month, self.query)?);
        }
        if let Some(mut file) = self.file.take() {
            let path = file.path.clone();
            if self.read_block(&mut file).map_err(JournalError::reading(path))? {
                self.file = Some(file);
            }
        }
        let count = self.rows.iter().take_while(|row| row.is_settled()).count();
        self.told += count;
        Ok(Some(self.rows.drain(..count).collect()))
    }

    /// Returns the lines that could not be read, as far as the journal was read.
    #[must_use]
    pub fn unread(&self) -> &[UnreadLines] {
        &self.unread
    }

    /// Reads the next block that is worth it. Returns whether there may be more.
    fn read_block(&mut self, file: &mut MonthReading) -> io::Result<bool> {
        let (begin, end) = match &mut file.blocks {
            None => (file.lines.at(), u64::MAX),
            Some(blocks) => match blocks.pop_front() {
                Some(block) => {
                    if !block.is_sought && !block.settles.iter().any(|seq| self.open.contains_key(seq)) {
                        file.line += BLOCK as u64;
                        file.wreck = None;
                        return Ok(true);
                    }
                    (block.begin, block.end)
                }
                None => {
                    file.blocks = None;
                    (file.covered, u64::MAX)
                }
            },
        };
        file.lines.go_to(begin)?;
        let mut count = 0;
        while file.lines.at() < end && count < BLOCK {
            let Some(line) = file.lines.next_line()? else { return Ok(false) };
            count += 1;
            let size = line.len() as u64;
            let read = self.read_line(line);
            file.line += 1;
            match read {
                Ok(torn) => {
                    if let Some((before, told)) = file.wreck.take()
                        && torn == Some(before)
                    {
                        self.unread = told;
                    }
                }
                Err(problem) => {
                    let told = file.wreck.take().map(|(before, told)| (before + 1 + size, told));
                    file.wreck = Some(told.unwrap_or_else(|| (size, self.unread.clone())));
                    self.note_unread(&file.name, file.line, problem);
                }
            }
        }
        Ok(true)
    }

    /// Takes what is sought from a line. Returns how many bytes it tells to have been broken off before it.
    fn read_line(&mut self, bytes: &[u8]) -> Result<Option<u64>, LineProblem> {
        let Some(glance) = Glance::at(bytes) else {
            // A line that the index can't use may be one that this release can.
            return Line::read(bytes).map(|_| None);
        };
        let settles = glance.settles().and_then(|seq| self.open.get(&seq).map(|place| (seq, *place)));
        let is_sought = glance.is_deletion() && self.query.matches(&glance);
        if settles.is_none() && !is_sought {
            return Ok(glance.torn());
        }
        let Line { seq, time, run, content, .. } = Line::read(bytes)?;
        let known = settles.and_then(|(of, place)| Some((of, place, self.rows.get_mut(place - self.told)?)));
        match (content, known) {
            (LineContent::Delete(delete), Some((of, place, row))) => {
                row.seq = seq;
                row.delete.r#try = delete.r#try;
                self.open.remove(&of);
                self.open.insert(seq, place);
            }
            (LineContent::Delete(delete), None) => {
                self.open.insert(seq, self.told + self.rows.len());
                self.rows.push_back(HistoryRow { seq, time, run, delete, end: None });
            }
            (LineContent::Ended(ended), Some((of, _, row))) => {
                row.end = Some(RowEnd::Ended(ended, time));
                // A later run may have found out.
                if row.is_settled() {
                    self.open.remove(&of);
                }
            }
            (LineContent::Closed(closed), Some((of, _, row))) => {
                row.end = Some(RowEnd::Closed(closed, time));
                self.open.remove(&of);
            }
            _ => {}
        }
        Ok(None)
    }

    fn note_unread(&mut self, file: &str, line: u64, problem: LineProblem) {
        match self.unread.last_mut() {
            Some(known) if known.file == file => known.count += 1,
            _ => self.unread.push(UnreadLines { file: file.to_owned(), line, count: 1, problem }),
        }
    }
}

impl HistoryRow {
    /// Returns whether no later line can tell more of it.
    fn is_settled(&self) -> bool {
        match &self.end {
            None => false,
            Some(RowEnd::Ended(ended, _)) => ended.is_certain(),
            Some(RowEnd::Closed(..)) => true,
        }
    }
}

impl Stretch {
    fn of(block: Block, query: &Query) -> Self {
        let is_sought = block.is_opaque || query.may_match(&block);
        Self { begin: block.begin, end: block.end, is_sought, settles: block.settles }
    }
}

impl MonthReading {
    /// Opens the file of a month, with its index where the query is about less than everything.
    fn open(folder: &Path, month: Month, query: &Query) -> Result<Self, JournalError> {
        let path = folder.join(month.file_name());
        let lines = Forwards::open(&path).map_err(JournalError::reading(&path))?;
        let (blocks, covered) = if query.is_narrow() {
            let index = MonthIndex::of(folder, month)?;
            (Some(index.blocks().map(|block| Stretch::of(block, query)).collect()), index.covered())
        } else {
            (None, 0)
        };
        Ok(Self { name: month.file_name(), path, lines, blocks, covered, line: 0, wreck: None })
    }
}
