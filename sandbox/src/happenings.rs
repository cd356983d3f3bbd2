//! Acts of people while a client works: they move groups and projects, archive them, mark them for deletion and delete
//! them, each before a certain request is answered. From Rust or from a JSON file:
//!
//! ```json
//! [
//!   {"before": 3, "act": {"rename_project": {"id": 101, "to": "acme/platform/kernel"}}},
//!   {"before": 1, "method": "DELETE", "path": "*/packages/*", "act": {"archive_group": {"path": "acme/platform"}}}
//! ]
//! ```

use serde::{Deserialize, Serialize};

use crate::wildcard;

/// One thing that somebody does, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Happening {
    /// The number of the request before whose answer it is done. Requests that fit `method` and `path` are counted, from 1.
    pub before: u64,
    /// `GET`, `DELETE`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// A pattern for the path and query as they were sent, in which `*` stands for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The act itself.
    pub act: Act,
}

/// A change that somebody makes. Projects are named by their id, groups by their full path at that time, or their id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Act {
    /// Gives a project another full path, in the same group or in another one. The old path leads to it.
    RenameProject {
        /// The project's id.
        id: u64,
        /// Its new full path.
        to: String,
    },
    /// Gives a group another full path, and so everything below it. The projects' old paths lead to them; those of
    /// groups lead nowhere.
    MoveGroup {
        /// The group's full path at that time, or its id.
        from: String,
        /// Its new full path.
        to: String,
    },
    /// Archives a project.
    ArchiveProject {
        /// The project's id.
        id: u64,
    },
    /// Takes a project out of the archive.
    UnarchiveProject {
        /// The project's id.
        id: u64,
    },
    /// Sets the group's own flag; its projects' stay as they are.
    ArchiveGroup {
        /// The group's full path at that time, or its id.
        path: String,
    },
    /// Takes a group's own flag away.
    UnarchiveGroup {
        /// The group's full path at that time, or its id.
        path: String,
    },
    /// Asks for the deletion of a project, which archives it and appends `-deletion_scheduled-ID` to its path.
    MarkProject {
        /// The project's id.
        id: u64,
    },
    /// Takes that back. The project is not archived then, even if it was before the mark.
    UnmarkProject {
        /// The project's id.
        id: u64,
    },
    /// Asks for the deletion of a group, which appends `-deletion_scheduled-ID` to its path.
    MarkGroup {
        /// The group's full path at that time, or its id.
        path: String,
    },
    /// Takes that back; the path may be the one from before the mark.
    UnmarkGroup {
        /// The group's full path at that time, or its id.
        path: String,
    },
    /// Gives a project these topics in the place of those that it has.
    SetTopics {
        /// The project's id.
        id: u64,
        /// Its topics from then on.
        topics: Vec<String>,
    },
    /// Removes a project with its packages, at once.
    DeleteProject {
        /// The project's id.
        id: u64,
    },
    /// Makes a branch, or restores one.
    CreateBranch {
        /// The project's id.
        id: u64,
        /// The branch's name.
        branch: String,
    },
    /// Deletes a branch, which can't be the default one.
    DeleteBranch {
        /// The project's id.
        id: u64,
        /// The branch's name.
        branch: String,
    },
    /// Renames the default branch; what was called so is gone.
    RenameDefaultBranch {
        /// The project's id.
        id: u64,
        /// Its new name.
        to: String,
    },
    /// Protects branches of this name.
    ProtectBranch {
        /// The project's id.
        id: u64,
        /// The name, in which `*` stands for anything.
        pattern: String,
    },
    /// Takes that back.
    UnprotectBranch {
        /// The project's id.
        id: u64,
        /// The name, as it was given.
        pattern: String,
    },
    /// Removes the repository with all branches.
    DeleteRepository {
        /// The project's id.
        id: u64,
    },
}

