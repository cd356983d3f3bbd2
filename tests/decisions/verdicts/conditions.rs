//! What each condition that only some packages can meet makes of those that meet it, those that don't, and those of which
//! nobody can tell: a delete rule fails on these, and a keep rule holds.

use gleaner::package::{FileId, Lookup, Package, PackageFile, PackageId, PackageType};
use gleaner_support::{Answers, days_ago, package};

use super::reasons;

/// Selected by a rule that deletes, and kept by one that keeps.
pub(super) const HOLDS: [&str; 2] = ["selected", "kept_by_rule"];
pub(super) const DOES_NOT: [&str; 2] = ["not_selected", "selected"];
pub(super) const UNKNOWN: [&str; 2] = ["not_selected", "kept_by_rule"];

/// What a delete rule and a keep rule with this condition make of a package that is not the latest of its key.
pub(super) fn told(condition: &str, package: &Package, answers: &Answers) -> [&'static str; 2] {
    let lifted = "older_than: 30d, allow_latest: true";
    let rules = [
        format!("delete: [{{ {condition}, {lifted} }}]"),
        format!("delete: [{{ {lifted} }}]\nkeep: [{{ {condition} }}]"),
    ];
    let latest = Package { id: PackageId(2), version: Some("99.0.0".to_owned()), ..package.clone() };
    rules.map(|rules| answers.reasons(&rules, vec![package.clone(), latest.clone()])[0])
}

