//! Reads the whole policy set again and again, and parses it where a byte has changed.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::halt::{Halt, first, with_cause};
use crate::cycle::load::load_policies;
use crate::policy::PolicySet;
use crate::yaml::Source;

/// Policy files on disk. Clones share what they have read.
#[derive(Debug, Clone)]
pub(super) struct WatchedFiles {
    pub(super) paths: Vec<PathBuf>,
    known: Arc<Mutex<Option<KnownSet>>>,
}

/// A set, with the files that it was read from.
#[derive(Debug)]
struct KnownSet {
    sources: Vec<Source>,
    set: Arc<PolicySet>,
}

impl WatchedFiles {
    pub(super) fn new(paths: &[PathBuf]) -> Self {
        Self { paths: paths.to_owned(), known: Arc::default() }
    }

    /// Returns the set that stands on the disk now, without what its in-use files say. The bytes of every file are
    /// compared: neither a size nor a date tells that a file is the same. Where policies come from no file, the set is the
    /// planned one.
    ///
    /// # Errors
    ///
    /// The first problem of files that can't be read, or are invalid.
    pub(super) fn read(&self, planned: &PolicySet) -> Result<Arc<PolicySet>, Halt> {
        if self.paths.is_empty() {
            return Ok(Arc::new(planned.clone()));
        }
        let unsound = |problem| Halt::Unsound { problem };
        let sources = load_policies(&self.paths).map_err(|error| unsound(with_cause(&error)))?.sources;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.as_ref().filter(|known| known.sources == sources) {
            return Ok(known.set.clone());
        }
        let set = Arc::new(PolicySet::read(&sources).map_err(|errors| unsound(first(&errors)))?);
        *known = Some(KnownSet { sources, set: set.clone() });
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_set_is_parsed_once_until_a_byte_changes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("old.yaml");
        let text = "version: 1\nscope: { group: acme }\ndelete: [{ older_than: 30d }]\n";
        fs::write(&file, text).unwrap();
        let files = WatchedFiles::new(&[folder.path().to_owned()]);
        let first = files.read(&PolicySet::default()).unwrap();
        fs::write(&file, text).unwrap();
        assert!(Arc::ptr_eq(&first, &files.clone().read(&PolicySet::default()).unwrap()));
        // Neither its size nor, within the tick of a clock, its date tells of this change.
        fs::write(&file, text.replace("30d", "31d")).unwrap();
        let second = files.read(&PolicySet::default()).unwrap();
        assert_ne!(first.policies[0].binding(), second.policies[0].binding());
        fs::write(&file, "version: 1\nscope: [\n").unwrap();
        assert!(files.read(&PolicySet::default()).unwrap_err().to_string().contains("old.yaml, line 2"));
        fs::write(&file, text.replace("30d", "31d")).unwrap();
        assert!(Arc::ptr_eq(&second, &files.read(&PolicySet::default()).unwrap()));
    }
}
