//! What a file's name says: which files are builds of one thing, and which only accompany another.

use std::fmt;

use crate::package::{Build, Package};

/// What makes two files of a package the same, so that `keep_newest` counts one after the other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKey<'a> {
    /// Files of this very name.
    Name(&'a str),
    /// The builds of a Maven snapshot. Between the two parts stood the version, with the time and number of the build.
    Builds {
        /// What stands before the version.
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
        Self::with_build(package, name).0
    }

    /// The key, and which build the file is of.
    #[must_use]
    pub(super) fn with_build(package: &Package, name: &'a str) -> (Self, Option<Build<'a>>) {
        let found = base(package).and_then(|base| build(base, name));
        found.map_or((Self::Name(name), None), |(key, build)| (key, Some(build)))
    }
}

/// Whether the files of `package` are the builds of a snapshot.
#[must_use]
pub(super) fn is_snapshot(package: &Package) -> bool {
    base(package).is_some()
}

/// What stands before the word `SNAPSHOT` in the version of a snapshot.
fn base(package: &Package) -> Option<&str> {
    let version = package.version.as_deref().filter(|_| package.package_type.facts().has_builds)?;
    let (base, word) = version.split_at_checked(version.len().checked_sub(SNAPSHOT.len())?)?;
    word.eq_ignore_ascii_case(SNAPSHOT).then_some(base)
}

/// Maven puts time and number in the place of `SNAPSHOT`: `app-1.0-20240101.120000-7-sources.jar` is a build of
/// `1.0-SNAPSHOT`. What stands before the version needn't be the package's own name: some plugins of sbt shorten it.
fn build<'a>(base: &str, name: &'a str) -> Option<(FileKey<'a>, Build<'a>)> {
    let dashes = name.match_indices('-').map(|(dash, _)| dash).filter(|dash| *dash > 0);
    dashes.into_iter().find_map(|dash| {
        let (artifact, tail) = name.split_at(dash);
        let (build, rest) = Build::split(tail[1..].strip_prefix(base)?)?;
        is_ending(rest).then_some((FileKey::Builds { artifact, rest }, build))
    })
}

/// Whether it is an extension, or a classifier and an extension.
fn is_ending(text: &str) -> bool {
    text.split_once('.').is_some_and(|(classifier, extension)| {
        let fits =
            classifier.is_empty() || classifier.strip_prefix('-').is_some_and(|classifier| !classifier.is_empty());
        fits && !extension.is_empty()
    })
}

/// The names of the files that a checksum or signature may be of, the nearest first: `app.jar.asc` and `app.jar` for
/// `app.jar.asc.md5`. Of other files there are none.
pub(super) fn owners(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(owner(name), |name| owner(name))
}

fn owner(name: &str) -> Option<&str> {
    COMPANIONS.iter().find_map(|ending| name.strip_suffix(ending)).filter(|owner| !owner.is_empty())
}

/// Whether it is the file that Maven's clients find versions by.
#[must_use]
pub(super) fn is_index(name: &str) -> bool {
    name == METADATA
}

/// Whether it is Maven's metadata, or a checksum of that.
#[must_use]
pub(super) fn is_metadata(name: &str) -> bool {
    is_index(name) || owners(name).any(is_index)
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
