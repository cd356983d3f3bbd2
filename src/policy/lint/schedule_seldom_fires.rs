//! Schedules that don't fire for years.

use jiff::Timestamp;

use crate::policy::schedule::Schedule;
use crate::yaml::{Lint, LintKind, Place};

pub(super) static LINT: LintKind = LintKind {
    name: "schedule-seldom-fires",
    explanation: "\
A schedule fires next in more than four years, or never again. Its day, its month and its weekday seldom come together.
A policy that never runs deletes nothing, and nobody is told.

Look at the three together. Only the 29th of February has to wait for four years.

```yaml
schedule: \"0 3 * 2 MON#5\"
```",
};

const DAYS_OF_A_YEAR: i32 = 365;
/// Whoever means the 29th of February waits for four years.
const SELDOM_DAYS: i32 = 4 * DAYS_OF_A_YEAR + 1;
const HINT: &str = "look at its days, its months and its weekdays together";

/// Returns the lint about a schedule as of `now`.
pub(super) fn as_of(now: Timestamp, schedule: &Schedule, place: &Place) -> Option<Lint> {
    let message = match schedule.next_after(now) {
        Some(next) => {
            let (next, today) = (schedule.local(next).date(), schedule.local(now).date());
            let days = (next - today).get_days();
            let years = days / DAYS_OF_A_YEAR;
            (days > SELDOM_DAYS).then(|| format!("this schedule fires next on {next}, in {years} years"))?
        }
        None => "this schedule never fires again".to_owned(),
    };
    Some(Lint { kind: &LINT, place: place.clone(), message, hint: Some(HINT.to_owned()) })
}
