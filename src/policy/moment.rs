//! A day or an instant in a policy file: `2026-12-31`, `2026-12-31T18:00:00Z`.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::yaml::ValueError;
use crate::yaml::text::shown;

/// A beginning or an end, as it is written.
pub(crate) enum Moment {
    /// A whole day in UTC.
    Day(Date),
    /// An instant.
    Instant(Timestamp),
}

impl Moment {
    /// Reads a day, `2026-12-31`, or an instant, `2026-12-31T18:00:00Z`.
    ///
    /// # Errors
    ///
    /// The text is neither, or an instant without a time zone.
    pub(crate) fn parse(text: &str) -> Result<Self, ValueError> {
        let (day, time) = match text.split_once(['T', 't', ' ']) {
            Some((day, time)) => (day, Some(time)),
            None => (text, None),
        };
        // The parser takes other forms, too, which may be meant otherwise.
        let date: Option<Date> = if day.len() == "2026-12-31".len() { day.parse().ok() } else { None };
        let moment = match (date, time) {
            (Some(date), None) => Some(Self::Day(date)),
            (Some(_), Some(time)) if !time.contains('[') => text.parse().ok().map(Self::Instant),
            _ => None,
        };
        let is_local = |time: &str| time.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.'));
        moment.ok_or_else(|| match time {
            Some(time) if date.is_some() && is_local(time) => ValueError::new(
                format!("`{}` does not say in which time zone", shown(text)),
                format!("write it as in `{0}Z`, which is UTC, or `{0}+01:00`", shown(text)),
            ),
            _ => ValueError::new(
                format!("`{}` is neither a day nor an instant", shown(text)),
                "write it as in `2026-12-31`, the whole day in UTC, or `2026-12-31T18:00:00+01:00`",
            ),
        })
    }

    /// Returns its first instant.
    pub(crate) fn begin(&self) -> Timestamp {
        match self {
            Self::Day(day) => midnight(*day),
            Self::Instant(instant) => *instant,
        }
    }

    /// Returns the first instant after it; an instant is its own end.
    pub(super) fn end(&self) -> Timestamp {
        match self {
            Self::Day(day) => day.tomorrow().map_or(Timestamp::MAX, midnight),
            Self::Instant(instant) => *instant,
        }
    }
}

/// Returns the day's first instant in UTC. 9999-12-31, which people write for "for ever", has none; then it is the last
/// instant there is.
fn midnight(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}
