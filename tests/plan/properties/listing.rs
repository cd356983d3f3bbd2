//! How the listing was read makes no difference, and every package in it has exactly one decision.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::many;
use crate::generate::cases;

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
}
