//! The plan says what the specification says.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use gleaner::inventory::Inventory;
use gleaner::package::{BuiltFrom, PackageId};
use gleaner::plan::{Plan, Verdict, shortlist};
use gleaner::policy::Policy;
use proptest::prelude::*;

use super::many;
use crate::generate::{Cycle, Language, cases, cases_of, policies};
use crate::oracle::Ruling;

/// Reasons that the listing alone gives, so that they are told whether or not anything was looked up.
const OF_THE_LISTING: [&str; 8] = [
    "changed_during_walk",
    "unreadable",
    "processing",
    "pending_destruction",
    "hidden",
    "unknown_status",
    "versionless",
    "type_not_named",
];

proptest! {
    #![proptest_config(many())]

    #[test]
    fn the_plan_agrees_with_the_oracle(case in cases()) {
        let cycle = case.cycle();
        let inventory = cycle.inventory();
        agree(&cycle, &inventory, &cycle.plan_on(inventory.clone()))?;
    }

    /// What the first policy takes is gone for the second: it counts no place and is nobody's latest version.
    #[test]
    fn the_next_policy_is_planned_on_what_is_left(case in cases_of(policies(Language::Whole, 2))) {
        let mut cycle = case.cycle();
        let gone = cycle.deleted();
        let first = cycle.policy.clone();
        cycle.policy = cycle.set.policies[1].clone();
        // Both policies look at the same walk.
        cycle.policy.scope = first.scope;
        let left = cycle.inventory().without(&gone.iter().copied().collect::<HashSet<_>>());
        let plan = cycle.plan_on(left.clone());
        agree(&cycle.without(&gone), &left, &plan)?;
    }
}

/// Verdicts agree for all packages; codes and rules for those that are on the shortlist or were looked up, and wherever
/// no file date is involved.
fn agree(cycle: &Cycle, inventory: &Inventory, plan: &Plan) -> Result<(), TestCaseError> {
    let expected = cycle.oracle().rulings();
    // What is looked up for a rule on files alone says little of why its package stays.
    let of_packages = Policy { files: Vec::new(), ..cycle.policy.clone() };
    let listed = shortlist(&cycle.set, &of_packages, inventory, cycle.now);
    let shortlisted: BTreeSet<PackageId> = listed
        .decisions
        .iter()
        .filter(|decision| decision.verdict() == Verdict::Delete)
        .map(|decision| decision.package.id)
        .collect();
    let told: BTreeMap<PackageId, Ruling> = plan
        .decisions()
        .iter()
        .map(|decision| (decision.package.id, Ruling { code: decision.reason.code(), rule: decision.reason.rule() }))
        .collect();
    prop_assert!(told.keys().eq(expected.keys()), "each package in scope has one decision");
    // Of a package that only competes with others the files may have been looked up and the pipelines not.
    let is_looked_up = |id: &PackageId| {
        let package = inventory.packages().iter().find(|package| package.id == *id);
        let is_told = package.is_some_and(|package| package.built_from != BuiltFrom::NotListed);
        listed.questions.files.contains(id) && (is_told || listed.questions.pipelines.contains(id))
    };
    for (id, ruling) in &expected {
        prop_assert_eq!(told[id].deletes(), ruling.deletes(), "{}: told {:?}, expected {:?}", id, told[id], ruling);
        if shortlisted.contains(id) || is_looked_up(id) || OF_THE_LISTING.contains(&ruling.code) {
            prop_assert_eq!(told[id], *ruling, "{}", id);
        }
    }
    Ok(())
}
