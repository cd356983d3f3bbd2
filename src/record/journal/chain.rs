//! The chain of a journal: each line has the hash of the one before it, and a number that is one more.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// Takes the lines of all files in their order, and tells where the chain is broken.
#[derive(Debug, Default)]
pub struct Chain {
    file: String,
    /// The number of the line in its file.
    line: u64,
    last: Option<Last>,
    /// The number of lines that were taken.
    lines: u64,
    first: Option<Seq>,
    /// The first line of this file is still to come.
    begins_file: bool,
}

/// The last line that was taken.
#[derive(Debug)]
struct Last {
    /// Its number, or that of the last line before it that could be read.
    seq: Seq,
    hash: LineHash,
    /// The place and the size of lines that can't be read. A `torn` line behind them explains them.
    unread: Option<(String, u64, u64)>,
}

/// A place where the chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChainBreak {
    /// The file's name.
    pub file: String,
    /// The line in that file, counted from 1.
    pub line: u64,
    /// What is wrong there.
    pub problem: BreakKind,
}

/// What is wrong with a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakKind {
    /// The line names another hash than that of the line before it.
    Hash,
    /// Lines are missing before this one, or it stands twice.
    Skipped {
        /// The number that it should have.
        expected: Seq,
        /// The number that it has.
        found: Seq,
    },
    /// The first line of a file doesn't continue the file before: one between them is missing.
    MissingFile {
        /// The number that it should have.
        expected: Seq,
        /// The number that it has.
        found: Seq,
    },
    /// The line can't be read.
    Unreadable,
}

/// What the whole chain came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainEnd {
    /// How many lines there are.
    pub lines: u64,
    /// The number of the first line, where it is not 1: those before it are gone.
    pub begins_at: Option<Seq>,
    /// A last line that can't be read. The next run tells of it in a `torn` line, so it is no break yet.
    pub torn: Option<(String, u64)>,
}

impl Chain {
    /// Goes on with the next file.
    pub fn begin_file(&mut self, name: &str) {
        name.clone_into(&mut self.file);
        self.line = 0;
        self.begins_file = true;
    }

    /// Takes the next line, without the newline at its end, and returns the breaks that it shows.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<ChainBreak> {
        self.line += 1;
        self.lines += 1;
        let begins_file = std::mem::take(&mut self.begins_file);
        let mut breaks = Vec::new();
        let last = self.last.take();
        let Some(head) = LineHead::read(bytes) else {
            let size = bytes.len() as u64;
            let unread = match last.as_ref().and_then(|last| last.unread.clone()) {
                // A line that tells of a broken one may be broken off itself.
                Some((file, line, before)) if !begins_file => (file, line, before + 1 + size),
                before => {
                    breaks.extend(before.map(ChainBreak::unreadable));
                    (self.file.clone(), self.line, size)
                }
            };
            let seq = last.map_or(Seq(0), |last| last.seq);
            self.last = Some(Last { seq, hash: LineHash::of(bytes), unread: Some(unread) });
            return breaks;
        };
        self.first.get_or_insert(head.seq);
        let problem = match last {
            None => (head.seq == Seq(1) && head.prev != LineHash::default()).then_some(BreakKind::Hash),
            Some(Last { unread: Some(unread), .. }) if !head.explains(unread.2) => {
                breaks.push(ChainBreak::unreadable(unread));
                None
            }
            Some(last) => last.problem_of(&head, begins_file),
        };
        breaks.extend(problem.map(|problem| ChainBreak { file: self.file.clone(), line: self.line, problem }));
        self.last = Some(Last { seq: head.seq, hash: LineHash::of(bytes), unread: None });
        breaks
    }

    /// Tells what the chain came to.
    #[must_use]
    pub fn end(self) -> ChainEnd {
        ChainEnd {
            lines: self.lines,
            begins_at: self.first.filter(|seq| *seq > Seq(1)),
            torn: self.last.and_then(|last| last.unread).map(|(file, line, _)| (file, line)),
        }
    }
}

impl Last {
    /// Returns what is wrong with a line behind this one.
    fn problem_of(&self, head: &LineHead, begins_file: bool) -> Option<BreakKind> {
        let (expected, found) = (self.seq.next(), head.seq);
        // Where the first line of all is torn, those before it may be gone.
        if self.seq == Seq(0) {
            return (head.prev != self.hash).then_some(BreakKind::Hash);
        }
        match (expected == found, begins_file) {
            (true, _) => (head.prev != self.hash).then_some(BreakKind::Hash),
            (false, true) => Some(BreakKind::MissingFile { expected, found }),
            (false, false) => Some(BreakKind::Skipped { expected, found }),
        }
    }
}

impl ChainBreak {
    fn unreadable((file, line, _): (String, u64, u64)) -> Self {
        Self { file, line, problem: BreakKind::Unreadable }
    }
}

impl fmt::Display for ChainBreak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        match self.problem {
            BreakKind::Hash => write!(f, "the line before it is not the one that was there when it was written"),
            BreakKind::Skipped { expected, found } => {
                write!(f, "it is line {found} of the journal, and should be {expected}")
            }
            BreakKind::MissingFile { expected, found } => {
                write!(
                    f,
                    "the file begins with line {found} of the journal, and should begin with {expected}: a file before it is missing, or was cut"
                )
            }
            BreakKind::Unreadable => write!(f, "it can't be read"),
        }
    }
}

/// The number of a line. It counts from 1 through the files of all months.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

/// The SHA-256 of the bytes of a line, without the newline at its end. Before the first line it is all zeros.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct LineHash(pub [u8; 32]);

/// The part of a line that every format has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LineHead {
    /// The version of its form.
    pub format: u32,
    /// Its number.
    pub seq: Seq,
    /// The hash of the line before it.
    pub prev: LineHash,
    /// When it was written.
    pub time: Timestamp,
    /// Its kind by name.
    pub kind: String,
    /// The bytes that a `torn` line tells of.
    #[serde(default)]
    pub bytes: Option<u64>,
}

impl LineHead {
    /// Reads the head of a line of any format; `None` where it has none.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// Returns whether it tells that the line before it, of so many bytes, was broken off.
    fn explains(&self, size: u64) -> bool {
        self.kind == "torn" && self.bytes == Some(size)
    }
}

impl LineHash {
    /// Returns the hash of a line without the newline at its end.
    #[must_use]
    pub fn of(line: &[u8]) -> Self {
        Self(Sha256::digest(line).into())
    }
}

impl Seq {
    /// Returns the number after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for LineHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for LineHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LineHash({self})")
    }
}

impl Serialize for LineHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LineHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let mut hash = [0; 32];
        let digits: Option<Vec<u8>> =
            text.bytes().map(|c| char::from(c).to_digit(16).map(|digit| digit as u8)).collect();
        let digits =
            digits.filter(|digits| digits.len() == 64).ok_or_else(|| D::Error::custom("a hash has 64 hex digits"))?;
        for (byte, pair) in hash.iter_mut().zip(digits.chunks(2)) {
            *byte = pair.iter().fold(0, |byte, digit| byte << 4 | digit);
        }
        Ok(Self(hash))
    }
}
