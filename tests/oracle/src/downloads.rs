//! What download dates say, and what their absence says where not all downloads are written down.

use gleaner::package::{Downloaded, Package};
use gleaner::policy::Age;
use jiff::Timestamp;

use super::Oracle;
use super::condition::and;

impl Oracle<'_> {
    /// `not_downloaded_for`: without any download it counts from the newest content, or from the day since when downloads
    /// are written down, if that is later.
    pub(crate) fn is_left_alone(&self, age: &Age, package: &Package) -> Option<bool> {
        let known = match self.downloaded(package) {
            Downloaded::At(date) => Some(self.is_before(date, age)),
            Downloaded::Never => {
                let written_down = match self.is_before(self.first_day(), age) {
                    true => Some(true),
                    // Of the time before nobody knows.
                    false if self.is_from_before(self.first_day(), package) => None,
                    false => Some(false),
                };
                and(written_down, self.is_older(age, package))
            }
            Downloaded::Unknown | Downloaded::Unreadable | Downloaded::NotListed => None,
        };
        // Of a GitLab that does not see every download nobody can say that there was none.
        if known == Some(true) && !self.sees_everything() { None } else { known }
    }

    /// `downloaded_within`.
    pub(crate) fn is_pulled_within(&self, age: &Age, package: &Package) -> Option<bool> {
        let known = match self.downloaded(package) {
            Downloaded::At(date) => Some(!self.is_before(date, age)),
            Downloaded::Never => {
                let day = self.first_day();
                if self.is_from_before(day, package) && self.begins_before(age, day) { None } else { Some(false) }
            }
            Downloaded::Unknown | Downloaded::Unreadable | Downloaded::NotListed => None,
        };
        if known == Some(false) && !self.sees_everything() { None } else { known }
    }

    /// `never_downloaded`.
    pub(crate) fn is_never_pulled(&self, package: &Package) -> Option<bool> {
        match self.downloaded(package) {
            Downloaded::At(_) => Some(false),
            Downloaded::Never if self.is_from_before(self.first_day(), package) => None,
            Downloaded::Never => self.sees_everything().then_some(true),
            Downloaded::Unknown | Downloaded::Unreadable | Downloaded::NotListed => None,
        }
    }

    /// As the row tells it, or else the package by itself, whose date has to make sense.
    fn downloaded(&self, package: &Package) -> Downloaded {
        if package.downloaded != Downloaded::NotListed {
            return package.downloaded;
        }
        match self.downloads.get(&package.id).copied().flatten() {
            Some(Downloaded::At(date)) if !self.is_sane(date) => Downloaded::Unknown,
            told => told.unwrap_or(Downloaded::Unknown),
        }
    }

    fn sees_everything(&self) -> bool {
        self.set.instance.as_ref().is_none_or(|instance| instance.downloads.complete)
    }

    /// 2023 is when GitLab had begun, unless the instance file says another day.
    fn first_day(&self) -> Timestamp {
        let told = self.set.instance.as_ref().map(|instance| instance.downloads.tracked_since);
        let day = told.map_or_else(|| "2023-01-01".to_owned(), |day| day.to_string());
        format!("{day}T00:00:00Z").parse().expect("midnight")
    }

    fn is_from_before(&self, day: Timestamp, package: &Package) -> bool {
        package.created_at.is_none_or(|created| created < day)
    }

    /// Whether the time that an age looks back on begins before that day.
    fn begins_before(&self, age: &Age, day: Timestamp) -> bool {
        age.before(self.now).is_none_or(|start| start < day)
    }
}
