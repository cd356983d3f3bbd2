//! All packages that are judged together: the facts of each, and who belongs to which package key.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::evidence::Evidence;
use super::truth::{Facts, Truth};
use crate::inventory::Inventory;
use crate::package::{PackageKey, Rung, rungs as version_rungs};
use crate::policy::{By, Condition, KeepRule, Newest};

/// Packages are named by their place in the inventory here.
#[derive(Debug)]
pub(super) struct Field<'a> {
    pub(super) facts: Vec<Facts<'a>>,
    pub(super) inventory: &'a Inventory,
    pub(super) evidence: &'a Evidence,
    now: Timestamp,
    /// Where each package's version stands in its ecosystem's order, among those of its key; `None` where it can't be read.
    rungs: Vec<Option<Rung>>,
    keys: BTreeMap<PackageKey<'a>, Vec<usize>>,
}

/// What a `newest` rule says of one package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) truth: Truth,
    /// `None` where the package takes no place.
    pub(super) rank: Option<Rank>,
}

/// The place of a package among those of its key that a `newest` rule counts, 1 for the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rank {
    pub place: usize,
    pub of: usize,
}

impl<'a> Field<'a> {
    #[must_use]
    pub(super) fn new(inventory: &'a Inventory, evidence: &'a Evidence, now: Timestamp) -> Self {
        let mut keys: BTreeMap<PackageKey<'a>, Vec<usize>> = BTreeMap::new();
        let mut facts = Vec::with_capacity(inventory.packages().len());
        for (index, package) in inventory.packages().iter().enumerate() {
            facts.push(Facts { package, content: evidence.content(package), now });
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

    /// The standing of every package under `rule`. A place is taken by each package for which `takes_place` accepts
    /// what the rule's other conditions say of it.
    #[must_use]
    pub(super) fn standings(&self, rule: &KeepRule, newest: &Newest, takes_place: fn(Truth) -> bool) -> Vec<Standing> {
        let count = usize::try_from(newest.count.get()).unwrap_or(usize::MAX);
        let names_status = rule.hold.conditions.iter().any(|condition| matches!(condition, Condition::Status(_)));
        let nothing = Standing { truth: Truth::No, rank: None };
        let mut standings = vec![nothing; self.facts.len()];
        for members in self.keys.values() {
            let mut places = Vec::new();
            for &index in members {
                let facts = &self.facts[index];
                let held = facts.held_by(&rule.hold);
                let is_believed = self.can_take_place(index);
                let fits_status = names_status || !is_believed || self.is_installable(index);
                let has_place = is_believed && self.has_rank(index, newest.by);
                standings[index].truth = match held {
                    _ if !fits_status => Truth::No,
                    Truth::Yes if !has_place => Truth::Unknown,
                    held => held,
                };
                if has_place && takes_place(standings[index].truth) {
                    places.push(index);
                }
            }
            if newest.by == By::Version {
                // What is equal stays as it is, the newest first.
                places.sort_by_key(|&index| Reverse(self.rungs[index]));
            }
            let of = places.len();
            for (place, index) in (1..).zip(places) {
                let standing = &mut standings[index];
                standing.rank = Some(Rank { place, of });
                if standing.truth == Truth::Yes && place > count {
                    standing.truth = Truth::No;
                }
            }
        }
        standings
    }

    /// The packages of `index`'s key whose place under `rule` rests on what was not looked up.
    pub(super) fn undecided(&self, index: usize, rule: &KeepRule) -> impl Iterator<Item = usize> {
        let facts = &self.facts;
        self.siblings(index).iter().copied().filter(|&sibling| facts[sibling].held_by(&rule.hold) == Truth::Pending)
    }

    /// Whether the order of a rule has a place for a package. Every date that is believed has one.
    fn has_rank(&self, index: usize, by: By) -> bool {
        match by {
            By::Created => true,
            By::Version => self.rungs[index].is_some(),
        }
    }

    fn is_installable(&self, index: usize) -> bool {
        let package = self.facts[index].package;
        package.is_installable(self.now) && !self.inventory.has_changed(package.id)
    }

    /// What can't be believed takes no place: it is kept anyway, and would push out what can.
    fn can_take_place(&self, index: usize) -> bool {
        let package = self.facts[index].package;
        package.takes_places(self.now) && !self.inventory.has_changed(package.id)
    }
}
