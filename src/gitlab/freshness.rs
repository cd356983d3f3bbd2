//! How long a deletion may rest on what was read before it.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// The bounds within which a deletion may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// No try of the deletion is sent at this instant or after it.
    pub until: Instant,
    /// GitLab refuses to delete what was changed after this instant, rounded down to the second.
    pub unmodified_since: Timestamp,
}

impl Freshness {
    /// Returns whether nothing may be sent any more.
    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    /// Returns whether something may still be sent after this wait.
    pub(super) fn outlasts(&self, wait: Duration) -> bool {
        Instant::now().checked_add(wait).is_some_and(|then| then < self.until)
    }
}
