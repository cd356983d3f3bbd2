//! Nothing goes that was not positively selected, and nothing that isn't known is taken for a reason to delete.

use std::collections::BTreeSet;

use gleaner::package::{Downloaded, Package, PackageId, PackageType, Status};
use gleaner::plan::{Evidence, Lookup, Reason, Verdict, plan};
use gleaner::policy::{Condition, DeleteRule};
use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;

use super::many;
use crate::generate::cases;

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
            prop_assert!(oracle.selects(&cycle.policy.delete[number], package));
        }
    }

    /// Whatever the look-ups bring: the package's files, a failure, nothing at all, or, where files can be added later,
    /// those of any other package.
    #[test]
    fn the_shortlist_has_every_deletion(case in cases(), answers in vec(0..18_u64, 14)) {
        let cycle = case.cycle();
        let shortlist = cycle.shortlist();
        let listed: BTreeSet<PackageId> = shortlist
            .decisions
            .iter()
            .filter(|decision| decision.verdict() == Verdict::Delete)
            .map(|decision| decision.package.id)
            .collect();
        let mut evidence = Evidence::none();
        for (package, of) in cycle.inventory().packages().iter().zip(answers) {
            let of = if package.package_type.gains_files() || of == 0 { PackageId(of) } else { package.id };
            if let Some(files) = cycle.files.get(&of) {
                evidence.record_files(package.id, files.lookup());
            }
            if let Some(pipelines) = cycle.pipelines.get(&of) {
                evidence.record_pipeline(package.id, pipelines.lookup());
            }
            if let Some(releases) = cycle.releases.get(&package.project.id) {
                evidence.record_releases(package.project.id, releases.lookup());
            }
        }
        let plan = plan(&cycle.set, &cycle.policy, cycle.inventory(), &evidence, cycle.now);
        for decision in plan.deletions() {
            prop_assert!(listed.contains(&decision.package.id), "{}", decision.package.id);
        }
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
            prop_assert!(!cycle.oracle().failed.contains(&package.id), "a failed look-up keeps its package");
            match cycle.oracle().files.get(&package.id) {
                Some(Lookup::Found(files)) => prop_assert!(files.iter().all(|file| is_sane(file.created_at, cycle.now))),
                Some(Lookup::Failed) => prop_assert!(false, "a failed look-up keeps its package"),
                None => prop_assert!(!package.package_type.gains_files()),
            }
            let Reason::Selected(number) = decision.reason else { panic!("{:?} deletes nothing", decision.reason) };
            let rule = &cycle.policy.delete[number];
            if matches!(package.package_type, PackageType::MlModel | PackageType::Other(_)) {
                prop_assert!(names(rule, &package.package_type));
            }
            if package.project.path.is_none() {
                prop_assert!(!rule.conditions.iter().any(|condition| matches!(condition, Condition::Project(_))));
            }
            if package.downloaded == Downloaded::Unknown {
                prop_assert!(!rule.conditions.iter().any(asks_for_downloads));
            }
        }
    }

    /// A shell that looked nothing up has no reason to delete what may have got a file this morning.
    #[test]
    fn without_evidence_no_package_goes_that_can_gain_files(case in cases()) {
        let cycle = case.cycle();
        let plan = plan(&cycle.set, &cycle.policy, cycle.inventory(), &Evidence::none(), cycle.now);
        for decision in plan.deletions() {
            prop_assert!(!decision.package.package_type.gains_files(), "{}", decision.package.id);
        }
    }
}

/// The dates of the listing; one that must be there and isn't is `None`.
fn dates_of(package: &Package) -> impl Iterator<Item = Option<Timestamp>> {
    let downloaded = match package.downloaded {
        Downloaded::At(date) => Some(Some(date)),
        Downloaded::Unreadable => Some(None),
        Downloaded::Never | Downloaded::Unknown => None,
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
