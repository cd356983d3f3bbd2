//! All packages that are judged together: the facts of each, and who belongs to which package key.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::stance::Stance;
use crate::package::{Content, Evidence, PackageKey, Rung, rungs as version_rungs};
use crate::plan::inventory::Inventory;
use crate::policy::{Downloads, Known};

/// Packages are named by their place in the inventory here.
#[derive(Debug)]
pub(super) struct Field<'a> {
    pub(super) known: Vec<Known<'a>>,
    pub(super) inventory: &'a Inventory,
    pub(super) evidence: &'a Evidence,
    now: Timestamp,
    /// Where each package's version stands in its ecosystem's order, among those of its key; `None` where it can't be read.
    pub(super) rungs: Vec<Option<Rung>>,
    /// The least of these that it may be, where its place in the order is not certain; else the same.
    floors: Vec<Option<Rung>>,
    /// Which version of its key each package is: rows that are one version to the clients have one number.
    pub(super) versions: Vec<VersionNumber>,
    pub(super) keys: BTreeMap<PackageKey<'a>, Vec<usize>>,
}

/// Tells the versions of one key apart. It says nothing beside those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct VersionNumber(usize);

/// When a package got its content, at two extremes: for another one it counts as that of `reach`, and for itself as that of
/// `bar`. A version is surely newer than a package where its reach is beyond that one's bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds<T> {
    pub(super) reach: T,
    pub(super) bar: T,
}

impl<'a> Field<'a> {
    #[must_use]
    pub(super) fn new(inventory: &'a Inventory, evidence: &'a Evidence, downloads: Downloads, now: Timestamp) -> Self {
        let mut keys: BTreeMap<PackageKey<'a>, Vec<usize>> = BTreeMap::new();
        let mut known = Vec::with_capacity(inventory.packages().len());
        for (index, package) in inventory.packages().iter().enumerate() {
            known.push(Known::new(package, evidence, downloads, now));
            keys.entry(package.key()).or_default().push(index);
        }
        let mut rungs = vec![None; known.len()];
        let mut floors = vec![None; known.len()];
        let mut versions = vec![VersionNumber(0); known.len()];
        for (key, members) in &keys {
            let version = |index: usize| known[index].package.version.as_deref();
            let (versioned, texts): (Vec<usize>, Vec<&str>) =
                members.iter().filter_map(|&index| Some((index, version(index)?))).unzip();
            // What a version is at the least is read with all the others, so that it has a place among them.
            let ecosystem = key.package_type.facts().versions;
            let lowest: Vec<Option<String>> = texts.iter().map(|text| ecosystem.floor(text)).collect();
            let read: Vec<&str> = texts.iter().copied().chain(lowest.iter().flatten().map(String::as_str)).collect();
            let mut read = version_rungs(key.package_type, &read);
            let mut of_floors = read.split_off(texts.len()).into_iter();
            for ((&index, rung), lowest) in versioned.iter().zip(read).zip(&lowest) {
                rungs[index] = rung;
                floors[index] = if lowest.is_some() { of_floors.next().flatten() } else { rung };
            }
            let mut numbers = HashMap::new();
            for index in versioned {
                let next = VersionNumber(numbers.len());
                versions[index] = *numbers.entry(known[index].package.normal_version()).or_insert(next);
            }
        }
        Self { known, inventory, evidence, now, rungs, floors, versions, keys }
    }

    /// The members of a package's key.
    pub(super) fn siblings(&self, index: usize) -> &[usize] {
        self.keys.get(&self.known[index].package.key()).map_or(&[], Vec::as_slice)
    }

    pub(super) fn is_installable(&self, index: usize) -> bool {
        let package = self.known[index].package;
        package.is_installable(self.now) && !self.inventory.has_changed(package.id)
    }

    /// What can't be believed takes no place: it is kept anyway, and would push out what can.
    pub(super) fn is_believed(&self, index: usize) -> bool {
        let package = self.known[index].package;
        package.is_believed(self.now) && !self.inventory.has_changed(package.id)
    }

    /// When a package got its content, for those that are compared by it.
    ///
    /// The row's own date counts where a look-up failed, where nobody needed one, and where the files' dates make no
    /// sense. While look-ups are still to come, what they may tell goes against the package. Nothing is surely newer
    /// than a branch that is published in place.
    pub(super) fn bounds_of_content(&self, index: usize, stance: Stance) -> Option<Bounds<Timestamp>> {
        let package = self.known[index].package;
        if !self.evidence.has_sane_dates(package, self.now) {
            return self.bounds_of_creation(index);
        }
        Some(match (self.known[index].content, stance) {
            (Content::At(date), _) => Bounds { reach: date, bar: date },
            (Content::AtOrAfter(date), Stance::Planning) => Bounds { reach: date, bar: date },
            (Content::AtOrAfter(date), Stance::Shortlisting) => {
                let is_answered = self.evidence.files(package.id).is_some();
                Bounds { reach: if is_answered { date } else { Timestamp::MAX }, bar: date }
            }
            (Content::Since(date), _) => Bounds { reach: date, bar: Timestamp::MAX },
            (Content::Unknown, _) => return None,
        })
    }

    pub(super) fn bounds_of_creation(&self, index: usize) -> Option<Bounds<Timestamp>> {
        self.known[index].package.created_at.map(|date| Bounds { reach: date, bar: date })
    }

    /// Returns where a version stands among others. One whose place isn't certain reaches no further than its lowest
    /// rung.
    pub(super) fn bounds_of_version(&self, index: usize) -> Option<Bounds<Rung>> {
        Some(Bounds { reach: self.floors[index]?, bar: self.rungs[index]? })
    }

    /// Returns where a version stands as it is written, even if its place isn't certain.
    pub(super) fn bounds_as_written(&self, index: usize) -> Option<Bounds<Rung>> {
        self.rungs[index].map(|rung| Bounds { reach: rung, bar: rung })
    }

    /// Whether nobody can tell if a version leads to its numbers or comes after them.
    pub(super) fn is_uncertain(&self, index: usize) -> bool {
        self.floors[index] != self.rungs[index]
    }
}
