//! One file of a package, from GitLab's `package_files` listing.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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
    /// `None` where GitLab sent no digest, or one that can't be read.
    pub sha256: Option<Sha256>,
}

/// The SHA-256 digest of a file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != 2 * bytes.len() || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The number of a package's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileId(pub u64);

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
