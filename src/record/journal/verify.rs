//! Reads the chain of a journal through all its files.

use std::path::Path;

use super::chain::{Chain, ChainBreak, ChainEnd};
use super::error::JournalError;
use super::forwards::Forwards;
use super::shelf::months;

/// What a reading of the whole chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The places where it is broken, in their order.
    pub breaks: Vec<ChainBreak>,
    /// What it came to.
    pub end: ChainEnd,
}

/// Reads the chain of the GitLab whose journal is in `folder`. It may be written meanwhile.
///
/// # Errors
///
/// When a file can't be read.
pub fn verify(folder: &Path) -> Result<Verified, JournalError> {
    let mut chain = Chain::default();
    let mut breaks = Vec::new();
    for month in months(folder)? {
        let path = folder.join(month.file_name());
        let mut lines = Forwards::open(&path).map_err(JournalError::reading(&path))?;
        chain.begin_file(&month.file_name());
        while let Some(line) = lines.next_line().map_err(JournalError::reading(&path))? {
            breaks.extend(chain.take(line));
        }
    }
    Ok(Verified { breaks, end: chain.end() })
}
