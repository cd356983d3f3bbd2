//! What a version says of itself: whether it is a pre-release.

use std::str::FromStr;

use super::PackageType;

/// Whether `version` is a pre-release by the rules of its ecosystem; `None` where it can't be read, or where the
/// ecosystem knows no such thing.
#[must_use]
pub fn is_prerelease(package_type: &PackageType, version: &str) -> Option<bool> {
    match package_type {
        PackageType::Pypi => pep440_rs::Version::from_str(version).ok().map(|version| version.any_prerelease()),
        PackageType::Maven => Some(maven(version)),
        PackageType::Npm | PackageType::TerraformModule => semver(version),
        PackageType::Helm | PackageType::Golang => semver(without_v(version)),
        PackageType::Nuget => parts(version).or_else(|| semver(version)),
        PackageType::Composer => composer(without_v(version)),
        // Gem::Version: any letter makes a pre-release.
        PackageType::Rubygems => Some(version.contains(|c: char| c.is_ascii_alphabetic())),
        // A tilde sorts before the end of the version: `2.0~rc1` comes before `2.0`.
        PackageType::Debian | PackageType::Rpm => Some(version.contains('~')),
        PackageType::Conan => Some(version.contains('-')),
        PackageType::Generic | PackageType::MlModel | PackageType::Other(_) => None,
    }
}

/// Composer's stabilities; branches are `dev-main` and `1.x-dev`.
fn composer(version: &str) -> Option<bool> {
    if version.starts_with("dev-") || version.ends_with("-dev") {
        return Some(true);
    }
    parts(version).or_else(|| semver(version))
}

fn without_v(version: &str) -> &str {
    version.strip_prefix('v').unwrap_or(version)
}

/// One to four numbers, as NuGet and Composer write releases.
fn parts(version: &str) -> Option<bool> {
    let mut parts = version.split('.');
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_release = parts.clone().count() <= 4 && parts.all(is_number);
    is_release.then_some(false)
}

/// Maven orders these qualifiers, and only these, before the release: `ComparableVersion` in maven-artifact. `a`, `b` and
/// `m` count where a digit follows at once.
fn maven(version: &str) -> bool {
    let lower = version.to_ascii_lowercase();
    let is_letter = |c: char| c.is_ascii_alphabetic();
    let mut rest = lower.as_str();
    while let Some(start) = rest.find(is_letter) {
        let word = &rest[start..];
        let end = word.find(|c| !is_letter(c)).unwrap_or(word.len());
        rest = &word[end..];
        let before_digit = rest.starts_with(|c: char| c.is_ascii_digit());
        match &word[..end] {
            "alpha" | "beta" | "milestone" | "rc" | "cr" | "snapshot" => return true,
            "a" | "b" | "m" if before_digit => return true,
            _ => {}
        }
    }
    false
}

fn semver(version: &str) -> Option<bool> {
    semver::Version::parse(version).ok().map(|version| !version.pre.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prereleases_by_ecosystem() {
        let table = [
            (PackageType::Npm, "1.2.3", Some(false)),
            (PackageType::Npm, "1.2.3-beta.1", Some(true)),
            (PackageType::Npm, "1.2.3+build.7", Some(false)),
            (PackageType::Npm, "1.2", None),
            (PackageType::Golang, "v1.2.3", Some(false)),
            (PackageType::Golang, "v0.0.0-20240101000000-abcdefabcdef", Some(true)),
            (PackageType::Composer, "v2.0.0-RC1", Some(true)),
            (PackageType::Composer, "dev-main", Some(true)),
            (PackageType::Composer, "2.x-dev", Some(true)),
            (PackageType::Composer, "v2.0", Some(false)),
            (PackageType::Composer, "1.2.3.1", Some(false)),
            (PackageType::Composer, "main", None),
            (PackageType::Helm, "v1.2.3", Some(false)),
            (PackageType::Helm, "v1.2.3-rc.1", Some(true)),
            (PackageType::Nuget, "1.2.4.1", Some(false)),
            (PackageType::Nuget, "2.0", Some(false)),
            (PackageType::Nuget, "2.0.0-preview.1", Some(true)),
            (PackageType::Nuget, "1.2.3.4.5", None),
            (PackageType::Rubygems, "2.0.0.pre1", Some(true)),
            (PackageType::Rubygems, "2.0.0", Some(false)),
            (PackageType::Conan, "1.2.11", Some(false)),
            (PackageType::Conan, "1.3.0-beta", Some(true)),
            (PackageType::Pypi, "1.0", Some(false)),
            (PackageType::Pypi, "1.0rc1", Some(true)),
            (PackageType::Pypi, "1.0.dev3", Some(true)),
            (PackageType::Pypi, "1.0.post1", Some(false)),
            (PackageType::Pypi, "newest", None),
            (PackageType::Maven, "1.0", Some(false)),
            (PackageType::Maven, "1.0-SNAPSHOT", Some(true)),
            (PackageType::Maven, "1.0.0-rc-1", Some(true)),
            (PackageType::Maven, "2.0-M3", Some(true)),
            (PackageType::Maven, "1.0.Final", Some(false)),
            (PackageType::Maven, "33.0.0-jre", Some(false)),
            (PackageType::Maven, "2024.06-build", Some(false)),
            (PackageType::Generic, "1.0.0-rc.1", None),
            (PackageType::Debian, "1.0~rc1-1", Some(true)),
            (PackageType::Rpm, "1.0-1", Some(false)),
            (PackageType::Other("cargo".to_owned()), "1.0.0", None),
        ];
        for (package_type, version, expected) in table {
            assert_eq!(is_prerelease(&package_type, version), expected, "{package_type} {version}");
        }
    }
}
