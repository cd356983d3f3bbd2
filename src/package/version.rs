//! Tells which of two versions is the newer one, and whether one is a pre-release, by the rules of their ecosystem.

mod below;
mod build;
mod composer;
mod conan;
mod debian;
mod ecosystem;
mod folded;
mod gem;
mod label;
mod maven;
mod nuget;
mod number;
mod own_release;
mod pep440;
mod plain;
mod rpm;
mod sameness;
mod semver;
mod series;
mod spelling;

use std::borrow::Cow;

use super::PackageType;
pub use below::is_below;
pub use build::Build;
use composer::Composer;
use conan::Conan;
use debian::Debian;
pub use ecosystem::Ecosystem;
use gem::Gem;
use maven::Maven;
use nuget::Nuget;
use plain::Plain;
use rpm::Rpm;
pub use sameness::is_same_version;
use semver::Semver;
pub use series::{Depth, series};

/// The place of a version among those that it was read with: the higher, the newer. Where neither of two versions is surely
/// higher, as with Maven's `1.0` and `1.0.0`, they stand on the same rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rung(usize);

/// Returns the rung of each of `versions`, which are all of one type; `None` where its ecosystem can't parse it.
///
/// Versions of two ecosystems have no order, so there is nothing here that compares them. A rung says nothing beside
/// those of another call.
#[must_use]
pub fn rungs(package_type: &PackageType, versions: &[&str]) -> Vec<Option<Rung>> {
    match package_type.facts().versions {
        Ecosystem::Cargo => order(versions, Semver::cargo),
        Ecosystem::Composer => order(versions, Composer::parse),
        Ecosystem::Conan => order(versions, Conan::parse),
        Ecosystem::Debian => order(versions, Debian::parse),
        Ecosystem::Gem => order(versions, Gem::parse),
        Ecosystem::Go => order(versions, Semver::go),
        Ecosystem::Helm => order(versions, Semver::helm),
        Ecosystem::Maven => order(versions, Maven::parse),
        Ecosystem::Model => order(versions, Semver::parse),
        Ecosystem::Npm => order(versions, Semver::npm),
        Ecosystem::Nuget => order(versions, Nuget::parse),
        Ecosystem::Pep440 => order(versions, pep440::parse),
        Ecosystem::Plain => order(versions, Plain::parse),
        Ecosystem::Rpm => order(versions, Rpm::parse),
        Ecosystem::Terraform => order(versions, Semver::terraform),
        Ecosystem::Unknown => vec![None; versions.len()],
    }
}

/// Returns whether `version` is a pre-release by the rules of its ecosystem; `None` where it can't be read, or where
/// the ecosystem knows no such thing.
#[must_use]
pub fn is_prerelease(package_type: &PackageType, version: &str) -> Option<bool> {
    package_type.facts().versions.is_prerelease(version)
}

impl Ecosystem {
    /// Returns whether `version` is a pre-release; `None` where it can't be read, or where the ecosystem knows no such thing.
    #[must_use]
    pub fn is_prerelease(self, version: &str) -> Option<bool> {
        match self {
            Self::Cargo => Semver::cargo(version).map(|version| version.is_prerelease()),
            Self::Composer if composer::is_named_branch(version) => Some(true),
            Self::Composer => Composer::parse(version).map(|version| version.is_prerelease()),
            Self::Conan => Conan::parse(version).map(|version| version.is_prerelease()),
            Self::Debian => Debian::parse(version).map(|version| version.is_prerelease()),
            Self::Gem => Gem::parse(version).map(|version| version.is_prerelease()),
            Self::Go => Semver::go(version).map(|version| version.is_prerelease()),
            Self::Helm => Semver::helm(version).map(|version| version.is_prerelease()),
            Self::Maven => Maven::parse(version).map(|_| maven::is_prerelease(version)),
            Self::Npm => Semver::npm(version).map(|version| version.is_prerelease()),
            Self::Nuget => Nuget::parse(version).map(|version| version.is_prerelease()),
            Self::Pep440 => pep440::parse(version).map(|version| version.any_prerelease()),
            Self::Plain => plain::is_prerelease(version),
            Self::Rpm => Rpm::parse(version).map(|version| version.is_prerelease()),
            Self::Terraform => Semver::terraform(version).map(|version| version.is_prerelease()),
            Self::Model | Self::Unknown => None,
        }
    }

