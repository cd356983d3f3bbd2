//! From when on a package would go, if nothing but the time changed.
//!
//! Time decides only where a date meets an age, where a rule's last day ends, and where a date that lay ahead is
//! reached. So the judgement is asked again at each such border, in their order, until it lets the package go.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::super::Decision;
use super::super::because::because;
use super::super::evidence::{Content, Evidence, Lookup};
use super::super::judge::{Judge, Stance};
use super::super::reason::{Reason, Verdict};
use crate::inventory::Inventory;
use crate::package::{Downloaded, Package, PackageId};
use crate::policy::{Age, Condition, Policy, PolicySet};

/// When a package would go. Instants are whole seconds, as those of plans are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// It goes as it is.
    Now,
    /// It would go from this instant on.
    From(Timestamp),
    /// It stays until this instant at least. What was not looked up may keep it longer.
    NotBefore(Timestamp),
    /// It stays, however long one waits; what keeps it in the end.
    Never { reason: Reason, because: String },
}

impl Opening {
    /// Its name in reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::From(_) => "from",
            Self::NotBefore(_) => "not_before",
            Self::Never { .. } => "never",
        }
    }
}

/// From when on a package of the inventory would go; `None` where it is not in there.
#[must_use]
pub fn opening(
    set: &PolicySet,
    policy: &Policy,
    inventory: &Inventory,
    evidence: &Evidence,
    now: Timestamp,
    package: PackageId,
) -> Option<Opening> {
    let inventory = inventory.of_key_of(package)?;
    let index = inventory.packages().iter().position(|other| other.id == package)?;
    let decision = |at: Timestamp, stance| {
        let judge = Judge::new(set, policy, &inventory, evidence, at, stance);
        judge.decision(index, &judge.answers(index))
    };
    let goes = |decision: &Decision| decision.verdict() == Verdict::Delete;
    if goes(&decision(now, Stance::Planning)) {
        return Some(Opening::Now);
    }
    let mut last = (now, decision(now, Stance::Shortlisting));
    if goes(&last.1) {
        return Some(Opening::NotBefore(now));
    }
    for at in borders(set, policy, &inventory, evidence, index, now) {
        last = (at, decision(at, Stance::Shortlisting));
        if goes(&last.1) {
            let is_certain = goes(&decision(at, Stance::Planning));
            return Some(if is_certain { Opening::From(at) } else { Opening::NotBefore(at) });
        }
    }
    let (at, decision) = last;
    Some(Opening::Never { reason: decision.reason, because: because(&decision, set, policy, at) })
}

/// The whole seconds after `now` at which the judgement on the package may change.
fn borders(
    set: &PolicySet,
    policy: &Policy,
    inventory: &Inventory,
    evidence: &Evidence,
    index: usize,
    now: Timestamp,
) -> BTreeSet<Timestamp> {
    let protect = set.protections.iter().flat_map(|protection| &protection.rules);
    let keep = policy.keep.iter().map(|rule| &rule.hold);
    let holds = || protect.clone().chain(keep.clone());
    let of_holds = holds().flat_map(|hold| &hold.conditions);
    let of_deletes = policy.delete.iter().flat_map(|rule| &rule.conditions);
    let ages: Vec<&Age> =
        of_holds.chain(of_deletes).filter_map(Condition::age).chain([&policy.limits.min_age]).collect();
    // The others of the key count where they compete for a place.
    let ranked = policy.keep.iter().filter(|rule| rule.newest.is_some());
    let rivals_ages: Vec<&Age> = ranked.flat_map(|rule| &rule.hold.conditions).filter_map(Condition::age).collect();
    let mut borders = Borders { now, seconds: BTreeSet::new() };
    for end in holds().filter_map(|hold| hold.until).filter_map(end_of_day) {
        borders.add(end);
    }
    let tracked_since = set.downloads().since();
    for (other, package) in inventory.packages().iter().enumerate() {
        let ages = if other == index { &ages } else { &rivals_ages };
        for date in dates(package, evidence).into_iter().chain(tracked_since) {
            borders.add(date);
            ages.iter().filter_map(|age| age.after(date)).for_each(|border| borders.add(border));
        }
    }
    borders.seconds
}

struct Borders {
    now: Timestamp,
    seconds: BTreeSet<Timestamp>,
}

impl Borders {
    /// Something changes at `border` or right after it: the first whole second that is no earlier, and the first that is
    /// later.
    fn add(&mut self, border: Timestamp) {
        let floor = border.as_second() - i64::from(border.subsec_nanosecond() < 0);
        let seconds = [floor, floor + 1].into_iter().filter_map(|second| Timestamp::from_second(second).ok());
        let now = self.now;
        self.seconds.extend(seconds.filter(|second| *second >= border && *second > now));
    }
}

/// Every date of a package that something may be measured from.
fn dates(package: &Package, evidence: &Evidence) -> Vec<Timestamp> {
    let downloaded = match package.downloaded {
        Downloaded::At(date) => Some(date),
        Downloaded::Never | Downloaded::Unknown | Downloaded::Unreadable => None,
    };
    let content = match evidence.content(package) {
        Content::At(date) | Content::AtOrAfter(date) => Some(date),
        Content::Unknown => None,
    };
    let files = match evidence.files(package.id) {
        Some(Lookup::Found(files)) => files.as_slice(),
        Some(Lookup::Failed) | None => &[],
    };
    let files = files.iter().filter_map(|file| file.created_at);
    [package.created_at, downloaded, content].into_iter().flatten().chain(files).collect()
}

/// The first instant after a day in UTC; `None` after the last day of all calendars.
fn end_of_day(day: Date) -> Option<Timestamp> {
    let midnight = day.to_zoned(TimeZone::UTC).ok()?.timestamp();
    midnight.checked_add(SignedDuration::from_hours(24)).ok()
}
