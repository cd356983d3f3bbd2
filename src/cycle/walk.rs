//! Lists a scope page by page to its end.
//!
//! Only a walk that has come past the last page of the last listing makes an inventory: any error drops the builder.

mod projects;

pub(in crate::cycle) use projects::seen;

use tokio_util::sync::CancellationToken;

use crate::cycle::progress::{Event, Observer};
use crate::gitlab::{self, GroupRow, Listing, ListingSource, PageNumber, Reader, Row, Subgroups};
use crate::package::{Package, PackageId, PackageType, PathsSeen, Reference, Status};
use crate::plan::inventory::{InventoryBuilder, Sightings, Walked};
use crate::policy::{Condition, Named, Policy, Reach};

/// Why there is no inventory.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// A page of a listing could not be read.
    #[error("the listing of {place} broke off at page {page}: there is no plan, and nothing was deleted")]
    Listing {
        /// The group or project.
        place: String,
        /// The page at which it ended.
        page: PageNumber,
        /// Why it failed.
        source: gitlab::Error,
    },
    /// A listing sends the same page again and again.
    #[error("the listing of {place} repeats page {page} without end: there is no plan, and nothing was deleted")]
    Repeats {
        /// The group or project.
        place: String,
        /// The page at which it ended.
        page: PageNumber,
    },
    /// The top-level groups could not be listed.
    #[error("there is no telling which groups are everything: there is no plan, and nothing was deleted")]
    Groups(#[source] gitlab::Error),
    /// The projects of a group could not be listed.
    #[error("the projects of {place} can't be listed")]
    Projects {
        /// The group or project.
        place: String,
        /// Why it failed.
        source: gitlab::Error,
    },
    /// A project or group could not be asked about.
    #[error("what {place} is can't be asked: there is no plan, and nothing was deleted")]
    Place {
        /// The group or project.
        place: String,
        /// Why it failed.
        source: gitlab::Error,
    },
    /// It was told to stop.
    #[error("stopped while listing: there is no plan, and nothing was deleted")]
    Stopped,
}

/// The listings of a walk, in their order. Policies with the same route can share a walk.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Route(Vec<Leg>);

/// The listings of one place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Leg {
    destination: Destination,
    filters: Vec<Filter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Destination {
    Named(ListingSource),
    /// Every top-level group that the token sees when the walk gets there.
    Everywhere(Subgroups),
}

/// The type and the status that one listing is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Filter {
    package_type: Option<PackageType>,
    status: Option<Status>,
}

impl Route {
    /// Returns the route of all that `policy` looks at.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        let types: Vec<Option<PackageType>> = if policy.scope.types.is_empty() {
            every_type()
        } else {
            policy.scope.types.iter().cloned().map(Some).collect()
        };
        let filters = filters(&types, |status| lists(policy, status));
        let legs = destinations(&policy.scope.reach)
            .into_iter()
            .map(|destination| Leg { destination, filters: filters.clone() });
        Self(legs.collect())
    }

    /// Returns the route of one project, with all in it that any of `policies` would look at.
    #[must_use]
    pub fn of_project(project: &Reference, policies: &[&Policy]) -> Self {
        let filters = filters(&every_type(), |status| policies.iter().any(|policy| lists(policy, status)));
        Self(vec![Leg { destination: Destination::Named(ListingSource::Project(project.clone())), filters }])
    }
}

/// The parts of a walk.
#[derive(Clone, Copy)]
pub struct Walk<'a> {
    /// Reads from GitLab.
    pub reader: &'a Reader,
    /// The listings to read.
    pub route: &'a Route,
    /// The projects and groups that the rules name, and that GitLab may have elsewhere.
    pub named: &'a [Named],
    /// The paths that projects had in the walks before.
    pub remembered: &'a PathsSeen,
    /// Hears what happens.
    pub observer: &'a dyn Observer,
    /// Stops the walk.
    pub stop: &'a CancellationToken,
}

