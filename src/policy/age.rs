//! A length of time in a policy: `30d`, `18months`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use humantime::DurationError;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::yaml::ValueError;
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;
use crate::yaml::text::{did_you_mean, shown};

/// A length of time, never negative, with the text that it was read from. A month is 30.44 days, a year 365.25.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Age {
    seconds: i64,
    #[serde(skip)]
    text: String,
}

impl FromStr for Age {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// The units of `humantime` that nobody can misread.
const UNITS: [&str; 12] = ["min", "minutes", "h", "hours", "d", "days", "w", "weeks", "months", "y", "years", "s"];

impl Age {
    /// Reads an age such as `30d` or `1d 12h`.
    ///
    /// # Errors
    ///
    /// The text is not one clear length of time, down to seconds.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let text = text.trim();
        let wrong = |message: String, hint: &str| Err(ValueError::new(message, hint));
        if text.starts_with(['-', '+']) {
            return wrong(
                format!("`{}` has a sign, and an age is never negative", shown(text)),
                "write it as in `30d`",
            );
        }
        if let Some(number) = numbers_of(text, &["m", "M"]) {
            let (minutes, months) = (format!("{number}min"), format!("{number}months"));
            return wrong(
                format!("`{}`: minutes or months?", shown(text)),
                &format!("write `{minutes}` or `{months}`"),
            );
        }
        if numbers_of(text, &["ns", "nsec", "us", "µs", "usec", "ms", "msec", "nanos", "micros", "millis"]).is_some() {
            return wrong(format!("`{}` is finer than a second", shown(text)), "write it as in `15min`");
        }
        match humantime::parse_duration(text) {
            Ok(duration) if duration.subsec_nanos() > 0 => {
                wrong(format!("`{}` is finer than a second", shown(text)), "write it as in `15min`")
            }
            Ok(duration) => match i64::try_from(duration.as_secs()) {
                Ok(seconds) => Ok(Self { seconds, text: text.to_owned() }),
                Err(_) => wrong(format!("`{}` is too long", shown(text)), "write it as in `10y`"),
            },
            Err(DurationError::UnknownUnit { unit, value, .. }) if unit.is_empty() => {
                wrong(format!("`{}` has no unit", shown(text)), &format!("write it with one, as in `{value}d`"))
            }
            Err(DurationError::UnknownUnit { unit, .. }) => wrong(
                format!("unknown unit `{}`{}", shown(&unit), did_you_mean(&unit, UNITS)),
                "units are `min`, `h`, `d`, `w`, `months` and `y`",
            ),
            Err(DurationError::NumberOverflow) => {
                wrong(format!("`{}` is too long", shown(text)), "write it as in `10y`")
            }
            Err(_) => wrong(
                format!("`{}` is no length of time", shown(text)),
                "write it as in `15min`, `12h`, `30d`, `6w`, `18months`, `2y` or `1d 12h`",
            ),
        }
    }

    /// Returns the length of time itself.
    #[must_use]
    pub fn duration(&self) -> Duration {
        Duration::from_secs(self.seconds.unsigned_abs())
    }

    /// Returns an age of whole hours, written as in `72h`.
    #[must_use]
    pub fn from_hours(hours: u32) -> Self {
        Self { seconds: i64::from(hours) * 60 * 60, text: format!("{hours}h") }
    }

    /// Returns the instant that is exactly this long before `now`; `None` where the calendar doesn't reach so far.
    #[must_use]
    pub fn before(&self, now: Timestamp) -> Option<Timestamp> {
        now.checked_sub(SignedDuration::from_secs(self.seconds)).ok()
    }

    /// Returns the instant that is exactly this long after `now`; `None` where the calendar doesn't reach so far.
    #[must_use]
    pub fn after(&self, now: Timestamp) -> Option<Timestamp> {
        now.checked_add(SignedDuration::from_secs(self.seconds)).ok()
    }

    /// Returns whether this is no shorter than the other.
    #[must_use]
    pub(crate) fn reaches(&self, other: &Self) -> bool {
        self.seconds >= other.seconds
    }

    /// Returns whether what happened at `date` is more than this old as of `now`.
    #[must_use]
    pub fn is_exceeded(&self, date: Timestamp, now: Timestamp) -> bool {
        self.before(now).is_some_and(|limit| date < limit)
    }

