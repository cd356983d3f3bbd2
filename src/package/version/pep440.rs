//! Python's versions, as PEP 440 has them and pip reads them.

use std::str::FromStr;

use pep440_rs::Version;

/// Reads a version; `None` where it isn't one of PEP 440.
pub(super) fn parse(version: &str) -> Option<Version> {
    Version::from_str(version).ok()
}
