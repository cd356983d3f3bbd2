//! What became of a deletion that was to be executed.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::package::{FileId, PackageId};

/// What became of each deletion of a plan.
#[derive(Debug, Clone, Default)]
pub struct Outcomes {
    pub packages: HashMap<PackageId, Outcome>,
    /// Those of packages that stay.
    pub files: HashMap<FileId, Outcome>,
}

/// A closed set, told in `docs/report.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// GitLab accepted it, and no longer finds the package.
    Deleted,
    /// Somebody else, or an earlier try, had deleted it.
    AlreadyGone,
    /// The token may not delete it, or GitLab protects it.
    Forbidden,
    /// It was changed or got a file since the plan was made, and stays. Of files: their package's files are no longer
    /// those that were judged.
    Changed,
    /// GitLab took it, and still has the package, or can't be asked whether it has: 17.x answers 204 to deletes that it
    /// does not carry out.
    Unconfirmed,
    /// GitLab did not accept it.
    Failed,
    /// It was not sent: nobody agreed, the run was stopped or held up by the instance file, or GitLab no longer took the
    /// token or no longer answered. Of files: a checksum of it could not be deleted, and would have been left behind.
    NotAttempted,
}

impl Outcomes {
    /// How many deletions were not done, or not confirmed.
    #[must_use]
    pub fn left(&self) -> usize {
        let all = self.packages.values().chain(self.files.values());
        all.filter(|outcome| !outcome.is_gone()).count()
    }
}

impl Outcome {
    pub const ALL: [Self; 7] = [
        Self::Deleted,
        Self::AlreadyGone,
        Self::Forbidden,
        Self::Changed,
        Self::Unconfirmed,
        Self::Failed,
        Self::NotAttempted,
    ];

    /// Whether the package is no longer there.
    #[must_use]
    pub fn is_gone(self) -> bool {
        matches!(self, Self::Deleted | Self::AlreadyGone)
    }

    /// Whether GitLab was asked in vain, and somebody should look why. A package that was changed stays as it should,
    /// and what was not attempted is told of the whole cycle.
    #[must_use]
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Forbidden | Self::Unconfirmed | Self::Failed)
    }

    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::AlreadyGone => "already_gone",
            Self::Forbidden => "forbidden",
            Self::Changed => "changed",
            Self::Unconfirmed => "unconfirmed",
            Self::Failed => "failed",
            Self::NotAttempted => "not_attempted",
        }
    }
}

/// Outcomes stand in the order of their codes, and so does whatever is counted by them.
impl Ord for Outcome {
    fn cmp(&self, other: &Self) -> Ordering {
        self.code().cmp(other.code())
    }
}

impl PartialOrd for Outcome {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
