//! What GitLab tells of branches, and what earlier runs have seen of them.

use std::collections::{BTreeMap, BTreeSet};

use gleaner::package::{
    Branch, BranchList, BranchOrigin, BranchStep, BranchesSeen, Evidence, Lookup, MarkedBranches, Package, ProjectId,
    Questions,
};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::Cycle;
use super::dates::sensible_date;
use super::in_use::InUseList;
use super::policies::Texts;

/// The names that branches have here: those of pipelines, and those that Composer's versions name.
pub(crate) const BRANCHES: [&str; 9] = ["main", "feature/x", "feature/y", "v1.0", "2.x", "v2.x", "2", "v2", "stable"];

/// The branches of one project.
#[derive(Debug, Clone)]
pub(crate) struct Branches {
    /// `None` is a refusal.
    pub(crate) list: Option<BTreeSet<&'static str>>,
    pub(crate) list_can_be_read: bool,
    pub(crate) default: Option<&'static str>,
    /// `None` is a refusal.
    pub(crate) protected: Option<Vec<&'static str>>,
    pub(crate) protected_can_be_read: bool,
    /// What a branch that the list lacks answers by itself; `None` is a refusal.
    pub(crate) alone: BTreeMap<&'static str, Option<bool>>,
    pub(crate) alone_can_be_read: bool,
}

pub(super) fn branches() -> impl Strategy<Value = Branches> {
    let list = prop_oneof![
        8 => subsequence(BRANCHES.to_vec(), 0..=4).prop_map(|names| Some(names.into_iter().collect::<BTreeSet<_>>())),
        1 => Just(None),
    ];
    let default = prop::option::weighted(0.9, select(vec!["main", "stable", "feature/y"]));
    let patterns = vec!["feature/*", "*y", "stable", "2.*"];
    let protected = prop::option::weighted(0.9, subsequence(patterns, 0..=1));
    let answer = prop_oneof![8 => Just(Some(false)), 1 => Just(Some(true)), 1 => Just(None)];
    let alone = prop::collection::vec(answer, BRANCHES.len())
        .prop_map(|answers| BRANCHES.into_iter().zip(answers).collect::<BTreeMap<_, _>>());
    let can_be_read = [0.95, 0.95, 0.95].map(prop::bool::weighted);
    (list, default, protected, alone, can_be_read).prop_map(|(list, default, protected, alone, can_be_read)| {
        // The default branch is one of those that are there.
        let default = default.filter(|default| list.as_ref().is_some_and(|list| list.contains(default)));
        let [list_can_be_read, protected_can_be_read, alone_can_be_read] = can_be_read;
        Branches { list, list_can_be_read, default, protected, protected_can_be_read, alone, alone_can_be_read }
    })
}

/// A policy in which it decides how long a branch has been gone, on either side.
pub(crate) fn about_branches() -> impl Strategy<Value = Texts> {
    let keep = select(vec!["", "keep: [{ branch_gone_for: 5d }]\n", "keep: [{ branch_gone_for: 30d }]\n"]);
    let delete = select(vec!["branch_gone_for: 1h", "branch_gone_for: 5d", "older_than: 1h"]);
    (delete, keep).prop_map(|(delete, keep)| {
        let policy = format!(
            "version: 1\nscope: {{ group: acme }}\n\
             delete: [{{ {delete}, allow_latest: true, other_indexes: true, allow_released: true }}]\n\
             {keep}limits: {{ min_age: 1h }}\n"
        );
        Texts { policies: vec![policy], protections: Vec::new(), instance: None, in_use: InUseList::none() }
    })
}

pub(super) fn marked() -> impl Strategy<Value = MarkedBranches> {
    let defaults = prop_oneof![4 => Just(BTreeSet::new()), 1 => Just(BTreeSet::from(["feature/x".to_owned()]))];
    let gone = prop::collection::vec((prop::bool::weighted(0.8), sensible_date()), BRANCHES.len()).prop_map(|dates| {
        let marks = BRANCHES.into_iter().zip(dates).filter(|(_, (is_marked, _))| *is_marked);
        marks.map(|(name, (_, date))| (name.to_owned(), date)).collect()
    });
    (defaults, gone).prop_map(|(defaults, gone)| MarkedBranches { defaults, gone })
}

