//! Asks the second round of questions: for the files that settle a place which the dates of the rows leave open.
//!
//! The packages that may go have been looked up by then. A version that was made before the content of such a package
//! may still be newer, and only its files tell. One that was made after it is newer, whatever its files say.

use std::cmp::Reverse;
use std::collections::HashMap;

use jiff::Timestamp;

use super::field::Bounds;
use super::judge::Judge;
use super::rank::{NewestRule, Series, Standing};
use super::reason::Verdict;
use super::stance::Stance;
use crate::package::{Content, Evidence, PackageId, Questions};
use crate::plan::inventory::Inventory;
use crate::policy::{BuiltBy, By, InForce, Newest, Policy};

/// Asks for the files of the packages whose content decides about one that may go. `evidence` has the answers to the
/// shortlist's questions.
///
/// Pure: the same inputs give the same questions. With their answers a plan deletes what it would if everything had been
/// looked up.
#[must_use]
pub fn rivals(in_force: InForce<'_>, inventory: &Inventory, evidence: &Evidence) -> Questions {
    let surely = Judge::new(in_force, inventory, evidence, Stance::Planning);
    let at_worst = Judge::new(in_force, inventory, evidence, Stance::Shortlisting);
    let mut asking = Asking { surely: &surely, at_worst: &at_worst, questions: Questions::default() };
    for members in surely.field.keys.values() {
        asking.ask_of_key(in_force.policy(), members);
    }
    asking.questions
}

struct Asking<'a> {
    /// Judges by what is known.
    surely: &'a Judge<'a>,
    /// Judges as if everything that is not known spoke against each package.
    at_worst: &'a Judge<'a>,
    questions: Questions,
}

impl Asking<'_> {
    fn ask_of_key(&mut self, policy: &Policy, members: &[usize]) {
        let unanswered: Vec<(usize, Timestamp)> =
            members.iter().filter_map(|&index| Some((index, self.unanswered(index)?))).collect();
        if unanswered.is_empty() {
            return;
        }
        let may_go: Vec<usize> = members.iter().copied().filter(|&index| self.may_go(index)).collect();
        for (number, rule) in policy.keep.iter().enumerate() {
            let Some(rule) = NewestRule::of(rule) else { continue };
            let newest = rule.newest;
            let counted = |index: usize, stance: Stance| {
                let (truth, series) = self.surely.field.standing_alone(index, &rule);
                series.filter(|_| stance.counts(truth))
            };
            let series = |index: usize| counted(index, Stance::Shortlisting);
            // Of those that the rule keeps by what is known, the ones that at worst lack a place.
            let lacking = |has_place: fn(&Standing, &Newest) -> bool| -> Vec<usize> {
                let lacks = |at_worst: &Standing| at_worst.rank.is_none() || !has_place(at_worst, newest);
                let kept = may_go.iter().copied().filter(|&index| self.surely.keeps(number, index).is_some());
                kept.filter(|&index| self.at_worst.standing(number, index).is_none_or(lacks)).collect()
            };
            let mut wanted = Vec::new();
            if newest.by == By::Content {
                let open = lacking(Standing::has_place);
                wanted.extend(self.contested(open.into_iter(), &unanswered, series));
            }
            if newest.last_series.is_some() && newest.built_by() == BuiltBy::Content {
                let open = lacking(Standing::has_place_of_series);
                let surely = members.iter().filter_map(|&index| Some((index, counted(index, Stance::Planning)?)));
                wanted.extend(self.contested_series(open.into_iter(), &unanswered, surely, series));
            }
            self.questions.files.extend(wanted);
        }
        // Where no release can be read, the latest goes by content, too.
        let series = |index: usize| self.surely.field.is_installable(index).then(|| Series::Named(String::new()));
        let open = |index: &usize| self.surely.is_latest(*index) && !self.at_worst.is_latest(*index);
        let wanted = self.contested(may_go.iter().copied().filter(open), &unanswered, series);
        self.questions.files.extend(wanted);
    }

    /// Returns the unanswered packages that may be newer than one of the `open` packages of their series.
    fn contested(
        &self,
        open: impl Iterator<Item = usize>,
        unanswered: &[(usize, Timestamp)],
        series: impl Fn(usize) -> Option<Series>,
    ) -> Vec<PackageId> {
        let field = &self.surely.field;
        let bars = self.furthest(open.filter_map(|index| Some((index, series(index)?))), |bounds| bounds.bar);
        let highest = bars.values().max().copied();
        let is_contested = |&&(index, made): &&(usize, Timestamp)| match series(index) {
            // A package that may be of any series may be newer in each of them.
            Some(Series::Open) => Some(made) <= highest,
            Some(series) => bars.get(&series).is_some_and(|bar| made <= *bar),
            None => false,
        };
        unanswered.iter().filter(is_contested).map(|(index, _)| field.known[*index].package.id).collect()
    }

    /// Returns the unanswered packages that may make their series newer than one of the `open` packages of another.
    /// `surely` are the packages that are counted in any case. A series that is surely newer by one of these is so
    /// whatever its other packages get.
    fn contested_series(
        &self,
        open: impl Iterator<Item = usize>,
        unanswered: &[(usize, Timestamp)],
        surely: impl Iterator<Item = (usize, Series)>,
        series: impl Fn(usize) -> Option<Series>,
    ) -> Vec<PackageId> {
        let field = &self.surely.field;
        let bars = self.furthest(open.filter_map(|index| Some((index, series(index)?))), |bounds| bounds.bar);
        let reaches = self.furthest(surely, |bounds| bounds.reach);
        let mut highest: Vec<(&Series, Timestamp)> = bars.iter().map(|(series, bar)| (series, *bar)).collect();
        highest.sort_unstable_by_key(|(_, bar)| Reverse(*bar));
        let is_contested = |&&(index, made): &&(usize, Timestamp)| {
            let Some(own) = series(index) else { return false };
            let bar = highest.iter().find(|(series, _)| **series != own).map(|(_, bar)| *bar);
            let reach = if own == Series::Open { None } else { reaches.get(&own).copied() };
            bar.is_some_and(|bar| made <= bar && reach.is_none_or(|reach| reach <= bar))
        };
        unanswered.iter().filter(is_contested).map(|(index, _)| field.known[*index].package.id).collect()
    }

    /// Returns the furthest date of each series, by what is known of these packages.
    fn furthest(
        &self,
        of: impl Iterator<Item = (usize, Series)>,
        date: fn(Bounds<Timestamp>) -> Timestamp,
    ) -> HashMap<Series, Timestamp> {
        let mut furthest: HashMap<Series, Timestamp> = HashMap::new();
        for (index, series) in of {
            if let Some(date) = self.surely.field.bounds_of_content(index, Stance::Planning).map(date) {
                let of_series = furthest.entry(series).or_insert(date);
                *of_series = (*of_series).max(date);
            }
        }
        furthest
    }

    /// Returns whether a package goes if every question that is open is answered against it.
    fn may_go(&self, index: usize) -> bool {
        let answers = self.at_worst.answers(index);
        self.at_worst.reason(index, &answers).verdict() == Verdict::Delete
    }

    /// Returns the date of a row that may have got content later, and whose files nobody has asked for.
    fn unanswered(&self, index: usize) -> Option<Timestamp> {
        let field = &self.surely.field;
        let known = &field.known[index];
        match known.content {
            Content::AtOrAfter(date) if field.evidence.files(known.package.id).is_none() => Some(date),
            _ => None,
        }
    }
}
