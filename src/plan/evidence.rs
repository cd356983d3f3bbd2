//! What was looked up beyond the listing.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::package::{Package, PackageFile, PackageId, is_sane_date};

/// The answers to a shortlist's questions. A package that was never asked about has none.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    files: HashMap<PackageId, Lookup>,
}

/// How the look-up of a package's files ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// All of its files, read whole.
    Files(Vec<PackageFile>),
    /// They could not be read; why is told when it happens.
    Failed,
}

/// When a package last got content, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// The later of the package's date and its newest file's.
    At(Timestamp),
    /// This date or any later one: not looked up, or not to the end. A look-up that fails must not know less than none,
    /// or a package would lose its place in a rank by being asked about, and others would go by that.
    AtOrAfter(Timestamp),
    /// The package has no date of its own.
    Unknown,
}

impl Evidence {
    /// What is known before anything was looked up.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    pub fn record(&mut self, package: PackageId, lookup: Lookup) {
        self.files.insert(package, lookup);
    }

    #[must_use]
    pub fn lookup(&self, package: PackageId) -> Option<&Lookup> {
        self.files.get(&package)
    }

    /// How many look-ups failed.
    #[must_use]
    pub fn failures(&self) -> usize {
        self.files.values().filter(|lookup| matches!(lookup, Lookup::Failed)).count()
    }

    #[must_use]
    pub fn content(&self, package: &Package) -> Content {
        let Some(created_at) = package.created_at else {
            return Content::Unknown;
        };
        match self.lookup(package.id) {
            Some(Lookup::Files(files)) => {
                let newest = files.iter().filter_map(|file| file.created_at).fold(created_at, Timestamp::max);
                let is_whole = files.iter().all(|file| file.created_at.is_some());
                if is_whole { Content::At(newest) } else { Content::AtOrAfter(newest) }
            }
            Some(Lookup::Failed) | None if package.package_type.gains_files() => Content::AtOrAfter(created_at),
            Some(Lookup::Failed) | None => Content::At(created_at),
        }
    }

    /// Whether every file that was looked up has a date that can be believed as of `now`.
    #[must_use]
    pub fn has_sane_dates(&self, package: &Package, now: Timestamp) -> bool {
        match self.lookup(package.id) {
            Some(Lookup::Files(files)) => {
                files.iter().all(|file| file.created_at.is_some_and(|date| is_sane_date(date, now)))
            }
            Some(Lookup::Failed) | None => true,
        }
    }

    /// The sum of a package's file sizes in bytes; `None` where a part of it is unknown.
    #[must_use]
    pub fn bytes(&self, package: PackageId) -> Option<u64> {
        match self.lookup(package)? {
            Lookup::Files(files) => files.iter().try_fold(0_u64, |sum, file| Some(sum.saturating_add(file.size?))),
            Lookup::Failed => None,
        }
    }
}
