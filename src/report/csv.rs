//! Writes the decisions as comma-separated values, for a spreadsheet: under a header one row for each package, then one
//! for each file.

use csv::Writer;

use super::{DecisionReport, ItemReport, Report, printable};
use crate::plan::{Maturity, Outcome};

/// Writes the whole report.
///
/// # Errors
///
/// None that can happen while the rows stay in memory.
pub fn csv(report: &Report) -> Result<String, csv::Error> {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS.map(|(name, _)| name))?;
    for policy in &report.policies {
        for row in policy.decisions.iter().chain(&policy.file_decisions) {
            writer.write_record(COLUMNS.map(|(_, cell)| harmless(cell(&policy.policy, row))))?;
        }
    }
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Returns the cell that a column has of a row, below the name of the policy.
type Cell = fn(&str, &DecisionReport) -> String;

/// The columns in their order. A file has no cell in those that are about packages alone, and a package none in `file_`….
const COLUMNS: [(&str, Cell); 24] = [
    ("policy", |policy, _| policy.to_owned()),
    ("verdict", |_, row| row.verdict().code().to_owned()),
    ("outcome", |_, row| text(row.outcome().map(Outcome::code))),
    ("project_path", |_, row| text(row.package.project_path.as_ref())),
    ("package_type", |_, row| row.package.package_type.to_string()),
    ("name", |_, row| row.package.name.clone()),
    ("channel", |_, row| match row.item {
        ItemReport::Package { .. } => text(row.package.channel.as_ref()),
        ItemReport::File { .. } => String::new(),
    }),
    ("version", |_, row| text(row.package.version.as_ref())),
    ("status", |_, row| match &row.item {
        ItemReport::Package { status, .. } => status.to_string(),
        ItemReport::File { .. } => String::new(),
    }),
    ("created_at", |_, row| text(row.created_at)),
    ("last_downloaded_at", |_, row| match row.item {
        ItemReport::Package { last_downloaded_at, .. } => text(last_downloaded_at),
        ItemReport::File { .. } => String::new(),
    }),
    ("bytes", |_, row| text(row.bytes)),
    ("reason", |_, row| row.reason.code().to_owned()),
    ("rule", |_, row| text(row.rule.as_ref())),
    ("rank", |_, row| match row.item {
        ItemReport::Package { rank, .. } => text(rank),
        ItemReport::File { .. } => String::new(),
    }),
    ("because", |_, row| row.because.clone()),
    ("permitted", |_, row| row.permitted.to_string()),
    ("id", |_, row| row.package.id.to_string()),
    ("project_id", |_, row| row.package.project_id.to_string()),
    ("file_name", |_, row| match &row.item {
        ItemReport::Package { .. } => String::new(),
        ItemReport::File { name, .. } => text(name.as_ref()),
    }),
    ("file_id", |_, row| text(row.item.file())),
    ("marked_since", |_, row| text(row.maturity.and_then(Maturity::since))),
    ("goes_from", |_, row| text(row.maturity.and_then(Maturity::from))),
    ("problem", |_, row| row.problem().map(printable).unwrap_or_default()),
];

/// Returns the text of a value. One that isn't there is an empty cell.
fn text(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// Puts an apostrophe before a cell that a spreadsheet would take for a formula. Who may publish a package must not be
/// able to run something in the spreadsheet of a reader.
pub(crate) fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{cell}")
    } else {
        cell
    }
}
