//! What a release links to, and releases that can't be read.

use crate::worlds::judgement::{ALL, row, world};

const PAGE: &str = "https://gitlab.acme.example/acme/app/-/packages/1";

fn two() -> [crate::worlds::judgement::Row; 2] {
    [row("generic", "1.0", 2000).has_releases(), row("generic", "1.1", 90).has_releases()]
}

/// The releases are known because of the other package.
#[test]
fn it_is_told_of_a_linked_package_whether_or_not_a_rule_selects_it() {
    let told = |rules: &str| world(rules, two()).links(&[PAGE]).judge().reasons();
    assert_eq!(told(ALL), ["released", "selected"]);
    assert_eq!(told("delete: [{ version: '1.1' }]"), ["released", "selected"]);
    assert_eq!(told("delete: [{ version: '1.*', allow_released: true }]"), ["selected", "selected"]);
}

#[test]
fn refused_releases_keep_the_packages_of_their_project() {
    let told = |rules: &str| world(rules, two()).releases_refused().judge().reasons();
    assert_eq!(told(ALL), ["no_evidence", "no_evidence"]);
    assert_eq!(told("delete: [{ older_than: 4d, allow_released: true }]"), ["selected", "selected"]);
    // A project whose releases are switched off has none.
    let rows = [row("generic", "1.0", 2000)];
    assert_eq!(world(ALL, rows).releases_refused().judge().reasons(), ["selected"]);
}

/// Of a type whose files say nothing of its age they may still be what a release links to.
#[test]
fn a_link_to_a_file_that_cannot_be_looked_up_keeps() {
    let file = "https://gitlab.acme.example/acme/app/-/package_files/101/download";
    let npm = || row("npm", "1.0.0", 90).has_releases();
    assert_eq!(world(ALL, [npm()]).links(&[file]).judge().reasons(), ["released"]);
    assert_eq!(world(ALL, [npm().refused()]).links(&[file]).judge().reasons(), ["no_evidence"]);
}
