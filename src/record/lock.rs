//! Locks that one process at a time has, and who has them.
//!
//! A lock is the operating system's: it goes with the process, however that ends. What its file says is a message.

use std::fs::{self, File, Permissions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::{fmt, process};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::package::address::Address;
use crate::record::journal::folder_name;

/// The folders that may hold the locks of a machine: the first one that is there does. `/dev/shm` is in containers whose
/// root can't be written, no cleaner comes by, and services share it with those who log in.
const PLACES: [&str; 2] = ["/dev/shm", "/tmp"];

/// So often a lock is tried whose file is taken away meanwhile.
const TRIES: usize = 100;

/// The right to delete on one GitLab, which one process of this machine has at a time.
///
/// Its file lies in a place that no option changes, and goes when this is dropped.
#[derive(Debug)]
pub struct MachineLock {
    path: PathBuf,
    file: File,
}

/// The process that has a lock, as it wrote itself down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The number of the process.
    pub pid: u32,
    /// The command that it runs, where it says so.
    pub command: Option<String>,
    /// The name of the machine or container, where it has one.
    pub host: Option<String>,
    /// When it took the lock.
    pub since: Timestamp,
}

/// Why a process may not delete.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process may.
    #[error(
        "one run at a time deletes on {gitlab} from this machine, and {} has its turn: nothing was done, so begin again once \
         that has ended",
        holder.as_ref().map_or_else(|| "another one".to_owned(), Holder::to_string)
    )]
    Taken {
        /// The GitLab's address.
        gitlab: String,
        /// The one who has it, as far as the file tells.
        holder: Option<Holder>,
    },
    /// The file can't be opened.
    #[error(
        "nothing is deleted without {}, the lock that keeps two runs on this machine out of each other's way, and it can't be \
         taken",
        path.display()
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl MachineLock {
    /// Returns the folder of all locks of this machine.
    #[must_use]
    pub fn place() -> &'static Path {
        let mut places = PLACES.iter().map(Path::new);
        places.find(|place| place.is_dir()).unwrap_or(Path::new(PLACES[PLACES.len() - 1]))
    }

    /// Takes the lock of a GitLab in this folder. Everybody may write there, so nothing is written to a file that another
    /// name leads to.
    ///
    /// # Errors
    ///
    /// When another process has it, and when its file can't be opened.
    pub fn take(folder: &Path, gitlab: &Address, command: &str, now: Timestamp) -> Result<Self, LockError> {
        let path = folder.join(format!("gleaner-{}.lock", folder_name(gitlab)));
        for _ in 0..TRIES {
            let mut file = match open_shared(&path) {
                Ok(file) => file,
                Err(source) => return Err(LockError::Open { path, source }),
            };
            if !try_lock(&file) {
                return Err(LockError::Taken { gitlab: gitlab.as_str().to_owned(), holder: holder(&mut file) });
            }
            // The one who had it may have taken the file away.
            if is_at(&file, &path) {
                sign(&mut file, command, now);
                return Ok(Self { path, file });
            }
        }
        Err(LockError::Open { path, source: io::Error::other("it is no plain file") })
    }
}

impl Drop for MachineLock {
    fn drop(&mut self) {
        // Somebody may have taken it away and made another one. A file that stays is as good the next time.
        if is_at(&self.file, &self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Opens a file that all users share, and makes it where there is none. A lock needs no right to write.
fn open_shared(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    match options.read(true).write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return File::open(path),
        opened => return opened,
    }
    match options.create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => File::open(path),
        made => made.inspect(|file| _ = file.set_permissions(Permissions::from_mode(0o666))),
    }
}

/// Returns whether a path leads to this very file, and no other does.
fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(open), Ok(there)) = (file.metadata(), fs::symlink_metadata(path)) else { return false };
    there.is_file() && (open.dev(), open.ino(), open.nlink()) == (there.dev(), there.ino(), 1)
}

/// Takes a lock for as long as the file is open, and returns whether nobody else has it. A file system that has no locks
/// is taken as it is.
pub(super) fn try_lock(file: &File) -> bool {
    !matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}

