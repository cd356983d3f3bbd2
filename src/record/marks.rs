//! Keeps the marks of every policy, in a file of their own beside the state.
//!
//! Losing the file makes every mark start anew, so that nothing goes early.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::StateError;
use super::whole::replace;
use crate::package::{FileId, PackageId, ProjectId};
use crate::plan::{Endings, ItemId, ItemMark, Marks, Outcome};
use crate::policy::Policy;

/// The version of the file's form.
const VERSION: u32 = 1;

/// The name of the file.
const NAME: &str = "marks.json";

/// The marks of every policy, and the file that they are kept in.
#[derive(Debug)]
pub struct MarkBook {
    /// `None` keeps them in memory only.
    file: Option<PathBuf>,
    instance: String,
    pages: Mutex<KeptMarks>,
}

/// The marks by the names of their policies.
#[derive(Debug, Default)]
struct KeptMarks {
    marks: BTreeMap<String, Marks>,
    /// The file doesn't have them yet, because it could not be written.
    is_behind: bool,
}

/// The form of the file.
#[derive(Debug, Serialize, Deserialize)]
struct MarkFile {
    version: u32,
    /// The URL of the GitLab whose packages are marked.
    instance: String,
    policies: BTreeMap<String, MarkedItems>,
}

/// The marks of one policy, as the file has them.
#[derive(Debug, Default, Serialize, Deserialize)]
struct MarkedItems {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    packages: BTreeMap<u64, MarkedItem>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    files: BTreeMap<u64, MarkedItem>,
}

#[derive(Debug, Serialize, Deserialize)]
struct MarkedItem {
    since: Timestamp,
    rule: String,
    package: u64,
    project: u64,
}

impl MarkBook {
    /// Makes a book that ends with the process.
    #[must_use]
    pub fn in_memory(instance: &str) -> Self {
        Self { file: None, instance: instance.to_owned(), pages: Mutex::default() }
    }

    /// Reads the marks in `folder`, or begins without. A file that can't be understood is set aside, and the text that is
    /// returned tells of it; marks of another GitLab are none of this one.
    ///
    /// # Errors
    ///
    /// When the file can't be read or set aside.
    pub(super) fn open(folder: &Path, instance: &str) -> Result<(Self, Option<String>), StateError> {
        let path = folder.join(NAME);
        let book = |marks| Self::of_file(path.clone(), instance, marks);
        match found(&path, instance) {
            Ok(marks) => Ok((book(marks), None)),
            Err(StateError::Elsewhere { .. }) => Ok((book(BTreeMap::new()), None)),
            Err(StateError::Damaged { problem, .. }) => {
                let aside = folder.join("marks.json.damaged");
                fs::rename(&path, &aside).map_err(|source| StateError::Write { path: aside.clone(), source })?;
                let complaint = format!(
                    "the marks in {} can't be used ({problem}); the file is now {}, and every `grace` begins anew",
                    path.display(),
                    aside.display()
                );
                Ok((book(BTreeMap::new()), Some(complaint)))
            }
            Err(error) => Err(error),
        }
    }

    /// Reads the marks in `folder` for a command that runs once and notes what it sees.
    ///
    /// # Errors
    ///
    /// When there are marks that can't be used, or those of another GitLab.
    pub(super) fn borrow(folder: &Path, instance: &str) -> Result<Self, StateError> {
        let path = folder.join(NAME);
        let marks = found(&path, instance)?;
        Ok(Self::of_file(path, instance, marks))
    }

    /// Reads the same for a command that changes nothing.
    ///
    /// # Errors
    ///
    /// As for [`Self::borrow`].
    pub(super) fn look(folder: &Path, instance: &str) -> Result<Self, StateError> {
        Ok(Self { file: None, ..Self::borrow(folder, instance)? })
    }

    fn of_file(path: PathBuf, instance: &str, marks: BTreeMap<String, Marks>) -> Self {
        let pages = Mutex::new(KeptMarks { marks, is_behind: false });
        Self { file: Some(path), instance: instance.to_owned(), pages }
    }

    /// Returns the marks of a policy.
    #[must_use]
    pub fn of(&self, policy: &str) -> Marks {
        self.lock().marks.get(policy).cloned().unwrap_or_default()
    }

