//! Projects and groups as GitLab tells of them.

use serde_json::Value;

use crate::package::{Namespace, ProjectId, ProjectRow, Reference, is_marked_path};

use super::field::{self, Object};

/// A group as GitLab lists it.
///
/// Source: `lib/api/entities/group.rb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    /// GitLab's id of the group.
    pub id: u64,
    /// The full path, `acme/platform`.
    pub path: String,
    /// Its own flag. `None` is a release that archives no groups, which has no such key.
    pub archived: Option<bool>,
    /// Whether GitLab is about to delete it.
    pub marked_for_deletion: bool,
}

/// Reads a row of a project. The error says what makes it unusable.
pub(super) fn project(value: &Value) -> Result<ProjectRow, &'static str> {
    let row = value.as_object().ok_or("it is not a JSON object")?;
    let path = field::text(row, "path_with_namespace").ok_or("it has no path_with_namespace")?.to_owned();
    let namespace = field::object(row, "namespace").and_then(|namespace| field::text(namespace, "kind"));
    Ok(ProjectRow {
        id: ProjectId(field::number(row, "id").ok_or("it has no id")?),
        namespace: if namespace == Some("user") { Namespace::Person } else { Namespace::Group },
        archived: field::boolean(row, "archived"),
        marked_for_deletion: is_marked(row, &path),
        // The other levels, `private` and `enabled`, say who may see them.
        has_releases: field::text(row, "releases_access_level").map(|level| level != "disabled"),
        topics: topics(row),
        path,
    })
}

/// Reads the topics. If a single one can't be read, all are unknown, because it may be the one that counts. The second
/// key is the first one's older name.
///
/// Source: `lib/api/entities/basic_project_details.rb`.
fn topics(row: &Object) -> Option<Vec<String>> {
    let topics = row.get("topics").or_else(|| row.get("tag_list"))?;
    topics.as_array()?.iter().map(|topic| topic.as_str().map(str::to_owned)).collect()
}

/// Returns whether GitLab is about to delete it. The second key is the first one's older name. At first only paid tiers
/// had them; where neither is there, the path tells.
///
/// Source: `lib/api/entities/project.rb`, `lib/api/entities/group.rb`.
fn is_marked(row: &Object, path: &str) -> bool {
    let is_set = |key| row.get(key).is_some_and(|value| !value.is_null());
    is_set("marked_for_deletion_on") || is_set("marked_for_deletion_at") || is_marked_path(path)
}

impl GroupRow {
    /// Returns the reference to ask for it by: its path, unless that is digits alone, which GitLab reads as an id.
    #[must_use]
    pub fn reference(&self) -> Reference {
        let by_path = Reference::parse(&self.path).ok().filter(|named| matches!(named, Reference::Path(_)));
        by_path.unwrap_or(Reference::Id(self.id))
    }

    /// Reads a row. The error says what makes it unusable.
    pub(super) fn read(value: &Value) -> Result<Self, &'static str> {
        let row = value.as_object().ok_or("it is not a JSON object")?;
        let path = field::text(row, "full_path").ok_or("it has no full_path")?.to_owned();
        Ok(Self {
            id: field::number(row, "id").ok_or("it has no id")?,
            archived: field::boolean(row, "archived"),
            marked_for_deletion: is_marked(row, &path),
            path,
        })
    }
}
