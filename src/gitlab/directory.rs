//! The projects of a scope, looked up by id or by path, and the groups that hold them.

use std::collections::HashMap;

use serde_json::Value;

use crate::package::ProjectId;

use super::field;
use super::subject::GroupRef;

/// A project as GitLab lists it.
///
/// Source: `lib/api/entities/project.rb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRow {
    pub id: ProjectId,
    /// The full path, `acme/platform/api`.
    pub path: String,
    /// `None` where GitLab doesn't say.
    pub archived: Option<bool>,
    /// Whether it can have releases. `None` where GitLab doesn't say, as releases before 15.8 don't.
    pub has_releases: Option<bool>,
}

/// A group as GitLab lists it.
///
/// Source: `lib/api/entities/group.rb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    pub id: u64,
    /// The full path, `acme/platform`.
    pub path: String,
}

/// Projects by their id and by their path, which GitLab compares without regard to case.
#[derive(Debug, Clone, Default)]
pub struct ProjectDirectory {
    by_id: HashMap<ProjectId, ProjectRow>,
    ids: HashMap<String, ProjectId>,
}

impl ProjectDirectory {
    #[must_use]
    pub fn by_id(&self, id: ProjectId) -> Option<&ProjectRow> {
        self.by_id.get(&id)
    }

    #[must_use]
    pub fn by_path(&self, path: &str) -> Option<&ProjectRow> {
        self.by_id.get(self.ids.get(&path.to_lowercase())?)
    }
}

impl FromIterator<ProjectRow> for ProjectDirectory {
    fn from_iter<I: IntoIterator<Item = ProjectRow>>(rows: I) -> Self {
        let mut directory = Self::default();
        for row in rows {
            directory.ids.insert(row.path.to_lowercase(), row.id);
            directory.by_id.insert(row.id, row);
        }
        directory
    }
}

impl ProjectRow {
    /// The error says what makes the row unusable.
    pub(super) fn read(value: &Value) -> Result<Self, &'static str> {
        let row = value.as_object().ok_or("it is not a JSON object")?;
        Ok(Self {
            id: ProjectId(field::number(row, "id").ok_or("it has no id")?),
            path: field::text(row, "path_with_namespace").ok_or("it has no path_with_namespace")?.to_owned(),
            archived: field::boolean(row, "archived"),
            // The other levels, `private` and `enabled`, say who may see them.
            has_releases: field::text(row, "releases_access_level").map(|level| level != "disabled"),
        })
    }
}

impl GroupRow {
    /// What to ask for it by: its path, unless that is digits alone, which GitLab reads as an id.
    #[must_use]
    pub fn reference(&self) -> GroupRef {
        let is_id = self.path.bytes().all(|byte| byte.is_ascii_digit());
        GroupRef::parse(&self.path).ok().filter(|_| !is_id).unwrap_or_else(|| GroupRef::from(self.id))
    }

    /// The error says what makes the row unusable.
    pub(super) fn read(value: &Value) -> Result<Self, &'static str> {
        let row = value.as_object().ok_or("it is not a JSON object")?;
        Ok(Self {
            id: field::number(row, "id").ok_or("it has no id")?,
            path: field::text(row, "full_path").ok_or("it has no full_path")?.to_owned(),
        })
    }
}