/// Why an act can't be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ActError {
    /// No project has this id.
    #[error("there is no project {0}")]
    NoProject(u64),
    /// No group has this path or id.
    #[error("there is no group {0:?}")]
    NoGroup(String),
    /// Something else has the new path.
    #[error("the path {0} is taken")]
    Taken(String),
    /// The new path lies below the group itself.
    #[error("the group {0} can't move into itself")]
    Within(String),
    /// The project or group of this path is marked.
    #[error("{0} is marked for deletion already")]
    Marked(String),
    /// The project or group of this path has no mark to take back.
    #[error("{0} is not marked for deletion")]
    Unmarked(String),
    /// The project has no branch, or no protected one, of this name.
    #[error("project {0} has no branch {1:?}")]
    NoBranch(u64, String),
    /// The project has this branch already.
    #[error("project {0} has the branch {1:?} already")]
    BranchTaken(u64, String),
    /// The branch is the default one.
    #[error("{1:?} is the default branch of project {0}")]
    DefaultBranch(u64, String),
}

impl Happening {
    /// An act before the request of this number; the other methods say which requests count.
    #[must_use]
    pub fn before(number: u64, act: Act) -> Self {
        Self { before: number, method: None, path: None, act }
    }

    /// Counts only requests of this method.
    #[must_use]
    pub fn method(self, method: &str) -> Self {
        Self { method: Some(method.to_owned()), ..self }
    }

    /// Counts only requests whose path and query fit this pattern, in which `*` stands for anything.
    #[must_use]
    pub fn path(self, pattern: &str) -> Self {
        Self { path: Some(pattern.to_owned()), ..self }
    }

    fn fits(&self, method: &str, url: &str) -> bool {
        self.method.as_ref().is_none_or(|one| one.eq_ignore_ascii_case(method))
            && self.path.as_ref().is_none_or(|pattern| wildcard::fits(pattern, url))
    }
}

impl Act {
    /// The id of the project that it is done to.
    pub(crate) fn project(&self) -> Option<u64> {
        match self {
            Self::RenameProject { id, .. }
            | Self::ArchiveProject { id }
            | Self::UnarchiveProject { id }
            | Self::MarkProject { id }
            | Self::UnmarkProject { id }
            | Self::SetTopics { id, .. }
            | Self::DeleteProject { id }
            | Self::CreateBranch { id, .. }
            | Self::DeleteBranch { id, .. }
            | Self::RenameDefaultBranch { id, .. }
            | Self::ProtectBranch { id, .. }
            | Self::UnprotectBranch { id, .. }
            | Self::DeleteRepository { id } => Some(*id),
            Self::MoveGroup { .. }
            | Self::ArchiveGroup { .. }
            | Self::UnarchiveGroup { .. }
            | Self::MarkGroup { .. }
            | Self::UnmarkGroup { .. } => None,
        }
    }
}

/// The happenings while they are played.
pub(crate) struct Agenda {
    /// The happenings that are still to come, each with its number in the script and the requests that fitted it so
    /// far.
    to_come: Vec<(usize, Happening, u64)>,
    /// The first act that could not be done: from then on the script can't be relied on.
    failed: Option<String>,
}

impl Agenda {
    pub(crate) fn new(happenings: Vec<Happening>) -> Self {
        let to_come = (1..).zip(happenings).map(|(number, happening)| (number, happening, 0)).collect();
        Self { to_come, failed: None }
    }

    /// Counts a request, and does in the order of the script what is due before it.
    ///
    /// # Errors
    /// Lets happen whatever is due before a request. The error is the first act that could not be done, now or
    /// earlier.
    pub(crate) fn pass(
        &mut self,
        method: &str,
        url: &str,
        mut act: impl FnMut(Act) -> Result<(), ActError>,
    ) -> Result<(), String> {
        let failed = &mut self.failed;
        self.to_come.retain_mut(|(number, happening, seen)| {
            *seen += u64::from(happening.fits(method, url));
            let due = *seen > 0 && *seen >= happening.before && failed.is_none();
            if due && let Err(error) = act(happening.act.clone()) {
                *failed = Some(format!("happening {number} of the script can't come: {error}"));
            }
            !due
        });
        self.failed.clone().map_or(Ok(()), Err)
    }
}
