//! One file of a package, from GitLab's `package_files` listing.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

/// A file of a package, as far as GitLab tells.
///
/// Source: `lib/api/entities/package_file.rb`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackageFile {
    /// Its number, which no other file of a package has.
    pub id: FileId,
    /// `None` where GitLab sent no name.
    pub name: Option<String>,
    /// In bytes; the column is nullable in principle.
    pub size: Option<u64>,
    /// `None` where GitLab sent no date, or one that can't be read.
    pub created_at: Option<Timestamp>,
}

/// The number of a package's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct FileId(pub u64);

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
