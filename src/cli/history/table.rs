//! Writes the history for people: a heading for each run and each package, and below it each deletion with its reason.

use super::entry::HistoryEntry;
use crate::report::{borderless, printable, project, trimmed};

/// A table that goes on from one part of the history to the next.
pub(super) struct HistoryTable {
    width: u16,
    /// The heading of the run, and that of the package, that the next rows may stand below.
    gitlab: String,
    run: String,
    package: String,
}

impl HistoryTable {
    pub(super) fn new(width: u16) -> Self {
        Self { width, gitlab: String::new(), run: String::new(), package: String::new() }
    }

    pub(super) fn rows(&mut self, entries: &[HistoryEntry<'_>]) -> String {
        let mut lines = Vec::new();
        for group in entries.chunk_by(|one, other| headings(one) == headings(other)) {
            if let Some(first) = group.first() {
                lines.extend(self.headings(first));
            }
            lines.extend(group.iter().flat_map(|entry| self.row(entry)));
        }
        lines.iter().map(|line| format!("{line}\n")).collect()
    }

    /// Returns the headings that the rows before don't stand below already.
    fn headings(&mut self, entry: &HistoryEntry<'_>) -> Vec<String> {
        let [gitlab, run, package] = headings(entry);
        let mut lines = Vec::new();
        if gitlab != self.gitlab {
            lines.extend(self.fitted("", &gitlab));
            self.run.clear();
        }
        if run != self.run {
            lines.push(String::new());
            lines.extend(self.fitted("", &run));
            self.package.clear();
        }
        if package != self.package {
            lines.extend(self.fitted("  ", &package));
        }
        [self.gitlab, self.run, self.package] = [gitlab, run, package];
        lines
    }

    /// Returns the lines of one deletion: when, how it ended and what, then why, then what went wrong.
    fn row(&self, entry: &HistoryEntry<'_>) -> Vec<String> {
        let rule = entry.rule.map_or_else(String::new, |rule| format!("{}: ", printable(rule)));
        let mut lines = self.fitted("    ", &what(entry));
        lines.extend(self.fitted("      ", &format!("{rule}{}", printable(entry.because))));
        if let Some(problem) = entry.problem {
            lines.extend(self.fitted("      ", &format!("! {}", printable(problem))));
        }
        lines
    }

    /// Returns the lines of a text, broken to the width, behind an indentation.
    fn fitted(&self, indent: &str, text: &str) -> Vec<String> {
        let indentation = u16::try_from(indent.len()).unwrap_or_default();
        let mut table = borderless(Some(self.width.saturating_sub(indentation)));
        table.add_row([text]);
        // The space before the first column.
        trimmed(&table).iter().map(|line| format!("{indent}{}", line.strip_prefix(' ').unwrap_or(line))).collect()
    }
}

/// Returns the headings of a row: of its GitLab, its run, and its package.
fn headings(entry: &HistoryEntry<'_>) -> [String; 3] {
    let who = entry.who.map_or_else(String::new, |who| format!(", by {}", printable(who)));
    let revision = entry.revision.map_or_else(String::new, |revision| format!(" at {}", printable(revision)));
    let project = project(entry.project_path, entry.project_id.0);
    let channel = entry.channel.map_or_else(String::new, |channel| format!(" @{}", printable(channel)));
    [
        printable(entry.gitlab),
        format!("run {}{who}, policy {}{revision}", printable(entry.run), printable(entry.policy)),
        format!("{project}  {} {}{channel}", printable(entry.package_type), printable(entry.name)),
    ]
}

fn what(entry: &HistoryEntry<'_>) -> String {
    let version = printable(entry.version.unwrap_or("(no version)"));
    let file = entry.file_id.map(|_| format!(", file {}", printable(entry.file_name.unwrap_or("(no name)"))));
    // For people a second is fine enough.
    let second = entry.time.round(jiff::Unit::Second).unwrap_or(entry.time);
    format!("{second}  {:<13}  {version}{}", printable(entry.outcome), file.unwrap_or_default())
}
