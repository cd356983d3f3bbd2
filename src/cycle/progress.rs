//! Events in the middle of a cycle, for whoever listens: a bar on a terminal, the daemon's notices.

use std::fmt;
use std::sync::Arc;

use crate::gitlab::{RequestCounts, Traffic, TrafficObserver};
use crate::package::{PackageId, PipelineId, ProjectId};
use crate::plan::{Ending, Item};

/// Listens to a cycle. It is called in the middle of the work, so it must not block.
pub trait Observer: Send + Sync {
    /// Takes note of one thing that happened.
    fn on(&self, event: &Event);
}

/// One thing that happened in a cycle. No event holds a token or a URL's query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Something happened over HTTP.
    Traffic(Traffic),
    /// A walk read one page of a listing of packages.
    PageRead {
        /// How many packages stand on it.
        rows: usize,
    },
    /// Look-ups begin. What they find may make the cycle begin more of them.
    EvidenceAsked {
        /// How many.
        lookups: usize,
    },
    /// A look-up ended.
    EvidenceRead {
        /// The thing that was looked up.
        of: Sought,
        /// What went wrong, as one sentence.
        problem: Option<String>,
    },
    /// A deletion was sent. Whether it was done is still to be seen.
    DeletionSent,
    /// A deletion ended.
    Deleted {
        /// The package or file that was to be deleted.
        item: Box<Item>,
        /// How it ended.
        ending: Ending,
    },
}

/// The thing that a look-up was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sought {
    /// The files of a package.
    Files(PackageId),
    /// The pipelines that published to a package.
    Pipelines(PackageId),
    /// The kind of ref that a pipeline ran for.
    Pipeline(PipelineId),
    /// The last download of a package.
    Downloads(PackageId),
    /// The releases of a project.
    Releases(ProjectId),
    /// The rules that protect a project's packages.
    ProtectionRules(ProjectId),
    /// The branches of a project.
    Branches(ProjectId),
    /// The names of a project's protected branches.
    ProtectedBranches(ProjectId),
    /// A branch of a project.
    Branch(ProjectId),
}

/// Listens to a connection: counts its requests, and passes its traffic on to whoever listens to the cycle.
pub struct Counting {
    /// The requests so far.
    pub requests: RequestCounts,
    /// Whoever listens to the cycle.
    pub observer: Arc<dyn Observer>,
}

impl Counting {
    /// Begins to count.
    #[must_use]
    pub fn new(observer: Arc<dyn Observer>) -> Self {
        Self { requests: RequestCounts::default(), observer }
    }
}

impl TrafficObserver for Counting {
    fn on(&self, traffic: &Traffic) {
        self.requests.on(traffic);
        self.observer.on(&Event::Traffic(traffic.clone()));
    }
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
            Self::Branches(project) => write!(f, "the branches of project {project}"),
            Self::ProtectedBranches(project) => write!(f, "the protected branches of project {project}"),
            Self::Branch(project) => write!(f, "a branch of project {project}"),
        }
    }
}
