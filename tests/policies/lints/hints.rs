//! Patterns that nothing in GitLab matches, and what is told to write instead: each pattern of a hint is complained of no
//! longer, and matches what was meant.

use gleaner::package::PackageType;
use gleaner::policy::{PatternKind, Patterns, Shown};

use crate::lints::{lints, table};

/// A rule, what stands in the place of `{}`, the patterns of the hint, and a text that one of them matches.
struct Row(&'static str, &'static str, &'static str, &'static [&'static str], &'static str);

const ROWS: &[Row] = &[
    Row("channel", "type: conan, channel: {}", "stable", &["*/stable", "stable/*"], "acme/stable"),
    Row("channel", "channel: {}", "[sb]table", &["*/[sb]table", "[sb]table/*"], "acme/stable"),
    Row("channel", "channel: {}", "@acme/stable", &["acme/stable"], "acme/stable"),
    Row("channel", "channel: {}", "zlib/1.2@acme/*", &["acme/*"], "acme/stable"),
    Row("channel", "channel: {}", "/stable|testing/", &["/[^/]*/(?:stable|testing)/"], "acme/testing"),
    Row("channel", "channel: {}", "!stable", &["!*/stable", "!stable/*"], "acme/stable"),
    Row("built_from", "built_from: {}", "refs/heads/main", &["main"], "main"),
    Row("built_from", "built_from: {}", "refs/tags/*", &["main"], "main"),
    Row("built_from", "built_from: {}", "refs/tags/v1", &["v1"], "v1"),
    Row("built_from", "built_from: {}", "refs/remotes/origin/main", &["main"], "main"),
    Row("built_from", "built_from: {}", r"/refs\/tags\/v[0-9]+/", &["/v[0-9]+/"], "v12"),
    Row("built_from", "built_from: {}", "-fix", &["*-fix"], "acme-fix"),
    Row("built_from", "built_from: {}", "feature/", &["feature/*"], "feature/x"),
    Row("name", "type: npm, name: {}", "acme/*", &["@acme/*"], "@acme/api"),
    Row("name", "type: npm, name: {}", "!acme/api", &["!@acme/api"], "@acme/api"),
    Row("name", "type: npm, name: {}", "@acme/api@1.0", &["@acme/api"], "@acme/api"),
    Row("name", "type: npm, name: {}", "acme/api@1.0", &["@acme/api"], "@acme/api"),
    Row("name", "type: npm, name: {}", "api@1.0", &["api"], "api"),
    Row("name", "type: npm, name: {}", "*-internal", &["**/*-internal"], "@acme/api-internal"),
    Row("name", "type: terraform_module, name: {}", "vpc*", &["vpc*/*"], "vpc-core/aws"),
    Row("name", "type: terraform_module, name: {}", "vpc", &["vpc/*"], "vpc/aws"),
    Row("name", "type: terraform_module, name: {}", "*", &["**"], "vpc/aws"),
    Row("name", "type: terraform_module, name: {}", "acme/vpc/aws", &["vpc/aws"], "vpc/aws"),
    Row("name", "type: terraform_module, name: {}", "VPC/aws", &["vpc/aws"], "vpc/aws"),
    Row("name", "type: maven, name: {}", "com.acme:api", &["com/acme/api"], "com/acme/api"),
    Row("name", "type: maven, name: {}", "com.acme:*", &["com/acme/*"], "com/acme/api"),
    Row("name", "type: maven, name: {}", "com.acme:api:1.0", &["com/acme/api"], "com/acme/api"),
    Row("name", "type: maven, name: {}", "com.acme.*:api", &["com/acme/**/api"], "com/acme/platform/core/api"),
    Row("name", "type: maven, name: {}", "com.acme.*", &["com/acme/**"], "com/acme/platform/api"),
    Row("name", "type: maven, name: {}", "com.acme*", &["com/acme*/**"], "com/acme-core/api"),
    Row("name", "type: maven, name: {}", "com.acme.api", &["com/acme/api", "com/acme/api/**"], "com/acme/api"),
    Row("name", "type: maven, name: {}", "com/acme:api", &["com/acme/api"], "com/acme/api"),
    Row("name", "type: maven, name: {}", "api", &["**/api"], "com/acme/api"),
    Row("name", "type: composer, name: {}", "api*", &["**/api*"], "acme/api-core"),
    Row("name", "type: golang, name: {}", "api", &["**/api"], "gitlab.example/acme/api"),
    Row("name", "type: conan, name: {}", "zlib/1.2.11@acme/stable", &["zlib"], "zlib"),
    Row("name", "type: conan, name: {}", "zlib@*", &["zlib"], "zlib"),
    Row("name", "type: pypi, name: {}", "acme/core", &["core"], "core"),
    Row("name", "type: [nuget, helm], name: {}", "acme/core-*", &["core-*"], "core-api"),
    Row("name", "type: maven, name: {}", ".*-app", &["/.*-app/"], "com/acme/x-app"),
    Row("name", "type: maven, name: {}", "/api/", &["/.*api.*/"], "com/acme/api"),
    Row("version", "type: npm, version: {}", "v1.*", &["1.*"], "1.0.0"),
    Row("version", "type: golang, version: {}", "1.*", &["v1.*"], "v1.0.0"),
    Row("version", "version: {}", "-rc*", &["*-rc*"], "1.0-rc1"),
    Row("version", "version: {}", "-rc-", &["*-rc-*"], "1.0-rc-1"),
    Row("version", "version: {}", "/-rc|-dev/", &["/.*(?:-rc|-dev)/"], "1.0-dev"),
    Row("project", "project: {}", "acme", &["acme/**", "**/acme"], "acme/api"),
    Row("project", "project: {}", "*", &["**"], "acme/platform/api"),
];

#[test]
fn what_a_hint_has_is_right() {
    for Row(key, rule, pattern, expected, example) in ROWS {
        // A hint is told for what takes away, too, beside something that it takes away from.
        let all = if matches!(*key, "name" | "project") { "**" } else { "*" };
        let frame = |pattern: &str| {
            let list =
                if pattern.starts_with('!') { format!("['{all}', '{pattern}']") } else { format!("'{pattern}'") };
            format!("version: 1\nprotect:\n- {{ {} }}\n", rule.replace("{}", &list))
        };
        let told = of_protection(&frame(pattern));
        assert_eq!(told.len(), 1, "{pattern}: {told:?}");
        let hint = told[0].1.clone();
        let patterns: Vec<&str> = hint.split('`').skip(1).step_by(2).collect();
        assert_eq!(patterns, *expected, "{pattern}: {hint}");
        for instead in expected.iter() {
            assert_eq!(of_protection(&frame(instead)), [], "{pattern}: {instead} is told to be written");
        }
        let kind = match *key {
            "name" => PatternKind::Name,
            "project" => PatternKind::Path,
            _ => PatternKind::Text,
        };
        let bare: Vec<&str> = expected.iter().map(|instead| instead.trim_start_matches('!')).collect();
        let matches = |pattern: &&str| Patterns::parse(&[*pattern], kind).unwrap().matches(example);
        assert!(bare.iter().any(matches), "{pattern}: {bare:?} and {example}");
    }
}

/// Each is named by the pattern of its type that means all, and that nothing is said of.
#[test]
fn nothing_is_said_of_names_that_packages_have() {
    for package_type in PackageType::KNOWN {
        let example = package_type.facts().example;
        for name in [example, "**"] {
            let text = format!("version: 1\nprotect:\n- {{ type: {package_type}, name: '{name}' }}\n");
            assert_eq!(of_protection(&text), [], "{text}");
            assert!(Patterns::parse(&[name], PatternKind::Name).unwrap().hold(Shown::Plain(example)), "{text}");
        }
    }
    for (rule, patterns) in [
        ("channel: {}", &["acme/stable", "*", "*stable", "_/_", "*/*", "/.*stable/", "acme+platform+api/stable"][..]),
        ("built_from: {}", &["refs/merge-requests/*/head", "refs/*", "origin/main", "heads/main", "*/main", "refs"]),
        ("type: npm, name: {}", &["@acme/*", "*/api", "@*/**", "acme", "acme*", "**/api", "{@acme,acme}/api"]),
        ("type: terraform_module, name: {}", &["vpc*/*", "*/aws", "**/aws", "vpc-*/**"]),
        ("type: maven, name: {}", &["com.acme/api", "com/acme/**", "**/api.core", "com/*/*"]),
        ("type: conan, name: {}", &["zlib", "z*", "zlib+extra"]),
        ("type: ml_model, name: {}", &["a/b", "a"]),
        ("name: {}", &["com.acme:api", "acme/*", "vpc*", "zlib/1.2@acme/stable"]),
        ("type: [npm, maven], name: {}", &["acme/*"]),
        ("project: {}", &["acme/api", "**/api", "/acme/.*/"]),
    ] {
        for pattern in patterns {
            let text = format!("version: 1\nprotect:\n- {{ {} }}\n", rule.replace("{}", &format!("'{pattern}'")));
            assert_eq!(of_protection(&text), [], "{text}");
        }
    }
}

#[test]
fn it_is_told_what_comes_of_it() {
    let told = |what: &str| format!("4:28 a channel is `user/channel`, as in `acme/stable`, {what}");
    table(
        "scope: { group: acme }\ndelete:\n- { older_than: 30d, channel: {} }",
        &[("stable", &[&told("so nothing matches `stable`").replace("4:28", "4:31")])],
    );
    table(
        "scope: { group: acme }\ndelete:\n- { older_than: 30d, channel: ['*', {}] }",
        &[("'!stable'", &[&told("so `!stable` takes nothing away").replace("4:28", "4:37")])],
    );
    table(
        "scope: { group: acme }\ndelete: [{ status: error }]\nkeep:\n- { channel: {} }",
        &[("stable", &[&told("so nothing is held by `stable`").replace("4:28", "5:14")])],
    );
    table(
        "scope: { group: acme, types: [terraform_module, conan] }\ndelete: [{ status: error }]\nkeep:\n- { name: {} }",
        &[
            (
                "'zlib@*'",
                &["5:11 no `terraform_module` or `conan` package has such a name, so nothing is held by `zlib@*`"],
            ),
            ("zlib", &[]),
        ],
    );
    // A scope is read as what deletes is.
    table(
        "scope: { group: \"*\", paths: {} }\ndelete: [{ status: error }]",
        &[("acme", &["2:29 a project's path has that of its group before it, so nothing matches `acme`"])],
    );
}

/// Message and hint of each lint on a protection, beside a policy that has none.
fn of_protection(text: &str) -> Vec<(String, String)> {
    let policy = "version: 1\nscope: { group: acme }\ndelete: [{ status: error }]\n";
    let lints = lints(&[("p.yaml", policy), ("hold.yaml", text)]).into_iter();
    // What holds for everything leaves the policy nothing to do.
    let lints = lints.filter(|lint| lint.place.file == "hold.yaml");
    lints.map(|lint| (lint.message, lint.hint.unwrap_or_default())).collect()
}
