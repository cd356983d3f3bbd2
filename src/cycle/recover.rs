//! Finds out what became of the deletions that an earlier run left in doubt, and closes their lines in the journal.
//!
//! GitLab may finish a deletion after the run that sent it has died. So what still shows two minutes after its line was
//! not deleted, and before that it says nothing. What is gone is gone, and nobody knows by whom.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::cycle::breaker::Breaker;
use crate::cycle::clock::Clock;
use crate::cycle::shown::{NameSought, PackagesShown};
use crate::gitlab::{Connection, GitlabClock, Reader};
use crate::package::PackageId;
use crate::record::journal::line::Finding;
use crate::record::journal::{Journal, JournalError, OpenLine};
use crate::record::sent::SETTLED;

/// What became of the lines that were open.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Deletions that were not done.
    pub not_deleted: usize,
    /// Packages and files that are gone, whoever deleted them.
    pub gone: usize,
    /// Lines that are still open, because it is too early, or because GitLab doesn't tell.
    pub left: usize,
}

/// Asks GitLab for everything that an open line is about, and closes what can be closed. Only the run that holds the
/// journal's lock may do so.
///
/// # Errors
///
/// When the journal can't be written.
pub async fn recover(
    connection: &Connection,
    journal: &Journal,
    clock: &Clock,
    stop: &CancellationToken,
) -> Result<Recovery, JournalError> {
    let theirs = Arc::new(GitlabClock::default());
    let (reader, breaker) = (Reader::new(&connection.heard_by(theirs.clone())), Breaker::default());
    let mut by_listing: BTreeMap<NameSought, Vec<OpenLine>> = BTreeMap::new();
    for line in journal.open_lines() {
        by_listing.entry(sought(&line)).or_default().push(line);
    }
    let mut recovery = Recovery::default();
    for (sought, lines) in by_listing {
        if breaker.is_open() {
            recovery.left += lines.len();
            continue;
        }
        let asked = clock.now();
        let trimmed = lines.iter().filter(|line| line.item.file_id.is_some());
        let with_files: BTreeSet<PackageId> = trimmed.map(|line| line.item.package_id).collect();
        let ask = async {
            // An empty listing proves nothing where the project can't be seen. The answer tells GitLab's time as well.
            reader.project(&sought.project.into()).await?;
            PackagesShown::of(&reader.looking(clock.now(), &theirs).0, &sought, &with_files).await
        };
        let shown = tokio::select! {
            biased;
            () = stop.cancelled() => None,
            shown = ask => {
                breaker.note(&shown);
                shown.ok()
            }
        };
        for line in lines {
            match shown.as_ref().and_then(|shown| finding(shown, &line, asked)) {
                Some(found) => {
                    journal.closed(line.seq, found, asked, clock.now())?;
                    *match found {
                        Finding::NotDeleted => &mut recovery.not_deleted,
                        Finding::Gone => &mut recovery.gone,
                    } += 1;
                }
                None => recovery.left += 1,
            }
        }
    }
    journal.rest(clock.now())?;
    Ok(recovery)
}

/// Returns what the listing says of a line that was asked for at this time; `None` where it says nothing yet.
fn finding(shown: &PackagesShown, line: &OpenLine, asked: Timestamp) -> Option<Finding> {
    if shown.has(line.item.package_id, line.item.file_id) {
        (asked.duration_since(line.time) >= SETTLED).then_some(Finding::NotDeleted)
    } else {
        Some(Finding::Gone)
    }
}

fn sought(line: &OpenLine) -> NameSought {
    let OpenLine { item, package_type, name, .. } = line;
    NameSought { project: item.project_id, package_type: package_type.clone(), name: name.clone() }
}

/// Tells it as a sentence without its full stop.
impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { not_deleted, gone, left } = self;
        write!(
            f,
            "an earlier run broke off or could not confirm deletions: {gone} are gone, {not_deleted} were not done, {left} are \
             still in doubt and left alone until a later run"
        )
    }
}
