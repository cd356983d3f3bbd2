//! Which packages to list: of one group or project, optionally of one type, status or name.

use crate::package::{PackageType, Reference, Status};

use super::subject::Subject;
use super::traffic::Endpoint;

/// One listing of packages, versionless ones included.
///
/// GitLab shows `terraform_module` packages only where the type is named, and hidden, processing and
/// `pending_destruction` ones only where the status is: `app/finders/packages/packages_finder.rb`. So one listing
/// never covers a scope.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Listing {
    /// Where to list.
    pub source: ListingSource,
    /// The one type to list; `None` lists what GitLab shows without.
    pub package_type: Option<PackageType>,
    /// The one status to list; `None` lists what GitLab shows without.
    pub status: Option<Status>,
    /// The name to search for; `None` searches for none. GitLab finds every name that holds all of its words, in upper
    /// or lower case: `lib/gitlab/sql/pattern.rb`. It searches the names of its table, and of a Conan package that is
    /// the name alone, without the version, user and channel that its row shows.
    pub name: Option<String>,
    /// Which rows come first.
    pub order: ListingOrder,
}

/// The order of a listing by the rows' own dates. Nothing settles ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListingOrder {
    /// What was made first comes first, and what is made meanwhile comes last.
    OldestFirst,
    /// What was made last comes first.
    NewestFirst,
}

/// Where packages are listed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ListingSource {
    /// The packages of a group's projects.
    Group {
        /// The group.
        group: Reference,
        /// Whether its subgroups are listed, too.
        subgroups: Subgroups,
    },
    /// The packages of one project.
    Project(Reference),
}

/// Whether a group stands for its subgroups too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subgroups {
    /// They are listed as well.
    Included,
    /// The group's own projects alone are listed.
    Excluded,
}

impl Listing {
    /// Lists what GitLab shows of a source without being asked for a type or status, oldest first.
    #[must_use]
    pub fn of(source: ListingSource) -> Self {
        Self { source, package_type: None, status: None, name: None, order: ListingOrder::OldestFirst }
    }

    pub(super) fn subject(&self) -> Subject {
        match &self.source {
            ListingSource::Group { group, .. } => Subject::Group(group.clone()),
            ListingSource::Project(project) => Subject::Project(project.clone()),
        }
    }

    pub(super) fn endpoint(&self) -> Endpoint {
        match &self.source {
            ListingSource::Group { .. } => Endpoint::GroupPackages,
            ListingSource::Project(_) => Endpoint::ProjectPackages,
        }
    }

    pub(super) fn path(&self) -> [String; 3] {
        match &self.source {
            ListingSource::Group { group, .. } => ["groups".to_owned(), group.to_string(), "packages".to_owned()],
            ListingSource::Project(project) => ["projects".to_owned(), project.to_string(), "packages".to_owned()],
        }
    }

    pub(super) fn query(&self) -> Vec<(&'static str, &str)> {
        let sort = match self.order {
            ListingOrder::OldestFirst => "asc",
            ListingOrder::NewestFirst => "desc",
        };
        let mut query = vec![("include_versionless", "true"), ("order_by", "created_at"), ("sort", sort)];
        if let ListingSource::Group { subgroups, .. } = &self.source {
            let excluded = match subgroups {
                Subgroups::Included => "false",
                Subgroups::Excluded => "true",
            };
            query.push(("exclude_subgroups", excluded));
        }
        query.extend(self.package_type.as_ref().map(|name| ("package_type", name.as_str())));
        query.extend(self.status.as_ref().map(|name| ("status", name.as_str())));
        query.extend(self.name.as_ref().map(|name| ("package_name", name.as_str())));
        query
    }
}
