//! An explanation says what the plan says, and its date is the day on which the plan changes its mind.

use gleaner::package::{Evidence, PackageId};
use gleaner::plan::inventory::Inventory;
use gleaner::plan::{Opening, Verdict, explain, plan};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::many;
use crate::plan::generate::{Cycle, cases};

proptest! {
    #![proptest_config(many())]

    #[test]
    fn it_tells_the_decision_of_the_plan(case in cases()) {
        let cycle = case.cycle();
        let inventory = cycle.inventory();
        let (evidence, _) = cycle.look_up(&inventory);
        let plan = plan(cycle.in_force(), inventory.clone(), &evidence);
        for decision in plan.decisions() {
            let id = decision.package.id;
            let told = explain(cycle.in_force(), &inventory, &evidence, id).expect("it is there");
            prop_assert_eq!(&told.decision, decision);
            prop_assert_eq!(told.files.as_slice(), plan.file_decisions_of(id));
            prop_assert_eq!(told.opening == Opening::Now, decision.verdict() == Verdict::Delete);
        }
    }

    #[test]
    fn it_goes_on_the_day_that_it_tells_and_on_none_before(case in cases(), part in 0.0..1.0, days in 0..9000_i64) {
        let cycle = case.cycle();
        let inventory = cycle.inventory();
        let (evidence, _) = cycle.look_up(&inventory);
        let everything = cycle.look_up_everything(&inventory);
        for package in inventory.packages() {
            let id = package.id;
            let told = explain(cycle.in_force(), &inventory, &evidence, id).expect("it is there");
            let goes_at = |at, evidence| goes(&cycle, &inventory, evidence, at, id);
            match told.opening {
                Opening::Now => {}
                Opening::From(at) => {
                    prop_assert!(at > cycle.now);
                    prop_assert!(goes_at(at, &evidence), "{id} stays at {at}");
                    for before in seconds_before(at, cycle.now, part) {
                        prop_assert!(!goes_at(before, &evidence), "{id} goes at {before} already, and not first at {at}");
                        prop_assert!(!goes_at(before, &everything), "{id} would go at {before}, if more was known");
                    }
                    // And so it does for a shell that gets there, if nothing fails that it then looks up.
                    // What it has seen of branches has to be remembered.
                    let later = Cycle { now: at, ..cycle.clone().remembering(&evidence) };
                    let is_lucky = later.look_up(&inventory).0.failures() == 0;
                    prop_assert!(!is_lucky || later.deleted().contains(&id), "{id} is not deleted at {at}");
                }
                Opening::NotBefore(at) => {
                    for before in seconds_before(at, cycle.now, part) {
                        prop_assert!(!goes_at(before, &everything), "{id} goes at {before}, and was not to before {at}");
                    }
                }
                Opening::Never { .. } => {
                    let later = cycle.now + SignedDuration::from_hours(24 * days);
                    prop_assert!(!goes_at(later, &evidence), "{id} goes at {later}, and never was to");
                    prop_assert!(!goes_at(later, &everything), "{id} goes at {later}, and never was to");
                }
            }
        }
    }

    /// With everything known the date is one that can be kept.
    #[test]
    fn it_hesitates_only_over_what_was_not_looked_up(case in cases()) {
        let cycle = case.cycle();
        let inventory = cycle.inventory();
        let everything = cycle.look_up_everything(&inventory);
        for package in inventory.packages() {
            let told = explain(cycle.in_force(), &inventory, &everything, package.id);
            let opening = told.expect("it is there").opening;
            let is_known = everything.failures() == 0;
            prop_assert!(!is_known || !matches!(opening, Opening::NotBefore(_)), "{}: {opening:?}", package.id);
        }
    }
}

fn goes(cycle: &Cycle, inventory: &Inventory, evidence: &Evidence, at: Timestamp, id: PackageId) -> bool {
    let plan = plan(cycle.in_force().at(at), inventory.clone(), evidence);
    plan.deletions().any(|decision| decision.package.id == id)
}

/// The last whole second before `at`, and one somewhere between now and then.
fn seconds_before(at: Timestamp, now: Timestamp, part: f64) -> impl Iterator<Item = Timestamp> {
    let span = at.duration_since(now).as_secs_f64();
    let somewhere = at.as_second() - (span * part) as i64;
    let seconds = [at.as_second() - 1, somewhere].into_iter().filter(move |second| *second < at.as_second());
    seconds.filter_map(|second| Timestamp::from_second(second).ok()).filter(move |second| *second > now)
}
