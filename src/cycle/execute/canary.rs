//! The canary: ten deletions that are proven before the rest is sent.
//!
//! Where deletions come to nothing, for whatever reason, that shows on a few of them. One that ends otherwise is replaced by
//! the next. After thirty that brought no ten proofs nothing more is sent.

use crate::plan::Outcome;

/// So many deletions have to be proven before the rest is sent.
const PROVEN: usize = 10;

/// So many deletions are sent at most to get there.
const SENT: usize = 30;

/// How the deletions that were sent have ended, as far as they have.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Canary {
    /// They are proven.
    proven: usize,
    /// They ended in any other way.
    otherwise: usize,
}

impl Canary {
    /// Takes note of how a deletion ended that was sent.
    pub(super) fn note(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Deleted => self.proven += 1,
            _ => self.otherwise += 1,
        }
    }

    /// Returns how many more deletions may be sent while so many have not ended.
    pub(super) fn room(self, under_way: usize) -> usize {
        let Self { proven, otherwise } = self;
        if proven >= PROVEN {
            return usize::MAX;
        }
        let to_be_proven = PROVEN.saturating_sub(proven + under_way);
        to_be_proven.min(SENT.saturating_sub(proven + otherwise + under_way))
    }

    /// Returns whether so many were sent that nothing more is, though too few are proven.
    pub(super) fn is_dead(self, under_way: usize) -> bool {
        under_way == 0 && self.room(0) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_sent_after_ten_proofs_and_nothing_after_thirty_deletions_without_them() {
        // How many are proven, ended otherwise, are under way, how many more may be sent, and whether none ever will.
        let table = [
            (0, 0, 0, 10, false),
            (0, 0, 4, 6, false),
            (0, 0, 10, 0, false),
            (3, 0, 0, 7, false),
            (9, 0, 1, 0, false),
            (10, 0, 0, usize::MAX, false),
            // Each that ends otherwise is replaced.
            (9, 1, 0, 1, false),
            (0, 10, 0, 10, false),
            (0, 25, 0, 5, false),
            (0, 29, 1, 0, false),
            (0, 30, 0, 0, true),
            (9, 20, 0, 1, false),
            (9, 20, 1, 0, false),
            (9, 21, 0, 0, true),
            (10, 20, 0, usize::MAX, false),
        ];
        for (proven, otherwise, under_way, room, is_dead) in table {
            let canary = Canary { proven, otherwise };
            assert_eq!((canary.room(under_way), canary.is_dead(under_way)), (room, is_dead), "{canary:?} {under_way}");
        }
    }
}
