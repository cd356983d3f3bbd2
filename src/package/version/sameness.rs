//! Whether a version that somebody names elsewhere is one that GitLab has. In doubt it is, because what is named is held.

use std::borrow::Cow;

use super::build::Build;
use super::{Ecosystem, rungs};
use crate::package::PackageType;

/// Returns whether `named` may be the version that GitLab shows as `version`: they are spellings of one version, or equal
/// by the order of their ecosystem.
#[must_use]
pub fn is_same_version(package_type: &PackageType, version: &str, named: &str) -> bool {
    let ecosystem = package_type.facts().versions;
    let version = without_epoch(ecosystem, version);
    readings(ecosystem, without_epoch(ecosystem, named)).iter().any(|named| {
        folded(ecosystem, version) == folded(ecosystem, named)
            || matches!(rungs(package_type, &[version, named]).as_slice(), [Some(one), Some(other)] if one == other)
    })
}

/// Returns the version without regard to case, and without the `v` before its numbers.
fn folded(ecosystem: Ecosystem, version: &str) -> String {
    let folded = ecosystem.normal(version).to_lowercase();
    match folded.strip_prefix('v') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest.to_owned(),
        _ => folded,
    }
}

/// Returns the versions that a version which was named may stand for in GitLab.
fn readings(ecosystem: Ecosystem, named: &str) -> Vec<Cow<'_, str>> {
    let cut = |sign: &str| named.rsplit_once(sign);
    let more = match ecosystem {
        // A build of a snapshot is a file of it.
        Ecosystem::Maven => named
            .match_indices('-')
            .find(|(dash, _)| Build::is_whole(&named[dash + 1..]))
            .map(|(dash, _)| Cow::Owned(format!("{}-SNAPSHOT", &named[..dash]))),
        // A binary that was built again has the version of its source with a number behind it.
        Ecosystem::Debian => cut("+b")
            .filter(|(_, number)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
            .map(|(source, _)| Cow::Borrowed(source)),
        Ecosystem::Rpm => cut("-").map(|(version, _)| Cow::Borrowed(version)),
        _ => None,
    };
    [Cow::Borrowed(named)].into_iter().chain(more).collect()
}

/// Returns the version without the epoch, which package URLs often leave out.
fn without_epoch(ecosystem: Ecosystem, version: &str) -> &str {
    let has_epochs = matches!(ecosystem, Ecosystem::Debian | Ecosystem::Rpm);
    match version.split_once(':') {
        Some((epoch, rest)) if has_epochs && epoch.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => version,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_the_same_is() {
        let table = [
            ("npm", "1.2.3", "1.2.3", true),
            ("npm", "1.2.3", "1.2.4", false),
            ("npm", "1.2.3", "v1.2.3", true),
            ("golang", "v1.2.3", "1.2.3", true),
            ("golang", "v2.0.0+incompatible", "v2.0.0+incompatible", true),
            ("composer", "v5.4.0", "5.4.0", true),
            ("composer", "dev-main", "dev-main", true),
            ("composer", "dev-main", "dev-next", false),
            ("pypi", "1.0rc1", "1.0.0-RC.1", true),
            ("pypi", "1.0", "1.0.1", false),
            ("nuget", "1.3.0.0", "1.3", true),
            ("cargo", "1.0.0+build", "1.0.0", true),
            ("maven", "1.0-SNAPSHOT", "1.0-20250801.101010-7", true),
            ("maven", "1.0", "1.0-20250801.101010-7", false),
            ("maven", "1.0", "1.0.0", true),
            ("maven", "1.0-jre", "1.0-android", false),
            ("debian", "1:2.3-1", "2.3-1", true),
            ("debian", "2.3-1", "2.3-1+b2", true),
            ("debian", "2.3-1", "2.3-2", false),
            ("rpm", "2.0", "1:2.0-1.fc41", true),
            ("rpm", "2.0-1.fc41", "2.0-1.fc41", true),
            ("rpm", "2.1", "2.0-1.fc41", false),
            ("generic", "v1.0", "1.0", true),
            ("generic", "nightly", "Nightly", true),
            ("generic", "3f2a9c1", "3f2a9c2", false),
            ("helm", "1.2.3", "v1.2.3", true),
            ("swift", "1.0", "1.0", true),
        ];
        for (package_type, version, named, expected) in table {
            let package_type = PackageType::parse(package_type);
            assert_eq!(is_same_version(&package_type, version, named), expected, "{package_type} {version} {named}");
        }
    }
}
