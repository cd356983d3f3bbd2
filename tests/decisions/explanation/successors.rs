//! What is told of the releases that supersede a package, and from when on it would go for them.

use gleaner::package::{Evidence, Package, PackageType};
use gleaner::plan::Opening;
use gleaner::policy::Truth;
use jiff::SignedDuration;

use super::{NOW, days_ago, explained, files, package, set_of};

/// The package 1 and others of its key, each by its version and its age in days.
fn rows(package_type: &str, versions: &[(&str, i64)]) -> Vec<Package> {
    let row = |((version, age), id): (&(&str, i64), u64)| Package {
        package_type: PackageType::parse(package_type),
        version: Some((*version).to_owned()),
        created_at: Some(days_ago(*age)),
        ..package(id)
    };
    versions.iter().zip(1..).map(row).collect()
}

fn tagged(mut rows: Vec<Package>, tags: Option<&[&str]>) -> Vec<Package> {
    rows[0].tags = tags.map(|tags| tags.iter().map(|&tag| tag.to_owned()).collect());
    rows
}

#[test]
fn it_is_told_what_supersedes_it_or_why_nothing_does() {
    use Truth::{No, Pending, Unknown, Yes};
    let any = "superseded: true, superseded_by: any";
    let candidate = ("1.9.5-rc.1", 40);
    let none = "1.9.5-rc.1 has no release that can be installed";
    let table: [(&str, Vec<Package>, Truth, &str); 17] = [
        (
            "superseded: true",
            rows("npm", &[candidate, ("1.9.5", 7)]),
            Yes,
            "1.9.5-rc.1 is superseded by 1.9.5, made 2026-05-21",
        ),
        ("superseded: true", rows("npm", &[candidate, ("2.0.0", 7)]), No, none),
        (any, rows("npm", &[candidate, ("2.0.0", 7)]), Yes, "1.9.5-rc.1 is superseded by 2.0.0, made 2026-05-21"),
        (any, rows("npm", &[candidate, ("2.0.0", 50)]), No, &format!("{none}, and no higher one was made after it")),
        ("superseded: true", rows("npm", &[("1.9.5", 40), ("2.0.0", 7)]), No, "it is no pre-release"),
        (
            "superseded: true",
            rows("npm", &[("what", 40), ("2.0.0", 7)]),
            Unknown,
            "whether it is a pre-release is unknown",
        ),
        (
            "superseded: true",
            tagged(rows("npm", &[candidate, ("1.9.5", 7)]), Some(&["next"])),
            No,
            "1.9.5-rc.1 is not superseded: it carries the dist-tag next",
        ),
        (
            "superseded: true",
            tagged(rows("npm", &[candidate, ("1.9.5", 7)]), None),
            Unknown,
            "its dist-tags can't be read",
        ),
        (
            "superseded: true",
            rows("helm", &[candidate, ("1.9.5", 7)]),
            Unknown,
            "1.9.5 may be in another distribution or channel, which GitLab's API doesn't tell",
        ),
        ("superseded: true", rows("helm", &[candidate, ("1.9.6", 7)]), No, none),
        (
            "superseded: true",
            rows("rubygems", &[("2.0.0.rc1", 40), ("2.0", 7)]),
            Yes,
            "2.0.0.rc1 is superseded by 2.0, made 2026-05-21",
        ),
        // The first of several rows, and the first of those that count.
        (
            "superseded_for: 14d",
            rows("pypi", &[("1.0rc1", 90), ("1.0.0", 20), ("1.0", 30)]),
            Pending,
            "1.0rc1 is superseded by 1.0, made 2026-04-28; made 90 days ago",
        ),
        (
            "superseded_for: 14d",
            rows("npm", &[candidate, ("1.9.5", 14)]),
            No,
            "1.9.5-rc.1 is superseded by 1.9.5, made 2026-05-14; newest content is 40 days old",
        ),
        (
            "superseded_for: 14d, superseded_by: any",
            rows("npm", &[candidate, ("1.9.5", 7), ("2.0.0", 20)]),
            Yes,
            "1.9.5-rc.1 is superseded by 2.0.0, made 2026-05-08; newest content is 40 days old",
        ),
        (
            "superseded_for: 14d",
            rows("npm", &[candidate, ("2.0.0", 20)]),
            No,
            &format!("{none}; newest content is 40 days old"),
        ),
        (
            any,
            rows("pypi", &[("1.0rc1", 90), ("2.0", 20)]),
            Pending,
            "1.0rc1 is superseded by 2.0, made 2026-05-08, unless it got content since",
        ),
        (
            any,
            rows("pypi", &[("1.0rc1", 90), ("1.0", 20), ("2.0", 10)]),
            Yes,
            "1.0rc1 is superseded by 1.0, made 2026-05-08",
        ),
    ];
    for (written, rows, truth, seen) in table {
        let told = explained(&set_of(&format!("delete: [{{ {written} }}]"), &[]), rows, &Evidence::none());
        let part = &told.rules[0].parts[0];
        assert_eq!((part.truth, part.seen.as_str()), (truth, seen), "{written}");
        assert_eq!(part.written, written);
    }
}

