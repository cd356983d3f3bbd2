//! Locks the folder of a journal, and tells who has it.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::JournalError;

/// The name of the lock's file.
pub(super) const LOCK: &str = "lock";

/// The process that has the lock, as it wrote itself down. Nothing but a message rests on it: the lock is the system's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The number of the process.
    pub pid: u32,
    /// The name of the machine or container, where it has one.
    pub host: Option<String>,
    /// When it took the lock.
    pub since: Timestamp,
}

/// Takes the lock for as long as the file that is returned is open. A file system that has no locks is taken as it is.
pub(super) fn lock(folder: &Path, now: Timestamp) -> Result<File, JournalError> {
    let path = folder.join(LOCK);
    let opened = File::options().read(true).write(true).create(true).truncate(false).open(&path);
    let mut file = opened.map_err(JournalError::writing(&path))?;
    match file.try_lock() {
        Ok(()) | Err(TryLockError::Error(_)) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(JournalError::Taken { path: folder.to_owned(), holder: holder(&mut file) });
        }
    }
    // Without these words the lock is as good.
    let holder = Holder { pid: std::process::id(), host: host(), since: now };
    if let Ok(text) = serde_json::to_string(&holder) {
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{text}"));
    }
    Ok(file)
}

/// Reads who has it. Another process may just be writing that down.
fn holder(file: &mut File) -> Option<Holder> {
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
        write!(f, "by process {}", self.pid)?;
        if let Some(host) = &self.host {
            write!(f, " on {}", host.escape_debug())?;
        }
        write!(f, " since {}", self.since)
    }
}
