//! Writes the lines of decisions, grouped by the package that they are about.

use std::collections::BTreeMap;

use super::{borderless, bytes, printable, project, trimmed};
use crate::plan::{Outcome, Verdict};
use crate::report::{DecisionReport, ItemReport, PackageReport};

/// Returns the lines of these decisions, grouped by package. They are all on packages, or all on files.
pub(in crate::report) fn listing<'a>(
    decisions: impl IntoIterator<Item = &'a DecisionReport>,
    width: Option<u16>,
) -> impl Iterator<Item = String> {
    by_package(decisions).into_iter().flat_map(move |((project, package), rows)| {
        let are_files = rows.iter().any(|row| row.item.file().is_some());
        let files = if are_files { ", files" } else { "" };
        [String::new(), format!("  {project}  {package}{files}")].into_iter().chain(row_lines(rows, width))
    })
}

/// Groups rows in the order of project, type and name, those of files also by version. The rows of a group keep their order.
pub(in crate::report) fn by_package<'a>(
    decisions: impl IntoIterator<Item = &'a DecisionReport>,
) -> BTreeMap<(String, String), Vec<&'a DecisionReport>> {
    let mut packages: BTreeMap<(String, String), Vec<&DecisionReport>> = BTreeMap::new();
    for row in decisions {
        let project = project(row.package.project_path.as_deref(), row.package.project_id);
        packages.entry((project, heading(row))).or_default().push(row);
    }
    packages
}

/// Returns the lines of decisions on one package or on its files.
pub(in crate::report) fn row_lines<'a>(
    rows: impl IntoIterator<Item = &'a DecisionReport>,
    width: Option<u16>,
) -> Vec<String> {
    let mut table = borderless(width);
    for row in rows {
        let rule = row.rule.as_ref().map_or_else(String::new, |rule| format!("{rule}: "));
        let trouble = trouble(row).map_or_else(String::new, |trouble| format!("\n! {trouble}"));
        let mark = row.mark.as_ref().map_or_else(String::new, |mark| format!("\n{mark}"));
        table.add_row(vec![
            format!("   {}", fate(row)),
            label(row),
            row.age.clone(),
            row.bytes.map_or_else(|| "?".to_owned(), bytes),
            format!("{rule}{}{mark}{trouble}", printable(&row.because)),
        ]);
    }
    trimmed(&table)
}

/// Names what the rows of a group have in common.
fn heading(row: &DecisionReport) -> String {
    let PackageReport { package_type, name, channel, .. } = &row.package;
    let (package_type, name) = (printable(package_type.as_str()), printable(name));
    match &row.item {
        ItemReport::Package { .. } => {
            let channel = channel.as_ref().map_or_else(String::new, |channel| format!(" @{}", printable(channel)));
            format!("{package_type} {name}{channel}")
        }
        ItemReport::File { .. } => format!("{package_type} {name} {}", version(row)),
    }
}

/// Names a row within its group: a package by its version, a file by its name.
pub(in crate::report) fn label(row: &DecisionReport) -> String {
    match &row.item {
        ItemReport::Package { .. } => version(row),
        ItemReport::File { name, .. } => printable(name.as_deref().unwrap_or("(no name)")),
    }
}

fn version(row: &DecisionReport) -> String {
    printable(row.package.version.as_deref().unwrap_or("(no version)"))
}

/// Tells what became of it, or would.
pub(in crate::report) fn fate(row: &DecisionReport) -> &'static str {
    match (row.outcome(), row.verdict()) {
        (Some(outcome), _) => outcome.code(),
        (None, Verdict::Delete) if !row.permitted => "delete (not permitted)",
        (None, Verdict::Delete) if row.waits() => "waits",
        (None, verdict) => verdict.code(),
    }
}

/// Tells what went wrong with a deletion that was attempted. What left the others is told of the whole cycle.
pub(in crate::report) fn trouble(row: &DecisionReport) -> Option<String> {
    row.problem().filter(|_| row.outcome() != Some(Outcome::NotAttempted)).map(printable)
}
