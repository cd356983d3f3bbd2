//! A look: what is read right before a deletion, how fresh that has to be, and how long a deletion may rest on it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{AGE, HeaderMap};
use tokio::time::Instant;

use super::retry;
use super::traffic::clock::GitlabClock;

/// How long after the first request of a look a deletion may rest on it.
const FRESH_FOR: Duration = Duration::from_secs(60);

/// How long before its request was sent the `Date` of a fresh answer may lie. It has whole seconds, and the machines
/// that GitLab runs on may differ a little.
const OLDEST_DATE: SignedDuration = SignedDuration::from_secs(60);

/// How far GitLab's clock may be behind this machine's where no answer tells it.
const UNKNOWN_LAG: SignedDuration = SignedDuration::from_mins(5);

/// The bounds within which a deletion may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// No try of the deletion is sent at this instant or after it.
    pub until: Instant,
    /// GitLab refuses to delete what was changed after this instant, rounded down to the second.
    pub unmodified_since: Timestamp,
}

/// The record of one look. [`super::Reader::looking`] makes one with the reader that fills it.
#[derive(Debug, Clone)]
pub struct LookRecord(Arc<Look>);

#[derive(Debug)]
struct Look {
    /// When it began, by this machine's clock.
    begun: Timestamp,
    /// The same instant.
    at: Instant,
    /// How far GitLab's clock was known to be ahead of this machine's.
    ahead: SignedDuration,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    first_sent: Option<Instant>,
    earliest: Option<Timestamp>,
}

/// The sign by which an answer is known to be old, as part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Staleness {
    /// Its header `Age`, as it came.
    Age(String),
    /// Its `Date` lies so long before its request was sent.
    Date(Duration),
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

impl LookRecord {
    pub(super) fn begin(now: Timestamp, theirs: &GitlabClock) -> Self {
        let ahead = theirs.ahead_of(now).unwrap_or_default();
        Self(Arc::new(Look { begun: now, at: Instant::now(), ahead, seen: Mutex::default() }))
    }

    /// Returns the bounds of deletions that rest on this look: a minute from the sending of its first request, and what
    /// is unchanged since the earliest `Date` of its answers. `None` before anything was asked.
    ///
    /// Where no answer has a `Date`, it is five minutes before the look began, by this machine's clock.
    #[must_use]
    pub fn freshness(&self) -> Option<Freshness> {
        let seen = self.seen();
        let unmodified_since = seen.earliest.or_else(|| self.0.begun.checked_sub(UNKNOWN_LAG).ok());
        let until = seen.first_sent?.checked_add(FRESH_FOR)?;
        Some(Freshness { until, unmodified_since: unmodified_since.unwrap_or(Timestamp::MIN) })
    }

    /// Returns when the first request was sent, and not when it began to wait for its turn; `None` before that.
    #[must_use]
    pub fn first_sent(&self) -> Option<Instant> {
        self.seen().first_sent
    }

    /// Takes note of a request that is sent now.
    pub(super) fn note_sending(&self) {
        let now = Instant::now();
        self.seen().first_sent.get_or_insert(now);
    }

    /// Takes note of the answer to a request that was `sent` then, unless it is old.
    pub(super) fn note(&self, sent: Instant, headers: &HeaderMap) -> Result<(), Staleness> {
        // What can't be read may be any age.
        if let Some(age) = headers.get_all(AGE).iter().find(|age| age.as_bytes().trim_ascii() != b"0") {
            return Err(Staleness::Age(String::from_utf8_lossy(age.as_bytes()).into_owned()));
        }
        let Some(date) = retry::date(headers) else { return Ok(()) };
        let behind = self.theirs(sent).map(|theirs| theirs.duration_since(date));
        match behind {
            Some(behind) if behind <= OLDEST_DATE => {}
            behind => return Err(Staleness::Date(behind.map_or(Duration::MAX, SignedDuration::unsigned_abs))),
        }
        let mut seen = self.seen();
        seen.earliest = Some(seen.earliest.map_or(date, |earliest| earliest.min(date)));
        Ok(())
    }

    /// Returns GitLab's time at an instant after the look began.
    fn theirs(&self, at: Instant) -> Option<Timestamp> {
        let ours = self.0.begun.checked_add(at.saturating_duration_since(self.0.at)).ok()?;
        ours.checked_add(self.0.ahead).ok()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Staleness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Age(age) => write!(f, "its `Age` is `{}`", age.escape_debug()),
            Self::Date(behind) => write!(f, "its `Date` is {} s before its request was sent", behind.as_secs()),
        }
    }
}