    /// Returns whether what happened at `date` is less than this old as of `now`.
    #[must_use]
    pub fn is_undercut(&self, date: Timestamp, now: Timestamp) -> bool {
        self.before(now).is_none_or(|limit| date > limit)
    }

    /// Returns whether what happened at `date` is at most this old as of `now`.
    #[must_use]
    pub fn includes(&self, date: Timestamp, now: Timestamp) -> bool {
        self.before(now).is_none_or(|limit| date >= limit)
    }
}

/// Reads an age such as `30d`.
pub(super) fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Age> {
    scalar::parsed(node, findings, Age::parse)
}

/// Returns the number before the first unit that is one of these.
fn numbers_of<'a>(text: &'a str, units: &[&str]) -> Option<&'a str> {
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let from_number = &rest[start..];
        let unit_start = from_number.find(char::is_alphabetic)?;
        let unit = &from_number[unit_start..];
        let unit_end = unit.find(|c: char| !c.is_alphabetic()).unwrap_or(unit.len());
        if units.contains(&&unit[..unit_end]) {
            return Some(from_number[..unit_start].trim_end());
        }
        rest = &unit[unit_end..];
    }
    None
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60;

    #[test]
    fn ages_in_seconds() {
        let table = [
            ("90s", 90),
            ("15min", 15 * 60),
            ("12h", 12 * 60 * 60),
            ("30d", 30 * DAY),
            ("6w", 42 * DAY),
            ("18months", 18 * 2_630_016),
            ("2y", 2 * 31_557_600),
            ("1d 12h", DAY + 12 * 60 * 60),
            ("1d12h", DAY + 12 * 60 * 60),
            ("3 days", 3 * DAY),
            (" 1.5d ", 36 * 60 * 60),
            ("0d", 0),
        ];
        for (text, seconds) in table {
            let age = Age::parse(text).unwrap();
            assert_eq!(age.seconds, seconds, "{text}");
            assert_eq!(age.to_string(), text.trim());
        }
    }

    #[test]
    fn what_could_be_misread_is_refused() {
        let table = [
            ("6m", "minutes or months?"),
            ("6M", "minutes or months?"),
            ("1y 6m", "minutes or months?"),
            ("1y6M", "minutes or months?"),
            ("6 m", "minutes or months?"),
            ("-30d", "never negative"),
            ("+30d", "never negative"),
            ("30", "has no unit"),
            ("1d 12", "has no unit"),
            ("500ms", "finer than a second"),
            ("1d 1ns", "finer than a second"),
            ("0.5s", "finer than a second"),
            ("30D", "unknown unit `D`; did you mean `d`?"),
            ("30 jours", "unknown unit"),
            ("500000000000y", "too long"),
            ("99999999999999999999d", "too long"),
            ("soon", "no length of time"),
            ("", "no length of time"),
            ("d", "no length of time"),
            ("--as-of", "never negative"),
        ];
        for (text, message) in table {
            let error = Age::parse(text).expect_err(text);
            assert!(error.message.contains(message), "{text}: {error}");
        }
    }

    #[test]
    fn the_number_stays_in_the_suggestion() {
        let error = Age::parse("1y 6 m").unwrap_err();
        assert_eq!(error.hint.as_deref(), Some("write `6min` or `6months`"));
    }

    #[test]
    fn ends_of_an_age() {
        let now: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        let exactly: Timestamp = "2026-10-02T00:00:00Z".parse().unwrap();
        let second = SignedDuration::from_secs(1);
        let age = Age::parse("30d").unwrap();
        assert!(!age.is_exceeded(exactly, now), "older_than is strict");
        assert!(age.is_exceeded(exactly - second, now));
        assert!(!age.is_undercut(exactly, now), "younger_than is strict");
        assert!(age.is_undercut(exactly + second, now));
        assert!(age.includes(exactly, now), "downloaded_within includes its end");
        assert!(!age.includes(exactly - second, now));
    }

    #[test]
    fn an_age_beyond_all_calendars_is_never_exceeded() {
        let now: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        let age = Age::parse("90000y").unwrap();
        assert!(!age.is_exceeded(Timestamp::MIN, now));
        assert!(age.is_undercut(Timestamp::MIN, now) && age.includes(Timestamp::MIN, now));
    }
}
