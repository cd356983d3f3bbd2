//! What `newest` counts.

use crate::lints::table;

#[test]
fn newest_after_a_filter_of_its_own() {
    let frame = "scope: { group: acme }\n\
                 delete: [{ version: \"*-rc*\", older_than: 60d }]\n\
                 keep:\n- { newest: 3, {} }";
    table(
        frame,
        &[
            ("downloaded_within: 30d", &["5:16 `newest: 3` counts only what was downloaded within 30d"]),
            ("older_than: 30d", &["5:16 `newest: 3` counts only what is older than 30d"]),
            ("larger_than: 1GB", &["5:16 `newest: 3` counts only what is larger than 1GB"]),
            ("id: [7, 8]", &["5:16 `newest: 3` counts only what has one of these ids"]),
            // It stands in a delete rule, too.
            ("older_than: 60d", &[]),
            ("version: \"*-rc*\"", &[]),
            ("version: \"*-*\"", &[]),
            ("version: \"1.*\"", &[]),
            ("prerelease: true", &[]),
        ],
    );
}

#[test]
fn newest_without_the_filter_of_the_delete_rules() {
    let lint = "4:10 `newest: 3` counts every version, and may keep none of the few that the delete rules select";
    let frame = "scope: { group: acme }\ndelete: [{}]\nkeep: [{ newest: 3, type: maven }]";
    table(
        frame,
        &[
            ("{ version: \"*-SNAPSHOT\", older_than: 60d }", &[lint]),
            (
                "{ prerelease: true, older_than: 60d }, { version: \"*-SNAPSHOT\", older_than: 7d }, { status: error }",
                &[lint],
            ),
            ("{ built_from: \"feature/*\", older_than: 60d }", &[lint]),
            ("{ version: \"*-SNAPSHOT\", older_than: 60d }, { older_than: 2y }", &[]),
            ("{ older_than: 60d }", &[]),
            ("{ version: \"*\", older_than: 60d }", &[]),
            ("{ version: \"!1.*\", older_than: 60d }", &[]),
            ("{ status: error }", &[]),
        ],
    );
    // Nobody knows what the first rule was meant to select.
    let unclear = "scope: { group: acme }\nkeep: [{ newest: 3 }]\n\
                   delete: [{ name: \".*app\", older_than: 60d }, { version: \"*-SNAPSHOT\", older_than: 60d }]";
    let told = crate::lints::of_policy(unclear);
    assert_eq!(told, ["4:18 `.*app` looks like a regular expression, and is read as a glob"]);
    let frame = "scope: { group: acme }\ndelete: [{ version: \"*-SNAPSHOT\", older_than: 60d }]\nkeep: [{}]";
    table(
        frame,
        &[
            ("{ newest: 3 }", &[lint]),
            ("{ newest: 3, version: \"*\" }", &[lint]),
            ("{ newest: 3, name: \"com/acme/**\" }", &[lint]),
            ("{ newest: 3, version: \"*-SNAPSHOT\" }", &[]),
            ("{ newest: 3, newest_per: minor }", &[]),
            ("{ downloaded_within: 30d }", &[]),
        ],
    );
}

#[test]
fn the_hint_is_what_to_write_beside_it() {
    let hint = |delete: &str| {
        let policy = format!("version: 1\nscope: {{ group: acme }}\ndelete: [{delete}]\nkeep: [{{ newest: 3 }}]\n");
        crate::lints::lints(&[("p.yaml", &policy)]).pop().unwrap().hint.unwrap()
    };
    let beside = |written: &str| format!("to have it count what would go, write `{written}` beside it");
    assert_eq!(hint("{ version: \"*-SNAPSHOT\", older_than: 9d }"), beside("version: \"*-SNAPSHOT\""));
    assert_eq!(hint("{ version: [a, b], older_than: 9d }"), beside("version: [\"a\", \"b\"]"));
    assert_eq!(hint("{ prerelease: true, older_than: 9d }"), beside("prerelease: true"));
    let of_several = hint("{ version: a, older_than: 9d }, { version: b, older_than: 9d }");
    assert_eq!(of_several, "to have it count what would go, write the same patterns beside it");
}

