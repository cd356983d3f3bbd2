//! The present time, as the edge tells it, and as GitLab does. A daemon has one clock; a test has its own.

use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::gitlab::{ClockProblem, GitlabClock};
use crate::policy::{ClockTrust, PolicySet};

/// A source of the present, cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// Makes a clock that reads the time with `read`.
    pub fn new(read: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// Returns the present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }

    /// Returns the present to the second, as reports and HTTP dates tell it.
    #[must_use]
    pub fn this_second(&self) -> Timestamp {
        let now = self.now();
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }
}

/// Returns the instant of a plan whose walk began at `began`, by whichever clock shows the earlier time: this machine's,
/// which shows `now`, or GitLab's. To the second, as answers tell it.
#[must_use]
pub fn by_the_earlier(theirs: &GitlabClock, began: Timestamp, now: Timestamp) -> Timestamp {
    let behind = theirs.ahead_of(now).unwrap_or_default().min(SignedDuration::ZERO);
    let earlier = began.checked_add(behind).unwrap_or(Timestamp::MIN);
    // What is younger by a part of a second stays.
    Timestamp::from_second(earlier.as_second()).unwrap_or(earlier)
}

/// Checks that both clocks are near each other, and that GitLab's has reached the instant of a plan. GitLab may not tell
/// its own; the set says whether that is enough to delete.
///
/// # Errors
///
/// Why no age can be trusted, and what to do, as a sentence without its full stop.
pub fn check_clocks(theirs: &GitlabClock, set: &PolicySet, now: Timestamp, as_of: Timestamp) -> Result<(), String> {
    let checked = match set.clock() {
        ClockTrust::Compared => theirs.check(now, as_of),
        ClockTrust::Trusted => theirs.check_if_told(now, as_of),
    };
    checked.map_err(|problem| match problem {
        ClockProblem::Apart { .. } => problem.to_string(),
        ClockProblem::NeverTold => {
            format!("{problem}, or write `clock: trusted` into the instance file if this machine's clock is kept right")
        }
    })
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").finish_non_exhaustive()
    }
}
