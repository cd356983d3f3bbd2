//! Reads policy files from disk.
//!
//! A single policy file is read together with its neighbours, so that a protection holds however the command was
//! typed.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::cycle::in_use::read_files;
use crate::policy::{InUseFiles, PolicySet};
use crate::yaml::Source;

/// The files that the paths of a command stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// Every policy file of every folder that is concerned, each once, in the order of their paths.
    pub sources: Vec<Source>,
    /// The files whose policies were asked for; `None` asks for all.
    pub wanted: Option<BTreeSet<String>>,
    /// The in-use files that their protections go by, whether they can be used or not.
    pub in_use: InUseFiles,
}

/// One file, read or not.
#[derive(Debug)]
pub struct FileReading {
    /// The file's path, as messages tell it.
    pub file: String,
    /// Its text, or why it could not be read.
    pub source: Result<Source, LoadError>,
}

/// Why policy files can't be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file or folder can't be read.
    #[error("can't read {}: name policy files, or folders of them", path.display())]
    Read {
        /// The file or folder that is meant.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Its name ends almost as a policy file's does.
    #[error("{} is not a policy file: policy files end in .yaml; rename it, or move it out of the folder", path.display())]
    Ending {
        /// The file or folder that is meant.
        path: PathBuf,
    },
    /// It is not UTF-8 text.
    #[error("{} is not UTF-8 text", path.display())]
    Encoding {
        /// The file or folder that is meant.
        path: PathBuf,
    },
    /// It is no plain file.
    #[error("{} is no plain file: move it out of the folder", path.display())]
    Special {
        /// The file or folder that is meant.
        path: PathBuf,
    },
    #[error(
        "{} is in a sub-folder, and only what lies directly in a folder is read: move it into {}, name its folder as \
         well, or begin that folder's name with a dot to have it passed over", path.display(), folder.display()
    )]
    /// It is in a sub-folder.
    Nested {
        /// The file or folder that is meant.
        path: PathBuf,
        /// The folder that it is in, or leads out of.
        folder: PathBuf,
    },
    /// It is a link that leads out of its folder.
    #[error("{} leads out of {}, so it is not read: put the file itself there", path.display(), folder.display())]
    Outside {
        /// The file or folder that is meant.
        path: PathBuf,
        /// The folder that it is in, or leads out of.
        folder: PathBuf,
    },
    /// No two readings agreed.
    #[error("the policy files change while they are read")]
    Unsettled,
}

/// How often the files are read at most, until two readings agree.
const READINGS: usize = 5;

/// Reads folders (every `*.yaml` directly in them) and single files (together with their folder's).
///
/// A ConfigMap is swapped at one stroke. A single reading may get half of the old set and half of the new one, each
/// without the protection that moved from one file to another. So the files are read until nothing changes any more.
///
/// # Errors
///
/// A path that can't be read, a file whose name ends almost as a policy file's does, one in a sub-folder, a link that
/// leads out of its folder, text that isn't UTF-8.
pub fn load(paths: &[PathBuf]) -> Result<Loaded, LoadError> {
    settled(|| {
        let mut loaded = read_all(paths)?;
        let names = PolicySet::in_use_files(&loaded.sources);
        loaded.in_use = read_files(names.iter().map(String::as_str));
        Ok(loaded)
    })
}

/// Reads the same without the in-use files, which change more often than policies do.
///
/// # Errors
///
/// Those of [`load`].
pub fn load_policies(paths: &[PathBuf]) -> Result<Loaded, LoadError> {
    settled(|| read_all(paths))
}

fn settled(read: impl Fn() -> Result<Loaded, LoadError>) -> Result<Loaded, LoadError> {
    let mut before = read();
    for _ in 1..READINGS {
        let after = read();
        match (&before, &after) {
            (Err(_), Err(_)) => return after,
            (Ok(before), Ok(loaded)) if before == loaded => return after,
            _ => before = after,
        }
    }
    Err(LoadError::Unsettled)
}

fn read_all(paths: &[PathBuf]) -> Result<Loaded, LoadError> {
    let Survey { files, wanted } = survey(paths)?;
    // Of two problems, the one with a file in its proper place is told.
    let (nested, direct): (Vec<&FoundFile>, Vec<&FoundFile>) = files.0.values().partition(|found| found.is_nested());
    let sources = direct.into_iter().chain(nested).map(FoundFile::read).collect::<Result<_, _>>()?;
    Ok(Loaded { sources, wanted, in_use: InUseFiles::default() })
}

/// Reads the same files as [`load`], each by itself: one that can't be read says nothing of the others.
///
/// # Errors
///
/// A folder that can't be read.
pub fn load_each(paths: &[PathBuf]) -> Result<Vec<FileReading>, LoadError> {
    let Survey { files, .. } = survey(paths)?;
    Ok(files.0.values().map(|found| FileReading { file: name(&found.path), source: found.read() }).collect())
}

/// The folder of the cases in a folder of policies.
const CASES: &str = "cases";

