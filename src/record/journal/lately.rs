//! Remembers what went lately: a server that is behind still shows it.

use std::path::Path;

use jiff::Timestamp;

use super::backwards::Backwards;
use super::error::JournalError;
use super::line::{Finding, Line, LineContent};
use super::open_line::ItemKey;
use super::shelf::months;
use crate::plan::Outcome;
use crate::record::sent::SETTLED;

/// What went in the last two minutes, each with the time at which that was written down.
#[derive(Debug, Default)]
pub(super) struct GoneLately(Vec<(ItemKey, Timestamp)>);

impl GoneLately {
    /// Reads what the runs before wrote.
    pub(super) fn read(folder: &Path, now: Timestamp) -> Result<Self, JournalError> {
        let mut gone = Self::default();
        for month in months(folder)?.into_iter().rev() {
            let path = folder.join(month.file_name());
            let (mut lines, _) = Backwards::open(&path).map_err(JournalError::reading(&path))?;
            while let Some(bytes) = lines.next_line().map_err(JournalError::reading(&path))? {
                // Whoever looks for open lines tells of those that can't be read.
                let Ok(line) = Line::read(&bytes) else { continue };
                if !is_late(line.time, now) {
                    return Ok(gone);
                }
                gone.0.extend(gone_by(&line.content).map(|item| (item, line.time)));
            }
        }
        Ok(gone)
    }

    /// Notes what a line says, and forgets what went too long before.
    pub(super) fn note(&mut self, content: &LineContent, at: Timestamp) {
        self.0.retain(|(_, then)| is_late(*then, at));
        self.0.extend(gone_by(content).map(|item| (item, at)));
    }

    /// Returns what a listing that began at `at` may still show.
    pub(super) fn shown_at(&self, at: Timestamp) -> Vec<ItemKey> {
        self.0.iter().filter(|(_, then)| is_late(*then, at)).map(|(item, _)| *item).collect()
    }
}

/// Returns whether a listing of `now` may still show what went then.
fn is_late(then: Timestamp, now: Timestamp) -> bool {
    now.duration_since(then) < SETTLED
}

fn gone_by(content: &LineContent) -> Option<ItemKey> {
    let is_gone = |outcome: &str| [Outcome::Deleted, Outcome::AlreadyGone].iter().any(|gone| gone.code() == outcome);
    match content {
        LineContent::Ended(ended) if is_gone(&ended.outcome) => Some(ended.item),
        LineContent::Closed(closed) if closed.found == Finding::Gone => Some(closed.item),
        _ => None,
    }
}
