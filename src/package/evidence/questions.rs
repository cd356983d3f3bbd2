//! The questions about packages and their projects that the listing leaves open.

use std::collections::BTreeSet;

use super::{Evidence, Lookup};
use crate::package::{Branch, PackageId, PipelineId, ProjectId, ReleaseLink};

/// The look-ups that a plan needs, each by what it is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Questions {
    /// The packages whose files are asked for.
    pub files: BTreeSet<PackageId>,
    /// The packages whose pipelines are asked for.
    pub pipelines: BTreeSet<PackageId>,
    /// The pipelines that can tell the kind of a ref, each with a package that it published to.
    pub kinds: BTreeSet<(PipelineId, PackageId)>,
    /// The projects whose lists of branches are asked for, each with a package that one of them may have built.
    pub branch_lists: BTreeSet<(ProjectId, PackageId)>,
    /// The branches of which it is asked whether they are gone, each with a package that it built.
    pub branches: BTreeSet<(ProjectId, Branch, PackageId)>,
    /// The packages whose last download is asked for.
    pub downloads: BTreeSet<PackageId>,
    /// The projects whose releases are asked for. Where one of them links to files, [`Questions::linked`] asks for more.
    pub releases: BTreeSet<ProjectId>,
    /// The packages whose files tell whether a release links to them, by project.
    pub candidates: BTreeSet<(ProjectId, PackageId)>,
    /// The projects whose protection rules are asked for.
    pub protection: BTreeSet<ProjectId>,
}

impl Questions {
    /// Leaves out questions about other packages than these. Questions about projects stay.
    pub fn narrow(&mut self, is_wanted: impl Fn(PackageId) -> bool) {
        self.files.retain(|id| is_wanted(*id));
        self.pipelines.retain(|id| is_wanted(*id));
        self.kinds.retain(|(_, id)| is_wanted(*id));
        self.branch_lists.retain(|(_, id)| is_wanted(*id));
        self.branches.retain(|(_, _, id)| is_wanted(*id));
        self.downloads.retain(|id| is_wanted(*id));
        self.candidates.retain(|(_, id)| is_wanted(*id));
    }

    /// Returns whether nothing is asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { files, pipelines, kinds, downloads, releases, candidates: _, protection, branch_lists, branches } =
            self;
        let is_of_packages = !files.is_empty() || !pipelines.is_empty() || !kinds.is_empty() || !downloads.is_empty();
        let is_of_branches = !branch_lists.is_empty() || !branches.is_empty();
        !is_of_packages && !is_of_branches && releases.is_empty() && protection.is_empty()
    }

    /// Returns the pipelines that are asked what they ran for, each once.
    #[must_use]
    pub fn refs(&self) -> BTreeSet<PipelineId> {
        self.kinds.iter().map(|(pipeline, _)| *pipeline).collect()
    }

    /// Returns the packages whose files have to be looked up because a release of their project links to files by id.
    pub fn linked(&self, evidence: &Evidence) -> impl Iterator<Item = PackageId> {
        let by_file = |project: ProjectId| match evidence.links.get(&project) {
            Some(Lookup::Found(links)) => links.iter().any(ReleaseLink::is_by_file),
            Some(Lookup::Failed) | None => false,
        };
        self.candidates.iter().filter(move |(project, _)| by_file(*project)).map(|(_, package)| *package)
    }
}
