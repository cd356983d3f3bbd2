//! Reads in-use files from disk.
//!
//! They may lie anywhere, because whatever writes them has a volume of its own. So nothing that stands in them is ever told.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::sync::Arc;

use jiff::Timestamp;

use crate::policy::{Hold, InUse, InUseFiles, InUseReading, PolicySet, Unusable};

/// The most that is read of a file.
const MOST_MEBIBYTES: u64 = 64;
const MOST_BYTES: u64 = MOST_MEBIBYTES << 20;

/// How often the files are read at most, until two readings agree.
const READINGS: usize = 5;

/// Reads these files once.
#[must_use]
pub fn read_files<'f>(files: impl IntoIterator<Item = &'f str>) -> InUseFiles {
    InUseFiles(files.into_iter().map(|file| (file.to_owned(), read(file))).collect())
}

/// Returns a set with what stands in its in-use files now; `None` where it goes by none. They are read until two readings
/// agree. One that does not settle can't be used.
#[must_use]
pub fn renewed(set: &PolicySet, now: Timestamp) -> Option<PolicySet> {
    if !set.goes_by_files() {
        return None;
    }
    let rules = set.protections.iter().flat_map(|protection| &protection.rules);
    let names: BTreeSet<&str> = rules.filter_map(Hold::from_file).map(|from| from.file.as_str()).collect();
    let mut set = set.clone();
    set.take_in_use(&settled(|| read_files(names.iter().copied())), now);
    Some(set)
}

/// Reads until two readings agree. A file that never does can't be used.
fn settled(read: impl Fn() -> InUseFiles) -> InUseFiles {
    let mut before = read();
    for _ in 1..READINGS {
        let after = read();
        if before == after {
            return after;
        }
        before = after;
    }
    InUseFiles(before.0.into_keys().map(|file| (file, Err(Unusable::Unsettled))).collect())
}

fn read(file: &str) -> InUseReading {
    let text = text(file)?;
    InUse::parse(&text).map(Arc::new)
}

fn text(file: &str) -> Result<String, Unusable> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Unusable::Missing,
        kind => Unusable::Unreadable { why: kind.to_string() },
    };
    let too_large = Unusable::TooLarge { mebibytes: MOST_MEBIBYTES };
    // Reading a pipe would wait without end, and every signal with it.
    let metadata = fs::metadata(file).map_err(failed)?;
    if !metadata.is_file() {
        return Err(Unusable::Special);
    }
    if metadata.len() > MOST_BYTES {
        return Err(too_large);
    }
    let mut bytes = Vec::new();
    File::open(file).and_then(|open| open.take(MOST_BYTES + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(too_large);
    }
    String::from_utf8(bytes).map_err(|_| Unusable::Encoding)
}
