//! Keeps GitLab's time, and compares it with this machine's.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{Traffic, TrafficObserver};

/// How far this machine's clock may be from GitLab's. Beyond it nothing is deleted: every age is counted from this
/// machine's clock, and a wrong one makes everything look old.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// GitLab's clock, which goes on from what its answers told. Of several answers the most advanced counts, because an
/// answer out of a cache tells a time that is over.
#[derive(Debug, Default)]
pub struct GitlabClock(Mutex<Option<Told>>);

/// The time that an answer told, and when it came.
#[derive(Debug, Clone, Copy)]
struct Told {
    theirs: Timestamp,
    at: Instant,
}

/// The reason why no age can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockProblem {
    /// This machine's clock and GitLab's are too far apart.
    #[error(
        "this machine's clock and GitLab's are {:.1} hours apart, so no age can be trusted, and nothing is deleted: set \
         the clock",
        apart.as_secs_f64() / 3_600.0
    )]
    Apart {
        /// How far.
        apart: Duration,
    },
    /// No answer told the time.
    #[error(
        "no answer of GitLab tells the time, so no age can be trusted, and nothing is deleted: have whatever stands in \
         front of GitLab pass on its `Date` header"
    )]
    NeverTold,
}

impl GitlabClock {
    /// Returns GitLab's time now, to about a second; `None` where no answer told it.
    #[must_use]
    pub fn now(&self) -> Option<Timestamp> {
        let told = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.and_then(Told::now)
    }

    /// Returns how far GitLab's clock is ahead of this machine's, which shows `ours`; `None` where no answer told it.
    #[must_use]
    pub fn ahead_of(&self, ours: Timestamp) -> Option<SignedDuration> {
        Some(self.now()?.duration_since(ours))
    }

    /// Returns the earlier of `ours`, which this machine's clock shows now, and of GitLab's time.
    #[must_use]
    pub fn or_earlier(&self, ours: Timestamp) -> Timestamp {
        self.now().map_or(ours, |theirs| theirs.min(ours))
    }

    /// Checks that GitLab's clock is near `now`, and that it has reached `as_of`, the instant of a plan. If this
    /// machine's clock was ahead and has been put right since, the plan may be of a day that has not come.
    ///
    /// # Errors
    /// When they are too far apart to trust any age, or GitLab has not told the time.
    pub fn check(&self, now: Timestamp, as_of: Timestamp) -> Result<(), ClockProblem> {
        let theirs = self.now().ok_or(ClockProblem::NeverTold)?;
        let ahead = Duration::try_from(as_of.duration_since(theirs)).unwrap_or_default();
        let apart = now.duration_since(theirs).unsigned_abs().max(ahead);
        if apart > TOLERANCE { Err(ClockProblem::Apart { apart }) } else { Ok(()) }
    }

    /// Checks the same, and trusts this machine's clock where GitLab has not told the time.
    ///
    /// # Errors
    /// When they are too far apart to trust any age.
    pub fn check_if_told(&self, now: Timestamp, as_of: Timestamp) -> Result<(), ClockProblem> {
        match self.check(now, as_of) {
            Err(ClockProblem::NeverTold) => Ok(()),
            checked => checked,
        }
    }
}

impl TrafficObserver for GitlabClock {
    fn on(&self, traffic: &Traffic) {
        if let Traffic::Clock { theirs } = *traffic {
            let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if told.and_then(Told::now).is_none_or(|before| before < theirs) {
                *told = Some(Told { theirs, at: Instant::now() });
            }
        }
    }
}

impl Told {
    /// Returns the time that it is there now.
    fn now(self) -> Option<Timestamp> {
        self.theirs.checked_add(self.at.elapsed()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_780_000_000, 0);

    fn told(theirs: &[i64]) -> GitlabClock {
        let clock = GitlabClock::default();
        theirs.iter().for_each(|theirs| clock.on(&Traffic::Clock { theirs: Timestamp::constant(*theirs, 0) }));
        clock
    }

    fn apart(seconds: u64) -> Result<(), ClockProblem> {
        Err(ClockProblem::Apart { apart: Duration::from_secs(seconds) })
    }

    #[tokio::test(start_paused = true)]
    async fn clocks_are_compared_once_gitlab_has_told_the_time() {
        let silent = GitlabClock::default();
        assert_eq!(silent.check(NOW, NOW), Err(ClockProblem::NeverTold));
        assert_eq!(silent.check_if_told(NOW, NOW), Ok(()));
        assert_eq!((silent.now(), silent.or_earlier(NOW)), (None, NOW));
        for (theirs, expected) in [
            (1_780_000_000, Ok(())),
            (1_780_000_300, Ok(())),
            (1_780_000_301, apart(301)),
            (1_779_999_700, Ok(())),
            (1_779_999_600, apart(400)),
        ] {
            let clock = told(&[theirs]);
            assert_eq!(clock.check(NOW, Timestamp::UNIX_EPOCH), expected);
            assert_eq!(clock.check_if_told(NOW, Timestamp::UNIX_EPOCH), expected);
            let ahead = SignedDuration::from_secs(theirs - 1_780_000_000);
            assert_eq!(clock.ahead_of(NOW), Some(ahead));
            assert_eq!(clock.or_earlier(NOW), NOW + ahead.min(SignedDuration::ZERO));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_plan_may_be_old_and_not_of_a_day_that_has_not_come() {
        let clock = told(&[NOW.as_second()]);
        assert_eq!(clock.check(NOW, NOW - SignedDuration::from_hours(9)), Ok(()), "a long walk");
        assert_eq!(clock.check(NOW, NOW + SignedDuration::from_hours(1)), apart(3_600));
    }

    #[tokio::test(start_paused = true)]
    async fn gitlabs_time_goes_on_between_its_answers() {
        let clock = told(&[NOW.as_second()]);
        tokio::time::advance(Duration::from_secs(900)).await;
        let later = NOW + SignedDuration::from_mins(15);
        assert_eq!((clock.now(), clock.check(later, NOW)), (Some(later), Ok(())));
        assert_eq!(clock.check(NOW, NOW), apart(900));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_out_of_a_cache_does_not_put_the_clock_back() {
        for times in [[1_780_000_000, 1_779_999_000], [1_779_999_000, 1_780_000_000]] {
            assert_eq!(told(&times).now(), Some(NOW));
        }
    }
}
