//! The lines of files, grouped by the package that they are in.

use std::collections::BTreeMap;

use super::{borderless, bytes, printable, project, trimmed, verdict};
use crate::report::FileDecisionReport;

/// The lines of these files, grouped by package and version.
pub(in crate::report) fn file_listing<'a>(
    decisions: impl IntoIterator<Item = &'a FileDecisionReport>,
    width: Option<u16>,
) -> impl Iterator<Item = String> {
    by_version(decisions).into_iter().flat_map(move |((project, version), rows)| {
        [String::new(), format!("  {project}  {version}, files")].into_iter().chain(file_lines(rows, width))
    })
}

/// Rows in the order of project, type, name and version; those of one package in the order of their ids.
pub(in crate::report) fn by_version<'a>(
    decisions: impl IntoIterator<Item = &'a FileDecisionReport>,
) -> BTreeMap<(String, String), Vec<&'a FileDecisionReport>> {
    let mut packages: BTreeMap<(String, String), Vec<&FileDecisionReport>> = BTreeMap::new();
    for row in decisions {
        let project = project(row.project_path.as_deref(), row.project_id);
        let version = printable(row.version.as_deref().unwrap_or("(no version)"));
        let package = format!("{} {} {version}", printable(&row.package_type), printable(&row.name));
        packages.entry((project, package)).or_default().push(row);
    }
    packages
}

/// The lines of one package's files.
pub(in crate::report) fn file_lines<'a>(
    rows: impl IntoIterator<Item = &'a FileDecisionReport>,
    width: Option<u16>,
) -> Vec<String> {
    let mut table = borderless(width);
    for row in rows {
        let rule = row.rule.as_ref().map_or_else(String::new, |rule| format!("{rule}: "));
        table.add_row(vec![
            format!("   {}", verdict(row.verdict, row.permitted, row.outcome)),
            printable(row.file_name.as_deref().unwrap_or("(no name)")),
            row.age.clone(),
            row.size.map_or_else(|| "?".to_owned(), bytes),
            format!("{rule}{}", printable(&row.because)),
        ]);
    }
    trimmed(&table)
}
