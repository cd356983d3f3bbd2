//! Rules about what a release supersedes.

use crate::lints::{of_policy, table};

const DELETING: &str = "scope: { group: acme }\ndelete:\n- {}";
const KEEPING: &str = "scope: { group: acme }\ndelete: [{ status: error }]\nkeep:\n- {}";

#[test]
fn what_is_no_pre_release_is_superseded_by_nothing() {
    let never = "4:3 this rule never holds: what is no pre-release leads to no release that could supersede it";
    let of_branch = "4:3 this rule never holds: a branch leads to no release that could supersede it";
    table(
        DELETING,
        &[
            ("{ superseded: true, prerelease: false, older_than: 30d }", &[never]),
            ("{ superseded_for: 30d, prerelease: false }", &[never]),
            ("{ superseded: true, unknown_age: true }", &[of_branch]),
            (
                "{ superseded_for: 30d, unknown_age: true }",
                &["4:5 this rule never holds: of an unknown age nobody knows whether it is what `superseded_for` says"],
            ),
            ("{ superseded: true, older_than: 30d }", &[]),
            (
                "{ superseded_for: 30d, younger_than: 30d }",
                &["4:3 this rule never holds: what is younger than 30d can't have been superseded for 30d"],
            ),
            ("{ superseded_for: 30d, younger_than: 90d }", &[]),
            (
                "{ type: npm, superseded_for: 30d, tag: beta }",
                &["4:3 this rule never holds: a version that carries a dist-tag isn't superseded"],
            ),
            ("{ type: npm, superseded_for: 30d, tag: \"!beta\" }", &[]),
            ("{ type: [npm, nuget], superseded_for: 30d, tag: beta }", &[]),
        ],
    );
}

#[test]
fn what_follows_from_superseded_says_nothing_beside_it() {
    let idle = |column: usize, idle: &str, by: &str| {
        format!("4:{column} `{idle}` says nothing beside `{by}`, which holds for nothing else")
    };
    table(
        DELETING,
        &[
            (
                "{ prerelease: true, superseded: true, older_than: 30d }",
                &[&idle(5, "prerelease: true", "superseded: true")],
            ),
            ("{ superseded_for: 30d, prerelease: true }", &[&idle(26, "prerelease: true", "superseded_for: 30d")]),
            ("{ superseded_for: 30d, superseded: true }", &[&idle(26, "superseded: true", "superseded_for: 30d")]),
            ("{ superseded_for: 30d, older_than: 30d }", &[&idle(26, "older_than: 30d", "superseded_for: 30d")]),
            ("{ superseded_for: 30d, older_than: 31d }", &[]),
            ("{ superseded_for: 30d, not_downloaded_for: 30d }", &[]),
        ],
    );
    let none = "5:24 `superseded: false` says nothing beside `prerelease: false`, which holds for nothing else";
    table(
        KEEPING,
        &[
            ("{ prerelease: false, superseded: false }", &[none]),
            ("{ prerelease: true, superseded: false }", &[]),
            ("{ newest: 3, prerelease: true, superseded: false, superseded_by: any }", &[]),
        ],
    );
}

#[test]
fn types_of_which_nobody_can_tell() {
    let index = |line: usize, types: &str, what: &str| {
        format!(
            "{line} {what}: of {types} packages nobody can tell whether a release is in the same distribution or channel"
        )
    };
    let never = |types: &str| index(4, types, "").replacen("4 ", "4:5 this rule never holds", 1);
    table(
        "scope: { group: acme }\ndelete:\n- {}",
        &[
            ("{ superseded_for: 30d, type: helm, other_indexes: true }", &[&never("`helm`")]),
            ("{ superseded_for: 30d, type: [debian, helm], other_indexes: true }", &[&never("`debian` or `helm`")]),
            ("{ superseded_for: 30d, type: [npm, helm], other_indexes: true }", &[]),
            (
                "{ superseded_for: 30d, type: ml_model }",
                &["4:5 this rule never holds: of `ml_model` packages nobody can tell the pre-releases"],
            ),
        ],
    );
    let holds = "5:5 this holds for each of them: of `helm` packages nobody can tell whether a release is in the same \
                 distribution or channel";
    table(KEEPING, &[("{ superseded: false, type: helm }", &[holds]), ("{ superseded: false, type: npm }", &[])]);
}

#[test]
fn it_has_an_age_of_its_own() {
    table(
        DELETING,
        &[
            ("superseded_for: 14d", &[]),
            ("superseded_for: 1d", &["4:19 `superseded_for: 1d` waits for 72h: what is younger stays by `min_age`"]),
            (
                "superseded: true",
                &["4:3 this rule has no age: it selects a package as soon as `min_age` lets it, after 72h"],
            ),
        ],
    );
}

#[test]
fn rules_that_leave_another_one_nothing_to_do() {
    let frame = "scope: { group: acme }\ndelete:\n{}";
    let second: &[&str] = &["5:3 this rule adds nothing: the rule in line 4 selects everything that it does"];
    let rows: &[(&str, &str, &[&str])] = &[
        ("{ superseded_for: 14d }", "{ superseded_for: 30d }", second),
        ("{ superseded_for: 14d, superseded_by: any }", "{ superseded_for: 14d }", second),
        ("{ superseded: true, older_than: 4d }", "{ superseded_for: 14d }", second),
        // What is as old may have been superseded a day ago.
        ("{ superseded_for: 4d }", "{ superseded: true, older_than: 14d }", &[]),
        ("{ prerelease: true, older_than: 4d }", "{ superseded_for: 14d, superseded_by: any }", second),
        ("{ superseded_for: 14d }", "{ superseded_for: 30d, superseded_by: any }", &[]),
        ("{ superseded: true, older_than: 4d }", "{ superseded_for: 14d, superseded_by: any }", &[]),
        ("{ superseded_for: 30d }", "{ prerelease: true, older_than: 60d }", &[]),
    ];
    for (first, last, expected) in rows {
        let keys = frame.replace("{}", &format!("- {first}\n- {last}"));
        assert_eq!(of_policy(&keys), *expected, "\n{keys}");
    }
    let keep = |delete: &str, keep: &str| {
        of_policy(&format!("scope: {{ group: acme }}\ndelete:\n- {delete}\nkeep:\n- {keep}"))
    };
    let nothing = ["4:3 this rule deletes nothing: the keep rule in line 6 keeps everything that it selects"];
    assert_eq!(keep("{ superseded_for: 14d }", "{ prerelease: true }"), nothing);
    assert_eq!(keep("{ prerelease: false, older_than: 30d }", "{ superseded: false }"), nothing);
    assert_eq!(keep("{ superseded_for: 14d }", "{ superseded: false }"), [""; 0]);
    assert_eq!(keep("{ older_than: 30d }", "{ superseded: false }"), [""; 0]);
}

/// It tells which versions are held, and leaves none out of the count.
#[test]
fn newest_counts_every_version_beside_it() {
    let keep = |keep: &str| {
        of_policy(&format!("scope: {{ group: acme }}\ndelete: [{{ superseded_for: 14d }}]\nkeep:\n- {keep}"))
    };
    let every = ["5:5 `newest: 3` counts every version, and may keep none of the few that the delete rules select"];
    assert_eq!(keep("{ newest: 3, superseded: false }"), every);
    assert_eq!(keep("{ newest: 3, prerelease: true }"), [""; 0]);
    assert_eq!(keep("{ newest: 3, prerelease: true, superseded: false }"), [""; 0]);
}
