//! The language that files are written in, as far as messages speak of it.

/// The words of a language for the messages about its files.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Language {
    /// The line that every file begins with.
    pub(crate) first_line: &'static str,
    /// Returns the place of a key, as in "under `scope`"; `None` for a key that the language doesn't have.
    pub(crate) home: fn(&str) -> Option<&'static str>,
}
