//! Answers for GitLab, and for the memory of earlier runs, when a plan asks about the branches of a case.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::given::GivenPackage;
use crate::package::{Branch, BranchList, BranchOrigin, BranchesSeen, Evidence, Lookup, ProjectId, Questions};

/// What a case says of the end of a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BranchGiven {
    /// It is gone, and was first seen to be so at this time.
    Gone(Timestamp),
    /// GitLab doesn't tell.
    Unknown,
}

/// The default branch of every project.
const DEFAULT: &str = "main";

/// The branches of a case. Where a package says that its branch is gone, it is so for all of that branch.
pub(super) struct GivenBranches(BTreeMap<(ProjectId, Branch), Option<BranchGiven>>);

impl GivenBranches {
    pub(super) fn of(packages: &[GivenPackage]) -> Self {
        let mut branches = BTreeMap::new();
        for given in packages {
            let origin = BranchOrigin::of(&given.package, &given.package.built_from);
            if let Some((project, branch)) = origin.branch() {
                let told: &mut Option<BranchGiven> = branches.entry((project, branch.clone())).or_default();
                *told = told.or(given.branch_gone);
            }
        }
        Self(branches)
    }

    /// Returns what earlier runs have seen.
    pub(super) fn seen(&self) -> BranchesSeen {
        let mut seen = BranchesSeen::default();
        for ((project, branch), given) in &self.0 {
            if let Some(BranchGiven::Gone(since)) = given {
                let marked = seen.0.entry(*project).or_default();
                marked.gone.extend(branch.names().iter().map(|name| (name.clone(), *since)));
            }
        }
        seen
    }

    /// Records the answers to the questions about branches.
    pub(super) fn answer(&self, questions: &Questions, evidence: &mut Evidence) {
        let lists = questions.branch_lists.iter().map(|(project, _)| *project);
        for project in lists.chain(questions.branches.iter().map(|(project, ..)| *project)).collect::<BTreeSet<_>>() {
            self.record_list(project, evidence);
        }
        for (project, branch, _) in &questions.branches {
            self.record_branch(*project, branch, evidence);
        }
    }

    /// Records everything that there is to be known.
    pub(super) fn record_all(&self, evidence: &mut Evidence) {
        for (project, branch) in self.0.keys() {
            self.record_list(*project, evidence);
            self.record_branch(*project, branch, evidence);
        }
    }

    fn record_list(&self, project: ProjectId, evidence: &mut Evidence) {
        let are_there = self.0.iter().filter(|((of, _), given)| *of == project && given.is_none());
        let names = are_there.filter_map(|((_, branch), _)| branch.names().first().cloned());
        let names = names.chain([DEFAULT.to_owned()]).collect();
        let list = BranchList { names, default: Some(DEFAULT.to_owned()) };
        evidence.record_branches(project, Lookup::Found(Some(list)));
    }

    fn record_branch(&self, project: ProjectId, branch: &Branch, evidence: &mut Evidence) {
        evidence.record_protected_branches(project, Lookup::Found(Some(Vec::new())));
        let is_there = match self.0.get(&(project, branch.clone())) {
            Some(Some(BranchGiven::Gone(_))) => Some(false),
            Some(Some(BranchGiven::Unknown)) => None,
            Some(None) | None => Some(true),
        };
        for name in branch.names().iter() {
            evidence.record_branch(project, name.clone(), Lookup::Found(is_there));
        }
    }
}
