//! Nothing goes that was not positively selected, and nothing that isn't known is taken for a reason to delete.

use std::collections::BTreeSet;

use gleaner::package::{Downloaded, Evidence, Lookup, Package, PackageId, PackageType, Status};
use gleaner::plan::{Inquiry, Reason, Verdict, further, plan, rivals};
use gleaner::policy::{Condition, DeleteRule};
use gleaner_oracle::facts::{Growth, growth, has_unknown_age};
use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;

use super::many;
use crate::plan::generate::cases;

proptest! {
    #![proptest_config(many())]

    #[test]
    fn every_deletion_is_in_scope_and_selected_and_nothing_protected_goes(case in cases()) {
        let cycle = case.cycle();
        let oracle = cycle.oracle();
        for decision in cycle.plan().deletions() {
            let package = &decision.package;
            prop_assert!(oracle.is_in_scope(package));
            prop_assert_eq!(oracle.protecting_rule(package), None);
            let Reason::Selected(number) = decision.reason else { panic!("{:?} deletes nothing", decision.reason) };
            prop_assert!(oracle.selects(&cycle.policy().delete[number], package));
        }
    }

    /// Whatever the look-ups bring: the package's files, those of any other package, a failure, or nothing at all.
    #[test]
    fn the_shortlist_has_every_deletion(case in cases(), answers in vec((0..18_u64, 0..18_u64), 14)) {
        let cycle = case.cycle();
        let listed: BTreeSet<PackageId> = cycle
            .estimate()
            .decisions
            .iter()
            .filter(|decision| decision.verdict() == Verdict::Delete)
            .map(|decision| decision.package.id)
            .collect();
        let mut evidence = cycle.nothing_known();
        for (package, (files, pipelines)) in cycle.inventory().packages().iter().zip(answers) {
            let has_files = growth(&package.package_type) != Growth::InPlace;
            if let Some(files) = cycle.files.get(&PackageId(files)).filter(|_| has_files) {
                evidence.record_files(package.id, files.lookup());
            }
            if let Some(pipelines) = cycle.pipelines.get(&PackageId(pipelines)) {
                evidence.record_pipeline(package.id, pipelines.lookup());
            }
            if let Some(downloads) = cycle.downloads.get(&package.id) {
                evidence.record_downloaded(package.id, downloads.lookup());
            }
            if let Some(rules) = cycle.protection.get(&package.project.id) {
                evidence.record_protection(package.project.id, rules.lookup());
            }
            if let Some(releases) = cycle.releases.get(&package.project.id) {
                evidence.record_releases(package.project.id, releases.lookup());
            }
        }
        for (pipeline, ran) in &cycle.kinds {
            evidence.record_kind(*pipeline, ran.lookup());
        }
        for package in cycle.inventory().packages() {
            cycle.answer_everything_of_branch(package, &mut evidence);
        }
        let plan = plan(cycle.in_force(), cycle.inventory(), &evidence);
        for decision in plan.deletions() {
            prop_assert!(listed.contains(&decision.package.id), "{}", decision.package.id);
        }
    }

    /// Composer's packages have no files. Of rivals it is dates that are asked for, unless a rule counts by size; where files
    /// can't come later the row has them. Nothing is asked twice.
    #[test]
    fn nothing_is_asked_in_vain(case in cases()) {
        let cycle = case.cycle();
        let inventory = cycle.inventory();
        let growth_of = |id: &PackageId| {
            let package = inventory.packages().iter().find(|package| package.id == *id).expect("it was listed");
            growth(&package.package_type)
        };
        let (_, asked) = cycle.look_up(&inventory);
        prop_assert!(asked.files.iter().all(|id| growth_of(id) != Growth::InPlace));
        let mut evidence = cycle.nothing_known();
        let first = cycle.answer(cycle.shortlist(), &mut evidence);
        let mut refs = first.refs();
        let mut branches = first.branches.clone();
        for _ in 0..Inquiry::FURTHER {
            let questions = further(cycle.in_force(), &inventory, &evidence);
            let later = cycle.answer(questions, &mut evidence);
            prop_assert!(later.refs().is_disjoint(&refs), "{:?} again", later.kinds);
            prop_assert!(later.branches.is_disjoint(&branches), "{:?} again", later.branches);
            prop_assert!(later.files.is_empty() && later.pipelines.is_empty() && later.releases.is_empty());
            refs.extend(later.refs());
            branches.extend(later.branches);
        }
        prop_assert!(further(cycle.in_force(), &inventory, &evidence).is_empty(), "another round is needed");
        let second = rivals(cycle.in_force(), &inventory, &evidence);
        prop_assert!(second.kinds.is_empty(), "{:?}", second.kinds);
        let is_size = |condition: &Condition| matches!(condition, Condition::LargerThan(_));
        let counts_by_size = cycle.policy().keep.iter().any(|rule| rule.hold.conditions.iter().any(is_size));
        prop_assert!(second.files.iter().all(|id| counts_by_size || growth_of(id) == Growth::ByFiles));
        prop_assert!(second.files.is_disjoint(&first.files), "{:?} again", second.files);
        prop_assert!(second.pipelines.is_disjoint(&first.pipelines), "{:?} again", second.pipelines);
        prop_assert!(second.downloads.is_disjoint(&first.downloads), "{:?} again", second.downloads);
        prop_assert!(second.releases.is_disjoint(&first.releases), "{:?} again", second.releases);
        prop_assert!(second.protection.is_disjoint(&first.protection), "{:?} again", second.protection);
    }

    #[test]
    fn nothing_unknown_or_missing_goes(case in cases()) {
        let cycle = case.cycle();
        for decision in cycle.plan().deletions() {
            let package = &decision.package;
            prop_assert!(cycle.rows.iter().all(|row| row.id != package.id || row == package), "it never changed");
            prop_assert_eq!(package.unreadable, None);
            prop_assert!(package.version.is_some());
            prop_assert!(matches!(package.status, Status::Default | Status::Error | Status::Deprecated));
            prop_assert!(dates_of(package).all(|date| is_sane(date, cycle.now)));
            let oracle = cycle.oracle();
            prop_assert!(!oracle.failed.contains(&package.id), "a failed look-up keeps its package");
            if growth(&package.package_type) == Growth::ByFiles {
                match &oracle.files[&package.id] {
                    Lookup::Found(files) => prop_assert!(files.iter().all(|file| is_sane(file.created_at, cycle.now))),
                    Lookup::Failed => prop_assert!(false, "a failed look-up keeps its package"),
                }
            }
            let Reason::Selected(number) = decision.reason else { panic!("{:?} deletes nothing", decision.reason) };
            let rule = &cycle.policy().delete[number];
            if matches!(package.package_type, PackageType::MlModel | PackageType::Other(_)) {
                prop_assert!(names(rule, &package.package_type));
            }
            if has_unknown_age(package) {
                prop_assert!(rule.conditions.contains(&Condition::UnknownAge));
                prop_assert!(cycle.policy().limits.min_age.before(cycle.now) >= package.created_at);
            }
            if matches!(package.package_type, PackageType::Debian | PackageType::Helm) && package.status != Status::Error {
                prop_assert!(rule.other_indexes);
            }
            if package.project.path.is_none() {
                prop_assert!(!rule.conditions.iter().any(|condition| matches!(condition, Condition::Project(_))));
            }
            if matches!(decision.downloaded, Downloaded::Unknown | Downloaded::NotListed) {
                prop_assert!(!rule.conditions.iter().any(asks_for_downloads));
            }
        }
    }

    /// A shell that looked nothing up has no reason to delete: GitLab may protect every package.
    #[test]
    fn without_evidence_nothing_goes(case in cases()) {
        let cycle = case.cycle();
        let plan = plan(cycle.in_force(), cycle.inventory(), &Evidence::none());
        prop_assert_eq!(plan.deletions().count(), 0);
    }
}

/// The dates of the listing; one that must be there and isn't is `None`.
fn dates_of(package: &Package) -> impl Iterator<Item = Option<Timestamp>> {
    let downloaded = match package.downloaded {
        Downloaded::At(date) => Some(Some(date)),
        Downloaded::Unreadable => Some(None),
        Downloaded::Never | Downloaded::Unknown | Downloaded::NotListed => None,
    };
    std::iter::once(package.created_at).chain(downloaded)
}

fn is_sane(date: Option<Timestamp>, now: Timestamp) -> bool {
    date.is_some_and(|date| date <= now && date.to_string().as_str() >= "2011")
}

fn names(rule: &DeleteRule, package_type: &PackageType) -> bool {
    rule.conditions.iter().any(|condition| match condition {
        Condition::Type(types) => types.contains(package_type),
        _ => false,
    })
}

fn asks_for_downloads(condition: &Condition) -> bool {
    matches!(condition, Condition::NotDownloadedFor(_) | Condition::DownloadedWithin(_) | Condition::NeverDownloaded)
}
