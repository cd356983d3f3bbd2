//! What a request is about: the groups and projects that are asked for, and the packages and files in them.

use std::fmt;

use crate::package::{FileId, PackageId, PipelineId, ProjectId};

/// A group, by its id or its full path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupRef(String);

/// A project, by its id or its full path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectRef(String);

/// What a request is about, for the sentences that errors are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Every group that the token sees and that lies in no other.
    TopLevelGroups,
    Group(GroupRef),
    Project(ProjectRef),
    Package {
        project: ProjectId,
        package: PackageId,
    },
    File {
        project: ProjectId,
        package: PackageId,
        file: FileId,
    },
    Pipeline(PipelineId),
    /// The token that is sent.
    Token,
}

/// The text is neither an id nor a full path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither an id nor a full path such as `acme/platform`")]
pub struct InvalidReference(String);

impl GroupRef {
    /// # Errors
    /// When the text is neither an id nor a full path.
    pub fn parse(text: &str) -> Result<Self, InvalidReference> {
        check(text).map(Self)
    }

    /// The id or path as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl GroupRef {
    /// Whether it is given by its id. GitLab reads digits alone as an id, never as a path.
    #[must_use]
    pub fn is_id(&self) -> bool {
        self.0.bytes().all(|byte| byte.is_ascii_digit())
    }
}

impl ProjectRef {
    /// # Errors
    /// When the text is neither an id nor a full path.
    pub fn parse(text: &str) -> Result<Self, InvalidReference> {
        check(text).map(Self)
    }

    /// The id or path as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id, where it was given by its id. GitLab reads digits alone as an id, never as a path.
    #[must_use]
    pub fn id(&self) -> Option<ProjectId> {
        self.0.parse().ok().map(ProjectId)
    }
}

impl From<u64> for GroupRef {
    fn from(id: u64) -> Self {
        Self(id.to_string())
    }
}

impl From<ProjectId> for ProjectRef {
    fn from(id: ProjectId) -> Self {
        Self(id.to_string())
    }
}

/// Empty and dotted parts are refused because a URL drops them, and the request would go to another address.
fn check(text: &str) -> Result<String, InvalidReference> {
    let odd =
        |part: &str| matches!(part, "" | "." | "..") || part.contains(|c: char| c.is_control() || c.is_whitespace());
    if text.split('/').any(odd) {
        return Err(InvalidReference(text.escape_debug().to_string()));
    }
    Ok(text.to_owned())
}

impl fmt::Display for GroupRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ProjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TopLevelGroups => f.write_str("the top-level groups"),
            Self::Group(group) => write!(f, "group {group}"),
            Self::Project(project) => write!(f, "project {project}"),
            Self::Package { project, package } => write!(f, "package {package} of project {project}"),
            Self::File { project, package, file } => {
                write!(f, "file {file} of package {package} of project {project}")
            }
            Self::Pipeline(pipeline) => pipeline.fmt(f),
            Self::Token => f.write_str("the token"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_full_paths_are_references() {
        for text in ["7", "acme", "acme/platform", "acme/platform/api.v2"] {
            assert_eq!(GroupRef::parse(text).unwrap().as_str(), text);
            assert_eq!(ProjectRef::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(ProjectRef::parse("7").unwrap().id(), Some(ProjectId(7)));
        assert_eq!(ProjectRef::parse("acme/7").unwrap().id(), None);
    }

    #[test]
    fn what_a_url_would_drop_is_no_reference() {
        for text in ["", ".", "..", "/acme", "acme/", "acme//api", "acme/../secret", "acme api", "acme\n"] {
            assert!(GroupRef::parse(text).is_err(), "{text:?}");
            assert!(ProjectRef::parse(text).is_err(), "{text:?}");
        }
    }
}
