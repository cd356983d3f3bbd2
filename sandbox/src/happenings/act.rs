//! The acts of people, and why one can't be done.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::registry::{Conan, PackageType};

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
    /// Publishes a package, or adds files to the one that is there.
    Publish(Publication),
    /// Uploads one more file into a package of a type that gets files later.
    UploadFile {
        /// The package's id.
        package: u64,
        /// The file's name, as the listing shows it.
        name: String,
        /// Its size in bytes.
        size: u64,
    },
    /// Downloads a file of a package.
    Download {
        /// The package's id.
        package: u64,
    },
    /// Deletes a package, whatever protects it.
    DeletePackage {
        /// The package's id.
        package: u64,
    },
    /// Deletes one file of a package, which stays even without files.
    DeleteFile {
        /// The package's id.
        package: u64,
        /// The file's id.
        file: u64,
    },
    /// Gives a version of an npm or NuGet package a tag, and takes it from the version that has it.
    MoveTag {
        /// The id of the version that has it from then on.
        package: u64,
        /// The tag, such as `latest`.
        tag: String,
    },
    /// Takes a tag away.
    RemoveTag {
        /// The id of the version that has it.
        package: u64,
        /// The tag.
        tag: String,
    },
    /// Links something to a release, which is made if there is none of that tag.
    LinkRelease {
        /// The project's id.
        project: u64,
        /// The release's tag.
        tag: String,
        /// The place that the link leads to; `{url}` in it stands for the address that clients are told.
        url: String,
    },
    /// Takes a link of a release away; the release stays.
    UnlinkRelease {
        /// The project's id.
        project: u64,
        /// The release's tag.
        tag: String,
        /// The link's place, as it was given.
        url: String,
    },
    /// Protects packages of a name from being deleted.
    ProtectPackage {
        /// The project's id.
        project: u64,
        /// The type of the packages.
        package_type: PackageType,
        /// The name, in which `*` stands for anything.
        pattern: String,
        /// The least access level that may delete them still: 50 for owners, 60 for administrators alone.
        #[serde(default = "administrators")]
        level: u8,
    },
    /// Takes that back.
    UnprotectPackage {
        /// The project's id.
        project: u64,
        /// The type of the packages.
        package_type: PackageType,
        /// The name, as it was given.
        pattern: String,
    },
}

/// A package that somebody publishes. Whatever GitLab works out later, such as a chart's name, is there at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// The project's id.
    pub project: u64,
    /// The type of the package.
    pub package_type: PackageType,
    /// The raw name: for Conan without version, user and channel.
    pub name: String,
    /// `None` for a Maven artifact's metadata and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The files that are uploaded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<NewFile>,
    /// The id of a new row; `None` is the next one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// The date that a new row tells, such as that of a Go module's commit; `None` is now. Files are always of now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// Its tags. An npm version without any gets `latest`, as its client says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// A Conan recipe's user and channel; `None` is one without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conan: Option<Conan>,
}

/// A file that somebody uploads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewFile {
    /// Its name, as the listing shows it.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
}

/// The level of an administrator (lib/gitlab/access.rb).
fn administrators() -> u8 {
    crate::directory::ADMIN
}

impl Act {
    /// The id of the project that it names.
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
            Self::Publish(publication) => Some(publication.project),
            Self::LinkRelease { project, .. }
            | Self::UnlinkRelease { project, .. }
            | Self::ProtectPackage { project, .. }
            | Self::UnprotectPackage { project, .. } => Some(*project),
            Self::MoveGroup { .. }
            | Self::ArchiveGroup { .. }
            | Self::UnarchiveGroup { .. }
            | Self::MarkGroup { .. }
            | Self::UnmarkGroup { .. }
            | Self::UploadFile { .. }
            | Self::Download { .. }
            | Self::DeletePackage { .. }
            | Self::DeleteFile { .. }
            | Self::MoveTag { .. }
            | Self::RemoveTag { .. } => None,
        }
    }
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
    /// No package that people can see or fetch has this id.
    #[error("there is no package {0}")]
    NoPackage(u64),
    /// The package has no such file.
    #[error("package {0} has no file {1}")]
    NoFile(u64, u64),
    /// Another package has the id.
    #[error("the id {0} is taken")]
    IdTaken(u64),
    /// The project has this name and version already, and its type takes no further upload.
    #[error("project {0} has {1} {2} {3} already")]
    Published(u64, PackageType, String, String),
    /// Nobody can publish packages of this type.
    #[error("packages of the type {0} can't be published")]
    Unpublishable(PackageType),
    /// Packages of this type have all their files from the start, or never any.
    #[error("packages of the type {0} take no further file")]
    Complete(PackageType),
    /// The package has a file of this name, and its type takes no second one.
    #[error("package {0} has a file {1:?} already")]
    FileTaken(u64, String),
    /// Packages of this type have no tags.
    #[error("packages of the type {0} have no tags")]
    Untagged(PackageType),
    /// The package doesn't have this tag.
    #[error("package {0} has no tag {1:?}")]
    NoTag(u64, String),
    /// The release has this link already.
    #[error("release {1:?} of project {0} links to {2} already")]
    Linked(u64, String, String),
    /// There is no such release, or it has no such link.
    #[error("no release {1:?} of project {0} links to {2}")]
    NoLink(u64, String, String),
    /// The project has this rule already.
    #[error("project {0} protects {1} {2:?} already")]
    Protected(u64, PackageType, String),
    /// The project has no such rule.
    #[error("project {0} has no rule for {1} {2:?}")]
    NoRule(u64, PackageType, String),
}
