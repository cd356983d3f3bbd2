//! What cases say of packages, and what is made of it.

use gleaner::case::{Cases, Expected, Fate, Results};
use gleaner::package::{BuiltFrom, Downloaded, PackageType, Status};
use gleaner::policy::PolicySet;
use gleaner::yaml::Source;

const OLD: &str = "scope: { group: acme }\ndelete: [{ older_than: 30d }]";

#[test]
fn a_package_that_says_nothing_is_plain() {
    let set = set(&[("old", OLD)]);
    let cases = cases(&set, "packages: [{ expect: delete }, { type: golang }]");
    let [row, other] = cases.cases[0].packages.as_slice() else { panic!("two rows") };
    let package = &row.package;
    assert_eq!((package.id.0, package.version.as_deref()), (1, Some("1.0.1")));
    assert_eq!((other.package.id.0, other.package.version.as_deref()), (2, Some("v1.0.2")));
    assert_eq!(package.name, other.package.name);
    assert_eq!(package.package_type, PackageType::Generic);
    assert_eq!(package.project.path.as_deref(), Some("acme/project"));
    assert_eq!(package.project.archived, Some(false));
    assert_eq!(package.status, Status::Default);
    assert_eq!(package.created_at.unwrap().to_string(), "2025-06-01T00:00:00Z");
    assert_eq!(package.downloaded, Downloaded::Never);
    assert_eq!((&package.tags, &package.built_from), (&Some(Vec::new()), &BuiltFrom::NotListed));
    assert_eq!(
        (row.files.len(), row.files[0].file.created_at, row.files[0].file.size),
        (1, package.created_at, Some(1_000_000))
    );
    assert!(!row.released);
}

#[test]
fn types_and_projects_are_those_of_the_scope() {
    let table = [
        ("group: acme/platform, types: [npm, maven]", "npm", "acme/platform/project", false),
        ("project: [acme/api, acme/web]", "generic", "acme/api", false),
        ("group: acme, paths: ['!acme/legacy/**', 'acme/platform/**']", "generic", "acme/platform/project", false),
        ("group: \"*\", archived: only", "generic", "group/project", true),
        ("group: 7, subgroups: false", "generic", "group/project", false),
    ];
    for (scope, package_type, path, archived) in table {
        let set =
            set(&[("old", &format!("scope: {{ {scope} }}\ndelete: [{{ older_than: 30d, allow_latest: true }}]"))]);
        let cases = cases(&set, "packages: [{ expect: delete }]");
        let package = &cases.cases[0].packages[0].package;
        assert_eq!(package.package_type.as_str(), package_type, "{scope}");
        assert_eq!(package.project.path.as_deref(), Some(path), "{scope}");
        assert_eq!(package.project.archived, Some(archived), "{scope}");
        assert!(cases.run(&set).is_as_expected(), "{scope}");
    }
}

