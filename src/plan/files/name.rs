//! What a file's name says: which files are builds of one thing, and which only accompany another.

use std::fmt;

use crate::package::{Package, PackageType};

/// What makes two files of a package the same, so that `keep_newest` counts one after the other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKey<'a> {
    /// Files of this very name.
    Name(&'a str),
    /// The builds of a Maven snapshot. Between the two parts stood the version, with the time and number of the build.
    Builds {
        artifact: &'a str,
        /// Classifier and extension, as in `-sources.jar`.
        rest: &'a str,
    },
}

/// Maven's word at the end of a version whose builds have a time and a number in its place.
const SNAPSHOT: &str = "SNAPSHOT";

/// What Maven's clients find versions by. GitLab writes it anew whenever something changes.
const METADATA: &str = "maven-metadata.xml";

/// The endings of checksums and signatures.
const COMPANIONS: [&str; 5] = [".md5", ".sha1", ".sha256", ".sha512", ".asc"];

impl<'a> FileKey<'a> {
    /// The key of a file of this name in `package`. A name that isn't that of a snapshot's build is a key of its own.
    #[must_use]
    pub fn of(package: &Package, name: &'a str) -> Self {
        let version = match package.package_type {
            PackageType::Maven => package.version.as_deref(),
            _ => None,
        };
        version.and_then(|version| build(version, name)).unwrap_or(Self::Name(name))
    }
}

/// Maven puts time and number in the place of `SNAPSHOT`: `app-1.0-20240101.120000-7-sources.jar` is a build of
/// `1.0-SNAPSHOT`. What stands before the version needn't be the package's own name: some plugins of sbt shorten it.
fn build<'a>(version: &str, name: &'a str) -> Option<FileKey<'a>> {
    let (base, word) = version.split_at_checked(version.len().checked_sub(SNAPSHOT.len())?)?;
    if !word.eq_ignore_ascii_case(SNAPSHOT) {
        return None;
    }
    let dashes = name.match_indices('-').map(|(dash, _)| dash).filter(|dash| *dash > 0);
    dashes.into_iter().find_map(|dash| {
        let (artifact, tail) = name.split_at(dash);
        let rest = after_stamp(tail[1..].strip_prefix(base)?)?;
        Some(FileKey::Builds { artifact, rest })
    })
}

/// What follows `20240101.120000-7`: an extension, or a classifier and an extension.
fn after_stamp(text: &str) -> Option<&str> {
    let text = after_digits(text, 8)?.strip_prefix('.')?;
    let text = after_digits(text, 6)?.strip_prefix('-')?;
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let has_number = rest.len() < text.len();
    let (classifier, extension) = rest.split_once('.')?;
    let fits = classifier.is_empty() || classifier.strip_prefix('-').is_some_and(|classifier| !classifier.is_empty());
    (has_number && fits && !extension.is_empty()).then_some(rest)
}

/// What follows exactly so many digits.
fn after_digits(text: &str, count: usize) -> Option<&str> {
    let (digits, rest) = text.split_at_checked(count)?;
    let ends = !rest.starts_with(|c: char| c.is_ascii_digit());
    (digits.bytes().all(|byte| byte.is_ascii_digit()) && ends).then_some(rest)
}

/// The names of the files that a checksum or signature may be of, the nearest first: `app.jar.asc` and `app.jar` for
/// `app.jar.asc.md5`. Of other files there are none.
pub(super) fn owners(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(owner(name), |name| owner(name))
}

fn owner(name: &str) -> Option<&str> {
    COMPANIONS.iter().find_map(|ending| name.strip_suffix(ending)).filter(|owner| !owner.is_empty())
}

/// Whether it is Maven's metadata, or a checksum of that.
#[must_use]
pub(super) fn is_metadata(name: &str) -> bool {
    name == METADATA || owners(name).any(|owner| owner == METADATA)
}

/// A build is told without its version: `app-sources.jar`.
impl fmt::Display for FileKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Builds { artifact, rest } => write!(f, "{artifact}{rest}"),
        }
    }
}

#[cfg(test)]
mod tests;
