//! Policy files from end to end: each fixture under `invalid` is told exactly as the `.expected` beside it says, and
//! each under `valid` is read without a problem, with the lints that the `.expected` beside it has.
//!
//! A fixture is a file, or a folder for a set of several. One that lacks its expectation fails.
#![expect(clippy::unwrap_used, reason = "a fixture that can't be read fails its test")]

mod fingerprints;
mod written;

use std::fs;
use std::path::{Path, PathBuf};

use gleaner::package::Reference;
use gleaner::policy::{Archived, Limits, Lints, Mode, Policy, PolicySet, Reach};
use gleaner::yaml::{Problems, Source};
use jiff::Timestamp;

/// What was told in place of an expectation is written here, ready to be compared and copied.
const ACTUAL: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/policies");

#[test]
fn invalid_files_are_told_as_expected() {
    let differences: Vec<String> = fixtures("invalid")
        .iter()
        .filter_map(|fixture| match parse(fixture) {
            Ok(_) => Some(format!("{}: read without a problem", fixture.display())),
            Err(errors) => difference(fixture, &format!("{errors}\n")),
        })
        .collect();
    assert!(differences.is_empty(), "compare with {ACTUAL}\n\n{}", differences.join("\n"));
}

#[test]
fn valid_files_are_read_with_the_lints_that_are_expected() {
    let now: Timestamp = "2026-11-01T12:00:00Z".parse().unwrap();
    let differences: Vec<String> = fixtures("valid")
        .iter()
        .filter_map(|fixture| match parse(fixture) {
            Ok((_, lints)) => {
                let lints: String = lints.as_of(now).iter().map(|lint| format!("{lint}\n\n")).collect();
                difference(fixture, &lints)
            }
            Err(errors) => Some(format!("{}:\n{errors}", fixture.display())),
        })
        .collect();
    assert!(differences.is_empty(), "compare with {ACTUAL}\n\n{}", differences.join("\n"));
}

#[test]
fn every_expectation_has_its_fixture() {
    for folder in ["invalid", "valid"] {
        let fixtures = fixtures(folder);
        for expectation in
            entries(&root().join(folder), |path| path.extension().is_some_and(|ending| ending == "expected"))
        {
            assert!(
                fixtures.iter().any(|fixture| fixture.with_extension("expected") == expectation),
                "{} belongs to nothing",
                expectation.display()
            );
        }
    }
}

#[test]
fn a_policy_says_what_its_file_says() {
    let policy = policy("valid/maven-snapshots.yaml");
    assert_eq!(policy.name, "maven-snapshots");
    assert_eq!(policy.source, "maven-snapshots.yaml");
    assert_eq!(policy.description.as_deref(), Some("CI snapshots that nobody pulled"));
    assert_eq!(policy.mode, Mode::Delete);
    let schedule = policy.schedule.as_ref().unwrap();
    assert_eq!((schedule.line.as_str(), schedule.zone.as_str()), ("30 2 * * *", "Europe/Berlin"));
    assert_eq!(policy.limits.max_deletions, 500);
    assert_eq!(policy.limits.max_percent, 20);
    assert_eq!(policy.limits.max_percent_per_project, 50);
    assert_eq!(policy.limits.max_bytes, Some(50_000_000_000));
    assert_eq!(policy.limits.min_age.to_string(), "96h");
    let decisive = serde_json::json!({
        "scope": {
            "reach": {"groups": {"groups": ["acme/platform"], "subgroups": true}},
            "paths": ["acme/platform/**", "!acme/platform/legacy/**"],
            "types": ["maven"],
            "archived": "exclude",
        },
        "delete": [
            {
                "conditions": [{"version": ["*-SNAPSHOT"]}, {"older_than": 2_592_000}, {"not_downloaded_for": 7_776_000}],
                "allow_latest": false,
                "allow_released": false,
                "other_indexes": false,
            },
            {
                "conditions": [{"status": ["error"]}, {"older_than": 604_800}],
                "allow_latest": true,
                "allow_released": false,
                "other_indexes": false,
            },
        ],
        "keep": [
            {"conditions": [], "until": null, "newest": {"count": 3, "by": "content", "per": null}},
            {"conditions": [{"downloaded_within": 2_592_000}], "until": null, "newest": null},
            {"conditions": [{"version": ["*.Final"]}], "until": null, "newest": null},
        ],
    });
    assert_eq!(serde_json::to_value(&policy.scope).unwrap(), decisive["scope"]);
    assert_eq!(serde_json::to_value(&policy.delete).unwrap(), decisive["delete"]);
    assert_eq!(serde_json::to_value(&policy.keep).unwrap(), decisive["keep"]);
}

