//! The files of a journal's folder: which there are, and which are removed.

use std::fs;
use std::io;
use std::path::Path;

use jiff::Timestamp;

use super::backwards::Backwards;
use super::chain::{LineHead, Seq};
use super::error::JournalError;
use super::month::{Month, MonthSpan, months_that_go};
use super::open_line::OpenLine;

/// Returns the months that have a file, the oldest first.
pub(super) fn months(folder: &Path) -> Result<Vec<Month>, JournalError> {
    let names = || -> io::Result<Vec<Month>> {
        let mut months = Vec::new();
        for entry in fs::read_dir(folder)? {
            months.extend(entry?.file_name().to_str().and_then(Month::of_file));
        }
        months.sort_unstable();
        Ok(months)
    };
    names().map_err(JournalError::reading(folder))
}

/// Removes the files of the months that may go, each with its index.
pub(super) fn forget(folder: &Path, open: &[OpenLine], before: Timestamp) -> Result<Vec<Month>, JournalError> {
    let mut all = months(folder)?;
    all.pop();
    let mut spans = Vec::new();
    for month in all {
        spans.push(span(folder, month, spans.last())?);
    }
    let going = months_that_go(&spans, open, before);
    for month in &going {
        let path = folder.join(month.file_name());
        fs::remove_file(&path).map_err(JournalError::writing(&path))?;
        let index = folder.join(month.index_name());
        match fs::remove_file(&index) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(JournalError::writing(&index)(error)),
        }
    }
    Ok(going)
}

/// Returns what a month's file holds, by the last line in it that can be read. One without such a line is as the month
/// before it.
fn span(folder: &Path, month: Month, earlier: Option<&MonthSpan>) -> Result<MonthSpan, JournalError> {
    let path = folder.join(month.file_name());
    let last = || -> io::Result<Option<LineHead>> {
        let (mut lines, _) = Backwards::open(&path)?;
        while let Some(line) = lines.next_line()? {
            if let Some(head) = LineHead::read(&line) {
                return Ok(Some(head));
            }
        }
        Ok(None)
    };
    Ok(match last().map_err(JournalError::reading(&path))? {
        Some(head) => MonthSpan { month, last_seq: head.seq, last_time: head.time },
        None => earlier.map_or(MonthSpan { month, last_seq: Seq(0), last_time: Timestamp::MIN }, |earlier| MonthSpan {
            month,
            ..*earlier
        }),
    })
}
