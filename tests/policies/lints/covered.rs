//! Rules that leave another one nothing to do.

use crate::lints::{of_set, table};

#[test]
fn a_rule_that_selects_nothing_of_its_own() {
    let lint = |line: usize, other: usize| {
        format!("{line}:3 this rule adds nothing: the rule in line {other} selects everything that it does")
    };
    let (second, first) = (lint(5, 4), lint(4, 5));
    let (second, first): (&[&str], &[&str]) = (&[&second], &[&first]);
    let frame = "scope: { group: acme, types: [maven, npm] }\ndelete:\n{}";
    let rows: &[(&str, &str, &[&str])] = &[
        ("{ older_than: 30d }", "{ older_than: 30d }", second),
        ("{ older_than: 30d }", "{ older_than: 60d }", second),
        ("{ older_than: 60d }", "{ older_than: 30d }", first),
        ("{ older_than: 60d, version: \"*-rc\" }", "{ older_than: 30d }", first),
        ("{ not_downloaded_for: 90d }", "{ older_than: 30d }", first),
        ("{ not_downloaded_for: 90d }", "{ not_downloaded_for: 60d }", first),
        ("{ not_downloaded_for: 60d }", "{ older_than: 90d, never_downloaded: true }", second),
        ("{ older_than: 30d, version: \"*-{rc,dev}\" }", "{ older_than: 30d, version: 1.0-dev }", second),
        ("{ older_than: 30d, name: \"**\" }", "{ older_than: 30d }", second),
        ("{ older_than: 30d, type: [maven, npm] }", "{ older_than: 30d, type: npm }", second),
        // The scope has no other types.
        ("{ older_than: 30d, type: [maven, npm, pypi] }", "{ older_than: 30d, version: \"1*\" }", &[]),
        ("{ older_than: 30d, status: [default, deprecated, error] }", "{ older_than: 31d }", second),
        ("{ older_than: 30d, larger_than: 1GB }", "{ older_than: 30d, larger_than: 2GB }", second),
        ("{ older_than: 30d, project: \"**/api\" }", "{ older_than: 30d, project: acme/x/api }", second),
        ("{ older_than: 30d, prerelease: true }", "{ older_than: 40d, prerelease: true, version: \"*-rc\" }", second),
        ("{ older_than: 30d, tag: beta }", "{ older_than: 30d, tag: beta }", second),
        // What comes close.
        ("{ older_than: 30d, version: \"*-rc\" }", "{ older_than: 60d, version: \"*-dev\" }", &[]),
        ("{ older_than: 30d, version: \"*-rc\" }", "{ older_than: 60d }", &[]),
        ("{ not_downloaded_for: 30d }", "{ older_than: 90d }", &[]),
        ("{ older_than: 30d }", "{ older_than: 60d, allow_latest: true }", &[]),
        ("{ older_than: 30d }", "{ older_than: 60d, allow_released: true }", &[]),
        ("{ older_than: 30d }", "{ older_than: 60d, tag: latest }", &[]),
        ("{ older_than: 30d, status: default }", "{ older_than: 60d, status: [default, error] }", &[]),
        ("{ older_than: 30d, tag: \"b*\" }", "{ older_than: 30d, tag: beta }", &[]),
        ("{ older_than: 30d, prerelease: true }", "{ older_than: 60d, prerelease: false }", &[]),
        ("{ older_than: 30d, built_from: main }", "{ older_than: 60d }", &[]),
        // A project that can't be read has no path.
        ("{ older_than: 30d, project: \"acme/**\" }", "{ older_than: 60d }", &[]),
        ("{ older_than: 30d, larger_than: 2GB }", "{ older_than: 60d, larger_than: 1GB }", &[]),
    ];
    for (one, other, expected) in rows.iter().filter(|row| !row.0.contains("pypi")) {
        table(frame, &[(&format!("- {one}\n- {other}"), expected)]);
    }
    table(
        "scope: { group: acme }\ndelete:\n{}",
        &[
            ("- { older_than: 30d, allow_latest: true }\n- { older_than: 60d, allow_latest: true }", second),
            ("- { older_than: 30d, allow_latest: true, allow_released: true }\n- { older_than: 60d }", second),
            // Models go only where a rule names them.
            ("- { older_than: 30d }\n- { older_than: 60d, type: ml_model }", &[]),
            ("- { older_than: 30d, type: ml_model }\n- { older_than: 60d, type: ml_model }", second),
            // Charts go only where a rule says so.
            ("- { older_than: 30d }\n- { older_than: 60d, type: helm, other_indexes: true }", &[]),
            // And branches of Composer.
            (
                "- { type: composer }\n- { type: composer, unknown_age: true }",
                &["4:3 this rule has no age: it selects a package as soon as `min_age` lets it, after 72h"],
            ),
            ("- { type: composer, unknown_age: true }\n- { name: \"a/*\", type: composer, unknown_age: true }", second),
            // Of three that are the same the first stays.
            (
                "- { older_than: 30d }\n- { older_than: 30d }\n- { older_than: 30d }",
                &[
                    "5:3 this rule adds nothing: the rule in line 4 selects everything that it does",
                    "6:3 this rule adds nothing: the rule in line 4 selects everything that it does",
                ],
            ),
        ],
    );
}

