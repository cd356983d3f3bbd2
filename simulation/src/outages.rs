//! What meets the machine that gleaner runs on: it is killed, its disk is full, and somebody begins a second run.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

use crate::dice::Dice;
use crate::people::Kind;
use crate::record::{files, written};

/// An outage, decided at its moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outage {
    /// The process ends at once, and everything in its memory is lost.
    Kill(Kill),
    /// What is written to the journal fails from some byte on, for some seconds.
    FullDisk {
        /// So many bytes fit.
        room: u64,
        /// How long.
        seconds: u64,
    },
    /// Somebody begins another `apply`.
    Second(Machine),
}

/// How a process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kill {
    /// So many milliseconds from now.
    pub after: u64,
    /// So many seconds later it is begun again.
    pub restart: u64,
    /// How much is lost of what no deletion had to wait for on the disk: so many of a thousand parts.
    pub lost: u64,
}

/// The machine that a process runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Machine {
    /// The one on which everything begins.
    First,
    /// Another one, with a journal of its own.
    Other,
}

impl Outage {
    /// Returns the outage of a kind, and tells it; `None` where the kind is none.
    pub(crate) fn of(kind: Kind, dice: &mut Dice) -> Option<(Self, String)> {
        match kind {
            Kind::Kill => {
                let after = dice.one(&[0, 0, 1, 5, 30, 200, 1000, 5000]);
                let restart = dice.one(&[0, 1, 20, 60, 115, 121, 150, 300, 900]);
                let lost = if dice.percent(50) { 0 } else { dice.number(1, 1000) };
                let words = format!(
                    "gleaner is killed {after} ms later and begun again after {restart} s; {lost} ‰ of what may be lost is"
                );
                Some((Self::Kill(Kill { after, restart, lost }), words))
            }
            Kind::FillDisk => {
                let (room, seconds) = (dice.one(&[0, 1, 100, 700, 1500, 4000]), dice.one(&[1, 30, 300, 3000]));
                let words = format!("the disk takes {room} bytes more for {seconds} s");
                Some((Self::FullDisk { room, seconds }, words))
            }
            Kind::Second => {
                let (machine, words) =
                    dice.one(&[(Machine::First, "this machine"), (Machine::Other, "another machine")]);
                Some((Self::Second(machine), format!("somebody begins a second run on {words}")))
            }
            _ => None,
        }
    }
}

/// Cuts off the end of a journal as a power failure may: what no deletion had to wait for. `kept` bytes were on the disk
/// when the last deletion left.
pub(crate) fn lose(journal: &Path, kept: u64, Kill { lost, .. }: Kill) -> io::Result<()> {
    let Some(newest) = files(journal)?.pop() else { return Ok(()) };
    let may_be_lost = written(journal).saturating_sub(kept).min(fs::metadata(&newest)?.len());
    if lost == 0 || may_be_lost == 0 {
        return Ok(());
    }
    let file = File::options().write(true).open(newest)?;
    file.set_len(file.metadata()?.len() - may_be_lost * lost / 1000)
}

/// Has the process outlive a full disk, which it is told of by a signal. Not to be called from within a runtime.
pub(crate) fn outlive_full_disks() -> io::Result<()> {
    static HEARD: OnceLock<()> = OnceLock::new();
    if HEARD.get().is_none() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        runtime.block_on(async { signal(SignalKind::from_raw(SIGXFSZ)).map(drop) })?;
        let _ = HEARD.set(());
    }
    Ok(())
}

/// Has every file take as many bytes as the newest one of this journal has, and `room` more.
pub(crate) fn fill(journal: &Path, room: u64) {
    let newest = files(journal).ok().and_then(|mut files| files.pop());
    let size = newest.and_then(|file| fs::metadata(file).ok()).map_or(0, |file| file.len());
    let limit = Rlimit { current: Some(size + room), ..getrlimit(Resource::Fsize) };
    let is_set = setrlimit(Resource::Fsize, limit);
    debug_assert_eq!(is_set, Ok(()));
}

/// Lets files grow again.
pub(crate) fn clear() {
    let limit = getrlimit(Resource::Fsize);
    let is_set = setrlimit(Resource::Fsize, Rlimit { current: limit.maximum, ..limit });
    debug_assert_eq!(is_set, Ok(()));
}

/// Writes to another disk, which isn't full.
pub(crate) fn elsewhere<T>(write: impl FnOnce() -> T) -> T {
    let limit = getrlimit(Resource::Fsize);
    clear();
    let written = write();
    let is_set = setrlimit(Resource::Fsize, limit);
    debug_assert_eq!(is_set, Ok(()));
    written
}

/// The signal that a process gets when a file would grow beyond its limit.
const SIGXFSZ: i32 = 25;
