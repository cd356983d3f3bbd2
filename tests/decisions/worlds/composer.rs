//! Composer's branches are published in place, and nothing tells when.

use crate::worlds::judgement::{check, row, world};

const BRANCH: &str = "delete: [{ unknown_age: true, allow_latest: true }]";

#[test]
fn a_branch_goes_only_by_a_rule_that_knows_of_its_age() {
    let table = [
        ("older_than: 30d", "min_age"),
        ("name: '**'", "min_age"),
        ("not_downloaded_for: 30d", "min_age"),
        ("never_downloaded: true", "min_age"),
        ("unknown_age: true", "selected"),
        // A rule with both never holds.
        ("unknown_age: true, older_than: 30d", "min_age"),
        ("unknown_age: true, not_downloaded_for: 30d", "min_age"),
    ];
    for (conditions, expected) in table {
        for branch in ["dev-main", "dev-feature/login", "2.x-dev"] {
            let rules = format!("delete: [{{ {conditions} }}]");
            check(&rules, [(row("composer", branch, 400), expected), (row("composer", "1.1.0", 50), "latest")]);
        }
    }
}

#[test]
fn the_row_itself_has_to_be_older_than_min_age() {
    check(
        &format!("{BRANCH}\nlimits: {{ min_age: 7d }}"),
        [(row("composer", "dev-main", 8), "selected"), (row("composer", "dev-next", 6), "min_age")],
    );
}

/// No condition on an age is known to hold or not: none selects, and each one keeps.
#[test]
fn conditions_on_the_age_stay_unknown() {
    for condition in ["younger_than: 3y", "older_than: 30d", "not_downloaded_for: 30d"] {
        let rule = format!("delete: [{{ {condition}, unknown_age: true, allow_latest: true }}]");
        check(&rule, [(row("composer", "dev-main", 400), "min_age")]);
    }
    let kept_by = |condition: &str, age, expected| {
        check(&format!("{BRANCH}\nkeep: [{{ {condition} }}]"), [(row("composer", "dev-main", age), expected)]);
    };
    kept_by("older_than: 500d", 400, "kept_by_rule");
    kept_by("not_downloaded_for: 500d", 400, "kept_by_rule");
    kept_by("older_than: 30d", 400, "kept_by_rule");
    kept_by("younger_than: 30d", 10, "kept_by_rule");
    kept_by("younger_than: 30d", 400, "kept_by_rule");
    kept_by("unknown_age: true", 400, "kept_by_rule");
}

#[test]
fn tags_go_by_the_date_of_their_row() {
    check(
        "delete: [{ older_than: 30d }, { unknown_age: true }]",
        [
            (row("composer", "1.0.0", 100), "selected"),
            (row("composer", "1.1.0-RC1", 100), "selected"),
            (row("composer", "1.2.0", 20), "latest"),
            (row("npm", "1.0.0", 20), "latest"),
        ],
    );
}

/// Content can't have gone undownloaded for longer than it exists, and nobody knows how long that is.
#[test]
fn a_download_of_long_ago_says_nothing_of_what_was_published_since() {
    check(
        "delete: [{ not_downloaded_for: 30d }]\nkeep: [{ not_downloaded_for: 30d }]",
        [
            (row("composer", "dev-main", 400).downloaded(200), "min_age"),
            (row("composer", "1.0.0", 400).downloaded(200), "kept_by_rule"),
            (row("composer", "1.1.0", 50).downloaded(10), "latest"),
        ],
    );
}

/// `by: created` is the way to count them.
#[test]
fn nobody_is_surely_newer_than_a_branch() {
    let rows = |old| {
        [
            (row("composer", "dev-old", 400), old),
            (row("composer", "dev-main", 100), "kept_by_rule"),
            (row("composer", "1.0.0", 20), "latest"),
        ]
    };
    check(&format!("{BRANCH}\nkeep: [{{ newest: 2 }}]"), rows("kept_by_rule"));
    check(&format!("{BRANCH}\nkeep: [{{ newest: 2, by: content }}]"), rows("kept_by_rule"));
    check(&format!("{BRANCH}\nkeep: [{{ newest: 2, by: created }}]"), rows("selected"));
}

/// Where there is no release, each branch may have been published last.
#[test]
fn each_branch_may_be_the_latest() {
    check(
        "delete: [{ unknown_age: true }]",
        [(row("composer", "dev-old", 400), "latest"), (row("composer", "dev-main", 100), "latest")],
    );
}

#[test]
fn it_has_no_files_to_look_up() {
    let rules = "delete: [{ older_than: 4d }, { larger_than: 1kB }, { unknown_age: true }]\n\
                 keep: [{ newest: 1 }]\nlimits: { max_bytes: 1GB }";
    let rows = [row("composer", "dev-main", 400), row("composer", "1.0.0", 100), row("composer", "1.1.0", 50)];
    assert!(world(rules, rows).judge().asked.is_empty());
}
