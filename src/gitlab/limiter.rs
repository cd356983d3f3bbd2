//! Keeps the load on GitLab gentle: a few requests at a time, and none while the rate limit is used up.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// Shared by all requests of a connection.
#[derive(Debug)]
pub(super) struct Limiter {
    slots: Semaphore,
    not_before: Mutex<Option<Instant>>,
}

impl Limiter {
    pub(super) fn new(in_flight: usize) -> Self {
        Self { slots: Semaphore::new(in_flight.max(1)), not_before: Mutex::new(None) }
    }

    /// Waits for a slot; the request holds it until it is answered. `None` never comes about, for nobody closes the
    /// semaphore.
    pub(super) async fn slot(&self) -> Option<SemaphorePermit<'_>> {
        self.slots.acquire().await.ok()
    }

    /// How long every request still has to wait; zero where the way is free.
    pub(super) fn hold(&self) -> Duration {
        let not_before = *self.not_before.lock().unwrap_or_else(PoisonError::into_inner);
        not_before.map_or(Duration::ZERO, |instant| instant.saturating_duration_since(Instant::now()))
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
        let limiter = Limiter::new(1);
        assert_eq!(limiter.hold(), Duration::ZERO);
        limiter.hold_for(Duration::from_secs(10));
        limiter.hold_for(Duration::from_secs(3));
        assert_eq!(limiter.hold(), Duration::from_secs(10));
        tokio::time::advance(Duration::from_secs(4)).await;
        assert_eq!(limiter.hold(), Duration::from_secs(6));
        tokio::time::advance(Duration::from_secs(7)).await;
        assert_eq!(limiter.hold(), Duration::ZERO);
    }

    #[tokio::test]
    async fn there_are_no_more_slots_than_asked_for() {
        let limiter = Limiter::new(2);
        let first = limiter.slot().await;
        let _second = limiter.slot().await;
        assert_eq!(limiter.slots.available_permits(), 0);
        drop(first);
        assert_eq!(limiter.slots.available_permits(), 1);
    }
}
