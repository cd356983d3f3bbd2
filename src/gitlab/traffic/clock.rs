//! Keeps GitLab's time, and compares it with this machine's.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use super::{Traffic, TrafficObserver};

/// How far this machine's clock may be from GitLab's. Beyond it nothing is deleted: every age is counted from this
/// machine's clock, and a wrong one makes everything look old.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// This machine's clock and GitLab's are too far apart to trust any age.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this machine's clock and GitLab's are {:.1} hours apart, so no age can be trusted, and nothing is deleted: set the \
     clock",
    apart.as_secs_f64() / 3_600.0
)]
pub struct ClocksApart {
    apart: Duration,
}

/// GitLab's clock when it last answered, in seconds since 1970; 0 before the first answer.
#[derive(Debug, Default)]
pub struct GitlabClock(AtomicI64);

impl GitlabClock {
    /// Checks that GitLab's clock is near `now`, and that it has reached `as_of`, the instant of a plan. If this
    /// machine's clock was ahead and has been put right since, the plan may be of a day that has not come. A GitLab
    /// that has not told the time agrees with everything.
    ///
    /// # Errors
    ///
    /// When they are too far apart to trust any age.
    pub fn agrees_with(&self, now: Timestamp, as_of: Timestamp) -> Result<(), ClocksApart> {
        let Ok(theirs) = Timestamp::from_second(self.0.load(Ordering::Relaxed)) else { return Ok(()) };
        let ahead = Duration::try_from(as_of.duration_since(theirs)).unwrap_or_default();
        let apart = now.duration_since(theirs).unsigned_abs().max(ahead);
        if theirs > Timestamp::UNIX_EPOCH && apart > TOLERANCE { Err(ClocksApart { apart }) } else { Ok(()) }
    }
}

impl TrafficObserver for GitlabClock {
    fn on(&self, traffic: &Traffic) {
        if let Traffic::Clock { theirs } = traffic {
            self.0.store(theirs.as_second(), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_compared_once_gitlab_has_told_the_time() {
        let now = Timestamp::constant(1_780_000_000, 0);
        let clock = GitlabClock::default();
        assert_eq!(clock.agrees_with(now, now), Ok(()));
        for (theirs, apart) in
            [(1_780_000_000, None), (1_780_000_300, None), (1_780_000_301, Some(301)), (1_779_999_600, Some(400))]
        {
            clock.on(&Traffic::Clock { theirs: Timestamp::constant(theirs, 0) });
            let expected = apart.map_or(Ok(()), |apart| Err(ClocksApart { apart: Duration::from_secs(apart) }));
            assert_eq!(clock.agrees_with(now, Timestamp::UNIX_EPOCH), expected);
        }
        clock.on(&Traffic::Clock { theirs: now });
        let hours = |count| jiff::SignedDuration::from_hours(count);
        assert_eq!(clock.agrees_with(now, now - hours(9)), Ok(()), "a long walk");
        let apart = Duration::from_secs(3_600);
        assert_eq!(clock.agrees_with(now, now + hours(1)), Err(ClocksApart { apart }));
    }
}