#[test]
fn what_takes_away_takes_more_than_is_written() {
    let lint = "4:3 this rule adds nothing: the rule in line 5 selects everything that it does";
    let frame = "scope: { group: acme, types: [TYPES] }\ndelete:\n{}";
    let rows: &[(&str, &str, &str, &[&str])] = &[
        // Of NuGet the second rule leaves 1.3 alone.
        ("nuget", "version: \"1.3\"", "version: [\"*\", \"!1.3.0\"]", &[]),
        ("npm", "version: \"1.3\"", "version: [\"*\", \"!1.3.0\"]", &[lint]),
        ("pypi", "name: acme_core", "name: \"!acme-core\"", &[]),
        ("generic", "name: acme_core", "name: \"!acme-core\"", &[lint]),
        ("cargo, generic", "name: acme_core", "name: \"!acme-core\"", &[]),
        ("pypi", "name: acme_core, version: \"1.*\"", "name: \"acme*\"", &[lint]),
        ("pypi", "name: \"!acme\", version: \"1.*\"", "name: \"!acme\"", &[lint]),
        ("npm", "project: acme/api", "project: [\"**\", \"!acme/api/**\"]", &[]),
        ("npm", "project: [\"acme/**\", \"!acme/api/**\"]", "project: [\"**\", \"!acme/api\"]", &[lint]),
    ];
    for (types, one, other, expected) in rows {
        let rules = format!("- {{ older_than: 30d, {one} }}\n- {{ older_than: 30d, {other} }}");
        table(&frame.replace("TYPES", types), &[(&rules, expected)]);
    }
}

#[test]
fn a_rule_of_which_everything_is_kept() {
    let lint = "3:10 this rule deletes nothing: the keep rule in line 4 keeps everything that it selects";
    table(
        "scope: { group: acme }\ndelete: [{ version: \"*-SNAPSHOT\", older_than: 60d }]\nkeep: [{}]",
        &[
            ("{ version: \"*-SNAPSHOT\" }", &[lint]),
            ("{ version: \"*-*\", note: all of them }", &[lint]),
            ("{ older_than: 30d }", &[lint]),
            ("{ status: [default, error, deprecated] }", &[lint]),
            ("{ name: \"**\" }", &[lint]),
            ("{ version: [\"*-*\", \"!*-RC\"] }", &[lint]),
            ("{ version: [\"*-*\", \"!*-SNAPSHOT\"] }", &[]),
            ("{ version: \"*-SNAPSHOT\", until: 2027-06-30 }", &[]),
            ("{ version: \"*-SNAPSHOT\", downloaded_within: 30d }", &[]),
            ("{ version: \"*-SNAPSHOT\", newest: 3 }", &[]),
            ("{ older_than: 90d }", &[]),
            ("{ status: [default, error] }", &[]),
            ("{ downloaded_within: 30d }", &[]),
        ],
    );
}

