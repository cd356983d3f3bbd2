//! Tables of packages and what becomes of them, where the specification leaves no doubt and mistakes are easy.

mod branches;
mod conditions;
mod downloads;
mod in_use;
mod protection;
mod refs;
mod releases;
mod series;
mod topics;

use gleaner::package::{Downloaded, Lookup, Package, PackageId, PackageType, Project};
use gleaner::yaml::Source;
use gleaner_support::{Answers, NOW, days_ago, file, package, project};
use jiff::{SignedDuration, Timestamp};

const OLD: &str = "delete: [{ older_than: 30d }]";

#[test]
fn the_latest_version_is_what_clients_take_for_it() {
    // Versions oldest first, and those that stay.
    let table: [(&str, &[&str], &[&str]); 23] = [
        // Nothing carries the dist-tag `latest`, so that npm takes the highest of all.
        ("npm", &["1.0.0", "2.0.0", "3.0.0-rc.1"], &["2.0.0", "3.0.0-rc.1"]),
        ("npm", &["1.0.0-rc.1", "1.0.0-rc.2"], &["1.0.0-rc.2"]),
        ("helm", &["0.9.0", "v1.2.3"], &["v1.2.3"]),
        ("nuget", &["1.2.3", "1.2.4.1", "2.0"], &["2.0"]),
        ("nuget", &["2.0.0", "1.9.0", "2.0"], &["2.0.0", "2.0"]),
        ("cargo", &["1.0.0", "1.2.0", "1.1.0"], &["1.2.0"]),
        ("nuget", &["1.2.3", "2.0.0-preview.1"], &["1.2.3"]),
        ("composer", &["1.2.3", "1.2.3.1", "v2.0", "dev-main"], &["v2.0"]),
        ("pypi", &["1.0", "1.1.dev1", "1.1rc1"], &["1.0"]),
        // A version that can't be read may be the latest, and is no reason to give up the one that can.
        ("pypi", &["odd", "1.2.3", "weird"], &["odd", "1.2.3", "weird"]),
        ("golang", &["v1.0.0", "v0.0.0-20240101000000-abcdefabcdef"], &["v1.0.0"]),
        ("maven", &["1.0", "33.0.0-jre", "34.0-SNAPSHOT"], &["33.0.0-jre"]),
        // What was made last is its `RELEASE`, be it a candidate or the patch of an old line.
        ("maven", &["33.0.0", "34.0-rc1", "34.0-SNAPSHOT"], &["33.0.0", "34.0-rc1"]),
        ("maven", &["2.0", "1.5", "1.4-rc1", "3-SNAPSHOT"], &["2.0", "1.5", "1.4-rc1"]),
        ("maven", &["2.0-SNAPSHOT", "1.0-SNAPSHOT"], &["1.0-SNAPSHOT"]),
        ("pypi", &["2.0", "1.0", "2.0.0"], &["2.0", "2.0.0"]),
        ("composer", &["1.0", "2.x-dev", "dev-main"], &["1.0"]),
        ("rubygems", &["1.2.3", "2.0.0.pre1"], &["1.2.3"]),
        ("debian", &["1.2-1", "2.0~rc1-1"], &["1.2-1"]),
        ("rpm", &["1.2-1", "1.3-1"], &["1.3-1"]),
        ("conan", &["1.2.11", "1.3.0-beta"], &["1.2.11"]),
        ("generic", &["1.0", "2.0"], &[]),
        ("terraform_module", &["1.0.0", "1.1.0"], &["1.1.0"]),
    ];
    for (package_type, versions, expected) in table {
        let rows = versions.iter().zip(1..).map(|(version, id)| Package {
            package_type: PackageType::parse(package_type),
            version: Some((*version).to_owned()),
            created_at: Some(days_ago(400 - i64::try_from(id).unwrap())),
            ..package(id)
        });
        let kept: Vec<String> = judged(OLD, rows.collect(), &[])
            .into_iter()
            .filter(|(_, reason)| *reason == "latest")
            .map(|(package, _)| package.version.unwrap())
            .collect();
        assert_eq!(kept, expected, "{package_type} {versions:?}");
        let lifted = "delete: [{ older_than: 30d, allow_latest: true, other_indexes: true }]";
        let rows = vec![Package { package_type: PackageType::parse(package_type), ..package(1) }];
        assert_eq!(reasons(lifted, rows, &[]), ["selected"], "{package_type}");
    }
}

