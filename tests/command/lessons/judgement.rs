//! The pure core: a policy's rules and rows in, what goes and why out.

use std::collections::{BTreeMap, BTreeSet};

use gleaner::package::{Evidence, FileId, Lookup, Package, PackageFile, PackageType};
use gleaner::plan::{Plan, because, plan};
use gleaner::policy::PolicySet;
use gleaner::yaml::Source;
use gleaner_support::{inventory, package, parsed};
use jiff::{SignedDuration, Timestamp};

/// 2025-06-01, at midnight UTC.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_748_736_000, 0);

pub(crate) fn hours_ago(hours: i64) -> Timestamp {
    NOW - SignedDuration::from_hours(hours)
}

pub(crate) fn days_ago(days: i64) -> Timestamp {
    hours_ago(24 * days)
}

/// A version of the npm package `app`, never downloaded.
pub(crate) fn row(id: u64, version: &str, created_at: Timestamp) -> Package {
    Package {
        package_type: PackageType::Npm,
        name: "app".to_owned(),
        version: Some(version.to_owned()),
        created_at: Some(created_at),
        ..package(id)
    }
}

pub(crate) fn file(id: u64, name: &str, created_at: Option<Timestamp>) -> PackageFile {
    PackageFile { id: FileId(id), name: Some(name.to_owned()), size: Some(1_000), created_at, sha256: None }
}

/// A policy for the group `acme` that may delete.
pub(crate) fn policy(rules: &str) -> String {
    format!("version: 1\nmode: delete\nscope: {{ group: acme }}\n{rules}\n")
}

pub(crate) fn parse(texts: &[&str]) -> PolicySet {
    let sources: Vec<Source> =
        texts.iter().enumerate().map(|(number, text)| Source::new(format!("p{number}.yaml"), *text)).collect();
    parsed(&sources)
}

/// A plan, and what it was made from.
pub(crate) struct Judgement {
    pub(crate) set: PolicySet,
    pub(crate) plan: Plan,
    now: Timestamp,
}

/// Plans on rows that may repeat, whose packages have no files.
pub(crate) fn judge(rules: &str, rows: impl IntoIterator<Item = Package>) -> Judgement {
    judge_set(parse(&[&policy(rules)]), rows, &[], NOW)
}

/// Plans the first policy of a set. Every package was looked up, and has the files that are named with its id.
pub(crate) fn judge_set(
    set: PolicySet,
    rows: impl IntoIterator<Item = Package>,
    files: &[(u64, PackageFile)],
    now: Timestamp,
) -> Judgement {
    let inventory = inventory(&set, rows);
    let mut evidence = Evidence::none();
    for package in inventory.packages() {
        let own = files.iter().filter(|(id, _)| *id == package.id.0).map(|(_, file)| file.clone());
        evidence.record_files(package.id, Lookup::Found(own.collect()));
        evidence.record_protection(package.project.id, Lookup::Found(Vec::new()));
    }
    let plan = plan(set.policies_at(now).next().unwrap(), inventory, &evidence);
    Judgement { set, plan, now }
}

impl Judgement {
    /// The ids of what goes.
    pub(crate) fn gone(&self) -> BTreeSet<u64> {
        self.plan.deletions().map(|decision| decision.package.id.0).collect()
    }

    /// The reason's code for every package.
    pub(crate) fn reasons(&self) -> BTreeMap<u64, &'static str> {
        self.plan.decisions().iter().map(|decision| (decision.package.id.0, decision.reason.code())).collect()
    }

    /// Why each package stays or goes, in words.
    pub(crate) fn told(&self) -> Vec<String> {
        let decisions = self.plan.decisions().iter();
        let in_force = self.set.policies_at(self.now).next().unwrap();
        decisions.map(|decision| because(decision, in_force)).collect()
    }

    /// The limit that refuses the plan, what it allows and what the plan came to.
    pub(crate) fn refusal(&self) -> Option<(String, u64, Option<u64>)> {
        let refusal = self.plan.approve(&self.set.policies[0].limits).err()?;
        Some((refusal.limit.to_string(), refusal.allowed, refusal.wanted))
    }
}
