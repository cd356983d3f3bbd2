//! Reads the lines of a file from its end.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// How much is read at once, at first.
const CHUNK: u64 = 64 << 10;

/// The longest line that is read. A package of 100,000 files has one of some 15 MB.
pub(super) const LONGEST_LINE: u64 = 64 << 20;

/// A file that is read from its end.
#[derive(Debug)]
pub(super) struct Backwards {
    file: File,
    /// Where the part that was read begins in the file.
    at: u64,
    /// The part that was read and not yet returned.
    unread: Vec<u8>,
    /// The whole file was returned.
    is_over: bool,
}

/// The end of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileEnd {
    /// It has no bytes.
    Empty,
    /// A newline.
    Whole,
    /// Something else.
    Torn,
}

impl Backwards {
    /// Opens a file, and tells how it ends.
    pub(super) fn open(path: &Path) -> io::Result<(Self, FileEnd)> {
        let mut file = File::open(path)?;
        let at = file.seek(SeekFrom::End(0))?;
        let mut backwards = Self { file, at, unread: Vec::new(), is_over: at == 0 };
        if at == 0 {
            return Ok((backwards, FileEnd::Empty));
        }
        backwards.read_more()?;
        let end = if backwards.unread.last() == Some(&b'\n') { FileEnd::Whole } else { FileEnd::Torn };
        if end == FileEnd::Whole {
            backwards.unread.pop();
        }
        Ok((backwards, end))
    }

    /// Returns the line before the one that was returned last, without a newline at its end.
    pub(super) fn next_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.is_over {
            return Ok(None);
        }
        // What was searched in vain needs no second look.
        let mut searched = 0;
        loop {
            let new = &self.unread[..self.unread.len() - searched];
            if let Some(newline) = new.iter().rposition(|byte| *byte == b'\n') {
                let line = self.unread.split_off(newline + 1);
                self.unread.pop();
                return Ok(Some(line));
            }
            if self.at == 0 {
                self.is_over = true;
                return Ok(Some(std::mem::take(&mut self.unread)));
            }
            searched = self.unread.len();
            if searched as u64 > LONGEST_LINE {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "a line of it is too long to be one of a journal",
                ));
            }
            self.read_more()?;
        }
    }

    /// Reads what lies before: as much again as there is, so that a long line is not copied often.
    fn read_more(&mut self) -> io::Result<()> {
        let size = CHUNK.max(self.unread.len() as u64).min(self.at);
        self.at -= size;
        self.file.seek(SeekFrom::Start(self.at))?;
        let mut read = Vec::new();
        self.file.by_ref().take(size).read_to_end(&mut read)?;
        if read.len() as u64 != size {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it got shorter while it was read"));
        }
        read.append(&mut self.unread);
        self.unread = read;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> (FileEnd, Vec<Vec<u8>>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, text).unwrap();
        let (mut backwards, end) = Backwards::open(&path).unwrap();
        let mut lines = Vec::new();
        while let Some(line) = backwards.next_line().unwrap() {
            lines.push(line);
        }
        lines.reverse();
        (end, lines)
    }

    #[test]
    fn every_line_comes_once_whatever_its_length() {
        assert_eq!(lines(b""), (FileEnd::Empty, vec![]));
        assert_eq!(lines(b"\n"), (FileEnd::Whole, vec![vec![]]));
        assert_eq!(lines(b"a\n\nb"), (FileEnd::Torn, vec![b"a".to_vec(), vec![], b"b".to_vec()]));
        let chunk = usize::try_from(CHUNK).unwrap();
        for length in [1, chunk - 1, chunk, chunk + 1, 3 * chunk + 7] {
            let line = vec![b'x'; length];
            let text = [&b"first\n"[..], &line, b"\n", &line, b"\nlast\n"].concat();
            let expected = vec![b"first".to_vec(), line.clone(), line, b"last".to_vec()];
            assert_eq!(lines(&text), (FileEnd::Whole, expected), "{length}");
        }
    }
}
