//! Finds out what became of the deletions that an earlier run left in doubt, and closes their lines in the journal.
//!
//! GitLab may finish a deletion after the run that sent it has died. So what still shows two minutes after its line was
//! not deleted, and before that it says nothing. What is gone is gone, and nobody knows by whom.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::cycle::breaker::Breaker;
use crate::cycle::clock::Clock;
use crate::cycle::look::rows::is_sought_as_written;
use crate::gitlab::{Connection, Error, GitlabClock, Listing, ListingOrder, ListingSource, PageNumber, Reader};
use crate::package::{FileId, PackageId, PackageType, ProjectId};
use crate::record::journal::line::Finding;
use crate::record::journal::{Journal, JournalError, OpenLine};

/// So long after its line was written a package that shows was not deleted.
const SETTLED: SignedDuration = SignedDuration::from_mins(2);

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
    let mut by_key: BTreeMap<Key, Vec<OpenLine>> = BTreeMap::new();
    for line in journal.open_lines() {
        by_key.entry(Key::of(&line)).or_default().push(line);
    }
    let mut recovery = Recovery::default();
    for (key, lines) in by_key {
        if breaker.is_open() {
            recovery.left += lines.len();
            continue;
        }
        let asked = clock.now();
        let ask = async {
            // An empty listing proves nothing where the project can't be seen. The answer tells GitLab's time as well.
            reader.project(&key.project.into()).await?;
            PackagesShown::of(&reader.looking(clock.now(), &theirs).0, &key, &lines).await
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
            match shown.as_ref().and_then(|shown| shown.finding(&line, asked)) {
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

/// The packages that one listing shows: those of a project that have a type and a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    project: ProjectId,
    package_type: String,
    name: String,
}

impl Key {
    fn of(line: &OpenLine) -> Self {
        let OpenLine { item, package_type, name, .. } = line;
        Self { project: item.project_id, package_type: package_type.clone(), name: name.clone() }
    }

    fn listing(&self) -> Listing {
        Listing {
            source: ListingSource::Project(self.project.into()),
            package_type: Some(PackageType::parse(&self.package_type)),
            status: None,
            name: is_sought_as_written(&self.name).then(|| self.name.clone()),
            order: ListingOrder::OldestFirst,
        }
    }
}

/// What GitLab shows of a project that the token sees.
struct PackagesShown {
    packages: HashSet<PackageId>,
    /// The files of packages that lines about files name.
    files: HashSet<FileId>,
}

/// Reads a listing to its end, and returns how many pages it has.
async fn listed(reader: &Reader, listing: &Listing, ids: &mut HashSet<PackageId>) -> Result<u32, Error> {
    let (mut next, mut pages) = (Some(PageNumber::FIRST), 0);
    while let Some(number) = next {
        let page = reader.packages_page(listing, number).await?;
        ids.extend(page.rows.iter().map(|row| row.id));
        next = page.next;
        pages += 1;
    }
    Ok(pages)
}

impl PackagesShown {
    /// Reads the listing of a key to its end, and the files that lines are about.
    async fn of(reader: &Reader, key: &Key, lines: &[OpenLine]) -> Result<Self, Error> {
        let mut packages = HashSet::new();
        // A row may slip through between two pages, and hardly twice.
        for _ in 0..2 {
            if listed(reader, &key.listing(), &mut packages).await? <= 1 {
                break;
            }
        }
        let with_files: BTreeSet<PackageId> =
            lines.iter().filter(|line| line.item.file_id.is_some()).map(|line| line.item.package_id).collect();
        let mut files = HashSet::new();
        for package in with_files.into_iter().filter(|package| packages.contains(package)) {
            for _ in 0..2 {
                let reading = reader.package_files(key.project, package).await?;
                files.extend(reading.rows.iter().map(|file| file.id));
                if reading.pages <= 1 {
                    break;
                }
            }
        }
        Ok(Self { packages, files })
    }

    /// Returns what it says of a line; `None` where it says nothing yet.
    fn finding(&self, line: &OpenLine, asked: Timestamp) -> Option<Finding> {
        let is_there = match line.item.file_id {
            Some(file) => self.files.contains(&file),
            None => self.packages.contains(&line.item.package_id),
        };
        if is_there {
            (asked.duration_since(line.time) >= SETTLED).then_some(Finding::NotDeleted)
        } else {
            Some(Finding::Gone)
        }
    }
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
