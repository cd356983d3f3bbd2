//! What download dates say, and what their absence says where not all downloads are written down.

use gleaner::package::{Downloaded, Package};
use gleaner::policy::Age;
use jiff::Timestamp;

use super::Oracle;
use super::condition::and;

impl Oracle<'_> {
    /// `not_downloaded_for`: without any download it counts from the newest content, or from the day since when downloads
    /// are written down, if that is later.
    pub(super) fn is_left_alone(&self, age: &Age, package: &Package) -> Option<bool> {
        let known = match package.downloaded {
            Downloaded::At(date) => Some(self.is_before(date, age)),
            Downloaded::Never => {
                let written_down = self.first_day().is_none_or(|day| self.is_before(day, age));
                and(Some(written_down), self.is_older(age, package))
            }
            Downloaded::Unknown | Downloaded::Unreadable => None,
        };
        // Of a GitLab that does not see every download nobody can say that there was none.
        if known == Some(true) && !self.sees_everything() { None } else { known }
    }

    /// `downloaded_within`.
    pub(super) fn is_pulled_within(&self, age: &Age, package: &Package) -> Option<bool> {
        let known = match package.downloaded {
            Downloaded::At(date) => Some(!self.is_before(date, age)),
            Downloaded::Never => match self.first_day() {
                Some(day) if self.is_from_before(day, package) && self.begins_before(age, day) => None,
                _ => Some(false),
            },
            Downloaded::Unknown | Downloaded::Unreadable => None,
        };
        if known == Some(false) && !self.sees_everything() { None } else { known }
    }

    /// `never_downloaded`.
    pub(super) fn is_never_pulled(&self, package: &Package) -> Option<bool> {
        match package.downloaded {
            Downloaded::At(_) => Some(false),
            Downloaded::Never if self.first_day().is_some_and(|day| self.is_from_before(day, package)) => None,
            Downloaded::Never => self.sees_everything().then_some(true),
            Downloaded::Unknown | Downloaded::Unreadable => None,
        }
    }

    fn sees_everything(&self) -> bool {
        self.set.instance.as_ref().is_none_or(|instance| instance.downloads.complete)
    }

    fn first_day(&self) -> Option<Timestamp> {
        let day = self.set.instance.as_ref()?.downloads.tracked_since?;
        Some(format!("{day}T00:00:00Z").parse().expect("midnight"))
    }

    fn is_from_before(&self, day: Timestamp, package: &Package) -> bool {
        package.created_at.is_none_or(|created| created < day)
    }

    /// Whether the time that an age looks back on begins before that day.
    fn begins_before(&self, age: &Age, day: Timestamp) -> bool {
        age.before(self.now).is_none_or(|start| start < day)
    }
}
