//! A project's repository, as far as its branches.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{AccessLevel, Pipeline};
use crate::wildcard;

/// How long before the last pipeline of all a branch was built last, if it is gone: somebody has merged it since.
const MERGED_AFTER: SignedDuration = SignedDuration::from_hours(60 * 24);

/// The branches of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Repository {
    /// Where the repository is switched off, or the caller is no member and has to be one, its routes answer 404.
    pub access_level: AccessLevel,
    /// Without it, its routes answer 404.
    pub exists: bool,
    /// The branch that clones check out; one of `branches`, unless the repository is empty.
    pub default_branch: String,
    /// All of its branches; none is an empty repository.
    pub branches: BTreeSet<String>,
    /// Names of protected branches, in which `*` stands for anything.
    pub protected_branches: Vec<String>,
}

impl Default for Repository {
    fn default() -> Self {
        Self {
            access_level: AccessLevel::default(),
            exists: true,
            default_branch: "main".to_owned(),
            branches: BTreeSet::from(["main".to_owned()]),
            protected_branches: vec!["main".to_owned()],
        }
    }
}

impl Repository {
    /// Returns whether a pattern protects the branch (app/models/ref_matcher.rb).
    pub(crate) fn protects(&self, branch: &str) -> bool {
        self.protected_branches.iter().any(|pattern| wildcard::fits(pattern, branch))
    }

    /// The repositories of projects that tell of none, by the project's id: `main`, and every branch that a pipeline ran
    /// for in the 60 days before the last pipeline of all. The other branches are merged and gone.
    pub(crate) fn of_pipelines(pipelines: &[Pipeline]) -> BTreeMap<u64, Self> {
        let last = pipelines.iter().map(|pipeline| pipeline.created_at).max().unwrap_or_default();
        let merged = last.saturating_sub(MERGED_AFTER).unwrap_or(Timestamp::MIN);
        let mut repositories: BTreeMap<u64, Self> = BTreeMap::new();
        let are_there = |pipeline: &&Pipeline| pipeline.is_for_branch() && pipeline.created_at >= merged;
        for pipeline in pipelines.iter().filter(are_there) {
            let repository = repositories.entry(pipeline.project_id).or_default();
            repository.branches.insert(pipeline.ref_.clone());
        }
        repositories
    }
}

impl Pipeline {
    fn is_for_branch(&self) -> bool {
        let is_named = !self.ref_.is_empty() && !self.ref_.starts_with("refs/");
        is_named && self.source != "merge_request_event" && !self.is_for_tag()
    }
}
