//! Stops asking a GitLab that no longer answers.
//!
//! Each request waits and tries for a minute before it gives up. A thousand of them would keep a run that can't succeed
//! going for hours, so after a few in a row the rest are not sent.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::gitlab::Error;

/// How many requests in a row may get no answer before nothing more is sent.
const OUTAGE: u32 = 5;

/// Counts the requests in a row that got no answer. Requests that run side by side share it.
#[derive(Debug, Default)]
pub struct Breaker {
    in_a_row: AtomicU32,
}

impl Breaker {
    /// Takes note of how a request ended.
    pub fn note<T>(&self, ended: &Result<T, Error>) {
        match ended {
            Err(error) if error.is_an_outage() => self.note_silence(),
            Ok(_) | Err(_) => self.in_a_row.store(0, Ordering::Relaxed),
        }
    }

    /// Takes note of a request that got no answer.
    pub fn note_silence(&self) {
        self.in_a_row.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes note of an error.
    pub fn note_error(&self, error: &Error) {
        if error.is_an_outage() { self.note_silence() } else { self.note_answer() }
    }

    /// Takes note of an answer, whatever it says.
    pub fn note_answer(&self) {
        self.in_a_row.store(0, Ordering::Relaxed);
    }

    /// Returns whether nothing more should be asked.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.in_a_row.load(Ordering::Relaxed) >= OUTAGE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_after_outages_in_a_row_and_not_before() {
        let outage = || Err::<(), _>(Error::RateLimited { asked: None });
        let refusal = || Err::<(), _>(Error::BadUrl("it is empty"));
        let breaker = Breaker::default();
        for _ in 0..4 {
            breaker.note(&outage());
        }
        breaker.note(&Ok(()));
        for _ in 0..4 {
            breaker.note(&outage());
        }
        breaker.note(&refusal());
        for _ in 0..4 {
            breaker.note(&outage());
        }
        assert!(!breaker.is_open());
        breaker.note(&outage());
        assert!(breaker.is_open());
    }
}
