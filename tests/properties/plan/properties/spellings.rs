//! A name or version that is written in another way is the same package to its clients, and no reason to delete it.
//!
//! What is deleted is matched as it is shown, so a delete rule may well name one spelling and not another, and a `!` under
//! `keep` or `protect` may let go of one and not of another. What saves looks at every spelling that it can: all of a
//! pattern without wildcards, and of names with wildcards too; but of versions a pattern with wildcards sees only some
//! spellings, and so does a regular expression. Nothing else tells two spellings apart.

use gleaner::package::Package;
use gleaner::policy::{Condition, Hold, PatternKind, Patterns, Shown};
use proptest::prelude::*;
use proptest::sample::Index;

use super::many;
use crate::plan::generate::{Cycle, cases, other_names, other_versions};

proptest! {
    #![proptest_config(many())]

    #[test]
    fn a_package_never_goes_by_a_respelling_alone(
        case in cases(), which in any::<Index>(), name in any::<Index>(), version in any::<Index>(), both in 0..3_u8,
    ) {
        let cycle = case.cycle();
        let Some((as_it_was, respelled)) = respell(&cycle, which, name, version, both) else { return Ok(()) };
        let mut written = cycle.clone();
        written.rows.iter_mut().filter(|row| row.id == respelled.id).for_each(|row| *row = respelled.clone());
        let (before, after) = (cycle.deleted(), written.deleted());
        let differences = differences(&cycle, &as_it_was, &respelled);
        if differences.is_empty() {
            prop_assert_eq!(&before, &after, "nothing tells the spellings apart");
        }
        let goes_by_it = after.contains(&respelled.id) && !before.contains(&respelled.id);
        prop_assert!(!goes_by_it || differences.contains(&Difference::MayDoom), "{:?}", respelled);
        let is_saved_by_it = before.contains(&respelled.id) && !after.contains(&respelled.id);
        prop_assert!(!is_saved_by_it || differences.contains(&Difference::MaySave), "{:?}", respelled);
    }
}

/// A row that is there once, and the same in another spelling of its name, its version, or both.
fn respell(cycle: &Cycle, which: Index, name: Index, version: Index, both: u8) -> Option<(Package, Package)> {
    let is_single = |package: &&Package| cycle.rows.iter().filter(|row| row.id == package.id).count() == 1;
    let has_other = |package: &&Package| !other_names(package).is_empty() || !other_versions(package).is_empty();
    let rows: Vec<&Package> = cycle.rows.iter().filter(is_single).filter(has_other).collect();
    if rows.is_empty() {
        return None;
    }
    let row: &Package = rows[which.index(rows.len())];
    let (names, versions) = (other_names(row), other_versions(row));
    let mut respelled = row.clone();
    if both != 0 && !names.is_empty() {
        respelled.name = (*name.get(&names)).to_owned();
    }
    if (both != 1 || names.is_empty()) && !versions.is_empty() {
        respelled.version = Some((*version.get(&versions)).to_owned());
    }
    Some((row.clone(), respelled))
}

/// What a pattern makes of the other spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Difference {
    MayDoom,
    MaySave,
}

/// How the pattern stands in a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    /// It selects, or takes something out of what a hold holds. It matches what is shown.
    LetsGo,
    /// It holds, or takes something out of what is selected. It matches every spelling that it can see.
    Saves,
}

/// Every way in which a pattern of the policy or of a protection tells the two spellings of one package apart.
fn differences(cycle: &Cycle, one: &Package, other: &Package) -> Vec<Difference> {
    let takes = cycle.policy().delete.iter().map(|rule| &rule.conditions);
    let trims = cycle.policy().files.iter().map(|rule| &rule.conditions);
    let keeps = cycle.policy().keep.iter().map(|rule| &rule.hold);
    let protects = cycle.set.protections.iter().flat_map(|protection| &protection.rules);
    let holds = keeps.chain(protects).map(|hold: &Hold| &hold.conditions);
    let of_both = takes.chain(trims).map(|rule| (rule, false)).chain(holds.map(|rule| (rule, true)));
    let mut found = Vec::new();
    for (conditions, is_hold) in of_both {
        for condition in conditions {
            let (patterns, is_name) = match condition {
                Condition::Name(patterns) => (patterns, true),
                Condition::Version(patterns) => (patterns, false),
                _ => continue,
            };
            for text in patterns.texts() {
                let stand = if is_hold == text.starts_with('!') { Stand::LetsGo } else { Stand::Saves };
                let pattern = text.trim_start_matches('!');
                let told = [one, other].map(|package| matches(pattern, stand, is_name, package));
                let [was, is] = told;
                match stand {
                    _ if was == is => {}
                    Stand::LetsGo if is => found.push(Difference::MayDoom),
                    Stand::LetsGo => found.push(Difference::MaySave),
                    Stand::Saves => {
                        assert!(can_miss(pattern, is_name), "`{pattern}` tells {one:?} and {other:?} apart");
                        found.push(if is { Difference::MaySave } else { Difference::MayDoom });
                    }
                }
            }
        }
    }
    found
}

/// Whether a pattern that saves may see one spelling and miss another: a regular expression, and of versions also one with
/// wildcards.
fn can_miss(pattern: &str, is_name: bool) -> bool {
    pattern.starts_with('/') || (!is_name && pattern.contains(['*', '?', '[']))
}

fn matches(pattern: &str, stand: Stand, is_name: bool, package: &Package) -> bool {
    let facts = package.package_type.facts();
    let kind = if is_name { PatternKind::Name } else { PatternKind::Text };
    let alone = Patterns::parse(&[pattern], kind).expect("it was read before");
    let version = package.version.as_deref().unwrap_or_default();
    match stand {
        Stand::LetsGo if is_name => alone.matches(&package.name),
        Stand::LetsGo => alone.matches(version),
        Stand::Saves if is_name => alone.hold(Shown::Name(&package.name, facts.names)),
        Stand::Saves => alone.hold(Shown::Version(version, facts.versions)),
    }
}
