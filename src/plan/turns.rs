//! Puts deletions into their order.

use std::collections::BTreeMap;

use super::Decision;
use crate::package::{PackageKey, rungs};

/// Returns the decisions with the oldest first. Within a key the lowest version comes first, so that a run which is
/// broken off leaves the higher ones.
#[must_use]
pub fn in_turn<'p>(decisions: impl IntoIterator<Item = &'p Decision>) -> Vec<&'p Decision> {
    let mut by_age: Vec<&Decision> = decisions.into_iter().collect();
    by_age.sort_by_key(|decision| (decision.package.created_at, decision.package.id));
    let mut keys: BTreeMap<PackageKey<'p>, Vec<&'p Decision>> = BTreeMap::new();
    for decision in &by_age {
        keys.entry(decision.package.key()).or_default().push(decision);
    }
    // From the highest on, so that the lowest is taken from the end.
    let mut keys: BTreeMap<PackageKey<'p>, Vec<&'p Decision>> =
        keys.into_iter().map(|(key, decisions)| (key.clone(), from_the_highest(&key, decisions))).collect();
    let next = |decision: &'p Decision| keys.get_mut(&decision.package.key())?.pop();
    by_age.into_iter().filter_map(next).collect()
}

/// Sorts the decisions of one key, which come with the oldest first.
fn from_the_highest<'p>(key: &PackageKey<'_>, decisions: Vec<&'p Decision>) -> Vec<&'p Decision> {
    let version = |decision: &&'p Decision| decision.package.version.as_deref().unwrap_or_default();
    let versions: Vec<&str> = decisions.iter().map(version).collect();
    let mut ranked: Vec<_> = rungs(key.package_type, &versions).into_iter().zip(decisions).collect();
    ranked.sort_by_key(|(rung, _)| *rung);
    ranked.into_iter().rev().map(|(_, decision)| decision).collect()
}
