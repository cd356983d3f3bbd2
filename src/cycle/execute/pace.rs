//! How long looks count, and how many deletions go on one: batches stay so small that their look is fresh.

use std::time::Duration;

/// How old a look may be when a deletion is sent on it.
pub(super) const FRESH: Duration = Duration::from_secs(60);

/// How often one deletion is sent at most, where answers are lost.
pub(super) const TRIES: u32 = 3;

/// How many deletions begin before the policy files are read once more, and the files of a package. After a pause no more
/// than these go, a few seconds' work.
pub(super) const GLANCE: usize = 20;

/// When what still shows is asked for again, counted from the first question. A replica may be behind.
pub(super) const AGAIN: [Duration; 4] =
    [Duration::from_secs(10), Duration::from_secs(20), Duration::from_secs(40), Duration::from_secs(60)];

/// A look that takes longer than this leaves too little time for the deletions.
const LONG: Duration = Duration::from_secs(30);

/// How many deletions there are in a batch at most.
const MOST: usize = 100;

/// The size of the next batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    size: usize,
    /// How many looks at one deletion in a row took too long.
    hopeless: u32,
    /// How many batches in a row came to nothing.
    fruitless: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { size: MOST, hopeless: 0, fruitless: 0 }
    }
}

impl Pace {
    /// Returns how many deletions the next batch has at most.
    pub(super) fn size(self) -> usize {
        self.size
    }

    /// Takes note of how long the look at so many deletions took.
    pub(super) fn note(&mut self, took: Duration, deletions: usize) {
        self.hopeless = 0;
        if took > LONG {
            self.halve(deletions);
        }
    }

    /// Makes the next batch half as large as one of so many deletions.
    pub(super) fn halve(&mut self, deletions: usize) {
        self.size = (deletions / 2).max(1);
    }

    /// Takes note of a batch of so many deletions of which none could be sent in time. Returns whether it is the third in a
    /// row, so that there is no point in another.
    pub(super) fn is_fruitless(&mut self, deletions: usize) -> bool {
        self.halve(deletions);
        self.fruitless += 1;
        self.fruitless >= 3
    }

    /// Takes note of a batch of which something was sent.
    pub(super) fn bears_fruit(&mut self) {
        self.fruitless = 0;
    }

    /// Takes note of a look at so many deletions that took too long for any. Returns whether a smaller batch is no way out:
    /// the look at a single one took too long twice in a row. Once it may have waited for a rate limit.
    pub(super) fn is_hopeless(&mut self, deletions: usize) -> bool {
        self.halve(deletions);
        self.hopeless += u32::from(deletions == 1);
        self.hopeless > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_look_halves_the_next_batch_down_to_one_deletion() {
        let mut pace = Pace::default();
        let mut sizes = Vec::new();
        for seconds in [30, 31, 31, 5, 60, 60, 60, 60, 60, 60] {
            pace.note(Duration::from_secs(seconds), pace.size());
            sizes.push(pace.size());
        }
        assert_eq!(sizes, [100, 50, 25, 25, 12, 6, 3, 1, 1, 1]);
        // A batch may have been smaller than it could be.
        let mut pace = Pace::default();
        pace.note(Duration::from_secs(31), 7);
        assert_eq!(pace.size(), 3);
    }

    #[test]
    fn the_second_look_in_a_row_at_one_deletion_that_takes_too_long_is_the_last() {
        let mut pace = Pace::default();
        assert_eq!([100, 50, 1, 1].map(|deletions| pace.is_hopeless(deletions)), [false, false, false, true]);
        let mut pace = Pace::default();
        assert!(!pace.is_hopeless(1));
        pace.note(Duration::from_secs(5), 1);
        assert_eq!([1, 1].map(|deletions| pace.is_hopeless(deletions)), [false, true]);
    }

    #[test]
    fn the_third_batch_in_a_row_of_which_nothing_is_sent_is_the_last() {
        let mut pace = Pace::default();
        assert_eq!([100, 50, 25].map(|deletions| pace.is_fruitless(deletions)), [false, false, true]);
        assert_eq!(pace.size(), 12);
        let mut pace = Pace::default();
        assert_eq!([1, 1].map(|deletions| pace.is_fruitless(deletions)), [false, false]);
        pace.bears_fruit();
        assert_eq!([1, 1, 1].map(|deletions| pace.is_fruitless(deletions)), [false, false, true]);
    }
}
