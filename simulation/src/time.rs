//! The one clock of a run: it follows the runtime's, which jumps ahead whenever everybody waits.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// The instant at which every run begins: 2026-05-28T20:26:40Z.
pub const START: Timestamp = gleaner_support::NOW;

/// The clock of a run.
#[derive(Debug, Clone, Copy)]
pub struct Time {
    began: Instant,
}

impl Time {
    /// Begins a run, inside of the runtime that it goes by.
    #[must_use]
    pub fn begin() -> Self {
        Self { began: Instant::now() }
    }

    /// Returns the present.
    #[must_use]
    pub fn now(self) -> Timestamp {
        START.saturating_add(self.began.elapsed()).unwrap_or(Timestamp::MAX)
    }
}

/// An instant as people read it: seconds since the run's begin.
#[derive(Debug, Clone, Copy)]
pub struct At(pub Timestamp);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.0.duration_since(START);
        let (seconds, rest) = (since.as_secs(), since.subsec_millis());
        write!(f, "{:02}:{:02}:{:02}.{rest:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

/// Returns so many seconds.
#[must_use]
pub fn seconds(count: u64) -> SignedDuration {
    SignedDuration::from_secs(count.cast_signed())
}
