//! Finds the time from which a package would go, if nothing but the time changed.
//!
//! Time decides only where a date meets an age, where a rule's last day ends, and where a date that lay ahead is
//! reached. So the judgement is asked again at each such border, in their order, until it lets the package go.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::super::Decision;
use super::super::because::because;
use super::super::judge::Judge;
use super::super::reason::{Reason, Verdict};
use super::super::stance::Stance;
use crate::package::{BranchFate, Downloaded, Evidence, Lookup, Package, PackageId};
use crate::plan::inventory::Inventory;
use crate::policy::{Age, Condition, Hold, InForce, Known, Policy, Truth};

/// When a package would go. Instants are whole seconds, as those of plans are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// It goes as it is.
    Now,
    /// It would go from this instant on.
    From(Timestamp),
    /// It stays until this instant at least. What was not looked up may keep it longer.
    NotBefore(Timestamp),
    /// It stays, however long one waits.
    Never {
        /// The reason that keeps it in the end.
        reason: Reason,
        /// The reason as a sentence.
        because: String,
    },
}

impl Opening {
    /// Every name that an opening has in reports.
    pub const CODES: [&str; 4] = ["now", "from", "not_before", "never"];

    /// Returns its name in reports.
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

/// Returns the time from which a package of the inventory would go; `None` where it is not in there.
#[must_use]
pub fn opening(
    in_force: InForce<'_>,
    inventory: &Inventory,
    evidence: &Evidence,
    package: PackageId,
) -> Option<Opening> {
    let inventory = inventory.of_key_of(package)?;
    let index = inventory.packages().iter().position(|other| other.id == package)?;
    let outlook = Outlook { in_force, inventory: &inventory, evidence, index };
    Some(outlook.opening(&outlook.decision(in_force.now(), Stance::Planning)))
}

/// Everything that decides about one package, apart from the time.
pub(super) struct Outlook<'a> {
    /// The policy as of the instant that the search begins at.
    pub(super) in_force: InForce<'a>,
    /// Every package of the same key. No other one counts.
    pub(super) inventory: &'a Inventory,
    pub(super) evidence: &'a Evidence,
    /// The package's place in the inventory.
    pub(super) index: usize,
}