#[test]
fn any_of_the_tags_matches_and_any_takes_away() {
    /// `None` can't be read.
    type Tags<'t> = Option<&'t [&'t str]>;
    let tagged = |tags: Tags<'_>| Package {
        package_type: PackageType::Nuget,
        tags: tags.map(|tags| tags.iter().map(|tag| (*tag).to_owned()).collect()),
        ..package(1)
    };
    let table: [(&str, Tags<'_>, [&str; 2]); 12] = [
        ("tag: beta", Some(&["beta"]), HOLDS),
        ("tag: beta", Some(&["next", "beta"]), HOLDS),
        ("tag: beta", Some(&["beta.2"]), DOES_NOT),
        ("tag: 'beta*'", Some(&["beta.2"]), HOLDS),
        ("tag: beta", Some(&[]), DOES_NOT),
        ("tag: '*'", Some(&[]), DOES_NOT),
        ("tag: '!stable'", Some(&[]), HOLDS),
        ("tag: '!stable'", Some(&["beta"]), HOLDS),
        ("tag: '!stable'", Some(&["beta", "stable"]), DOES_NOT),
        ("tag: ['*', '!stable']", Some(&["beta", "stable"]), DOES_NOT),
        ("tag: beta", None, UNKNOWN),
        ("tag: '!stable'", None, UNKNOWN),
    ];
    for (condition, tags, expected) in table {
        assert_eq!(told(condition, &tagged(tags), &Answers::default()), expected, "{condition} {tags:?}");
    }
}

/// A rule for another tag doesn't mean the version that `latest` points at too.
#[test]
fn only_a_rule_that_names_the_tag_latest_takes_what_it_points_at() {
    let both = Package {
        package_type: PackageType::Npm,
        tags: Some(vec!["beta".to_owned(), "latest".to_owned()]),
        version: Some("2.0.0-beta.1".to_owned()),
        ..package(1)
    };
    let release = Package { package_type: PackageType::Npm, version: Some("1.0.0".to_owned()), ..package(2) };
    for (condition, expected) in [
        ("older_than: 30d", "npm_latest"),
        ("tag: beta", "npm_latest"),
        ("tag: '!stable'", "npm_latest"),
        ("tag: latest", "selected"),
        ("tag: [beta, latest]", "selected"),
        ("tag: '*'", "selected"),
    ] {
        let rules = format!("delete: [{{ {condition} }}]");
        assert_eq!(reasons(&rules, vec![both.clone(), release.clone()], &[])[0], expected, "{condition}");
    }
}

#[test]
fn only_conan_has_channels() {
    let of = |package_type, channel: Option<&str>| Package {
        package_type,
        channel: channel.map(str::to_owned),
        ..package(1)
    };
    let table = [
        ("channel: acme/testing", of(PackageType::Conan, Some("acme/testing")), HOLDS),
        ("channel: '*/testing'", of(PackageType::Conan, Some("acme/testing")), HOLDS),
        ("channel: '*'", of(PackageType::Conan, Some("acme/testing")), HOLDS),
        ("channel: testing", of(PackageType::Conan, Some("acme/testing")), DOES_NOT),
        ("channel: '!*/stable'", of(PackageType::Conan, Some("acme/testing")), HOLDS),
        ("channel: '!*/stable'", of(PackageType::Conan, Some("acme/stable")), DOES_NOT),
        // GitLab shows `_/_` where there is none: who deletes doesn't mean that, and who keeps may.
        ("channel: '*'", of(PackageType::Conan, None), ["not_selected", "kept_by_rule"]),
        ("channel: _/_", of(PackageType::Conan, None), ["not_selected", "kept_by_rule"]),
        ("channel: '*/stable'", of(PackageType::Conan, None), DOES_NOT),
        ("channel: '!*/stable'", of(PackageType::Conan, None), UNKNOWN),
        ("channel: '!*/stable'", of(PackageType::Generic, None), DOES_NOT),
        ("channel: '*'", of(PackageType::Generic, None), DOES_NOT),
    ];
    for (condition, package, expected) in table {
        assert_eq!(told(condition, &package, &Answers::default()), expected, "{condition} {:?}", package.channel);
    }
}

#[test]
fn a_prerelease_is_what_its_ecosystem_takes_for_one() {
    let of = |package_type, version: &str| Package { package_type, version: Some(version.to_owned()), ..package(1) };
    let table = [
        (of(PackageType::Npm, "1.0.0-rc.1"), HOLDS, DOES_NOT),
        (of(PackageType::Npm, "1.0.0+build.7"), DOES_NOT, HOLDS),
        (of(PackageType::Maven, "1.0-SNAPSHOT"), HOLDS, DOES_NOT),
        (of(PackageType::Pypi, "1.0.dev3"), HOLDS, DOES_NOT),
        (of(PackageType::Generic, "1.0-rc1"), HOLDS, DOES_NOT),
        (of(PackageType::Generic, "v1.0"), DOES_NOT, HOLDS),
        (of(PackageType::Generic, "1.0-final"), UNKNOWN, UNKNOWN),
    ];
    for (package, of_true, of_false) in table {
        let version = package.version.clone();
        assert_eq!(told("prerelease: true", &package, &Answers::default()), of_true, "{version:?}");
        assert_eq!(told("prerelease: false", &package, &Answers::default()), of_false, "{version:?}");
    }
}

#[test]
fn a_package_is_as_large_as_its_files_and_no_larger_than_it_is() {
    let of = |sizes: &[Option<u64>]| {
        let files = (1..).zip(sizes).map(|(id, size)| PackageFile {
            id: FileId(id),
            name: None,
            size: *size,
            created_at: Some(days_ago(400)),
            sha256: None,
        });
        Answers { files: [(PackageId(1), Lookup::Found(files.collect()))].into(), ..Answers::default() }
    };
    let table: [(&[Option<u64>], [&str; 2]); 6] = [
        (&[Some(600), Some(401)], HOLDS),
        (&[Some(600), Some(400)], DOES_NOT),
        (&[], DOES_NOT),
        // What is known is enough to tell, or isn't.
        (&[Some(1001), None], HOLDS),
        (&[Some(999), None], UNKNOWN),
        (&[None], UNKNOWN),
    ];
    // Of the two types only one needs a look-up for its age.
    for package_type in [PackageType::Generic, PackageType::Npm] {
        let package = Package { package_type, version: Some("1.0.0".to_owned()), ..package(1) };
        for (sizes, expected) in table {
            assert_eq!(told("larger_than: 1kB", &package, &of(sizes)), expected, "{sizes:?}");
        }
        let failed = Answers { files: [(PackageId(1), Lookup::Failed)].into(), ..Answers::default() };
        assert_eq!(told("larger_than: 1kB", &package, &failed), ["no_evidence", "no_evidence"]);
    }
}
