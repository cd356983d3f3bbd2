//! Fetches the evidence that a shortlist asks for: the files of packages.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt as _;
use futures_util::stream;
use tokio_util::sync::CancellationToken;

use crate::breaker::Breaker;
use crate::event::{Event, Observer};
use crate::gitlab::{self, Reader};
use crate::inventory::Inventory;
use crate::package::{PackageFile, PackageId, ProjectId};
use crate::plan::{Evidence, Lookup, Shortlist};

/// How many look-ups are under way at the same time. The connection has a limit of its own on requests in flight.
const CONCURRENT: usize = 8;

/// How often a listing of several pages is read at most, until two readings agree.
const READINGS: usize = 4;

#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// Every further look-up would fail as well.
    #[error("the packages' files can't be looked up: there is no plan, and nothing was deleted")]
    Unauthorized(#[source] gitlab::Error),
    #[error("stopped while looking up files: there is no plan, and nothing was deleted")]
    Stopped,
}

/// Looks up the files of every package that the shortlist has a question about. A look-up that fails is evidence too:
/// its package is kept.
///
/// # Errors
///
/// A token that GitLab no longer takes, or a stop.
pub async fn inspect(
    reader: &Reader,
    inventory: &Inventory,
    shortlist: &Shortlist,
    observer: &dyn Observer,
    stop: &CancellationToken,
) -> Result<Evidence, InspectError> {
    let places: BTreeMap<PackageId, ProjectId> = inventory
        .packages()
        .iter()
        .filter(|package| shortlist.questions.contains(&package.id))
        .map(|package| (package.id, package.project.id))
        .collect();
    observer.on(&Event::EvidenceAsked { packages: places.len() });
    let breaker = Breaker::default();
    let mut lookups = stream::iter(places)
        .map(|(package, project)| {
            let breaker = &breaker;
            async move { (package, look_up(reader, project, package, breaker).await) }
        })
        .buffer_unordered(CONCURRENT);
    let mut evidence = Evidence::none();
    loop {
        let answer = tokio::select! {
            biased;
            () = stop.cancelled() => return Err(InspectError::Stopped),
            answer = lookups.next() => answer,
        };
        let Some((package, lookup)) = answer else {
            return Ok(evidence);
        };
        let (lookup, problem) = match lookup? {
            Ok(files) => (Lookup::Files(files), None),
            Err(problem) => (Lookup::Failed, Some(problem)),
        };
        evidence.record(package, lookup);
        observer.on(&Event::EvidenceRead { package, problem });
    }
}

/// All files of a package, or why they can't be had. The outer error ends the cycle.
async fn look_up(
    reader: &Reader,
    project: ProjectId,
    package: PackageId,
    breaker: &Breaker,
) -> Result<Result<Vec<PackageFile>, String>, InspectError> {
    let mut before: Option<BTreeSet<PackageFile>> = None;
    for _ in 0..READINGS {
        if breaker.is_open() {
            return Ok(Err("GitLab no longer answers".to_owned()));
        }
        let reading = reader.package_files(project, package).await;
        breaker.note(&reading);
        let reading = match reading {
            Ok(reading) => reading,
            Err(error @ gitlab::Error::Unauthorized { .. }) => return Err(InspectError::Unauthorized(error)),
            Err(error) => return Ok(Err(error.to_string())),
        };
        // Pages shift while they are read, so one reading of several pages may have missed a file.
        let files: BTreeSet<PackageFile> = reading.files.into_iter().collect();
        if reading.pages <= 1 || before.as_ref() == Some(&files) {
            return Ok(Ok(files.into_iter().collect()));
        }
        before = Some(files);
    }
    Ok(Err("they change while they are listed".to_owned()))
}