#[test]
fn a_series_of_its_own_for_each_version() {
    let lint = "4:33 this keeps every version: each is a series of its own, because the group takes in all of it";
    table(
        "scope: { group: acme }\ndelete: [{ older_than: 60d }]\nkeep: [{ newest: 3, newest_per: {} }]",
        &[
            (r"'/([0-9]+\.[0-9]+)/'", &[lint]),
            (r"'/(.*)/'", &[lint]),
            (r"'/([0-9]+\.[0-9]+)\..*/'", &[]),
            (r"'/v?([0-9]+)(?:\..*)?/'", &[]),
        ],
    );
}

/// Then each version is a series, and so many of them stay.
#[test]
fn a_series_of_its_own_for_each_version_is_right_where_series_are_counted() {
    let keys = "scope: { group: acme }\ndelete: [{ older_than: 30d }]\nkeep: [{ newest: 1, newest_per: '/(.*)/', last_series: 3 }]";
    assert_eq!(crate::lints::of_policy(keys), [""; 0]);
}

#[test]
fn series_of_a_single_ref() {
    table(
        "scope: { group: acme }\ndelete: [{ built_from: main, older_than: 9d }]\nkeep: [{ newest: 1, {}, last_series: 3 }]",
        &[
            (
                "newest_per: ref, built_from: main",
                &["4:56 `last_series` says nothing: `main` is the only series that this rule counts"],
            ),
            (
                "newest_per: ref, built_from: { branch: main, tag: main }",
                &["4:79 `last_series` says nothing: `main` is the only series that this rule counts"],
            ),
            ("newest_per: ref, built_from: [main, dev]", &[]),
            ("newest_per: ref, built_from: { branch: main, tag: v1 }", &[]),
            ("newest_per: ref, built_from: { branch: main, merge_request: main }", &[]),
            ("newest_per: ref, built_from: \"main*\"", &[]),
            ("newest_per: ref, built_from: \"!main\"", &[]),
            ("newest_per: major, built_from: main", &[]),
        ],
    );
}

#[test]
fn newest_of_what_never_goes() {
    let frame = "scope: { group: acme, types: [maven] }\ndelete: [{}]\nkeep: [{ newest: 3, version: \"*.Final\" }]";
    let lint = "4:21 this rule counts only versions that no delete rule selects, so it keeps nothing that would go";
    table(
        frame,
        &[
            ("{ version: \"*-SNAPSHOT\", older_than: 60d }", &[lint]),
            ("{ version: \"*-SNAPSHOT\", older_than: 60d }, { status: error }", &[lint]),
            ("{ version: \"*-SNAPSHOT\", older_than: 60d }, { older_than: 2y }", &[]),
            ("{ version: \"1.*\", older_than: 60d }", &[]),
        ],
    );
    // A version may be counted by another spelling than that which goes.
    table(
        "scope: { group: acme{} }\ndelete: [{ version: \"1.3\", older_than: 60d }]\nkeep: [{ newest: 3, version: \"1.3.0\" }]",
        &[("", &[]), (", types: [nuget]", &[]), (", types: [npm, generic]", &[lint])],
    );
    table(
        "scope: { group: acme }\ndelete: [{ version: \"1.3\", older_than: 60d, {} }]\nkeep: [{ newest: 3, version: \"1.3.0\" }]",
        &[("type: nuget", &[]), ("type: maven", &[lint])],
    );
    // Without `newest` it is a promise that stands whatever the delete rules become.
    let keys = "scope: { group: acme }\ndelete: [{ version: \"*-SNAPSHOT\", older_than: 60d }]\nkeep: [{ version: \"*.Final\" }]";
    assert_eq!(crate::lints::of_policy(keys), [""; 0]);
}
