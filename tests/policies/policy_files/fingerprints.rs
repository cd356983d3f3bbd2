//! Policies with the fingerprint that each of them has had since it could be written.
//!
//! The daemon takes a rehearsal for one of the same policy where `policy_sha256` is the same, and a hold for the same
//! where its digest is. So a release that reads a policy as the one before did has to give it the same fingerprint.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use gleaner::policy::{PolicySet, json_schema};
use gleaner::yaml::Source;
use jiff::Timestamp;

/// Sets of files, one file to a line, each followed by the digests of what is in it.
const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/fingerprints.txt");

#[test]
fn a_policy_keeps_its_fingerprint() {
    let written = fs::read_to_string(FIXTURE).unwrap();
    let mut actual = Vec::new();
    for set in written.split("\n\n") {
        let files: Vec<&str> = set.lines().filter(|line| line.starts_with('{')).collect();
        actual.push(format!("{}\n{}", files.join("\n"), digests(&files)));
    }
    assert!(actual.len() > 100, "only {} sets were found", actual.len());
    let actual = actual.join("\n\n") + "\n";
    if actual != written {
        let other = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fingerprints.txt");
        fs::write(&other, actual).unwrap();
        panic!("compare {FIXTURE} with {}", other.display());
    }
}

#[test]
fn every_condition_has_a_fingerprint_to_keep() {
    let written = fs::read_to_string(FIXTURE).unwrap();
    let schema = json_schema();
    let definitions = schema["definitions"].as_object().unwrap();
    let of_every_rule = definitions.keys().filter_map(|name| name.strip_prefix("condition."));
    for key in of_every_rule.chain(["id", "topic"]) {
        for rules in ["delete", "keep", "protect"] {
            let is_written = written.contains(&format!("{rules}: [{{ {key}: "));
            let is_refused = match key {
                "id" | "topic" => rules == "delete",
                "superseded_for" => rules != "delete",
                _ => false,
            };
            assert!(is_written != is_refused, "no row has `{key}` under `{rules}`, or one does that is refused");
        }
    }
}

/// One digest to a line, each with what it is of.
fn digests(files: &[&str]) -> String {
    let now: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    let sources: Vec<Source> =
        files.iter().zip(["policy.yaml", "other.yaml"]).map(|(text, name)| Source::new(name, *text)).collect();
    let (set, _) = PolicySet::parse(&sources).unwrap_or_else(|problems| panic!("{files:?}: {problems}"));
    let mut told = Vec::new();
    for in_force in set.policies_at(now) {
        let policy = in_force.policy();
        told.push(format!("    policy_sha256 {}", in_force.fingerprint()));
        told.extend((!policy.keep.is_empty()).then(|| format!("    keep          {}", policy.keep_digest())));
    }
    for protection in &set.protections {
        told.push(format!("    protection    {}", protection.text_digest()));
    }
    told.join("\n")
}

const POLICY: &str = r#"
version: 1
name: snapshots
scope: { group: acme, paths: "acme/**", types: maven }
delete:
  - version: "*-SNAPSHOT"
    older_than: 30d
keep:
  - newest: 3
  - name: api
    until: 2026-12-31
    note: one
"#;
const PROTECTION: &str = r#"
version: 1
name: hold
protect:
  - name: core
    until: 2026-12-31
"#;
const NOW: &str = "2026-11-01T00:00:00Z";

fn fingerprint(policy: &str, protection: &str, now: &str) -> String {
    let sources = [
        Source::new("a.yaml", policy),
        Source::new("b.yaml", protection),
        Source::new("middle.yaml", "version: 1\nprotect: [{ name: middle }]"),
    ];
    let (set, _) = PolicySet::parse(&sources).unwrap();
    set.policies_at(now.parse().unwrap()).next().unwrap().fingerprint()
}

