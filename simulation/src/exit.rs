//! Holds the exit code of a command to what came of it.

use std::collections::BTreeSet;

use gleaner::cli::{Exit, exit};
use gleaner::plan::Outcome;
use gleaner::report::{CycleStatus, DecisionReport, PolicyReport};

use crate::notes::Exchange;
use crate::run::{CycleEnd, CycleTold, Played};
use crate::truth::has;

/// One command, and how it ended.
#[derive(Debug)]
pub struct CommandTold {
    /// The number of its run.
    pub run: usize,
    /// How it ended.
    pub exit: Exit,
}

impl CommandTold {
    /// Notes a command that ended with these reports; nobody stopped it.
    pub(crate) fn of(run: usize, reports: &[PolicyReport]) -> Self {
        Self { run, exit: exit(reports, &BTreeSet::new()) }
    }
}

/// Tells an exit code that what happened contradicts.
pub(crate) fn falsely_ended(command: &CommandTold, played: &Played) -> Option<String> {
    let cycles = || played.cycles.iter().enumerate().filter(|(_, cycle)| cycle.run == command.run);
    let mut due = Exit::Done;
    for (number, cycle) in cycles() {
        // A command that told its exit code came to the end of all its cycles.
        let Some(end) = &cycle.end else { continue };
        due = worse(due, ending((number, cycle), end, &played.notes.exchanges));
    }
    (command.exit != due).then(|| format!("run {} ends as {:?}, and it was {due:?}", command.run, command.exit))
}

/// Returns how a cycle ended, by what came of each deletion and by what is still there.
fn ending((number, cycle): (usize, &CycleTold), end: &CycleEnd, all: &[Exchange]) -> Exit {
    let CycleEnd { report, left, .. } = end;
    let rows = || report.decisions.iter().chain(&report.file_decisions);
    let is_over = |outcome| matches!(outcome, Outcome::Deleted | Outcome::AlreadyGone | Outcome::Stale);
    let stale: BTreeSet<(u64, Option<u64>)> = rows()
        .filter(|row| row.outcome() == Some(Outcome::Stale))
        .map(|row| (row.package.id.0, row.item.file().map(|file| file.0)))
        .collect();
    let is_left = cycle
        .approved
        .iter()
        .flatten()
        .any(|target| has(left, *target) && !stale.contains(&(target.package, target.file)));
    let went_wrong = rows().filter_map(DecisionReport::outcome).any(|outcome| !is_over(outcome));
    // What a replica shows beside the primary may make no listing, either.
    let is_fine = |one: &Exchange| matches!(one.status, Some(200..=299)) && one.lie.is_none();
    let had_answers = all.iter().filter(|one| one.cycle == Some(number)).all(is_fine);
    match report.status {
        // Without a plan nothing can be told but that an answer was missing.
        CycleStatus::Failed if !had_answers => Exit::Failed,
        _ if is_left || went_wrong || report.error.is_some() => Exit::Partial,
        _ if report.refusal.is_some() => Exit::Refused,
        _ => Exit::Done,
    }
}

/// Returns what a command tells of two endings.
fn worse(one: Exit, other: Exit) -> Exit {
    let order = [Exit::Failed, Exit::Partial, Exit::Refused];
    order.into_iter().find(|exit| [one, other].contains(exit)).unwrap_or(Exit::Done)
}