impl Walk<'_> {
    /// Walks the route to its end.
    ///
    /// # Errors
    ///
    /// Anything that leaves the listing unfinished.
    pub async fn run(self) -> Result<Walked, WalkError> {
        let mut builder = InventoryBuilder::default();
        let mut sightings = Sightings::default();
        for Leg { destination, filters } in &self.route.0 {
            for source in self.unless_stopped(self.sources(destination, &mut sightings)).await? {
                let source = self.unless_stopped(self.projects_of(source, &mut sightings)).await?;
                for Filter { package_type, status } in filters.iter().cloned() {
                    let listing = Listing { package_type, status, ..Listing::of(source.clone()) };
                    self.read(&listing, &mut sightings, &mut builder).await?;
                }
            }
        }
        let strays = self.unless_stopped(self.ask_about_projects(&mut sightings)).await?;
        Ok(builder.settle(&sightings, self.remembered, strays))
    }

    /// Returns the groups or projects that a place stands for.
    async fn sources(
        &self,
        destination: &Destination,
        sightings: &mut Sightings,
    ) -> Result<Vec<ListingSource>, WalkError> {
        match destination {
            Destination::Named(source) => Ok(vec![source.clone()]),
            Destination::Everywhere(subgroups) => {
                let groups = self.reader.top_level_groups().await.map_err(WalkError::Groups)?;
                groups.iter().for_each(|group| sightings.answer_group(&group.path, projects::seen(group)));
                let whole = |group: GroupRow| ListingSource::Group { group: group.reference(), subgroups: *subgroups };
                Ok(groups.into_iter().map(whole).collect())
            }
        }
    }

    /// Waits for a step of the walk, unless the walk is stopped.
    async fn unless_stopped<T>(&self, step: impl Future<Output = Result<T, WalkError>>) -> Result<T, WalkError> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(WalkError::Stopped),
            outcome = step => outcome,
        }
    }

    async fn read(
        &self,
        listing: &Listing,
        sightings: &mut Sightings,
        builder: &mut InventoryBuilder,
    ) -> Result<(), WalkError> {
        let mut next = Some(PageNumber::FIRST);
        let mut before = Vec::new();
        while let Some(number) = next {
            let failed = |source| WalkError::Listing { place: place_name(&listing.source), page: number, source };
            let page = self.reader.packages_page(listing, number);
            let page = self.unless_stopped(async { page.await.map_err(failed) }).await?;
            self.observer.on(&Event::PageRead { rows: page.rows.len() });
            next = page.next;
            let ids: Vec<PackageId> = page.rows.iter().map(|row| row.id).collect();
            if !ids.is_empty() && ids == before {
                // A proxy that drops the page's number and its headers would keep the walk going for ever.
                return Err(WalkError::Repeats { place: place_name(&listing.source), page: number });
            }
            before = ids;
            let mut packages = Vec::with_capacity(page.rows.len());
            for row in page.rows {
                let package = self.unless_stopped(async { self.package(row, sightings).await.map_err(failed) }).await?;
                packages.push(package);
            }
            builder.absorb(packages);
        }
        Ok(())
    }

    /// Returns the package that a row stands for. If the row has no id of its project, its path has to lead to one.
    async fn package(&self, row: Row, sightings: &mut Sightings) -> Result<Package, gitlab::Error> {
        let path = row.project_path.as_deref();
        let known = row.project_id.or_else(|| sightings.id_of(path?));
        let id = match (known, path) {
            (Some(id), _) => id,
            (None, path) => {
                let path = path.unwrap_or_default();
                let unknown = || gitlab::Error::UnknownProject { package: row.id, path: path.to_owned() };
                let project = Reference::parse(path).map_err(|_| unknown())?;
                let found = self.reader.project_if_shown(&project).await?.ok_or_else(unknown)?;
                let id = found.id;
                sightings.lead(path, found);
                id
            }
        };
        sightings.saw_row(id, path);
        Ok(row.into_package(id))
    }
}

fn destinations(reach: &Reach) -> Vec<Destination> {
    let with = |subgroups: bool| if subgroups { Subgroups::Included } else { Subgroups::Excluded };
    match reach {
        Reach::Everywhere { subgroups } => vec![Destination::Everywhere(with(*subgroups))],
        Reach::Groups { groups, subgroups } => {
            let whole = |group: &Reference| ListingSource::Group { group: group.clone(), subgroups: with(*subgroups) };
            groups.iter().map(|group| Destination::Named(whole(group))).collect()
        }
        Reach::Projects(projects) => {
            projects.iter().map(|project| Destination::Named(ListingSource::Project(project.clone()))).collect()
        }
    }
}

/// Returns the types to list one by one. No single listing shows everything: some types are only listed where they are
/// asked for.
fn every_type() -> Vec<Option<PackageType>> {
    let alone = PackageType::KNOWN.into_iter().filter(|one| one.facts().is_listed_alone);
    std::iter::once(None).chain(alone.map(Some)).collect()
}

/// Returns the listings that show these types. Hidden, processing and `pending_destruction` packages are only listed by
/// their status.
fn filters(types: &[Option<PackageType>], is_wanted: impl Fn(&Status) -> bool) -> Vec<Filter> {
    let by_name = Status::KNOWN.into_iter().filter(|status| !status.is_displayable() && is_wanted(status));
    let statuses: Vec<Option<Status>> = std::iter::once(None).chain(by_name.map(Some)).collect();
    types
        .iter()
        .flat_map(|package_type| {
            statuses.iter().map(|status| Filter { package_type: package_type.clone(), status: status.clone() })
        })
        .collect()
}

/// Returns whether a walk for the policy lists packages in this status.
#[must_use]
pub fn lists(policy: &Policy, status: &Status) -> bool {
    status.is_displayable() || named_statuses(policy).any(|named| named == status)
}

/// Returns the statuses that the policy's own delete and keep rules name; a protection never widens a walk.
fn named_statuses(policy: &Policy) -> impl Iterator<Item = &Status> {
    let delete = policy.delete.iter().flat_map(|rule| &rule.conditions);
    let keep = policy.keep.iter().flat_map(|rule| &rule.hold.conditions);
    delete
        .chain(keep)
        .filter_map(|condition| match condition {
            Condition::Status(statuses) => Some(statuses),
            _ => None,
        })
        .flatten()
}

fn place_name(source: &ListingSource) -> String {
    match source {
        ListingSource::Group { group, .. } => format!("group {group}"),
        ListingSource::Project(project) => format!("project {project}"),
    }
}
