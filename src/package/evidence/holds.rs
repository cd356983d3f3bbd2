//! Counts what GitLab told of each project that keeps packages, so that one cycle can be held against those before it.

use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;

use super::{Evidence, Lookup};
use crate::package::ProjectId;

/// How much of each kind of hold GitLab told, by project. What was not asked for, or not answered, is not in it.
pub type HoldCounts = BTreeMap<ProjectId, BTreeMap<HoldKind, u64>>;

/// Something that GitLab tells of a project and that keeps packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HoldKind {
    /// The links of its releases that lead to packages.
    Releases,
    /// Its own rules that protect packages.
    ProtectionRules,
    /// The names among its packages that have a tag.
    Tags,
    /// Its branches.
    Branches,
    /// The names of its protected branches.
    ProtectedBranches,
    /// The flag that it is archived, itself or by a group above it.
    Archived,
}

impl HoldKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Releases, Self::ProtectionRules, Self::Tags, Self::Branches, Self::ProtectedBranches, Self::Archived];

    /// Returns the kind's name in the state.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Releases => "releases",
            Self::ProtectionRules => "protection_rules",
            Self::Tags => "tags",
            Self::Branches => "branches",
            Self::ProtectedBranches => "protected_branches",
            Self::Archived => "archived",
        }
    }

    /// Returns what is counted, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Releases => "links from releases to packages",
            Self::ProtectionRules => "package protection rules",
            Self::Tags => "names with a tag",
            Self::Branches => "branches",
            Self::ProtectedBranches => "protected branches",
            Self::Archived => "archived flags",
        }
    }
}

impl Evidence {
    /// Counts the holds of every question that was answered. A list that the token was refused is no answer: what hangs
    /// on it is unknown, and stays.
    #[must_use]
    pub fn hold_counts(&self) -> HoldCounts {
        let mut counts = HoldCounts::new();
        let mut note = |project: &ProjectId, kind, count: usize| {
            counts.entry(*project).or_default().insert(kind, count as u64);
        };
        for (project, lookup) in &self.links {
            if let Lookup::Found(links) = lookup {
                note(project, HoldKind::Releases, distinct(links));
            }
        }
        for (project, lookup) in &self.protection {
            if let Lookup::Found(rules) = lookup {
                note(project, HoldKind::ProtectionRules, distinct(rules));
            }
        }
        for (project, lookup) in &self.branches.lists {
            if let Lookup::Found(Some(list)) = lookup {
                note(project, HoldKind::Branches, list.names.len());
            }
        }
        for (project, lookup) in &self.branches.protected {
            if let Lookup::Found(Some(names)) = lookup {
                note(project, HoldKind::ProtectedBranches, distinct(names));
            }
        }
        counts
    }
}

/// Two readings that were put together may have everything twice.
fn distinct<T: Eq + Hash>(rows: &[T]) -> usize {
    rows.iter().collect::<HashSet<&T>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::{BranchList, ProtectionRule};

    #[test]
    fn only_what_was_answered_is_counted() {
        let [answered, failed, refused] = [1, 2, 3].map(ProjectId);
        let mut evidence = Evidence::none();
        let urls = ["https://gitlab.test/acme/app/-/packages/7", "https://elsewhere.test/notes"].map(str::to_owned);
        evidence.record_releases(answered, Lookup::Found(urls.to_vec()));
        evidence.record_protection(answered, Lookup::Found(vec![ProtectionRule { package_type: None, name: None }]));
        let names = ["main", "next"].map(str::to_owned).into_iter().collect();
        evidence.record_branches(answered, Lookup::Found(Some(BranchList { names, default: None })));
        evidence.record_protected_branches(answered, Lookup::Found(Some(Vec::new())));
        evidence.record_releases(failed, Lookup::Failed);
        evidence.record_protection(failed, Lookup::Failed);
        evidence.record_branches(failed, Lookup::Failed);
        evidence.record_protected_branches(failed, Lookup::Failed);
        evidence.record_branches(refused, Lookup::Found(None));
        evidence.record_protected_branches(refused, Lookup::Found(None));
        let counts = BTreeMap::from([
            (HoldKind::Releases, 1),
            (HoldKind::ProtectionRules, 1),
            (HoldKind::Branches, 2),
            (HoldKind::ProtectedBranches, 0),
        ]);
        assert_eq!(evidence.hold_counts(), HoldCounts::from([(answered, counts)]));
    }
}
