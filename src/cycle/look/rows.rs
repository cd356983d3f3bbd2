//! Reads the rows of a project that a second look needs, with as few pages as that takes.
//!
//! GitLab lists the oldest first. What goes stands in front, and the versions that push it out stand at the end. So a
//! listing is read until it has all that is wanted: from its front, from both ends, or by name.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::Timestamp;

use super::page::PageSeen;
use crate::gitlab::{self, Listing, ListingOrder, ListingSource, PageNumber, Reader};
use crate::package::{Package, PackageId, PackageType, ProjectId, Status};
use crate::policy::Scope;

/// How many rows a page has at most.
const PAGE: usize = 100;

/// The rows that were read of a project.
#[derive(Debug, Default)]
pub(in crate::cycle) struct RowsRead {
    pub(in crate::cycle) packages: Vec<Package>,
    pub(in crate::cycle) pages: Vec<PageSeen>,
}

/// The filters of the listing that shows a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::cycle) struct ListedUnder {
    package_type: Option<PackageType>,
    status: Option<Status>,
}

/// The packages that are wanted, among all that the walk knew of a project.
#[derive(Debug, Clone, Copy)]
pub(in crate::cycle) struct Wanted<'a> {
    pub(in crate::cycle) project: ProjectId,
    pub(in crate::cycle) scope: &'a Scope,
    /// Every package that the walk knew of the project, in the scope.
    pub(in crate::cycle) known: &'a [Package],
    /// What is about to go.
    pub(in crate::cycle) going: &'a BTreeSet<PackageId>,
    /// What its verdicts hang on.
    pub(in crate::cycle) witnesses: &'a BTreeSet<PackageId>,
}

/// How one listing is read.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ReadingWay {
    OldestFirst,
    /// What goes from the front, and the witnesses from the end.
    BothEnds,
    /// By these names, with each spelling of them.
    ByName(BTreeSet<String>),
}

impl ListedUnder {
    /// Returns the listing that shows a package of this scope.
    fn of(package: &Package, scope: &Scope) -> Self {
        let is_alone = !scope.types.is_empty() || package.package_type.facts().is_listed_alone;
        Self {
            package_type: is_alone.then(|| package.package_type.clone()),
            status: (!package.status.is_displayable()).then(|| package.status.clone()),
        }
    }

    fn listing(&self, project: ProjectId, name: Option<String>, order: ListingOrder) -> Listing {
        let Self { package_type, status } = self.clone();
        Listing { source: ListingSource::Project(project.into()), package_type, status, name, order }
    }
}

/// Reads what is wanted of a project.
///
/// # Errors
///
/// When a page can't be read.
pub(in crate::cycle) async fn read(reader: &Reader, wanted: &Wanted<'_>) -> Result<RowsRead, gitlab::Error> {
    let mut legs: BTreeMap<ListedUnder, Vec<&Package>> = BTreeMap::new();
    for package in wanted.known {
        legs.entry(ListedUnder::of(package, wanted.scope)).or_default().push(package);
    }
    let mut read = RowsRead::default();
    for (leg, mut packages) in legs {
        packages.sort_by_key(|package| (package.created_at, package.id));
        let of = |ids: &BTreeSet<PackageId>| -> Vec<&Package> {
            packages.iter().copied().filter(|package| ids.contains(&package.id)).collect()
        };
        let (going, witnesses) = (of(wanted.going), of(wanted.witnesses));
        if going.is_empty() && witnesses.is_empty() {
            continue;
        }
        let project = wanted.project;
        let both: Vec<&Package> = going.iter().chain(&witnesses).copied().collect();
        match way(&packages, wanted.going, wanted.witnesses) {
            ReadingWay::OldestFirst => {
                let listing = leg.listing(project, None, ListingOrder::OldestFirst);
                read.until_seen(reader, &listing, project, &both).await?;
            }
            ReadingWay::BothEnds => {
                let listing = leg.listing(project, None, ListingOrder::OldestFirst);
                read.until_seen(reader, &listing, project, &going).await?;
                let listing = leg.listing(project, None, ListingOrder::NewestFirst);
                read.until_seen(reader, &listing, project, &witnesses).await?;
            }
            ReadingWay::ByName(names) => {
                for name in names {
                    let of_name: Vec<&Package> = both.iter().copied().filter(|one| one.name == name).collect();
                    let listing = leg.listing(project, Some(name), ListingOrder::OldestFirst);
                    read.until_seen(reader, &listing, project, &of_name).await?;
                }
            }
        }
    }
    Ok(read)
}

