//! The form in which the state keeps what GitLab told that keeps packages.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{PolicyState, StateStore};
use crate::package::{HoldKind, ProjectId};
use crate::plan::{HoldsSeen, MostSeen};

/// Days, each with a count.
type Days = Vec<(Date, u64)>;

/// What the cycles of a policy were told that keeps packages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HoldsState {
    /// The most of each kind of hold, by the project's id and the kind's name. A kind that this release doesn't know says
    /// nothing.
    projects: BTreeMap<u64, BTreeMap<String, Days>>,
    scope: String,
    packages: Days,
    with_packages: Days,
}

impl HoldsState {
    /// Returns whether nothing was told yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn of(seen: &HoldsSeen) -> Self {
        let days = |most: &MostSeen| most.counts().to_vec();
        let kinds = |kinds: &BTreeMap<HoldKind, MostSeen>| {
            kinds.iter().map(|(kind, most)| (kind.code().to_owned(), days(most))).collect()
        };
        Self {
            projects: seen.projects.iter().map(|(id, of_project)| (id.0, kinds(of_project))).collect(),
            scope: seen.scope.clone(),
            packages: days(&seen.packages),
            with_packages: days(&seen.with_packages),
        }
    }

    /// Returns what was told, as a cycle takes it.
    #[must_use]
    pub(super) fn seen(self) -> HoldsSeen {
        let kinds = |mut kinds: BTreeMap<String, Days>| -> BTreeMap<HoldKind, MostSeen> {
            let known = HoldKind::ALL.into_iter();
            known.filter_map(|kind| Some((kind, MostSeen::of(kinds.remove(kind.code())?)))).collect()
        };
        HoldsSeen {
            projects: self.projects.into_iter().map(|(id, of_project)| (ProjectId(id), kinds(of_project))).collect(),
            scope: self.scope,
            packages: MostSeen::of(self.packages),
            with_packages: MostSeen::of(self.with_packages),
            others: BTreeMap::new(),
        }
    }
}

impl StateStore {
    /// Returns what a policy's cycles were told that keeps packages, and the most that those of other policies were, but for
    /// tags: a policy of other types has other names.
    pub(super) fn holds_of(&self, policy: &str) -> HoldsSeen {
        let state = self.lock();
        let (mut own, mut others) = (HoldsSeen::default(), BTreeMap::<_, BTreeMap<_, MostSeen>>::new());
        for (name, PolicyState { holds, .. }) in &state.policies {
            let told = holds.clone().seen();
            if name == policy {
                own = told;
                continue;
            }
            for (project, kinds) in told.projects {
                for (kind, most) in kinds.into_iter().filter(|(kind, _)| *kind != HoldKind::Tags) {
                    let known = others.entry(project).or_default().entry(kind).or_default();
                    let count = |most: &MostSeen| most.most().map(|(_, count)| count);
                    if count(&most) > count(known) {
                        *known = most;
                    }
                }
            }
        }
        HoldsSeen { others, ..own }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::record::state::Noted;

    fn seen() -> HoldsSeen {
        let most = |counts: &[(i8, u64)]| {
            MostSeen::of(counts.iter().map(|(day, count)| (Date::constant(2026, 11, *day), *count)).collect())
        };
        let kinds = BTreeMap::from([(HoldKind::Releases, most(&[(1, 12), (3, 9)])), (HoldKind::Archived, most(&[]))]);
        HoldsSeen {
            projects: BTreeMap::from([(ProjectId(7), kinds)]),
            scope: "digest".to_owned(),
            packages: most(&[(3, 400)]),
            with_packages: most(&[(3, 20)]),
            ..HoldsSeen::default()
        }
    }

    #[test]
    fn what_was_told_is_read_back() {
        let state = HoldsState::of(&seen());
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<HoldsState>(&text).unwrap().seen(), seen());
        assert!(text.contains(r#""releases":[["2026-11-01",12],["2026-11-03",9]]"#), "{text}");
        assert!(!state.is_empty() && HoldsState::default().is_empty());
    }

    fn of(releases: u64, tags: u64) -> HoldsSeen {
        let most = |count| MostSeen::of(vec![(Date::constant(2026, 11, 1), count)]);
        let kinds = BTreeMap::from([(HoldKind::Releases, most(releases)), (HoldKind::Tags, most(tags))]);
        HoldsSeen { projects: BTreeMap::from([(ProjectId(7), kinds)]), ..HoldsSeen::default() }
    }

    #[test]
    fn a_new_policy_goes_by_what_the_others_were_told() {
        let store = StateStore::in_memory("gleaner", "https://gitlab.test");
        for (policy, releases) in [("a", 3), ("b", 12), ("c", 5)] {
            let told = of(releases, 9);
            let noted = Noted { holds: Some(&told), ..Noted::default() };
            store.remember(policy, noted, Timestamp::UNIX_EPOCH).unwrap();
        }
        let most = |policy: &str, kind| store.memory_of(policy).holds.most_of(ProjectId(7), kind)?.most();
        let releases = |policy| most(policy, HoldKind::Releases).unwrap().1;
        // One that has its own count goes by that.
        assert_eq!((releases("a"), releases("new")), (3, 12));
        assert_eq!(most("new", HoldKind::Tags), None);
        // What it goes by of others is written down only of projects that it looks at itself.
        let new = store.memory_of("new").holds;
        store.remember("new", Noted { holds: Some(&new), ..Noted::default() }, Timestamp::UNIX_EPOCH).unwrap();
        assert!(store.of("new").holds.is_empty());
        // A policy that was renamed leaves its counts.
        store.update("b", |state| state.rehearsed = Some("abc".to_owned())).unwrap();
        store.keep_only(&[]).unwrap();
        assert_eq!((releases("new"), store.of("b").rehearsed), (12, None));
    }

    #[test]
    fn a_kind_of_a_later_release_says_nothing() {
        let text = r#"{"projects": {"7": {"moons": [["2026-11-01", 3]], "tags": [["2026-11-01", 2]]}}, "later": 1}"#;
        let state: HoldsState = serde_json::from_str(text).unwrap();
        let kinds = &state.seen().projects[&ProjectId(7)];
        assert_eq!(kinds.keys().collect::<Vec<_>>(), [&HoldKind::Tags]);
    }
}
