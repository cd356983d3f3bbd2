//! Reads policy files from disk.
//!
//! A single policy file is read together with its neighbours, so that a protection holds however the command was
//! typed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::policy::Source;

/// What the paths of a command stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// Every policy file of every folder that is concerned, each once, in the order of their paths.
    pub sources: Vec<Source>,
    /// The files whose policies were asked for; `None` asks for all.
    pub wanted: Option<BTreeSet<String>>,
}

/// One file, read or not.
#[derive(Debug)]
pub struct Reading {
    pub file: String,
    pub source: Result<Source, LoadError>,
}

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("can't read {}: name policy files, or folders of them", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is not a policy file: policy files end in .yaml; rename it, or move it out of the folder", path.display())]
    Ending { path: PathBuf },
    #[error("{} is not UTF-8 text", path.display())]
    Encoding { path: PathBuf },
    #[error("{} is no plain file: move it out of the folder", path.display())]
    Special { path: PathBuf },
    #[error("the policy files change while they are read")]
    Unsettled,
}

/// How often the files are read at most, until two readings agree.
const READINGS: usize = 5;

/// Reads folders (every `*.yaml` directly in them) and single files (together with their folder's).
///
/// A ConfigMap is swapped at one stroke, and a single reading may have one half of the old set and one of the new: each
/// without the protection that moved from one file to another. So they are read until nothing changes any more.
///
/// # Errors
///
/// A path that can't be read, a file whose name ends almost as a policy file's does, text that isn't UTF-8.
pub fn load(paths: &[PathBuf]) -> Result<Loaded, LoadError> {
    let mut before = read_all(paths);
    for _ in 1..READINGS {
        let after = read_all(paths);
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
    let sources = files.0.values().map(|file| read(file)).collect::<Result<_, _>>()?;
    Ok(Loaded { sources, wanted })
}

/// Reads the same files as [`load`], each by itself: one that can't be read says nothing of the others.
///
/// # Errors
///
/// A folder that can't be read.
pub fn load_each(paths: &[PathBuf]) -> Result<Vec<Reading>, LoadError> {
    let Survey { files, .. } = survey(paths)?;
    Ok(files.0.values().map(|file| Reading { file: name(file), source: read(file) }).collect())
}

/// The folder of the cases in a folder of policies.
const CASES: &str = "cases";

/// Reads files of cases: those that were named, folders of them included, else those beside the policies.
///
/// # Errors
///
/// What [`load`] stumbles over.
pub fn load_cases(policies: &[PathBuf], named: &[PathBuf]) -> Result<Vec<Source>, LoadError> {
    let mut files = Files::default();
    for path in named {
        let path = tidied(path);
        if path.is_dir() {
            files.extend(policy_files(&path)?);
        } else {
            files.add(path);
        }
    }
    if named.is_empty() {
        for path in policies {
            let path = tidied(path);
            let folder = if path.is_dir() { &path } else { folder_of(&path) };
            let folder = if folder == Path::new(".") { PathBuf::from(CASES) } else { folder.join(CASES) };
            if folder.is_dir() {
                files.extend(policy_files(&folder)?);
            }
        }
    }
    files.0.values().map(|file| read(file)).collect()
}

/// Which files the paths stand for, before any of them is read.
struct Survey {
    files: Files,
    wanted: Option<BTreeSet<String>>,
}

fn survey(paths: &[PathBuf]) -> Result<Survey, LoadError> {
    let mut files = Files::default();
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
        wanted.insert(files.add(path.clone()));
        // The neighbours of a link, and of what it stands for, may be protections.
        for folder in [folder_of(path).to_owned(), folder_of(&real(path)).to_owned()] {
            for file in policy_files(&folder)? {
                files.add(file);
            }
        }
    }
    Ok(Survey { files, wanted: (!only_folders).then_some(wanted) })
}

/// Files by what they really are, so that each is read once, under the first name that it was met by.
#[derive(Default)]
struct Files(BTreeMap<PathBuf, PathBuf>);

impl Files {
    /// The name that the file goes by.
    fn add(&mut self, path: PathBuf) -> String {
        let file = self.0.entry(real(&path)).or_insert(path);
        name(file)
    }

    fn extend(&mut self, paths: Vec<PathBuf>) {
        for path in paths {
            self.add(path);
        }
    }
}

/// The file behind all links; a link that leads nowhere stands for itself, and will not be read.
fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Without the dots and slashes that make no difference.
fn tidied(path: &Path) -> PathBuf {
    let tidied: PathBuf = path.components().filter(|part| *part != Component::CurDir).collect();
    if tidied == Path::new("") { PathBuf::from(".") } else { tidied }
}

/// Names that begin with a dot are passed over: a mounted ConfigMap has some.
fn policy_files(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let failed = |source| LoadError::Read { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        // A path in the current folder is named as a user would type it, without `./`.
        let path = if folder == Path::new(".") { entry.file_name().into() } else { entry.path() };
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        // Links are followed: a mounted ConfigMap's files are links.
        if matches!(ending.as_str(), "yaml" | "yml") && !path.is_dir() {
            files.push(path);
        }
    }
    Ok(files)
}

/// The folder of a file, as the file's own path names it.
fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn read(path: &Path) -> Result<Source, LoadError> {
    // A protection that is passed over for its name would protect nothing.
    if path.extension().is_none_or(|ending| ending != "yaml") {
        return Err(LoadError::Ending { path: path.to_owned() });
    }
    let failed = |source| LoadError::Read { path: path.to_owned(), source };
    // A pipe would be waited for without end, and with it every signal.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(LoadError::Special { path: path.to_owned() });
    }
    let bytes = fs::read(path).map_err(failed)?;
    let text = String::from_utf8(bytes).map_err(|_| LoadError::Encoding { path: path.to_owned() })?;
    Ok(Source { file: name(path), text })
}

fn name(path: &Path) -> String {
    path.display().to_string()
}
