//! Lists of patterns, and what nothing in GitLab is called.

use crate::lints::table;

/// A project has several topics, and a pattern on one of them says nothing about the others.
#[test]
fn topics() {
    let scope = "2:23 there is nothing in this scope: all that `topic` names is taken away again";
    table(
        "scope: { group: acme, topic: {} }\ndelete: [{ older_than: 30d }]",
        &[
            ("[keep, \"!Keep\"]", &[scope]),
            ("[\"re*\", \"!retain-*\"]", &[]),
            ("\"!*\"", &[]),
            ("/keep/", &["2:30 `/keep/` matches `keep` and nothing else: patterns are anchored at both ends"]),
        ],
    );
    table(
        "scope: { group: acme }\ndelete: [{ older_than: 30d }]\nkeep: [{ topic: {} }]",
        &[
            ("[keep, \"!keep\"]", &["4:10 this rule never holds: all that `topic` names is taken away again"]),
            ("[\"re*\", \"!legacy\"]", &[]),
            ("gleaner-keep", &[]),
        ],
    );
    // Nobody knows here what topics a project has.
    let held = |scope: &str| {
        let policy = ("p.yaml", "scope: { group: acme }\ndelete: [{ name: core, older_than: 30d }]");
        let hold = format!("{scope}protect: [{{ name: core }}]");
        crate::lints::of_set(&[policy, ("q.yaml", &hold)]).len()
    };
    assert_eq!([held(""), held("scope: { topic: keep }\n")], [1, 0]);
}

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
                "type: maven, version: [\"1.*\", \"!2.*\"]",
                &["4:52 `!2.*` takes nothing away: no other pattern here matches any of it"],
            ),
            // What is taken away is taken away however it is written.
            ("version: [\"1.3.0\", \"!1.3\"]", &[]),
            ("type: nuget, version: [\"1.3.0\", \"!1.3\"]", &[]),
            (
                "type: npm, version: [\"1.3.0\", \"!1.3\"]",
                &["4:52 `!1.3` takes nothing away: no other pattern here matches any of it"],
            ),
            ("type: pypi, name: [acme_core, \"!acme-core\"]", &[]),
            (
                "type: conan, name: [acme_core, \"!acme-core\"]",
                &["4:53 `!acme-core` takes nothing away: no other pattern here matches any of it"],
            ),
            (
                "project: [acme/api, acme/web, \"!acme/api/**\"]",
                &["4:32 `acme/api` says nothing: it is taken away again"],
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
fn lists_of_holds() {
    table(
        "scope: { group: acme }\nkeep:\n- { {} }\ndelete: [{ status: error }]",
        &[
            // What is held is held however it is written, and what is taken away only as it stands there.
            ("type: nuget, version: [1.3, \"!1.3\"]", &[]),
            ("version: [1.3, 1.4, \"!1.3\"]", &[]),
            ("type: nuget, version: [1.3, \"!1.3.0\"]", &[]),
            (
                "type: npm, version: [1.3, \"!1.3\"]",
                &["4:16 this rule never holds: all that `version` names is taken away again"],
            ),
            ("type: npm, version: [1.3, 1.4, \"!1.3\"]", &["4:26 `1.3` says nothing: it is taken away again"]),
            (
                "type: npm, version: [1.3, \"!1.3.0\"]",
                &["4:31 `!1.3.0` takes nothing away: no other pattern here matches any of it"],
            ),
            ("version: \"!*\"", &["4:5 this rule never holds: all that `version` names is taken away again"]),
            ("type: cargo, name: [acme-core, \"!acme_core\"]", &[]),
            ("project: [\"acme/api/**\", \"!acme/api\"]", &[]),
            ("project: [\"acme/api/**\", \"!acme/api/**\"]", &[]),
        ],
    );
}

#[test]
fn versions_that_are_missed_in_another_spelling() {
    let lint = |place: &str, text: &str, seen: &str, other: &str, own: &str| {
        format!("{place} `{text}` holds `{seen}` and not `{other}`, which is the same version to clients of {own}")
    };
    let pypi = |text, seen, other| lint("5:12", text, seen, other, "pypi");
    let rows = [
        ("\"*-rc*\"", Some(pypi("*-rc*", "1.0-rc1", "1.0rc1"))),
        ("\"*alpha*\"", Some(pypi("*alpha*", "1.0alpha1", "1.0a1"))),
        ("\"v*\"", Some(pypi("v*", "v1", "1"))),
        ("\"2026.01.*\"", Some(pypi("2026.01.*", "2026.01.1", "2026.1.1"))),
        (r"'/.*-(rc|beta)\d/'", Some(pypi(r"/.*-(rc|beta)\d/", "1.0-rc1", "1.0rc1"))),
        ("[1.0, \"*-rc*\"]", Some(lint("5:18", "*-rc*", "1.0-rc1", "1.0rc1", "pypi"))),
        ("\"*\"", None),
        ("\"1.*\"", None),
        ("\"1.0.*\"", None),
        ("\"1.?\"", None),
        ("\"*.0\"", None),
        ("\"*rc*\"", None),
        ("\"*.dev*\"", None),
        ("\"*.post[0-9]\"", None),
        ("1.0-rc.1", None),
        ("v1.0", None),
        ("\"{v1.0,1.0-rc1}\"", None),
        // The other one holds what it misses.
        ("[\"*-rc*\", \"*rc*\"]", None),
        // As it stands there it is released, and that is what is written.
        ("[\"*-rc*\", \"!*-rc?\", \"!*-rc*.*\", \"!*-rc\"]", None),
        // No version that pip can read.
        ("\"*-SNAPSHOT\"", None),
    ];
    for (patterns, expected) in rows {
        let frame = "scope: { group: acme, types: [maven, pypi] }\nkeep:\n- downloaded_within: 30d\n  version: {}\ndelete: [{ status: error }]";
        table(frame, &[(patterns, expected.as_deref().as_slice())]);
    }
    let nuget = lint("4:12", "*+*", "1.0+1", "1.0", "nuget");
    table(
        "scope: { group: acme{} }\nkeep:\n- version: \"*+*\"\ndelete: [{ status: error }]",
        &[(", types: [npm, nuget]", &[&nuget]), (", types: npm", &[]), ("", &[])],
    );
    // What a delete rule misses stays, and what its `!` misses goes.
    let missed = |column: usize| {
        format!(
            "4:{column} `!*-rc*` leaves out `1.0-rc1` and not `1.0rc1`, which is the same version to clients of pypi"
        )
    };
    table(
        "scope: { group: acme, types: pypi }\ndelete:\n- { older_than: 30d, version: {} }",
        &[
            ("\"*-rc*\"", &[]),
            ("\"!*-rc*\"", &[&missed(31)]),
            ("[\"*\", \"!*-rc*\"]", &[&missed(37)]),
            ("[\"*rc*\", \"!*-rc*\"]", &[&missed(40)]),
            // It is left out by another pattern, or nothing selects it.
            ("[\"*\", \"!*-rc*\", \"!*rc*\"]", &[]),
            ("[\"*-*\", \"!*-rc*\"]", &[]),
            ("[\"*\", \"!1.0-rc1\"]", &[]),
        ],
    );
}

#[test]
fn files_by_their_paths() {
    table(
        "scope: { group: acme }\nfiles: [{ type: generic, keep_newest: 3, file: {} }]",
        &[
            ("[\"*.log\", debug/a.log]", &[]),
            (
                "[\"*.log\", \"!debug/*.log\"]",
                &["3:58 `!debug/*.log` takes nothing away: no other pattern here matches any of it"],
            ),
            ("[\"**/*.log\", \"!debug/*.log\"]", &[]),
            ("[\"**\", \"!debug/**\"]", &[]),
            ("[debug, \"!debug/**\"]", &["3:42 this rule never holds: all that `file` names is taken away again"]),
            (
                "\"**/*.sha1\"",
                &["3:48 checksums and signatures go with the file that they belong to, so nothing matches `**/*.sha1`"],
            ),
            ("\"*/maven-metadata.xml\"", &[]),
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
                &["3:16 names of `conan` packages have no `/`, so nothing is held by `zlib/1.2.11@acme/stable`"],
            ),
            ("\"*/?*\"", &["3:16 names of `conan` packages have no `/`, so nothing is held by `*/?*`"]),
            // What stands before the stars is held, too.
            ("\"*/**\"", &["4:10 this rule deletes nothing: the keep rule in line 3 keeps everything that it selects"]),
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
            ("npm, rpm", &[]),
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