#[test]
fn each_key_of_a_package_is_looked_at() {
    // Rules, and packages with what becomes of them.
    let table = [
        ("delete: [{ older_than: 30d }]", "{ age: 30d 1s, expect: delete }, { age: 30d, expect: keep }"),
        (
            "delete: [{ older_than: 30d }]",
            "{ created: 2026-05-01T23:59:59Z, expect: delete }, { created: 2026-05-02, expect: keep }",
        ),
        ("delete: [{ older_than: 30d }]", "{ age: unknown, expect: keep, reason: senseless_dates }"),
        (
            "delete: [{ older_than: 30d }]",
            "{ files: [{ age: 20d }], expect: keep }, { files: [{ age: 50d }], expect: delete }",
        ),
        ("delete: [{ older_than: 30d }]", "{ versionless: true, expect: keep, reason: versionless }"),
        ("delete: [{ older_than: 30d }]", "{ status: hidden, expect: keep, reason: hidden }"),
        ("delete: [{ older_than: 30d }]", "{ type: ml_model, expect: keep, reason: type_not_named }"),
        ("delete: [{ older_than: 30d }]", "{ released: true, expect: keep, reason: released }, { expect: delete }"),
        ("delete: [{ older_than: 30d, allow_released: true }]", "{ released: true, expect: delete }"),
        ("delete: [{ name: 'a/*' }]", "{ name: a/b, expect: delete }, { name: b, expect: keep }, { expect: keep }"),
        ("delete: [{ version: '1.10' }]", "{ version: 1.10, expect: delete }, { version: 1.1, expect: keep }"),
        ("delete: [{ project: 'acme/a/**' }]", "{ project: acme/a/b, expect: delete }, { expect: keep }"),
        ("delete: [{ project: 'acme/**' }]", "{ project: unknown, expect: keep }"),
        (
            "delete: [{ project: '**' }]\nkeep: [{ id: 7 }]",
            "{ id: 7, expect: keep, rule: \"keep[0]\" }, { expect: delete }",
        ),
        (
            "delete: [{ not_downloaded_for: 9d }]",
            "{ downloaded: 9d 1s, expect: delete }, { downloaded: 9d, expect: keep }",
        ),
        (
            "delete: [{ not_downloaded_for: 9d }]",
            "{ downloaded: 2026-05-23, expect: keep }, { downloaded: 2026-05-22, expect: delete }",
        ),
        (
            "delete: [{ never_downloaded: true }]",
            "{ expect: delete }, { downloaded: unknown, expect: keep }, { downloaded: 1y, expect: keep }",
        ),
        (
            "delete: [{ type: npm, tag: 'pr-*' }]",
            "{ type: npm, tags: pr-1, expect: delete }, { type: npm, tags: [next, pr-2], expect: delete }, { type: npm, expect: keep }, { type: npm, tags: unknown, expect: keep }",
        ),
        (
            "delete: [{ channel: 'ci/*' }]",
            "{ type: conan, channel: ci/main, expect: delete }, { type: conan, channel: a/b, expect: keep }, { type: conan, channel: ci/main }",
        ),
        (
            "delete: [{ built_from: main }]",
            "{ ref: main, expect: delete }, { ref: dev, expect: keep }, { ref: unknown, expect: keep }, { expect: keep }",
        ),
        (
            "delete: [{ built_from: { tag: 'v*' } }]",
            "{ ref: { tag: v1 }, expect: delete }, { ref: v1, expect: keep }, { ref: { branch: v1 }, expect: keep }, { ref: { merge_request: v1 }, expect: keep }, { ref: unknown, expect: keep }",
        ),
        ("delete: [{ built_from: unknown }]", "{ ref: \"unknown\", expect: delete }, { ref: unknown, expect: keep }"),
        (
            "delete: [{ branch_gone_for: 9d }]",
            "{ ref: a, branch_gone: 9d 1s, expect: delete }, { ref: b, branch_gone: 9d, expect: keep }, { ref: c, expect: keep }, { ref: d, branch_gone: unknown, expect: keep }",
        ),
        (
            "delete: [{ branch_gone_for: 9d }]",
            "{ ref: a, branch_gone: 2026-05-22, expect: delete }, { ref: b, branch_gone: 2026-05-23, expect: keep }, { ref: a, expect: delete }, { ref: { tag: a }, expect: keep }",
        ),
        (
            "delete: [{ older_than: 9d }]\nkeep: [{ branch_gone_for: 9d }]",
            "{ ref: a, branch_gone: 10d, expect: keep }, { ref: b, expect: delete }, { ref: { tag: b }, expect: keep }, { expect: keep }, { ref: c, branch_gone: 1d, expect: keep }",
        ),
        (
            "delete: [{ larger_than: 5MB }]",
            "{ size: 6MB, expect: delete }, { size: 5MB, expect: keep }, { size: unknown, expect: keep }, { expect: keep }",
        ),
        (
            "delete: [{ larger_than: 5MB }]",
            "{ files: [{ size: 3MB }, { size: 3MB }], expect: delete }, { files: [{ size: 3MB }], expect: keep }",
        ),
        (
            "delete: [{ older_than: 1d }]\nkeep: [{ newest: 1 }]",
            "{ age: 366d, expect: delete }, { expect: keep, rule: \"keep[0]\" }",
        ),
        (
            "delete: [{ older_than: 1d }]\nkeep: [{ newest: 1, by: version }]",
            "{ version: 1.10, expect: keep }, { version: 1.9, expect: delete }",
        ),
    ];
    for (rules, packages) in table {
        let set = set(&[("old", &format!("scope: {{ group: acme }}\n{rules}"))]);
        // The latest version of a key is another matter.
        let packages = format!(
            "packages: [{packages}, {{ type: npm, version: 9.9.9, age: 4d }}, {{ type: conan, channel: ci/main, version: 9.9.9, age: 4d }}]"
        );
        let cases = cases(&set, &packages);
        let outcome = cases.run(&set);
        assert!(outcome.is_as_expected(), "{rules}\n{packages}\n{outcome}");
        for index in 0..cases.cases[0].packages.len() {
            assert_fails_otherwise(&cases, index, &set);
        }
    }
}

