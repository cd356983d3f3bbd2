//! Holds the journal to what was sent: each deletion is in it before it leaves, its end is told right, and the chain holds.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gleaner::record::journal::chain::Seq;
use gleaner::record::journal::line::{Finding, Line, LineContent};
use gleaner::record::journal::{ItemKey, verify};

use crate::run::Played;
use crate::time::At;
use crate::truth::has;
use crate::wire::Target;

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
            for line in fs::read_to_string(file)?.split_inclusive('\n') {
                bytes += line.len() as u64;
                match Line::read(line.trim_end().as_bytes()) {
                    Ok(line) => record.lines.push((bytes, line)),
                    Err(_) => record.breaks += 1,
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
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
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

/// Returns what the journal lacks, and what it tells wrongly.
pub(crate) fn misrecorded(played: &Played) -> Vec<String> {
    let Played { record, notes, .. } = played;
    let mut wrong = Vec::new();
    if record.breaks > 0 {
        wrong.push(format!("the journal's chain is broken in {} places", record.breaks));
    }
    for exchange in notes.exchanges.iter().filter(|exchange| exchange.method == "DELETE") {
        let Some(target) = exchange.deletes else { continue };
        if !open_by(record, exchange.recorded).values().any(|open| *open == target) {
            wrong.push(format!("the deletion of {target} left at {}, and the journal had it not", At(exchange.sent)));
        }
    }
    for (_, line) in &record.lines {
        let (item, is_gone) = match &line.content {
            LineContent::Ended(ended) => match ended.outcome.as_str() {
                "deleted" | "already_gone" => (ended.item, true),
                _ => continue,
            },
            LineContent::Closed(closed) => (closed.item, closed.found == Finding::Gone),
            _ => continue,
        };
        let state = notes.states.iter().rfind(|state| state.since <= line.time);
        let is_there = state.is_some_and(|state| has(&state.registry, target(item)));
        if is_there == is_gone {
            let told = if is_gone { "gone" } else { "there" };
            wrong.push(format!(
                "the journal tells at {} that {} is {told}, and it is not",
                At(line.time),
                target(item)
            ));
        }
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
