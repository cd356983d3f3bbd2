//! Python's versions, as PEP 440 has them and pip reads them.

use std::str::FromStr;

use pep440_rs::Version;

/// Reads a version; `None` where it isn't one of PEP 440.
pub(super) fn parse(version: &str) -> Option<Version> {
    Version::from_str(version).ok()
}

/// Returns the version without its pre-release and development parts. What follows a candidate belongs to it; a local label
/// stays, because it makes another version.
pub(super) fn own_release(version: &str) -> Option<String> {
    let version = parse(version)?;
    let post = version.post().filter(|_| version.pre().is_none());
    Some(version.with_pre(None).with_dev(None).with_post(post).to_string())
}
