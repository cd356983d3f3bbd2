//! Puts two readings of the same holds together. What held in either of them holds.
//!
//! People take one hold away and set another one, and between two readings it held at every instant. So what can save a
//! package is read before its row and again after it.

use std::collections::HashMap;
use std::hash::Hash;

use super::branches::BranchAnswers;
use super::{Evidence, Lookup};
use crate::package::{BranchList, ProjectId};

impl Evidence {
    /// Returns whether the releases of a project were asked for.
    #[must_use]
    pub fn has_releases(&self, project: ProjectId) -> bool {
        self.links.contains_key(&project)
    }

    /// Returns whether the protection rules of a project were asked for.
    #[must_use]
    pub fn has_protection(&self, project: ProjectId) -> bool {
        self.protection.contains_key(&project)
    }

    /// Adds another reading of releases, protection rules and branches. A reading that failed leaves the question open.
    pub fn hold_as_well(&mut self, reading: Self) {
        merge(&mut self.links, reading.links, union);
        merge(&mut self.protection, reading.protection, union);
        let BranchAnswers { lists, protected, alone, .. } = reading.branches;
        merge(&mut self.branches.lists, lists, |one, other| either_refused(one, other, union_of_lists));
        merge(&mut self.branches.protected, protected, |one, other| either_refused(one, other, union));
        merge(&mut self.branches.alone, alone, |one, other| match (one, other) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (one, other) => either_refused(one, other, |one, other| one || other),
        });
    }
}

fn merge<K: Eq + Hash, T>(all: &mut HashMap<K, Lookup<T>>, reading: HashMap<K, Lookup<T>>, both: impl Fn(T, T) -> T) {
    for (of, lookup) in reading {
        let before = all.remove(&of);
        let merged = match (before, lookup) {
            (None, lookup) => lookup,
            (Some(Lookup::Found(one)), Lookup::Found(other)) => Lookup::Found(both(one, other)),
            (Some(_), _) => Lookup::Failed,
        };
        all.insert(of, merged);
    }
}

fn union<T>(one: Vec<T>, other: Vec<T>) -> Vec<T> {
    one.into_iter().chain(other).collect()
}

/// A refusal in one reading leaves nothing to go by.
fn either_refused<T>(one: Option<T>, other: Option<T>, both: impl FnOnce(T, T) -> T) -> Option<T> {
    Some(both(one?, other?))
}

fn union_of_lists(one: BranchList, other: BranchList) -> BranchList {
    let names = one.names.into_iter().chain(other.names).collect();
    BranchList { names, default: one.default.and(other.default) }
}
