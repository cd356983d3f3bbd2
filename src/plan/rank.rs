//! Gives the versions of each package, or of each series in it, their places under a `newest` rule.
//!
//! A package's place is one more than the number of other versions that are surely newer. Rows of its own version
//! neither cost it a place nor lend it one, and at equal instants nobody is pushed out. So a row that the walk missed
//! can only move others up. The place of a package's series is counted by the same law: it is one more than the number
//! of other series of which some row is surely newer than this package.

use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;

use super::field::{Bounds, Field};
use super::stance::Stance;
use crate::package::{BuiltFrom, Depth, series};
use crate::policy::{BuiltBy, By, Condition, KeepRule, Known, Newest, Per, Reading, Truth};

/// The answer of a `newest` rule about one package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) truth: Truth,
    /// Whether its place is one of those that the rule keeps. It may be let go for another reason.
    pub(super) placed: Truth,
    /// `None` where the package takes no place.
    pub(super) rank: Option<Rank>,
    /// The place of the package's series, as this package sees it; `None` where the rule asks for none.
    pub(super) of_series: Option<Rank>,
}

/// A `newest` rule, with its other conditions by what they decide.
#[derive(Debug)]
pub(super) struct NewestRule<'r> {
    rule: &'r KeepRule,
    pub(super) newest: &'r Newest,
    /// They decide which versions are counted.
    pub(super) counted: Vec<&'r Condition>,
    /// They decide which of the counted versions are held.
    held: Vec<&'r Condition>,
    names_status: bool,
}

impl<'r> NewestRule<'r> {
    /// Returns `None` for a rule without `newest`.
    pub(super) fn of(rule: &'r KeepRule) -> Option<Self> {
        let newest = rule.newest.as_ref()?;
        let conditions = rule.hold.conditions.iter();
        let (held, counted): (Vec<_>, Vec<_>) = conditions.partition(|condition| condition.counts_regardless());
        let names_status = counted.iter().any(|condition| matches!(condition, Condition::Status(_)));
        Some(Self { rule, newest, counted, held, names_status })
    }

    /// Returns whether the rule counts a package, as far as its conditions tell.
    pub(super) fn counts(&self, known: &Known<'_>) -> Truth {
        if !self.rule.hold.is_in_force(known.now) {
            return Truth::No;
        }
        known.held_by_all(self.counted.iter().copied())
    }

    /// Returns whether the rule holds a package, where it has the truth `placed` by its place.
    fn holds(&self, known: &Known<'_>, placed: Truth) -> Truth {
        Reading::Hold.all([placed, known.held_by_all(self.held.iter().copied())])
    }
}

/// The place of a package among those of its key and series that a `newest` rule counts, 1 for the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rank {
    /// Counted from 1, the newest.
    pub place: usize,
    /// How many versions are counted.
    pub of: usize,
}

/// The series that a rule counts a package in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Series {
    Named(String),
    /// It is of none, as far as anybody can tell.
    Unknown,
    /// It could be looked up, and was not.
    Open,
}

impl Series {
    /// Tells series apart. Packages that may be of any may each be of one of their own.
    fn of_its_own(&self, index: usize) -> (&Self, Option<usize>) {
        (self, (*self == Self::Open).then_some(index))
    }
}

