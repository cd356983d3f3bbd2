//! What GitLab doesn't tell of a package type, and rules that rest on it.

use crate::lints::table;

#[test]
fn what_may_be_the_highest_of_another_index() {
    let takes = |types: &str, taken: &str| {
        format!(
            "4:3 of {types} packages this rule takes {taken}: each version may be the highest of its distribution or \
             channel, which GitLab's API doesn't tell, and stays as `other_index`"
        )
    };
    table(
        "scope: { group: acme, types: [{}] }\ndelete:\n- { older_than: 30d }",
        &[
            ("helm", &[&takes("`helm`", "failed uploads alone")]),
            ("debian, helm, npm", &[&takes("`debian` or `helm`", "failed uploads alone")]),
            ("npm, rpm", &[]),
        ],
    );
    table(
        "scope: { group: acme }\ndelete:\n- {}",
        &[
            ("{ type: helm, older_than: 30d }", &[&takes("`helm`", "failed uploads alone")]),
            ("{ type: helm, older_than: 30d, allow_latest: true }", &[&takes("`helm`", "failed uploads alone")]),
            ("{ type: helm, older_than: 30d, status: [default, error] }", &[&takes("`helm`", "failed uploads alone")]),
            ("{ type: helm, older_than: 30d, status: default }", &[&takes("`helm`", "none")]),
            ("{ type: helm, older_than: 30d, status: error }", &[]),
            ("{ type: helm, older_than: 30d, other_indexes: true }", &[]),
            ("{ type: [helm, npm], older_than: 30d, other_indexes: true }", &[]),
            // It may be meant for other types.
            ("{ older_than: 30d }", &[]),
            ("{ older_than: 30d, other_indexes: true }", &[]),
            (
                "{ type: [npm, rpm], older_than: 30d, other_indexes: true }",
                &["4:40 `other_indexes` says nothing: `npm` or `rpm` packages have one index"],
            ),
            ("{ type: npm, older_than: 30d, other_indexes: false }", &[]),
        ],
    );
}

#[test]
fn an_age_that_is_known() {
    table(
        "scope: { group: acme }\ndelete:\n- {}",
        &[
            (
                "{ type: [npm, maven], unknown_age: true }",
                &["4:25 this rule can never delete: the age of `npm` or `maven` packages is known"],
            ),
            ("{ type: [npm, composer], unknown_age: true }", &[]),
            ("{ type: composer, unknown_age: true }", &[]),
            ("{ unknown_age: true }", &[]),
        ],
    );
    table(
        "scope: { group: acme }\ndelete: [{ status: error }]\nkeep:\n- {}",
        &[
            ("{ type: npm, unknown_age: true }", &["5:16 this rule saves nothing: the age of `npm` packages is known"]),
            ("{ type: composer, unknown_age: true }", &[]),
        ],
    );
    table(
        "scope: { group: acme, types: {} }\ndelete:\n- unknown_age: true",
        &[("npm", &["4:3 this rule can never delete: the age of `npm` packages is known"]), ("composer", &[])],
    );
}

#[test]
fn an_unknown_age_beside_one_that_has_to_be_known() {
    let never = |column: usize, key: &str| {
        format!("4:{column} this rule never holds: of an unknown age nobody knows whether it is what `{key}` says")
    };
    table(
        "scope: { group: acme }\ndelete:\n- {}",
        &[
            ("{ unknown_age: true, older_than: 90d }", &[&never(24, "older_than")]),
            ("{ unknown_age: true, not_downloaded_for: 90d }", &[&never(24, "not_downloaded_for")]),
            ("{ unknown_age: true, younger_than: 90d }", &[&never(24, "younger_than")]),
            ("{ unknown_age: true, never_downloaded: true }", &[]),
        ],
    );
    // A rule that saves holds for what isn't known.
    table(
        "scope: { group: acme }\ndelete: [{ status: error }]\nkeep:\n- {}",
        &[("{ unknown_age: true, older_than: 90d }", &[])],
    );
}

#[test]
fn the_newest_of_what_is_published_in_place() {
    let lint = "4:10 this keeps every branch of `composer` that fits: nothing tells which was published last";
    table(
        "scope: { group: acme, types: composer }\ndelete: [{ unknown_age: true }]\nkeep: [{}]",
        &[
            ("{ newest: 3 }", &[lint]),
            ("{ newest: 3, by: content }", &[lint]),
            ("{ newest: 3, prerelease: true }", &[lint]),
            ("{ newest: 3, version: \"dev-*\" }", &[lint]),
            ("{ newest: 3, version: \"*.x-dev\" }", &[lint]),
            ("{ newest: 3, by: created }", &[]),
            ("{ newest: 3, by: version }", &[]),
            // No branch is among them.
            ("{ newest: 3, version: \"/[0-9.]+/\" }", &[]),
            ("{ newest: 3, prerelease: false }", &[]),
        ],
    );
    table(
        "scope: { group: acme, types: [{}] }\ndelete: [{ unknown_age: true }]\nkeep: [{ newest: 3 }]",
        &[("composer, maven", &[lint])],
    );
    table(
        "scope: { group: acme }\ndelete: [{}]\nkeep: [{ newest: 3 }]",
        &[
            ("{ unknown_age: true }", &[lint]),
            ("{ type: composer, unknown_age: true }", &[lint]),
            // Every branch stays by `min_age`.
            ("{ type: composer, older_than: 90d }", &[]),
            ("{ older_than: 90d }", &[]),
        ],
    );
    // The keep rule counts others than the delete rule takes.
    let keys = "scope: { group: acme }\nkeep: [{ newest: 3, version: \"*.x-dev\" }]\n\
                delete: [{ unknown_age: true, version: \"dev-*-old\" }, { older_than: 90d }]";
    assert_eq!(crate::lints::of_policy(keys), [""; 0]);
}
