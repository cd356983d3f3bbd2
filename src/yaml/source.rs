//! A file and its text.

/// A file that has been read into memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file, as the user named it.
    pub file: String,
    /// Everything that stands in it.
    pub text: String,
}

impl Source {
    /// Returns the file of this name with this text.
    pub fn new(file: impl Into<String>, text: impl Into<String>) -> Self {
        Self { file: file.into(), text: text.into() }
    }
}
