//! All packages that are judged together: the facts of each, and who belongs to which package key.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::evidence::Evidence;
use super::truth::Facts;
use crate::inventory::Inventory;
use crate::package::{PackageKey, Rung, rungs as version_rungs};
use crate::policy::Downloads;

/// Packages are named by their place in the inventory here.
#[derive(Debug)]
pub(super) struct Field<'a> {
    pub(super) facts: Vec<Facts<'a>>,
    pub(super) inventory: &'a Inventory,
    pub(super) evidence: &'a Evidence,
    now: Timestamp,
    /// Where each package's version stands in its ecosystem's order, among those of its key; `None` where it can't be read.
    pub(super) rungs: Vec<Option<Rung>>,
    pub(super) keys: BTreeMap<PackageKey<'a>, Vec<usize>>,
}

impl<'a> Field<'a> {
    #[must_use]
    pub(super) fn new(inventory: &'a Inventory, evidence: &'a Evidence, downloads: Downloads, now: Timestamp) -> Self {
        let mut keys: BTreeMap<PackageKey<'a>, Vec<usize>> = BTreeMap::new();
        let mut facts = Vec::with_capacity(inventory.packages().len());
        for (index, package) in inventory.packages().iter().enumerate() {
            facts.push(Facts::new(package, evidence, downloads, now));
            keys.entry(package.key()).or_default().push(index);
        }
        let mut rungs = vec![None; facts.len()];
        for (key, members) in &mut keys {
            // The newest come first; ties are settled by the higher id, so the order is total.
            members.sort_by_key(|&index| Reverse((facts[index].package.created_at, facts[index].package.id)));
            let (versioned, versions): (Vec<usize>, Vec<&str>) =
                members.iter().filter_map(|&index| Some((index, facts[index].package.version.as_deref()?))).unzip();
            for (index, rung) in versioned.into_iter().zip(version_rungs(key.package_type, &versions)) {
                rungs[index] = rung;
            }
        }
        Self { facts, inventory, evidence, now, rungs, keys }
    }

    /// The members of a package's key, newest first.
    pub(super) fn siblings(&self, index: usize) -> &[usize] {
        self.keys.get(&self.facts[index].package.key()).map_or(&[], Vec::as_slice)
    }

    /// Which packages are, or may be, the latest version of their key: the highest release among the installable ones or,
    /// where none is read as a release, the newest of them; and every one whose version can't be read. Equal releases
    /// are told apart by their dates, then by their ids.
    #[must_use]
    pub(super) fn latest(&self) -> Vec<bool> {
        let mut latest = vec![false; self.facts.len()];
        for (key, members) in &self.keys {
            let installable: Vec<usize> = members.iter().copied().filter(|&index| self.is_installable(index)).collect();
            // Of equals the last one is the maximum, and the newest come first.
            let release = installable
                .iter()
                .rev()
                .filter(|&&index| self.facts[index].package.is_prerelease() == Some(false))
                .max_by_key(|&&index| self.rungs[index]);
            if let Some(&index) = release.or(installable.first())
                && key.package_type.has_latest()
            {
                latest[index] = true;
            }
            for &index in &installable {
                latest[index] |= self.facts[index].package.may_be_latest();
            }
        }
        latest
    }

    pub(super) fn is_installable(&self, index: usize) -> bool {
        let package = self.facts[index].package;
        package.is_installable(self.now) && !self.inventory.has_changed(package.id)
    }

    /// What can't be believed takes no place: it is kept anyway, and would push out what can.
    pub(super) fn can_take_place(&self, index: usize) -> bool {
        let package = self.facts[index].package;
        package.takes_places(self.now) && !self.inventory.has_changed(package.id)
    }
}