/// Expects the opposite of one package.
fn assert_fails_otherwise(cases: &Cases, index: usize, set: &PolicySet) {
    let mut cases = cases.clone();
    let Some(expected) = &mut cases.cases[0].packages[index].expected else { return };
    let fate = if expected.fate == Fate::Keep { Fate::Delete } else { Fate::Keep };
    *expected = Expected { fate, reason: None, rule: None };
    let outcome = cases.run(set);
    let [failure] = outcome.failures.as_slice() else { panic!("package {index} passes either way") };
    assert_eq!(failure.differences.len(), 1, "{outcome}");
    assert_eq!(failure.differences[0].package.id, cases.cases[0].packages[index].package.id);
}

#[test]
fn what_a_policy_does_not_look_at_is_outside_and_not_kept() {
    let scope =
        "scope: { group: acme, types: [npm, generic], paths: ['!acme/legacy/**'] }\ndelete: [{ older_than: 30d }]";
    let packages = "\n  - { type: maven, EXPECT }\n  - { project: beta/app, EXPECT }\n  - { project: acme/legacy/app, EXPECT }\n  \
                    - { archived: true, EXPECT }\n  - { project: unknown, EXPECT }";
    let outcome = run(&[("old", scope)], &format!("packages: {}", packages.replace("EXPECT", "expect: outside")));
    assert!(outcome.is_as_expected(), "{outcome}");
    assert_eq!(outcome.expectations, 5);
    let outcome = run(&[("old", scope)], &format!("packages: {}", packages.replace("EXPECT", "expect: keep")));
    let told: Vec<&str> =
        outcome.failures[0].differences.iter().map(|difference| difference.actual.because.as_str()).collect();
    insta::assert_debug_snapshot!(told);
    let outcome = run(&[("old", scope)], "packages: [{ type: generic, expect: outside }]");
    assert_eq!(outcome.failures[0].differences[0].actual.fate, Fate::Delete, "what is looked at is not outside");
}

#[test]
fn a_case_without_a_policy_is_about_the_whole_set() {
    let set = [
        ("a-first", "scope: { group: acme }\ndelete: [{ name: x, version: '1.*' }]\nkeep: [{ version: '1.3' }]"),
        ("b-second", "scope: { group: acme }\ndelete: [{ name: x }]\nkeep: [{ newest: 1 }]"),
        ("c-third", "scope: { group: acme, types: [npm] }\ndelete: [{ older_than: 9d }]"),
        ("hold", "protect: [{ version: '1.4' }]"),
    ];
    let outcome = run(
        &set,
        "packages:
  - { name: x, version: '1.1', expect: delete, reason: selected, rule: 'a-first.delete[0]' }
  - { name: x, version: '2.1', age: 2y, expect: delete, rule: 'b-second.delete[0]' }
  - { name: x, version: '2.2', expect: keep, rule: 'b-second.keep[0]' }
  - { name: x, version: '1.4', age: 4y, expect: keep, rule: 'hold.protect[0]' }
  - { name: y, expect: keep, reason: not_selected }
  - { project: beta/app, expect: outside }",
    );
    assert!(outcome.is_as_expected(), "{outcome}");
    // The first keeps it and the second does not; and its own rule is not the one that would have to be named.
    let outcome = run(
        &set,
        "packages: [{ name: x, version: '1.3', age: 3y, expect: keep }, { name: x, version: '3', expect: keep }]",
    );
    let difference = &outcome.failures[0].differences[0];
    assert_eq!(
        (difference.actual.fate, difference.actual.rule.as_ref().map(|rule| rule.name.as_str())),
        (Fate::Delete, Some("b-second.delete[0]"))
    );
}

