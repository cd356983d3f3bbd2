//! The releases of GitLab that the sandbox plays.

use std::fmt;
use std::str::FromStr;

/// A release of GitLab; the default is what the recordings were made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edition {
    /// Listings carry neither `last_downloaded_at` nor `project_id`, but every pipeline. There is no status
    /// `deprecated`, no protection from deletion and no route for pipelines. A guest may not list a private group. Groups
    /// don't tell whether they are archived, because none can be.
    V15_11,
    /// Deleting a protected package answers 204 and deletes nothing. A guest may not list a private group. Groups don't
    /// tell whether they are archived.
    V17_11,
    /// The latest one, with everything that the sandbox knows.
    #[default]
    V18_5,
}

/// The answers that tell when a package was last downloaded. The documentation's own examples of listings don't.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DownloadsTold {
    /// The answers that tell it in this release.
    #[default]
    Everywhere,
    /// A single package tells it, and no listing.
    BySinglePackages,
    /// No row tells it.
    Nowhere,
}

impl Edition {
    const ALL: [(Self, &'static str); 3] = [(Self::V15_11, "15.11"), (Self::V17_11, "17.11"), (Self::V18_5, "18.5")];
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(edition, _)| edition == self).map_or("", |(_, name)| name);
        f.write_str(name)
    }
}

/// The text names none of the releases that the sandbox knows.
#[derive(Debug, thiserror::Error)]
#[error("unknown release of GitLab: this sandbox knows 15.11, 17.11 and 18.5")]
pub struct UnknownEdition;

impl FromStr for Edition {
    type Err = UnknownEdition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(edition, _)| *edition).ok_or(UnknownEdition)
    }
}
