//! Chooses the packages that a second look has to see beside those that go.
//!
//! A row that a look misses can only save packages. So it needs no more rows than the verdicts hang on: the newest
//! versions that push others out, the latest one, the release that supersedes a candidate.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::plan;
use super::reason::Verdict;
use crate::package::{Evidence, Package, PackageId, PackageKey};
use crate::plan::inventory::Inventory;
use crate::policy::InForce;

/// Returns packages beside which each of `going` is deleted by what is known of all, as far as that takes any: those
/// that stay before those that go, and of each the newest first.
///
/// Pure. `inventory` and `evidence` are those of the approved plan, and `staying` are the packages that it keeps.
#[must_use]
pub fn witnesses(
    in_force: InForce<'_>,
    inventory: &Inventory,
    evidence: &Evidence,
    staying: impl Fn(PackageId) -> bool,
    going: &BTreeSet<PackageId>,
) -> BTreeSet<PackageId> {
    let is_going = |package: &&Package| going.contains(&package.id);
    let keys: BTreeMap<PackageId, PackageKey<'_>> =
        inventory.packages().iter().filter(is_going).map(|package| (package.id, package.key())).collect();
    let mut others: BTreeMap<&PackageKey<'_>, Others<'_>> =
        keys.values().map(|key| (key, Others { packages: Vec::new(), count: 0 })).collect();
    for package in inventory.packages().iter().filter(|package| !is_going(package)) {
        if let Some(of_key) = others.get_mut(&package.key()) {
            of_key.packages.push(package);
        }
    }
    for of_key in others.values_mut() {
        of_key.packages.sort_by_key(|package| Reverse((staying(package.id), package.created_at, package.id)));
    }
    // Takes more of a key until the verdicts are those of the whole plan.
    loop {
        let chosen: BTreeSet<PackageId> = others.values().flat_map(Others::chosen).collect();
        let among = inventory.only(&chosen.union(going).copied().collect());
        let tried = plan(in_force, among, evidence);
        let saved = tried.decisions().iter().filter(|decision| decision.verdict() == Verdict::Keep);
        let lacking: BTreeSet<&PackageKey<'_>> = saved.filter_map(|decision| keys.get(&decision.package.id)).collect();
        let mut has_grown = false;
        for (_, of_key) in others.iter_mut().filter(|(key, _)| lacking.contains(*key)) {
            has_grown |= of_key.grow();
        }
        if !has_grown {
            return chosen;
        }
    }
}

/// The packages of one key that don't go, the best witnesses first.
struct Others<'a> {
    packages: Vec<&'a Package>,
    /// How many of them are taken.
    count: usize,
}

impl Others<'_> {
    fn chosen(&self) -> impl Iterator<Item = PackageId> {
        self.packages.iter().take(self.count).map(|package| package.id)
    }

    /// Takes twice as many, and returns whether there were more.
    fn grow(&mut self) -> bool {
        let before = self.count;
        self.count = (before * 2).max(1).min(self.packages.len());
        self.count > before
    }
}
