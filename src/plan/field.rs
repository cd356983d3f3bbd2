//! Gathers all packages that are judged together: what is known of each, and which of them have one key.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::stance::Stance;
use crate::package::{Content, Evidence, PackageKey, Rung, rungs as version_rungs};
use crate::plan::inventory::Inventory;
use crate::policy::{InForce, Known, Successors};

/// The packages of an inventory. Each is named by its place there.
#[derive(Debug)]
pub(super) struct Field<'a> {
    pub(super) known: Vec<Known<'a>>,
    pub(super) inventory: &'a Inventory,
    pub(super) evidence: &'a Evidence,
    /// The instant up to which dates are believed.
    horizon: Timestamp,
    /// The rung of each package's version in the order of its ecosystem, among the versions of its key; `None` where
    /// the version can't be read.
    pub(super) rungs: Vec<Option<Rung>>,
    /// The lowest rung that each version may have. It is the same, unless the version's place in the order is not
    /// certain.
    floors: Vec<Option<Rung>>,
    /// The number of each package's version within its key. Rows that are one version to the clients have one number.
    pub(super) versions: Vec<VersionNumber>,
    pub(super) keys: BTreeMap<PackageKey<'a>, Vec<usize>>,
}

/// The number of a version among those of its key. Numbers of two keys say nothing about each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct VersionNumber(usize);

/// The two values that a package is compared by: `reach` where it competes with others, `bar` where it is judged
/// itself. A version is surely newer than a package where the version's reach is beyond the package's bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds<T> {
    pub(super) reach: T,
    pub(super) bar: T,
}

impl<'a> Field<'a> {
    #[must_use]
    pub(super) fn new(in_force: InForce<'_>, inventory: &'a Inventory, evidence: &'a Evidence) -> Self {
        let (downloads, now, horizon) = (in_force.set().downloads(), in_force.now(), in_force.horizon());
        let mut keys: BTreeMap<PackageKey<'a>, Vec<usize>> = BTreeMap::new();
        let mut known = Vec::with_capacity(inventory.packages().len());
        for (index, package) in inventory.packages().iter().enumerate() {
            known.push(Known::new(package, evidence, downloads, now).believing(horizon));
            keys.entry(package.key()).or_default().push(index);
        }
        let mut rungs = vec![None; known.len()];
        let mut floors = vec![None; known.len()];
        let mut versions = vec![VersionNumber(0); known.len()];
        for (key, members) in &keys {
            let version = |index: usize| known[index].package.version.as_deref();
            let (versioned, texts): (Vec<usize>, Vec<&str>) =
                members.iter().filter_map(|&index| Some((index, version(index)?))).unzip();
            // The lowest reading of a version is ranked with all the others, so that it has a place among them.
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
        let mut field = Self { known, inventory, evidence, horizon, rungs, floors, versions, keys };
        if in_force.looks_at_successors() {
            field.find_successors();
        }
        field
    }

    /// Returns the successors of every package, and forgets the rest.
    pub(super) fn into_successors(self) -> Vec<Successors> {
        self.known.into_iter().map(|known| known.successors).collect()
    }

    pub(super) fn horizon(&self) -> Timestamp {
        self.horizon
    }

    /// Returns the packages of a package's key, itself included.
    pub(super) fn siblings(&self, index: usize) -> &[usize] {
        self.keys.get(&self.known[index].package.key()).map_or(&[], Vec::as_slice)
    }

    pub(super) fn is_installable(&self, index: usize) -> bool {
        let package = self.known[index].package;
        package.is_installable(self.horizon) && !self.inventory.has_changed(package.id)
    }

    /// Returns whether a package's row can be believed, so that it can take a place. A row that can't be is kept
    /// anyway, and would push out others.
    pub(super) fn is_believed(&self, index: usize) -> bool {
        let package = self.known[index].package;
        package.is_believed(self.horizon) && !self.inventory.has_changed(package.id)
    }

    /// Returns when a package got its content, for comparison with others.
    ///
    /// The row's own date counts where a look-up failed, where nobody needed one, and where the files' dates make no
    /// sense. While look-ups are still to come, what they may tell goes against the package. Nothing is surely newer
    /// than a branch that is published in place.
    pub(super) fn bounds_of_content(&self, index: usize, stance: Stance) -> Option<Bounds<Timestamp>> {
        let package = self.known[index].package;
        if !self.evidence.has_sane_dates(package, self.horizon) {
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

    /// Returns whether a version's place isn't certain: it may lead to its numbers or come after them.
    pub(super) fn is_uncertain(&self, index: usize) -> bool {
        self.floors[index] != self.rungs[index]
    }
}
