//! The facts of one package that conditions look at.

mod branch;
mod downloads;
mod successors;

use std::borrow::Cow;

use jiff::Timestamp;

use super::truth::Truth;
use super::{Age, Downloads};
use crate::package::{BranchFate, BuiltFrom, Bytes, Content, Downloaded, Evidence, Package};

pub(crate) use successors::{Successor, SuccessorPair, Successors};

/// The known facts of one package as of one instant.
#[derive(Debug, Clone)]
pub(crate) struct Known<'a> {
    /// The row of the listing.
    pub(crate) package: &'a Package,
    /// When it last got content.
    pub(crate) content: Content,
    /// The sum of its file sizes.
    pub(crate) bytes: Bytes,
    /// The pipeline that published to it last.
    pub(crate) built_from: Cow<'a, BuiltFrom>,
    /// What the look-ups tell of the branch that built it.
    pub(crate) branch: BranchFate,
    /// Its last download.
    pub(crate) downloaded: Downloaded,
    /// The releases that supersede it.
    pub(crate) successors: Successors,
    /// How much a missing download date says.
    pub(crate) downloads: Downloads,
    /// The instant from which ages count.
    pub(crate) now: Timestamp,
    /// The instant up to which dates are believed.
    pub(crate) horizon: Timestamp,
}

impl<'a> Known<'a> {
    /// Puts together what its own row and the look-ups tell of a package. The other rows are not at hand, so its successors are open.
    #[must_use]
    pub(crate) fn new(package: &'a Package, evidence: &'a Evidence, downloads: Downloads, now: Timestamp) -> Self {
        let (content, bytes) = (evidence.content(package), evidence.bytes(package));
        let (built_from, downloaded) = (evidence.built_from(package), evidence.downloaded(package));
        let (branch, successors) = (evidence.branch_fate(package), Successors::Open);
        let horizon = now;
        Self { package, content, bytes, built_from, branch, downloaded, successors, downloads, now, horizon }
    }
}

impl Known<'_> {
    /// Believes dates up to this instant.
    #[must_use]
    pub(crate) fn believing(self, horizon: Timestamp) -> Self {
        Self { horizon, ..self }
    }

    /// Returns whether the newest content is more than `age` old.
    #[must_use]
    pub(crate) fn content_exceeds(&self, age: &Age) -> Truth {
        match self.content {
            Content::At(date) => Truth::from(age.is_exceeded(date, self.now)),
            Content::AtOrAfter(date) if age.is_exceeded(date, self.now) => Truth::Pending,
            Content::AtOrAfter(_) => Truth::No,
            Content::Since(_) | Content::Unknown => Truth::Unknown,
        }
    }

    /// Returns whether the newest content is less than `age` old.
    #[must_use]
    pub(crate) fn content_undercuts(&self, age: &Age) -> Truth {
        match self.content {
            Content::At(date) => Truth::from(age.is_undercut(date, self.now)),
            Content::AtOrAfter(date) if age.is_undercut(date, self.now) => Truth::Yes,
            Content::AtOrAfter(_) => Truth::Pending,
            Content::Since(_) | Content::Unknown => Truth::Unknown,
        }
    }
}