#[test]
fn a_rule_of_which_everything_is_protected() {
    let policy = "scope: { group: acme/platform, types: maven }\n\
                  delete:\n- { version: \"*-SNAPSHOT\", project: \"acme/platform/api*\", older_than: 60d }\n- status: error";
    let rule = ["4:3 this rule deletes nothing: line 3 of hold.yaml protects everything that it selects"];
    let both = [rule[0], "5:3 this rule deletes nothing: line 3 of hold.yaml protects everything that it selects"];
    let whole = ["2:8 this policy deletes nothing: line 3 of hold.yaml protects everything in its scope"];
    let rows: &[(&str, &str, &[&str])] = &[
        ("description: d", "{ version: \"*-*\" }", &rule),
        ("description: d", "{ older_than: 30d }", &rule),
        ("scope: { group: acme }", "{ version: \"*-*\" }", &rule),
        ("scope: { group: Acme/Platform, types: [maven, npm] }", "{ version: \"*-*\" }", &rule),
        ("scope: { paths: \"acme/*/api**\" }".replace("api**", "*").leak(), "{ version: \"*-*\" }", &rule),
        ("description: d", "{ project: \"acme/platform/{api,web}*\" }", &rule),
        ("description: d", "{ project: \"acme/platform/api*/**\" }", &rule),
        ("scope: { paths: \"acme/platform/api*/**\" }", "{ version: \"*-*\" }", &rule),
        ("scope: { paths: [\"acme/**\", \"!acme/platform/api/**\"] }", "{ version: \"*-*\" }", &rule),
        ("description: d", "[{ status: error }, { version: \"*-*\" }]", &both),
        ("description: d", "{ name: \"**\" }", &whole),
        ("description: d", "{ type: [maven, npm] }", &whole),
        ("scope: { group: acme }", "{ project: \"acme/**\" }", &whole),
        ("scope: { group: acme }", "{ status: [default, error, deprecated] }", &whole),
        // What comes close.
        ("description: d", "{ version: \"*-*\", until: 2027-06-30 }", &[]),
        ("description: d", "{ version: \"*-*\", downloaded_within: 30d }", &[]),
        ("scope: { group: acme, types: npm }", "{ version: \"*-*\" }", &[]),
        ("scope: { group: acme, subgroups: false }", "{ version: \"*-*\" }", &[]),
        ("scope: { group: acme/web }", "{ version: \"*-*\" }", &[]),
        ("scope: { project: acme/platform/api }", "{ version: \"*-*\" }", &[]),
        ("scope: { project: 7 }", "{ name: \"**\" }", &[]),
        ("scope: { group: acme, paths: \"**/api\" }", "{ version: \"*-*\" }", &[]),
        ("description: d", "{ id: 7 }", &[]),
        ("description: d", "{ downloaded_within: 30d }", &[]),
    ];
    for (scope, rules, expected) in rows {
        let rules = if rules.starts_with('[') { (*rules).to_owned() } else { format!("[{rules}]") };
        let hold = format!("{scope}\nprotect: {rules}");
        let told = of_set(&[("hold.yaml", &hold), ("p.yaml", policy)]);
        assert_eq!(told, *expected, "{hold}");
    }
}

#[test]
fn projects_by_their_ids_and_all_of_them() {
    let hold = ("hold.yaml", "scope: { project: [acme/a/x, acme/a/y, 7] }\nprotect: [{ name: \"**\" }]");
    let whole = ["2:8 this policy deletes nothing: line 3 of hold.yaml protects everything in its scope"];
    let rows: &[(&str, &[&str])] = &[
        ("project: acme/a/X", &whole),
        ("project: [acme/a/x, acme/a/y]", &whole),
        ("project: [acme/a/x, acme/a/z]", &[]),
        ("project: 8", &[]),
        ("group: acme/a", &[]),
        ("group: \"*\"", &[]),
    ];
    for (scope, expected) in rows {
        let policy = format!("scope: {{ {scope} }}\ndelete: [{{ status: error }}]");
        assert_eq!(of_set(&[hold, ("p.yaml", &policy)]), *expected, "{scope}");
    }
}

#[test]
fn files_of_what_is_protected() {
    let policy =
        ("p.yaml", "scope: { group: acme }\nfiles: [{ type: maven, keep_newest: 2, version: \"*-SNAPSHOT\" }]");
    let lint = "3:9 this rule deletes nothing: line 2 of hold.yaml protects everything that it selects";
    for (hold, expected) in [
        ("protect: [{ type: maven }]", &[lint][..]),
        ("protect: [{ version: \"*-SNAPSHOT\" }]", &[lint]),
        ("protect: [{ status: [default, deprecated] }]", &[lint]),
        ("protect: [{ type: generic }]", &[]),
    ] {
        assert_eq!(of_set(&[("hold.yaml", hold), policy]), expected, "{hold}");
    }
}
