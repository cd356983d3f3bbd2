//! Estimates what a plan would delete at most, from the listing alone.

use super::judge::Judge;
use super::stance::Stance;
use super::{Decision, Tally, files};
use crate::package::Evidence;
use crate::plan::inventory::Inventory;
use crate::policy::InForce;

/// An upper bound of a plan, made without any look-up.
#[derive(Debug, Clone)]
pub struct Estimate {
    /// The decision on each package of the inventory. A plan deletes none that is kept here.
    pub decisions: Vec<Decision>,
    /// How often each rule matched.
    pub tally: Tally,
}

/// Decides on every package by the listing alone, and against it wherever a question is open.
///
/// Pure: the same inputs give the same estimate.
#[must_use]
pub fn estimate(in_force: InForce<'_>, inventory: Inventory) -> Estimate {
    let nothing = Evidence::none();
    let judge = Judge::new(in_force, &inventory, &nothing, Stance::Shortlisting);
    let mut tally = Tally::new(in_force);
    let judged: Vec<_> = (0..inventory.packages().len())
        .map(|index| {
            let answers = judge.answers(index);
            tally.count(&answers);
            let rules = files::candidates(&judge, in_force.policy(), index, &answers);
            tally.count_files(&rules.iter().map(|(number, _)| (*number, files::Count::Open)).collect());
            let reason = judge.reason(index, &answers);
            (reason, answers.rank(reason))
        })
        .collect();
    let successors = judge.field.into_successors();
    Estimate { decisions: Decision::of_all(inventory, judged, successors, &nothing), tally }
}
