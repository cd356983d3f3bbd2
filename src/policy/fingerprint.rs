//! A policy's fingerprint: what tells whether two readings of it decide alike.

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    Age, DeleteRule, Downloads, FileRule, Hold, KeepRule, Policy, PolicySet, Protection, ProtectionScope, Scope,
};

/// Everything that decides, and nothing else: neither names, which only order and label, nor mode, schedule, notes
/// and description; of the limits the one that decides about packages and not about plans.
#[derive(Serialize)]
struct Decisive<'p> {
    scope: &'p Scope,
    delete: &'p [DeleteRule],
    keep: Vec<&'p KeepRule>,
    files: &'p [FileRule],
    downloads: Downloads,
    min_age: &'p Age,
    protections: Vec<String>,
}

#[derive(Serialize)]
struct InForce<'p> {
    scope: Option<&'p ProtectionScope>,
    rules: Vec<&'p Hold>,
}

impl Policy {
    /// The SHA-256 in hex over what decides as of `now`: scope, delete and files rules, `min_age`, what download dates are
    /// worth, and the keep rules and protections that are in force then. `set` is the policy's own.
    #[must_use]
    pub fn fingerprint(&self, set: &PolicySet, now: Timestamp) -> String {
        let protections = set.protections.iter();
        let mut protections: Vec<String> = protections.filter_map(|protection| in_force(protection, now)).collect();
        // Their order follows their names, which decide nothing.
        protections.sort();
        let decisive = Decisive {
            scope: &self.scope,
            delete: &self.delete,
            keep: self.keep.iter().filter(|rule| rule.hold.is_in_force(now)).collect(),
            files: &self.files,
            downloads: set.downloads(),
            min_age: &self.limits.min_age,
            protections,
        };
        digest(&decisive)
    }

    /// The SHA-256 in hex over what is written in the keep rules, whether they are in force or not.
    #[must_use]
    pub fn keep_digest(&self) -> String {
        digest(&self.keep)
    }
}

impl Protection {
    /// The SHA-256 in hex over what is written in it, whether it is in force or not.
    #[must_use]
    pub fn text_digest(&self) -> String {
        digest(&InForce { scope: self.scope.as_ref(), rules: self.rules.iter().collect() })
    }
}

fn digest(value: &impl Serialize) -> String {
    Sha256::digest(json(value)).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn in_force(protection: &Protection, now: Timestamp) -> Option<String> {
    let rules: Vec<&Hold> = protection.rules.iter().filter(|rule| rule.is_in_force(now)).collect();
    let scope = protection.scope.as_ref();
    (!rules.is_empty()).then(|| json(&InForce { scope, rules }))
}

/// The model has no map with keys that are not text and no value that fails to serialize, so this can't fail; were it
/// to, the error's text would still differ from every fingerprint of a policy that can be read.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use crate::policy::PolicySet;
    use crate::yaml::Source;

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
        set.policies[0].fingerprint(&set, now.parse().unwrap())
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
            ("types: maven }", vec!["types: maven, archived: include }", "types: maven, archived: only }"]),
            (
                "    older_than: 30d",
                [
                    "allow_released: true",
                    "other_indexes: true",
                    "unknown_age: true",
                    "tag: next",
                    "tag: '!next'",
                    "channel: acme/stable",
                    "prerelease: true",
                    "prerelease: false",
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
                    "newest: 3\n    newest_per: /([0-9]+).*/",
                    "newest: 3\n    newest_per: /([0-9]*).*/",
                ],
            ),
            (
                "keep:",
                vec![
                    "files: [{ type: maven, keep_newest: 1 }]\nkeep:",
                    "files: [{ type: generic, keep_newest: 1 }]\nkeep:",
                    "files: [{ type: maven, keep_newest: 2 }]\nkeep:",
                    "files: [{ type: maven, keep_newest: 2, older_than: 1d }]\nkeep:",
                    "files: [{ type: maven, keep_newest: 2, file: '*.jar' }]\nkeep:",
                    "files: [{ type: maven, keep_newest: 2, version: '*' }]\nkeep:",
                ],
            ),
        ];
        let mut seen = std::collections::BTreeSet::from([fingerprint(POLICY, PROTECTION, NOW)]);
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
}
