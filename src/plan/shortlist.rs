//! What the listing alone selects for deletion: a superset of every deletion, and what has to be looked up for it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::evidence::Evidence;
use super::judge::{Judge, Stance};
use super::reason::Verdict;
use super::{Decision, Tally};
use crate::inventory::Inventory;
use crate::package::PackageId;
use crate::policy::{Policy, PolicySet};

/// The packages that may go, as far as the listing tells, and the questions that are left.
#[derive(Debug, Clone)]
pub struct Shortlist {
    /// A verdict for every package; `Delete` is an upper bound.
    pub decisions: Vec<Decision>,
    pub tally: Tally,
    /// Whose files have to be looked up, in the order of their ids.
    pub questions: BTreeSet<PackageId>,
}

/// Selects from the listing. Pure: the same inputs give the same shortlist.
#[must_use]
pub fn shortlist(set: &PolicySet, policy: &Policy, inventory: &Inventory, now: Timestamp) -> Shortlist {
    let nothing = Evidence::none();
    let judge = Judge::new(set, policy, inventory, &nothing, now, Stance::Shortlisting);
    let mut decisions = Vec::with_capacity(inventory.packages().len());
    let mut tally = Tally::new(set, policy);
    let mut questions = BTreeSet::new();
    let mut keys = BTreeSet::new();
    for (index, package) in inventory.packages().iter().enumerate() {
        let answers = judge.answers(index);
        let reason = judge.reason(index, &answers);
        tally.count(&answers);
        decisions.push(Decision::new(package.clone(), reason, answers.rank(reason), &nothing));
        if reason.verdict() == Verdict::Delete {
            if package.package_type.gains_files() || policy.limits.max_bytes.is_some() {
                questions.insert(package.id);
            }
            // Whoever competes with it for a place is the same for every package of its key.
            if keys.insert(package.key()) {
                questions.extend(competitors(&judge, index, policy));
            }
        }
    }
    Shortlist { decisions, tally, questions }
}

/// The packages of `index`'s key whose place under a `newest` rule needs evidence.
fn competitors<'a>(judge: &'a Judge<'_>, index: usize, policy: &'a Policy) -> impl Iterator<Item = PackageId> + 'a {
    policy
        .keep
        .iter()
        .filter(|rule| rule.newest.is_some())
        .flat_map(move |rule| judge.field.undecided(index, rule))
        .map(|sibling| judge.field.facts[sibling].package.id)
}
