//! Reads GitLab's download dates, and what a missing date says on this GitLab.

use super::Known;
use crate::package::{Downloaded, Questions, is_sane_date};
use crate::policy::Age;
use crate::policy::truth::Truth;

impl Known<'_> {
    /// Returns the last download, as far as it can be believed. A date in the listing that makes no sense keeps the
    /// package whatever the rules say. A looked-up date that makes no sense counts as unreadable, so that no verdict
    /// depends on whether somebody asked for it.
    pub(in crate::policy) fn last_download(&self) -> Downloaded {
        match (self.package.downloaded, self.downloaded) {
            (Downloaded::NotListed, Downloaded::At(date)) if !is_sane_date(date, self.horizon) => {
                Downloaded::Unreadable
            }
            (_, downloaded) => downloaded,
        }
    }

    /// Returns `Yes` where GitLab writes every download down, else `Unknown`.
    pub(in crate::policy) fn are_all_known(&self) -> Truth {
        if self.downloads.complete { Truth::Yes } else { Truth::Unknown }
    }

    /// Returns `No` where GitLab writes every download down, else `Unknown`: there may have been another one.
    pub(in crate::policy) fn was_another(&self) -> Truth {
        if self.downloads.complete { Truth::No } else { Truth::Unknown }
    }

    /// Returns whether downloads have been written down for at least this long.
    pub(in crate::policy) fn is_tracked_for(&self, age: &Age) -> bool {
        age.before(self.now).is_some_and(|start| start >= self.downloads.since())
    }

    /// Returns whether the package may have been made before downloads were written down.
    pub(in crate::policy) fn is_from_before_tracking(&self) -> bool {
        self.package.created_at.is_none_or(|created| created < self.downloads.since())
    }

    /// Asks for the last download, unless the listing has it.
    pub(in crate::policy) fn ask_for_download(&self, questions: &mut Questions) {
        if self.downloaded == Downloaded::NotListed {
            questions.downloads.insert(self.package.id);
        }
    }
}
