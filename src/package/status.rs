//! GitLab's package `status`.

use std::fmt;

use serde::{Serialize, Serializer};

/// A package's status.
///
/// Source: `app/models/packages/package.rb`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Complete and shown.
    Default,
    /// Complete and not shown in listings.
    Hidden,
    /// Its upload is under way.
    Processing,
    /// Its upload failed.
    Error,
    /// Complete and shown, with a warning against it.
    Deprecated,
    /// It was deleted, and waits to be removed.
    PendingDestruction,
    /// A status that this release doesn't know; such packages are kept.
    Other(String),
}

impl Status {
    /// Every status that this release knows.
    pub const KNOWN: [Self; 6] =
        [Self::Default, Self::Hidden, Self::Processing, Self::Error, Self::Deprecated, Self::PendingDestruction];

    /// Reads GitLab's name for a status; every name is that of some status.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        Self::KNOWN.into_iter().find(|known| known.as_str() == name).unwrap_or_else(|| Self::Other(name.to_owned()))
    }

    /// Returns GitLab's name for it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Default => "default",
            Self::Hidden => "hidden",
            Self::Processing => "processing",
            Self::Error => "error",
            Self::Deprecated => "deprecated",
            Self::PendingDestruction => "pending_destruction",
            Self::Other(name) => name,
        }
    }

    /// Returns whether a listing that names no status shows it.
    #[must_use]
    pub fn is_displayable(&self) -> bool {
        !matches!(self, Self::Hidden | Self::Processing | Self::PendingDestruction)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
