//! Asks the second round of questions: for the files that settle a place which the dates of the rows leave open.
//!
//! The packages that may go have been looked up by then. A version that was made before the content of such a package
//! may still be newer, and only its files tell. One that was made after it is newer, whatever its files say.

use std::collections::HashMap;

use jiff::Timestamp;

use super::judge::Judge;
use super::rank::{NewestRule, Series};
use super::reason::Verdict;
use super::stance::Stance;
use crate::package::{Content, Evidence, PackageId, Questions};
use crate::plan::inventory::Inventory;
use crate::policy::{By, InForce, Policy};

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
            if let Some(rule) = NewestRule::of(rule).filter(|rule| rule.newest.by == By::Content) {
                let series = |index: usize| {
                    let (truth, series) = self.surely.field.standing_alone(index, &rule);
                    series.filter(|_| Stance::Shortlisting.counts(truth))
                };
                let open = |index: &usize| self.surely.keeps(number, *index) && !self.at_worst.keeps(number, *index);
                let wanted = self.contested(may_go.iter().copied().filter(open), &unanswered, series);
                self.questions.files.extend(wanted);
            }
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
        let mut bars: HashMap<Series, Timestamp> = HashMap::new();
        for index in open {
            if let (Some(series), Some(bounds)) = (series(index), field.bounds_of_content(index, Stance::Planning)) {
                let bar = bars.entry(series).or_insert(bounds.bar);
                *bar = (*bar).max(bounds.bar);
            }
        }
        let highest = bars.values().max().copied();
        let is_contested = |&&(index, made): &&(usize, Timestamp)| match series(index) {
            // A package that may be of any series may be newer in each of them.
            Some(Series::Open) => Some(made) <= highest,
            Some(series) => bars.get(&series).is_some_and(|bar| made <= *bar),
            None => false,
        };
        unanswered.iter().filter(is_contested).map(|(index, _)| field.known[*index].package.id).collect()
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