#[test]
fn every_condition_is_read() {
    let policy = policy("valid/every-condition.yaml");
    let rules = serde_json::json!([
        {
            "conditions": [
                {"type": ["maven", "npm"]},
                {"name": ["@acme/{core,util}-*"]},
                {"project": ["acme/**/api"]},
                {"version": [r"/1\.[0-9]+/", "!1.10", "1.10"]},
                {"status": ["default", "deprecated"]},
                {"older_than": 47_340_288},
                {"younger_than": 315_576_000},
                {"not_downloaded_for": 31_557_600 + 15_780_096},
                "never_downloaded",
            ],
            "allow_latest": false,
            "allow_released": false,
                "other_indexes": false,
        },
    ]);
    assert_eq!(serde_json::to_value(&policy.delete).unwrap(), rules);
    let rules = serde_json::json!([
        {"conditions": [{"id": [48213]}], "until": "2030-06-30", "newest": null},
        {"conditions": [{"id": [1, 2, 3]}], "until": null, "newest": null},
        {"conditions": [{"name": ["!*-internal"]}], "until": null, "newest": {"count": 5, "by": "version", "per": null}},
        {"conditions": [{"downloaded_within": 1_209_600}], "until": null, "newest": null},
    ]);
    assert_eq!(serde_json::to_value(&policy.keep).unwrap(), rules);
    assert_eq!(policy.keep[0].hold.note.as_deref(), Some("ticket LEGAL-7"));
    let projects = vec![Reference::parse("acme/platform/api").unwrap(), Reference::Id(4711)];
    assert_eq!(policy.scope.reach, Reach::Projects(projects));
}

#[test]
fn what_only_some_packages_have_is_read() {
    let policy = policy("valid/whole-language.yaml");
    assert_eq!(policy.scope.reach, Reach::Everywhere { subgroups: false });
    assert_eq!(policy.scope.archived, Archived::Include);
    let conditions = |conditions, allow_latest, allow_released| {
        serde_json::json!({
            "conditions": conditions,
            "allow_latest": allow_latest,
            "allow_released": allow_released,
            "other_indexes": false,
        })
    };
    let rules = [
        conditions(
            serde_json::json!([
                {"type": ["npm"]}, {"tag": ["beta", "!keep"]}, {"older_than": 2_592_000}, {"prerelease": true},
            ]),
            false,
            true,
        ),
        conditions(
            serde_json::json!([{"type": ["conan"]}, {"channel": ["*/testing"]}, {"not_downloaded_for": 7_776_000}]),
            false,
            false,
        ),
        conditions(
            serde_json::json!([{"older_than": 2_592_000}, {"built_from": ["!main", "!release/*"]}]),
            false,
            false,
        ),
        conditions(serde_json::json!([{"older_than": 7_776_000}, {"larger_than": 2_000_000_000}]), true, false),
        serde_json::json!({
            "conditions": [{"prerelease": true}, "unknown_age"],
            "allow_latest": false,
            "allow_released": false,
            "other_indexes": true,
        }),
    ];
    assert_eq!(serde_json::to_value(&policy.delete).unwrap(), serde_json::json!(rules));
    let newest: Vec<_> = policy.keep.iter().map(|rule| rule.newest.as_ref()).collect();
    let newest_of = |count, by, per| serde_json::json!({"count": count, "by": by, "per": per});
    let series = serde_json::json!({"capture": r"/([0-9]+\.[0-9]+)\..*/"});
    let expected = [
        newest_of(3, "version", serde_json::json!("minor")),
        newest_of(1, "created", serde_json::json!("ref")),
        newest_of(2, "content", series),
    ];
    assert_eq!(serde_json::to_value(newest).unwrap(), serde_json::json!(expected));
    let files = serde_json::json!([
        {
            "package_type": "maven",
            "conditions": [{"version": ["*-SNAPSHOT"]}],
            "file": ["*.jar", "*.pom"],
            "keep_newest": 2,
            "older_than": 1_209_600,
        },
        {
            "package_type": "generic",
            "conditions": [{"larger_than": 1_000_000_000}],
            "file": null,
            "keep_newest": 5,
            "older_than": null,
        },
    ]);
    assert_eq!(serde_json::to_value(&policy.files).unwrap(), files);
}

#[test]
fn what_is_not_written_has_its_default() {
    let policy = policy("valid/defaults.yaml");
    assert_eq!(policy.name, "defaults", "the file's stem");
    assert_eq!(policy.mode, Mode::DryRun);
    assert!(policy.schedule.is_none());
    assert_eq!(policy.limits, Limits::default());
    assert_eq!(policy.scope.reach, Reach::Groups { groups: vec![Reference::Id(42)], subgroups: true });
    assert!(!policy.delete[0].allow_latest);
    let limits = Limits::default();
    assert_eq!((limits.max_deletions, limits.max_percent, limits.max_percent_per_project), (1000, 30, 80));
    assert_eq!(limits.max_bytes, None);
    assert_eq!(limits.min_age.to_string(), "72h");
}

