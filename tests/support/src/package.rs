//! Packages and files as the walk and the look-ups bring them.

use gleaner::package::{
    BuiltFrom, Downloaded, FileId, Package, PackageFile, PackageId, PackageType, Permission, Project, ProjectId,
    Status, Topics,
};

use crate::days_ago;

/// Returns a generic package of the project 1, `acme/app`: 400 days old and never downloaded.
#[must_use]
pub fn package(id: u64) -> Package {
    Package {
        id: PackageId(id),
        project: project(1, "acme/app"),
        package_type: PackageType::Generic,
        name: "core".to_owned(),
        channel: None,
        version: Some("1.0".to_owned()),
        status: Status::Default,
        created_at: Some(days_ago(400)),
        downloaded: Downloaded::Never,
        tags: Some(Vec::new()),
        built_from: BuiltFrom::NotListed,
        permission: Permission::Granted,
        unreadable: None,
    }
}

/// Returns a project that is not archived, and has no releases and no topics.
#[must_use]
pub fn project(id: u64, path: &str) -> Project {
    let project = Project::unread(ProjectId(id), Some(path.to_owned()));
    Project { archived: Some(false), has_releases: Some(false), topics: Topics::of([Some(Vec::new())]), ..project }
}

/// Returns a file of one byte, so many days old.
#[must_use]
pub fn file(id: u64, name: &str, age: i64) -> PackageFile {
    PackageFile {
        id: FileId(id),
        name: Some(name.to_owned()),
        size: Some(1),
        created_at: Some(days_ago(age)),
        sha256: None,
    }
}
