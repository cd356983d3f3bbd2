//! Reads the names of files: which are builds of one thing, and which only accompany another file.

use std::fmt;

use crate::package::{Build, Package};

/// Tells which files of a package are versions of one thing, so that `keep_newest` counts them together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKey<'a> {
    /// Files of this very name.
    Name(&'a str),
    /// The builds of a Maven snapshot. The version, with the time and number of the build, stands between the two
    /// parts.
    Builds {
        /// The part before the version.
        artifact: &'a str,
        /// Classifier and extension, as in `-sources.jar`.
        rest: &'a str,
    },
}

/// The word at the end of a Maven snapshot's version. Its builds have a time and a number in the place of the word.
const SNAPSHOT: &str = "SNAPSHOT";

/// The file that Maven's clients find versions by. GitLab writes it anew whenever something changes.
const METADATA: &str = "maven-metadata.xml";

/// The endings of checksums and signatures.
const COMPANIONS: [&str; 5] = [".md5", ".sha1", ".sha256", ".sha512", ".asc"];

impl<'a> FileKey<'a> {
    /// Returns the key of a file of this name in `package`. A name that isn't that of a snapshot's build is a key of
    /// its own.
    #[must_use]
    pub fn of(package: &Package, name: &'a str) -> Self {
        Self::with_build(package, name).0
    }

    /// Returns the key, and the build that the file is of.
    #[must_use]
    pub(super) fn with_build(package: &Package, name: &'a str) -> (Self, Option<Build<'a>>) {
        let found = base(package).and_then(|base| build(base, name));
        found.map_or((Self::Name(name), None), |(key, build)| (key, Some(build)))
    }
}

/// Returns whether the files of `package` are the builds of a snapshot.
#[must_use]
pub(super) fn is_snapshot(package: &Package) -> bool {
    base(package).is_some()
}

/// Returns the part before the word `SNAPSHOT` in the version of a snapshot.
fn base(package: &Package) -> Option<&str> {
    let version = package.version.as_deref().filter(|_| package.package_type.facts().has_builds)?;
    let (base, word) = version.split_at_checked(version.len().checked_sub(SNAPSHOT.len())?)?;
    word.eq_ignore_ascii_case(SNAPSHOT).then_some(base)
}

/// Reads the name of a build. Maven puts time and number in the place of `SNAPSHOT`:
/// `app-1.0-20240101.120000-7-sources.jar` is a build of `1.0-SNAPSHOT`. The part before the version needn't be the
/// package's own name: some plugins of sbt shorten it.
fn build<'a>(base: &str, name: &'a str) -> Option<(FileKey<'a>, Build<'a>)> {
    let dashes = name.match_indices('-').map(|(dash, _)| dash).filter(|dash| *dash > 0);
    dashes.into_iter().find_map(|dash| {
        let (artifact, tail) = name.split_at(dash);
        let (build, rest) = Build::split(tail[1..].strip_prefix(base)?)?;
        is_ending(rest).then_some((FileKey::Builds { artifact, rest }, build))
    })
}

/// Returns whether the text is an extension, or a classifier and an extension.
fn is_ending(text: &str) -> bool {
    text.split_once('.').is_some_and(|(classifier, extension)| {
        let fits =
            classifier.is_empty() || classifier.strip_prefix('-').is_some_and(|classifier| !classifier.is_empty());
        fits && !extension.is_empty()
    })
}

/// Returns the names of the files that a checksum or signature may be of, the nearest first: `app.jar.asc` and
/// `app.jar` for `app.jar.asc.md5`. For other files there are none.
pub(super) fn owners(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(owner(name), |name| owner(name))
}

fn owner(name: &str) -> Option<&str> {
    COMPANIONS.iter().find_map(|ending| name.strip_suffix(ending)).filter(|owner| !owner.is_empty())
}

/// Returns whether it is the file that Maven's clients find versions by.
#[must_use]
pub(super) fn is_index(name: &str) -> bool {
    name == METADATA
}

/// Returns whether it is Maven's metadata, or a checksum of that.
#[must_use]
pub(super) fn is_metadata(name: &str) -> bool {
    is_index(name) || owners(name).any(is_index)
}

/// Writes a build without its version: `app-sources.jar`.
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
