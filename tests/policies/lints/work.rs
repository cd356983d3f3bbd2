//! Sets whose patterns are much work: what is looked at is bounded, and where it is given up that is told.

use gleaner::policy::PolicySet;
use gleaner::yaml::Source;

use crate::lints::{of_policy, of_set};

const GIVEN_UP: &str =
    "from here on, not every rule is compared with the others: the patterns of this set are too much work";

/// Rules of a policy, one in a line from the fourth on.
fn policy(rules: impl Iterator<Item = String>) -> String {
    let rules: String = rules.map(|rule| format!("- {{ older_than: 30d, {rule} }}\n")).collect();
    format!("scope: {{ group: acme }}\ndelete:\n{rules}")
}

/// An automaton of it has more than a hundred thousand states.
fn hard(number: usize) -> String {
    format!("/(a|b)*a(a|b){{17}}c{number}/")
}

#[test]
fn patterns_that_are_too_much_work_are_told_once() {
    let rules = (0..200).map(|number| format!("name: '{}'", hard(number)));
    assert_eq!(of_policy(&policy(rules)), [format!("4:3 {GIVEN_UP}")]);
    // It is told where the first of them is, and the others are looked at.
    let rules =
        ["name: app", "name: 'a*'", &format!("name: '{}'", hard(1)), "name: app-1", &format!("name: '{}'", hard(2))];
    let told = of_policy(&policy(rules.into_iter().map(str::to_owned)));
    let covered = |line| format!("{line}:3 this rule adds nothing: the rule in line 5 selects everything that it does");
    assert_eq!(told, [covered(4), format!("6:3 {GIVEN_UP}"), covered(7)]);
}

#[test]
fn a_protection_of_patterns_that_are_too_much_work_is_told_once() {
    let rules: String = (0..200).map(|number| format!("- {{ name: '{}' }}\n", hard(number))).collect();
    let told = of_set(&[
        ("hold.yaml", &format!("protect:\n{rules}")),
        ("p.yaml", "scope: { group: acme }\ndelete: [{ status: error }]"),
    ]);
    assert_eq!(told, [format!("3:3 {GIVEN_UP}")]);
}

/// Two rules that say the same are the same, however hard it is to say what they match.
#[test]
fn rules_that_are_alike_are_told_whatever_their_patterns() {
    let rules = [1, 2, 1].map(|number| format!("name: '{}'", hard(number)));
    let told = of_policy(&policy(rules.into_iter()));
    let covered = "6:3 this rule adds nothing: the rule in line 4 selects everything that it does";
    assert_eq!(told, [format!("4:3 {GIVEN_UP}"), covered.to_owned()]);
}

/// Of thousands of rules each is held against those alone that may have something in common with it.
#[test]
fn thousands_of_names_are_all_compared() {
    let rules = (0..6_000).map(|number| format!("name: app-{number}")).chain(["name: 'app-2?00'".to_owned()]);
    let covered = (0..10).map(|digit| 2_000 + digit * 100 + 4);
    let told = covered
        .map(|line| format!("{line}:3 this rule adds nothing: the rule in line 6004 selects everything that it does"));
    assert_eq!(of_policy(&policy(rules)), told.collect::<Vec<_>>());
}

#[test]
fn thousands_of_globs_are_all_compared() {
    let rules = (0..6_000).map(|number| format!("name: '*-{number}'")).chain(["name: 'app*-17'".to_owned()]);
    let covered = "6004:3 this rule adds nothing: the rule in line 21 selects everything that it does";
    assert_eq!(of_policy(&policy(rules)), [covered]);
}

#[test]
fn patterns_that_are_too_large_together_are_an_error_that_is_told_once() {
    let rules = (0..100).map(|number| format!(r"name: '/\w{{20}}{number}/'"));
    let text = format!("version: 1\n{}", policy(rules));
    let errors = PolicySet::parse(&[Source::new("p.yaml", text)]).unwrap_err();
    let [problem] = errors.problems.as_slice() else { panic!("{errors}") };
    assert_eq!(problem.message, "up to here, the patterns of this set are too large together");
    assert_eq!(problem.place.as_ref().unwrap().line, 66);
}
