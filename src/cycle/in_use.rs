//! Reads in-use files from disk.
//!
//! They may lie anywhere, because whatever writes them has a volume of its own. So nothing that stands in them is ever told.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

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

/// Reads in-use files, again and again. What says the same as before is not gone through anew: such a file may have many
/// megabytes, and a daemon looks at it every few seconds. Clones share what they have read.
#[derive(Debug, Clone, Default)]
pub struct InUseReader(Arc<Mutex<BTreeMap<String, ReadFile>>>);

/// A file as it was read last.
#[derive(Debug)]
struct ReadFile {
    digest: [u8; 32],
    reading: InUseReading,
}

impl InUseReader {
    /// Returns a set with what stands in its in-use files now; `None` where it goes by none. They are read until two
    /// readings agree. One that does not settle can't be used.
    #[must_use]
    pub fn renewed(&self, set: &PolicySet, now: Timestamp) -> Option<PolicySet> {
        if !set.goes_by_files() {
            return None;
        }
        let rules = set.protections.iter().flat_map(|protection| &protection.rules);
        let names: BTreeSet<&str> = rules.filter_map(Hold::from_file).map(|from| from.file.as_str()).collect();
        let texts = settled(|| names.iter().map(|file| ((*file).to_owned(), text(file))).collect());
        let mut set = set.clone();
        set.take_in_use(&self.understood(texts), now);
        Some(set)
    }

    fn understood(&self, texts: FileTexts) -> InUseFiles {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|file, _| texts.contains_key(file));
        let understood = texts.into_iter().map(|(file, text)| {
            let reading = text.and_then(|text| {
                let digest = Sha256::digest(&text).into();
                if let Some(before) = known.get(&file).filter(|before| before.digest == digest) {
                    return before.reading.clone();
                }
                let reading = InUse::parse(&text).map(Arc::new);
                known.insert(file.clone(), ReadFile { digest, reading: reading.clone() });
                reading
            });
            (file, reading)
        });
        InUseFiles(understood.collect())
    }
}

/// The texts of files, or why they can't be read.
type FileTexts = BTreeMap<String, Result<String, Unusable>>;

/// Reads until two readings agree. A file that never does can't be used.
fn settled(read: impl Fn() -> FileTexts) -> FileTexts {
    let mut before = read();
    for _ in 1..READINGS {
        let after = read();
        if before == after {
            return after;
        }
        before = after;
    }
    before.into_keys().map(|file| (file, Err(Unusable::Unsettled))).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_the_same_is_gone_through_once() {
        let reader = InUseReader::default();
        let read = |text: &str| {
            let texts = BTreeMap::from([("in-use.txt".to_owned(), Ok(text.to_owned()))]);
            reader.understood(texts).0.remove("in-use.txt").unwrap()
        };
        let list = "# as of 2026-11-27T10:00:00Z\npkg:npm/a@1\n";
        let [first, again] = [read(list), read(list)].map(Result::unwrap);
        assert!(Arc::ptr_eq(&first, &again));
        let other = read(&list.replace("a@1", "a@2")).unwrap();
        assert_ne!(other, first);
        assert_eq!(read("glued"), read("glued"));
        assert!(read("glued").is_err());
        // It is known by what it says, whatever came in between.
        assert_eq!(read(list).unwrap(), first);
    }

    #[test]
    fn a_file_that_changes_with_each_reading_does_not_settle() {
        let count = std::cell::Cell::new(0);
        let read = || {
            count.set(count.get() + 1);
            BTreeMap::from([("in-use.txt".to_owned(), Ok(count.get().to_string()))])
        };
        assert_eq!(settled(read)["in-use.txt"], Err(Unusable::Unsettled));
        assert_eq!(count.get(), READINGS);
    }
}
