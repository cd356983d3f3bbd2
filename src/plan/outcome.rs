//! Notes how each deletion that was to be executed ended.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::ItemId;
use crate::package::PackageId;

/// How each deletion of a plan ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endings(HashMap<ItemId, Ending>);

/// How one deletion ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The outcome.
    pub outcome: Outcome,
    /// The problem, with the whole chain of its causes; `None` where nothing went wrong.
    pub problem: Option<String>,
}

/// The outcome of a deletion: a closed set, told in `docs/report.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// GitLab accepted it, and no longer has the package or file.
    Deleted,
    /// Somebody else, or an earlier try, had deleted it.
    AlreadyGone,
    /// The token may not delete it, or GitLab protects it.
    Forbidden,
    /// It no longer goes, because something has changed since the plan was made. It stays, as it should.
    Stale,
    /// It waits under `grace`: it has not been marked for long enough. It was not sent.
    Marked,
    /// It is approved, and goes in a later cycle, by `max_per_cycle`. It was not sent.
    Later,
    /// It was sent, and nothing proves that the package or file is gone. 17.x answers 204 to deletes that it does not
    /// carry out.
    Unconfirmed,
    /// GitLab did not accept it.
    Failed,
    /// It was not sent: nobody agreed, the run was stopped or held up by the instance file or an in-use file, or GitLab no
    /// longer took the token or no longer answered. A file stays, too, where a checksum of it could not be deleted and would have
    /// been left behind.
    NotAttempted,
}

impl Endings {
    /// Notes how the deletion of an item ended.
    pub fn note(&mut self, item: ItemId, ending: Ending) {
        self.0.insert(item, ending);
    }

    /// Returns how the deletion of an item ended; `None` where none was to be executed.
    #[must_use]
    pub fn of(&self, item: ItemId) -> Option<&Ending> {
        self.0.get(&item)
    }

    /// Returns every item with how its deletion ended, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (ItemId, &Ending)> {
        self.0.iter().map(|(item, ending)| (*item, ending))
    }

    /// Returns the packages that are left to later cycles.
    pub fn later(&self) -> impl Iterator<Item = PackageId> {
        self.0.iter().filter(|(_, ending)| ending.outcome == Outcome::Later).filter_map(|(item, _)| match item {
            ItemId::Package(id) => Some(*id),
            ItemId::File(_) => None,
        })
    }

    /// Counts the deletions that are proven.
    #[must_use]
    pub fn proven(&self) -> usize {
        self.0.values().filter(|ending| ending.outcome == Outcome::Deleted).count()
    }

    /// Returns the items that are no longer there.
    pub fn gone(&self) -> impl Iterator<Item = ItemId> {
        self.0.iter().filter(|(_, ending)| ending.outcome.is_gone()).map(|(item, _)| *item)
    }

    /// Returns how many deletions were not done, or not confirmed. What stays because something has
    /// changed, or because it waits, is none.
    #[must_use]
    pub fn left(&self) -> usize {
        let is_left = |ending: &&Ending| !ending.outcome.is_gone() && !ending.outcome.stays_as_meant();
        self.0.values().filter(is_left).count()
    }
}

impl Extend<(ItemId, Ending)> for Endings {
    fn extend<I: IntoIterator<Item = (ItemId, Ending)>>(&mut self, endings: I) {
        self.0.extend(endings);
    }
}

impl FromIterator<(ItemId, Ending)> for Endings {
    fn from_iter<I: IntoIterator<Item = (ItemId, Ending)>>(endings: I) -> Self {
        Self(endings.into_iter().collect())
    }
}

impl Ending {
    /// Returns an ending that nothing went wrong with.
    #[must_use]
    pub fn of(outcome: Outcome) -> Self {
        Self { outcome, problem: None }
    }

    /// Returns an ending with what went wrong.
    #[must_use]
    pub fn with(outcome: Outcome, problem: impl Into<String>) -> Self {
        Self { outcome, problem: Some(problem.into()) }
    }
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 9] = [
        Self::Deleted,
        Self::AlreadyGone,
        Self::Forbidden,
        Self::Stale,
        Self::Marked,
        Self::Later,
        Self::Unconfirmed,
        Self::Failed,
        Self::NotAttempted,
    ];

    /// Returns whether the package or file is no longer there.
    #[must_use]
    pub fn is_gone(self) -> bool {
        matches!(self, Self::Deleted | Self::AlreadyGone)
    }

    /// Returns whether the package or file stays as it should: something has changed, or it waits for its time.
    #[must_use]
    pub fn stays_as_meant(self) -> bool {
        matches!(self, Self::Stale | Self::Marked | Self::Later)
    }

    /// Returns whether GitLab was asked in vain, and somebody should look why. What is stale stays as it should, and
    /// what was not attempted is told of the whole cycle.
    #[must_use]
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Forbidden | Self::Unconfirmed | Self::Failed)
    }

    /// Returns the outcome's name in reports.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::AlreadyGone => "already_gone",
            Self::Forbidden => "forbidden",
            Self::Stale => "stale",
            Self::Marked => "marked",
            Self::Later => "later",
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
