//! A part of a file's text.

/// A range of bytes in the text of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first byte.
    pub(crate) start: usize,
    /// The first byte behind it.
    pub(crate) end: usize,
}

impl Span {
    /// The start of the file, for what is told of the file as a whole.
    pub(crate) const FILE_START: Self = Self { start: 0, end: 0 };

    /// Returns the span from where this one starts to where `end` ends.
    pub(crate) fn until(self, end: Self) -> Self {
        Self { start: self.start, end: end.end.max(self.end) }
    }

    /// Returns whether there is nothing in it.
    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }
}
