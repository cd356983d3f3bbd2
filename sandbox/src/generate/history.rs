//! The times of releases, downloads and builds, as ages in seconds before the start.

use jiff::{SignedDuration, Timestamp};

use super::Random;

pub(super) const HOUR: i64 = 3600;
pub(super) const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// The time so many seconds before the start.
pub(super) fn before(start: Timestamp, age: i64) -> Timestamp {
    start.saturating_sub(SignedDuration::from_secs(age)).unwrap_or(start)
}

/// A version number with the age at which it came out.
#[derive(Debug, Clone)]
pub(super) struct Release {
    pub(super) number: (i64, i64, i64),
    pub(super) age: i64,
}

impl Release {
    pub(super) fn text(&self) -> String {
        let (major, minor, patch) = self.number;
        format!("{major}.{minor}.{patch}")
    }
}

/// Releases over up to four years, the oldest first: more often of late, and at most every few minutes.
pub(super) fn releases(count: usize, dormant: bool, random: &mut Random) -> Vec<Release> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let silent = if dormant { random.within(YEAR..2 * YEAR) } else { 0 };
    let span = random.within(YEAR..4 * YEAR - silent);
    let mut number = (random.within(0..2), random.within(0..4), 0);
    let mut releases = Vec::new();
    for left in (0..count).rev() {
        // The age falls with the square of what is left, and never hits the same second twice.
        let part = left * 1000 + random.within(50..950);
        let whole = (count * 1000).max(1);
        let age = silent + (span / whole) * part / whole * part + left * 60 + random.within(60..120);
        releases.push(Release { number, age });
        number = match random.within(0..20) {
            0 => (number.0 + 1, 0, 0),
            1..7 => (number.0, number.1 + 1, 0),
            _ => (number.0, number.1, number.2 + 1),
        };
    }
    releases
}

/// Returns when something of this age was downloaded last: 40% lately, 35% long ago, the rest never.
pub(super) fn downloaded(age: i64, random: &mut Random) -> Option<i64> {
    match random.within(0..100) {
        0..40 => lately(age, random),
        40..75 => long_ago(age, random),
        _ => None,
    }
}

/// Within the last 60 days.
pub(super) fn lately(age: i64, random: &mut Random) -> Option<i64> {
    Some(random.within(30..age.clamp(60, 60 * DAY)))
}

/// More than 95 days ago; never, for what isn't that old.
pub(super) fn long_ago(age: i64, random: &mut Random) -> Option<i64> {
    (age > 100 * DAY).then(|| random.within(95 * DAY..age))
}

/// Some age between these two.
pub(super) fn between(least: i64, most: i64, random: &mut Random) -> i64 {
    random.within(least..most.max(least + 1))
}
