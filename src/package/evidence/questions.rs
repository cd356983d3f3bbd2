//! What is asked about packages and their projects beyond the listing.

use std::collections::BTreeSet;

use super::{Evidence, Lookup};
use crate::package::{PackageId, PipelineId, ProjectId, ReleaseLink};

/// What has to be looked up before a plan is made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Questions {
    /// Whose files.
    pub files: BTreeSet<PackageId>,
    /// Whose pipelines.
    pub pipelines: BTreeSet<PackageId>,
    /// Which pipelines tell of which kind a ref is, each with a package that it published to.
    pub kinds: BTreeSet<(PipelineId, PackageId)>,
    /// Whose last download.
    pub downloads: BTreeSet<PackageId>,
    /// Whose releases. Where one of them links to files, [`Questions::linked`] asks for more.
    pub releases: BTreeSet<ProjectId>,
    /// Those whose files tell whether a release links to them, by project.
    pub candidates: BTreeSet<(ProjectId, PackageId)>,
    /// Whose protection rules.
    pub protection: BTreeSet<ProjectId>,
}

impl Questions {
    /// Leaves out what is asked about other packages than these. What is asked about projects stays.
    pub fn narrow(&mut self, is_wanted: impl Fn(PackageId) -> bool) {
        self.files.retain(|id| is_wanted(*id));
        self.pipelines.retain(|id| is_wanted(*id));
        self.kinds.retain(|(_, id)| is_wanted(*id));
        self.downloads.retain(|id| is_wanted(*id));
        self.candidates.retain(|(_, id)| is_wanted(*id));
    }

    /// Whether nothing is asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { files, pipelines, kinds, downloads, releases, candidates: _, protection } = self;
        let is_of_packages = !files.is_empty() || !pipelines.is_empty() || !kinds.is_empty() || !downloads.is_empty();
        !is_of_packages && releases.is_empty() && protection.is_empty()
    }

    /// The pipelines that are asked what they ran for, each once.
    #[must_use]
    pub fn refs(&self) -> BTreeSet<PipelineId> {
        self.kinds.iter().map(|(pipeline, _)| *pipeline).collect()
    }

    /// The packages whose files have to be looked up because a release of their project links to files by id.
    pub fn linked(&self, evidence: &Evidence) -> impl Iterator<Item = PackageId> {
        let by_file = |project: ProjectId| match evidence.links.get(&project) {
            Some(Lookup::Found(links)) => links.iter().any(ReleaseLink::is_by_file),
            Some(Lookup::Failed) | None => false,
        };
        self.candidates.iter().filter(move |(project, _)| by_file(*project)).map(|(_, package)| *package)
    }
}
