//! Chance that comes from one seed. Each part of a case has a stream of its own, so that a part can change without the
//! others.

use jiff::{SignedDuration, Timestamp};

/// A stream of random numbers.
#[derive(Debug)]
pub struct Dice(fastrand::Rng);

impl Dice {
    /// Begins the stream of a part. The same seed and part give the same numbers.
    #[must_use]
    pub fn of(seed: u64, part: &str) -> Self {
        let mixed = part.bytes().fold(seed ^ 0x9e37_79b9_7f4a_7c15, |mixed, byte| {
            (mixed ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23)
        });
        Self(fastrand::Rng::with_seed(mixed))
    }

    /// Returns a number from the first to the last, both included.
    pub fn number(&mut self, first: u64, last: u64) -> u64 {
        self.0.u64(first..=last)
    }

    /// Returns true in so many of a hundred cases.
    pub fn percent(&mut self, share: u64) -> bool {
        self.0.u64(0..100) < share
    }

    /// Returns one of these.
    ///
    /// # Panics
    /// When there is none.
    pub fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.0.usize(0..of.len())].clone()
    }

    /// Returns one of these; `None` where there is none.
    pub fn any<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        if of.is_empty() { None } else { Some(self.one(of)) }
    }

    /// Returns the instant so many minutes before `now`, and a few seconds besides.
    pub fn ago(&mut self, now: Timestamp, minutes: u64) -> Timestamp {
        let seconds = minutes * 60 + self.number(0, 59);
        now - SignedDuration::from_secs(seconds.cast_signed())
    }
}
