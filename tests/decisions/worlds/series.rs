//! `last_series`: versions of the series that were built last, as each version sees it.

use gleaner::package::PackageId;

use crate::worlds::judgement::{Row, check, row, world};

const KEPT: &str = "kept_by_rule";
const GONE: &str = "selected";

fn keeping(newest: &str) -> String {
    format!("delete: [{{ older_than: 4d, allow_latest: true }}]\nkeep: [{{ {newest} }}]")
}

/// Without 1.1.0 nothing more goes: 1.0.0 is older than `dev` whatever else `main` has.
#[test]
fn a_version_of_its_own_series_lends_no_place() {
    let rules = keeping("newest: 2, newest_per: ref, last_series: 1");
    let old = || row("npm", "1.0.0", 91).built("main");
    let dev = || row("npm", "0.9.0", 31).built("dev");
    check(&rules, [(old(), GONE), (row("npm", "1.1.0", 5).built("main"), KEPT), (dev(), GONE)]);
    check(&rules, [(old(), GONE), (dev(), KEPT)]);
    check(&keeping("newest: 2, newest_per: ref"), [(old(), KEPT), (dev(), KEPT)]);
}

/// However many versions a series has, it counts once.
#[test]
fn so_many_series_stay() {
    let rows = || {
        [
            row("npm", "1.0.0", 100).built("main"),
            row("npm", "1.1.0", 90).built("dev"),
            row("npm", "1.2.0", 80).built("dev"),
            row("npm", "1.3.0", 70).built("fix"),
        ]
    };
    for (last, expected) in [(1, [GONE, GONE, GONE, KEPT]), (2, [GONE, KEPT, KEPT, KEPT]), (3, [KEPT; 4])] {
        let rules = keeping(&format!("newest: 2, newest_per: ref, last_series: {last}"));
        assert_eq!(world(&rules, rows()).judge().reasons(), expected, "{last}");
    }
    let both = keeping("newest: 1, newest_per: ref, last_series: 2");
    assert_eq!(world(&both, rows()).judge().reasons(), [GONE, GONE, KEPT, KEPT]);
}

#[test]
fn equal_instants_cost_no_series_its_place() {
    let rules = keeping("newest: 1, newest_per: ref, last_series: 1");
    check(&rules, [(row("npm", "1.0.0", 50).built("main"), KEPT), (row("npm", "1.1.0", 50).built("dev"), KEPT)]);
}

/// What is of no series stays, and costs none its place.
#[test]
fn what_is_of_no_series_is_none() {
    let rules = keeping("newest: 1, newest_per: ref, last_series: 1");
    check(&rules, [(row("npm", "1.0.0", 90).built("main"), KEPT), (row("npm", "1.1.0", 50), KEPT)]);
}

/// Two majors that were built last: the highest are not.
#[test]
fn built_last_is_a_matter_of_dates() {
    let of = |last| keeping(&format!("newest: 1, by: version, newest_per: major, last_series: {last}"));
    let rows = |one, two, three| {
        [(row("npm", "3.0.0", 300), one), (row("npm", "1.9.1", 20), two), (row("npm", "2.0.0", 100), three)]
    };
    check(&of(1), rows(GONE, KEPT, GONE));
    check(&of(2), rows(GONE, KEPT, KEPT));
    // The highest of its major version is older than the other series: a later one that is lower lends it no place.
    check(
        &of(1),
        [(row("npm", "1.9.0", 300), GONE), (row("npm", "1.8.0", 20), GONE), (row("npm", "2.0.0", 100), GONE)],
    );
}

/// The snapshot that is built every day is of the series that was built last, whenever it was made.
#[test]
fn content_tells_which_was_built_last_unless_the_rule_goes_by_creation() {
    let rows =
        |one, two| [(row("maven", "1.0-SNAPSHOT", 300).file_of(5.0), one), (row("maven", "2.0-SNAPSHOT", 200), two)];
    for by in ["content", "version"] {
        check(&keeping(&format!("newest: 1, by: {by}, newest_per: major, last_series: 1")), rows(KEPT, GONE));
    }
    check(&keeping("newest: 1, by: created, newest_per: major, last_series: 1"), rows(GONE, KEPT));
}

/// The older of the two may have got the newer file, so its files are looked up; and those of nobody else.
#[test]
fn the_files_that_settle_a_series_place_are_asked_for() {
    let held = |row: Row| row.named("other");
    for by in ["content", "version"] {
        let rules = format!(
            "delete: [{{ version: '2.*', allow_latest: true }}]\nkeep: [{{ newest: 1, by: {by}, newest_per: major, last_series: 1 }}]"
        );
        let rows =
            |age| [row("maven", "1.0", 300).file_of(age), row("maven", "2.0", 200), held(row("maven", "1.0", 300))];
        let told = world(&rules, rows(100.0)).judge();
        assert_eq!((told.asked.clone(), told.gone()), ([1, 2].map(PackageId).into(), [PackageId(2)].into()), "{by}");
        assert!(world(&rules, rows(250.0)).judge().gone().is_empty(), "{by}");
        // A series that is surely newer by another version is so whatever this one has.
        let surely = rows(100.0).into_iter().chain([row("maven", "1.1", 150)]);
        let told = world(&rules, surely).judge();
        assert_eq!((told.asked.contains(&PackageId(1)), told.gone()), (false, [PackageId(2)].into()), "{by}");
    }
}

/// Nothing tells when a branch was last published, so none goes because another series was built later.
#[test]
fn a_branch_that_is_published_in_place_may_be_of_the_series_built_last() {
    let keep = "keep: [{ newest: 1, by: version, newest_per: major, last_series: 1 }]";
    let rules = format!("delete: [{{ older_than: 4d }}, {{ name: '**', unknown_age: true }}]\n{keep}");
    check(&rules, [(row("composer", "1.0.x-dev", 300), KEPT), (row("composer", "2.0.0", 20), "latest")]);
    check(&rules, [(row("composer", "1.0.0", 300), GONE), (row("composer", "2.0.0", 20), "latest")]);
}

/// As long as a ref is open, each version without one may be of a series of its own.
#[test]
fn what_a_rule_counts_is_asked_before_its_series_are() {
    let rules = keeping("newest: 1, newest_per: ref, last_series: 1, prerelease: true");
    check(
        &rules,
        [
            (row("npm", "1.0.0-rc.1", 90).built("main"), KEPT),
            (row("npm", "1.0.0", 50).built("dev"), GONE),
            (row("npm", "1.1.0-rc.1", 95).built("fix"), GONE),
        ],
    );
}
