//! Each comparison is a total order, and takes whatever somebody may have published.

use std::cmp::Ordering;
use std::time::{Duration, Instant};

use gleaner::package::{PackageType, is_prerelease, rungs};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::versions::compared;
use crate::versions::recorded::versions;

/// Pieces that mean something to one ecosystem or another, so that versions of them meet often.
const PIECES: &[&str] = &[
    "0",
    "1",
    "2",
    "10",
    "00",
    "01",
    "9007199254740992",
    "99999999999999999999",
    ".",
    ".",
    "-",
    "-",
    "_",
    "+",
    "~",
    "^",
    ":",
    "v",
    "a",
    "b",
    "m",
    "x",
    "alpha",
    "Beta",
    "rc",
    "RC",
    "cr",
    "snapshot",
    "ga",
    "final",
    "sp",
    "foo",
    "dev",
    "post",
    "patch",
    "stable",
    "pre",
    "!",
    "ä",
    " ",
];

/// Enough for a slow machine, and for no reading that takes more than a few looks at each character.
const PATIENCE: Duration = Duration::from_secs(10);

fn many() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, max_shrink_iters: 20_000, ..ProptestConfig::with_cases(4000) }
}

fn package_type() -> impl Strategy<Value = PackageType> {
    select(PackageType::KNOWN.to_vec())
}

/// A version that somebody published, one put together from pieces, the one continued by the other, or any text.
fn version(package_type: &PackageType) -> impl Strategy<Value = String> + use<> {
    let real = select([versions(package_type), vec!["1.0.0".to_owned()]].concat());
    let pieces = vec(select(PIECES), 0..7).prop_map(|pieces| pieces.concat());
    let begun = pieces.clone().prop_map(|pieces| format!("1.{pieces}"));
    let continued = (real.clone(), pieces.clone()).prop_map(|(real, pieces)| real + &pieces);
    prop_oneof![3 => real, 3 => begun, 2 => pieces, 2 => continued, 1 => any::<String>()]
}

proptest! {
    #![proptest_config(many())]

    /// Antisymmetric, transitive and total among the versions that can be read; equal ones compare alike to any other.
    #[test]
    fn each_comparison_is_a_total_order(
        (package_type, versions) in package_type().prop_flat_map(|package_type| {
            let version = version(&package_type);
            (Just(package_type), vec(version, 3..6))
        })
    ) {
        let is_readable = |version: &String| compared(&package_type, version, version).is_some();
        let readable: Vec<&String> = versions.iter().filter(|version| is_readable(version)).collect();
        let said = |one: &str, other: &str| compared(&package_type, one, other).unwrap();
        for one in &readable {
            prop_assert_eq!(said(one, one), Ordering::Equal);
            for other in &readable {
                prop_assert_eq!(said(one, other), said(other, one).reverse());
                for third in &readable {
                    let (first, second) = (said(one, other), said(other, third));
                    if first == second || second == Ordering::Equal {
                        prop_assert_eq!(said(one, third), first, "{} {} {} {}", package_type, one, other, third);
                    }
                }
            }
        }
    }

    /// Read with others or alone, two versions compare alike; what can't be read is unknown in any company.
    #[test]
    fn rungs_are_what_the_pairs_are(
        (package_type, versions) in package_type().prop_flat_map(|package_type| {
            let version = version(&package_type);
            (Just(package_type), vec(version, 2..12))
        })
    ) {
        let texts: Vec<&str> = versions.iter().map(String::as_str).collect();
        let rungs = rungs(&package_type, &texts);
        prop_assert_eq!(rungs.len(), texts.len());
        for (rung, text) in rungs.iter().zip(&texts) {
            for (other_rung, other) in rungs.iter().zip(&texts) {
                let expected = rung.zip(*other_rung).map(|(rung, other)| rung.cmp(&other));
                prop_assert_eq!(compared(&package_type, text, other), expected);
            }
        }
    }

    /// Nothing leads to something that leads on, and only pre-releases lead anywhere.
    #[test]
    fn the_release_that_a_version_leads_to_is_no_pre_release(
        (package_type, version) in package_type().prop_flat_map(|package_type| {
            let version = version(&package_type);
            (Just(package_type), version)
        })
    ) {
        if let Some(release) = package_type.facts().versions.own_release(&version) {
            prop_assert_eq!(is_prerelease(&package_type, &version), Some(true));
            prop_assert_ne!(is_prerelease(&package_type, &release), Some(true), "{}", release);
        }
    }

    /// A version that is known to be a release has its place among the versions.
    #[test]
    fn what_is_read_as_a_release_has_a_place(
        (package_type, version) in package_type().prop_flat_map(|package_type| {
            let version = version(&package_type);
            (Just(package_type), version)
        })
    ) {
        if is_prerelease(&package_type, &version) == Some(false) {
            prop_assert!(compared(&package_type, &version, &version).is_some());
        }
    }
}

#[test]
fn an_unknown_type_has_no_order() {
    let cargo = PackageType::Other("cargo".to_owned());
    assert_eq!(rungs(&cargo, &["1.0.0", "2.0.0"]), [None, None]);
}

/// Length of whatever makes parsers recurse, backtrack or start over costs no more than it has to.
#[test]
fn long_versions_take_no_long_time() {
    let pieces = ["1", "0.", "1-", "-", ".", "a1", "~", "~1", "^1", ".a", "a.0", "beta1."];
    for package_type in PackageType::KNOWN {
        for piece in pieces {
            for start in ["", "1.0.0-", "v1.0.0-", "1.0b"] {
                let long = format!("{start}{}", piece.repeat(100_000 / piece.len()));
                let longer = format!("{long}1");
                let begun = Instant::now();
                assert_eq!(rungs(&package_type, &[&long, &longer]).len(), 2);
                let _ = package_type.facts().versions.own_release(&long);
                assert!(begun.elapsed() < PATIENCE, "{package_type} {start:?} and many {piece:?}");
            }
        }
    }
}
