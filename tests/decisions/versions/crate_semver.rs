//! The crate that Cargo compares versions by: the measure of Cargo's order, and of generic versions that are SemVer.

use std::cmp::Ordering;
use std::{env, fs};

use gleaner::package::{PackageType, is_prerelease};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use semver::Version;

use crate::versions::compared;

/// `tests/versions/run` asks it, as it asks the other tools: pairs with a tab between, in the file that
/// `GLEANER_QUESTIONS` names.
#[test]
fn the_crate_answers_what_it_is_asked() {
    if let (Some(questions), Some(answers)) = (env::var_os("GLEANER_QUESTIONS"), env::var_os("GLEANER_ANSWERS")) {
        let questions = fs::read_to_string(questions).unwrap();
        let answer = |line: &str| {
            let (one, other) = line.split_once('\t').unwrap();
            match (Version::parse(one), Version::parse(other)) {
                (Ok(one), Ok(other)) => match one.cmp_precedence(&other) {
                    Ordering::Less => "<\n",
                    Ordering::Equal => "=\n",
                    Ordering::Greater => ">\n",
                },
                _ => "?\n",
            }
        };
        fs::write(answers, questions.lines().map(answer).collect::<String>()).unwrap();
    }
}

/// Its parts are few, so that versions often begin alike.
fn semver(labels: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let number = || select(vec!["0", "0", "1", "2", "10", "11"]);
    let build = select(vec!["", "", "", "+5", "+6", "+build.7", "+rc.1"]);
    (number(), number(), number(), labels, build)
        .prop_map(|(major, minor, patch, labels, build)| format!("{major}.{minor}.{patch}{labels}{build}"))
}

fn any_labels() -> impl Strategy<Value = String> {
    let label = select(vec!["alpha", "beta", "RC", "rc1", "x-y", "-", "0a", "0", "1", "2", "10", "01", ""]);
    prop_oneof![Just(String::new()), vec(label, 1..4).prop_map(|labels| format!("-{}", labels.join(".")))]
}

/// A known word, then words and numbers.
fn known_labels() -> impl Strategy<Value = String> {
    let words = || vec!["alpha", "beta", "canary", "dev", "m", "nightly", "pre", "preview", "rc", "snapshot"];
    let others = vec!["0", "1", "2", "10", "x", "final", "zeta"];
    let labels = (select(words()), vec(select([words(), others].concat()), 0..4));
    let joined = labels.prop_map(|(first, others)| format!("-{}", [vec![first], others].concat().join(".")));
    prop_oneof![1 => Just(String::new()), 4 => joined]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

    #[test]
    fn cargo_reads_and_orders_as_the_crate_does(one in semver(any_labels()), other in semver(any_labels())) {
        let expected = match (Version::parse(&one), Version::parse(&other)) {
            (Ok(one), Ok(other)) => Some(one.cmp_precedence(&other)),
            _ => None,
        };
        prop_assert_eq!(compared(&PackageType::Cargo, &one, &other), expected);
    }

    /// Where one of two is the higher to SemVer, it is for generic packages; where they differ in build metadata alone, the
    /// text decides. A text that is no known word is none of a pre-release, so here the first is one.
    #[test]
    fn generic_versions_that_are_semver_have_its_order(one in semver(known_labels()), other in semver(known_labels())) {
        let parsed = |text: &str| Version::parse(text).unwrap();
        let said = compared(&PackageType::Generic, &one, &other).unwrap();
        match parsed(&one).cmp_precedence(&parsed(&other)) {
            Ordering::Equal => prop_assert_eq!(said.is_eq(), parsed(&one).build == parsed(&other).build, "{} {}", one, other),
            expected => prop_assert_eq!(said, expected, "{} {}", one, other),
        }
        let is_known = parsed(&one).build.is_empty();
        prop_assert!(!is_known || is_prerelease(&PackageType::Generic, &one) == Some(!parsed(&one).pre.is_empty()));
    }
}
