//! The kinds of text that patterns are on.

use crate::policy::glob::Segments;

/// The kind of text that patterns are on. It decides where `*` stops, and whether case counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PatternKind {
    /// A package's name: `*` stops at `/`.
    Name,
    /// A project's path: `*` stops at `/`, and case does not count, because GitLab's own paths are unique without it.
    Path,
    /// A file's name, which is a path too: `*` stops at `/`.
    File,
    /// A version, tag or ref: `*` stops nowhere.
    Text,
    /// A project's topic: `*` stops nowhere, and case does not count, because GitLab's topics are unique without it.
    ///
    /// Source: `app/models/projects/topic.rb`.
    Topic,
}

impl PatternKind {
    pub(super) fn segments(self) -> Segments {
        match self {
            Self::Name | Self::Path | Self::File => Segments::Slash,
            Self::Text | Self::Topic => Segments::None,
        }
    }

    /// Returns whether texts that differ in their case alone are one.
    pub(super) fn ignores_case(self) -> bool {
        match self {
            Self::Path | Self::Topic => true,
            Self::Name | Self::File | Self::Text => false,
        }
    }
}
