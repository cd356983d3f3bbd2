//! The form of the index beside a month's file: for every block of lines what is in it.
//!
//! An index only tells which blocks are worth reading. It has a checksum for each block that covers those before it, and
//! the hash of each block's last line, so that one that is damaged or of other lines is seen as such.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::chain::{LineHash, Seq};
use super::line::{FORMAT, KINDS};
use crate::package::groups_above;

/// How many lines are a block.
pub(super) const BLOCK: usize = if cfg!(test) { 8 } else { 1024 };

/// What an index of this form begins with.
pub(super) const HEADER: &[u8] = b"gleaner-index 1\n";

/// The lines of one block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// Where its first line begins in the file.
    pub(super) begin: u64,
    /// Where the line behind it begins.
    pub(super) end: u64,
    /// The first and the last second in which a line of it was written.
    pub(super) seconds: (i64, i64),
    /// Some line of it can't be read, so that nobody knows what is in it.
    pub(super) is_opaque: bool,
    /// The hash of its last line.
    pub(super) last: LineHash,
    /// The keys of what its lines name, sorted.
    pub(super) keys: Vec<u32>,
    /// The lines before this block that lines of it end, close or repeat, sorted.
    pub(super) settles: Vec<Seq>,
}

/// What the index looks at in a line.
#[derive(Debug, Deserialize)]
pub(super) struct Glance {
    format: u32,
    kind: String,
    pub(super) seq: Seq,
    pub(super) time: Timestamp,
    pub(super) run: String,
    pub(super) policy: Option<String>,
    pub(super) name: Option<String>,
    pub(super) project_id: Option<u64>,
    pub(super) project_path: Option<String>,
    /// The line that it ends or closes.
    pub(super) of: Option<Seq>,
    pub(super) again_of: Option<Seq>,
    bytes: Option<u64>,
}

impl Glance {
    /// Looks at a line; `None` where this release can't read it.
    pub(super) fn at(line: &[u8]) -> Option<Self> {
        let glance: Self = serde_json::from_slice(line).ok()?;
        (glance.format <= FORMAT && KINDS.contains(&glance.kind.as_str())).then_some(glance)
    }

    /// Returns whether it tells of a deletion.
    pub(super) fn is_deletion(&self) -> bool {
        self.kind == "delete"
    }

    /// Returns the line that this one ends, closes or repeats.
    pub(super) fn settles(&self) -> Option<Seq> {
        self.of.or(self.again_of)
    }

    /// Returns how many bytes it tells to have been broken off before it.
    pub(super) fn torn(&self) -> Option<u64> {
        self.bytes.filter(|_| self.kind == "torn")
    }

    fn keys(&self) -> impl Iterator<Item = u32> {
        let path = self.project_path.as_deref().map(str::to_lowercase);
        let above: Vec<u32> = path.iter().flat_map(|path| groups_above(path)).map(key_of_path).collect();
        let keys = [
            self.name.as_deref().map(key_of_name),
            self.policy.as_deref().map(key_of_policy),
            self.project_id.map(key_of_project),
            path.as_deref().map(key_of_path),
            Some(key_of_run(&self.run)),
        ];
        keys.into_iter().flatten().chain(above)
    }
}

/// Returns the key of a package's name.
pub(super) fn key_of_name(name: &str) -> u32 {
    key(b'n', name)
}

/// Returns the key of a policy's name.
pub(super) fn key_of_policy(policy: &str) -> u32 {
    key(b'o', policy)
}

/// Returns the key of a run.
pub(super) fn key_of_run(run: &str) -> u32 {
    key(b'r', run)
}

/// Returns the key of a project's id.
pub(super) fn key_of_project(id: u64) -> u32 {
    key(b'i', &id.to_string())
}

/// Returns the key of the path, in lower case, of a project or of a group above it.
pub(super) fn key_of_path(path: &str) -> u32 {
    key(b'p', path)
}

/// Hashes a text of some kind: FNV-1a, the halves of 64 bits folded. Two texts may share a key, which makes a block
/// worth reading that needn't be.
fn key(kind: u8, text: &str) -> u32 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = std::iter::once(kind).chain(text.bytes()).fold(0xcbf2_9ce4_8422_2325, step);
    (hash >> 32) as u32 ^ hash as u32
}