    /// Returns the release that a pre-release leads to: the version without the pre-release part. `None` where `version` is
    /// no pre-release, and where nobody can name that release.
    #[must_use]
    pub fn own_release(self, version: &str) -> Option<String> {
        own_release::of(self, version)
    }

    /// Returns whether two versions are one only where they are written alike.
    #[must_use]
    pub fn goes_by_text(self) -> bool {
        self == Self::Plain
    }

    /// Returns the letters that a version begins with, in lower case, where the ecosystem orders such words among numbers:
    /// Maven has `v4.0` below `3.0`, and nobody who writes it means that. Versions that begin otherwise can't be
    /// compared.
    #[must_use]
    pub fn beginning(self, version: &str) -> String {
        let letters =
            || version.trim().chars().take_while(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
        match self {
            Self::Conan | Self::Debian | Self::Maven | Self::Rpm => letters(),
            _ => String::new(),
        }
    }

    /// Returns whether a generic version is a single number with a word after it that nobody knows, as the name of a branch
    /// may be: `7-fix-login`.
    #[must_use]
    pub fn is_slug(self, version: &str) -> bool {
        self == Self::Plain && plain::is_slug(version)
    }

    /// Returns a version that is surely not above this one, where nobody can tell whether this one comes before or
    /// after its release: `1.0-alpha` for generic `1.0-custom`. `None` where its place in the order is certain.
    #[must_use]
    pub fn floor(self, version: &str) -> Option<String> {
        if self == Self::Plain { plain::floor(version) } else { None }
    }

    /// Returns whether pre-releases can be told from releases.
    #[must_use]
    pub fn has_prereleases(self) -> bool {
        !matches!(self, Self::Model | Self::Unknown)
    }

    /// Returns whether one version may be written in several ways that its clients take for the same.
    #[must_use]
    pub fn has_spellings(self) -> bool {
        matches!(self, Self::Nuget | Self::Pep440)
    }

    /// Returns whether a version is a branch, whose content changes in place: `dev-main`, `2.x-dev`.
    ///
    /// Source: `app/services/packages/composer/version_parser_service.rb`.
    #[must_use]
    pub fn is_branch(self, version: &str) -> bool {
        self == Self::Composer && composer::is_branch(version)
    }

    /// Returns whether a version stands for builds that replace one another: `1.0-SNAPSHOT`.
    #[must_use]
    pub fn is_snapshot(self, version: &str) -> bool {
        self == Self::Maven && maven::is_snapshot(version)
    }

    /// Returns the form that all spellings of one version have in common, without zeros at the end of its numbers; the
    /// text itself where it can't be read.
    #[must_use]
    pub fn normal(self, version: &str) -> Cow<'_, str> {
        spelling::normal(self, version)
    }

    /// Returns the ways in which a version may be written: as it is, and in its normal form, with and without zeros at
    /// the end of its numbers.
    #[must_use]
    pub fn spellings(self, version: &str) -> Vec<String> {
        spelling::spellings(self, version)
    }
}

