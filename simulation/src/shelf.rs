//! The policy files on the disk. People write them while gleaner works, and each process reads them anew.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use gleaner::cycle::load::load_policies;
use gleaner::policy::PolicySet;
use gleaner::yaml::Source;

use crate::edits::Edit;
use crate::outages::elsewhere;
use crate::policies::PolicyFile;

/// The folder of the policy files, with what lies in it.
#[derive(Debug, Default)]
pub struct Shelf {
    folder: PathBuf,
    files: Vec<PolicyFile>,
    /// The files as somebody leaves them when all go home.
    mended: Vec<PolicyFile>,
    /// What was read last, and the set that it makes; `None` where it makes none.
    last: Option<(Vec<Source>, Option<Arc<PolicySet>>)>,
}

impl Shelf {
    /// Lays these files into a folder, in the place of those of another run.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub fn lay(files: &[PolicyFile], folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        for old in fs::read_dir(folder)? {
            fs::remove_file(old?.path())?;
        }
        files.iter().try_for_each(|file| fs::write(folder.join(&file.name), &file.text))?;
        Ok(Self { folder: folder.to_owned(), files: files.to_owned(), ..Self::default() })
    }

    /// Returns the folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the files as they are now.
    #[must_use]
    pub fn files(&self) -> &[PolicyFile] {
        &self.files
    }

    /// Writes a file, and returns whether that changed anything.
    pub fn write(&mut self, edit: &Edit) -> bool {
        self.mended.extend(edit.mended.clone());
        self.put(&edit.file)
    }

    /// Mends what somebody left in a way that it must not stay.
    pub fn mend(&mut self) -> bool {
        let mut has_changed = false;
        // Of several that were left of one file the first is the oldest.
        for file in std::mem::take(&mut self.mended).iter().rev() {
            has_changed |= self.put(file);
        }
        has_changed
    }

    /// Returns the set that a process reads now; `None` where the files make none.
    pub fn read(&mut self) -> Option<Arc<PolicySet>> {
        let sources = load_policies(std::slice::from_ref(&self.folder)).ok()?.sources;
        if let Some((last, set)) = self.last.as_ref().filter(|(last, _)| *last == sources) {
            debug_assert_eq!(last.len(), self.files.len(), "each file is read");
            return set.clone();
        }
        let set = PolicySet::read(&sources).ok().map(Arc::new);
        self.last = Some((sources, set.clone()));
        set
    }

    fn put(&mut self, file: &PolicyFile) -> bool {
        let write = || fs::write(self.folder.join(&file.name), &file.text);
        if self.files.contains(file) || elsewhere(write).is_err() {
            return false;
        }
        self.files.retain(|other| other.name != file.name);
        self.files.push(file.clone());
        self.files.sort_by(|one, other| one.name.cmp(&other.name));
        true
    }
}
