//! What a version says: which of two is the newer one, and whether it is a pre-release, by the rules of its ecosystem.

mod composer;
mod conan;
mod debian;
mod folded;
mod gem;
mod label;
mod maven;
mod nuget;
mod number;
mod plain;
mod rpm;
mod semver;
mod series;
mod spelling;

use std::str::FromStr;

use super::PackageType;
use composer::Composer;
use conan::Conan;
use debian::Debian;
use gem::Gem;
use maven::Maven;
use nuget::Nuget;
use plain::Plain;
use rpm::Rpm;
use semver::Semver;
pub use series::{Depth, series};
pub(super) use spelling::spellings;

/// How high a version stands among those that it was read with: the higher, the newer. Versions that their ecosystem
/// takes for one, as Maven does `1.0` and `1.0.0`, stand on the same rung; which of them is the newer is for the caller
/// to say, by the dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rung(usize);

/// The rung of each of `versions`, which are all of one type; `None` where its ecosystem can't parse it.
///
/// Versions of two ecosystems have no order, so there is nothing here that compares them. A rung says nothing beside
/// those of another call.
#[must_use]
pub fn rungs(package_type: &PackageType, versions: &[&str]) -> Vec<Option<Rung>> {
    match package_type {
        PackageType::Composer => order(versions, Composer::parse),
        PackageType::Conan => order(versions, Conan::parse),
        PackageType::Debian => order(versions, Debian::parse),
        PackageType::Generic => order(versions, Plain::parse),
        PackageType::Golang => order(versions, Semver::go),
        PackageType::Helm => order(versions, Semver::helm),
        PackageType::Maven => order(versions, Maven::parse),
        PackageType::MlModel => order(versions, Semver::parse),
        PackageType::Npm => order(versions, Semver::npm),
        PackageType::Nuget => order(versions, Nuget::parse),
        PackageType::Pypi => order(versions, pep440),
        PackageType::Rpm => order(versions, Rpm::parse),
        PackageType::Rubygems => order(versions, Gem::parse),
        PackageType::TerraformModule => order(versions, Semver::terraform),
        PackageType::Other(_) => vec![None; versions.len()],
    }
}

/// Whether `version` is a pre-release by the rules of its ecosystem; `None` where it can't be read, or where the
/// ecosystem knows no such thing.
#[must_use]
pub fn is_prerelease(package_type: &PackageType, version: &str) -> Option<bool> {
    match package_type {
        PackageType::Composer if composer::is_named_branch(version) => Some(true),
        PackageType::Composer => Composer::parse(version).map(|version| version.is_prerelease()),
        PackageType::Conan => Conan::parse(version).map(|version| version.is_prerelease()),
        PackageType::Debian => Debian::parse(version).map(|version| version.is_prerelease()),
        PackageType::Golang => Semver::go(version).map(|version| version.is_prerelease()),
        PackageType::Helm => Semver::helm(version).map(|version| version.is_prerelease()),
        PackageType::Maven => Maven::parse(version).map(|_| maven::is_prerelease(version)),
        PackageType::Npm => Semver::npm(version).map(|version| version.is_prerelease()),
        PackageType::Nuget => Nuget::parse(version).map(|version| version.is_prerelease()),
        PackageType::Pypi => pep440(version).map(|version| version.any_prerelease()),
        PackageType::Rpm => Rpm::parse(version).map(|version| version.is_prerelease()),
        PackageType::Rubygems => Gem::parse(version).map(|version| version.is_prerelease()),
        PackageType::TerraformModule => Semver::terraform(version).map(|version| version.is_prerelease()),
        PackageType::Generic | PackageType::MlModel | PackageType::Other(_) => None,
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

fn pep440(version: &str) -> Option<pep440_rs::Version> {
    pep440_rs::Version::from_str(version).ok()
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
            (PackageType::Generic, "1.0.0-rc.1", None),
            (PackageType::Debian, "1.0~rc1-1", Some(true)),
            (PackageType::Debian, "5:24.0.9-1~debian.12~bookworm", Some(false)),
            (PackageType::Debian, "rc1", None),
            (PackageType::Rpm, "1.0-1", Some(false)),
            (PackageType::Rpm, "1.0~rc1-1.fc41", Some(true)),
            (PackageType::Rpm, "1.0^git1-1", Some(false)),
            (PackageType::Other("cargo".to_owned()), "1.0.0", None),
        ];
        for (package_type, version, expected) in table {
            assert_eq!(is_prerelease(&package_type, version), expected, "{package_type} {version}");
        }
    }
}
