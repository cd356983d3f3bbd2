//! Finds the packages that clients take, or may take, for the latest version of their key.
//!
//! Each way to tell is a maximum among the rows that can be installed. So a row that the walk missed never costs
//! another one its place as the latest.

use super::field::{Bounds, Field};
use super::stance::Stance;
use crate::package::{Latest, Package, PackageKey};

impl Field<'_> {
    /// Returns for each package whether it is, or may be, the latest version of its key.
    #[must_use]
    pub(super) fn latest(&self, stance: Stance) -> Vec<bool> {
        let mut latest = vec![false; self.known.len()];
        for (key, members) in &self.keys {
            let installable: Vec<usize> = members.iter().copied().filter(|&index| self.is_installable(index)).collect();
            for index in self.latest_of(key, &installable, stance) {
                latest[index] = true;
            }
        }
        latest
    }

    /// Returns the latest ones among the installable packages of one key.
    fn latest_of(&self, key: &PackageKey<'_>, installable: &[usize], stance: Stance) -> Vec<usize> {
        let facts = key.package_type.facts();
        let package = |index: usize| self.known[index].package;
        let only = |wanted: &dyn Fn(&Package) -> bool| -> Vec<usize> {
            installable.iter().copied().filter(|&index| wanted(package(index))).collect()
        };
        let releases = only(&|package| package.is_prerelease() == Some(false));
        let by_order = || if releases.is_empty() { self.newest(installable, stance) } else { self.highest(&releases) };
        let has_version =
            |package: &Package, wanted: &dyn Fn(&str) -> bool| package.version.as_deref().is_some_and(wanted);
        let mut latest = match facts.latest {
            Latest::None => return Vec::new(),
            Latest::Highest => by_order(),
            Latest::HighestAndLastMade => {
                // Maven takes a build of a snapshot for a snapshot, and GitLab doesn't. By either reading the one that
                // was made last counts.
                let lasting = only(&|package| !has_version(package, &|version| facts.versions.is_snapshot(version)));
                let listed = only(&|package| !has_version(package, &|version| version.ends_with("SNAPSHOT")));
                [by_order(), self.last_made(&lasting), self.last_made(&listed), self.last_made(&releases)].concat()
            }
            Latest::Tagged => {
                let is_latest = |package: &Package| package.tags.iter().flatten().any(|tag| tag == "latest");
                let untagged = only(&is_latest).is_empty();
                [by_order(), if untagged { self.highest(installable) } else { Vec::new() }].concat()
            }
        };
        latest.extend(only(&Package::may_be_latest));
        latest
    }

    /// Returns every row of the highest version.
    fn highest(&self, among: &[usize]) -> Vec<usize> {
        self.unsurpassed(among, |index| self.bounds_of_version(index))
    }

    /// Returns every row of the version that was made last.
    fn last_made(&self, among: &[usize]) -> Vec<usize> {
        self.unsurpassed(among, |index| self.bounds_of_creation(index))
    }

    /// Returns every row of the version that was made last, and of the one that got content last.
    fn newest(&self, among: &[usize], stance: Stance) -> Vec<usize> {
        let by_content = self.unsurpassed(among, |index| self.bounds_of_content(index, stance));
        [self.last_made(among), by_content].concat()
    }

    /// Returns the packages that no other version is surely greater than.
    fn unsurpassed<T: Ord + Copy>(
        &self,
        among: &[usize],
        bounds_of: impl Fn(usize) -> Option<Bounds<T>>,
    ) -> Vec<usize> {
        let bounds: Vec<(usize, Bounds<T>)> =
            among.iter().filter_map(|&index| Some((index, bounds_of(index)?))).collect();
        let Some(&(first, greatest)) = bounds.iter().max_by_key(|(_, bounds)| bounds.reach) else { return Vec::new() };
        // A version's own rows don't surpass it, whatever they reach.
        let first = self.versions[first];
        let others = bounds.iter().filter(|(index, _)| self.versions[*index] != first);
        let second = others.map(|(_, bounds)| bounds.reach).max();
        let is_surpassed = |index: usize, bar: T| {
            if self.versions[index] == first { second > Some(bar) } else { greatest.reach > bar }
        };
        bounds.iter().filter(|(index, bounds)| !is_surpassed(*index, bounds.bar)).map(|(index, _)| *index).collect()
    }
}
