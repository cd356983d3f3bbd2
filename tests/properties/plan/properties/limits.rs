//! A plan is refused exactly when it is beyond its limits.

use std::collections::BTreeSet;

use gleaner::package::ProjectId;
use gleaner::plan::{Decision, ItemId, LimitName, Plan};
use gleaner::policy::Limits;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::many;
use crate::plan::generate::{Case, Cycle, cases, crowd, limits};

/// What a policy says of its limits, or the default where it says nothing.
#[derive(Debug, Clone, Copy)]
struct Stated {
    deletions: Option<usize>,
    percent: Option<usize>,
    percent_per_project: Option<usize>,
    bytes: Option<u64>,
}

proptest! {
    #![proptest_config(many())]

    #[test]
    fn a_plan_beyond_its_limits_is_refused(
        projects in vec(project(), 0..=3),
        sizes in vec(prop::option::weighted(0.97, 0..3000_u64), 1..8),
        surplus in select(vec![0, 0, 1, 3]),
        stated in stated(),
    ) {
        let case = Case { texts: limits(&stated.lines()), registry: crowd(&projects, &sizes, surplus) };
        let cycle = case.cycle();
        let plan = cycle.plan();
        let doomed: usize = projects.iter().map(|(_, doomed)| doomed).sum();
        prop_assert_eq!(plan.deletions().count(), doomed);
        let kept: usize = projects.iter().map(|(kept, _)| kept).sum();
        prop_assert_eq!(plan.file_deletions().count(), kept * surplus as usize);
        let refused_by = plan.approve(&cycle.policy().limits).err().map(|refusal| refusal.limit);
        let all = plan.going().map(|(item, _)| item).collect();
        let beyond = stated.exceeded_by(&plan, &all);
        match refused_by {
            Some(limit) => prop_assert!(beyond.contains(&limit), "{:?}, not {:?}", beyond, limit),
            None => prop_assert_eq!(beyond, vec![]),
        }
    }

    /// Limits that were lowered meanwhile are held against the part of an approved plan that is gone or about to go.
    #[test]
    fn a_part_of_a_plan_beyond_lower_limits_is_refused(
        projects in vec(project(), 0..=3),
        sizes in vec(prop::option::weighted(0.97, 0..3000_u64), 1..8),
        surplus in select(vec![0, 0, 1, 3]),
        stated in stated(),
        goes in vec(prop::bool::weighted(0.9), 1..20),
    ) {
        let case = Case { texts: limits(&stated.lines()), registry: crowd(&projects, &sizes, surplus) };
        let cycle = case.cycle();
        let plan = cycle.plan();
        let limits = &cycle.policy().limits;
        let all: BTreeSet<ItemId> = plan.going().map(|(item, _)| item).collect();
        let mut goes = goes.into_iter().cycle();
        let part: BTreeSet<ItemId> = all.iter().copied().filter(|_| goes.next().unwrap()).collect();
        let told = plan.still_within(cycle.policy(), &part).err().map(|refusal| refusal.limit);
        let beyond = stated.exceeded_by(&plan, &part);
        prop_assert_eq!(told, beyond.first().copied());
        // As long as no limit is lower than it was, an approved plan goes on.
        let is_approved = plan.approve(limits).is_ok();
        prop_assert_eq!(plan.still_within(cycle.policy(), &all).is_ok(), is_approved);
        prop_assert!(!is_approved || told.is_none());
    }

    /// But for `min_age`, which is a guard. A look-up that only a limit wants may fail, and refuse the plan by that.
    #[test]
    fn no_limit_changes_a_verdict(
        case in cases(),
        bytes in prop::option::of(0..10_000_u64),
        deletions in 0..5_u64,
        per_cycle in prop::option::of(1..5_u64),
        percents in (0..=100_u8, 0..=100_u8, prop::option::of(0..=100_u8)),
    ) {
        let cycle = case.cycle();
        let mut limited = cycle.clone();
        limited.policy_mut().limits = Limits {
            max_deletions: deletions,
            max_percent: percents.0,
            max_percent_per_project: percents.1,
            max_percent_per_group: percents.2,
            max_per_cycle: per_cycle,
            max_bytes: bytes,
            min_age: cycle.policy().limits.min_age.clone(),
            exception: None,
        };
        let told = |cycle: &Cycle| {
            let plan = cycle.plan();
            let packages: Vec<_> = plan.decisions().iter().map(|told| (told.package.id, told.reason)).collect();
            (packages, plan.file_decisions().to_vec())
        };
        prop_assert_eq!(told(&cycle), told(&limited));
    }
}

