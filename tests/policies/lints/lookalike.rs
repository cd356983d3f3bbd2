//! Globs that were meant as regular expressions.

use crate::lints::{lints, table};

/// Each with the expression that is to be written in its place.
const REGULAR: &[(&str, &str)] = &[
    (".*-SNAPSHOT", "/.*-SNAPSHOT/"),
    (r"^1\.", r"/1\..*/"),
    ("^1.2.3$", "/1.2.3/"),
    ("-rc$", "/.*-rc/"),
    ("foo$", "/.*foo/"),
    ("^v", "/v.*/"),
    ("^v.*", "/v.*/"),
    (r"\d+", r"/\d+/"),
    (r"1\.\d\.0", r"/1\.\d\.0/"),
    ("(a|b)", "/(a|b)/"),
    ("1.0-(alpha|beta|rc).*", "/1.0-(alpha|beta|rc).*/"),
    ("alpha|beta", "/alpha|beta/"),
    (".+", "/.+/"),
    ("1.+", "/1.+/"),
    ("[0-9]+", "/[0-9]+/"),
    ("[0-9]{3}", "/[0-9]{3}/"),
    ("1.0-.*", "/1.0-.*/"),
    ("(?i)rc", "/(?i)rc/"),
    ("(1.0)?", "/(1.0)?/"),
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
    let told_of = |pattern: &str| {
        let told = lints_of(pattern);
        assert_eq!(told.len(), 1, "{pattern}: {told:?}");
        let (message, hint) = told.into_iter().next().unwrap();
        assert_eq!(message, format!("`{pattern}` looks like a regular expression, and is read as a glob"));
        hint
    };
    for (pattern, expression) in REGULAR {
        let hint = format!(
            "write the expression between slashes: `{expression}`, or a glob, in which a star stands for any text"
        );
        assert_eq!(told_of(pattern), hint, "{pattern}");
        assert_eq!(lints_of(expression), [], "{pattern}: {expression} is suggested");
    }
    // Between slashes these would be a single text, or nothing at all.
    for pattern in [r"1\.0", "(a|b"] {
        assert_eq!(
            told_of(pattern),
            "write `version` as a glob, or as a regular expression between slashes",
            "{pattern}"
        );
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
