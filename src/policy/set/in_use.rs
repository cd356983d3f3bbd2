//! The in-use files that the protections of a set go by.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::SetReader;
use crate::policy::{Condition, FromFile, Hold, InUseFiles, PolicySet, Protection, Unusable};
use crate::yaml::Source;

impl PolicySet {
    /// Returns the paths of the in-use files that the protections among these files name, whatever is wrong with the rest.
    #[must_use]
    pub fn in_use_files(sources: &[Source]) -> BTreeSet<String> {
        let mut files = SetReader::default();
        for source in sources {
            files.add(source);
        }
        let rules = files.protections.iter().flat_map(|protection| &protection.value.rules);
        rules.filter_map(Hold::from_file).map(|from| from.file.clone()).collect()
    }

    /// Takes over what stands in the in-use files, as far as they can be used at this instant. What a plan that is made
    /// for another instant is made of is in use now, too.
    pub fn take_in_use(&mut self, files: &InUseFiles, now: Timestamp) {
        self.protections.iter_mut().for_each(|protection| protection.take_in_use(files, now));
    }

    /// Returns whether a protection goes by an in-use file.
    #[must_use]
    pub fn goes_by_files(&self) -> bool {
        self.protections.iter().any(Protection::goes_by_files)
    }

    /// Returns the in-use files of the rules that hold as of `now`.
    pub fn from_files_at(&self, now: Timestamp) -> impl Iterator<Item = &FromFile> {
        let rules = self.protections.iter().flat_map(|protection| &protection.rules);
        rules.filter(move |rule| rule.is_in_force(now)).filter_map(Hold::from_file)
    }

    /// Returns the in-use files that can't be used, of the rules that hold as of `now`, each with the first reason.
    #[must_use]
    pub fn unusable_at(&self, now: Timestamp) -> BTreeMap<&str, &Unusable> {
        let mut unusable = BTreeMap::new();
        for from in self.from_files_at(now) {
            if let Err(why) = &from.reading {
                unusable.entry(from.file.as_str()).or_insert(why);
            }
        }
        unusable
    }

    /// Returns a set of nothing but the protections that go by in-use files, with the rules that do.
    #[must_use]
    pub fn of_files_alone(&self) -> Self {
        let of_files = self.protections.iter().filter(|protection| protection.goes_by_files()).cloned();
        let protections = of_files.map(|mut protection| {
            protection.rules.retain(|rule| rule.from_file().is_some());
            protection
        });
        Self { protections: protections.collect(), ..Self::default() }
    }
}

impl Protection {
    /// Returns whether one of its rules goes by an in-use file.
    #[must_use]
    pub fn goes_by_files(&self) -> bool {
        self.rules.iter().any(|rule| rule.from_file().is_some())
    }

    pub(super) fn take_in_use(&mut self, files: &InUseFiles, now: Timestamp) {
        let conditions = self.rules.iter_mut().flat_map(|rule| &mut rule.conditions);
        for condition in conditions {
            if let Condition::From(from) = condition {
                from.read(files, now);
            }
        }
    }
}

impl Hold {
    /// Returns the in-use file that it goes by, if it goes by one.
    #[must_use]
    pub fn from_file(&self) -> Option<&FromFile> {
        self.conditions.iter().find_map(|condition| match condition {
            Condition::From(from) => Some(from),
            _ => None,
        })
    }
}
