//! The memory of branches: since when each was seen to be gone, and which ones were default.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::super::ProjectId;
use super::composer;

/// The branches that were seen to be gone, and those that were ever default, by their projects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BranchesSeen(pub BTreeMap<ProjectId, MarkedBranches>);

/// The branches of one project that are remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MarkedBranches {
    /// Every branch that was ever seen as the default one.
    pub defaults: BTreeSet<String>,
    /// The branches that are gone, each with the time at which it was first seen to be so.
    pub gone: BTreeMap<String, Timestamp>,
}

/// The branches of a project as one cycle saw them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BranchSighting {
    /// The default one.
    pub default: Option<String>,
    /// Those that are there.
    pub there: BTreeSet<String>,
    /// Those that are not.
    pub gone: BTreeSet<String>,
}

impl BranchesSeen {
    /// Returns when a branch was first seen to be gone.
    #[must_use]
    pub fn gone_since(&self, project: ProjectId, branch: &str) -> Option<Timestamp> {
        self.0.get(&project)?.gone.get(branch).copied()
    }

    /// Returns whether a branch that `is_it` accepts was ever seen as the default one.
    pub(in crate::package) fn was_default(&self, project: ProjectId, is_it: impl Fn(&str) -> bool) -> bool {
        self.0.get(&project).is_some_and(|marked| marked.defaults.iter().any(|name| is_it(name)))
    }

    /// Takes in what was seen of a project at a time, and returns whether anything of it is news. A branch that is there
    /// again starts anew. So does one that gave the same Composer version as one that is there.
    pub fn note(&mut self, project: ProjectId, sighting: &BranchSighting, at: Timestamp) -> bool {
        let BranchSighting { default, there, gone } = sighting;
        let mut marked = self.0.get(&project).cloned().unwrap_or_default();
        let given: BTreeSet<String> = there.iter().flat_map(|name| composer::versions_of(name)).collect();
        // Composer knows no case.
        let folded: BTreeSet<String> = there.iter().map(|name| name.to_lowercase()).collect();
        marked.gone.retain(|name, _| {
            !folded.contains(&name.to_lowercase())
                && !composer::versions_of(name).any(|version| given.contains(&version))
        });
        for name in gone {
            marked.gone.entry(name.clone()).or_insert(at);
        }
        marked.defaults.extend(default.clone());
        let is_news = marked != self.0.get(&project).cloned().unwrap_or_default();
        if is_news {
            self.0.insert(project, marked);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn sighting(there: &[&str], gone: &[&str]) -> BranchSighting {
        BranchSighting { default: Some("main".to_owned()), there: names(there), gone: names(gone) }
    }

    #[test]
    fn a_branch_is_gone_since_it_was_first_seen_so_and_starts_anew_when_it_is_back() {
        let time = |second| Timestamp::from_second(second).unwrap();
        let project = ProjectId(7);
        let mut seen = BranchesSeen::default();
        let mut note = |there: &[&str], gone: &[&str], second| {
            let is_news = seen.note(project, &sighting(there, gone), time(second));
            let since = seen.gone_since(project, "x").map(Timestamp::as_second);
            (is_news, since, seen.gone_since(project, "2").map(Timestamp::as_second))
        };
        assert_eq!(note(&["main"], &["x", "2"], 10), (true, Some(10), Some(10)));
        assert_eq!(note(&["main"], &["x"], 20), (false, Some(10), Some(10)));
        // Nobody asked for it this time.
        assert_eq!(note(&["main"], &[], 30), (false, Some(10), Some(10)));
        assert_eq!(note(&["main", "x"], &[], 40), (true, None, Some(10)));
        assert_eq!(note(&["main"], &["x"], 45), (true, Some(45), Some(10)));
        assert_eq!(note(&["main", "X"], &[], 47), (true, None, Some(10)));
        assert_eq!(note(&["main"], &["x"], 50), (true, Some(50), Some(10)));
        // Another branch gives the same version.
        assert_eq!(note(&["main", "v2.x"], &["x"], 60), (true, Some(50), None));
    }

    #[test]
    fn what_was_default_once_stays_so() {
        let project = ProjectId(7);
        let mut seen = BranchesSeen::default();
        seen.note(project, &sighting(&["main"], &[]), Timestamp::UNIX_EPOCH);
        let renamed = BranchSighting { default: Some("next".to_owned()), ..sighting(&["next"], &["main"]) };
        assert!(seen.note(project, &renamed, Timestamp::UNIX_EPOCH));
        assert!(seen.was_default(project, |name| name == "main") && seen.was_default(project, |name| name == "next"));
        assert!(!seen.was_default(ProjectId(8), |name| name == "main"));
    }
}
