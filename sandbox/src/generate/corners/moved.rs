//! Projects that are not where they were, or won't be for long, each with versions that a policy would take.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use super::super::Random;
use super::draft::Draft;
use super::{DAY, OLD, before, next};
use crate::registry::{Group, Package, PackageType, Project, Registry};

/// A sequence of its own, so that the other corners have the checksums that they had before there were these.
const SEED: u64 = 0x006d_6f76_6564;

/// Adds the groups and projects, and makes their rows, with the ages at which they were made.
pub(super) fn add(registry: &mut Registry, start: Timestamp) -> Vec<(i64, Package)> {
    // Deletion can be taken back for some days.
    let marked: Option<Date> = Some(Offset::UTC.to_datetime(before(start, 2 * DAY)).date());
    let mut random = Random::new(SEED);

    // app/models/route.rb keeps a redirect from each path that a project had.
    let renamed = project(registry, "acme/corners/renamed", Some("acme/corners/christened"));

    // The group's archiving leaves the project's own flag alone (app/services/groups/archive_service.rb).
    let attic = group(registry, |_| "acme/corners/attic".to_owned(), |group| group.archived = true);
    let press = project(registry, &format!("{attic}/press"), None);

    // app/services/projects/mark_for_deletion_service.rb renames and archives.
    let id = next(registry.projects.iter().map(|project| project.id));
    let leaving = format!("acme/corners/leaving-deletion_scheduled-{id}");
    let leaving = project(registry, &leaving, Some("acme/corners/leaving"));
    for project in registry.projects.iter_mut().filter(|project| project.id == leaving) {
        (project.archived, project.marked_for_deletion_on) = (true, marked);
    }

    // app/services/groups/mark_for_deletion_service.rb renames, and with it everything below.
    let closing = |id| format!("acme/corners/closing-deletion_scheduled-{id}");
    let closing = group(registry, closing, |group| group.marked_for_deletion_on = marked);
    let shop = project(registry, &format!("{closing}/shop"), Some("acme/corners/closing/shop"));

    let places = [("renamed", renamed), ("press", press), ("leaving", leaving), ("shop", shop)];
    let rows = places.into_iter().flat_map(|(name, project)| versions(name).map(|draft| (draft, project)));
    rows.map(|(draft, project)| (draft.made, draft.package(project, start, &mut random))).collect()
}

/// Two old versions, and one of late that keeps being the latest: npm's rows are as old as their files.
fn versions(name: &str) -> [Draft; 3] {
    let name = format!("@acme/corner-{name}");
    let version =
        |number: &str, age| Draft::new(PackageType::Npm, &name, number, age).file(format!("{name}-{number}.tgz"), age);
    [version("1.0.0", OLD), version("1.1.0", 500 * DAY), version("2.0.0", 60 * DAY).tag("latest")]
}

/// Adds a group whose path may have its id, with what `change` makes of it, and returns the path.
fn group(registry: &mut Registry, path: impl FnOnce(u64) -> String, change: impl FnOnce(&mut Group)) -> String {
    let id = next(registry.groups.iter().map(|group| group.id));
    let mut group = Group { id, path: path(id), ..Group::default() };
    change(&mut group);
    let path = group.path.clone();
    registry.groups.push(group);
    path
}

/// Adds a project and returns its id.
fn project(registry: &mut Registry, path: &str, former: Option<&str>) -> u64 {
    let id = next(registry.projects.iter().map(|project| project.id));
    let former_paths = former.into_iter().map(str::to_owned).collect();
    registry.projects.push(Project { id, path: path.to_owned(), former_paths, ..Project::default() });
    id
}
