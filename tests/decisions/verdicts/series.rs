//! `newest_per`: so many of each series stay, and what is of no series stays besides.

use gleaner::package::{BuiltFrom, Lookup, Package, PackageId, PackageType, Pipeline, RefKind};
use gleaner_support::{Answers, days_ago, package};

/// The versions that go, of versions that are given oldest first.
fn gone(rule: &str, package_type: &PackageType, versions: &[&str]) -> Vec<String> {
    let rows = versions.iter().zip(1..).map(|(version, id)| Package {
        package_type: package_type.clone(),
        version: Some((*version).to_owned()),
        created_at: Some(days_ago(400 - i64::try_from(id).unwrap())),
        ..package(id)
    });
    let rules = format!("delete: [{{ older_than: 30d, allow_latest: true }}]\nkeep: [{{ {rule} }}]");
    let reasons = Answers::default().reasons(&rules, rows.collect());
    let gone = versions.iter().zip(reasons).filter(|(_, reason)| *reason == "selected");
    gone.map(|(version, _)| (*version).to_owned()).collect()
}

#[test]
fn each_series_keeps_its_own_newest() {
    let maven = ["1.0.0", "1.0.1", "1.1.0", "2.0.0", "2.1.0-rc-1", "2.1.0", "1.1.1"];
    let table: [(&str, &[&str]); 8] = [
        ("newest: 1", &["1.0.0", "1.0.1", "1.1.0", "2.0.0", "2.1.0-rc-1", "2.1.0"]),
        ("newest: 1, newest_per: major", &["1.0.0", "1.0.1", "1.1.0", "2.0.0", "2.1.0-rc-1"]),
        ("newest: 2, newest_per: major", &["1.0.0", "1.0.1", "2.0.0"]),
        ("newest: 2, newest_per: major", &["1.0.0", "1.0.1", "2.0.0"]),
        ("newest: 1, newest_per: minor", &["1.0.0", "1.1.0", "2.1.0-rc-1"]),
        ("newest: 1, newest_per: patch", &["2.1.0-rc-1"]),
        (r"newest: 1, newest_per: '/([0-9])\..*/'", &["1.0.0", "1.0.1", "1.1.0", "2.0.0", "2.1.0-rc-1"]),
        ("newest: 1, newest_per: major, prerelease: false", &["1.0.0", "1.0.1", "1.1.0", "2.0.0", "2.1.0-rc-1"]),
    ];
    for (rule, expected) in table {
        assert_eq!(gone(rule, &PackageType::Maven, &maven), expected, "{rule}");
    }
    // By version the date of a backport makes no difference.
    let backport = ["2.0.0", "1.9.0", "1.10.0", "1.9.1"];
    assert_eq!(gone("newest: 1, newest_per: major, by: version", &PackageType::Npm, &backport), ["1.9.0", "1.9.1"]);
}

#[test]
fn what_is_of_no_series_stays_and_takes_no_place() {
    let odd = ["1.0.0", "2.0.0", "what is this", "1.0.1"];
    assert_eq!(gone("newest: 1, newest_per: major", &PackageType::Pypi, &odd), ["1.0.0"]);
    let branches = ["main-1", "main-2", "feature-1", "nightly", "main-3"];
    assert_eq!(
        gone("newest: 1, newest_per: '/(.*)-[0-9]+/'", &PackageType::Generic, &branches),
        ["main-1", "main-2"],
        "nightly is of no series"
    );
}

#[test]
fn a_ref_is_looked_up_for_all_that_compete_and_what_can_not_be_had_stays() {
    let row = |id, built_from| Package {
        version: Some(format!("1.0.{id}")),
        created_at: Some(days_ago(400 - i64::try_from(id).unwrap())),
        built_from,
        ..package(id)
    };
    let listed = |name: &str| BuiltFrom::Pipeline(Pipeline::of(RefKind::Branch, name));
    let rows = vec![
        row(1, listed("main")),
        row(2, BuiltFrom::NotListed),
        row(3, listed("feature/x")),
        row(4, BuiltFrom::NotListed),
        row(5, listed("main")),
        row(6, BuiltFrom::Unknown),
        row(7, BuiltFrom::NotListed),
    ];
    let answers = Answers {
        refs: [
            (PackageId(2), Lookup::Found(Some(Pipeline::of(RefKind::Branch, "feature/x")))),
            (PackageId(4), Lookup::Found(Some(Pipeline::of(RefKind::Tag, "main")))),
            (PackageId(7), Lookup::Failed),
        ]
        .into(),
        ..Answers::default()
    };
    let rules = "delete: [{ older_than: 30d }]\nkeep: [{ newest: 1, newest_per: ref }]";
    let kept = "kept_by_rule";
    assert_eq!(
        answers.reasons(rules, rows),
        ["selected", "selected", kept, "selected", kept, kept, "no_evidence"],
        "7 may be main's newest, and takes no place while nobody can tell"
    );
}

/// As long as nobody has looked it up, a version may be of any series, and push the others of it out.
#[test]
fn a_version_whose_ref_is_open_is_reckoned_with_in_every_series() {
    let row = |id, built_from| Package {
        version: Some(format!("1.0.{id}")),
        created_at: Some(days_ago(400 - i64::try_from(id).unwrap())),
        built_from,
        ..package(id)
    };
    let rules = "delete: [{ older_than: 30d }]\nkeep: [{ newest: 1, newest_per: ref }]";
    for (found, expected) in [("main", ["selected", "kept_by_rule"]), ("feature/x", ["kept_by_rule"; 2])] {
        let refs = [(PackageId(2), Lookup::Found(Some(Pipeline::of(RefKind::Branch, found))))].into();
        let rows =
            vec![row(1, BuiltFrom::Pipeline(Pipeline::of(RefKind::Branch, "main"))), row(2, BuiltFrom::NotListed)];
        assert_eq!(Answers { refs, ..Answers::default() }.reasons(rules, rows), expected, "{found}");
    }
}
