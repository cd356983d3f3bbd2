//! Notes the projects that the holds of a policy keep packages of, and those that a changed hold has let go of.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::Backlog;
use super::fewer::HoldsSeen;
use super::judge::Answers;
use super::reason::RuleRef;
use crate::package::{BranchesSeen, PackageId, PathsSeen, ProjectId};
use crate::policy::{InForce, PolicySet, Truth};

/// The memory that runs of the past have left behind for a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    /// Every path that each project was seen under.
    pub paths: PathsSeen,
    /// Since when branches were seen to be gone, and which ones were default.
    pub branches: BranchesSeen,
    /// The projects that the policy's holds held when it was planned last; `None` where it never was.
    pub held: Option<HeldProjects>,
    /// What the policy's cycles were told that keeps packages.
    pub holds: HoldsSeen,
    /// The packages that a deletion was sent for so lately that no listing tells whether they are there. They take no
    /// place.
    pub sent: HashSet<PackageId>,
    /// What is left of a plan that goes in parts.
    pub backlog: Option<Backlog>,
    /// Whether it outlives the process.
    pub is_kept: bool,
}

/// The projects with packages that each hold kept, by the hold's name: that of a protection, or [`KEEP_RULES`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeldProjects(pub BTreeMap<String, Held>);

/// The text of one hold, and the projects that it held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// The digest of the hold's text.
    pub text: String,
    /// The projects with packages that it kept.
    pub projects: BTreeSet<ProjectId>,
}

/// The name that all keep rules of a policy go by. No protection can have it.
pub const KEEP_RULES: &str = "keep rules";

/// The projects that holds have let go of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loosened {
    /// The projects that a hold kept packages of until its text was changed, each with the names of these holds.
    pub projects: BTreeMap<ProjectId, BTreeSet<String>>,
    /// The holds that held something, and now hold nothing, for whatever cause.
    pub emptied: BTreeSet<String>,
}

impl HeldProjects {
    /// Returns the holds of a policy, before any package was looked at.
    #[must_use]
    pub fn of(in_force: InForce<'_>) -> Self {
        let held = |text| Held { text, projects: BTreeSet::new() };
        let protections = in_force.set().protections.iter();
        let named = protections.map(|protection| (protection.name.clone(), held(protection.text_digest())));
        Self(named.chain([(KEEP_RULES.to_owned(), held(in_force.policy().keep_digest()))]).collect())
    }

    /// Notes the holds that keep, or may keep, one package of this project.
    pub(super) fn note(&mut self, set: &PolicySet, project: ProjectId, answers: &Answers) {
        for (rule, _) in answers.rules.iter().filter(|(_, truth)| *truth != Truth::No) {
            let name = match *rule {
                RuleRef::Protect { protection, .. } => set.protections.get(protection).map(|one| one.name.as_str()),
                RuleRef::Keep(_) => Some(KEEP_RULES),
                RuleRef::Delete(_) | RuleRef::Files(_) => None,
            };
            if let Some(held) = name.and_then(|name| self.0.get_mut(name)) {
                held.projects.insert(project);
            }
        }
    }

    /// Returns whether some hold of `before` has another text here, or is gone.
    #[must_use]
    pub fn differs_in_text(&self, before: &Self) -> bool {
        before.0.iter().any(|(name, held)| self.0.get(name).is_none_or(|now| now.text != held.text))
    }

    /// Returns the projects that the holds have let go of since `before`, of those that are still looked at.
    #[must_use]
    pub fn loosened_since(&self, before: &Self, present: &BTreeSet<ProjectId>) -> Loosened {
        let mut loosened = Loosened::default();
        let nothing = Held::default();
        for (name, held) in before.0.iter().filter(|(_, held)| !held.projects.is_empty()) {
            let now = self.0.get(name).unwrap_or(&nothing);
            if now.projects.is_empty() {
                loosened.emptied.insert(name.clone());
            }
            if now.text != held.text {
                for project in held.projects.difference(&now.projects).filter(|project| present.contains(project)) {
                    loosened.projects.entry(*project).or_default().insert(name.clone());
                }
            }
        }
        loosened
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(holds: &[(&str, &str, &[u64])]) -> HeldProjects {
        let held = |text: &str, projects: &[u64]| Held {
            text: text.to_owned(),
            projects: projects.iter().map(|id| ProjectId(*id)).collect(),
        };
        HeldProjects(holds.iter().map(|(name, text, projects)| ((*name).to_owned(), held(text, projects))).collect())
    }

    #[test]
    fn only_a_changed_text_lets_go_of_a_project() {
        let before = held(&[("legal", "a", &[1, 2, 3]), (KEEP_RULES, "k", &[1])]);
        let present = [1, 2, 4].map(ProjectId).into_iter().collect();
        let lost = |after: &[(&str, &str, &[u64])]| {
            let loosened = held(after).loosened_since(&before, &present);
            let projects = loosened.projects.iter();
            let projects: Vec<String> = projects
                .map(|(id, holds)| format!("{id}: {}", holds.iter().cloned().collect::<Vec<_>>().join(" and ")))
                .collect();
            (projects, loosened.emptied.into_iter().collect::<Vec<_>>())
        };
        let told = |projects: &[&str], emptied: &[&str]| {
            let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
            (owned(projects), owned(emptied))
        };
        assert_eq!(lost(&[("legal", "a", &[1, 2, 3]), (KEEP_RULES, "k", &[1])]), told(&[], &[]));
        // Its packages went, or its time came.
        assert_eq!(lost(&[("legal", "a", &[1]), (KEEP_RULES, "k", &[])]), told(&[], &["keep rules"]));
        // Project 3 is gone.
        assert_eq!(lost(&[("legal", "b", &[1]), (KEEP_RULES, "k", &[1])]), told(&["2: legal"], &[]));
        assert_eq!(
            lost(&[(KEEP_RULES, "l", &[])]),
            told(&["1: keep rules and legal", "2: legal"], &["keep rules", "legal"])
        );
    }
}
