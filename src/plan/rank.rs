//! The places that a `newest` rule gives to the versions of each package, or of each series in it.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::field::Field;
use super::truth::Truth;
use crate::package::{BuiltFrom, Depth, series};
use crate::policy::{By, Condition, KeepRule, Newest, Per};

/// What a `newest` rule says of one package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) truth: Truth,
    /// `None` where the package takes no place.
    pub(super) rank: Option<Rank>,
}

/// The place of a package among those of its key and series that a `newest` rule counts, 1 for the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rank {
    pub place: usize,
    pub of: usize,
}

/// The series that a rule counts a package in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Series {
    Named(String),
    /// It is of none, as far as anybody can tell.
    Unknown,
    /// It could be looked up, and was not.
    Open,
}

impl Field<'_> {
    /// The standing of every package under `rule`. A place is taken by each package for which `takes_place` accepts
    /// what the rule's other conditions say of it. One whose series is open takes a place in each of them, if it takes
    /// any: so every other one has the worst rank that it can have.
    #[must_use]
    pub(super) fn standings(&self, rule: &KeepRule, newest: &Newest, takes_place: fn(Truth) -> bool) -> Vec<Standing> {
        let nothing = Standing { truth: Truth::No, rank: None };
        let mut standings = vec![nothing; self.facts.len()];
        for members in self.keys.values() {
            let mut places: Vec<(usize, Series)> = Vec::new();
            for &index in members {
                let (truth, series) = self.standing_alone(index, rule, newest);
                standings[index].truth = truth;
                if let Some(series) = series.filter(|_| takes_place(truth)) {
                    places.push((index, series));
                }
            }
            if newest.by == By::Version {
                // What is equal stays as it is, the newest first.
                places.sort_by_key(|(index, _)| Reverse(self.rungs[*index]));
            }
            give_ranks(&places, newest, &mut standings);
        }
        standings
    }

    /// What the rule says of a package before its place is known, and the series that it may have a place in.
    fn standing_alone(&self, index: usize, rule: &KeepRule, newest: &Newest) -> (Truth, Option<Series>) {
        let facts = &self.facts[index];
        let names_status = rule.hold.conditions.iter().any(|condition| matches!(condition, Condition::Status(_)));
        let is_believed = self.can_take_place(index);
        if is_believed && !names_status && !self.is_installable(index) {
            return (Truth::No, None);
        }
        let held = facts.held_by(&rule.hold);
        let unknown = (if held == Truth::Yes { Truth::Unknown } else { held }, None);
        if !is_believed || !self.has_rank(index, newest.by) {
            return unknown;
        }
        match self.series(index, newest.per.as_ref()) {
            Series::Unknown => unknown,
            Series::Open if held == Truth::Yes => (Truth::Pending, Some(Series::Open)),
            series => (held, Some(series)),
        }
    }

    /// The series of a package. Without `newest_per` all versions of a key are of one.
    pub(super) fn series(&self, index: usize, per: Option<&Per>) -> Series {
        let facts = &self.facts[index];
        let package = facts.package;
        let version = package.version.as_deref().unwrap_or_default();
        let numbers = |depth| series(&package.package_type, version, depth);
        let name = match per {
            None => Some(String::new()),
            Some(Per::Major) => numbers(Depth::Major),
            Some(Per::Minor) => numbers(Depth::Minor),
            Some(Per::Patch) => numbers(Depth::Patch),
            Some(Per::Capture(capture)) => capture.of(version).map(str::to_owned),
            Some(Per::Ref) => match facts.built_from {
                BuiltFrom::Ref(name) => Some(name.clone()),
                BuiltFrom::Unknown => None,
                BuiltFrom::NotListed => return Series::Open,
            },
        };
        name.map_or(Series::Unknown, Series::Named)
    }

    /// Whether the order of a rule has a place for a package. Every date that is believed has one.
    fn has_rank(&self, index: usize, by: By) -> bool {
        match by {
            By::Created => true,
            By::Version => self.rungs[index].is_some(),
        }
    }
}

/// Gives everyone in `places`, the newest first, a rank in its own series.
fn give_ranks(places: &[(usize, Series)], newest: &Newest, standings: &mut [Standing]) {
    let count = usize::try_from(newest.count.get()).unwrap_or(usize::MAX);
    let open = places.iter().filter(|(_, series)| *series == Series::Open).count();
    let mut sizes: HashMap<&str, usize> = HashMap::new();
    for (_, series) in places {
        if let Series::Named(name) = series {
            *sizes.entry(name).or_default() += 1;
        }
    }
    let mut taken: HashMap<&str, usize> = HashMap::new();
    let mut open_before = 0;
    for (index, series) in places {
        let Series::Named(name) = series else {
            open_before += 1;
            continue;
        };
        let own = taken.entry(name).or_default();
        *own += 1;
        let rank = Rank { place: *own + open_before, of: sizes.get(name.as_str()).copied().unwrap_or_default() + open };
        let standing = &mut standings[*index];
        standing.rank = Some(rank);
        if standing.truth == Truth::Yes && rank.place > count {
            standing.truth = Truth::No;
        }
    }
}
