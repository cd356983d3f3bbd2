//! Reads what the run before left: the last line, what is open, and whose journal it is.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::ops::ControlFlow;
use std::path::Path;

use super::backwards::{Backwards, FileEnd, LONGEST_LINE};
use super::chain::{LineHash, Seq};
use super::error::JournalError;
use super::line::{Line, LineContent, LineProblem};
use super::month::Month;
use super::open_line::{OpenLine, OpenLines};
use super::shelf::months;

/// The end of a journal.
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// The newest file.
    pub(super) month: Option<Month>,
    /// The number of the last line that can be read.
    pub(super) seq: Seq,
    /// The hash of the last line.
    pub(super) hash: LineHash,
    /// The newest file ends without a newline.
    pub(super) lacks_newline: bool,
    /// How many bytes were left of a last line that was broken off.
    pub(super) torn: Option<u64>,
    /// The lines without an end.
    pub(super) open: Vec<OpenLine>,
    /// The URL of the GitLab whose journal it is.
    pub(super) instance: Option<String>,
}

impl Tail {
    /// Reads back as far as it takes to know all open lines.
    pub(super) fn read(folder: &Path) -> Result<Self, JournalError> {
        let months = months(folder)?;
        let mut tail = Self { month: months.last().copied(), ..Self::default() };
        let mut open = OpenLines::default();
        // Whether the last line was seen, and whether one that can be read was.
        let (mut has_last, mut has_whole) = (false, false);
        for month in months.into_iter().rev() {
            let path = folder.join(month.file_name());
            let (mut lines, end) = Backwards::open(&path).map_err(JournalError::reading(&path))?;
            tail.lacks_newline |= end == FileEnd::Torn && Some(month) == tail.month;
            let mut wreck = if has_last { Wreck::None } else { Wreck::Last };
            // How many lines of the file stand behind the one that is looked at.
            let mut behind = 0;
            while let Some(bytes) = lines.next_line().map_err(JournalError::reading(&path))? {
                if !has_last {
                    has_last = true;
                    tail.hash = LineHash::of(&bytes);
                }
                match Line::read(&bytes) {
                    Ok(line) => {
                        if !has_whole {
                            has_whole = true;
                            tail.seq = line.seq;
                        }
                        wreck = torn_bytes(&line).map_or(Wreck::None, Wreck::Told);
                        if open.take(&line) == ControlFlow::Break(()) {
                            return tail.of(folder, open);
                        }
                    }
                    Err(LineProblem::Newer) => {
                        return Err(JournalError::Newer { line: line_number(&path, behind), path });
                    }
                    Err(LineProblem::Unreadable(problem)) => {
                        wreck = match wreck {
                            // What is JSON was not broken off.
                            Wreck::Last if !is_json(&bytes) => {
                                tail.torn = Some(with_line(tail.torn, &bytes));
                                Wreck::Last
                            }
                            Wreck::Told(size) if size >= bytes.len() as u64 => {
                                Wreck::Told(size.saturating_sub(bytes.len() as u64 + 1))
                            }
                            _ => return Err(JournalError::Damaged { line: line_number(&path, behind), path, problem }),
                        };
                    }
                }
                behind += 1;
            }
        }
        tail.of(folder, open)
    }

    fn of(self, folder: &Path, open: OpenLines) -> Result<Self, JournalError> {
        let instance = match self.month {
            Some(newest) => instance(folder, newest)?,
            None => None,
        };
        Ok(Self { open: open.found(), instance, ..self })
    }
}

/// What lines that can't be read are, at some place.
#[derive(Debug, Clone, Copy)]
enum Wreck {
    /// They are damage.
    None,
    /// They were broken off, and nobody told that yet.
    Last,
    /// So many bytes of them were broken off, and a line behind them tells it.
    Told(u64),
}

/// Adds a line to the bytes that were broken off. Where that happened twice, a newline stands between.
fn with_line(torn: Option<u64>, bytes: &[u8]) -> u64 {
    torn.map_or(0, |torn| torn + 1) + bytes.len() as u64
}

fn torn_bytes(line: &Line) -> Option<u64> {
    match line.content {
        LineContent::Torn { bytes } => Some(bytes),
        _ => None,
    }
}

fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}

/// Returns the number of a line in its file, by how many stand behind it. The last of all is told where the file can't
/// be read again.
fn line_number(path: &Path, behind: u64) -> u64 {
    let count = || -> io::Result<u64> {
        let mut lines = BufReader::new(File::open(path)?);
        let (mut count, mut line) = (0, Vec::new());
        while lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? > 0 {
            count += 1;
            line.clear();
        }
        Ok(count)
    };
    count().unwrap_or_default().saturating_sub(behind).max(1)
}

/// Returns the GitLab that the first line of a file names. Lines that were broken off may stand before it.
pub(super) fn instance(folder: &Path, month: Month) -> Result<Option<String>, JournalError> {
    let path = folder.join(month.file_name());
    let first = || -> io::Result<Option<String>> {
        let mut lines = BufReader::new(File::open(&path)?);
        let mut line = Vec::new();
        for _ in 0..16 {
            line.clear();
            if lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if let Ok(Line { content: LineContent::Run(run), .. }) = Line::read(line.trim_ascii_end()) {
                return Ok(Some(run.instance));
            }
        }
        Ok(None)
    };
    first().map_err(JournalError::reading(&path))
}