#[test]
fn only_what_a_policy_in_mode_delete_takes_is_gone_for_the_next() {
    let first = "scope: { group: acme }\ndelete: [{ name: x, version: '1.*' }]";
    let second = "scope: { group: acme }\ndelete: [{ name: x }]\nkeep: [{ newest: 1 }]";
    for (mode, expected) in [("mode: delete", "keep"), ("mode: dry-run", "delete"), ("description: none", "delete")] {
        let first = format!("{mode}\n{first}");
        let outcome = run(
            &[("a-first", &first), ("b-second", second)],
            &format!(
                "packages:
  - {{ name: x, version: '2.1', age: 2y, expect: {expected} }}
  - {{ name: x, version: '1.1', expect: delete, rule: 'a-first.delete[0]' }}"
            ),
        );
        assert!(outcome.is_as_expected(), "{mode}: {outcome}");
    }
}

#[test]
fn files_that_a_policy_takes_are_gone_for_the_next() {
    let first = "scope: { group: acme }\nfiles: [{ type: generic, file: '*.log', keep_newest: 0 }]";
    let second = "scope: { group: acme }\ndelete: [{ older_than: 30d }]";
    for (mode, expected) in [("mode: delete", "delete"), ("mode: dry-run", "keep")] {
        let outcome = run(
            &[("a-first", &format!("{mode}\n{first}")), ("b-second", second)],
            &format!(
                "packages: [{{ age: 90d, expect: {expected}, files: [{{ name: app.zip }}, {{ name: app.log, age: 9d }}] }}]"
            ),
        );
        assert!(outcome.is_as_expected(), "{mode}: {outcome}");
    }
}

#[test]
fn files_are_looked_at() {
    let rules = "scope: { group: acme }\ndelete: [{ version: '1.*' }]\nfiles: [{ type: generic, keep_newest: 1, older_than: 9d }]";
    let old = "{ name: a, age: 20d, EXPECT }, { name: a, age: 19d, expect: keep, reason: newest }";
    // What is expected of a file, and of its package.
    let table = [
        ("version: '2', expect: keep", "expect: delete, reason: selected, rule: \"files[0]\"", true),
        ("version: '2'", "expect: keep", false),
        ("version: '2'", "expect: delete, reason: follows", false),
        ("version: '2', type: npm", "expect: keep", true),
    ];
    for (package, file, passes) in table {
        let body = format!(
            "packages: [{{ {package}, files: [{}] }}]",
            old.replace("EXPECT", file)
                .replace(", reason: newest", if package.contains("npm") { "" } else { ", reason: newest" })
        );
        let outcome = run(&[("old", rules)], &body);
        assert_eq!(outcome.is_as_expected(), passes, "{body}\n{outcome}");
        assert!(passes || outcome.failures[0].differences[0].file.is_some(), "{outcome}");
    }
    // With its package goes the file.
    let outcome = run(
        &[("old", rules)],
        "packages: [{ version: '1.0', files: [{ name: a, expect: delete }, { name: b, expect: keep }] }]",
    );
    assert_eq!(outcome.failures[0].differences.len(), 1);
    assert_eq!(outcome.failures[0].differences[0].actual.because, "its package goes");
    let unshown = |body: &str| run(&[("old", rules)], body).unshown.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(unshown("packages: [{ version: '1.0', expect: delete }]"), ["no case shows files[0] of old"]);
}

