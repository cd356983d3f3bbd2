//! What GitLab's own rules protect stays, and so does what they may protect.

use gleaner::package::{Lookup, Package, PackageType, ProtectionRule};
use gleaner_support::{Answers, days_ago, package};

const ANY: &str = "delete: [{ older_than: 30d, allow_latest: true, allow_released: true, tag: [latest, '!none'] }]";

/// A type and a pattern, as far as they can be read.
type Rule<'a> = (Option<&'a str>, Option<&'a str>);

fn protecting(rules: &[Rule<'_>]) -> Answers {
    let rule = |(package_type, name): &Rule<'_>| ProtectionRule {
        package_type: package_type.map(PackageType::parse),
        name: name.map(str::to_owned),
    };
    Answers { protection: Some(Lookup::Found(rules.iter().map(rule).collect())), ..Answers::default() }
}

fn named(id: u64, package_type: PackageType, name: &str) -> Package {
    let tags = Some(vec!["latest".to_owned()]);
    Package { package_type, name: name.to_owned(), tags, ..package(id) }
}

#[test]
fn no_rule_lifts_what_gitlab_protects() {
    let rows = || {
        vec![
            named(1, PackageType::Npm, "@acme/ui"),
            named(2, PackageType::Npm, "@acme/core"),
            named(3, PackageType::Pypi, "Acme_Core"),
            named(4, PackageType::Generic, "tool"),
        ]
    };
    let table: [(&[Rule<'_>], [bool; 4]); 6] = [
        (&[], [false; 4]),
        (&[(Some("npm"), Some("@Acme/U*"))], [true, false, false, false]),
        (&[(Some("pypi"), Some("acme-core")), (Some("pypi"), Some("tool"))], [false, false, true, false]),
        (&[(None, Some("*core"))], [false, true, true, false]),
        (&[(Some("npm"), None)], [true, true, false, false]),
        (&[(None, None)], [true; 4]),
    ];
    for (rules, held) in table {
        let expected = held.map(|held| if held { "protected_in_gitlab" } else { "selected" });
        assert_eq!(protecting(rules).reasons(ANY, rows()), expected, "{rules:?}");
    }
}

#[test]
fn what_may_be_protected_stays() {
    let rows = || vec![named(1, PackageType::Npm, "ui"), named(2, PackageType::Npm, "core")];
    let failed = Answers { protection: Some(Lookup::Failed), ..Answers::default() };
    assert_eq!(failed.reasons(ANY, rows()), ["no_evidence"; 2]);
    // Nobody asks where nothing goes, and what a rule keeps is told as kept.
    assert_eq!(failed.reasons("delete: [{ older_than: 900d }]\nkeep: [{ name: ui }]", rows()), ["npm_latest"; 2]);
    let kept = format!("{ANY}\nkeep: [{{ name: ui }}]");
    assert_eq!(failed.reasons(&kept, rows()), ["kept_by_rule", "no_evidence"]);
}

#[test]
fn the_reason_is_told_before_releases_and_the_latest_and_after_the_rest() {
    let all = protecting(&[(None, None)]);
    let young = Package { created_at: Some(days_ago(1)), ..named(1, PackageType::Npm, "ui") };
    let tagged = named(2, PackageType::Npm, "core");
    let mut latest = named(3, PackageType::Npm, "lib");
    latest.tags = Some(Vec::new());
    let rules = "delete: [{ name: '*' }]";
    assert_eq!(all.reasons(rules, vec![young, tagged, latest.clone()]), ["min_age", "npm_latest", "latest"]);
    let links = Some(Lookup::Found(vec!["https://gitlab.acme.example/acme/app/-/packages/3".to_owned()]));
    latest.project.has_releases = Some(true);
    let released = Answers { links, ..protecting(&[(None, None)]) };
    let lifted = "delete: [{ name: '*', allow_latest: true }]";
    assert_eq!(released.reasons(lifted, vec![latest]), ["protected_in_gitlab"]);
}