impl Stated {
    fn lines(self) -> String {
        let line = |key: &str, value: Option<String>| value.map(|value| format!("{key}: {value}"));
        [
            line("max_deletions", self.deletions.map(|limit| limit.to_string())),
            line("max_percent", self.percent.map(|limit| limit.to_string())),
            line("max_percent_per_project", self.percent_per_project.map(|limit| limit.to_string())),
            line("max_bytes", self.bytes.map(|limit| format!("{limit}B"))),
            Some("min_age: 72h".to_owned()),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
    }

    /// Every limit that this part of the plan is beyond.
    fn exceeded_by(self, plan: &Plan, part: &BTreeSet<ItemId>) -> Vec<LimitName> {
        let goes = |decision: &&Decision| part.contains(&ItemId::Package(decision.package.id));
        let trimmed = || plan.file_deletions().filter(|file| part.contains(&ItemId::File(file.file.id)));
        let deletions = plan.deletions().filter(goes).count();
        let packages = plan.decisions().len();
        let percent = self.percent.unwrap_or(30);
        let files = trimmed().count();
        let sizes = trimmed().map(|decision| decision.file.size);
        let bytes: Option<u64> =
            plan.deletions().filter(goes).map(|decision| decision.bytes.known()).chain(sizes).sum();
        let checks = [
            (LimitName::MaxDeletions, deletions + files > self.deletions.unwrap_or(1000)),
            (LimitName::MaxPercent, deletions > 20 && deletions * 100 > percent * packages),
            (LimitName::MaxPercentPerProject, self.is_beyond_in_a_project(plan, part)),
            (LimitName::MaxBytes, self.bytes.is_some_and(|limit| bytes.is_none_or(|bytes| bytes > limit))),
        ];
        checks.into_iter().filter(|(_, beyond)| *beyond).map(|(limit, _)| limit).collect()
    }

    fn is_beyond_in_a_project(self, plan: &Plan, part: &BTreeSet<ItemId>) -> bool {
        let percent = self.percent_per_project.unwrap_or(80);
        plan.decisions().iter().map(|decision| decision.package.project.id).any(|project: ProjectId| {
            let packages = plan.decisions().iter().filter(|decision| decision.package.project.id == project).count();
            let deletions = plan.deletions().filter(|decision| {
                decision.package.project.id == project && part.contains(&ItemId::Package(decision.package.id))
            });
            let deletions = deletions.count();
            packages >= 50 && deletions * 100 > percent * packages
        })
    }
}

/// How many packages of a project stay, and how many go: on both sides of 20, of 50, and of every percentage here.
fn project() -> impl Strategy<Value = (usize, usize)> {
    prop_oneof![
        select(vec![(10, 40), (9, 40), (10, 39), (9, 41), (20, 80), (19, 81), (70, 30), (69, 30), (0, 20), (0, 21)]),
        (0..40_usize, 0..60_usize),
    ]
}

fn stated() -> impl Strategy<Value = Stated> {
    let deletions = prop::option::of(select(vec![0, 1, 20, 21, 40, 80]));
    let percent = prop::option::of(select(vec![0, 29, 30, 31, 80, 100]));
    let percent_per_project = prop::option::of(select(vec![0, 79, 80, 81, 100]));
    let bytes = prop::option::weighted(0.3, 0..100_000_u64);
    (deletions, percent, percent_per_project, bytes).prop_map(|(deletions, percent, percent_per_project, bytes)| {
        Stated { deletions, percent, percent_per_project, bytes }
    })
}
