//! Counts how often the same second look has saved the same package. What stays for one reason again and again is no
//! change that somebody made: the plan and the look see different things.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::package::PackageId;
use crate::plan::Outcome;
use crate::report::PolicyReport;

/// So many cycles in a row with the same sentence are told.
const IN_A_ROW: u32 = 3;

/// The packages that were stale in the last cycle of each policy.
#[derive(Debug, Default)]
pub(super) struct StaleInARow(Mutex<BTreeMap<String, StalePackages>>);

/// Packages with their sentences, and in how many cycles in a row each was told.
type StalePackages = BTreeMap<PackageId, (String, u32)>;

impl StaleInARow {
    /// Notes a cycle, and returns a sentence for each package that is told now.
    pub(super) fn note(&self, report: &PolicyReport) -> Vec<String> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = all.remove(&report.policy).unwrap_or_default();
        let mut now = StalePackages::new();
        let mut told = Vec::new();
        for row in report.decisions.iter().filter(|row| row.outcome() == Some(Outcome::Stale)) {
            let sentence = row.problem().unwrap_or_default();
            let known = before.get(&row.package.id).filter(|(known, _)| is_same(known, sentence));
            let count = known.map_or(1, |(_, count)| count + 1);
            if count == IN_A_ROW {
                told.push(format!(
                    "package {} was to go in {count} cycles in a row, and each time a second look kept it: {sentence}",
                    row.package.id
                ));
            }
            now.insert(row.package.id, (sentence.to_owned(), count));
        }
        all.insert(report.policy.clone(), now);
        told
    }
}

/// Returns whether two sentences differ in nothing but figures: ages grow.
fn is_same(one: &str, other: &str) -> bool {
    let words = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    words(one) == words(other)
}