impl Block {
    /// Returns a block that begins at a byte of the file and has no line yet.
    pub(super) fn begin(at: u64) -> BlockBuilder {
        let seconds = (i64::MAX, i64::MIN);
        let (keys, settles) = (BTreeSet::new(), BTreeSet::new());
        BlockBuilder { begin: at, lines: 0, seconds, first: None, is_opaque: false, keys, settles }
    }

    /// Returns whether its lines name this.
    pub(super) fn has(&self, key: u32) -> bool {
        self.keys.binary_search(&key).is_ok()
    }

    /// Writes it behind an index whose last checksum is `before`, and returns its own.
    pub(super) fn write(&self, before: u64, index: &mut Vec<u8>) -> u64 {
        let mut payload = Vec::new();
        for number in [self.begin, self.end, self.seconds.0 as u64, self.seconds.1 as u64] {
            payload.extend(number.to_le_bytes());
        }
        payload.push(u8::from(self.is_opaque));
        payload.extend(self.last.0);
        payload.extend((self.keys.len() as u32).to_le_bytes());
        self.keys.iter().for_each(|key| payload.extend(key.to_le_bytes()));
        payload.extend((self.settles.len() as u32).to_le_bytes());
        self.settles.iter().for_each(|seq| payload.extend(seq.0.to_le_bytes()));
        let checksum = checksum(before, &payload);
        index.extend((payload.len() as u32).to_le_bytes());
        index.extend(payload);
        index.extend(checksum.to_le_bytes());
        checksum
    }

    /// Reads the first block of what is left of an index; `None` where there is none that is whole and right. Returns its
    /// checksum and what is left behind it, too.
    pub(super) fn read(before: u64, index: &[u8]) -> Option<(Self, u64, &[u8])> {
        let (length, rest) = index.split_first_chunk::<4>()?;
        let (payload, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let (sum, rest) = rest.split_first_chunk::<8>()?;
        let sum = u64::from_le_bytes(*sum);
        if sum != checksum(before, payload) {
            return None;
        }
        let mut parts = BlockBytes(payload);
        let (begin, end) = (parts.u64()?, parts.u64()?);
        let seconds = (parts.u64()? as i64, parts.u64()? as i64);
        let is_opaque = parts.take::<1>()? != [0];
        let last = LineHash(parts.take()?);
        let keys = (0..parts.u32()?).map(|_| parts.u32()).collect::<Option<_>>()?;
        let settles = (0..parts.u32()?).map(|_| parts.u64().map(Seq)).collect::<Option<_>>()?;
        Some((Self { begin, end, seconds, is_opaque, last, keys, settles }, sum, rest))
    }
}

/// The parts of a block's bytes that are still to be read.
struct BlockBytes<'a>(&'a [u8]);

impl BlockBytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (part, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*part)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }
}

fn checksum(before: u64, payload: &[u8]) -> u64 {
    let hash = Sha256::new().chain_update(before.to_le_bytes()).chain_update(payload).finalize();
    hash.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// A block that lines are added to.
#[derive(Debug)]
pub(super) struct BlockBuilder {
    begin: u64,
    lines: usize,
    seconds: (i64, i64),
    first: Option<Seq>,
    is_opaque: bool,
    keys: BTreeSet<u32>,
    settles: BTreeSet<Seq>,
}

impl BlockBuilder {
    /// Adds a line without the newline at its end. The last one of a block returns the block, `end` being where the line
    /// behind it begins.
    pub(super) fn add(&mut self, line: &[u8], end: u64) -> Option<Block> {
        self.lines += 1;
        match Glance::at(line) {
            None => self.is_opaque = true,
            Some(glance) => {
                let second = glance.time.as_second();
                self.seconds = (self.seconds.0.min(second), self.seconds.1.max(second));
                let first = *self.first.get_or_insert(glance.seq);
                self.keys.extend(glance.keys());
                self.settles.extend(glance.settles().filter(|seq| *seq < first));
            }
        }
        (self.lines == BLOCK).then(|| Block {
            begin: self.begin,
            end,
            seconds: self.seconds,
            is_opaque: self.is_opaque,
            last: LineHash::of(line),
            keys: std::mem::take(&mut self.keys).into_iter().collect(),
            settles: std::mem::take(&mut self.settles).into_iter().collect(),
        })
    }
}
