//! Tells of the deletions of one package, for who asks about one that is gone.

use std::error::Error;
use std::path::Path;

use super::forms::HistoryForm;
use super::unread_lines;
use crate::cli::ExplanationForm;
use crate::cli::args::HistoryOutput;
use crate::cli::terminal::{print, say, width};
use crate::package::address::Address;
use crate::package::{PackageId, Reference};
use crate::record::journal::{History, HistoryRow, ProjectQuery, Query, folder_name};

/// Returns the deletions of a package and of its files that the journal of this GitLab has; none where there is no journal.
pub(in crate::cli) fn of_package(
    folder: Option<&Path>,
    gitlab: &Address,
    project: &Reference,
    package: PackageId,
) -> Result<Vec<HistoryRow>, Box<dyn Error>> {
    let Some(folder) = folder.map(|folder| folder.join(folder_name(gitlab))).filter(|folder| folder.is_dir()) else {
        return Ok(Vec::new());
    };
    let narrow = Query { projects: Some(ProjectQuery::parse(&[&project.to_string()])?), ..Query::default() };
    // Its project may have had another path then. The id of a package is that of no other.
    for query in [narrow, Query::default()] {
        let deletions = found(&folder, &query, package)?;
        if !deletions.is_empty() {
            return Ok(deletions);
        }
    }
    Ok(Vec::new())
}

/// Returns the deletions of a package among those that are asked for.
fn found(folder: &Path, query: &Query, package: PackageId) -> Result<Vec<HistoryRow>, Box<dyn Error>> {
    let mut history = History::open(folder, query)?;
    let mut deletions = Vec::new();
    while let Some(rows) = history.next_rows()? {
        deletions.extend(rows.into_iter().filter(|row| row.delete.package_id == package));
    }
    history.unread().iter().for_each(|unread| say(&format!("warning: {}", unread_lines(folder, unread))));
    Ok(deletions)
}

/// Prints deletions as `gleaner history` does.
pub(in crate::cli) fn show_deletions(
    output: ExplanationForm,
    gitlab: &str,
    deletions: &[HistoryRow],
) -> Result<(), Box<dyn Error>> {
    let output = match output {
        ExplanationForm::Table => HistoryOutput::Table,
        ExplanationForm::Json => HistoryOutput::Json,
    };
    let mut form = HistoryForm::begin(output, width().unwrap_or(80));
    print(&form.head()?)?;
    print(&form.rows(gitlab, deletions)?)?;
    print(&form.end())?;
    Ok(())
}
