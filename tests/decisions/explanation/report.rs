//! The explanation as people and programs read it.

use gleaner::package::{Package, PackageType};
use gleaner::plan::Explanation;
use gleaner::policy::PolicySet;
use gleaner::report::{ExplanationReport, FORMAT, PackageReport, PolicyExplanation, PolicyStanding, explanation};

use super::{NOW, days_ago, explained, files, package, set_of};

const RULES: &str = "
mode: delete
delete:
  - { version: ['*-SNAPSHOT', '1.*'], older_than: 30d, allow_latest: true }
  - { status: error, older_than: 7d }
keep:
  - { newest: 1, by: version }
  - { downloaded_within: 30d, note: in use }
";

const HOLD: &str = "version: 1
name: on-hold
scope: { group: acme/legacy, subgroups: false }
protect:
  - { project: 'acme/legacy/**', note: long-term support }
  - { name: core, note: evidence in an audit, until: 2026-05-01 }
";

#[test]
fn as_text() {
    insta::assert_snapshot!(explanation(&report(&told()), None));
}

#[test]
fn as_json() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&report(&told())).unwrap());
}

/// What a terminal would obey is shown, not sent.
#[test]
fn control_characters_stay_out_of_the_text() {
    let set = set_of(RULES, &[HOLD]);
    let evil = Package { name: "evil\u{1b}[2J\nname".to_owned(), version: Some("\u{202e}1".to_owned()), ..package(1) };
    let text = explanation(&report(&(set.clone(), explained(&set, vec![evil], &files(&[])))), None);
    assert!(text.contains("evil\\u{1b}[2J\\nname") && text.contains("\\u{202e}1"), "{text}");
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
}

/// Of three versions the oldest, which goes in five days, once nobody has pulled it for a month.
fn told() -> (PolicySet, Explanation) {
    let set = set_of(RULES, &[HOLD]);
    let rows = [1, 2, 3].map(|id| Package {
        package_type: PackageType::Maven,
        created_at: Some(days_ago(100 - i64::try_from(id).unwrap())),
        downloaded: gleaner::package::Downloaded::At(days_ago(25)),
        ..package(id)
    });
    let explanation = explained(&set, rows.to_vec(), &files(&[(1, 90)]));
    (set, explanation)
}

fn report((set, told): &(PolicySet, Explanation)) -> ExplanationReport {
    let in_force = set.policies_at(NOW).next().unwrap();
    let because = "its scope is `group: beta`, and acme/app is not in it".to_owned();
    ExplanationReport {
        format: FORMAT,
        generator: "gleaner X.Y.Z".to_owned(),
        instance: "https://gitlab.acme.example".to_owned(),
        as_of: NOW,
        package: PackageReport::of(&told.decision.package),
        policies: vec![
            PolicyExplanation::judged(in_force, told),
            PolicyExplanation::passed_over(in_force, PolicyStanding::OutOfScope, because),
        ],
    }
}