/// Reads and sorts versions. There is one `V` for each ecosystem, and only the same `V` compares.
fn order<'a, V: Ord>(versions: &[&'a str], parse: fn(&'a str) -> Option<V>) -> Vec<Option<Rung>> {
    let mut known: Vec<(V, usize)> =
        versions.iter().enumerate().filter_map(|(place, version)| Some((parse(version)?, place))).collect();
    known.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    let mut rungs = vec![None; versions.len()];
    let mut rung = Rung(0);
    for (height, (version, place)) in known.iter().enumerate() {
        if height > 0 && known[height - 1].0 != *version {
            rung = Rung(height);
        }
        rungs[*place] = Some(rung);
    }
    rungs
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
            (PackageType::Golang, "v2.0.0+incompatible", Some(false)),
            (PackageType::Golang, "1.2.3", None),
            (PackageType::Golang, "v0.0.0-20240101000000-abcdefabcdef", Some(true)),
            (PackageType::Composer, "v2.0.0-RC1", Some(true)),
            (PackageType::Composer, "dev-main", Some(true)),
            (PackageType::Composer, "2.x-dev", Some(true)),
            (PackageType::Composer, "v2.0", Some(false)),
            (PackageType::Composer, "1.2.3.1", Some(false)),
            (PackageType::Composer, "main", None),
            (PackageType::Composer, "1.0.0-p1", Some(false)),
            (PackageType::Composer, "1.0b2", Some(true)),
            (PackageType::Composer, "2024-06-30", Some(false)),
            (PackageType::Helm, "v1.2.3", Some(false)),
            (PackageType::Helm, "v1.2.3-rc.1", Some(true)),
            (PackageType::Nuget, "1.2.4.1", Some(false)),
            (PackageType::Nuget, "2.0", Some(false)),
            (PackageType::Nuget, "2.0.0-preview.1", Some(true)),
            (PackageType::Nuget, "1.2.3.4.5", None),
            (PackageType::Nuget, "1.0-beta", Some(true)),
            (PackageType::Rubygems, "2.0.0.pre1", Some(true)),
            (PackageType::Rubygems, "2.0.0", Some(false)),
            (PackageType::Rubygems, "2.0.0-1", Some(true)),
            (PackageType::Rubygems, "2.0..0", None),
            (PackageType::Conan, "1.2.11", Some(false)),
            (PackageType::Conan, "1.3.0-beta", Some(true)),
            (PackageType::Conan, "1.3.0+build-5", Some(false)),
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
            (PackageType::Maven, "1.0-20250801.101010-7", Some(true)),
            (PackageType::Maven, "1.0-20250801.101010", Some(false)),
            (PackageType::Generic, "1.0.0-rc2", Some(true)),
            (PackageType::Generic, "v1.0.0-beta.1", Some(true)),
            (PackageType::Generic, "2.1-SNAPSHOT", Some(true)),
            (PackageType::Generic, "1.0-20250801.101010-7", None),
            (PackageType::Generic, "1.0M1", Some(true)),
            (PackageType::Generic, "1.0~dev", Some(true)),
            (PackageType::Generic, "1.0.Canary-3", Some(true)),
            (PackageType::Generic, "app-nightly-20240101", Some(true)),
            (PackageType::Generic, "1.2-3-rc1", Some(true)),
            (PackageType::Generic, "1.0.0", Some(false)),
            (PackageType::Generic, "v2", Some(false)),
            (PackageType::Generic, "V20240101", Some(false)),
            (PackageType::Generic, "1.0-final", None),
            (PackageType::Generic, "1.0-rcx", None),
            (PackageType::Generic, "1.0_rc1", None),
            (PackageType::Generic, "1.0-1", None),
            (PackageType::Generic, "nightly", None),
            (PackageType::Generic, "rc1", None),
            (PackageType::Generic, "3f2a9c1", None),
            (PackageType::Generic, "1.", None),
            (PackageType::Generic, "", None),
            (PackageType::Debian, "1.0~rc1-1", Some(true)),
            (PackageType::Debian, "5:24.0.9-1~debian.12~bookworm", Some(false)),
            (PackageType::Debian, "rc1", None),
            (PackageType::Rpm, "1.0-1", Some(false)),
            (PackageType::Rpm, "1.0~rc1-1.fc41", Some(true)),
            (PackageType::Rpm, "1.0^git1-1", Some(false)),
            (PackageType::Cargo, "1.0.0", Some(false)),
            (PackageType::Cargo, "1.0.0-alpha.1", Some(true)),
            (PackageType::Cargo, "1.0", None),
            (PackageType::Other("swift".to_owned()), "1.0.0", None),
        ];
        for (package_type, version, expected) in table {
            assert_eq!(is_prerelease(&package_type, version), expected, "{package_type} {version}");
        }
    }
}
