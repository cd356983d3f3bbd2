//! Events of the HTTP traffic between gleaner and GitLab, for whoever listens to a connection.

pub(super) mod clock;
pub(super) mod requests;

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

/// Listens to the traffic of a connection. It is called in the middle of the work, so it must not block.
pub trait TrafficObserver: Send + Sync {
    /// Takes note of one thing that happened.
    fn on(&self, traffic: &Traffic);
}

/// One thing that happened over HTTP. It holds no token and no URL's query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Traffic {
    /// A request was sent, and answered or not. Each try of a request is one of these.
    Requested {
        /// The method of the request.
        method: Method,
        /// The kind of URL that was asked.
        endpoint: Endpoint,
        /// The HTTP status; `None` where no answer came, or only a part of one.
        status: Option<u16>,
        /// The number of the try, from 1.
        attempt: u32,
        /// From sending the request to the last byte of the answer.
        took: Duration,
    },
    /// A try failed, and another one follows.
    Retrying {
        /// The method of the request.
        method: Method,
        /// The URL's path, without its query.
        path: String,
        /// Why it failed, as part of a sentence.
        why: String,
        /// How long the next try is waited for.
        wait: Duration,
        /// The number of the try that failed, from 1.
        attempt: u32,
        /// How many tries there are in all.
        tries: u32,
    },
    /// A request is held back from now on, because GitLab's rate limit is used up.
    Throttled {
        /// For how long.
        wait: Duration,
    },
    /// GitLab said how many requests are left until its rate limit is reset.
    RateLimit {
        /// How many.
        remaining: u64,
    },
    /// GitLab told the time with an answer, to the second.
    Clock {
        /// GitLab's time.
        theirs: Timestamp,
    },
}

/// The two methods that gleaner uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Deletes.
    Delete,
}

impl Method {
    /// Returns the method as HTTP spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The kinds of URL that gleaner asks: few enough to be the label of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// The listing of groups.
    Groups,
    /// A single group.
    Group,
    /// The listing of a group's packages.
    GroupPackages,
    /// The listing of a project's packages.
    ProjectPackages,
    /// The listing of a group's projects.
    GroupProjects,
    /// A single project.
    Project,
    /// The listing of a project's releases.
    Releases,
    /// The listing of the rules that protect a project's packages.
    ProtectionRules,
    /// A single package.
    Package,
    /// The listing of a package's files.
    PackageFiles,
    /// A single file of a package.
    PackageFile,
    /// The listing of a package's pipelines.
    Pipelines,
    /// The CI job that a job token belongs to.
    Job,
    /// A single pipeline.
    Pipeline,
    /// The listing of a project's branches.
    Branches,
    /// The listing of a project's protected branches.
    ProtectedBranches,
    /// A single branch.
    Branch,
    /// The token itself.
    Token,
    /// The user whom the token belongs to.
    User,
}

impl Endpoint {
    /// Returns the name of the endpoint in metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Groups => "groups",
            Self::Group => "group",
            Self::GroupPackages => "group_packages",
            Self::ProjectPackages => "project_packages",
            Self::GroupProjects => "group_projects",
            Self::Project => "project",
            Self::Releases => "releases",
            Self::ProtectionRules => "protection_rules",
            Self::Package => "package",
            Self::PackageFiles => "package_files",
            Self::PackageFile => "package_file",
            Self::Pipelines => "pipelines",
            Self::Job => "job",
            Self::Pipeline => "pipeline",
            Self::Branches => "branches",
            Self::ProtectedBranches => "protected_branches",
            Self::Branch => "branch",
            Self::Token => "token",
            Self::User => "user",
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
