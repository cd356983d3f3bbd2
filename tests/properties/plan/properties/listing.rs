//! How the listing was read makes no difference, and every package in it has exactly one decision.

use gleaner::plan::{Plan, plan};
use gleaner::policy::{FileRule, PolicySet};
use gleaner::yaml::Source;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::many;
use crate::plan::generate::cases;

proptest! {
    #![proptest_config(many())]

    #[test]
    fn pages_order_and_repeated_rows_make_no_difference(
        case in cases(),
        order in vec(any::<u32>(), 32),
        repeated in vec(any::<Index>(), 0..4),
        page_size in 1..5_usize,
    ) {
        let cycle = case.cycle();
        let mut rows = cycle.rows.clone();
        rows.extend(repeated.iter().map(|index| index.get(&cycle.rows).clone()));
        let mut shuffled: Vec<_> = order.iter().cycle().zip(&rows).collect();
        shuffled.sort_by_key(|(place, _)| **place);
        let shuffled: Vec<_> = shuffled.into_iter().map(|(_, row)| row.clone()).collect();
        let pages: Vec<_> = shuffled.chunks(page_size).collect();
        let plan = cycle.plan_on(cycle.inventory_of_pages(&pages));
        prop_assert_eq!(format!("{:?}", plan), format!("{:?}", cycle.plan()));
    }

    #[test]
    fn every_package_has_one_decision_and_the_same_bytes_come_out_twice(case in cases()) {
        let cycle = case.cycle();
        let plan = cycle.plan();
        let decided: Vec<_> = plan.decisions().iter().map(|decision| &decision.package).collect();
        let inventory = cycle.inventory();
        prop_assert_eq!(decided, inventory.packages().iter().collect::<Vec<_>>());
        let ids = cycle.oracle().rulings();
        prop_assert!(inventory.packages().iter().map(|package| &package.id).eq(ids.keys()));
        prop_assert_eq!(format!("{:?}", plan), format!("{:?}", cycle.plan()));
        prop_assert_eq!(format!("{:?}", cycle.shortlist()), format!("{:?}", cycle.shortlist()));
    }

    /// Two rounds ask for all that matters: nothing else goes had everything been asked, of packages or of files.
    #[test]
    fn what_was_not_asked_for_changes_no_deletion(case in cases(), rule in 0..TRIMMING.len()) {
        // A look-up that fails keeps what it was for, and nobody knows what it would have told.
        let mut cycle = case.cycle().with_every_answer();
        cycle.policy_mut().files = trimming(TRIMMING[rule]);
        let inventory = cycle.inventory();
        let everything = cycle.look_up_everything(&inventory);
        let asked = cycle.plan();
        let informed = plan(cycle.in_force(), inventory, &everything);
        let packages = |plan: &Plan| plan.deletions().map(|decision| decision.package.id).collect::<Vec<_>>();
        let files = |plan: &Plan| plan.file_deletions().map(|gone| (gone.package, gone.file.id)).collect::<Vec<_>>();
        prop_assert_eq!(packages(&asked), packages(&informed));
        prop_assert_eq!(files(&asked), files(&informed));
    }
}

const TRIMMING: [&str; 4] = [
    "{ type: maven, file: '*', keep_newest: 0 }",
    "{ type: generic, file: '*.jar', keep_newest: 0, older_than: 20d }",
    "{ type: maven, not_downloaded_for: 20d, file: '*', keep_newest: 0 }",
    "{ type: generic, larger_than: 1kB, built_from: main, file: '*', keep_newest: 0 }",
];

fn trimming(rule: &str) -> Vec<FileRule> {
    let text = format!("version: 1\nscope: {{ group: acme }}\nfiles: [{rule}]\n");
    let (mut set, _) = PolicySet::parse(&[Source::new("trim.yaml", text)]).expect("the rule is valid");
    set.policies.remove(0).files
}
