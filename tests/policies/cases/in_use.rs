//! What is in use in a case.

use gleaner::case::Cases;
use gleaner::policy::PolicySet;
use gleaner::yaml::Source;

const POLICY: &str = "version: 1\nscope: { group: acme }\ndelete: [{ older_than: 30d, allow_latest: true }]\n";
const PROTECTION: &str = "version: 1\nprotect: [{ from: ../in-use/cluster.txt, max_age: 2d }]\n";

fn set() -> PolicySet {
    let sources = [Source::new("policies/old.yaml", POLICY), Source::new("policies/in-use.yaml", PROTECTION)];
    PolicySet::parse(&sources).unwrap().0
}

/// What doesn't come true, or what can't be read.
fn told(head: &str, case: &str, packages: &str) -> String {
    let rows: String = packages.lines().map(|row| format!("      - {}\n", row.trim())).collect();
    let text = format!("version: 1\nas_of: 2026-06-01\n{head}cases:\n  - case: one\n{case}    packages:\n{rows}");
    let set = set();
    match Cases::parse(&[Source::new("cases/one.yaml", text)], &set) {
        Ok(cases) => cases.run(&set).failures.iter().map(ToString::to_string).collect(),
        Err(problems) => problems.to_string(),
    }
}

#[test]
fn a_case_gives_what_is_in_use() {
    let kept = "{ type: npm, name: \"@acme/ui\", version: 1.0.0, expect: keep, reason: protected, rule: \"in-use.protect[0]\" }";
    let gone = "{ type: npm, name: \"@acme/ui\", version: 1.0.0, expect: delete }";
    let list = "in_use: { ../in-use/cluster.txt: [pkg:npm/%40acme/ui@1.0.0] }\n";
    assert_eq!(told(list, "", kept), "");
    assert_eq!(told("", &format!("    {list}"), kept), "");
    assert_eq!(told("", "", gone), "", "what is not given names nothing");
    let other = "    in_use: { ../in-use/cluster.txt: pkg:npm/core }\n";
    assert_eq!(told(list, other, gone), "", "the case's own goes before that of the file");
    let unusable = "in_use: { ../in-use/cluster.txt: unusable }\n";
    assert_eq!(told(unusable, "", kept), "");
    let failed = told(list, "", gone);
    for words in [
        "protected by in-use: in use by line 2 of policies/../in-use/cluster.txt",
        "from: ../in-use/cluster.txt, max_age: 2d  line 2 of policies/../in-use/cluster.txt",
    ] {
        assert!(failed.contains(words), "{words:?} is not in {failed}");
    }
}

#[test]
fn what_is_wrong_is_told() {
    let package = "{ type: npm, version: 1.0.0, expect: delete }";
    let table = [
        ("in_use: { cluster.txt: [pkg:npm/a] }\n", "no protection has `from: cluster.txt`"),
        ("in_use: { ../in-use/cluster.txt: [npm/a] }\n", "`npm/a` is no package URL: it does not begin with `pkg:`"),
        ("in_use: { ../in-use/cluster.txt: [] }\n", "is an empty list"),
        ("in_use: [pkg:npm/a]\n", "`in_use` is a mapping: each file with its package URLs"),
    ];
    for (head, words) in table {
        let told = told(head, "", package);
        assert!(told.contains(words), "{words:?} is not in {told}");
    }
}
