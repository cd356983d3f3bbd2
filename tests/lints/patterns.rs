//! Lists of patterns, and what nothing in GitLab is called.

use crate::table;

#[test]
fn lists_in_which_nothing_is_left() {
    table(
        "scope: { group: acme }\ndelete:\n- { older_than: 30d, {} }",
        &[
            (
                "version: [\"1.*\", \"!*\"]",
                &["4:22 this rule never holds: all that `version` names is taken away again"],
            ),
            ("name: \"!**\"", &["4:22 this rule never holds: all that `name` names is taken away again"]),
            (
                "version: [1.5, 1.6, \"!1.*\"]",
                &["4:22 this rule never holds: all that `version` names is taken away again"],
            ),
            ("version: [1.5, 2.6, \"!1.*\"]", &["4:32 `1.5` says nothing: it is taken away again"]),
            (
                "version: [\"1.*\", \"!2.*\"]",
                &["4:39 `!2.*` takes nothing away: no other pattern here matches any of it"],
            ),
            ("version: [\"1.*\", \"!1.5*\"]", &[]),
            ("version: [\"!1.*\", \"!2.*\"]", &[]),
            ("name: [\"**\", \"!api\"]", &[]),
            // What a package is tagged with besides.
            ("tag: [beta, \"!keep\"]", &[]),
            ("tag: [beta, \"!b*\"]", &["4:22 this rule never holds: all that `tag` names is taken away again"]),
            ("tag: [\"!*\"]", &[]),
        ],
    );
}

#[test]
fn projects_outside_of_the_scope() {
    table(
        "scope:\n  group: acme/platform\n  {}\ndelete: [{ status: error }]",
        &[
            ("paths: \"web/**\"", &["4:3 there is nothing in this scope: no project in the scope matches `paths`"]),
            // The group itself is no project.
            ("paths: acme/platform", &["4:3 there is nothing in this scope: no project in the scope matches `paths`"]),
            (
                "paths: [\"acme/platform/**\", \"!legacy/**\"]",
                &["4:31 `!legacy/**` takes nothing away: no project in the scope matches it"],
            ),
            ("paths: [\"**/api\", web/api]", &["4:21 no project in the scope matches `web/api`"]),
            ("paths: [\"acme/**\", \"!**/legacy/**\"]", &[]),
            ("paths: \"Acme/Platform/api\"", &[]),
            ("paths: \"/acme/.*/\"", &[]),
        ],
    );
    table(
        "scope: { {} }\ndelete:\n- { older_than: 30d, project: \"acme/web/**\" }",
        &[
            ("group: acme/platform", &["4:22 this rule never holds: no project in the scope matches `project`"]),
            ("project: acme/platform/api", &["4:22 this rule never holds: no project in the scope matches `project`"]),
            (
                "group: acme, paths: \"acme/platform/**\"",
                &["4:22 this rule never holds: no project in the scope matches `project`"],
            ),
            (
                "group: acme, subgroups: false",
                &["4:22 this rule never holds: no project in the scope matches `project`"],
            ),
            ("group: [acme/platform, acme/web]", &[]),
            ("group: acme", &[]),
            // Where an id stands nobody can tell.
            ("group: 42", &[]),
            ("project: [acme/platform/api, 7]", &[]),
            ("group: \"*\"", &[]),
        ],
    );
}

#[test]
fn names_with_a_slash() {
    table(
        "scope: { group: acme, types: [{}] }\ndelete:\n- { older_than: 30d, name: \"*\" }",
        &[
            ("npm", &["4:28 `*` stops at `/`, so `*` matches no scoped name such as `@acme/api`"]),
            ("maven", &["4:28 names of `maven` packages have a `/`, as in `com/acme/api`, so nothing matches `*`"]),
            (
                "golang",
                &[
                    "4:28 names of `golang` packages have a `/`, as in `gitlab.example/acme/api`, so nothing matches `*`",
                ],
            ),
            ("npm, pypi", &["4:28 `*` stops at `/`: it matches neither `@acme/api` nor `com/acme/api`"]),
            ("pypi, conan", &[]),
        ],
    );
    table(
        "scope: { group: acme, types: [npm] }\nkeep:\n- name: {}\ndelete: [{ status: error }]",
        &[
            ("\"*-internal\"", &["4:9 `*` stops at `/`, so `*-internal` matches no scoped name such as `@acme/api`"]),
            (
                "[\"**\", \"!*-internal\"]",
                &["4:16 `*` stops at `/`, so `*-internal` matches no scoped name such as `@acme/api`"],
            ),
            ("\"**/*-internal\"", &[]),
            ("\"@acme/*\"", &[]),
            ("acme-internal", &[]),
            ("\"acme-*\"", &[]),
        ],
    );
    table(
        "scope: { group: acme{} }\nkeep: [{ name: \"*\" }]\ndelete: [{ status: error }]",
        &[
            ("", &["3:16 `*` stops at `/`: it matches neither `@acme/api` nor `com/acme/api`"]),
            (", types: rubygems", &[]),
        ],
    );
    table(
        "scope: { group: acme, types: conan }\nkeep: [{ name: {} }]\ndelete: [{ status: error }]",
        &[
            (
                "\"zlib/1.2.11@acme/stable\"",
                &["3:16 names of `conan` packages have no `/`, so nothing matches `zlib/1.2.11@acme/stable`"],
            ),
            ("\"*/**\"", &["3:16 names of `conan` packages have no `/`, so nothing matches `*/**`"]),
            ("\"**/zlib\"", &[]),
        ],
    );
    table(
        "scope: { group: acme, types: [conan, npm] }\nkeep: [{ name: {} }]\ndelete: [{ status: error }]",
        &[("\"@acme/*\"", &[])],
    );
}

#[test]
fn versions_that_no_package_has() {
    table(
        "scope: { group: acme, types: [{}] }\ndelete:\n- { older_than: 30d, version: \"v*\" }",
        &[
            ("npm", &["4:31 versions of `npm` packages begin with a digit, so nothing matches `v*`"]),
            ("golang", &[]),
            ("npm, helm", &[]),
            ("npm, golang", &[]),
        ],
    );
    table(
        "scope: { group: acme, types: golang }\ndelete:\n- { older_than: 30d, version: {} }",
        &[
            ("\"0.*\"", &["4:31 versions of `golang` packages begin with `v`, so nothing matches `0.*`"]),
            ("\"v0.*\"", &[]),
            ("\"*-rc*\"", &[]),
        ],
    );
    table(
        "scope: { group: acme }\ndelete:\n- { older_than: 30d, {} }",
        &[
            ("version: \"-rc*\"", &["4:31 no version begins with `-`, so nothing matches `-rc*`"]),
            (r"version: '/-rc\d+/'", &[r"4:31 no version begins with `-`, so nothing matches `/-rc\d+/`"]),
            ("version: \"1.2.\"", &["4:31 no version ends with `.`, so nothing matches `1.2.`"]),
            (r"version: '/1\.(2|3)\./'", &[r"4:31 no version ends with `.`, so nothing matches `/1\.(2|3)\./`"]),
            ("built_from: feature/", &["4:34 no ref ends with `/`, so nothing matches `feature/`"]),
            ("version: \"*-rc*\"", &[]),
            ("version: \"[!-]*\"", &[]),
            (r"version: '/.*-rc\d+/'", &[]),
            ("version: \"1.2\"", &[]),
            ("built_from: \"feature/*\"", &[]),
            // A tag may be called anything.
            ("tag: \"-x\"", &[]),
        ],
    );
}
