//! Writes the history in each form, a few rows at a time: it may be long.

use std::error::Error;

use csv::Writer;

use super::entry::HistoryEntry;
use super::table::HistoryTable;
use crate::cli::GENERATOR;
use crate::cli::args::HistoryOutput;
use crate::record::journal::HistoryRow;
use crate::record::journal::line::FORMAT;
use crate::report::{harmless, printable};

/// A form, and what is written so far.
pub(super) enum HistoryForm {
    Table(HistoryTable),
    Json {
        /// What stands before the next row.
        separator: &'static str,
    },
    Csv,
}

impl HistoryForm {
    pub(super) fn begin(output: HistoryOutput, width: u16) -> Self {
        match output {
            HistoryOutput::Table => Self::Table(HistoryTable::new(width)),
            HistoryOutput::Json => Self::Json { separator: "\n" },
            HistoryOutput::Csv => Self::Csv,
        }
    }

    /// Returns what stands above all rows.
    pub(super) fn head(&self) -> Result<String, Box<dyn Error>> {
        Ok(match self {
            Self::Table(_) => String::new(),
            Self::Json { .. } => {
                let generator = serde_json::to_string(GENERATOR)?;
                format!("{{\"format\": {FORMAT}, \"generator\": {generator}, \"deletions\": [")
            }
            Self::Csv => lines_of([COLUMNS.map(|(name, _)| name.to_owned())])?,
        })
    }

    /// Returns the text of rows.
    pub(super) fn rows(&mut self, gitlab: &str, rows: &[HistoryRow]) -> Result<String, Box<dyn Error>> {
        let entries: Vec<HistoryEntry<'_>> = rows.iter().map(|row| HistoryEntry::of(gitlab, row)).collect();
        Ok(match self {
            Self::Table(table) => table.rows(&entries),
            Self::Json { separator } => {
                let mut text = String::new();
                for entry in &entries {
                    text.push_str(separator);
                    text.push_str(&serde_json::to_string(entry)?);
                    *separator = ",\n";
                }
                text
            }
            Self::Csv => lines_of(entries.iter().map(|entry| COLUMNS.map(|(_, cell)| harmless(cell(entry)))))?,
        })
    }

    /// Returns what stands below all rows.
    pub(super) fn end(&self) -> String {
        match self {
            Self::Json { .. } => "\n]}\n".to_owned(),
            Self::Table(_) | Self::Csv => String::new(),
        }
    }
}

type HistoryCell = fn(&HistoryEntry<'_>) -> String;

const COLUMNS: [(&str, HistoryCell); 20] = [
    ("time", |row| row.time.to_string()),
    ("who", |row| text(row.who)),
    ("gitlab", |row| row.gitlab.to_owned()),
    ("project_path", |row| text(row.project_path)),
    ("package_type", |row| row.package_type.to_owned()),
    ("name", |row| row.name.to_owned()),
    ("channel", |row| text(row.channel)),
    ("version", |row| text(row.version)),
    ("file_name", |row| text(row.file_name)),
    ("bytes", |row| text(row.bytes)),
    ("outcome", |row| row.outcome.to_owned()),
    ("policy", |row| row.policy.to_owned()),
    ("rule", |row| text(row.rule)),
    ("reason", |row| row.reason.to_owned()),
    ("because", |row| row.because.to_owned()),
    ("run", |row| row.run.to_owned()),
    ("project_id", |row| row.project_id.to_string()),
    ("package_id", |row| row.package_id.to_string()),
    ("file_id", |row| text(row.file_id)),
    ("problem", |row| row.problem.map(printable).unwrap_or_default()),
];

fn text(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn lines_of<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> Result<String, Box<dyn Error>> {
    let mut writer = Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}
