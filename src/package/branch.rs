//! The branch that a package was built by, and what is known of its end.

mod composer;
mod seen;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use jiff::{SignedDuration, Timestamp};

pub use seen::{BranchSighting, BranchesSeen, MarkedBranches};

use super::{BuiltFrom, Package, ProjectId, RefKind, RefKinds};

/// Names that branches for good have. Whatever a project's list says, none of them is ever taken for gone.
pub const COMMON_BRANCHES: [&str; 4] = ["main", "master", "trunk", "develop"];

/// A branch as a package names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Branch {
    /// The ref of a pipeline.
    Ref(String),
    /// The version of a Composer package, which several branches may give.
    Version(String),
}

/// The branch that a package was built by, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BranchOrigin {
    /// It is this branch of this project.
    Surely(ProjectId, Branch),
    /// It is this branch, or a tag of that name. The pipeline itself tells which, and was not asked.
    Perhaps(ProjectId, Branch),
    /// It is no branch, or nobody can tell.
    Unknown,
    /// The package's pipelines can be asked for.
    NotListed,
}

/// What is known of the end of a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BranchFate {
    /// It is there.
    There,
    /// It is never taken for gone: a default branch, one that was, a protected one, or one with a common name.
    Spared,
    /// It is gone, and was first seen to be so at this time.
    Gone(Timestamp),
    /// It can't be known.
    Unknown,
    /// The list of branches lacks it, and whether it is gone was not looked up.
    NotInList,
    /// The list of branches was not looked up.
    NotLookedUp,
}

/// The branches of a project, read to the end of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchList {
    /// All of their names.
    pub names: BTreeSet<String>,
    /// The default one among them; `None` where none is told to be it.
    pub default: Option<String>,
}

impl BranchFate {
    /// GitLab may answer with a list of branches that is so old (`lib/api/branches.rb`). Two looks within this time count
    /// as one.
    pub const ONE_LOOK: SignedDuration = SignedDuration::from_secs(30);
}

impl Branch {
    /// Returns the names that the branch may have; none where that can't be told.
    #[must_use]
    pub fn names(&self) -> Cow<'_, [String]> {
        match self {
            Self::Ref(name) => Cow::Borrowed(std::slice::from_ref(name)),
            Self::Version(version) => Cow::Owned(composer::branches_of(version)),
        }
    }

    /// Returns whether a branch of this name is it, or may be.
    #[must_use]
    pub fn may_be(&self, name: &str) -> bool {
        match self {
            Self::Ref(own) => own == name,
            Self::Version(version) => composer::may_give(name, version),
        }
    }

    /// Returns whether one of these branches is it, or may be.
    #[must_use]
    pub fn is_among(&self, names: &BTreeSet<String>) -> bool {
        match self {
            Self::Ref(own) => names.contains(own),
            Self::Version(_) => names.iter().any(|name| self.may_be(name)),
        }
    }

    /// Returns whether its name is one that branches for good have.
    #[must_use]
    pub fn is_common(&self) -> bool {
        COMMON_BRANCHES.iter().any(|common| self.may_be(common))
    }
}

/// Tells the names: `feature/login`, `2.x or 2`.
impl fmt::Display for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join(" or "))
    }
}

impl BranchOrigin {
    /// Returns the branch that a package was built by. `built_from` is its last pipeline, as far as that was looked up.
    ///
    /// The branch is one of the project in which the pipeline ran, which need not be the package's. A branch of a Composer
    /// package is one of the package's own project, from which it was published.
    #[must_use]
    pub fn of(package: &Package, built_from: &BuiltFrom) -> Self {
        if package.is_branch() {
            let version = Branch::Version(package.version.clone().unwrap_or_default());
            let is_told = !version.names().is_empty();
            return if is_told { Self::Surely(package.project.id, version) } else { Self::Unknown };
        }
        let pipeline = match built_from {
            BuiltFrom::Pipeline(pipeline) => pipeline,
            BuiltFrom::Unknown => return Self::Unknown,
            BuiltFrom::NotListed => return Self::NotListed,
        };
        let Some(id) = pipeline.id.filter(|_| !pipeline.git_ref.is_empty()) else { return Self::Unknown };
        let branch = || Branch::Ref(pipeline.git_ref.clone());
        match pipeline.kind {
            RefKinds::Known(RefKind::Branch) => Self::Surely(id.project, branch()),
            RefKinds::Open(kinds) if kinds.contains(&RefKind::Branch) => Self::Perhaps(id.project, branch()),
            RefKinds::Known(_) | RefKinds::Open(_) | RefKinds::Unknown(_) => Self::Unknown,
        }
    }

    /// Returns the branch that it is, or may be, with its project.
    #[must_use]
    pub fn branch(&self) -> Option<(ProjectId, &Branch)> {
        match self {
            Self::Surely(project, branch) | Self::Perhaps(project, branch) => Some((*project, branch)),
            Self::Unknown | Self::NotListed => None,
        }
    }
}
