//! What `files` rules may take, and what they never do.

use std::collections::{BTreeMap, BTreeSet};

use gleaner::package::{FileId, PackageFile, PackageId, PackageType};
use gleaner::plan::{FileDecision, FileReason, Verdict};
use gleaner::policy::Together;
use gleaner_oracle::Ruling;
use gleaner_oracle::files::{height, key, order, without_ending};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::many;
use crate::plan::generate::{Case, Language, cases, cases_of, piled_cases, piles, policies};

proptest! {
    #![proptest_config(many())]

    #[test]
    fn every_file_has_the_fate_that_the_oracle_expects(case in any_cases()) {
        let cycle = case.cycle();
        let told: BTreeMap<(PackageId, FileId), Ruling> = cycle
            .plan()
            .file_decisions()
            .iter()
            .map(|file| ((file.package, file.file.id), Ruling { code: file.reason.code(), rule: file.reason.rule() }))
            .collect();
        prop_assert_eq!(told, cycle.oracle().file_rulings());
    }

    #[test]
    fn nothing_goes_of_what_is_deleted_protected_released_or_not_believed(case in any_cases()) {
        let cycle = case.cycle();
        let (plan, oracle) = (cycle.plan(), cycle.oracle());
        for file in plan.file_deletions() {
            let decision = plan.decision(file.package).expect("its package is in the plan");
            prop_assert_eq!(decision.verdict(), Verdict::Keep);
            prop_assert!(oracle.may_be_trimmed(&decision.package));
            prop_assert!(oracle.is_in_scope(&decision.package));
        }
    }

    #[test]
    fn every_package_keeps_a_file_and_its_metadata(case in any_cases()) {
        let plan = case.cycle().plan();
        for files in of_packages(plan.file_decisions()) {
            let of_verdict = |verdict| files.iter().filter(move |file| file.verdict() == verdict);
            prop_assert!(!of_verdict(Verdict::Delete).any(|file| is_metadata(&file.file)));
            let goes = of_verdict(Verdict::Delete).any(|file| is_content(&file.file));
            prop_assert!(!goes || of_verdict(Verdict::Keep).any(|file| is_content(&file.file)));
        }
    }

    #[test]
    fn what_goes_is_named_dated_and_no_longer_fresh(case in any_cases()) {
        let cycle = case.cycle();
        let min_age = &cycle.policy().limits.min_age;
        for file in cycle.plan().file_deletions().map(|decision| &decision.file) {
            prop_assert!(file.name.is_some());
            let date = file.created_at.expect("what has no date stays");
            prop_assert!(date <= cycle.now && date.to_string().as_str() >= "2011");
            prop_assert!(min_age.before(cycle.now).is_some_and(|limit| date <= limit), "{}", date);
        }
    }

    /// Of one rule alone: another may take what the first keeps.
    #[test]
    fn the_newest_of_each_key_or_package_stay(case in piled_cases(1..=1)) {
        let cycle = case.cycle();
        let rule = &cycle.policy().files[0];
        let plan = cycle.plan();
        for files in of_packages(plan.file_decisions()) {
            let package = &plan.decision(files[0].package).expect("its package is in the plan").package;
            let mut keys: BTreeMap<Vec<String>, Vec<&FileDecision>> = BTreeMap::new();
            for file in files.iter().filter(|file| is_content(&file.file)) {
                let name = file.file.name.as_deref().unwrap_or_default();
                let is_sane = file.file.created_at.is_some_and(|date| date <= cycle.now && date.to_string().as_str() >= "2011");
                if is_sane && rule.file.as_ref().is_none_or(|patterns| patterns.matches(name)) {
                    let key = if rule.together == Together::Package { Vec::new() } else { key(package, &file.file) };
                    keys.entry(key).or_default().push(file);
                }
            }
            for mut members in keys.into_values() {
                let newest = |members: &[&FileDecision]| {
                    members.iter().rev().take(rule.keep_newest as usize).all(|file| file.verdict() == Verdict::Keep)
                };
                members.sort_by_key(|file| order(&file.file));
                prop_assert!(newest(&members));
                members.sort_by_key(|file| height(package, &file.file));
                prop_assert!(newest(&members));
            }
        }
    }

    /// Where files of all names are counted together, no id tells which of two is the newer.
    #[test]
    fn files_of_one_instant_share_their_fate_where_a_package_is_counted(case in piled_cases(1..=1)) {
        let mut cycle = case.cycle();
        let rule = &mut cycle.policy_mut().files[0];
        (rule.package_type, rule.together) = (PackageType::Generic, Together::Package);
        let plan = cycle.plan();
        for files in of_packages(plan.file_decisions()) {
            let ranked = |file: &&FileDecision| {
                matches!(file.reason, FileReason::Newest { .. } | FileReason::TooYoung { .. } | FileReason::Selected { .. })
            };
            for one in files.iter().filter(ranked) {
                for other in files.iter().filter(ranked).filter(|other| other.file.created_at == one.file.created_at) {
                    prop_assert_eq!(one.reason, other.reason);
                }
            }
        }
    }

    /// Nothing else keeps a checksum than its own date, and nothing but its file takes it.
    #[test]
    fn a_checksum_goes_with_the_last_file_that_it_may_be_of(case in any_cases()) {
        let plan = case.cycle().plan();
        for files in of_packages(plan.file_decisions()) {
            for file in files.iter().filter(|file| is_companion(&file.file)) {
                let owners = owners(file, files);
                let all_go = !owners.is_empty() && owners.iter().all(|owner| owner.verdict() == Verdict::Delete);
                let by_itself = matches!(
                    file.reason,
                    FileReason::MinAge | FileReason::SenselessDates | FileReason::Metadata
                );
                prop_assert_eq!(file.verdict() == Verdict::Delete, all_go && !by_itself, "{:?}", file);
                prop_assert!(owners.iter().all(|owner| file.accompanies(owner)));
                prop_assert!(owners.iter().all(|owner| file.turn() < owner.turn()), "{:?} goes after its file", file);
            }
        }
    }

    /// But for a checksum of one that was missed: nothing tells that it had a second file. And but for what is left where all
    /// metadata was missed: nothing tells that a deployment broke off. Both are seen by the look before the deletion.
    #[test]
    fn a_missed_file_never_dooms_another(case in piled_cases(1..=3), missed in vec(any::<Index>(), 1..5)) {
        let cycle = case.cycle();
        let all: Vec<(PackageId, &PackageFile)> =
            cycle.files.iter().flat_map(|(package, files)| files.all.iter().map(|file| (*package, file))).collect();
        prop_assume!(!all.is_empty());
        let missed: Vec<(PackageId, &PackageFile)> = missed.iter().map(|index| *index.get(&all)).collect();
        let ids = missed.iter().map(|(package, file)| (*package, file.id)).collect();
        let whole = cycle.trimmed();
        let less = cycle.without_files(&ids);
        for (package, id) in less.trimmed() {
            let has_index = |files: &[PackageFile]| files.iter().any(|file| file.name.as_deref() == Some(INDEX));
            if has_index(&cycle.files[&package].all) && !has_index(&less.files[&package].all) {
                continue;
            }
            let file = cycle.files[&package].all.iter().find(|file| file.id == id).expect("it is there");
            let belongs_to_missed = missed.iter().any(|(of, other)| *of == package && belongs(file, other));
            prop_assert!(whole.contains(&(package, id)) || belongs_to_missed, "{:?}", file);
        }
    }

    /// It is gone with its package, or for itself.
    #[test]
    fn a_missed_package_dooms_no_file(case in any_cases(), missed in any::<u16>()) {
        let cycle = case.cycle();
        let missed = (1..=16_u64).filter(|id| missed >> (id - 1) & 1 == 1).map(PackageId).collect();
        let (whole, packages) = (cycle.trimmed(), cycle.deleted());
        for (package, file) in cycle.without(&missed).trimmed() {
            prop_assert!(whole.contains(&(package, file)) || packages.contains(&package));
        }
    }

    /// Under one rule. Where it is that of another, what was the last file may no longer be.
    #[test]
    fn keeping_more_files_never_deletes_more(case in piled_cases(1..=1), more in 1..3_u32) {
        let cycle = case.cycle();
        let mut generous = cycle.clone();
        let rule = &mut generous.policy_mut().files[0];
        rule.keep_newest = rule.keep_newest.saturating_add(more);
        prop_assert!(generous.trimmed().is_subset(&cycle.trimmed()));
    }

    #[test]
    fn what_is_left_is_left_by_the_next_plan_too(case in piled_cases(1..=3)) {
        let cycle = case.cycle();
        prop_assert_eq!(cycle.without_files(&cycle.trimmed()).trimmed(), BTreeSet::new());
    }

    #[test]
    fn the_order_of_a_packages_files_makes_no_difference(case in any_cases(), order in vec(any::<u32>(), 16)) {
        let cycle = case.cycle();
        let mut shuffled = cycle.clone();
        for files in shuffled.files.values_mut() {
            let mut placed: Vec<_> = order.iter().cycle().zip(files.all.drain(..)).collect();
            placed.sort_by_key(|(place, _)| **place);
            files.all = placed.into_iter().map(|(_, file)| file).collect();
        }
        let (plan, shuffled) = (cycle.plan(), shuffled.plan());
        prop_assert_eq!(plan.file_decisions(), shuffled.file_decisions());
        prop_assert_eq!(format!("{:?}", cycle.plan()), format!("{:?}", cycle.plan()));
    }

    /// What the first policy takes is gone for the second.
    #[test]
    fn the_next_policy_counts_what_is_left(case in (policies(Language::Files, 2), piles())) {
        let (texts, registry) = case;
        let mut cycle = Case { texts, registry }.cycle();
        let gone = cycle.trimmed();
        cycle.set.policies.remove(0);
        let inventory = cycle.inventory();
        let (evidence, _) = cycle.look_up(&inventory);
        let evidence = evidence.without(&gone.iter().map(|(_, file)| *file).collect());
        let plan = gleaner::plan::plan(cycle.in_force(), inventory, &evidence);
        let left = cycle.without_files(&gone).plan();
        prop_assert_eq!(plan.file_decisions(), left.file_decisions());
    }
}