#[test]
fn what_one_policy_took_the_next_does_not_count_on() {
    let rules = |file: &str| {
        format!("mode: delete\nscope: {{ group: acme }}\nfiles: [{{ type: generic, file: {file}, keep_newest: 0 }}]")
    };
    let body = "packages: [{ files: [{ name: x, expect: delete, rule: 'a.files[0]' }, { name: y, expect: keep, reason: last_file }] }]";
    let outcome = run(&[("a", &rules("x")), ("b", &rules("y"))], body);
    assert!(outcome.is_as_expected(), "{outcome}");
}

#[test]
fn rules_that_no_case_shows_are_told() {
    let set = [
        (
            "old",
            "scope: { group: acme }\ndelete: [{ version: '1.*' }, { version: '2.*' }]\nkeep: [{ tag: 'x' }, { name: y }]",
        ),
        ("unheard", "scope: { group: acme }\ndelete: [{ name: z, status: error }, { status: error }]"),
        ("hold", "protect: [{ name: a }, { name: b }]"),
    ];
    let unshown = |body: &str| run(&set, body).unshown.iter().map(ToString::to_string).collect::<Vec<_>>();
    let shown = "packages: [{ version: '1.1', expect: delete }, { name: y, version: '2.1', expect: keep }, \
                 { name: b, version: '1.0', expect: keep }, { version: '2.0' }]";
    assert_eq!(
        unshown(shown),
        [
            "no case shows delete[1] of old",
            "no case shows keep[0] of old",
            "no case shows any rule of unheard",
            "no case shows protect[0] of hold",
        ]
    );
    // What went otherwise shows nothing.
    assert!(
        unshown("packages: [{ version: '2.1', expect: keep }]").contains(&"no case shows any rule of old".to_owned())
    );
}

#[test]
fn the_instance_files_downloads_hold() {
    let rules = ("old", "scope: { group: acme }\ndelete: [{ not_downloaded_for: 90d }]");
    let instance = ("all", "instance: { downloads: { tracked_since: 2026-05-01 } }");
    let outcome = run(&[rules], "packages: [{ expect: delete }]");
    assert!(outcome.is_as_expected(), "{outcome}");
    let outcome = run(&[rules, instance], "packages: [{ expect: keep }]");
    assert!(outcome.is_as_expected(), "{outcome}");
}

#[test]
fn rules_end_on_their_day_as_of_the_case() {
    let set = set(&[(
        "old",
        "scope: { group: acme }\ndelete: [{ older_than: 9d }]\nkeep: [{ name: package, until: 2026-05-31 }]",
    )]);
    for (as_of, expected) in [("2026-05-31T23:59:59Z", "keep"), ("2026-06-01", "delete")] {
        let outcome = cases(&set, &format!("as_of: {as_of}\npackages: [{{ expect: {expected} }}]")).run(&set);
        assert!(outcome.is_as_expected(), "{outcome}");
    }
}

fn run(policies: &[(&str, &str)], body: &str) -> Results {
    let set = set(policies);
    cases(&set, body).run(&set)
}

fn cases(set: &PolicySet, body: &str) -> Cases {
    let policy = if set.policies.len() == 1 { "\npolicy: old" } else { "" };
    let text =
        format!("version: 1{policy}\nas_of: 2026-06-01\ncases:\n  - case: it\n    {}\n", body.replace('\n', "\n    "));
    Cases::parse(&[Source::new("cases/it.yaml", text)], set).unwrap_or_else(|errors| panic!("{errors}"))
}

fn set(policies: &[(&str, &str)]) -> PolicySet {
    let source = |(name, text): &(&str, &str)| Source::new(format!("{name}.yaml"), format!("version: 1\n{text}\n"));
    let sources: Vec<Source> = policies.iter().map(source).collect();
    PolicySet::parse(&sources).unwrap_or_else(|errors| panic!("{errors}")).0
}
