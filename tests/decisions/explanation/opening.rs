//! From when on a package would go.

use gleaner::package::{Downloaded, Evidence, Lookup, Package, PackageId, PackageType, Status};
use gleaner::plan::Opening;
use jiff::{SignedDuration, Timestamp};

use super::{NOW, days_ago, explained, files, package, set_of};

/// So many days after NOW, and so many seconds.
fn after(days: i64, seconds: i64) -> Timestamp {
    NOW + SignedDuration::from_secs(days * 24 * 60 * 60 + seconds)
}

fn opening(rules: &str, rows: Vec<Package>) -> Opening {
    explained(&set_of(rules, &[]), rows, &Evidence::none()).opening
}

fn never(opening: Opening) -> (&'static str, String) {
    match opening {
        Opening::Never { reason, because } => (reason.code(), because),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_border_is_crossed_in_the_first_second_in_which_the_rule_holds() {
    let rows = |change: fn(Package) -> Package| vec![change(package(1))];
    let same = |package| package;
    let table: [(&str, Vec<Package>, Opening); 12] = [
        ("delete: [{ older_than: 9d, allow_latest: true }]", rows(same), Opening::Now),
        // More than 30 days, and not 30 days.
        ("delete: [{ older_than: 30d, allow_latest: true }]", rows(same), Opening::From(after(20, 1))),
        (
            "delete: [{ older_than: 30d, allow_latest: true }]",
            rows(|package| Package { created_at: Some(days_ago(10) + SignedDuration::from_millis(1)), ..package }),
            Opening::From(after(20, 1)),
        ),
        // Younger than min_age up to its last instant, and no longer at it.
        (
            "delete: [{ older_than: 1h, allow_latest: true }]\nlimits: { min_age: 12d }",
            rows(same),
            Opening::From(after(2, 0)),
        ),
        (
            "delete: [{ status: default, younger_than: 30d, allow_latest: true }]\nlimits: { min_age: 12d }",
            rows(same),
            Opening::From(after(2, 0)),
        ),
        // A download at the end of the time still counts.
        (
            "delete: [{ older_than: 1d, allow_latest: true }]\nkeep: [{ downloaded_within: 30d }]",
            rows(|package| Package { downloaded: Downloaded::At(days_ago(3)), ..package }),
            Opening::From(after(27, 1)),
        ),
        // Without any download the newest content counts; after one, the later of the two.
        ("delete: [{ not_downloaded_for: 30d, allow_latest: true }]", rows(same), Opening::From(after(20, 1))),
        (
            "delete: [{ not_downloaded_for: 30d, allow_latest: true }]",
            rows(|package| Package { downloaded: Downloaded::At(days_ago(25)), ..package }),
            Opening::From(after(20, 1)),
        ),
        // A rule's last day counts whole, in UTC.
        (
            "delete: [{ older_than: 1d, allow_latest: true }]\nkeep: [{ name: core, until: 2026-06-30 }]",
            rows(same),
            Opening::From("2026-07-01T00:00:00Z".parse().unwrap()),
        ),
        // A date that lies ahead makes sense once it is reached.
        (
            "delete: [{ older_than: 30d, allow_latest: true }]",
            rows(|package| Package { created_at: Some(days_ago(-1)), ..package }),
            Opening::From(after(31, 1)),
        ),
        // The first of several ways.
        (
            "delete: [{ older_than: 90d, allow_latest: true }, { older_than: 40d, allow_latest: true }]",
            rows(same),
            Opening::From(after(30, 1)),
        ),
        // A protected tag does not hold what it does not carry.
        (
            "delete: [{ older_than: 30d, allow_latest: true }]\nkeep: [{ tag: beta }, { older_than: 60d }]",
            rows(same),
            Opening::From(after(20, 1)),
        ),
    ];
    for (rules, rows, expected) in table {
        assert_eq!(opening(rules, rows), expected, "{rules}");
    }
}

#[test]
fn what_time_does_not_change_keeps_for_good() {
    let table: [(&str, Vec<Package>, &str, &str); 8] = [
        ("delete: [{ older_than: 30d }]", vec![package(1)], "latest", "it is the latest version of its package"),
        (
            "delete: [{ version: 2.*, older_than: 30d }]",
            vec![package(1), package(2)],
            "not_selected",
            "no delete rule selects it",
        ),
        // No calendar has that day.
        ("delete: [{ older_than: 9000y }]", vec![package(1), package(2)], "not_selected", "no delete rule selects it"),
        (
            "delete: [{ older_than: 30d }]\nkeep: [{ newest: 2 }]",
            vec![package(1), package(2)],
            "kept_by_rule",
            "1st newest of 2 (newest: 2)",
        ),
        (
            "delete: [{ older_than: 30d }]\nkeep: [{ until: 9999-12-31, name: core }]",
            vec![package(1), package(2)],
            "kept_by_rule",
            "name matches core",
        ),
        (
            "delete: [{ older_than: 30d }]",
            vec![Package { status: Status::Hidden, ..package(1) }],
            "hidden",
            "it is hidden, and GitLab does not delete hidden packages",
        ),
        (
            "delete: [{ older_than: 30d }]",
            vec![Package { created_at: None, ..package(1) }],
            "senseless_dates",
            "a date of it is missing, later than this plan, or before 2011",
        ),
        // It is there, and too late for the rule when the rule begins to hold.
        (
            "delete: [{ older_than: 30d }]\nkeep: [{ older_than: 20d }]",
            vec![package(1), package(2)],
            "kept_by_rule",
            "newest content is 30 days old (older_than 20d)",
        ),
    ];
    for (rules, rows, reason, because) in table {
        assert_eq!(never(opening(rules, rows)), (reason, because.to_owned()), "{rules}");
    }
}

/// The rank of a package changes with the days of others.
#[test]
fn a_rival_that_drops_out_counts_from_its_day_on() {
    let rules = "delete: [{ older_than: 100d }]\nkeep: [{ newest: 1, downloaded_within: 60d }]";
    let rows = |age, downloaded| {
        let rival = Package { downloaded: Downloaded::At(days_ago(downloaded)), ..package(2) };
        let latest = package(3);
        let own = Package {
            created_at: Some(days_ago(age)),
            downloaded: Downloaded::At(days_ago(5)),
            version: Some("0.1.0".to_owned()),
            ..package(1)
        };
        vec![own, rival, latest]
    };
    // It is the newest once the rival is no longer counted, after 5 days, and until it is not counted itself.
    assert_eq!(opening(rules, rows(98, 55)), Opening::From(after(2, 1)));
    assert_eq!(opening(rules, rows(90, 55)), Opening::From(after(55, 1)));
}

/// And from its own day on a rival counts, which it did not before.
#[test]
fn a_rival_that_comes_in_takes_a_place_from_its_day_on() {
    let rules = "delete: [{ older_than: 30d }]\nkeep: [{ newest: 1, older_than: 20d }]";
    let own = Package { created_at: Some(days_ago(50)), ..package(1) };
    assert_eq!(opening(rules, vec![own, package(2)]), Opening::From(after(10, 1)));
}

#[test]
fn what_was_not_looked_up_makes_the_date_a_bound() {
    let set = set_of("delete: [{ older_than: 30d }]", &[]);
    let generic = || vec![Package { package_type: PackageType::Generic, ..package(1) }];
    assert_eq!(explained(&set, generic(), &Evidence::none()).opening, Opening::NotBefore(after(20, 1)));
    assert_eq!(explained(&set, generic(), &files(&[(1, 10)])).opening, Opening::From(after(20, 1)));
    // A file that came later puts the date off.
    assert_eq!(explained(&set, generic(), &files(&[(1, 4)])).opening, Opening::From(after(26, 1)));
    let mut failed = Evidence::none();
    failed.record_files(PackageId(1), Lookup::Failed);
    assert_eq!(never(explained(&set, generic(), &failed).opening).0, "no_evidence");
    // Selected already, but for a question that is open.
    let old = vec![Package { created_at: Some(days_ago(50)), ..generic().remove(0) }];
    assert_eq!(explained(&set, old, &Evidence::none()).opening, Opening::NotBefore(NOW));
}

#[test]
fn protections_and_the_instance_file_have_their_dates_too() {
    let rules = "delete: [{ older_than: 1d, not_downloaded_for: 10d, allow_latest: true }]";
    let opening =
        |others: &[&str], package| explained(&set_of(rules, others), vec![package], &Evidence::none()).opening;
    let old = || Package { created_at: Some(days_ago(700)), ..package(1) };
    assert_eq!(opening(&[], old()), Opening::Now);
    let hold = "version: 1\nprotect: [{ name: core, until: 2026-05-31 }]";
    assert_eq!(opening(&[hold], old()), Opening::From("2026-06-01T00:00:00Z".parse().unwrap()));
    let in_use = "version: 1\nscope: { group: acme }\nprotect: [{ downloaded_within: 30d }]";
    let pulled = Package { downloaded: Downloaded::At(days_ago(29)), ..old() };
    assert_eq!(opening(&[in_use], pulled), Opening::From(after(1, 1)));
    // Downloads are written down since the 25th: before the 4th nobody knows that there was none for ten days.
    let instance = "version: 1\ninstance: { downloads: { tracked_since: 2026-05-25 } }";
    assert_eq!(opening(&[instance], old()), Opening::From("2026-06-04T00:00:01Z".parse().unwrap()));
    // Where some are missing, nobody ever knows: no rule selects it, and so none lifts the guard.
    let instance = "version: 1\ninstance: { downloads: { complete: false } }";
    assert_eq!(never(opening(&[instance], old())).0, "latest");
}
