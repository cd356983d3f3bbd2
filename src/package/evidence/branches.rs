//! What was read of branches: the lists of projects, their protected names, and what single branches answered.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::super::protection::fits;
use super::super::{Branch, BranchFate, BranchList, BranchOrigin, BranchSighting, BranchesSeen, Package, ProjectId};
use super::{Evidence, Lookup};

/// The answers about branches. In each, `None` is a refusal: there is no repository, or no right to read it.
#[derive(Debug, Clone, Default)]
pub(super) struct BranchAnswers {
    pub(super) lists: HashMap<ProjectId, Lookup<Option<BranchList>>>,
    pub(super) protected: HashMap<ProjectId, Lookup<Option<Vec<String>>>>,
    /// Whether a branch that its list lacks is there where it is asked for by itself.
    pub(super) alone: HashMap<(ProjectId, String), Lookup<Option<bool>>>,
    /// What was seen before.
    seen: BranchesSeen,
    /// The instant of this look.
    at: Option<Timestamp>,
}

/// The next look-up that tells more of a branch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum BranchStep {
    /// The project's list of branches.
    List(ProjectId),
    /// The names of its protected branches.
    Protected(ProjectId),
    /// A branch by itself.
    Alone(ProjectId, String),
}

impl Evidence {
    /// Gives the memory of branches, and the instant at which what is recorded here is seen.
    pub fn recall_branches(&mut self, seen: &BranchesSeen, at: Timestamp) {
        self.branches.seen = seen.clone();
        self.branches.at = Some(at);
    }

    /// Records a project's branches.
    pub fn record_branches(&mut self, project: ProjectId, lookup: Lookup<Option<BranchList>>) {
        self.branches.lists.insert(project, lookup);
    }

    /// Records the names of a project's protected branches, in which `*` stands for anything.
    pub fn record_protected_branches(&mut self, project: ProjectId, lookup: Lookup<Option<Vec<String>>>) {
        self.branches.protected.insert(project, lookup);
    }

    /// Records whether a branch is there where it is asked for by itself.
    pub fn record_branch(&mut self, project: ProjectId, name: String, lookup: Lookup<Option<bool>>) {
        self.branches.alone.insert((project, name), lookup);
    }

    /// Returns what is known of the end of the branch that a package was built by. The branch was there when it built the
    /// package, whatever was seen before.
    #[must_use]
    pub fn branch_fate(&self, package: &Package) -> BranchFate {
        if self.branches.is_empty() {
            return BranchFate::NotLookedUp;
        }
        match BranchOrigin::of(package, &self.built_from(package)).branch() {
            Some((project, branch)) => match self.branches.fate(project, branch) {
                BranchFate::Gone(since) => {
                    BranchFate::Gone(self.content(package).earliest().map_or(since, |built| since.max(built)))
                }
                fate => fate,
            },
            None => BranchFate::Unknown,
        }
    }

    /// Returns the projects whose branches, or whose protected branches, the token may not read.
    #[must_use]
    pub fn projects_without_branches(&self) -> BTreeSet<ProjectId> {
        let lists = self.branches.lists.iter().filter(|(_, lookup)| matches!(lookup, Lookup::Found(None)));
        let protected = self.branches.protected.iter().filter(|(_, lookup)| matches!(lookup, Lookup::Found(None)));
        lists.map(|(project, _)| *project).chain(protected.map(|(project, _)| *project)).collect()
    }

    /// Returns whether a project's list of branches was asked for.
    #[must_use]
    pub fn has_branches(&self, project: ProjectId) -> bool {
        self.branches.lists.contains_key(&project)
    }

