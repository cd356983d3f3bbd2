//! The instant that a plan is made for: the clock's, or that of `--as-of`.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::cycle::clock::Clock;
use crate::policy::Age;

/// Returns the present to the second, as reports and HTTP dates tell it. Everything below takes the instant as a
/// parameter.
pub(super) fn now() -> Timestamp {
    Clock::new(present).this_second()
}

/// Returns the present for the clock of a daemon, finer than that of a command, because it also measures how long
/// cycles take.
#[expect(clippy::disallowed_methods, reason = "the command line is the edge that reads the clock")]
pub(super) fn present() -> Timestamp {
    Timestamp::now()
}

/// The value of `--as-of`.
#[derive(Debug, Clone)]
pub(super) enum AsOf {
    At(Timestamp),
    Later(Age),
    Earlier(Age),
}

impl AsOf {
    /// Returns the instant, counted from `now`; `None` where it is beyond all calendars.
    pub(super) fn resolve(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::At(instant) => Some(*instant),
            Self::Later(age) => age.after(now),
            Self::Earlier(age) => age.before(now),
        }
    }
}

impl FromStr for AsOf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let age = |text: &str| Age::parse(text).map_err(|error| error.to_string());
        if let Some(later) = text.strip_prefix('+') {
            return age(later).map(Self::Later);
        }
        if let Some(earlier) = text.strip_prefix('-') {
            return age(earlier).map(Self::Earlier);
        }
        if let Ok(instant) = text.parse() {
            return Ok(Self::At(instant));
        }
        text.parse::<Date>()
            .and_then(|date| date.to_zoned(TimeZone::UTC))
            .map(|zoned| Self::At(zoned.timestamp()))
            .map_err(|_| "write a time (2026-12-01T00:00:00Z), a date (2026-12-01), or an offset (+7d, -7d)".to_owned())
    }
}

/// The value of `--until`: an instant as for `--as-of`, or a whole day.
#[derive(Debug, Clone)]
pub(super) struct Until(AsOf);

impl Until {
    /// Returns the first instant behind it, counted from `now`; `None` where it is beyond all calendars.
    pub(super) fn resolve(&self, now: Timestamp) -> Option<Timestamp> {
        self.0.resolve(now)
    }
}

impl FromStr for Until {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_day = text.len() == "2026-12-31".len();
        let end = text.parse::<Date>().ok().filter(|_| is_day).map(|day| {
            let next = day.tomorrow().and_then(|next| next.to_zoned(TimeZone::UTC));
            AsOf::At(next.map_or(Timestamp::MAX, |next| next.timestamp()))
        });
        end.map_or_else(|| text.parse(), Ok).map(Self)
    }
}
