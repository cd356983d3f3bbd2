//! The releases in the listing that supersede a pre-release.

use jiff::Timestamp;

use super::Known;
use crate::package::{Content, Indexes};
use crate::policy::truth::Truth;
use crate::policy::{Age, SupersededBy};

/// The releases of a pre-release's key that may supersede it, as far as anybody has looked for them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Successors {
    /// Nobody has looked: no rule hangs on them, or the other rows are not at hand.
    #[default]
    Open,
    /// The listing has none.
    Absent,
    /// The listing has some.
    Present(Box<SuccessorPair>),
}

/// The two releases that decide. Every other one says less.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SuccessorPair {
    /// Its own release; of several rows that one which was made first.
    pub(crate) own: Option<Successor>,
    /// Of the higher releases that were made after its newest content, as far as that is known, the one that was made
    /// first.
    pub(crate) higher: Option<Successor>,
}

/// A release that clients can install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Successor {
    /// Its version, as it is shown.
    pub(crate) version: String,
    /// When its row was made.
    pub(crate) made: Timestamp,
}

impl Successors {
    /// Returns its own release, where that is there.
    pub(in crate::policy) fn own(&self) -> Option<&Successor> {
        self.pair()?.own.as_ref()
    }

    /// Returns the higher release that decides, where `by` counts one and one is there.
    pub(in crate::policy) fn higher(&self, by: SupersededBy) -> Option<&Successor> {
        match by {
            SupersededBy::Own => None,
            SupersededBy::Any => self.pair()?.higher.as_ref(),
        }
    }

    fn pair(&self) -> Option<&SuccessorPair> {
        match self {
            Self::Open | Self::Absent => None,
            Self::Present(pair) => Some(pair),
        }
    }
}

impl Known<'_> {
    /// Returns whether a release of these supersedes the package.
    pub(in crate::policy) fn superseded(&self, by: SupersededBy) -> Truth {
        let own = Truth::from(self.successors.own().is_some());
        let higher = self.successors.higher(by).map_or(Truth::No, |_| self.is_content_told());
        self.where_superseding_counts(own, higher)
    }

    /// Returns whether a release of these has superseded the package for longer than `age`.
    pub(in crate::policy) fn superseded_for(&self, age: &Age, by: SupersededBy) -> Truth {
        let is_old = |successor: &&Successor| age.is_exceeded(successor.made, self.now);
        let own = self.successors.own().filter(is_old).map_or(Truth::No, |_| self.content_exceeds(age));
        // It was made after the content, which is then older still.
        let higher = self.successors.higher(by).filter(is_old).map_or(Truth::No, |_| self.is_content_told());
        self.where_superseding_counts(own, higher)
    }

    /// Returns whether the package is superseded, by what is said of its own release and of the higher ones.
    fn where_superseding_counts(&self, own: Truth, higher: Truth) -> Truth {
        let facts = self.package.package_type.facts();
        match self.package.is_prerelease() {
            None => return Truth::Unknown,
            Some(false) => return Truth::No,
            // It stands for no version.
            Some(true) if self.package.is_upload() => return Truth::No,
            Some(true) => {}
        }
        if self.successors == Successors::Open {
            return Truth::Pending;
        }
        let told = [own, higher];
        let Some(superseded) =
            [Truth::Yes, Truth::Pending, Truth::Unknown].into_iter().find(|truth| told.contains(truth))
        else {
            return Truth::No;
        };
        // The release may lie in another channel or distribution, which GitLab doesn't tell.
        if facts.indexes == Indexes::Several {
            return Truth::Unknown;
        }
        // Whoever tagged it means it, whatever else is there.
        match &self.package.tags {
            Some(tags) if facts.has_latest_tag && !tags.is_empty() => Truth::No,
            None if facts.has_latest_tag => Truth::Unknown,
            Some(_) | None => superseded,
        }
    }

    /// Returns `Yes` where the date of the newest content is known.
    fn is_content_told(&self) -> Truth {
        match self.content {
            Content::At(_) => Truth::Yes,
            Content::AtOrAfter(_) => Truth::Pending,
            Content::Since(_) | Content::Unknown => Truth::Unknown,
        }
    }
}