#[test]
fn it_is_a_sha_256_in_hex() {
    let fingerprint = fingerprint(POLICY, PROTECTION, NOW);
    assert_eq!(fingerprint.len(), 64);
    assert!(fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[test]
fn what_decides_changes_it() {
    let original = fingerprint(POLICY, PROTECTION, NOW);
    let changes = [
        ("group: acme", "group: acme2"),
        ("group: acme", "project: acme/api"),
        ("group: acme", "subgroups: false, group: acme"),
        ("acme/**", "acme/*"),
        ("types: maven", "types: npm"),
        ("*-SNAPSHOT", "*-snapshot"),
        ("30d", "31d"),
        ("    older_than: 30d", "    older_than: 30d\n    allow_latest: true"),
        ("newest: 3", "newest: 4"),
        ("name: api", "name: app"),
        ("keep:", "limits: { min_age: 4d }\nkeep:"),
        ("until: 2026-12-31", "until: 2027-12-31"),
    ];
    for (from, to) in changes {
        let changed = POLICY.replacen(from, to, 1);
        assert_ne!(changed, POLICY);
        assert_ne!(fingerprint(&changed, PROTECTION, NOW), original, "{from} to {to}");
    }
    for (from, to) in [
        ("name: core", "name: core2"),
        ("protect:", "scope: { group: acme }\nprotect:"),
        ("protect:", "scope: { topic: keep }\nprotect:"),
        ("  - name: core", "  - topic: keep\n  - name: core"),
        ("  - name: core", "  - type: npm\n  - name: core"),
    ] {
        let changed = PROTECTION.replacen(from, to, 1);
        assert_ne!(fingerprint(POLICY, &changed, NOW), original, "{from} to {to}");
    }
    let after = "2027-01-01T00:00:00Z";
    assert_ne!(fingerprint(POLICY, PROTECTION, after), original, "the rules have ended");
}

#[test]
fn each_key_of_the_language_changes_it() {
    let lines = [
        (
            "types: maven }",
            vec![
                "types: maven, archived: include }",
                "types: maven, archived: only }",
                "types: maven, topic: backend }",
                "types: maven, topic: '!backend' }",
            ],
        ),
        ("  - name: api", vec!["  - topic: keep", "  - topic: [keep, '!not']"]),
        (
            "    older_than: 30d",
            [
                "allow_released: true",
                "other_indexes: true",
                "unknown_age: true",
                "tag: next",
                "tag: '!next'",
                "channel: acme/stable",
                "version_below: 3.0",
                "version_below: 3.0.0",
                "prerelease: true",
                "prerelease: false",
                "superseded: true",
                "superseded: true\n    superseded_by: any",
                "superseded_for: 30d",
                "superseded_for: 30d\n    superseded_by: any",
                "built_from: main",
                "built_from: { branch: main }",
                "built_from: { tag: main }",
                "built_from: { branch: main, tag: main }",
                "larger_than: 1GB",
                "larger_than: 2GB",
                "not_downloaded_for: 30d",
                "downloaded_within: 30d",
                "never_downloaded: true",
            ]
            .to_vec(),
        ),
        (
            "newest: 3",
            vec![
                "newest: 3\n    by: created",
                "newest: 3\n    by: version",
                "newest: 3\n    newest_per: major",
                "newest: 3\n    newest_per: minor",
                "newest: 3\n    newest_per: patch",
                "newest: 3\n    newest_per: ref",
                "newest: 3\n    newest_per: ref\n    last_series: 1",
                "newest: 3\n    newest_per: ref\n    last_series: 2",
                "newest: 3\n    newest_per: /([0-9]+).*/",
                "newest: 3\n    newest_per: /([0-9]*).*/",
            ],
        ),
        (
            "keep:",
            vec![
                "files: [{ type: maven, keep_newest: 1 }]\nkeep:",
                "files: [{ type: generic, keep_newest: 1 }]\nkeep:",
                "files: [{ type: generic, keep_newest: 1, keep_newest_per: package }]\nkeep:",
                "files: [{ type: maven, keep_newest: 2 }]\nkeep:",
                "files: [{ type: maven, keep_newest: 2, older_than: 1d }]\nkeep:",
                "files: [{ type: maven, keep_newest: 2, file: '*.jar' }]\nkeep:",
                "files: [{ type: maven, keep_newest: 2, version: '*' }]\nkeep:",
            ],
        ),
    ];
    let mut seen = BTreeSet::from([fingerprint(POLICY, PROTECTION, NOW)]);
    for (from, tos) in lines {
        for to in tos {
            let to = if from.starts_with("    ") { format!("{from}\n    {to}") } else { to.to_owned() };
            let changed = POLICY.replacen(from, &to, 1);
            assert_ne!(changed, POLICY);
            assert!(seen.insert(fingerprint(&changed, PROTECTION, NOW)), "{to}");
        }
    }
}

#[test]
fn what_decides_nothing_does_not() {
    let original = fingerprint(POLICY, PROTECTION, NOW);
    let changes = [
        ("name: snapshots", "name: other"),
        ("name: snapshots", "name: snapshots\ndescription: text"),
        ("name: snapshots", "name: snapshots\nmode: delete"),
        ("name: snapshots", "name: snapshots\nschedule: \"@daily\""),
        ("name: snapshots", "name: snapshots\nlimits: { max_percent: 1, min_age: 3d }"),
        ("note: one", "note: two"),
        ("newest: 3", "newest: 3\n    by: content"),
        ("30d", "720h"),
        ("  - version: \"*-SNAPSHOT\"\n    older_than: 30d", "  - older_than: 30d\n    version: [\"*-SNAPSHOT\"]"),
    ];
    for (from, to) in changes {
        let changed = POLICY.replacen(from, to, 1);
        assert_ne!(changed, POLICY);
        assert_eq!(fingerprint(&changed, PROTECTION, NOW), original, "{from} to {to}");
    }
    for name in ["another", "zebra"] {
        let renamed = PROTECTION.replace("hold", name);
        assert_eq!(fingerprint(POLICY, &renamed, NOW), original, "{name}");
    }
    let same_day = "2026-12-31T23:59:59Z";
    assert_eq!(fingerprint(POLICY, PROTECTION, same_day), original, "the last day counts whole");
}

#[test]
fn what_has_ended_is_not_in_it() {
    let after = "2027-01-01T00:00:00Z";
    let without = POLICY.replace("  - name: api\n    until: 2026-12-31\n    note: one\n", "");
    let ended = PROTECTION.replace("name: core", "name: anything");
    assert_eq!(fingerprint(POLICY, PROTECTION, after), fingerprint(&without, &ended, after));
}