/// Writes down who has a lock. Without these words it is as good.
pub(super) fn sign(file: &mut File, command: &str, now: Timestamp) {
    let holder = Holder { pid: process::id(), command: Some(command.to_owned()), host: host(), since: now };
    if let Ok(text) = serde_json::to_string(&holder) {
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{text}"));
    }
}

/// Reads who has a lock. Another process may just be writing that down.
pub(super) fn holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.take(4096).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn host() -> Option<String> {
    let named = |path: &str| fs::read_to_string(path).ok().map(|name| name.trim().to_owned());
    ["/proc/sys/kernel/hostname", "/etc/hostname"].into_iter().find_map(named).filter(|name| !name.is_empty())
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}", self.pid)?;
        if let Some(command) = &self.command {
            write!(f, " ({})", command.escape_debug())?;
        }
        if let Some(host) = &self.host {
            write!(f, " on {}", host.escape_debug())?;
        }
        write!(f, " since {}", self.since)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn take(folder: &tempfile::TempDir, url: &str) -> Result<MachineLock, LockError> {
        MachineLock::take(folder.path(), &Address::parse(url).unwrap(), "apply", NOW)
    }

    fn files(folder: &tempfile::TempDir) -> Vec<String> {
        let files = fs::read_dir(folder.path()).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn one_at_a_time_has_the_lock_of_a_gitlab() {
        let folder = tempfile::tempdir().unwrap();
        let first = take(&folder, "https://gitlab.test/").unwrap();
        let error = take(&folder, "https://GitLab.test:443/api/v4").unwrap_err().to_string();
        let holder = format!("process {} (apply)", process::id());
        assert!(error.contains(&holder) && error.contains("since 1970-01-01T00:00:00Z"), "{error}");
        take(&folder, "https://other.test").unwrap();
        // What the file says is a message and no more.
        fs::write(&first.path, "{}").unwrap();
        let error = take(&folder, "https://gitlab.test").unwrap_err();
        assert!(matches!(error, LockError::Taken { holder: None, .. }), "{error}");
        assert_eq!(files(&folder), ["gleaner-gitlab.test.lock"]);
        drop(first);
        assert_eq!(files(&folder), [""; 0]);
        take(&folder, "https://gitlab.test").unwrap();
    }

    #[test]
    fn a_lock_whose_file_was_taken_away_takes_no_other_away() {
        let folder = tempfile::tempdir().unwrap();
        let first = take(&folder, "https://gitlab.test").unwrap();
        fs::remove_file(&first.path).unwrap();
        let second = take(&folder, "https://gitlab.test").unwrap();
        drop(first);
        assert!(take(&folder, "https://gitlab.test").is_err());
        drop(second);
    }

    #[test]
    fn a_file_that_is_taken_away_while_somebody_waits_for_it_is_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let first = take(&folder, "https://gitlab.test").unwrap();
        let late = open_shared(&first.path).unwrap();
        let path = first.path.clone();
        drop(first);
        assert!(try_lock(&late) && !is_at(&late, &path));
        let second = take(&folder, "https://gitlab.test").unwrap();
        assert!(!is_at(&late, &path) && is_at(&second.file, &path));
    }

    #[test]
    fn a_link_in_its_place_is_not_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let (victim, path) = (folder.path().join("victim"), folder.path().join("gleaner-gitlab.test.lock"));
        fs::write(&victim, "precious").unwrap();
        let links: [fn(&Path, &Path) -> io::Result<()>; 2] =
            [|from, to| symlink(from, to), |from, to| fs::hard_link(from, to)];
        for link in links {
            link(&victim, &path).unwrap();
            let error = take(&folder, "https://gitlab.test").unwrap_err();
            assert!(matches!(error, LockError::Open { .. }), "{error}");
            assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
            fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn all_users_may_take_it_in_turn() {
        let folder = tempfile::tempdir().unwrap();
        let first = take(&folder, "https://gitlab.test").unwrap();
        assert_eq!(fs::metadata(&first.path).unwrap().mode() & 0o777, 0o666);
    }

    #[test]
    fn without_its_file_nobody_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = folder.path().join("nowhere");
        let taken = MachineLock::take(&nowhere, &Address::parse("https://gitlab.test").unwrap(), "apply", NOW);
        let error = taken.unwrap_err().to_string();
        assert!(error.contains("nothing is deleted without"), "{error}");
    }
}
