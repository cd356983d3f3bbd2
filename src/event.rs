//! What happens while gleaner works, told to whoever listens.

mod clock;
mod requests;

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use crate::package::{Package, PackageFile, PackageId, PipelineId, ProjectId};
use crate::plan::Outcome;
pub use clock::GitlabClock;
pub use requests::{Counting, RequestCounts};

/// Something that listens. It is called in the middle of the work, so it must not block.
pub trait Observer: Send + Sync {
    fn on(&self, event: &Event);
}

/// One thing that happened. No event holds a token or a URL's query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A request was sent, and answered or not. Each try of a request is one of these.
    Requested {
        method: Method,
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
        method: Method,
        /// The URL's path, without its query.
        path: String,
        /// What went wrong, as part of a sentence.
        why: String,
        wait: Duration,
        /// The number of the try that failed, from 1.
        attempt: u32,
        /// How many tries there are in all.
        tries: u32,
    },
    /// A request is held back, from now on for so long, because GitLab's rate limit is used up.
    Throttled { wait: Duration },
    /// GitLab said how many requests are left until its rate limit is reset.
    RateLimit { remaining: u64 },
    /// GitLab told the time with an answer, to the second.
    Clock { theirs: Timestamp },
    /// A walk read one page of a listing of packages.
    PageRead { rows: usize },
    /// Look-ups begin, so many of them. A cycle may come to more of them by what it found.
    EvidenceAsked { lookups: usize },
    /// A look-up ended.
    EvidenceRead {
        of: Sought,
        /// What went wrong, as one sentence.
        problem: Option<String>,
    },
    /// A deletion ended.
    Deleted {
        package: Box<Package>,
        /// The sum of its files' sizes, where they are known.
        bytes: Option<u64>,
        outcome: Outcome,
        /// What went wrong, as one sentence.
        problem: Option<String>,
    },
    /// A deletion of a file ended, whose package stays.
    FileDeleted {
        package: Box<Package>,
        file: PackageFile,
        outcome: Outcome,
        /// What went wrong, as one sentence.
        problem: Option<String>,
    },
}

/// What a look-up was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sought {
    Files(PackageId),
    Pipelines(PackageId),
    Pipeline(PipelineId),
    Downloads(PackageId),
    Releases(ProjectId),
    ProtectionRules(ProjectId),
}

impl fmt::Display for Sought {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files(package) => write!(f, "the files of package {package}"),
            Self::Pipelines(package) => write!(f, "the pipelines of package {package}"),
            Self::Pipeline(pipeline) => write!(f, "{pipeline}"),
            Self::Downloads(package) => write!(f, "the last download of package {package}"),
            Self::Releases(project) => write!(f, "the releases of project {project}"),
            Self::ProtectionRules(project) => write!(f, "the protection rules of project {project}"),
        }
    }
}

/// The two methods that gleaner uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    Get,
    Delete,
}

impl Method {
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
    Groups,
    Group,
    GroupPackages,
    ProjectPackages,
    GroupProjects,
    Project,
    Releases,
    ProtectionRules,
    Package,
    PackageFiles,
    PackageFile,
    Pipelines,
    Job,
    Pipeline,
    Token,
    User,
}

impl Endpoint {
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