impl Field<'_> {
    /// Returns the standing of every package under `rule`.
    #[must_use]
    pub(super) fn standings(&self, rule: &NewestRule<'_>, stance: Stance) -> Vec<Standing> {
        let nothing = Standing { truth: Truth::No, placed: Truth::No, rank: None, of_series: None };
        let mut standings = vec![nothing; self.known.len()];
        for members in self.keys.values() {
            let mut counted: Vec<(usize, Series)> = Vec::new();
            for &index in members {
                let (truth, series) = self.standing_alone(index, rule);
                standings[index].placed = truth;
                if let Some(series) = series.filter(|_| stance.counts(truth)) {
                    counted.push((index, series));
                }
            }
            let newest = rule.newest;
            for (index, rank) in self.ranks(&counted, newest.by, stance) {
                standings[index].rank = Some(rank);
            }
            if newest.last_series.is_some() {
                for (index, rank) in self.ranks_of_series(&counted, newest.built_by(), stance) {
                    standings[index].of_series = Some(rank);
                }
            }
            for (index, _) in counted {
                let standing = &mut standings[index];
                let is_beyond = !standing.has_place(newest) || !standing.has_place_of_series(newest);
                if standing.rank.is_some() && is_beyond && standing.placed == Truth::Yes {
                    standing.placed = Truth::No;
                }
            }
            for &index in members {
                standings[index].truth = rule.holds(&self.known[index], standings[index].placed);
            }
        }
        standings
    }

    /// Returns whether the rule counts a package, and the series that it may have a place in. Which of those that have a
    /// place are held is another question.
    pub(super) fn standing_alone(&self, index: usize, rule: &NewestRule<'_>) -> (Truth, Option<Series>) {
        let known = &self.known[index];
        let newest = rule.newest;
        let is_believed = self.is_believed(index);
        if is_believed && !rule.names_status && !self.is_installable(index) {
            return (Truth::No, None);
        }
        let counted = rule.counts(known);
        // An upload is no version, so it has no place that could keep it.
        if known.package.is_upload() {
            return (if counted == Truth::Yes { Truth::No } else { counted }, None);
        }
        let unknown = (if counted == Truth::Yes { Truth::Unknown } else { counted }, None);
        if !is_believed || !self.has_rank(index, newest.by) {
            return unknown;
        }
        match self.series(index, newest.per.as_ref()) {
            Series::Unknown => unknown,
            Series::Open if counted == Truth::Yes => (Truth::Pending, Some(Series::Open)),
            series => (counted, Some(series)),
        }
    }

    /// Returns the series of a package. Without `newest_per` all versions of a key are of one.
    pub(super) fn series(&self, index: usize, per: Option<&Per>) -> Series {
        let known = &self.known[index];
        let package = known.package;
        let version = package.version.as_deref().unwrap_or_default();
        let numbers = |depth| series(&package.package_type, version, depth);
        let name = match per {
            None => Some(String::new()),
            Some(Per::Major) => numbers(Depth::Major),
            Some(Per::Minor) => numbers(Depth::Minor),
            Some(Per::Patch) => numbers(Depth::Patch),
            // Spellings of one version are of one series.
            Some(Per::Capture(capture)) => {
                let versions = package.package_type.facts().versions;
                let normal = versions.has_spellings().then(|| versions.normal(version));
                capture.of(normal.as_deref().unwrap_or(version)).map(str::to_owned)
            }
            Some(Per::Ref) => match &*known.built_from {
                BuiltFrom::Pipeline(pipeline) => Some(pipeline.git_ref.clone()),
                BuiltFrom::Unknown => None,
                BuiltFrom::NotListed => return Series::Open,
            },
        };
        name.map_or(Series::Unknown, Series::Named)
    }

    /// Returns whether the order of a rule has a place for a package. Every date that is believed has one.
    fn has_rank(&self, index: usize, by: By) -> bool {
        match by {
            By::Content | By::Created => true,
            By::Version => self.rungs[index].is_some(),
        }
    }

    /// Returns the rank of each counted package in its own series.
    fn ranks(&self, counted: &[(usize, Series)], by: By, stance: Stance) -> Vec<(usize, Rank)> {
        match by {
            By::Content => self.ranks_by(counted, |index| self.bounds_of_content(index, stance)),
            By::Created => self.ranks_by(counted, |index| self.bounds_of_creation(index)),
            By::Version if counted.iter().any(|(index, _)| self.is_uncertain(*index)) => {
                // Uncertain versions are compared among themselves as they are written. To the others they do nothing.
                let surely = self.ranks_by(counted, |index| self.bounds_of_version(index));
                let as_written = self.ranks_by(counted, |index| self.bounds_as_written(index));
                let of_each = surely.into_iter().zip(as_written);
                of_each.map(|(surely, written)| if self.is_uncertain(surely.0) { written } else { surely }).collect()
            }
            By::Version => self.ranks_by(counted, |index| self.bounds_of_version(index)),
        }
    }

    fn ranks_by<T: Ord + Copy>(
        &self,
        counted: &[(usize, Series)],
        bounds_of: impl Fn(usize) -> Option<Bounds<T>>,
    ) -> Vec<(usize, Rank)> {
        let mut rows: HashMap<&Series, Vec<(_, T)>> = HashMap::new();
        let bounds: Vec<(usize, &Series, Bounds<T>)> =
            counted.iter().filter_map(|(index, series)| Some((*index, series, bounds_of(*index)?))).collect();
        for (index, series, bounds) in &bounds {
            rows.entry(series).or_default().push((self.versions[*index], bounds.reach));
        }
        let reaches: HashMap<&Series, Reaches<_, T>> =
            rows.into_iter().map(|(series, rows)| (series, Reaches::of(rows))).collect();
        // A package that may be of any series counts in each of them.
        let open = reaches.get(&Series::Open);
        let rank = |(index, series, bounds): (usize, &Series, Bounds<T>)| {
            let own = self.versions[index];
            let counting = [reaches.get(series), open].into_iter().flatten();
            let (newer, of) = counting.fold((0, 0), |(newer, of), reaches| {
                (newer + reaches.beyond(bounds.bar, &own), of + reaches.all.len())
            });
            (index, Rank { place: newer + 1, of })
        };
        bounds.into_iter().filter(|(_, series, _)| **series != Series::Open).map(rank).collect()
    }

    /// Returns for each counted package the rank of its series.
    fn ranks_of_series(&self, counted: &[(usize, Series)], by: BuiltBy, stance: Stance) -> Vec<(usize, Rank)> {
        let bounds_of = |index| match by {
            BuiltBy::Content => self.bounds_of_content(index, stance),
            BuiltBy::Creation => self.bounds_of_creation(index),
        };
        let bounds: Vec<(usize, &Series, Bounds<_>)> =
            counted.iter().filter_map(|(index, series)| Some((*index, series, bounds_of(*index)?))).collect();
        let reaches = bounds.iter().map(|(index, series, bounds)| (series.of_its_own(*index), bounds.reach));
        let reaches = Reaches::of(reaches);
        let of = reaches.all.len();
        let closed = bounds.into_iter().filter(|(_, series, _)| **series != Series::Open);
        let rank = |(index, series, bounds): (usize, &Series, Bounds<_>)| {
            (index, Rank { place: reaches.beyond(bounds.bar, &series.of_its_own(index)) + 1, of })
        };
        closed.map(rank).collect()
    }
}

