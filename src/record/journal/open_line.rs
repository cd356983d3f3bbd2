//! Finds the open lines of a journal: deletions that were about to be sent, and whose end nobody wrote down.

use std::collections::HashSet;
use std::ops::ControlFlow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::chain::Seq;
use super::line::{DeleteLine, Line, LineContent};
use crate::package::{FileId, PackageId, ProjectId};

/// A deletion without an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenLine {
    /// The number of its line.
    pub seq: Seq,
    /// When the line was written.
    pub time: Timestamp,
    /// The package or file that was to go.
    pub item: ItemKey,
    /// GitLab's `package_type` of the package.
    pub package_type: String,
    /// The package's name.
    pub name: String,
    /// Which try it was.
    pub r#try: u32,
}

/// The ids of a package, or of one of its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ItemKey {
    /// The project.
    pub project_id: ProjectId,
    /// The package.
    pub package_id: PackageId,
    /// The file, where the package stays.
    pub file_id: Option<FileId>,
}

impl OpenLine {
    /// Describes the line of this number, which tells of this deletion.
    pub(super) fn of(seq: Seq, time: Timestamp, delete: &DeleteLine) -> Self {
        let DeleteLine { package_type, name, r#try, .. } = delete;
        Self { seq, time, item: delete.item(), package_type: package_type.clone(), name: name.clone(), r#try: *r#try }
    }
}

/// Takes the lines of a journal from the last one back, and collects those that are open.
#[derive(Debug, Default)]
pub struct OpenLines {
    open: Vec<OpenLine>,
    /// The lines that a later one ends, closes or repeats.
    settled: HashSet<Seq>,
}

impl OpenLines {
    /// Takes the next line back. It breaks where no earlier line says more.
    pub fn take(&mut self, line: &Line) -> ControlFlow<()> {
        match &line.content {
            LineContent::Ended(ended) => {
                if ended.is_certain() {
                    self.settled.insert(ended.of);
                }
            }
            LineContent::Closed(closed) => {
                self.settled.insert(closed.of);
            }
            LineContent::Delete(delete) => {
                self.settled.extend(delete.again_of);
                self.note(OpenLine::of(line.seq, line.time, delete));
            }
            LineContent::Rest { open } => {
                open.iter().rev().for_each(|open| self.note(open.clone()));
                return ControlFlow::Break(());
            }
            LineContent::Run(_) | LineContent::Torn { .. } => {}
        }
        ControlFlow::Continue(())
    }

    fn note(&mut self, line: OpenLine) {
        if !self.settled.contains(&line.seq) {
            self.open.push(line);
        }
    }

    /// Returns the open lines in the order of their numbers.
    #[must_use]
    pub fn found(mut self) -> Vec<OpenLine> {
        self.open.sort_by_key(|line| line.seq);
        self.open
    }
}
