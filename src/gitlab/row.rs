//! One row of a package listing as GitLab sent it, and the package it becomes once its project is known.
//!
//! Source: `lib/api/entities/package.rb`. Releases differ in what they send, so a row has to have only an id and a
//! project; any other field that is missing or odd is unknown.

use jiff::Timestamp;
use serde_json::Value;

use crate::package::{
    BuiltFrom, Downloaded, Package, PackageId, PackageType, Permission, Project, ProjectId, Reference, Status,
};

use super::field::{self, Object};
use super::listing::{Listing, ListingSource};
use super::pipeline;

/// One row. Its project may be known by its id alone, or by its path alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// GitLab's id of the package.
    pub id: PackageId,
    /// GitLab's id of its project, where the row tells it.
    pub project_id: Option<ProjectId>,
    /// The full path of its project, where the row tells it.
    pub project_path: Option<String>,
    package_type: PackageType,
    name: String,
    channel: Option<String>,
    version: Option<String>,
    status: Status,
    created_at: Option<Timestamp>,
    downloaded: Downloaded,
    tags: Option<Vec<String>>,
    built_from: BuiltFrom,
    permission: Permission,
    unreadable: Option<&'static str>,
}

impl Row {
    /// Returns when the package was made, as far as the row tells.
    #[must_use]
    pub fn created_at(&self) -> Option<Timestamp> {
        self.created_at
    }

    /// Returns the package, in a project of which no more is known than the row tells.
    #[must_use]
    pub fn into_package(self, project: ProjectId) -> Package {
        Package {
            id: self.id,
            project: Project::unread(project, self.project_path),
            package_type: self.package_type,
            name: self.name,
            channel: self.channel,
            version: self.version,
            status: self.status,
            created_at: self.created_at,
            downloaded: self.downloaded,
            tags: self.tags,
            built_from: self.built_from,
            permission: self.permission,
            unreadable: self.unreadable,
        }
    }

    /// Reads one element of a listing's array. `prefix` is the path below which this GitLab lives, `/gitlab` or
    /// nothing. The error says what makes the row unusable.
    pub(super) fn read(value: &Value, listing: &Listing, prefix: &str) -> Result<Self, &'static str> {
        let row = value.as_object().ok_or("it is not a JSON object")?;
        let id = field::number(row, "id").ok_or("it has no id")?;
        let (project_id, project_path) = project(row, listing, prefix);
        if project_id.is_none() && project_path.is_none() {
            return Err("nothing in it tells its project");
        }
        let package_type = field::text(row, "package_type").map(PackageType::parse);
        let status = field::text(row, "status").map(Status::parse);
        let raw_name = field::text(row, "name");
        let (name, channel) = match &package_type {
            Some(of) if of.facts().has_channel => conan(row, raw_name.unwrap_or_default()),
            _ => (raw_name.unwrap_or_default(), None),
        };
        let version = row.get("version");
        let unreadable = [
            ("name", raw_name.is_none() || name.is_empty()),
            ("package_type", package_type.is_none()),
            ("status", status.is_none()),
            ("version", !version.is_some_and(|value| value.is_string() || value.is_null())),
        ];
        Ok(Self {
            id: PackageId(id),
            project_id,
            project_path,
            name: name.to_owned(),
            channel: channel.map(str::to_owned),
            version: field::text(row, "version").map(str::to_owned),
            created_at: row.get("created_at").and_then(field::date),
            downloaded: match downloaded(row) {
                // Whoever asks for it by itself is told 404: `lib/api/project_packages.rb`.
                Downloaded::NotListed if status == Some(Status::Error) => Downloaded::Unknown,
                downloaded => downloaded,
            },
            tags: tags(row),
            built_from: built_from(row),
            permission: permission(row),
            unreadable: unreadable.iter().find(|(_, bad)| *bad).map(|(field, _)| *field),
            package_type: package_type.unwrap_or_else(|| PackageType::parse("")),
            status: status.unwrap_or_else(|| Status::Other(String::new())),
        })
    }
}

/// Returns the id and the path of a row's project, as far as the row tells them. Older releases send no `project_id`,
/// and project listings send neither. The links have them both, and a project's own listing needs neither.
fn project(row: &Object, listing: &Listing, prefix: &str) -> (Option<ProjectId>, Option<String>) {
    let link = |key| field::object(row, "_links").and_then(|links| field::text(links, key));
    let id =
        field::number(row, "project_id").or_else(|| link("delete_api_path").and_then(id_in_api_path)).map(ProjectId);
    let path =
        field::text(row, "project_path").or_else(|| link("web_path").and_then(|path| path_in_web_path(path, prefix)));
    let (asked_id, asked_path) = match &listing.source {
        ListingSource::Project(Reference::Id(id)) => (Some(ProjectId(*id)), None),
        ListingSource::Project(Reference::Path(path)) => (None, Some(&**path)),
        ListingSource::Group { .. } => (None, None),
    };
    (id.or(asked_id), path.or(asked_path).map(str::to_owned))
}

/// Returns the 2 in `https://host/api/v4/projects/2/packages/12`.
fn id_in_api_path(path: &str) -> Option<u64> {
    let (_, rest) = path.split_once("/api/v4/projects/")?;
    let (id, _) = rest.split_once("/packages/")?;
    id.parse().ok()
}

/// Returns the `acme/lib` in `/acme/lib/-/packages/12`.
fn path_in_web_path<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    let (project, _) = path.split_once("/-/")?;
    let below = project.strip_prefix(prefix).filter(|rest| rest.starts_with('/'));
    let project = below.unwrap_or(project).strip_prefix('/')?;
    (!project.is_empty()).then_some(project)
}

/// Returns the bare name and the `user/channel` of a Conan package, whose `name` is the recipe
/// `name/version@user/channel`.
fn conan<'a>(row: &'a Object, recipe: &'a str) -> (&'a str, Option<&'a str>) {
    let name = recipe.split('/').next().unwrap_or_default();
    let channel = recipe.split_once('@').map(|(_, channel)| channel);
    (field::text(row, "conan_package_name").unwrap_or(name), channel.filter(|channel| !channel.is_empty()))
}

/// Reads the last download, which a listing and a single package tell the same way.
pub(super) fn downloaded(row: &Object) -> Downloaded {
    match row.get("last_downloaded_at") {
        None => Downloaded::NotListed,
        Some(Value::Null) => Downloaded::Never,
        Some(value) => field::date(value).map_or(Downloaded::Unreadable, Downloaded::At),
    }
}

/// Reads the tags, which are objects with a `name`. If a single one can't be read, all are unknown, because it may be
/// the one that counts.
fn tags(row: &Object) -> Option<Vec<String>> {
    let name = |tag: &Value| Some(field::text(tag.as_object()?, "name")?.to_owned());
    row.get("tags")?.as_array()?.iter().map(name).collect()
}

fn built_from(row: &Object) -> BuiltFrom {
    match row.get("pipeline") {
        None => BuiltFrom::NotListed,
        Some(pipeline) => pipeline::listed(pipeline).map_or(BuiltFrom::Unknown, BuiltFrom::Pipeline),
    }
}

fn permission(row: &Object) -> Permission {
    match field::object(row, "_links").map(|links| links.get("delete_api_path")) {
        Some(Some(Value::String(_))) => Permission::Granted,
        Some(None | Some(Value::Null)) => Permission::Denied,
        Some(Some(_)) | None => Permission::Unknown,
    }
}

#[cfg(test)]
mod tests;
