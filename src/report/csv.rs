//! The decisions as comma-separated values, for a spreadsheet: under a header one row for each package, then one for each
//! file.

use csv::Writer;

use super::{DecisionReport, FileDecisionReport, Report};
use crate::plan::Outcome;

/// The whole report.
///
/// # Errors
///
/// None that can happen while the rows stay in memory.
pub fn csv(report: &Report) -> Result<String, csv::Error> {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS.map(|(name, _, _)| name))?;
    for policy in &report.policies {
        for row in &policy.decisions {
            writer.write_record(COLUMNS.map(|(_, cell, _)| harmless(cell(&policy.policy, row))))?;
        }
        for row in &policy.file_decisions {
            writer.write_record(COLUMNS.map(|(_, _, cell)| harmless(cell(&policy.policy, row))))?;
        }
    }
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

type Cell = fn(&str, &DecisionReport) -> String;
type FileCell = fn(&str, &FileDecisionReport) -> String;

/// Each column with its cell of a package's row and of a file's.
const COLUMNS: [(&str, Cell, FileCell); 21] = [
    ("policy", |policy, _| policy.to_owned(), |policy, _| policy.to_owned()),
    ("verdict", |_, row| row.verdict.to_owned(), |_, row| row.verdict.to_owned()),
    ("outcome", |_, row| outcome(row.outcome), |_, row| outcome(row.outcome)),
    ("project_path", |_, row| text(row.project_path.as_ref()), |_, row| text(row.project_path.as_ref())),
    ("package_type", |_, row| row.package_type.clone(), |_, row| row.package_type.clone()),
    ("name", |_, row| row.name.clone(), |_, row| row.name.clone()),
    ("channel", |_, row| text(row.channel.as_ref()), NONE),
    ("version", |_, row| text(row.version.as_ref()), |_, row| text(row.version.as_ref())),
    ("status", |_, row| row.status.clone(), NONE),
    ("created_at", |_, row| text(row.created_at.as_ref()), |_, row| text(row.created_at.as_ref())),
    ("last_downloaded_at", |_, row| text(row.last_downloaded_at.as_ref()), NONE),
    ("bytes", |_, row| text(row.bytes.as_ref()), |_, row| text(row.size.as_ref())),
    ("reason", |_, row| row.reason.to_owned(), |_, row| row.reason.to_owned()),
    ("rule", |_, row| text(row.rule.as_ref()), |_, row| text(row.rule.as_ref())),
    ("rank", |_, row| text(row.rank.as_ref()), NONE),
    ("because", |_, row| row.because.clone(), |_, row| row.because.clone()),
    ("permitted", |_, row| row.permitted.to_string(), |_, row| row.permitted.to_string()),
    ("id", |_, row| row.id.to_string(), |_, row| row.package_id.to_string()),
    ("project_id", |_, row| row.project_id.to_string(), |_, row| row.project_id.to_string()),
    ("file_name", |_, _| String::new(), |_, row| text(row.file_name.as_ref())),
    ("file_id", |_, _| String::new(), |_, row| row.id.to_string()),
];

/// What only packages have.
const NONE: FileCell = |_, _| String::new();

fn outcome(outcome: Option<Outcome>) -> String {
    outcome.map_or_else(String::new, |outcome| outcome.code().to_owned())
}

/// What isn't there is an empty cell.
fn text(value: Option<&impl ToString>) -> String {
    value.map_or_else(String::new, ToString::to_string)
}

/// A cell that a spreadsheet would take for a formula, with an apostrophe before it: who may publish a package may not
/// therefore run something in the spreadsheet of whoever reads about it.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{cell}")
    } else {
        cell
    }
}