impl Outlook<'_> {
    /// Returns the time from which the package would go. `present` is the plan's decision as of now.
    #[must_use]
    pub(super) fn opening(&self, present: &Decision) -> Opening {
        if present.verdict() == Verdict::Delete {
            return Opening::Now;
        }
        if self.may_go(self.in_force.now()) {
            return Opening::NotBefore(self.in_force.now());
        }
        let mut last = self.in_force.now();
        for at in self.borders() {
            if self.may_go(at) {
                let is_certain = self.decision(at, Stance::Planning).verdict() == Verdict::Delete;
                return if is_certain { Opening::From(at) } else { Opening::NotBefore(at) };
            }
            last = at;
        }
        let decision = self.decision(last, Stance::Shortlisting);
        Opening::Never { reason: decision.reason, because: because(&decision, self.in_force.at(last)) }
    }

    fn decision(&self, at: Timestamp, stance: Stance) -> Decision {
        let judge = Judge::new(self.in_force.at(at), self.inventory, self.evidence, stance);
        judge.decision(self.index, &judge.answers(self.index))
    }

    /// Returns whether the package would go if every open question was answered against it.
    fn may_go(&self, at: Timestamp) -> bool {
        // A package that no delete rule selects stays, whatever its rank and its successors. Finding that out takes
        // neither.
        let known = Known::new(self.package(), self.evidence, self.in_force.set().downloads(), at);
        let may_be_selected =
            self.policy().delete.iter().any(|rule| matches!(known.selected_by(rule), Truth::Yes | Truth::Pending));
        may_be_selected && self.decision(at, Stance::Shortlisting).verdict() == Verdict::Delete
    }

    /// Returns the whole seconds from now on, in their order, at which the judgement on the package may change.
    fn borders(&self) -> BTreeSet<Timestamp> {
        let protect = self.in_force.set().protections.iter().flat_map(|protection| &protection.rules);
        let keep = self.policy().keep.iter().map(|rule| &rule.hold);
        let holds: Vec<&Hold> = protect.chain(keep).collect();
        let of_holds = holds.iter().flat_map(|hold| &hold.conditions);
        let of_deletes = self.policy().delete.iter().flat_map(|rule| &rule.conditions);
        let min_age = [&self.policy().limits.min_age];
        let ages: Vec<&Age> = of_holds.chain(of_deletes.clone()).filter_map(Condition::age).chain(min_age).collect();
        // The others of the key count where they compete for a place.
        let ranked = self.policy().keep.iter().filter(|rule| rule.newest.is_some());
        let of_ranked = ranked.flat_map(|rule| &rule.hold.conditions);
        // So do the releases that supersede the package, for as long as they have to be there.
        let superseding = of_deletes.clone().filter(|condition| condition.successors().is_some());
        let rivals_ages: Vec<&Age> = of_ranked.chain(superseding).filter_map(Condition::age).collect();
        let mut borders = Borders { now: self.in_force.now(), seconds: BTreeSet::new() };
        for end in holds.iter().filter_map(|hold| hold.until).filter_map(end_of_day) {
            borders.add(end);
        }
        let tracked_since = self.in_force.set().downloads().since();
        for package in self.inventory.packages() {
            let ages = if package.id == self.package().id { &ages } else { &rivals_ages };
            for date in dates(package, self.evidence).into_iter().chain([tracked_since]) {
                borders.add(date);
                ages.iter().filter_map(|age| age.after(date)).for_each(|border| borders.add(border));
            }
        }
        borders.seconds
    }

    fn policy(&self) -> &Policy {
        self.in_force.policy()
    }

    fn package(&self) -> &Package {
        &self.inventory.packages()[self.index]
    }
}

struct Borders {
    now: Timestamp,
    seconds: BTreeSet<Timestamp>,
}

impl Borders {
    /// Adds the first whole second that is no earlier than `border`, and the first that is later: something changes at
    /// the border or right after it.
    fn add(&mut self, border: Timestamp) {
        let floor = border.as_second() - i64::from(border.subsec_nanosecond() < 0);
        let seconds = [floor, floor + 1].into_iter().filter_map(|second| Timestamp::from_second(second).ok());
        let now = self.now;
        self.seconds.extend(seconds.filter(|second| *second >= border && *second > now));
    }
}

/// Returns every date of a package that something may be measured from.
fn dates(package: &Package, evidence: &Evidence) -> Vec<Timestamp> {
    let downloaded = match evidence.downloaded(package) {
        Downloaded::At(date) => Some(date),
        Downloaded::Never | Downloaded::Unknown | Downloaded::Unreadable | Downloaded::NotListed => None,
    };
    let content = evidence.content(package).earliest();
    let files = match evidence.files(package.id) {
        Some(Lookup::Found(files)) => files.as_slice(),
        Some(Lookup::Failed) | None => &[],
    };
    let files = files.iter().filter_map(|file| file.created_at);
    let (gone, gone_surely) = match evidence.branch_fate(package) {
        BranchFate::Gone(since) => (Some(since), since.checked_add(BranchFate::ONE_LOOK).ok()),
        _ => (None, None),
    };
    [package.created_at, downloaded, content, gone, gone_surely].into_iter().flatten().chain(files).collect()
}

/// Returns the first instant after a day in UTC; `None` after the last day of all calendars.
fn end_of_day(day: Date) -> Option<Timestamp> {
    let midnight = day.to_zoned(TimeZone::UTC).ok()?.timestamp();
    midnight.checked_add(SignedDuration::from_hours(24)).ok()
}
