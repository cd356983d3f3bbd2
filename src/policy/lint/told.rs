//! The lints of a set. Some of them are told on some days only.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{acceptance_ended, exception_ended, rule_ends, schedule_seldom_fires};
use crate::policy::schedule::Schedule;
use crate::yaml::{Lint, Place};

/// Everything that looks wrong in a set that is valid.
#[derive(Debug, Clone, Default)]
pub struct Lints {
    pub(in crate::policy) always: Vec<Lint>,
    /// The ends of rules.
    pub(super) dated: Vec<(Date, Place)>,
    /// The ends of exceptions from limits.
    pub(super) exceptions: Vec<(Date, Place)>,
    /// The ends of acceptances of fewer holds.
    pub(in crate::policy) acceptances: Vec<(Date, Place)>,
    pub(super) schedules: Vec<(Schedule, Place)>,
}

impl Lints {
    /// Returns all lints as of `now`: those that never change, the rules whose `until` is near or past, the exceptions that have ended, and the
    /// schedules that fire next in some years; in the order of the files and their lines.
    #[must_use]
    pub fn as_of(&self, now: Timestamp) -> Vec<Lint> {
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let mut lints = self.always.clone();
        lints.extend(self.dated.iter().filter_map(|(until, place)| rule_ends::as_of(today, *until, place)));
        let exceptions = self.exceptions.iter();
        lints.extend(exceptions.filter_map(|(until, place)| exception_ended::as_of(today, *until, place)));
        let acceptances = self.acceptances.iter();
        lints.extend(acceptances.filter_map(|(until, place)| acceptance_ended::as_of(today, *until, place)));
        let schedules = self.schedules.iter();
        lints.extend(schedules.filter_map(|(schedule, place)| schedule_seldom_fires::as_of(now, schedule, place)));
        lints.sort_by_cached_key(|lint| (lint.place.file.clone(), lint.place.line, lint.place.column));
        lints
    }
}
