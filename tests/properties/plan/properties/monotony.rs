//! What can only save packages, and what can only doom them.

use gleaner::package::{FileId, PackageFile, PackageId, ProjectId, Topics};
use gleaner::plan::plan;
use gleaner_oracle::facts::{Growth, growth};
use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::many;
use crate::plan::generate::{
    Branches, Language, about_branches, answer_about_topics, cases, cases_of, in_use_line, policies,
};

proptest! {
    #![proptest_config(many())]

    #[test]
    fn a_missed_package_never_dooms_another(case in cases(), missed in any::<u16>()) {
        let cycle = case.cycle();
        let missed = (1..=16_u64).filter(|id| missed >> (id - 1) & 1 == 1).map(PackageId).collect();
        let doomed = cycle.without(&missed).deleted();
        prop_assert!(doomed.is_subset(&cycle.deleted()));
    }

    /// Whatever is refused to whom asks: files, pipelines, what those ran for, releases, branches.
    #[test]
    fn a_look_up_that_fails_never_dooms_a_package(case in cases(), refused in any::<[u16; 5]>()) {
        let cycle = case.cycle();
        let is_refused = |of: usize, id: u64| refused[of] >> (id % 16) & 1 == 1;
        let mut worse = cycle.clone();
        worse.files.iter_mut().for_each(|(id, files)| files.can_be_read &= !is_refused(0, id.0));
        worse.pipelines.iter_mut().for_each(|(id, pipelines)| pipelines.can_be_read &= !is_refused(1, id.0));
        worse.releases.iter_mut().for_each(|(id, releases)| releases.can_be_read &= !is_refused(2, id.0));
        worse.kinds.iter_mut().for_each(|(pipeline, ran)| ran.can_be_read &= !is_refused(3, pipeline.id));
        for (project, branches) in &mut worse.branches {
            branches.list_can_be_read &= !is_refused(4, project.0);
            branches.protected_can_be_read &= !is_refused(4, project.0 + 5);
            branches.alone_can_be_read &= !is_refused(4, project.0 + 10);
        }
        prop_assert!(worse.deleted().is_subset(&cycle.deleted()));
        prop_assert!(worse.trimmed().is_subset(&cycle.trimmed()));
    }

    #[test]
    fn keeping_more_versions_never_deletes_more(case in cases(), more in 1..3_u32) {
        let cycle = case.cycle();
        for rule in 0..cycle.policy().keep.len() {
            let mut generous = cycle.clone();
            if let Some(newest) = &mut generous.policy_mut().keep[rule].newest {
                newest.count = newest.count.saturating_add(more);
            }
            prop_assert!(generous.deleted().is_subset(&cycle.deleted()));
        }
    }

    #[test]
    fn keeping_more_series_never_deletes_more(case in cases(), more in 1..3_u32) {
        let cycle = case.cycle();
        for rule in 0..cycle.policy().keep.len() {
            for last in [Some(more), None] {
                let mut generous = cycle.clone();
                if let Some(newest) = &mut generous.policy_mut().keep[rule].newest {
                    newest.last_series = newest.last_series.zip(last).map(|(last, more)| last.saturating_add(more));
                }
                prop_assert!(generous.deleted().is_subset(&cycle.deleted()));
            }
        }
    }

    /// People change the topics of a project while it is asked about. Whatever one more answer tells, it saves.
    #[test]
    fn one_more_answer_about_topics_never_deletes_more(
        case in cases(),
        project in 1..=3_u64,
        answer in answer_about_topics(),
    ) {
        let cycle = case.cycle();
        let mut asked = cycle.clone();
        for row in asked.rows.iter_mut().filter(|row| row.project.id == ProjectId(project)) {
            let before = row.project.topics.told().map(|topics| Some(topics.to_vec()));
            let unknown = (!row.project.topics.is_known()).then_some(None);
            row.project.topics = Topics::of(before.chain(unknown).chain([answer.clone()]).collect::<Vec<_>>());
        }
        prop_assert!(asked.deleted().is_subset(&cycle.deleted()));
    }

    /// A state that is lost takes the marks with it. What was default once is no mark.
    #[test]
    fn what_is_forgotten_of_branches_never_dooms_a_package(case in cases_of(about_branches())) {
        let mut cycle = case.cycle();
        cycle.branches.values_mut().for_each(Branches::made_plain);
        let mut forgetful = cycle.clone();
        for marked in forgetful.seen.0.values_mut() {
            marked.gone.clear();
        }
        prop_assert!(forgetful.deleted().is_subset(&cycle.deleted()));
    }

    #[test]
    fn another_rule_that_saves_never_deletes_more(case in cases(), rule in any::<Index>()) {
        let cycle = case.cycle();
        let deleted = cycle.deleted();
        if !cycle.policy().keep.is_empty() {
            let mut without_rule = cycle.clone();
            without_rule.policy_mut().keep.remove(rule.index(cycle.policy().keep.len()));
            prop_assert!(deleted.is_subset(&without_rule.deleted()));
        }
        if !cycle.set.protections.is_empty() {
            let mut unprotected = cycle.clone();
            unprotected.set.protections.remove(rule.index(cycle.set.protections.len()));
            prop_assert!(deleted.is_subset(&unprotected.deleted()));
        }
    }

    #[test]
    fn what_more_is_in_use_never_dooms_a_package(case in cases(), more in vec(in_use_line(), 1..6)) {
        let cycle = case.cycle();
        prop_assume!(cycle.in_use.is_usable());
        let held = cycle.using(cycle.in_use.with(&more));
        prop_assert!(held.deleted().is_subset(&cycle.deleted()));
        prop_assert!(held.trimmed().is_subset(&cycle.trimmed()));
        // Where nobody knows what is in use, no more goes than with any list.
        let unknown = cycle.using(cycle.in_use.gone());
        prop_assert!(unknown.deleted().is_subset(&held.deleted()));
    }

    /// By the same answers: a rule less asks less, and what is not asked can't fail, which would have kept a package.
    #[test]
    fn one_delete_rule_less_never_deletes_more(case in cases(), rule in any::<Index>()) {
        let cycle = case.cycle();
        let mut shorter = cycle.clone();
        shorter.policy_mut().delete.remove(rule.index(cycle.policy().delete.len()));
        let inventory = cycle.inventory();
        let (evidence, _) = cycle.look_up(&inventory);
        let plan = plan(shorter.in_force(), inventory, &evidence);
        prop_assert!(plan.deletions().all(|decision| cycle.deleted().contains(&decision.package.id)));
    }

    /// Under rules that time can only make harsher. A rule that holds up to an age, or keeps from an age on, may well
    /// spare tomorrow what it takes today; and so may a look-up that nobody needed today and that fails tomorrow.
    #[test]
    fn a_later_day_never_deletes_less(case in cases_of(policies(Language::OnlyHarsherWithTime, 1)), hours in 0..3000_i64) {
        let cycle = case.cycle().with_every_answer();
        let mut later = cycle.clone();
        later.now = cycle.now + SignedDuration::from_hours(hours);
        prop_assert!(cycle.deleted().is_subset(&later.deleted()));
    }

    /// Under rules that can only get harsher with age. What competes with it may well go.
    #[test]
    fn a_new_file_never_dooms_its_package(
        case in cases_of(policies(Language::OnlyHarsherWithTime, 1)),
        package in any::<Index>(),
        days in 0..500_i64,
    ) {
        let cycle = case.cycle().with_every_answer();
        let package = package.get(&cycle.rows).clone();
        prop_assume!(growth(&package.package_type) != Growth::InPlace);
        let mut grown = cycle.clone();
        // A size would be a reason of its own, as would a name.
        let file = PackageFile {
            id: FileId(1_000_000),
            name: Some("new.tgz".to_owned()),
            size: Some(0),
            created_at: Some(cycle.now - SignedDuration::from_hours(24 * days)), sha256: None };
        grown.files.get_mut(&package.id).expect("every package has a list").all.push(file);
        prop_assert!(!grown.deleted().contains(&package.id) || cycle.deleted().contains(&package.id));
        if growth(&package.package_type) == Growth::AtOnce {
            prop_assert_eq!(grown.deleted(), cycle.deleted());
        }
    }
}