/// Chooses the way that takes the fewest pages, by what the walk knew. `packages` come with the oldest first.
fn way(packages: &[&Package], going: &BTreeSet<PackageId>, witnesses: &BTreeSet<PackageId>) -> ReadingWay {
    let last = |ids: &BTreeSet<PackageId>| packages.iter().rposition(|package| ids.contains(&package.id));
    let first = |ids: &BTreeSet<PackageId>| packages.iter().position(|package| ids.contains(&package.id));
    let pages_to = |end: usize| end.div_ceil(PAGE).max(1);
    let front = last(going).map_or(0, |at| pages_to(at + 1));
    let all = front.max(last(witnesses).map_or(0, |at| pages_to(at + 1)));
    let ends = front + first(witnesses).map_or(0, |at| pages_to(packages.len() - at));
    let names: BTreeSet<String> = packages
        .iter()
        .filter(|package| going.contains(&package.id) || witnesses.contains(&package.id))
        .map(|package| package.name.clone())
        .collect();
    // GitLab finds every name that holds the one that is sought.
    let lower: Vec<String> = packages.iter().map(|package| package.name.to_lowercase()).collect();
    let of_name = |name: &String| pages_to(lower.iter().filter(|other| other.contains(&name.to_lowercase())).count());
    let can_be_sought = names.iter().all(|name| is_sought_as_written(name)) && names.len() < all;
    let by_name = if can_be_sought { names.iter().map(of_name).sum() } else { usize::MAX };
    match all.min(ends).min(by_name) {
        least if least == all => ReadingWay::OldestFirst,
        least if least == ends => ReadingWay::BothEnds,
        _ => ReadingWay::ByName(names),
    }
}

/// Returns whether GitLab's search finds a name as it is written. A space parts words there, and quotes join them.
///
/// Source: `lib/gitlab/sql/pattern.rb`.
pub(in crate::cycle) fn is_sought_as_written(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_./@:+".contains(c))
}

impl RowsRead {
    /// Reads a listing until it has shown these packages, or can't show them any more.
    async fn until_seen(
        &mut self,
        reader: &Reader,
        listing: &Listing,
        project: ProjectId,
        wanted: &[&Package],
    ) -> Result<(), gitlab::Error> {
        let mut missing: BTreeMap<PackageId, Option<Timestamp>> =
            wanted.iter().map(|package| (package.id, package.created_at)).collect();
        let (mut next, mut seen) = (Some(PageNumber::FIRST), HashSet::new());
        while let Some(number) = next.filter(|_| !missing.is_empty()) {
            let page = reader.packages_page(listing, number).await?;
            next = page.next;
            let shown = PageSeen::of(listing, &page);
            let is_new = |id: &PackageId| seen.insert(*id);
            let news = page.rows.iter().map(|row| row.id).filter(is_new).count();
            page.rows.iter().for_each(|row| _ = missing.remove(&row.id));
            let is_past = missing.values().all(|created| shown.is_past(*created));
            self.packages.extend(page.rows.into_iter().map(|row| row.into_package(project)));
            self.pages.push(shown);
            if is_past || news == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Returns the ids of every row that was read.
    pub(in crate::cycle) fn ids(&self) -> HashSet<PackageId> {
        self.packages.iter().map(|package| package.id).collect()
    }
}

#[cfg(test)]
mod tests;
