//! Patterns that matched more than they said, and keys that were passed over.

use gleaner::policy::{PatternKind, Patterns, PolicySet};
use gleaner::yaml::Source;

use crate::lessons::judgement::{days_ago, judge, row};

/// ghcr-cleanup-action #135: `1.0` matched `21.0.5`, and the cap on deletions did not hold either.
#[test]
fn a_pattern_matches_the_whole_text_or_nothing() {
    let versions = ["1.0", "21.0.5", "1.0.5", "21.0", "1.0-rc", "1x0", "1.0\n", "\n1.0"];
    for pattern in ["1.0", "/1\\.0/", "[1]\\.0", "{1.0,2.0}"] {
        for kind in [PatternKind::Name, PatternKind::Path, PatternKind::Text] {
            let patterns = Patterns::parse(&[pattern], kind).unwrap();
            let matching: Vec<&str> = versions.into_iter().filter(|version| patterns.matches(version)).collect();
            assert_eq!(matching, ["1.0"], "{pattern} as {kind:?}");
        }
    }
    let rows = (1..).zip(["1.0.0", "21.0.0", "1.0.05"]).map(|(id, version)| row(id, version, days_ago(100)));
    assert_eq!(judge("delete: [{ version: \"1.0.0\", allow_latest: true }]", rows).gone(), [1].into());
}

/// A migration of Nexus left regular expressions without their anchors. Here they have them always, in every branch,
/// and an author's own are refused before they can be relied on.
#[test]
fn a_regular_expression_is_anchored_in_every_branch() {
    let table = [
        ("/1|2/", vec!["1", "2"]),
        ("/1|2.*/", vec!["1", "2", "21", "2x"]),
        ("/(?:1|2)/", vec!["1", "2"]),
        ("/(?x)1 # one/", vec!["1"]),
        ("!/1|2/", vec!["12", "21", "x1", "2x", "x"]),
    ];
    for (pattern, expected) in table {
        let patterns = Patterns::parse(&[pattern], PatternKind::Text).unwrap();
        let texts = ["1", "2", "12", "21", "x1", "2x", "x"];
        let matching: Vec<&str> = texts.into_iter().filter(|text| patterns.matches(text)).collect();
        assert_eq!(matching, expected, "{pattern}");
    }
    for pattern in ["/^1/", "/1$/", "/^1|2$/", "/1)|(2/", "/1"] {
        assert!(Patterns::parse(&[pattern], PatternKind::Text).is_err(), "{pattern}");
    }
}

/// A typo in a key was passed over, and the rule held for more without it.
#[test]
fn a_mistyped_key_is_an_error_wherever_it_stands() {
    let whole = "\
description: Builds that nobody pulled
mode: delete
schedule: \"30 2 * * *\"
timezone: Europe/Berlin
scope: { group: acme, subgroups: true, paths: [\"acme/**\"], types: [npm] }
delete: [{ version: \"*-dev\", older_than: 30d, not_downloaded_for: 90d, status: default, allow_latest: true }]
keep: [{ newest: 3, by: created }, { downloaded_within: 30d, until: 2030-01-01, note: for the audit }]
limits: { max_deletions: 500, max_percent: 30, max_percent_per_project: 80, max_bytes: 50GB, min_age: 72h }
version: 1
";
    let parse = |text: String| PolicySet::parse(&[Source::new("builds.yaml", text)]);
    parse(whole.to_owned()).unwrap();
    let keys = "description mode schedule timezone scope group subgroups paths types delete version older_than \
                not_downloaded_for status allow_latest keep newest by downloaded_within until note limits max_deletions \
                max_percent max_percent_per_project max_bytes min_age";
    for key in keys.split(' ') {
        let typo = whole.replacen(&format!("{key}:"), &format!("x{key}:"), 1);
        let told = parse(typo).expect_err(key).to_string();
        assert!(told.contains(&format!("unknown key `x{key}`")), "{key}: {told}");
    }
    let hold = "version: 1\nprotect: [{ naem: secret, version: \"1.*\" }]\n";
    assert!(parse(hold.to_owned()).unwrap_err().to_string().contains("unknown key `naem`"));
}
