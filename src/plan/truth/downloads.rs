//! What GitLab's download dates say, and what their absence says on this GitLab.

use super::Truth::{self, No, Pending, Unknown, Yes};
use super::{Facts, Side, truth};
use crate::package::{Downloaded, is_sane_date};
use crate::policy::Age;

impl Facts<'_> {
    /// Whether nobody has pulled it for longer than this. Without any download it counts from its newest content, or from
    /// when downloads began to be written down.
    pub(super) fn is_left_alone(&self, age: &Age, side: Side) -> Truth {
        let left_alone = match self.last_download() {
            Downloaded::At(date) => truth(age.is_exceeded(date, self.now)),
            Downloaded::Never => {
                let tracked = match age.is_exceeded(self.downloads.since(), self.now) {
                    true => Yes,
                    // Somebody may have, or not, before it was written down.
                    false if self.is_from_before_tracking() => Unknown,
                    false => No,
                };
                side.all([tracked, self.content_exceeds(age)])
            }
            Downloaded::Unknown | Downloaded::Unreadable => Unknown,
            Downloaded::NotListed => Pending,
        };
        if left_alone == Yes { self.absence() } else { left_alone }
    }

    /// Whether somebody has pulled it since so long ago.
    pub(super) fn is_in_use(&self, age: &Age) -> Truth {
        match self.last_download() {
            Downloaded::At(date) if age.includes(date, self.now) => Yes,
            Downloaded::At(_) => self.no_longer(),
            // Somebody may have, before it was written down.
            Downloaded::Never if self.is_from_before_tracking() && !self.is_tracked_for(age) => Unknown,
            Downloaded::Never => self.no_longer(),
            Downloaded::Unknown | Downloaded::Unreadable => Unknown,
            Downloaded::NotListed => Pending,
        }
    }

    /// Whether nobody has ever pulled it.
    pub(super) fn is_untouched(&self) -> Truth {
        match self.last_download() {
            Downloaded::At(_) => No,
            Downloaded::Never if self.is_from_before_tracking() => Unknown,
            Downloaded::Never => self.absence(),
            Downloaded::Unknown | Downloaded::Unreadable => Unknown,
            Downloaded::NotListed => Pending,
        }
    }

    /// The last download, as far as it can be believed. A date in the listing that makes no sense keeps the package whatever
    /// the rules say; one that was looked up says nothing, so that no verdict hangs on whether it was asked for.
    fn last_download(&self) -> Downloaded {
        match (self.package.downloaded, self.downloaded) {
            (Downloaded::NotListed, Downloaded::At(date)) if !is_sane_date(date, self.now) => Downloaded::Unreadable,
            (_, downloaded) => downloaded,
        }
    }

    /// What it is worth that no download is known.
    fn absence(&self) -> Truth {
        if self.downloads.complete { Yes } else { Unknown }
    }

    /// The other way round: that none is known may hide one.
    fn no_longer(&self) -> Truth {
        if self.downloads.complete { No } else { Unknown }
    }

    fn is_tracked_for(&self, age: &Age) -> bool {
        age.before(self.now).is_some_and(|start| start >= self.downloads.since())
    }

    /// Whether it is older than the first download that was written down, as far as its own date tells.
    pub(in crate::plan) fn is_from_before_tracking(&self) -> bool {
        self.package.created_at.is_none_or(|created| created < self.downloads.since())
    }
}
