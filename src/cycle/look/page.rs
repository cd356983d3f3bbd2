//! Tells what one page of a listing proves of the packages that it lacks.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::gitlab::{Listing, ListingOrder, Page, Row};
use crate::package::{Package, PackageId, PackageType, Status};

/// One page, as far as it is of use for a proof. Each page is an answer of one instant.
#[derive(Debug, Clone)]
pub(in crate::cycle) struct PageSeen {
    package_type: Option<PackageType>,
    status: Option<Status>,
    name: Option<String>,
    order: ListingOrder,
    ids: HashSet<PackageId>,
    /// The dates of its first and its last row; `None` where it has no row, or one of them no date.
    span: Option<(Timestamp, Timestamp)>,
    is_first: bool,
    /// GitLab said that no page comes after it.
    is_last: bool,
    /// GitLab said where the listing goes on, or that it ends.
    is_told: bool,
}

impl PageSeen {
    pub(super) fn of(listing: &Listing, page: &Page<Row>) -> Self {
        let date = |row: Option<&Row>| row?.created_at();
        Self {
            package_type: listing.package_type.clone(),
            status: listing.status.clone(),
            name: listing.name.clone(),
            order: listing.order,
            ids: page.rows.iter().map(|row| row.id).collect(),
            span: date(page.rows.first()).zip(date(page.rows.last())),
            is_first: page.number == crate::gitlab::PageNumber::FIRST,
            is_last: page.is_told && page.next.is_none(),
            is_told: page.is_told,
        }
    }

    /// Returns whether the listing has come past a package of this date.
    pub(super) fn is_past(&self, created: Option<Timestamp>) -> bool {
        let (Some((_, last)), Some(created)) = (self.span, created) else { return false };
        match self.order {
            ListingOrder::OldestFirst => last > created,
            ListingOrder::NewestFirst => last < created,
        }
    }

    pub(in crate::cycle) fn shows(&self, id: PackageId) -> bool {
        self.ids.contains(&id)
    }

    /// Returns whether the page would show this package if it were there: it lies between two rows of the page, or
    /// before or after all of them where the listing begins or ends.
    pub(in crate::cycle) fn lacks(&self, package: &Package) -> bool {
        let is_listed = self.package_type.as_ref().is_none_or(|of| *of == package.package_type)
            && self.status.as_ref().map_or(package.status.is_displayable(), |status| *status == package.status)
            && (self.package_type.is_some() || !package.package_type.facts().is_listed_alone)
            && self.name.as_ref().is_none_or(|name| *name == package.name);
        let Some(created) = package.created_at.filter(|_| is_listed && self.is_told && !self.shows(package.id)) else {
            return false;
        };
        let Some((first, last)) = self.span else { return self.ids.is_empty() && self.is_first && self.is_last };
        let (is_after, is_before) = match self.order {
            ListingOrder::OldestFirst => (first < created, created < last),
            ListingOrder::NewestFirst => (created < first, last < created),
        };
        (self.is_first || is_after) && (self.is_last || is_before)
    }

    /// Returns whether the page is one of this project's listings beyond doubt: it shows a row that `known` has.
    pub(in crate::cycle) fn shows_any(&self, known: impl Fn(PackageId) -> bool) -> bool {
        self.ids.iter().any(|id| known(*id))
    }
}

#[cfg(test)]
pub(super) mod tests;
