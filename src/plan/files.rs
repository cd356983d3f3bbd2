//! Decides on the files of the packages that stay, by the `files` rules.

mod because;
mod name;
mod reason;
mod trim;

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::judge::{Answers, Judge};
use super::reason::{Reason, Verdict};
use crate::package::{FileId, Lookup, PackageFile, PackageId, ProjectId, Protected, Released};
use crate::policy::{FileRule, Policy, Truth};
use name::{is_index, owners};
use trim::FileJudge;

pub use because::file_because;
pub use name::FileKey;
pub use reason::FileReason;

/// The verdict on one file of a package that stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDecision {
    /// The package that the file is in.
    pub package: PackageId,
    /// The package's project.
    pub project: ProjectId,
    /// The file.
    pub file: PackageFile,
    /// Why it goes or stays.
    pub reason: FileReason,
}

impl FileDecision {
    /// Returns which way the file goes.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.reason.verdict()
    }

    /// Returns whether this file is a checksum or signature of the other.
    #[must_use]
    pub fn accompanies(&self, other: &Self) -> bool {
        let name = other.file.name.as_deref();
        self.owners().any(|owner| Some(owner) == name)
    }

    /// Returns its place in the order in which a package's files are deleted. Checksums and signatures go before the
    /// files that they belong to, so that a stop in between leaves none behind that belongs to nothing.
    #[must_use]
    pub fn turn(&self) -> impl Ord {
        (self.root(), Reverse(self.owners().count()), self.file.id)
    }

    /// Returns the name of the file that it belongs to in the end: its own, or that of a checksum's or signature's file.
    pub(super) fn root(&self) -> &str {
        self.owners().last().unwrap_or(self.file.name.as_deref().unwrap_or_default())
    }

    fn owners(&self) -> impl Iterator<Item = &str> {
        owners(self.file.name.as_deref().unwrap_or_default())
    }
}

/// Returns whether a package still has the files that were judged, so that what goes can go:
///
/// - The files that were to stay are there.
/// - The files that were to go are the same. `before` has those that were deleted already, or were to be.
/// - No file has come that a checksum or signature which goes would belong to.
/// - No Maven metadata has come where there was none. It would tell which files belong to a deployment that broke off.
#[must_use]
pub fn are_as_judged<T>(judged: &[FileDecision], before: &HashMap<FileId, T>, listed: &[PackageFile]) -> bool {
    let listed: HashMap<FileId, &PackageFile> = listed.iter().map(|file| (file.id, file)).collect();
    let known: HashSet<FileId> = judged.iter().map(|decision| decision.file.id).collect();
    let is_same = |decision: &FileDecision| match (decision.verdict(), listed.get(&decision.file.id)) {
        (Verdict::Keep, now) => now.is_some(),
        (Verdict::Delete, now) => before.contains_key(&decision.file.id) || now == Some(&&decision.file),
    };
    let new: HashSet<&str> =
        listed.values().filter(|file| !known.contains(&file.id)).filter_map(|file| file.name.as_deref()).collect();
    let is_claimed = |decision: &FileDecision| {
        decision.verdict() == Verdict::Delete && decision.owners().any(|owner| new.contains(owner))
    };
    let has_index = judged.iter().any(|decision| decision.file.name.as_deref().is_some_and(is_index));
    let has_new_index = !has_index && new.iter().any(|name| is_index(name));
    judged.iter().all(is_same) && !judged.iter().any(is_claimed) && !has_new_index
}

/// The decisions on one package's files, and how often each rule matched.
#[derive(Debug, Default)]
pub(super) struct Trimmed {
    /// The decision on each file, in the order of the ids; none where nothing may be taken of the package.
    pub(super) decisions: Vec<FileDecision>,
    pub(super) matches: Matches,
}

/// The rules that match a package of which files may be taken, by their numbers.
pub(super) type Matches = BTreeMap<usize, Count>;

/// How many files of a package a rule matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    Files(u64),
    /// They could not be looked up.
    Failed,
    /// They were not looked up.
    Open,
}

/// Decides on the files of the package at `index`. `reason` is that of the verdict on the package.
#[must_use]
pub(super) fn trim(judge: &Judge<'_>, policy: &Policy, index: usize, answers: &Answers, reason: Reason) -> Trimmed {
    let rules = answers.files_rules(|truth| truth == Truth::Yes).map(|number| (number, &policy.files[number]));
    let rules: Vec<(usize, &FileRule)> = rules.collect();
    if rules.is_empty() || !may_be_trimmed(judge, index, answers, reason) {
        return Trimmed::default();
    }
    let package = judge.field.known[index].package;
    let all =
        |count| Trimmed { decisions: Vec::new(), matches: rules.iter().map(|(number, _)| (*number, count)).collect() };
    let files = match judge.field.evidence.files(package.id) {
        Some(Lookup::Found(files)) => files,
        Some(Lookup::Failed) => return all(Count::Failed),
        None => return all(Count::Open),
    };
    let file_judge = FileJudge::new(package, files, rules, &policy.limits.min_age, judge.in_force);
    let decision = |(file, reason): (&PackageFile, FileReason)| FileDecision {
        package: package.id,
        project: package.project.id,
        file: file.clone(),
        reason,
    };
    let mut decisions: Vec<FileDecision> = files.iter().zip(file_judge.reasons()).map(decision).collect();
    decisions.sort_by_key(|decision| decision.file.id);
    Trimmed {
        decisions,
        matches: file_judge.rules().iter().map(|rule| (rule.number, Count::Files(rule.files))).collect(),
    }
}

/// Returns whether files may be taken of the package: it stays, clients can install it, and it is certain that nothing
/// protects it and that no release links to it.
fn may_be_trimmed(judge: &Judge<'_>, index: usize, answers: &Answers, reason: Reason) -> bool {
    let package = judge.field.known[index].package;
    reason.verdict() == Verdict::Keep
        && !judge.field.inventory.has_fewer_holds(package.project.id)
        && !judge.field.inventory.is_loosened(package.project.id)
        && judge.field.is_installable(index)
        && !answers.is_protected(|truth| truth != Truth::No)
        && judge.field.evidence.protected(package) == Protected::No
        && judge.field.evidence.released(package) == Released::No
}

/// Returns the rules that may take files of the package at `index`, as far as the listing tells.
pub(super) fn candidates<'a>(
    judge: &Judge<'_>,
    policy: &'a Policy,
    index: usize,
    answers: &Answers,
) -> Vec<(usize, &'a FileRule)> {
    let is_held = answers.is_protected(|truth| matches!(truth, Truth::Yes | Truth::Unknown));
    if is_held || !judge.field.is_installable(index) {
        return Vec::new();
    }
    let may_match = |truth| matches!(truth, Truth::Yes | Truth::Pending);
    answers.files_rules(may_match).map(|number| (number, &policy.files[number])).collect()
}
