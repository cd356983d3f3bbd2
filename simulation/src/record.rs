//! Holds the journal to what was sent: each deletion is in it before it leaves, its end is told right, and the chain holds.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gleaner::record::journal::chain::Seq;
use gleaner::record::journal::line::{Finding, Line, LineContent};
use gleaner::record::journal::{ItemKey, verify};

use crate::notes::{Exchange, Notes, Target};
use crate::outages::Machine;
use crate::promise::DOUBT;
use crate::run::Played;
use crate::time::{At, seconds};
use crate::truth::has;

/// What runs left in the journal.
#[derive(Debug, Default)]
pub struct Record {
    /// The lines in their order, each with the bytes of all files up to its end.
    pub lines: Vec<(u64, Line)>,
    /// How many places break the chain, or can't be read.
    pub breaks: usize,
}

impl Record {
    /// Reads the journal that lies in this folder; there is none where nothing was ever deleted.
    pub(crate) fn read(folder: &Path) -> io::Result<Self> {
        let mut record = Self::default();
        let mut bytes = 0;
        for file in files(folder)? {
            // A power failure may cut a character in two.
            for line in fs::read(file)?.split_inclusive(|byte| *byte == b'\n') {
                bytes += line.len() as u64;
                // What is no line was broken off, or the chain is.
                if let Ok(line) = Line::read(line.trim_ascii_end()) {
                    record.lines.push((bytes, line));
                }
            }
        }
        if !record.lines.is_empty() {
            record.breaks += verify(folder).map_or(1, |verified| verified.breaks.len());
        }
        Ok(record)
    }
}

/// Returns how many bytes of a journal are on the disk.
pub(crate) fn written(folder: &Path) -> u64 {
    let size = |file: PathBuf| fs::metadata(file).map_or(0, |file| file.len());
    files(folder).map_or(0, |files| files.into_iter().map(size).sum())
}

/// Returns the files of a journal, the oldest first.
pub(crate) fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Returns what a journal lacks, and what it tells wrongly.
pub(crate) fn misrecorded(played: &Played) -> Vec<String> {
    played.records.iter().flat_map(|(machine, record)| misrecorded_by(*machine, record, &played.notes)).collect()
}

/// The same of one machine.
fn misrecorded_by(machine: Machine, record: &Record, notes: &Notes) -> Vec<String> {
    let own = || notes.exchanges.iter().filter(|one| one.machine == machine);
    let mut wrong = Vec::new();
    if record.breaks > 0 {
        wrong.push(format!("the journal's chain is broken in {} places", record.breaks));
    }
    for exchange in own().filter(|exchange| exchange.method == "DELETE") {
        let Some(target) = exchange.deletes else { continue };
        if !open_by(record, exchange.recorded).values().any(|open| *open == target) {
            wrong.push(format!("the deletion of {target} left at {}, and the journal had it not", At(exchange.sent)));
        }
        // What became of it is known two minutes later at the earliest.
        let is_in_doubt = |other: &&Exchange| {
            other.deletes == Some(target)
                && other.run < exchange.run
                && matches!(other.status, Some(200..=299) | None)
                && exchange.sent < other.sent + seconds(DOUBT)
        };
        if let Some(before) = own().find(is_in_doubt) {
            let at = At(before.sent);
            wrong.push(format!("the deletion of {target} left at {}, in doubt since {at}", At(exchange.sent)));
        }
    }
    for (_, line) in &record.lines {
        let (item, told) = match &line.content {
            LineContent::Ended(ended) => (ended.item, ended.outcome.as_str()),
            LineContent::Closed(closed) => (closed.item, closed.found.code()),
            _ => continue,
        };
        let target = target(item);
        // A recovery tells what an answer showed some seconds ago. Somebody else may have deleted it since.
        let then = match &line.content {
            LineContent::Closed(closed) if closed.found == Finding::NotDeleted => closed.seen_at,
            _ => line.time,
        };
        let state = notes.states.iter().rfind(|state| state.since <= then);
        let is_there = state.is_some_and(|state| has(&state.registry, target));
        let mut tries = own().filter(|one| one.deletes == Some(target) && one.sent <= line.time);
        let problem = match told {
            "deleted" | "already_gone" | "gone" if is_there => "it is there",
            "not_deleted" if !is_there => "it is gone",
            "not_deleted" if tries.any(|one| one.done > Some(line.time)) => "GitLab deletes it afterwards",
            "deleted" if !tries.any(|one| matches!(one.status, Some(200..=299 | 500..=599) | None)) => {
                "nobody here deleted it"
            }
            "stale" | "forbidden" | "failed" | "not_attempted"
                if tries.any(|one| one.done.is_some_and(|done| done <= line.time)) =>
            {
                "this machine deleted it"
            }
            _ => continue,
        };
        wrong.push(format!("the journal tells at {} that {target} is {told}, and {problem}", At(line.time)));
    }
    wrong
}

/// Returns the deletions without an end among the lines that so many bytes hold.
fn open_by(record: &Record, bytes: u64) -> BTreeMap<Seq, Target> {
    let mut open = BTreeMap::new();
    for (_, line) in record.lines.iter().take_while(|(end, _)| *end <= bytes) {
        match &line.content {
            LineContent::Delete(delete) => _ = open.insert(line.seq, target(delete.item())),
            LineContent::Ended(ended) => _ = open.remove(&ended.of),
            LineContent::Closed(closed) => _ = open.remove(&closed.of),
            _ => {}
        }
    }
    open
}

fn target(item: ItemKey) -> Target {
    Target { package: item.package_id.0, file: item.file_id.map(|file| file.0) }
}
