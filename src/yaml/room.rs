//! Limits how much the costly values of some files weigh together, so that no files take long to read.

/// The room that is left. The reader of a costly value, such as a pattern, says how much it weighs.
#[derive(Debug)]
pub(crate) struct Room {
    left: usize,
}

/// The most that all files weigh together. That is room for a hundred thousand usual patterns, or for some hundreds of
/// the largest allowed size.
const LIMIT: usize = 4_000_000;

impl Default for Room {
    fn default() -> Self {
        Self { left: LIMIT }
    }
}

impl Room {
    /// Returns whether nothing has been refused yet.
    pub(crate) fn is_there(&self) -> bool {
        self.left > 0
    }

    /// Takes the room for a value, and returns whether there was enough. After a refusal there is no room left.
    pub(crate) fn take(&mut self, weight: usize) -> bool {
        let left = self.left.checked_sub(weight);
        self.left = left.unwrap_or(0);
        left.is_some()
    }
}
