//! Globs that were meant as regular expressions.

use crate::lints::{lints, table};

/// Each with what is to be written in its place.
const REGULAR: &[(&str, &str)] = &[
    (".*-SNAPSHOT", "write `*-SNAPSHOT`, or the expression between slashes: `/.*-SNAPSHOT/`"),
    (r"^1\.", r"write `1.*`, or the expression between slashes: `/1\..*/`"),
    ("^1.2.3$", "write `1.2.3`, or the expression between slashes: `/1.2.3/`"),
    ("-rc$", "write `*-rc`, or the expression between slashes: `/.*-rc/`"),
    ("foo$", "write `*foo`, or the expression between slashes: `/.*foo/`"),
    ("^v", "write `v*`, or the expression between slashes: `/v.*/`"),
    ("^v.*", "write `v*`, or the expression between slashes: `/v.*/`"),
    (r"\d+", r"write the expression between slashes: `/\d+/`"),
    (r"1\.\d\.0", r"write `1.[0-9].0`, or the expression between slashes: `/1\.\d\.0/`"),
    ("(a|b)", "write `{a,b}`, or the expression between slashes: `/(a|b)/`"),
    (
        "1.0-(alpha|beta|rc).*",
        "write `1.0-{alpha,beta,rc}*`, or the expression between slashes: `/1.0-(alpha|beta|rc).*/`",
    ),
    ("alpha|beta", "write `{alpha,beta}`, or the expression between slashes: `/alpha|beta/`"),
    (".+", "write `?*`, or the expression between slashes: `/.+/`"),
    ("1.+", "write `1?*`, or the expression between slashes: `/1.+/`"),
    ("[0-9]+", "write the expression between slashes: `/[0-9]+/`"),
    ("[0-9]{3}", "write the expression between slashes: `/[0-9]{3}/`"),
    ("1.0-.*", "write `1.0-*`, or the expression between slashes: `/1.0-.*/`"),
    ("(?i)rc", "write the expression between slashes: `/(?i)rc/`"),
    (r"1\.0", "write `1.0`"),
    ("(1.0)?", "write the expression between slashes: `/(1.0)?/`"),
    ("(a|b", "write `version` as a glob, or as a regular expression between slashes"),
];

/// Globs of the same signs that mean what they say.
const GLOBS: &[&str] = &[
    "1.*",
    "*.*",
    "v1.*",
    "{1,2}.*",
    "[0-9].*",
    "[0-9]*",
    "1.0.0+build",
    "1.0.0+*",
    "v{1,2}",
    "*-{SNAPSHOT,rc}",
    r"1.0\*",
    "1.?",
    "2024-0[1-9]-*",
    "/[0-9]+/",
    r"/.*-SNAPSHOT/",
    r"/1\.\d+/",
];

#[test]
fn regular_expressions_without_their_slashes() {
    for (pattern, hint) in REGULAR {
        let told = lints_of(pattern);
        assert_eq!(told.len(), 1, "{pattern}: {told:?}");
        let (message, told_hint) = &told[0];
        assert_eq!(*message, format!("`{pattern}` looks like a regular expression, and is read as a glob"));
        assert_eq!(told_hint, hint, "{pattern}");
        for suggestion in hint.split('`').skip(1).step_by(2).filter(|text| *text != "version") {
            assert_eq!(lints_of(suggestion), [], "{pattern}: {suggestion} is suggested");
        }
    }
    for pattern in GLOBS {
        assert_eq!(lints_of(pattern), [], "{pattern}");
    }
}

#[test]
fn expressions_that_are_a_single_text() {
    let told = lints_of("/SNAPSHOT/");
    let message = "`/SNAPSHOT/` matches `SNAPSHOT` and nothing else: patterns are anchored at both ends";
    let hint = "write `*SNAPSHOT*` for what has it anywhere, or `SNAPSHOT` if nothing else is meant";
    assert_eq!(told, [(message.to_owned(), hint.to_owned())]);
    for suggestion in ["*SNAPSHOT*", "SNAPSHOT", "/.*SNAPSHOT.*/", "/SNAPSHOT|rc/"] {
        assert_eq!(lints_of(suggestion), [], "{suggestion}");
    }
}

#[test]
fn every_kind_of_pattern_is_looked_at() {
    let looks = |place: &str, pattern: &str| {
        format!("{place} `{pattern}` looks like a regular expression, and is read as a glob")
    };
    let by_name = looks("4:28", ".*-app");
    let by_project = looks("4:31", "acme/(a|b)/.*");
    let taken_away = looks("4:35", "api$");
    let by_tag = looks("4:27", "^next");
    let by_ref = looks("4:34", "feature/.*");
    table(
        "scope: { group: acme }\ndelete:\n- { older_than: 30d, {} }",
        &[
            ("name: \".*-app\"", &[&by_name]),
            ("project: \"acme/(a|b)/.*\"", &[&by_project]),
            ("name: [\"**\", \"!api$\"]", &[&taken_away]),
            ("tag: \"^next\"", &[&by_tag]),
            ("built_from: \"feature/.*\"", &[&by_ref]),
        ],
    );
    let in_scope = looks("2:30", "acme/.*/api");
    table(
        "scope: { group: acme, paths: {} }\ndelete: [{ status: error }]",
        &[("\"acme/.*/api\"", &[&in_scope]), ("\"acme/**/api\"", &[])],
    );
    let of_files = looks("3:48", r".*\.jar");
    table(
        "scope: { group: acme }\nfiles: [{ type: generic, keep_newest: 3, file: {} }]",
        &[(r"'.*\.jar'", &[&of_files]), ("\"*.jar\"", &[])],
    );
}

/// Message and hint of each lint on a version pattern.
fn lints_of(pattern: &str) -> Vec<(String, String)> {
    let policy = format!("version: 1\nscope: {{ group: acme }}\ndelete:\n- older_than: 30d\n  version: '{pattern}'\n");
    lints(&[("p.yaml", &policy)]).into_iter().map(|lint| (lint.message, lint.hint.unwrap_or_default())).collect()
}
