//! Which versions come before another one.

use crate::worlds::judgement::{Row, check, row};

fn taking(bound: &str) -> String {
    format!("delete: [{{ version_below: {bound}, allow_latest: true, other_indexes: true }}]")
}

fn holding(bound: &str) -> String {
    format!("delete: [{{ name: '**', allow_latest: true }}]\nkeep: [{{ version_below: {bound} }}]")
}

fn fates<const N: usize>(package_type: &str, fates: [(&str, &'static str); N]) -> [(Row, &'static str); N] {
    fates.map(|(version, fate)| (row(package_type, version, 90), fate))
}

#[test]
fn the_pre_releases_of_a_version_come_before_it() {
    let versions = ["2.10.0", "3.0.0-rc.1", "3.0.0", "3.1.0-rc.1"];
    let with = |fates: [&'static str; 4]| {
        let rows = versions.into_iter().zip(fates).map(|(version, fate)| (row("rubygems", version, 90), fate));
        <[_; 4]>::try_from(rows.collect::<Vec<_>>()).ok().unwrap()
    };
    check(&taking("3.0.0"), with(["selected", "selected", "latest", "not_selected"]));
    check(&holding("3.0.0"), with(["kept_by_rule", "kept_by_rule", "selected", "selected"]));
}

/// What can't be read never goes by it, and is always held by it.
#[test]
fn what_can_not_be_compared_stays_on_either_side() {
    check(
        &taking("3.0.0"),
        fates("npm", [("2.9", "latest"), ("two", "latest"), ("1.0.0", "selected"), ("4.0.0", "latest")]),
    );
    check(
        &holding("3.0.0"),
        fates("npm", [("2.9", "kept_by_rule"), ("two", "kept_by_rule"), ("4.0.0", "selected"), ("3.5.0", "selected")]),
    );
    check(
        &taking("3.0.0"),
        fates("generic", [("nightly", "not_selected"), ("3.0-custom", "not_selected"), ("2.9-custom", "selected")]),
    );
    check(
        &holding("3.0.0"),
        fates("generic", [("nightly", "kept_by_rule"), ("3.0-custom", "kept_by_rule"), ("3.1-custom", "selected")]),
    );
    // Go's begin with `v`, and no other one can be read.
    check(&taking("3.0.0"), fates("golang", [("v1.0.0", "not_selected"), ("v2.0.0", "latest")]));
    check(&taking("v3.0.0"), fates("golang", [("v1.0.0", "selected"), ("v2.0.0", "selected")]));
    check(&holding("3.0.0"), fates("golang", [("v4.0.0", "kept_by_rule"), ("v5.0.0", "kept_by_rule")]));
}

/// It shows no version of its own, whatever its text says.
#[test]
fn an_upload_comes_before_nothing() {
    let upload = || row("npm", "0.0.0-8f14e45f-ceea-467f-a8f8-1b1f0f1b2c3d", 90).status("error");
    check(&taking("3.0.0"), [(upload(), "not_selected")]);
    check(&holding("3.0.0"), [(upload(), "kept_by_rule")]);
}

/// Under `newest` it says which versions are counted, as `version` does.
#[test]
fn newest_counts_what_comes_before() {
    let rules = "delete: [{ name: '**', allow_latest: true }]\nkeep: [{ newest: 1, version_below: 3.0.0 }]";
    check(
        rules,
        [
            (row("pypi", "2.0", 90), "selected"),
            (row("pypi", "2.1", 60), "kept_by_rule"),
            (row("pypi", "3.1", 50), "selected"),
        ],
    );
}