#[test]
fn what_selects_by_downloads_looks_at_the_content_too_and_what_saves_does_not() {
    let pulled_long_ago = Package { downloaded: Downloaded::At(days_ago(100)), ..package(1) };
    let new_file = [(1, 10)];
    assert_eq!(
        reasons("delete: [{ not_downloaded_for: 90d }]", vec![pulled_long_ago.clone()], &new_file),
        ["not_selected"]
    );
    assert_eq!(
        reasons("delete: [{ not_downloaded_for: 90d }]", vec![pulled_long_ago.clone()], &[(1, 95)]),
        ["selected"]
    );
    let keep = "delete: [{ older_than: 4d }]\nkeep: [{ not_downloaded_for: 90d }]";
    assert_eq!(reasons(keep, vec![pulled_long_ago], &new_file), ["kept_by_rule"]);
}

#[test]
fn a_date_that_is_odd_keeps_its_package() {
    let downloaded = |downloaded| vec![Package { downloaded, ..package(1) }];
    let created = |created_at| vec![Package { created_at, ..package(1) }];
    let ancient: Timestamp = "1980-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(reasons(OLD, downloaded(Downloaded::Unreadable), &[]), ["senseless_dates"]);
    assert_eq!(reasons(OLD, downloaded(Downloaded::At(ancient)), &[]), ["senseless_dates"]);
    assert_eq!(reasons(OLD, created(None), &[]), ["senseless_dates"]);
    assert_eq!(reasons(OLD, created(Some(ancient)), &[]), ["senseless_dates"]);
    assert_eq!(reasons(OLD, created(Some(NOW + SignedDuration::from_hours(1))), &[]), ["min_age"]);
    // A date that older servers don't send is unknown, and says nothing about the others.
    assert_eq!(reasons(OLD, downloaded(Downloaded::Unknown), &[]), ["selected"]);
}

#[test]
fn a_look_up_that_fails_dooms_no_other() {
    let rules = "delete: [{ name: core }]\nkeep:\n  - { version: '9.*', older_than: 1h, newest: 1 }\n  \
                 - { younger_than: 90d, newest: 1 }";
    let row = |id, version: &str, age| Package {
        version: Some(version.to_owned()),
        created_at: Some(days_ago(age)),
        ..package(id)
    };
    let rows = [row(1, "9.0", 50), row(2, "1.0", 60), row(3, "2.0", 80)];
    // The files of 1 and 2 can't be had.
    let failing = [(1, -1), (2, -1)];
    let whole = reasons(rules, rows.to_vec(), &failing);
    let without_first = reasons(rules, rows[1..].to_vec(), &failing);
    assert_eq!(whole[2], without_first[1], "the third is judged alike, whether or not the first was seen");
}

#[test]
fn a_protection_holds_where_the_projects_path_is_unknown() {
    let set = [
        ("old.yaml", format!("version: 1\nscope: {{ group: acme }}\n{OLD}\n")),
        ("hold.yaml", "version: 1\nprotect: [{ project: 'acme/legacy/**' }]\n".to_owned()),
    ];
    let project = |path: Option<&str>| Package {
        project: Project { path: path.map(str::to_owned), ..project(1, "acme/app") },
        ..package(1)
    };
    let table = [(Some("acme/app"), "selected"), (Some("acme/Legacy/app"), "protected"), (None, "protected")];
    for (path, expected) in table {
        let sources = set.clone().map(|(file, text)| Source::new(file, text));
        let told = judged_by(&sources, vec![project(path)], &[]);
        assert_eq!(told[0].1, expected, "{path:?}");
    }
}

fn reasons(rules: &str, rows: Vec<Package>, files: &[(u64, i64)]) -> Vec<&'static str> {
    judged(rules, rows, files).into_iter().map(|(_, reason)| reason).collect()
}

fn judged(rules: &str, rows: Vec<Package>, files: &[(u64, i64)]) -> Vec<(Package, &'static str)> {
    judged_by(&[Source::new("p.yaml", format!("version: 1\nscope: {{ group: acme }}\n{rules}\n"))], rows, files)
}

/// `files` are the ages in days of a second file of a package; a negative one is a look-up that fails.
fn judged_by(sources: &[Source], rows: Vec<Package>, files: &[(u64, i64)]) -> Vec<(Package, &'static str)> {
    let files = files.iter().map(|(package, age)| match age {
        ..0 => (PackageId(*package), Lookup::Failed),
        age => (PackageId(*package), Lookup::Found(vec![file(1, "core.bin", *age)])),
    });
    Answers { files: files.collect(), ..Answers::default() }.judge(sources, rows)
}
