//! Which versions take the places under `newest`.

use gleaner::package::PackageId;

use crate::worlds::judgement::{ALL, check, row, world};

fn keeping(newest: &str) -> String {
    format!("{ALL}\nkeep: [{{ {newest} }}]")
}

#[test]
fn a_snapshot_that_is_built_every_day_is_the_newest() {
    let rows = |oldest, between, youngest| {
        [
            (row("maven", "1.0-SNAPSHOT", 700).file_of(5.0), oldest),
            (row("maven", "1.1-SNAPSHOT", 300), between),
            (row("maven", "1.2-SNAPSHOT", 200), youngest),
        ]
    };
    for newest in ["newest: 1", "newest: 1, by: content"] {
        check(&keeping(&format!("{newest}, version: '*-SNAPSHOT'")), rows("kept_by_rule", "selected", "selected"));
    }
    check(&keeping("newest: 1, by: created"), rows("selected", "selected", "kept_by_rule"));
    check(&keeping("newest: 1, by: version"), rows("selected", "selected", "kept_by_rule"));
}

/// By its row 2.0.0.rc1 is the newest, and by its content the other.
#[test]
fn a_row_is_safe_by_the_listing_only_if_no_other_can_be_newer() {
    let candidate = || row("rubygems", "2.0.0.rc1", 31);
    let release = || row("rubygems", "2.0.0", 400).file_of(30.0);
    check(&keeping("newest: 1"), [(candidate(), "selected"), (release(), "kept_by_rule")]);
    check(&keeping("newest: 1"), [(candidate(), "kept_by_rule"), (release().refused(), "no_evidence")]);
    check(&keeping("newest: 1, by: created"), [(candidate(), "kept_by_rule"), (release(), "selected")]);
}

/// Or the verdict on 1.0.0 would hang on whether somebody looked.
/// What a rule doesn't count competes for none of its places.
#[test]
fn only_what_is_counted_is_asked_for() {
    let rules = "delete: [{ version: '*-SNAPSHOT', older_than: 30d, allow_latest: true }]\n\
                 keep: [{ newest: 1, version: '*-SNAPSHOT' }]";
    let rows = [
        row("maven", "1.0", 400),
        row("maven", "1.1-SNAPSHOT", 300).file_of(60.0),
        row("maven", "1.2-SNAPSHOT", 200).file_of(50.0),
    ];
    let told = world(rules, rows).judge();
    assert_eq!((told.asked, told.plan.deletions().count()), ([PackageId(2), PackageId(3)].into(), 1));
}

#[test]
fn files_without_sense_leave_a_package_its_place() {
    let senseless = || row("nuget", "2.0.0", 800).file_dated("1980-01-01T00:00:00Z");
    let other = || row("nuget", "1.0.0", 15);
    let gone = |rules: &str| world(rules, [other(), senseless()]).judge().gone();
    assert_eq!(gone(&keeping("newest: 1, by: version")), [PackageId(1)].into());
    check(&keeping("newest: 1"), [(other(), "kept_by_rule"), (senseless(), "senseless_dates")]);
    // Its row's date counts, and none of its files'.
    check(&keeping("newest: 1"), [(other(), "kept_by_rule"), (senseless().file_of(10.0), "senseless_dates")]);
    check(
        &keeping("newest: 1"),
        [(row("nuget", "1.0.0", 900), "selected"), (senseless().file_of(10.0), "senseless_dates")],
    );
    // It is the highest, too, so that nobody needs to look at its files.
    check("delete: [{ older_than: 4d }]", [(other(), "selected"), (senseless(), "latest")]);
}

#[test]
fn what_is_equal_pushes_nobody_out() {
    let both = |one, other| [(one, "kept_by_rule"), (other, "kept_by_rule")];
    check(&keeping("newest: 1"), both(row("npm", "1.0.0", 50), row("npm", "1.1.0", 50)));
    check(&keeping("newest: 1, by: created"), both(row("npm", "1.0.0", 50), row("npm", "1.1.0", 50)));
    check(&keeping("newest: 1"), both(row("pypi", "1.0", 90).file_of(50.0), row("pypi", "1.1", 50)));
    let by_version = keeping("newest: 1, by: version");
    check(&by_version, both(row("maven", "1.0", 90), row("maven", "1.0.0", 50)));
    check(&by_version, both(row("npm", "1.0.0+a", 90), row("npm", "1.0.0+b", 50)));
    check(&by_version, both(row("generic", "1.0-SNAPSHOT", 90), row("generic", "1.0-20250801.101010-7", 50)));
    // Below each of them there is still somebody.
    check(
        &keeping("newest: 1"),
        [
            (row("npm", "1.0.0", 50), "kept_by_rule"),
            (row("npm", "1.1.0", 50), "kept_by_rule"),
            (row("npm", "1.2.0", 51), "selected"),
        ],
    );
}

