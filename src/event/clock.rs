//! What time it is at GitLab.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use super::{Event, Observer};

/// So far may this machine's clock be from GitLab's before nothing is deleted: every age is counted from this machine's
/// clock, and one that is wrong makes everything look old.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// GitLab's clock when it last answered, in seconds since 1970; 0 before the first answer.
#[derive(Debug, Default)]
pub struct GitlabClock(AtomicI64);

impl GitlabClock {
    /// How far GitLab's clock is from `now`, where that is too far to trust any age; `None` where it is near enough, or
    /// GitLab has not told the time.
    #[must_use]
    pub fn too_far_from(&self, now: Timestamp) -> Option<Duration> {
        let theirs = Timestamp::from_second(self.0.load(Ordering::Relaxed)).ok()?;
        let apart = now.duration_since(theirs).unsigned_abs();
        (theirs > Timestamp::UNIX_EPOCH && apart > TOLERANCE).then_some(apart)
    }
}

impl Observer for GitlabClock {
    fn on(&self, event: &Event) {
        if let Event::Clock { theirs } = event {
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
        assert_eq!(clock.too_far_from(now), None);
        for (theirs, apart) in
            [(1_780_000_000, None), (1_780_000_300, None), (1_780_000_301, Some(301)), (1_779_999_600, Some(400))]
        {
            clock.on(&Event::Clock { theirs: Timestamp::constant(theirs, 0) });
            assert_eq!(clock.too_far_from(now), apart.map(Duration::from_secs));
        }
    }
}
