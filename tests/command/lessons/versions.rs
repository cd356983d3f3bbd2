//! Versions that were sorted wrongly, or could not be read at all.

use gleaner::package::{Package, PackageType};

use crate::lessons::judgement::{days_ago, judge, row};

const OLD: &str = "delete: [{ older_than: 30d }]";

fn of_type(package_type: PackageType, id: u64, version: &str, age: i64) -> Package {
    Package { package_type, ..row(id, version, days_ago(age)) }
}

/// pulp/pulp_rpm #4124: `~rc` was sorted above its release, which was deleted for it. Whichever was published last, the
/// latest version is the release. A candidate of Maven that was made last is beside it what `RELEASE` resolves to.
#[test]
fn a_candidate_is_not_the_latest_version_beside_its_release() {
    let table = [
        (PackageType::Npm, "1.0.0", "1.0.0-rc.1"),
        (PackageType::Pypi, "1.0", "1.0rc1"),
        (PackageType::Maven, "1.0", "1.0-RC1"),
        (PackageType::Maven, "1.0", "1.0-SNAPSHOT"),
        (PackageType::Composer, "v1.0.0", "v1.0.0-beta1"),
        (PackageType::Golang, "v1.0.0", "v1.0.1-0.20240101000000-abcdefabcdef"),
        (PackageType::Rpm, "1.0-1", "1.0~rc1-1"),
        (PackageType::Debian, "1.0-1", "1.0~rc1-1"),
    ];
    for (package_type, release, candidate) in table {
        for (age, candidate_age) in [(100, 200), (200, 100)] {
            let rows = [
                of_type(package_type.clone(), 1, release, age),
                of_type(package_type.clone(), 2, candidate, candidate_age),
            ];
            let of_candidate = match (&package_type, candidate) {
                (PackageType::Maven, "1.0-RC1") if candidate_age < age => "latest",
                (PackageType::Debian, _) => "other_index",
                _ => "selected",
            };
            let reasons = judge(OLD, rows).reasons();
            assert_eq!(
                reasons,
                [(1, "latest"), (2, of_candidate)].into(),
                "{package_type} {candidate}, {candidate_age} d"
            );
        }
    }
}

/// Versions were sorted as texts, which has 1.9 above 1.10.
#[test]
fn versions_are_not_sorted_as_texts() {
    let versions = ["1.8.0", "1.9.0", "1.10.0", "1.11.0"];
    let rows: Vec<Package> =
        (1..).zip(versions).map(|(id, version)| row(id, version, days_ago(200 - id.cast_signed()))).collect();
    assert_eq!(judge(OLD, rows.clone()).gone(), [1, 2, 3].into());
    let newest = "delete: [{ older_than: 30d, allow_latest: true }]\nkeep: [{ newest: 2 }]";
    assert_eq!(judge(newest, rows).gone(), [1, 2].into());
}

/// By its date, the last patch of an old line passes for the latest version, and the real one goes. To Maven it is what
/// `RELEASE` resolves to; in a channel or a distribution of its own it may be the highest.
#[test]
fn a_late_patch_of_an_old_line_is_not_the_latest_version() {
    let table = [
        (PackageType::Npm, "2.0.0", "1.9.5"),
        (PackageType::Npm, "1.10.0", "1.9.5"),
        (PackageType::Pypi, "1!1.0", "2024.1"),
        (PackageType::Maven, "5.10.0.Final", "5.9.1.Final"),
        (PackageType::Composer, "v2.0.0", "1.9.5"),
        (PackageType::Golang, "v2.0.0+incompatible", "v1.9.5"),
        (PackageType::Helm, "v1.10.0", "1.9.5"),
        (PackageType::Nuget, "1.10", "1.9.0.5"),
        (PackageType::Rubygems, "1.10.0", "1.9.5"),
        (PackageType::Conan, "1.1.1w", "1.1.1k"),
        (PackageType::Debian, "1:1.0-1", "2.0-1"),
        (PackageType::Rpm, "1.10-1", "1.9-3"),
        (PackageType::TerraformModule, "10.0.0", "9.9.9"),
    ];
    for (package_type, highest, patch) in table {
        let rows = [of_type(package_type.clone(), 1, highest, 200), of_type(package_type.clone(), 2, patch, 100)];
        let reasons = judge(OLD, rows).reasons();
        let of_patch = match package_type {
            PackageType::Maven => "latest",
            PackageType::Helm | PackageType::Debian => "other_index",
            _ => "selected",
        };
        assert_eq!(reasons, [(1, "latest"), (2, of_patch)].into(), "{package_type} {highest}");
    }
}

/// Maven takes `1.0` and `1.0.0` for one version: neither is surely higher, whichever was made later.
#[test]
fn equal_versions_are_the_latest_together() {
    for age in [100, 200, 300] {
        let rows = [of_type(PackageType::Maven, 1, "1.0", 200), of_type(PackageType::Maven, 2, "1.0.0", age)];
        assert_eq!(judge(OLD, rows).reasons(), [(1, "latest"), (2, "latest")].into(), "made {age} days ago");
    }
}

/// One version that could not be parsed aborted everything. Here it stops nothing: it is kept, what can be read is judged
/// as ever, and no release loses the guard of the latest version to it.
#[test]
fn a_version_that_cannot_be_read_stops_nothing_and_replaces_no_release() {
    let odd = ["latest", "1", "1..2", "v", "-", "1.0.0-", "1.0.0+", "٣.١", "99999999999999999999.0.0", "~", "\u{0}"];
    for package_type in [PackageType::Npm, PackageType::Cargo, PackageType::TerraformModule] {
        for version in odd {
            let rows = [
                of_type(package_type.clone(), 1, "1.0.0", 300),
                of_type(package_type.clone(), 2, "1.1.0", 200),
                of_type(package_type.clone(), 3, version, 100),
            ];
            let judgement = judge(OLD, rows);
            assert_eq!(judgement.gone(), [1].into(), "{package_type} {version:?}");
            assert_eq!(judgement.reasons()[&2], "latest", "{package_type} {version:?}");
        }
    }
    for package_type in PackageType::KNOWN.into_iter().filter(PackageType::has_latest) {
        for version in odd {
            let rows = [of_type(package_type.clone(), 1, version, 200), of_type(package_type.clone(), 2, version, 100)];
            assert_eq!(judge(OLD, rows).reasons()[&2], "latest", "{package_type} {version:?}");
        }
    }
}

/// A version that is missing altogether is no old version: Maven keeps its metadata in such packages.
#[test]
fn a_package_without_a_version_is_kept_and_takes_no_place() {
    let rules = "delete: [{ name: \"**\", allow_latest: true }]\nkeep: [{ newest: 1 }]";
    let rows = [row(1, "1.0.0", days_ago(200)), Package { version: None, ..row(2, "", days_ago(100)) }];
    assert_eq!(judge(rules, rows).reasons(), [(1, "kept_by_rule"), (2, "versionless")].into());
}