/// Rows of one version neither cost each other a place nor lend it one.
#[test]
fn spellings_of_a_version_share_a_place() {
    let rules = keeping("newest: 2");
    let rows = [row("nuget", "1.0", 90), row("nuget", "1.0.0", 50), row("nuget", "0.9", 100), row("nuget", "0.8", 200)];
    let told = world(&rules, rows).judge();
    assert_eq!(told.reasons(), ["kept_by_rule", "kept_by_rule", "kept_by_rule", "selected"]);
    assert_eq!(told.places(), [Some((1, 3)), Some((1, 3)), Some((2, 3)), Some((3, 3))]);

    // A young row of 1.0 doesn't lift an old one above 1.1.
    check(
        &keeping("newest: 1"),
        [
            (row("pypi", "1.0", 90), "selected"),
            (row("pypi", "1.0.0", 20), "kept_by_rule"),
            (row("pypi", "1.1", 50), "selected"),
        ],
    );
}

#[test]
fn uploads_take_no_place_and_versions_of_that_name_do() {
    let name = "0.0.0-8f14e45f-ceea-467f-a8f8-1b1f0f1b2c3d";
    let rules = keeping("newest: 1, status: [default, error, processing]");
    for status in ["error", "processing"] {
        let rows = [row("npm", "1.0.0", 90), row("npm", name, 10).status(status)];
        assert_eq!(world(&rules, rows).judge().reasons()[0], "kept_by_rule", "{status}");
    }
    check(&rules, [(row("npm", "1.0.0", 90), "selected"), (row("npm", name, 10), "kept_by_rule")]);
    check(
        &rules,
        [(row("npm", "1.0.0", 90), "selected"), (row("npm", "0.0.0-8f14e45f", 10).status("error"), "kept_by_rule")],
    );
}

/// Three numbers are there as 1.2.0 is written, and not in its normal form.
#[test]
fn a_series_of_ones_own_sees_the_normal_form() {
    let rules = keeping(r"newest: 1, newest_per: '/([0-9]+)(?:\.[0-9]+){2}/'");
    for (package_type, expected) in [("npm", "selected"), ("nuget", "kept_by_rule"), ("pypi", "kept_by_rule")] {
        check(
            &rules,
            [
                (row(package_type, "1.1.0", 90), expected),
                (row(package_type, "1.2.0", 60), expected),
                (row(package_type, "1.1.1", 90), "selected"),
                (row(package_type, "1.1.2", 50), "kept_by_rule"),
            ],
        );
    }
}

/// Nobody knows whether such a version leads to its numbers or comes after them.
#[test]
fn a_suffix_that_nobody_knows_takes_the_place_of_no_release() {
    let rules = keeping("newest: 1, by: version");
    let kept = "kept_by_rule";
    check(&rules, [(row("generic", "1.0", 90), kept), (row("generic", "1.0_rc1", 100), kept)]);
    check(&rules, [(row("generic", "1.0-rc1", 90), kept), (row("generic", "1.0-custom", 80), kept)]);
    check(&rules, [(row("generic", "1.0", 90), kept), (row("generic", "nightly-7", 80), kept)]);
    // Other numbers are higher, and among themselves such versions are compared as they are written.
    check(&rules, [(row("generic", "1.0_rc1", 90), "selected"), (row("generic", "1.1", 100), kept)]);
    check(&rules, [(row("generic", "1.0", 90), "selected"), (row("generic", "1.1-custom", 100), kept)]);
    check(&rules, [(row("generic", "nightly-7", 90), "selected"), (row("generic", "nightly-10", 100), kept)]);
}

#[test]
fn generic_candidates_come_below_what_they_lead_to() {
    let by_version = keeping("newest: 1, by: version");
    let pairs = [("1.0.0", "1.0.0-rc2"), ("v1.0.0", "v1.0.0-beta.1"), ("2.1", "2.1-SNAPSHOT"), ("1.10", "1.9")];
    for (higher, lower) in pairs {
        check(&by_version, [(row("generic", higher, 90), "kept_by_rule"), (row("generic", lower, 20), "selected")]);
    }
    let table = [
        ("1.0.0-rc2", Some(true)),
        ("v1.0.0-beta.1", Some(true)),
        ("2.1-SNAPSHOT", Some(true)),
        ("1.0~alpha", Some(true)),
        ("1.0.dev3", Some(true)),
        ("1.0rc1", Some(true)),
        ("1.0-nightly", Some(true)),
        ("1.0-m3", Some(true)),
        ("1.0.0", Some(false)),
        ("2024.06.01", Some(false)),
        ("7", Some(false)),
        ("3f2a9c1", None),
        ("1.0-linux", None),
        ("nightly", None),
    ];
    for (version, expected) in table {
        for wanted in [true, false] {
            let reason = if expected == Some(wanted) { "selected" } else { "not_selected" };
            check(&format!("delete: [{{ prerelease: {wanted} }}]"), [(row("generic", version, 90), reason)]);
        }
    }
}
