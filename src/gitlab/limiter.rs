//! Keeps the load on GitLab gentle: a few requests at a time, none while the rate limit is used up, and of some kinds
//! no more in a minute than GitLab grants.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::traffic::Endpoint;

/// Shared by all requests of a connection.
#[derive(Debug)]
pub(super) struct Limiter {
    slots: Semaphore,
    not_before: Mutex<Option<Instant>>,
    /// How many single projects, and how many single groups, are asked for in a minute at most.
    singles_a_minute: usize,
    /// When the last requests were sent, for each kind that has a budget of its own.
    sent: Mutex<BTreeMap<Endpoint, VecDeque<Instant>>>,
}

const MINUTE: Duration = Duration::from_secs(60);

impl Limiter {
    pub(super) fn new(in_flight: usize, singles_a_minute: usize) -> Self {
        Self {
            singles_a_minute,
            slots: Semaphore::new(in_flight.max(1)),
            not_before: Mutex::new(None),
            sent: Mutex::default(),
        }
    }

    /// Waits for a slot; the request holds it until it is answered. `None` never comes about, because nobody closes the
    /// semaphore.
    pub(super) async fn slot(&self) -> Option<SemaphorePermit<'_>> {
        self.slots.acquire().await.ok()
    }

    /// Returns how long every request still has to wait; zero if none has to.
    pub(super) fn hold(&self) -> Duration {
        let not_before = *self.not_before.lock().unwrap_or_else(PoisonError::into_inner);
        not_before.map_or(Duration::ZERO, |instant| instant.saturating_duration_since(Instant::now()))
    }

    /// Returns how long a request of this kind has to wait for its place in the minute, and counts it as sent at that
    /// time.
    pub(super) fn wait_for_place(&self, endpoint: Endpoint) -> Duration {
        if !matches!(endpoint, Endpoint::Project | Endpoint::Group) {
            return Duration::ZERO;
        }
        let now = Instant::now();
        let mut sent = self.sent();
        let places = sent.entry(endpoint).or_default();
        // The oldest of a full minute's requests frees its place a minute after it was sent.
        let freed = if places.len() < self.singles_a_minute { None } else { places.pop_front() };
        let at = freed.map_or(now, |sent| (sent + MINUTE).max(now));
        places.push_back(at);
        at.duration_since(now)
    }

    fn sent(&self) -> MutexGuard<'_, BTreeMap<Endpoint, VecDeque<Instant>>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds all requests back for `wait`, or longer where that was said before.
    pub(super) fn hold_for(&self, wait: Duration) {
        let until = Instant::now().checked_add(wait);
        let mut not_before = self.not_before.lock().unwrap_or_else(PoisonError::into_inner);
        *not_before = (*not_before).max(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_longest_hold_counts_and_passes() {
        let limiter = Limiter::new(1, 400);
        assert_eq!(limiter.hold(), Duration::ZERO);
        limiter.hold_for(Duration::from_secs(10));
        limiter.hold_for(Duration::from_secs(3));
        assert_eq!(limiter.hold(), Duration::from_secs(10));
        tokio::time::advance(Duration::from_secs(4)).await;
        assert_eq!(limiter.hold(), Duration::from_secs(6));
        tokio::time::advance(Duration::from_secs(7)).await;
        assert_eq!(limiter.hold(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn single_projects_and_groups_have_a_budget_of_their_own() {
        let limiter = Limiter::new(1, 400);
        let waits = |endpoint, count: usize| -> Vec<u64> {
            (0..count).map(|_| limiter.wait_for_place(endpoint).as_secs()).collect()
        };
        assert_eq!(waits(Endpoint::Project, 400), vec![0; 400]);
        assert_eq!(waits(Endpoint::Project, 400), vec![60; 400]);
        assert_eq!(waits(Endpoint::Project, 1), [120]);
        assert_eq!(waits(Endpoint::Group, 1), [0], "each has its own");
        assert_eq!(waits(Endpoint::PackageFiles, 1000), vec![0; 1000], "the others have none");
        tokio::time::advance(Duration::from_secs(61)).await;
        assert_eq!(waits(Endpoint::Group, 400), vec![0; 400]);
    }

    #[tokio::test]
    async fn there_are_no_more_slots_than_asked_for() {
        let limiter = Limiter::new(2, 400);
        let first = limiter.slot().await;
        let _second = limiter.slot().await;
        assert_eq!(limiter.slots.available_permits(), 0);
        drop(first);
        assert_eq!(limiter.slots.available_permits(), 1);
    }
}