const INDEX: &str = "maven-metadata.xml";

/// Small registries in which much is wrong, and packages with piles of files.
fn any_cases() -> impl Strategy<Value = Case> {
    let files = policies(Language::Files, 1);
    let piled = (policies(Language::Files, 1), piles());
    prop_oneof![
        1 => cases(),
        1 => cases_of(files),
        2 => piled.prop_map(|(texts, registry)| Case { texts, registry }),
        1 => piled_cases(1..=3),
    ]
}

fn of_packages(files: &[FileDecision]) -> impl Iterator<Item = &[FileDecision]> {
    files.chunk_by(|one, other| one.package == other.package)
}

fn is_metadata(file: &PackageFile) -> bool {
    let mut name = file.name.as_deref().unwrap_or_default();
    while let Some(shorter) = without_ending(name) {
        name = shorter;
    }
    name == INDEX
}

fn is_content(file: &PackageFile) -> bool {
    file.name.as_deref().is_some_and(|name| without_ending(name).is_none()) && !is_metadata(file)
}

/// Whether a checksum is one of the other file, or of a signature of it.
fn belongs(checksum: &PackageFile, other: &PackageFile) -> bool {
    let mut name = checksum.name.as_deref().unwrap_or_default();
    while let Some(shorter) = without_ending(name) {
        if other.name.as_deref() == Some(shorter) {
            return true;
        }
        name = shorter;
    }
    false
}

/// What a checksum belongs to first of all: `app.jar.asc` for `app.jar.asc.md5`, if it is there.
fn owners<'f>(checksum: &FileDecision, files: &'f [FileDecision]) -> Vec<&'f FileDecision> {
    let mut name = checksum.file.name.as_deref().unwrap_or_default();
    while let Some(shorter) = without_ending(name) {
        let owners: Vec<_> = files.iter().filter(|file| file.file.name.as_deref() == Some(shorter)).collect();
        if !owners.is_empty() {
            return owners;
        }
        name = shorter;
    }
    Vec::new()
}

fn is_companion(file: &PackageFile) -> bool {
    file.name.as_deref().is_some_and(|name| without_ending(name).is_some())
}
