//! What is told of a rule is YAML, which reads as the same rule.

use gleaner::policy::PolicySet;
use gleaner::yaml::Source;

#[test]
fn what_is_written_reads_as_it_was() {
    let conditions = [
        "type: maven",
        "type: [maven, npm]",
        "name: \"core-*\"",
        "project: [\"acme/**\", \"!acme/legacy/**\"]",
        "version: '/\\d+\\.\\d+/'",
        "version: '/it''s \\w/'",
        "version_below: 3.0.0",
        "version_below: v3.0-1~rc1",
        "tag: \"it's\"",
        "channel: \"user/*\"",
        "status: [error, default]",
        "id: [7, 8]",
        "topic: \"gleaner-keep\"",
        "topic: [\"keep *\", \"!legacy\"]",
        "older_than: 30d",
        "younger_than: 1d 12h",
        "not_downloaded_for: 18months",
        "downloaded_within: 2y",
        "never_downloaded: true",
        "prerelease: false",
        "superseded: false",
        "superseded: false, superseded_by: any",
        "built_from: \"!main\"",
        "built_from: { branch: [\"*\", \"!main\"], tag: \"v*\", merge_request: \"*\" }",
        "built_from: { tag: '/v\\d+/' }",
        "larger_than: 50 GiB",
        "unknown_age: true",
    ];
    for written in conditions {
        let set = parse(&format!("keep: [{{ {written} }}]"));
        assert_eq!(set.policies[0].keep[0].hold.conditions[0].to_string(), written);
    }
    for written in
        ["superseded: true, superseded_by: any", "superseded_for: 14d", "superseded_for: 14d, superseded_by: any"]
    {
        let set = parse(&format!("files: [{{ type: maven, keep_newest: 2, {written} }}]"));
        assert_eq!(set.policies[0].files[0].conditions[0].to_string(), written);
    }
    let newest = [
        "newest: 3",
        "newest: 3, by: created",
        "newest: 3, by: version",
        "newest: 3, by: version, newest_per: minor",
        "newest: 1, newest_per: '/([0-9]+)\\..*/'",
        "newest: 3, newest_per: ref, last_series: 10",
    ];
    for written in newest {
        let set = parse(&format!("keep: [{{ {written} }}]"));
        assert_eq!(set.policies[0].keep[0].newest.as_ref().unwrap().to_string(), written);
    }
    let of_files = [
        ("maven", "file: [\"*.jar\", \"*.pom\"], keep_newest: 2, older_than: 14d"),
        ("generic", "keep_newest: 2, keep_newest_per: package, older_than: 14d"),
    ];
    for (package_type, written) in of_files {
        let set = parse(&format!("files: [{{ type: {package_type}, {written} }}]"));
        assert_eq!(set.policies[0].files[0].of_files(), written);
    }
    let scopes = [
        "group: [acme, beta], subgroups: false, paths: \"acme/**\"",
        "project: [7, acme/api], types: npm",
        "topic: [\"gleaner-*\", \"!legacy\"]",
    ];
    for scope in scopes {
        let protection = format!("version: 1\nscope: {{ {scope} }}\nprotect: [{{ name: core }}]");
        let sources = [Source::new("hold.yaml", protection), policy("")];
        let (set, _) = PolicySet::parse(&sources).unwrap();
        let told = set.protections[0].scope.as_ref().unwrap().to_string();
        assert_eq!(told, format!("scope: {{ {scope} }}"));
    }
}

fn parse(rules: &str) -> PolicySet {
    PolicySet::parse(&[policy(rules)]).unwrap().0
}

fn policy(rules: &str) -> Source {
    let text = format!("version: 1\nscope: {{ group: acme }}\ndelete: [{{ status: error }}]\n{rules}\n");
    Source::new("p.yaml", text)
}