    /// Puts these in the place of a policy's marks, and writes them down.
    ///
    /// # Errors
    ///
    /// When they can't be written; they hold all the same for as long as this lives.
    pub fn set(&self, policy: &str, marks: Marks) -> Result<(), StateError> {
        self.change(|all| {
            if marks.0.is_empty() {
                all.remove(policy);
            } else {
                all.insert(policy.to_owned(), marks);
            }
        })
    }

    /// Takes the marks away of what is gone, and of what no longer went when it was looked at again.
    ///
    /// # Errors
    ///
    /// As for [`Self::set`].
    pub fn settle(&self, policy: &str, endings: &Endings) -> Result<(), StateError> {
        let is_over = |outcome: Outcome| outcome.is_gone() || outcome == Outcome::Stale;
        let stays = |item: &ItemId| endings.of(*item).is_none_or(|ending| !is_over(ending.outcome));
        self.change(|all| {
            if let Some(marks) = all.get_mut(policy) {
                marks.0.retain(|item, _| stays(item));
            }
        })
    }

    /// Forgets the marks of every policy but these: one that comes back after a while is a new one.
    ///
    /// # Errors
    ///
    /// As for [`Self::set`].
    pub(super) fn keep_only(&self, policies: &[Policy]) -> Result<(), StateError> {
        self.change(|all| all.retain(|name, _| policies.iter().any(|policy| policy.name == *name)))
    }

    /// Changes the marks, and writes the file where it has others.
    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, Marks>)) -> Result<(), StateError> {
        let mut pages = self.lock();
        let before = pages.marks.clone();
        change(&mut pages.marks);
        pages.is_behind |= pages.marks != before;
        if pages.is_behind {
            self.write(&pages.marks)?;
            pages.is_behind = false;
        }
        Ok(())
    }

    fn write(&self, marks: &BTreeMap<String, Marks>) -> Result<(), StateError> {
        let Some(path) = &self.file else { return Ok(()) };
        let policies = marks.iter().map(|(policy, marks)| (policy.clone(), written(marks))).collect();
        let file = MarkFile { version: VERSION, instance: self.instance.clone(), policies };
        let bytes = serde_json::to_vec_pretty(&file).map_err(io::Error::from);
        let written = bytes.and_then(|bytes| replace(path, &bytes));
        written.map_err(|source| StateError::Write { path: path.clone(), source })
    }

    fn lock(&self) -> MutexGuard<'_, KeptMarks> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the file; there are no marks where there is none.
fn found(path: &Path, instance: &str) -> Result<BTreeMap<String, Marks>, StateError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(source) => return Err(StateError::Read { path: path.to_owned(), source }),
    };
    let damaged = |problem| StateError::Damaged { path: path.to_owned(), problem };
    let file: MarkFile = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
    if file.version != VERSION {
        return Err(damaged(format!("its version is {}", file.version)));
    }
    if file.instance != instance {
        return Err(StateError::Elsewhere { path: path.to_owned(), theirs: file.instance });
    }
    Ok(file.policies.into_iter().map(|(policy, items)| (policy, read(items))).collect())
}

fn read(items: MarkedItems) -> Marks {
    let mark = |item: MarkedItem| ItemMark {
        since: item.since,
        rule: item.rule,
        package: PackageId(item.package),
        project: ProjectId(item.project),
    };
    let packages = items.packages.into_iter().map(|(id, item)| (ItemId::Package(PackageId(id)), mark(item)));
    let files = items.files.into_iter().map(|(id, item)| (ItemId::File(FileId(id)), mark(item)));
    Marks(packages.chain(files).collect())
}

fn written(marks: &Marks) -> MarkedItems {
    let mut items = MarkedItems::default();
    for (item, ItemMark { since, rule, package, project }) in &marks.0 {
        let marked = MarkedItem { since: *since, rule: rule.clone(), package: package.0, project: project.0 };
        match item {
            ItemId::Package(id) => _ = items.packages.insert(id.0, marked),
            ItemId::File(id) => _ = items.files.insert(id.0, marked),
        }
    }
    items
}

#[cfg(test)]
mod tests;
