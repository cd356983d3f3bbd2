//! What clients take for the latest version.

use crate::worlds::judgement::{check, row};

const OLD: &str = "delete: [{ older_than: 4d }]";

/// `RELEASE` is what was made last and is no snapshot, a candidate or not, once GitLab has written its metadata anew.
#[test]
fn mavens_release_is_the_last_that_was_made() {
    check(
        OLD,
        [
            (row("maven", "1.0", 400), "selected"),
            (row("maven", "2.0", 300), "latest"),
            (row("maven", "1.9.1", 100), "latest"),
            (row("maven", "2.1-rc-1", 50), "latest"),
            (row("maven", "2.1-rc-0", 60), "selected"),
            (row("maven", "2.2-SNAPSHOT", 20), "selected"),
            // To GitLab, which writes the metadata, a build is no snapshot.
            (row("maven", "2.2-20260501.101010-7", 10), "latest"),
            (row("maven", "2.2-20260501.101010-6", 11), "selected"),
        ],
    );
    // Made at one instant, each may be it.
    check(
        OLD,
        [
            (row("maven", "2.0", 300), "latest"),
            (row("maven", "1.9.1", 100), "latest"),
            (row("maven", "1.8.4", 100), "latest"),
        ],
    );
}

#[test]
fn without_the_tag_npm_installs_the_highest_of_all() {
    let rows = |tagged: [(_, _); 3]| {
        let [(one, first), (candidate, second), (two, third)] = tagged;
        [
            (row("npm", "1.0.0", 90).tags(one), first),
            (row("npm", "2.0.0-beta.1", 60).tags(candidate), second),
            (row("npm", "1.5.0", 50).tags(two), third),
        ]
    };
    let none: Option<&[&str]> = Some(&[]);
    let latest: Option<&[&str]> = Some(&["latest"]);
    check(OLD, rows([(none, "selected"), (none, "latest"), (none, "latest")]));
    check(OLD, rows([(latest, "npm_latest"), (none, "selected"), (none, "latest")]));
    // A row that doesn't tell its tags says nothing about the others.
    check(OLD, rows([(None, "npm_latest"), (none, "latest"), (none, "latest")]));
    // One that can't be installed is nobody's latest.
    check(
        OLD,
        [
            (row("npm", "1.0.0", 90).tags(latest).status("error"), "npm_latest"),
            (row("npm", "2.0.0-beta.1", 60), "latest"),
            (row("npm", "1.5.0", 50), "latest"),
        ],
    );
}

#[test]
fn without_a_release_the_latest_is_the_newest_by_row_and_by_content() {
    check(
        OLD,
        [
            (row("rubygems", "1.0.0.rc0", 200), "selected"),
            (row("rubygems", "1.0.0.rc1", 100).file_of(10.0), "latest"),
            (row("rubygems", "1.0.0.rc2", 50), "latest"),
        ],
    );
    check(OLD, [(row("pypi", "1.0rc1", 50), "latest"), (row("pypi", "1.0rc2", 50), "latest")]);
}

/// `1.0` and `1.0.0.0` are one to the clients, whatever the case of the name.
#[test]
fn every_row_of_the_highest_version_is_latest() {
    check(
        OLD,
        [
            (row("nuget", "1.0", 300).named("Acme.Core"), "latest"),
            (row("nuget", "1.0.0.0", 200).named("acme.core"), "latest"),
            (row("nuget", "0.9", 100).named("ACME.Core"), "selected"),
        ],
    );
    // Charts that differ in build metadata alone stand on one rung.
    let rules = "delete: [{ older_than: 4d, other_indexes: true }]";
    check(
        rules,
        [
            (row("helm", "1.0.0+a", 300), "latest"),
            (row("helm", "1.0.0+b", 200), "latest"),
            (row("helm", "0.9.0", 100), "selected"),
        ],
    );
}

#[test]
fn cargo_has_an_order() {
    check(
        OLD,
        [
            (row("cargo", "1.0.0", 50), "selected"),
            (row("cargo", "1.10.0", 90), "latest"),
            (row("cargo", "1.9.0", 60).named("Core"), "selected"),
            (row("cargo", "2.0.0-alpha.1", 40), "selected"),
        ],
    );
}