/// Reads files of cases: those that were named, folders of them included, else those beside the policies.
///
/// # Errors
///
/// The same as for [`load`].
pub fn load_cases(policies: &[PathBuf], named: &[PathBuf]) -> Result<Vec<Source>, LoadError> {
    let mut files = FileSet::default();
    for path in named {
        let path = tidied(path);
        if path.is_dir() {
            files.extend(policy_files(&path)?);
        } else {
            files.add(FoundFile::named(path));
        }
    }
    if named.is_empty() {
        for path in policies {
            let path = tidied(path);
            let folder = if path.is_dir() { &path } else { folder_of(&path) };
            let folder = cases_of(folder);
            if folder.is_dir() {
                files.extend(policy_files(&folder)?);
            }
        }
    }
    files.0.values().map(FoundFile::read).collect()
}

/// The files that the paths stand for, before any of them is read.
struct Survey {
    files: FileSet,
    wanted: Option<BTreeSet<String>>,
}

fn survey(paths: &[PathBuf]) -> Result<Survey, LoadError> {
    let mut files = FileSet::default();
    let mut wanted = BTreeSet::new();
    let mut only_folders = true;
    for path in paths {
        // One file has one name, however it was typed.
        let path = &tidied(path);
        if path.is_dir() {
            for file in policy_files(path)? {
                wanted.insert(files.add(file));
            }
            continue;
        }
        only_folders = false;
        if path.extension().is_none_or(|ending| ending != "yaml") {
            return Err(match fs::metadata(path) {
                Ok(_) => LoadError::Ending { path: path.clone() },
                Err(source) => LoadError::Read { path: path.clone(), source },
            });
        }
        wanted.insert(files.add(FoundFile::named(path.clone())));
        files.extend(policy_files(folder_of(path))?);
    }
    Ok(Survey { files, wanted: (!only_folders).then_some(wanted) })
}

/// A file, and the folder that it was looked for in.
struct FoundFile {
    path: PathBuf,
    folder: PathBuf,
}

impl FoundFile {
    fn named(path: PathBuf) -> Self {
        Self { folder: folder_of(&path).to_owned(), path }
    }

    fn is_nested(&self) -> bool {
        folder_of(&self.path) != self.folder
    }

    fn read(&self) -> Result<Source, LoadError> {
        let Self { path, folder } = self;
        // If a protection was passed over for its place or its name, it would protect nothing.
        if self.is_nested() {
            return Err(LoadError::Nested { path: path.clone(), folder: folder.clone() });
        }
        if path.extension().is_none_or(|ending| ending != "yaml") {
            return Err(LoadError::Ending { path: path.clone() });
        }
        let failed = |source| LoadError::Read { path: path.clone(), source };
        // A file that is no policy is quoted in its problems, and a link may lead to a token.
        if !fs::canonicalize(path).map_err(failed)?.starts_with(real(folder)) {
            return Err(LoadError::Outside { path: path.clone(), folder: folder.clone() });
        }
        // Reading a pipe would wait without end, and every signal with it.
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(LoadError::Special { path: path.clone() });
        }
        let bytes = fs::read(path).map_err(failed)?;
        let text = String::from_utf8(bytes).map_err(|_| LoadError::Encoding { path: path.clone() })?;
        Ok(Source { file: name(path), text })
    }
}

/// Files by their real paths. Each is read once, under the first name that it was found by.
#[derive(Default)]
struct FileSet(BTreeMap<PathBuf, FoundFile>);

impl FileSet {
    /// Adds a file, and returns the name that it goes by.
    fn add(&mut self, found: FoundFile) -> String {
        match self.0.entry(real(&found.path)) {
            Entry::Vacant(place) => name(&place.insert(found).path),
            Entry::Occupied(mut known) => {
                // The sub-folder may have been named as well.
                if known.get().is_nested() && !found.is_nested() {
                    known.insert(found);
                }
                name(&known.get().path)
            }
        }
    }

    fn extend(&mut self, files: Vec<FoundFile>) {
        for found in files {
            self.add(found);
        }
    }
}

/// Follows all links to the file. A link that leads nowhere stands for itself, and will not be read.
fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Drops the dots and slashes that make no difference.
fn tidied(path: &Path) -> PathBuf {
    let tidied: PathBuf = path.components().filter(|part| *part != Component::CurDir).collect();
    if tidied == Path::new("") { PathBuf::from(".") } else { tidied }
}

/// Returns the files of a folder, and those of its sub-folders, which can only be complained of. Names that begin with
/// a dot are passed over: a mounted ConfigMap has some.
fn policy_files(folder: &Path) -> Result<Vec<FoundFile>, LoadError> {
    let mut files = Vec::new();
    let mut seen = BTreeSet::from([real(folder)]);
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let failed = |source| LoadError::Read { path: next.clone(), source };
        for entry in fs::read_dir(&next).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            // A path in the current folder is named as a user would type it, without `./`.
            let path = if next == Path::new(".") { entry.file_name().into() } else { entry.path() };
            // Links are followed: a mounted ConfigMap's files are links.
            if path.is_dir() {
                let is_above = real(folder).starts_with(real(&path));
                if path != cases_of(folder) && !is_above && seen.insert(real(&path)) {
                    folders.push(path);
                }
                continue;
            }
            let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
            if matches!(ending.as_str(), "yaml" | "yml") {
                files.push(FoundFile { path, folder: folder.to_owned() });
            }
        }
    }
    Ok(files)
}

fn cases_of(folder: &Path) -> PathBuf {
    if folder == Path::new(".") { PathBuf::from(CASES) } else { folder.join(CASES) }
}

/// Returns the folder of a file, as the file's own path names it.
fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn name(path: &Path) -> String {
    path.display().to_string()
}