/// The reason of a plan has only the package at hand, and says the same.
#[test]
fn the_reason_names_the_release() {
    let candidate = || rows("npm", &[("1.9.5-rc.1", 40), ("1.9.5", 20), ("2.0.0", 30)]);
    let because = |rules: &str, rows| explained(&set_of(rules, &[]), rows, &Evidence::none()).because;
    assert_eq!(
        because("delete: [{ superseded: true }]", candidate()),
        "1.9.5-rc.1 is superseded by 1.9.5, made 2026-05-08"
    );
    assert_eq!(
        because("delete: [{ superseded_for: 14d, superseded_by: any }]", candidate()),
        "1.9.5-rc.1 is superseded by 2.0.0, made 2026-04-28 (superseded_for 14d)"
    );
    let keeping = "delete: [{ prerelease: true }]\nkeep: [{ prerelease: true, superseded: false }]";
    assert_eq!(
        because(keeping, rows("npm", &[("1.9.5-rc.1", 40), ("2.0.0", 20)])),
        "a pre-release; 1.9.5-rc.1 has no release that can be installed"
    );
}

/// A place is told as a place, also of what is let go for another reason.
#[test]
fn a_superseded_version_has_its_place() {
    let rules = "delete: [{ prerelease: true }]\nkeep: [{ newest: 1, prerelease: true, superseded: false }]";
    let told = explained(&set_of(rules, &[]), rows("npm", &[("1.9.5-rc.1", 40), ("1.9.5", 20)]), &Evidence::none());
    let keep = &told.rules[0];
    let parts: Vec<(&str, Truth)> = keep.parts.iter().map(|part| (part.written.as_str(), part.truth)).collect();
    assert_eq!(parts, [("prerelease: true", Truth::Yes), ("superseded: false", Truth::No), ("newest: 1", Truth::Yes)]);
    assert_eq!((keep.truth, keep.rank.map(|rank| rank.place)), (Truth::No, Some(1)));
    // Of one that has no place nobody knows, whatever else is known of it.
    let rules = "delete: [{ prerelease: true }]\n\
                 keep: [{ newest: 1, newest_per: '/([a-z]+)/', prerelease: true, superseded: false }]";
    let told = explained(&set_of(rules, &[]), rows("npm", &[("1.9.5-rc.1", 40), ("1.9.5", 20)]), &Evidence::none());
    let newest = told.rules[0].parts.last().unwrap();
    assert_eq!((told.rules[0].truth, newest.truth), (Truth::No, Truth::Unknown));
}

#[test]
fn it_goes_once_its_release_has_been_there_for_long_enough() {
    let after = |days: i64| Opening::From(NOW + SignedDuration::from_secs(days * 24 * 60 * 60 + 1));
    let opening = |rules: &str, versions, evidence: &Evidence| {
        explained(&set_of(&format!("delete: [{{ {rules} }}]"), &[]), rows("npm", versions), evidence).opening
    };
    let none = Evidence::none();
    assert_eq!(opening("superseded_for: 14d", &[("1.9.5-rc.1", 40), ("1.9.5", 9)], &none), after(5));
    assert_eq!(opening("superseded_for: 14d", &[("1.9.5-rc.1", 9), ("1.9.5", 40)], &none), after(5));
    assert_eq!(opening("superseded_for: 14d", &[("1.9.5-rc.1", 40), ("1.9.5", 15)], &none), Opening::Now);
    let any = "superseded_for: 14d, superseded_by: any";
    assert_eq!(opening(any, &[("1.9.5-rc.1", 40), ("2.0.0", 9), ("2.1.0", 3)], &none), after(5));
    assert!(matches!(opening(any, &[("1.9.5-rc.1", 40), ("2.0.0", 90)], &none), Opening::Never { .. }));
    assert!(matches!(opening("superseded: true", &[("1.9.5-rc.1", 40), ("2.0.0", 9)], &none), Opening::Never { .. }));
    // A release with a date that lies ahead can't be installed yet.
    assert_eq!(
        opening("superseded: true", &[("1.9.5-rc.1", 40), ("1.9.5", -2)], &none),
        Opening::From(NOW + SignedDuration::from_hours(48))
    );
    let told = |evidence: &Evidence| {
        let rules = set_of("delete: [{ superseded_for: 14d }]", &[]);
        explained(&rules, rows("pypi", &[("1.0rc1", 40), ("1.0", 20)]), evidence).opening
    };
    assert_eq!(told(&files(&[(1, 10)])), after(4));
    assert_eq!(told(&none), Opening::NotBefore(NOW));
}