    /// Returns the look-ups that tell more of a branch; none where it is settled, or can't be.
    #[must_use]
    pub fn branch_steps(&self, project: ProjectId, branch: &Branch) -> Vec<BranchStep> {
        match (self.branches.fate(project, branch), self.branches.protected.get(&project)) {
            (BranchFate::NotLookedUp, _) if self.has_branches(project) => Vec::new(),
            (BranchFate::NotLookedUp, _) => vec![BranchStep::List(project)],
            (BranchFate::NotInList, None) => vec![BranchStep::Protected(project)],
            (BranchFate::NotInList, Some(Lookup::Found(_))) => {
                let is_open = |name: &&String| !self.branches.alone.contains_key(&(project, (*name).clone()));
                let names = branch.names();
                names.iter().filter(is_open).map(|name| BranchStep::Alone(project, name.clone())).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Returns what was seen of the branches of each project whose list could be read.
    #[must_use]
    pub fn branch_sightings(&self) -> BTreeMap<ProjectId, BranchSighting> {
        let lists = self.branches.lists.iter().filter_map(|(project, lookup)| match lookup {
            Lookup::Found(Some(list)) => {
                let (default, there) = (list.default.clone(), list.names.clone());
                Some((*project, BranchSighting { default, there, ..BranchSighting::default() }))
            }
            Lookup::Found(None) | Lookup::Failed => None,
        });
        let mut sightings: BTreeMap<ProjectId, BranchSighting> = lists.collect();
        for ((project, name), lookup) in &self.branches.alone {
            let (Some(sighting), Lookup::Found(Some(is_there))) = (sightings.get_mut(project), lookup) else {
                continue;
            };
            let names = if *is_there { &mut sighting.there } else { &mut sighting.gone };
            names.insert(name.clone());
        }
        sightings
    }
}

impl BranchAnswers {
    pub(super) fn extend(&mut self, later: Self) {
        self.lists.extend(later.lists);
        self.protected.extend(later.protected);
        self.alone.extend(later.alone);
        if later.at.is_some() {
            (self.seen, self.at) = (later.seen, later.at);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    pub(super) fn failures(&self) -> usize {
        let lists = self.lists.values().filter(|lookup| matches!(lookup, Lookup::Failed)).count();
        let protected = self.protected.values().filter(|lookup| matches!(lookup, Lookup::Failed)).count();
        let alone = self.alone.values().filter(|lookup| matches!(lookup, Lookup::Failed)).count();
        lists + protected + alone
    }

    /// Returns the projects of which a question about branches could not be answered.
    pub(super) fn unanswered(&self) -> impl Iterator<Item = ProjectId> {
        let lists = self.lists.iter().filter(|(_, lookup)| matches!(lookup, Lookup::Failed));
        let protected = self.protected.iter().filter(|(_, lookup)| matches!(lookup, Lookup::Failed));
        let alone = self.alone.iter().filter(|(_, lookup)| matches!(lookup, Lookup::Failed));
        let of_lists = lists.map(|(project, _)| *project).chain(protected.map(|(project, _)| *project));
        of_lists.chain(alone.map(|((project, _), _)| *project))
    }

    /// Gone is only what the finished list lacks and what is not there by itself either.
    fn fate(&self, project: ProjectId, branch: &Branch) -> BranchFate {
        let names = branch.names();
        if branch.is_common() || self.seen.was_default(project, |name| branch.may_be(name)) {
            return BranchFate::Spared;
        }
        let list = match self.lists.get(&project) {
            Some(Lookup::Found(Some(list))) => list,
            Some(Lookup::Found(None)) => return BranchFate::Unknown,
            Some(Lookup::Failed) | None => return BranchFate::NotLookedUp,
        };
        if branch.is_among(&list.names) {
            return BranchFate::There;
        }
        // An empty list has no default branch either. Another one without it may lack more than that.
        if list.default.is_none() || names.is_empty() {
            return BranchFate::Unknown;
        }
        match self.protected.get(&project) {
            Some(Lookup::Found(Some(patterns))) => {
                if patterns.iter().any(|pattern| names.iter().any(|name| fits(pattern, name))) {
                    return BranchFate::Spared;
                }
            }
            Some(Lookup::Found(None)) => return BranchFate::Unknown,
            Some(Lookup::Failed) | None => return BranchFate::NotInList,
        }
        let alone: Vec<Option<&Lookup<Option<bool>>>> =
            names.iter().map(|name| self.alone.get(&(project, name.clone()))).collect();
        let has = |wanted: fn(Option<&Lookup<Option<bool>>>) -> bool| alone.iter().copied().any(wanted);
        if has(|answer| matches!(answer, Some(Lookup::Found(Some(true))))) {
            return BranchFate::There;
        }
        if has(|answer| matches!(answer, Some(Lookup::Failed) | None)) {
            return BranchFate::NotInList;
        }
        if has(|answer| matches!(answer, Some(Lookup::Found(None)))) {
            return BranchFate::Unknown;
        }
        let since = names.iter().filter_map(|name| self.seen.gone_since(project, name).or(self.at)).max();
        since.map_or(BranchFate::Unknown, BranchFate::Gone)
    }
}
