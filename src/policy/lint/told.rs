//! All that looks wrong in a set, and what of it to tell on which day.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::policy::schedule::Schedule;
use crate::yaml::{Lint, Place};

/// What looks wrong in a set that is valid.
#[derive(Debug, Clone, Default)]
pub struct Lints {
    pub(in crate::policy) always: Vec<Lint>,
    /// The ends of rules.
    pub(super) dated: Vec<(Date, Place)>,
    pub(super) schedules: Vec<(Schedule, Place)>,
}

/// How long before its end a rule's `until` is pointed out.
const NOTICE_DAYS: i32 = 30;
const DAYS_OF_A_YEAR: i32 = 365;
/// Whoever means the 29th of February waits for four years.
const SELDOM_DAYS: i32 = 4 * DAYS_OF_A_YEAR + 1;

impl Lints {
    /// All lints as of `now`: those that never change, the rules whose `until` is near or past, and the schedules that
    /// fire next in some years; in the order of the files and their lines.
    #[must_use]
    pub fn as_of(&self, now: Timestamp) -> Vec<Lint> {
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let mut lints = self.always.clone();
        lints.extend(self.dated.iter().filter_map(|(until, place)| {
            let days = (*until - today).get_days();
            let message = match days {
                ..0 => format!("this rule ended on {until}: it holds no longer"),
                0 => "this rule ends today".to_owned(),
                1 => format!("this rule ends tomorrow, on {until}"),
                2..=NOTICE_DAYS => format!("this rule ends in {days} days, on {until}"),
                _ => return None,
            };
            Some(Lint {
                place: place.clone(),
                message,
                hint: Some("set a later date, or take the rule out".to_owned()),
            })
        }));
        lints.extend(self.schedules.iter().filter_map(|(schedule, place)| {
            let message = match schedule.next_after(now) {
                Some(next) => {
                    let (next, today) = (schedule.local(next).date(), schedule.local(now).date());
                    let days = (next - today).get_days();
                    let years = days / DAYS_OF_A_YEAR;
                    (days > SELDOM_DAYS).then(|| format!("this schedule fires next on {next}, in {years} years"))?
                }
                None => "this schedule never fires again".to_owned(),
            };
            Some(Lint {
                place: place.clone(),
                message,
                hint: Some("look at its days, its months and its weekdays together".to_owned()),
            })
        }));
        lints.sort_by_cached_key(|lint| (lint.place.file.clone(), lint.place.line, lint.place.column));
        lints
    }
}