impl Standing {
    /// Returns whether the package is among as many as the rule keeps of its series, as far as it has a place.
    pub(super) fn has_place(&self, newest: &Newest) -> bool {
        is_within(self.rank, newest.count)
    }

    /// Returns whether the package's series is among those that were built last, as far as the rule asks for that.
    pub(super) fn has_place_of_series(&self, newest: &Newest) -> bool {
        newest.last_series.is_none_or(|last| is_within(self.of_series, last))
    }
}

fn is_within(rank: Option<Rank>, count: NonZeroU32) -> bool {
    let count = usize::try_from(count.get()).unwrap_or(usize::MAX);
    rank.is_none_or(|rank| rank.place <= count)
}

impl Stance {
    /// Returns whether a package takes a place, by what the rule's other conditions say of it. While look-ups are to
    /// come, every package that may turn out to fit takes one. That gives each package the worst rank that it can have.
    pub(super) fn counts(self, truth: Truth) -> bool {
        match self {
            Self::Shortlisting => matches!(truth, Truth::Yes | Truth::Pending),
            Self::Planning => truth == Truth::Yes,
        }
    }
}

/// How far the versions of one series reach, or the series of one key: each as far as the furthest of its rows.
struct Reaches<K, T> {
    of_each: HashMap<K, T>,
    /// The furthest first.
    all: Vec<T>,
}

impl<K: Eq + Hash, T: Ord + Copy> Reaches<K, T> {
    fn of(rows: impl IntoIterator<Item = (K, T)>) -> Self {
        let mut of_each: HashMap<K, T> = HashMap::new();
        for (one, reach) in rows {
            let furthest = of_each.entry(one).or_insert(reach);
            *furthest = (*furthest).max(reach);
        }
        let mut all: Vec<T> = of_each.values().copied().collect();
        all.sort_unstable_by(|one, other| other.cmp(one));
        Self { of_each, all }
    }

    /// Counts those other than `own` that reach beyond `bar`.
    fn beyond(&self, bar: T, own: &K) -> usize {
        let is_own = self.of_each.get(own).is_some_and(|reach| *reach > bar);
        self.all.partition_point(|reach| *reach > bar) - usize::from(is_own)
    }
}
