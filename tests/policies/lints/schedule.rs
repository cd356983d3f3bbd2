//! Schedules that fire too seldom to be meant.

use crate::lints::table;

#[test]
fn a_schedule_fires_within_four_years() {
    table(
        "scope: { group: acme }\nschedule: {}\ndelete: [{ status: error }]",
        &[
            // The 29th of February on a Monday, or the fifth Monday of a February.
            ("\"0 0 * 2 MON#5\"", &["3:11 this schedule fires next on 2044-02-29, in 17 years"]),
            ("\"0 0 29 2 *\"", &[]),
            ("\"@yearly\"", &[]),
            ("\"0 0 31 * *\"", &[]),
        ],
    );
}

#[test]
fn a_policy_in_mode_delete_needs_no_schedule() {
    table("scope: { group: acme }\nmode: {}\ndelete: [{ status: error }]", &[("delete", &[]), ("dry-run", &[])]);
}
