//! Reads the lines of a file from any of them on.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::backwards::LONGEST_LINE;
use super::chain::LineHash;

/// A file that is read line by line.
#[derive(Debug)]
pub(super) struct Forwards {
    reader: BufReader<File>,
    line: Vec<u8>,
    /// Where the next line begins in the file.
    at: u64,
}

impl Forwards {
    /// Opens a file at its beginning.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        Ok(Self { reader: BufReader::with_capacity(256 << 10, file), line: Vec::new(), at: 0 })
    }

    /// Goes to the line that begins at a byte of the file.
    pub(super) fn go_to(&mut self, at: u64) -> io::Result<()> {
        if at != self.at {
            self.reader.seek(SeekFrom::Start(at))?;
            self.at = at;
        }
        Ok(())
    }

    /// Returns where the next line begins.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Returns the next line without a newline at its end. The last one may lack it.
    pub(super) fn next_line(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        let read = self.reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut self.line)? as u64;
        if read == LONGEST_LINE {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a line of it is too long to be one of a journal"));
        }
        self.at += read;
        Ok((read > 0).then(|| self.line.strip_suffix(b"\n").unwrap_or(&self.line)))
    }

    /// Returns the next line if a newline ends it, and where the line behind it begins. Another process may be writing
    /// the last one.
    pub(super) fn next_whole_line(&mut self) -> io::Result<Option<(&[u8], u64)>> {
        let has_line = self.next_line()?.is_some();
        let line = self.line.strip_suffix(b"\n").filter(|_| has_line);
        Ok(line.map(|line| (line, self.at)))
    }

    /// Returns the size of the file.
    pub(super) fn size(&self) -> io::Result<u64> {
        Ok(self.reader.get_ref().metadata()?.len())
    }

    /// Returns whether the line that ends before a byte of the file, newline included, has this hash.
    pub(super) fn ends_with(&mut self, end: u64, hash: LineHash) -> io::Result<bool> {
        let mut size = 4096;
        loop {
            let begin = end.saturating_sub(size);
            let mut bytes = vec![0; usize::try_from(end - begin).map_err(io::Error::other)?];
            self.reader.seek(SeekFrom::Start(begin))?;
            self.at = begin;
            self.reader.read_exact(&mut bytes)?;
            self.at = end;
            let Some(text) = bytes.strip_suffix(b"\n") else { return Ok(false) };
            match text.iter().rposition(|byte| *byte == b'\n') {
                Some(newline) => return Ok(LineHash::of(&text[newline + 1..]) == hash),
                None if begin == 0 => return Ok(LineHash::of(text) == hash),
                None if size > LONGEST_LINE => return Ok(false),
                None => size *= 4,
            }
        }
    }
}
