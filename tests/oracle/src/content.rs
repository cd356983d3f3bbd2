//! When a package last got content, as far as anybody can tell.

use gleaner::package::{Downloaded, Lookup, Package};
use gleaner::policy::Age;
use jiff::Timestamp;

use super::Oracle;
use super::facts::{Growth, growth, has_unknown_age};

/// What is known of the dates of a package's content.
struct Content {
    /// The newest date that is known. What isn't known can only be newer, never make it older.
    newest: Timestamp,
    /// Whether every date is known.
    is_whole: bool,
}

/// Between which dates a package got its newest content, as it is ranked.
pub(crate) struct Span {
    pub(crate) at_least: Timestamp,
    pub(crate) at_most: Timestamp,
}

impl Oracle<'_> {
    /// `None` where even the row's own date is missing.
    fn content(&self, package: &Package) -> Option<Content> {
        let created_at = package.created_at?;
        let content = match (growth(&package.package_type), self.files.get(&package.id)) {
            (Growth::AtOnce, _) => Content { newest: created_at, is_whole: true },
            (Growth::InPlace, _) => Content { newest: created_at, is_whole: !has_unknown_age(package) },
            (Growth::ByFiles, Some(Lookup::Found(files))) => Content {
                newest: files.iter().filter_map(|file| file.created_at).fold(created_at, Timestamp::max),
                is_whole: files.iter().all(|file| file.created_at.is_some()),
            },
            (Growth::ByFiles, Some(Lookup::Failed) | None) => Content { newest: created_at, is_whole: false },
        };
        Some(content)
    }

    /// The newest date of its content that is known, and whether every date is known; `None` where there is none.
    pub(crate) fn newest_content(&self, package: &Package) -> Option<(Timestamp, bool)> {
        self.content(package).map(|content| (content.newest, content.is_whole))
    }

    /// Where files can't be had, or can't be believed, the row's own date decides. Nobody is newer than a version that
    /// may have been published a moment ago. `None` where the row has no date.
    pub(crate) fn span(&self, package: &Package) -> Option<Span> {
        let created_at = package.created_at?;
        if has_unknown_age(package) {
            return Some(Span { at_least: created_at, at_most: Timestamp::MAX });
        }
        let is_told = matches!(self.files.get(&package.id), Some(Lookup::Found(_)));
        let content = self.content(package).filter(|_| is_told && self.has_sane_file_dates(package));
        let date = content.map_or(created_at, |content| content.newest);
        Some(Span { at_least: date, at_most: date })
    }

    /// Whether the newest content is older than this.
    pub(crate) fn is_older(&self, age: &Age, package: &Package) -> Option<bool> {
        if has_unknown_age(package) {
            return None;
        }
        let content = self.content(package)?;
        match self.is_before(content.newest, age) {
            true if !content.is_whole => None,
            is_before => Some(is_before),
        }
    }

    /// Whether the newest content is younger than this.
    pub(crate) fn is_younger(&self, age: &Age, package: &Package) -> Option<bool> {
        if has_unknown_age(package) {
            return None;
        }
        let content = self.content(package)?;
        match age.before(self.now).is_none_or(|start| content.newest > start) {
            false if !content.is_whole => None,
            is_after => Some(is_after),
        }
    }

    pub(crate) fn is_before(&self, date: Timestamp, age: &Age) -> bool {
        age.before(self.now).is_some_and(|start| date < start)
    }

    /// Whether the dates of the listing make sense.
    pub(crate) fn has_sane_dates(&self, package: &Package) -> bool {
        let created = package.created_at.is_some_and(|date| self.is_sane(date));
        match package.downloaded {
            Downloaded::At(date) => created && self.is_sane(date),
            Downloaded::Never | Downloaded::Unknown | Downloaded::NotListed => created,
            Downloaded::Unreadable => false,
        }
    }

    /// Whether those of its files do, where they say anything.
    pub(crate) fn has_sane_file_dates(&self, package: &Package) -> bool {
        match self.files.get(&package.id) {
            Some(Lookup::Found(files)) if growth(&package.package_type) == Growth::ByFiles => {
                files.iter().all(|file| file.created_at.is_some_and(|date| self.is_sane(date)))
            }
            _ => true,
        }
    }

    pub(crate) fn is_sane(&self, date: Timestamp) -> bool {
        let first: Timestamp = "2011-01-01T00:00:00Z".parse().expect("a date");
        first <= date && date <= self.now
    }
}
