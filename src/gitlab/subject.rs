//! The thing that a request is about.

use std::fmt;

use crate::package::{FileId, PackageId, PipelineId, ProjectId, Reference};

/// The thing that a request is about, for the sentences that errors are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Every group that the token sees and that lies in no other.
    TopLevelGroups,
    /// One group.
    Group(Reference),
    /// One project.
    Project(Reference),
    /// One package.
    Package {
        /// Its project.
        project: ProjectId,
        /// Its id.
        package: PackageId,
    },
    /// One file of a package.
    File {
        /// Its project.
        project: ProjectId,
        /// Its package.
        package: PackageId,
        /// Its id.
        file: FileId,
    },
    /// One pipeline.
    Pipeline(PipelineId),
    /// One branch.
    Branch {
        /// Its project.
        project: ProjectId,
        /// Its name.
        name: String,
    },
    /// The token that is sent.
    Token,
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
            Self::Branch { project, name } => write!(f, "branch {name} of project {project}"),
            Self::Token => f.write_str("the token"),
        }
    }
}