#[test]
fn a_set_is_in_the_order_of_its_names() {
    let (set, _) = parse(&root().join("valid/set")).unwrap();
    let names: Vec<&str> = set.policies.iter().map(|policy| policy.name.as_str()).collect();
    assert_eq!(names, ["npm", "old-errors"]);
    let names: Vec<&str> = set.protections.iter().map(|protection| protection.name.as_str()).collect();
    assert_eq!(names, ["legal-hold", "zz-releases"]);
    let scope = set.protections[0].scope.as_ref().unwrap();
    assert_eq!(scope.groups, ["acme/contracts"]);
    assert!(scope.subgroups && scope.projects.is_empty() && scope.paths.is_none());
    assert!(set.protections[1].scope.is_none());
}

#[test]
fn an_instance_file_says_what_holds_for_all() {
    let (set, _) = parse(&root().join("valid/with-an-instance")).unwrap();
    let instance = set.instance.unwrap();
    assert_eq!((instance.source.as_str(), instance.paused), ("instance.yaml", false));
    assert_eq!(instance.description.as_deref(), Some("The GitLab of all of us"));
    assert_eq!(instance.url.unwrap().as_str(), "https://gitlab.acme.example");
    let freezes: Vec<_> =
        instance.freeze.iter().map(|freeze| (freeze.from.to_string(), freeze.end.to_string())).collect();
    let expected = [("2026-12-20T00:00:00Z", "2027-01-07T00:00:00Z"), ("2026-11-30T17:00:00Z", "2026-11-30T22:00:00Z")];
    assert_eq!(freezes, expected.map(|(from, end)| (from.to_owned(), end.to_owned())));
    assert_eq!(instance.freeze[0].note.as_deref(), Some("nobody is there"));
    assert_eq!(instance.require, ["legal-hold", "tidy"]);
    let limits = &set.policies[0].limits;
    assert_eq!((limits.max_deletions, limits.max_percent), (500, 10));
    assert_eq!(limits.min_age.to_string(), "96h");
}

/// Of all that an instance file says, the least age of the ceiling alone decides about a package.
#[test]
fn an_instance_file_is_in_the_fingerprint_by_its_least_age_alone() {
    let folder = root().join("valid/with-an-instance");
    let now: Timestamp = "2026-11-01T12:00:00Z".parse().unwrap();
    let (with, _) = parse(&folder).unwrap();
    let files = entries(&folder, |path| !path.ends_with("instance.yaml"));
    let sources: Vec<Source> =
        files.iter().map(|file| Source::new(file.to_str().unwrap(), fs::read_to_string(file).unwrap())).collect();
    let (mut without, _) = PolicySet::parse(&sources).unwrap();
    let fingerprint = |set: &PolicySet| set.policies_at(now).next().unwrap().fingerprint();
    assert_ne!(fingerprint(&with), fingerprint(&without));
    without.policies[0].limits.min_age = with.policies[0].limits.min_age.clone();
    assert_eq!(fingerprint(&with), fingerprint(&without));
}

#[test]
fn no_file_is_no_set() {
    let errors = PolicySet::parse(&[]).unwrap_err();
    assert_eq!(errors.to_string(), "there is no policy file\n     = a policy file ends in `.yaml`");
}

fn policy(fixture: &str) -> Policy {
    let (mut set, _) = parse(&root().join(fixture)).unwrap();
    set.policies.remove(0)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/policies")
}

/// The files and folders of `invalid` or `valid`, expectations aside.
fn fixtures(folder: &str) -> Vec<PathBuf> {
    let fixtures = entries(&root().join(folder), |path| path.extension().is_none_or(|ending| ending == "yaml"));
    assert!(fixtures.len() > 3, "the fixtures are missing");
    fixtures
}

fn entries(folder: &Path, is_wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = paths.filter(|path| is_wanted(path)).collect();
    paths.sort();
    paths
}

/// Reads a fixture as the set that it is, its files named without the folders above them.
fn parse(fixture: &Path) -> Result<(PolicySet, Lints), Problems> {
    let files = if fixture.is_dir() { entries(fixture, |_| true) } else { vec![fixture.to_owned()] };
    let source =
        |file: &PathBuf| Source::new(file.file_name().unwrap().to_str().unwrap(), fs::read_to_string(file).unwrap());
    PolicySet::parse(&files.iter().map(source).collect::<Vec<_>>())
}

/// What to tell where the `.expected` beside a fixture is another text, or is missing although there is something told.
fn difference(fixture: &Path, actual: &str) -> Option<String> {
    let expectation = fixture.with_extension("expected");
    let expected = fs::read_to_string(&expectation).unwrap_or_default();
    if expected == actual {
        return None;
    }
    let folder = Path::new(ACTUAL).join(fixture.parent().unwrap().file_name().unwrap());
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(expectation.file_name().unwrap()), actual).unwrap();
    Some(format!("{}:\n{actual}", fixture.display()))
}
