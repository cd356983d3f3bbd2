//! Releases that supersede, where little else decides.

use gleaner::package::PackageId;
use gleaner::plan::plan;
use proptest::prelude::*;

use super::agreement::told_by;
use super::many;
use crate::plan::generate::superseded_cases;

proptest! {
    #![proptest_config(many())]

    /// A release that is missed is one that supersedes nothing.
    #[test]
    fn a_missed_release_never_dooms_another_version(case in superseded_cases(), missed in any::<u16>()) {
        let cycle = case.cycle();
        let missed = (1..=16_u64).filter(|id| missed >> (id - 1) & 1 == 1).map(PackageId).collect();
        prop_assert!(cycle.without(&missed).deleted().is_subset(&cycle.deleted()));
    }

    #[test]
    fn the_oracle_says_the_same(case in superseded_cases()) {
        let cycle = case.cycle();
        let told = told_by(&cycle.plan());
        for (id, ruling) in &cycle.oracle().rulings() {
            prop_assert_eq!(told[id].deletes(), ruling.deletes(), "{}: told {:?}, expected {:?}", id, told[id], ruling);
        }
        let cycle = cycle.with_every_answer();
        let inventory = cycle.inventory();
        let everything = cycle.look_up_everything(&inventory);
        let told = told_by(&plan(cycle.in_force(), inventory, &everything));
        prop_assert_eq!(told, cycle.oracle_of_everything().rulings());
    }
}