impl Branches {
    /// The same project where everything can be read, nothing is protected, and what the list lacks is gone.
    pub(crate) fn made_plain(&mut self) {
        self.list.get_or_insert_default().insert("main");
        self.default = Some("main");
        self.protected = Some(Vec::new());
        self.alone.clear();
        (self.list_can_be_read, self.protected_can_be_read, self.alone_can_be_read) = (true, true, true);
    }

    /// The same as the oracle takes it.
    pub(super) fn known(&self) -> gleaner_oracle::branches::Branches {
        let owned = |names: &Vec<&str>| names.iter().map(|name| (*name).to_owned()).collect();
        gleaner_oracle::branches::Branches {
            list: self.list.as_ref().map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
            list_can_be_read: self.list_can_be_read,
            default: self.default.map(str::to_owned),
            protected: self.protected.as_ref().map(owned),
            protected_can_be_read: self.protected_can_be_read,
            alone: self.alone.iter().map(|(name, answer)| ((*name).to_owned(), *answer)).collect(),
            alone_can_be_read: self.alone_can_be_read,
        }
    }

    fn list(&self) -> Lookup<Option<BranchList>> {
        if !self.list_can_be_read {
            return Lookup::Failed;
        }
        Lookup::Found(self.list.as_ref().map(|names| BranchList {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            default: self.default.map(str::to_owned),
        }))
    }

    fn protected(&self) -> Lookup<Option<Vec<String>>> {
        let patterns = self.protected.as_ref();
        let patterns = patterns.map(|patterns| patterns.iter().map(|pattern| (*pattern).to_owned()).collect());
        if self.protected_can_be_read { Lookup::Found(patterns) } else { Lookup::Failed }
    }

    fn alone(&self, name: &str) -> Lookup<Option<bool>> {
        if self.alone_can_be_read {
            Lookup::Found(self.alone.get(name).copied().unwrap_or(Some(false)))
        } else {
            Lookup::Failed
        }
    }
}

impl Cycle {
    /// Answers what is asked about branches, step by step as the shell does.
    pub(super) fn answer_branches(&self, questions: &Questions, evidence: &mut Evidence) {
        for (project, _) in &questions.branch_lists {
            evidence.record_branches(*project, self.branches[project].list());
        }
        for (project, branch, _) in &questions.branches {
            self.answer_branch(*project, branch, evidence);
        }
    }

    /// Answers everything about the branch of a package.
    pub(crate) fn answer_everything_of_branch(&self, package: &Package, evidence: &mut Evidence) {
        for branches in self.branches.iter() {
            evidence.record_branches(*branches.0, branches.1.list());
        }
        let origin = BranchOrigin::of(package, &evidence.built_from(package));
        let branch = origin.branch().map(|(project, branch)| (project, branch.clone()));
        if let Some((project, branch)) = branch {
            self.answer_branch(project, &branch, evidence);
        }
    }

    fn answer_branch(&self, project: ProjectId, branch: &Branch, evidence: &mut Evidence) {
        loop {
            let steps = evidence.branch_steps(project, branch);
            if steps.is_empty() {
                return;
            }
            for step in steps {
                let branches = &self.branches[&project];
                match step {
                    BranchStep::List(project) => evidence.record_branches(project, branches.list()),
                    BranchStep::Protected(project) => evidence.record_protected_branches(project, branches.protected()),
                    BranchStep::Alone(project, name) => {
                        let answer = branches.alone(&name);
                        evidence.record_branch(project, name, answer);
                    }
                }
            }
        }
    }

    /// What a run that remembers this look has for those after it.
    pub(crate) fn remembering(mut self, evidence: &Evidence) -> Self {
        for (project, sighting) in evidence.branch_sightings() {
            self.seen.note(project, &sighting, self.now);
        }
        self
    }
}

pub(super) fn seen(marked: Vec<MarkedBranches>) -> BranchesSeen {
    BranchesSeen(PROJECTS.into_iter().map(ProjectId).zip(marked).collect())
}

/// The projects whose branches are known: those of the packages, and that of the pipelines.
pub(super) const PROJECTS: [u64; 4] = [1, 2, 3, 9];
