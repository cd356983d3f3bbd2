//! Reads the index beside a month's file, and makes what is missing of it.
//!
//! Whatever is wrong with an index, it is made anew from there on. If it can't be written, it serves the one reading.

use std::fs;
use std::io;
use std::path::Path;

use super::error::JournalError;
use super::forwards::Forwards;
use super::index::{Block, HEADER};
use super::month::Month;

/// The index of one month.
#[derive(Debug)]
pub(super) struct MonthIndex {
    bytes: Vec<u8>,
    /// Where the lines begin that are in no block yet.
    covered: u64,
}

impl MonthIndex {
    /// Reads the index of a month, and goes on with it to the last whole block.
    pub(super) fn of(folder: &Path, month: Month) -> Result<Self, JournalError> {
        let path = folder.join(month.file_name());
        let index_path = folder.join(month.index_name());
        let found = fs::read(&index_path).unwrap_or_default();
        let length = found.len();
        let extend = || -> io::Result<Self> {
            let mut lines = Forwards::open(&path)?;
            let mut index = SoundBlocks::of(found, &mut lines)?;
            let known = index.bytes.len();
            index.extend(&mut lines)?;
            if index.bytes.len() > known || known < length {
                // Without it the next reading takes as long as this one.
                let _ = write(&index_path, &index.bytes);
            }
            Ok(Self { bytes: index.bytes, covered: index.covered })
        };
        extend().map_err(JournalError::reading(&path))
    }

    /// Returns the blocks in their order.
    pub(super) fn blocks(&self) -> impl Iterator<Item = Block> {
        let mut rest = self.bytes.strip_prefix(HEADER).unwrap_or_default();
        let mut sum = 0;
        std::iter::from_fn(move || {
            let (block, checksum, behind) = Block::read(sum, rest)?;
            (sum, rest) = (checksum, behind);
            Some(block)
        })
    }

    /// Returns where the lines begin that are in no block yet.
    pub(super) fn covered(&self) -> u64 {
        self.covered
    }
}

/// The part of an index that is right.
struct SoundBlocks {
    bytes: Vec<u8>,
    sum: u64,
    covered: u64,
}

impl SoundBlocks {
    /// Takes the blocks that are whole, and lie one behind the other in the file. None is right where the last one's last
    /// line is not the file's.
    fn of(mut found: Vec<u8>, lines: &mut Forwards) -> io::Result<Self> {
        let nothing = || Self { bytes: HEADER.to_vec(), sum: 0, covered: 0 };
        let mut known = nothing();
        let mut last = None;
        let mut rest = found.strip_prefix(HEADER).unwrap_or_default();
        let size = lines.size()?;
        while let Some((block, sum, behind)) = Block::read(known.sum, rest) {
            if block.begin != known.covered || block.end <= block.begin || block.end > size {
                break;
            }
            (known.sum, known.covered, rest) = (sum, block.end, behind);
            last = Some(block);
        }
        if let Some(block) = last
            && !lines.ends_with(block.end, block.last)?
        {
            return Ok(nothing());
        }
        if known.covered == 0 {
            return Ok(nothing());
        }
        let right = found.len() - rest.len();
        found.truncate(right);
        Ok(Self { bytes: found, ..known })
    }

    /// Goes on to the last whole block of the file.
    fn extend(&mut self, lines: &mut Forwards) -> io::Result<()> {
        lines.go_to(self.covered)?;
        let mut builder = Block::begin(self.covered);
        while let Some((line, end)) = lines.next_whole_line()? {
            if let Some(block) = builder.add(line, end) {
                self.sum = block.write(self.sum, &mut self.bytes);
                self.covered = block.end;
                builder = Block::begin(self.covered);
            }
        }
        Ok(())
    }
}

/// Writes an index whole or not at all. Two processes may do so at once.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension(format!("index.{}", std::process::id()));
    let written = fs::write(&new, bytes).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}
