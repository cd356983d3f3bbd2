//! The plan says what the specification says.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use gleaner::package::{BuiltFrom, Downloaded, Package, PackageId, Questions};
use gleaner::plan::inventory::Inventory;
use gleaner::plan::{Plan, plan};
use gleaner::policy::Condition;
use gleaner_oracle::Ruling;
use gleaner_oracle::facts::{Growth, are_siblings, growth};
use proptest::prelude::*;

use super::many;
use crate::plan::generate::{Cycle, Language, cases, cases_of, policies};

/// Reasons that the listing alone gives, so that they are told whether or not anything was looked up.
const OF_THE_LISTING: [&str; 8] = [
    "changed_during_walk",
    "unreadable",
    "marked_for_deletion",
    "processing",
    "pending_destruction",
    "hidden",
    "unknown_status",
    "versionless",
];

proptest! {
    #![proptest_config(many())]

    #[test]
    fn the_plan_agrees_with_the_oracle(case in cases()) {
        let cycle = case.cycle();
        let inventory = cycle.inventory();
        agree(&cycle, &inventory, &cycle.plan_on(inventory.clone()))?;
    }

    /// Where everything was looked up, every package has the reason and the rule that the oracle expects: the first that
    /// applies, whether or not its deletion hung on it.
    #[test]
    fn a_plan_that_knows_everything_tells_every_reason_of_the_oracle(case in cases()) {
        let cycle = case.cycle().with_every_answer();
        let inventory = cycle.inventory();
        let everything = cycle.look_up_everything(&inventory);
        let told = told_by(&plan(cycle.in_force(), inventory, &everything));
        let expected = cycle.oracle_of_everything().rulings();
        prop_assert!(told.keys().eq(expected.keys()), "each package in scope has one decision");
        for (id, ruling) in &expected {
            prop_assert_eq!(told[id], *ruling, "{}", id);
        }
    }

    /// What the first policy takes is gone for the second: it counts no place and is nobody's latest version.
    #[test]
    fn the_next_policy_is_planned_on_what_is_left(case in cases_of(policies(Language::Whole, 2))) {
        let mut cycle = case.cycle();
        let gone = cycle.deleted();
        let first = cycle.set.policies.remove(0);
        // Both policies look at the same walk.
        cycle.policy_mut().scope = first.scope;
        let left = cycle.inventory().without(&gone.iter().copied().collect::<HashSet<_>>());
        let plan = cycle.plan_on(left.clone());
        agree(&cycle.after(&gone), &left, &plan)?;
    }
}

/// Verdicts agree for all packages, and so does the rule that deletes; the reasons why others stay do where the listing
/// gives them, or where everything about the versions of the package was looked up.
fn agree(cycle: &Cycle, inventory: &Inventory, plan: &Plan) -> Result<(), TestCaseError> {
    let expected = cycle.oracle().rulings();
    let told = told_by(plan);
    prop_assert!(told.keys().eq(expected.keys()), "each package in scope has one decision");
    let (_, asked) = cycle.look_up(inventory);
    let informed = informed(cycle, inventory, &asked);
    for (id, ruling) in &expected {
        prop_assert_eq!(told[id].deletes(), ruling.deletes(), "{}: told {:?}, expected {:?}", id, told[id], ruling);
        if ruling.deletes() || OF_THE_LISTING.contains(&ruling.code) || informed.contains(id) {
            prop_assert_eq!(told[id], *ruling, "{}", id);
        }
    }
    Ok(())
}

pub(super) fn told_by(plan: &Plan) -> BTreeMap<PackageId, Ruling> {
    plan.decisions()
        .iter()
        .map(|decision| (decision.package.id, Ruling { code: decision.reason.code(), rule: decision.reason.rule() }))
        .collect()
}

fn has_built_from(cycle: &Cycle) -> bool {
    let holds = cycle.set.protections.iter().flat_map(|protection| &protection.rules);
    let holds = holds.chain(cycle.policy().keep.iter().map(|rule| &rule.hold)).map(|hold| &hold.conditions);
    let takes = cycle.policy().delete.iter().map(|rule| &rule.conditions);
    let files = cycle.policy().files.iter().map(|rule| &rule.conditions);
    holds.chain(takes).chain(files).flatten().any(|condition| matches!(condition, Condition::BuiltFrom(_)))
}

/// The packages of whose versions everything was asked: files, pipelines, last downloads, releases and protection
/// rules. Of a type that gains no files, a
/// look-up of them that failed is told only where a rule hangs on it, so whether it was asked for isn't enough.
fn informed(cycle: &Cycle, inventory: &Inventory, asked: &Questions) -> BTreeSet<PackageId> {
    let refs = asked.refs();
    let is_told = |package: &Package| {
        let files = match growth(&package.package_type) {
            Growth::InPlace => true,
            Growth::ByFiles => asked.files.contains(&package.id),
            Growth::AtOnce => asked.files.contains(&package.id) && cycle.files[&package.id].can_be_read,
        };
        let pipelines = package.built_from != BuiltFrom::NotListed || asked.pipelines.contains(&package.id);
        // A pipeline that no rule has a condition on need not be asked.
        let kind = |pipeline| match refs.contains(&pipeline) {
            true => cycle.kinds[&pipeline].can_be_read,
            false => !has_built_from(cycle),
        };
        let kinds = cycle.last_pipeline(package).and_then(|pipeline| pipeline.open()).is_none_or(kind);
        let releases = package.project.has_releases == Some(false) || asked.releases.contains(&package.project.id);
        let downloads = package.downloaded != Downloaded::NotListed || asked.downloads.contains(&package.id);
        let protection = asked.protection.contains(&package.project.id);
        files && pipelines && kinds && downloads && releases && protection
    };
    let packages = inventory.packages();
    packages
        .iter()
        .filter(|package| packages.iter().filter(|other| are_siblings(other, package)).all(is_told))
        .map(|package| package.id)
        .collect()
}
