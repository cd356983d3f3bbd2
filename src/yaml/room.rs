//! How much the costly values of some files may weigh together, so that no files hold up whoever reads them.

/// What is left. The reader of a costly value, such as a pattern, says what it weighs.
#[derive(Debug)]
pub(crate) struct Room {
    left: usize,
}

/// What all files together may weigh: a hundred thousand usual patterns, or some hundreds that are hardly small enough for
/// one.
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

    /// Takes what a value weighs, and returns whether there was room for it. What is refused once leaves no room.
    pub(crate) fn take(&mut self, weight: usize) -> bool {
        let left = self.left.checked_sub(weight);
        self.left = left.unwrap_or(0);
        left.is_some()
    }
}
