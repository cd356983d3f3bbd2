//! Patterns on refs: those that look like tags where branches are meant, and each list under its kind.

use super::{of_policy, table};

#[test]
fn a_pattern_that_looks_like_a_tag_means_branches_where_it_takes() {
    let looks = |text: &str| format!("4:22 `{text}` means branches here, and looks like tags");
    let (v, number, regex, class) = (looks("v*"), looks("1.*"), looks(r"/v?\d+\..*/"), looks("[0-9]*"));
    let frame = "scope: { group: acme }\ndelete:\n- { older_than: 30d, built_from: {} }";
    table(
        frame,
        &[
            ("\"v*\"", &[&v]),
            ("[\"v*\", \"!v1.*\"]", &[&v]),
            ("[\"1.*\", \"v2.*\"]", &[&number]),
            (r"'/v?\d+\..*/'", &[&regex]),
            ("\"[0-9]*\"", &[&class]),
            // Some of them are branches, or may be.
            ("[\"v*\", \"feature/*\"]", &[]),
            ("\"*\"", &[]),
            ("\"version-*\"", &[]),
            ("\"vendor\"", &[]),
            ("\"!v*\"", &[]),
            ("{ tag: \"v*\" }", &[]),
            ("{ branch: \"v*\" }", &[]),
        ],
    );
    table(
        "scope: { group: acme }\nfiles:\n- { type: generic, keep_newest: 3, built_from: {} }",
        &[("\"v*\"", &["4:36 `v*` means branches here, and looks like tags"]), ("{ tag: \"v*\" }", &[])],
    );
    // What holds means tags as well.
    table("scope: { group: acme }\ndelete: [{ older_than: 30d }]\nkeep: [{ built_from: {} }]", &[("\"v*\"", &[])]);
    let policy = "scope: { group: acme }\ndelete: [{ older_than: 30d }]";
    let told = super::of_set(&[("p.yaml", policy), ("hold.yaml", "protect: [{ built_from: \"v*\" }]")]);
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn the_hint_writes_the_list_under_its_kind() {
    let text = "version: 1\nscope: { group: acme }\ndelete: [{ built_from: [\"v*\", \"!v1\"], older_than: 9d }]\n";
    let hint = super::lints(&[("p.yaml", text)])[0].hint.clone().unwrap();
    let kind = |kind: &str| format!("`built_from: {{ {kind}: [\"v*\", \"!v1\"] }}`");
    assert_eq!(hint, format!("write {}, or {} if branches are meant", kind("tag"), kind("branch")));
}

#[test]
fn each_kind_has_a_list_of_its_own() {
    table(
        "scope: { group: acme }\ndelete:\n- older_than: 30d\n  built_from:\n    branch: main\n    tag: {}",
        &[
            ("feature/", &["7:10 no ref ends with `/`, so nothing matches `feature/`"]),
            ("[\"v1\", \"!v*\"]", &["7:5 this rule never holds: all that `built_from` names is taken away again"]),
            ("[\"v*\", \"!main\"]", &["7:17 `!main` takes nothing away: no other pattern here matches any of it"]),
            ("main", &[]),
        ],
    );
}

/// What takes means branches, so a rule for tags adds to it, and a hold for tags leaves it what it takes.
#[test]
fn what_one_kind_covers_another_does_not() {
    let second = &["5:3 this rule adds nothing: the rule in line 4 selects everything that it does"][..];
    let delete =
        "scope: { group: acme }\ndelete:\n- { older_than: 30d, built_from: A }\n- { older_than: 60d, built_from: B }";
    let rows: [(&str, &str, &[&str]); 8] = [
        ("\"*\"", "\"feature/*\"", second),
        ("\"*\"", "{ branch: \"feature/*\" }", second),
        ("{ branch: \"*\" }", "\"feature/*\"", second),
        ("{ branch: \"*\", tag: \"*\" }", "{ tag: \"v*\", branch: \"f*\" }", second),
        ("\"*\"", "{ tag: \"v*\" }", &[]),
        ("{ tag: \"*\" }", "\"feature/*\"", &[]),
        ("\"*\"", "{ branch: \"f*\", merge_request: \"*\" }", &[]),
        ("{ branch: \"*\" }", "{ branch: \"f*\", tag: \"*\" }", &[]),
    ];
    for (one, other, expected) in rows {
        assert_eq!(of_policy(&delete.replace('A', one).replace('B', other)), expected, "{one} and {other}");
    }
    let kept = &["3:10 this rule deletes nothing: the keep rule in line 4 keeps everything that it selects"][..];
    let held = "scope: { group: acme }\ndelete: [{ older_than: 30d, built_from: A }]\nkeep: [{ built_from: B }]";
    let rows: [(&str, &str, &[&str]); 6] = [
        ("\"feature/*\"", "\"*\"", kept),
        ("\"feature/*\"", "{ branch: \"*\" }", kept),
        (
            "{ tag: \"v*\" }",
            "\"v*\"",
            &["3:10 this rule deletes nothing: the keep rule in line 4 keeps everything that it selects"],
        ),
        ("\"feature/*\"", "{ tag: \"*\" }", &[]),
        ("{ tag: \"v*\" }", "{ branch: \"*\" }", &[]),
        ("{ tag: \"v*\", branch: \"x\" }", "{ tag: \"*\" }", &[]),
    ];
    for (takes, keeps, expected) in rows {
        assert_eq!(of_policy(&held.replace('A', takes).replace('B', keeps)), expected, "{takes} and {keeps}");
    }
}
