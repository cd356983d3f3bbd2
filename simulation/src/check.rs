//! Holds a run to what gleaner promises: nothing goes that is not approved and deletable, and what is told is true.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use gleaner::plan::Outcome;
use gleaner::policy::Mode;
use gleaner::report::{CycleStatus, DecisionReport, PolicyReport};

use crate::brake::held_up;
use crate::deeds::Deeds;
use crate::exit::falsely_ended;
use crate::look::Look;
use crate::metrics::miscounted;
use crate::notes::{Exchange, Target};
use crate::promise::{Promise, Violation, WINDOW};
use crate::record::misrecorded;
use crate::run::{CycleEnd, CycleTold, Played, Purpose};
use crate::time::{At, seconds};
use crate::truth::has;

/// Returns every promise that the run broke, in the order of the promises.
#[must_use]
pub fn violations(played: &Played) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut tell = |promise, words: Option<String>| found.extend(words.map(|words| Violation { promise, words }));
    let mut deeds = Deeds::of(played);
    for (number, exchange) in played.notes.exchanges.iter().enumerate() {
        if exchange.method != "GET" {
            let Some(cycle) = exchange.cycle.and_then(|cycle| played.cycles.get(cycle)) else {
                tell(Promise::Approved, Some(format!("{}, in no cycle", sent(exchange))));
                continue;
            };
            tell(Promise::DryRun, (cycle.purpose == Purpose::Rehearse).then(|| sent(exchange)));
            tell(Promise::Approved, unapproved(exchange, cycle));
            tell(Promise::Fresh, stale(number, &played.notes.exchanges));
            tell(Promise::Braked, held_up(number, played));
        }
    }
    for (promise, words) in deeds.broken() {
        tell(promise, Some(words));
    }
    for words in misrecorded(played) {
        tell(Promise::Recorded, Some(words));
    }
    for command in &played.commands {
        tell(Promise::Exit, falsely_ended(command, played));
    }
    for words in played.scrapes.iter().flat_map(|scrape| miscounted(scrape, played)) {
        tell(Promise::Metrics, Some(words));
    }
    for (number, cycle) in played.cycles.iter().enumerate() {
        for (promise, words) in deeds.unplanned(cycle) {
            tell(promise, Some(words));
        }
        // A cycle whose process was killed tells nothing.
        let Some(end) = &cycle.end else { continue };
        for words in untrue(number, end, &played.notes.exchanges, !played.notes.deeds.is_empty()) {
            tell(Promise::Told, Some(words));
        }
        tell(Promise::Told, falsely_done(cycle, end));
        tell(Promise::Told, misjudged(number, end, &played.notes.exchanges));
    }
    tell(Promise::Alone, side_by_side(played));
    tell(Promise::Gone, left_over(&mut deeds, played));
    found
}

fn sent(exchange: &Exchange) -> String {
    format!("{} {} was sent at {}", exchange.method, exchange.path, At(exchange.sent))
}

fn unapproved(exchange: &Exchange, cycle: &CycleTold) -> Option<String> {
    let is_approved =
        exchange.deletes.is_some_and(|target| cycle.approved.as_ref().is_some_and(|all| all.contains(&target)));
    (!is_approved).then(|| format!("{}, and the approved plan doesn't name it", sent(exchange)))
}

/// Tells a deletion that left a minute after the first request of its look, or later.
fn stale(deletion: usize, all: &[Exchange]) -> Option<String> {
    let words = sent(&all[deletion]);
    let Some(look) = Look::before(all, deletion) else {
        return Some(format!("{words}, and its project was not looked at before"));
    };
    let begun = look.begun(all);
    let is_old = all[deletion].sent >= begun + seconds(WINDOW);
    is_old.then(|| format!("{words}, and its look began at {}", At(begun)))
}

/// Tells two runs that asked GitLab side by side from one machine.
fn side_by_side(played: &Played) -> Option<String> {
    let mut last = BTreeMap::new();
    for exchange in &played.notes.exchanges {
        let before = last.insert(exchange.machine, exchange.run).filter(|before| *before > exchange.run);
        if let Some(before) = before {
            let words =
                format!("{}, by run {}, and run {before} of its machine had begun", sent(exchange), exchange.run);
            return Some(words);
        }
    }
    None
}

/// Returns what is still there in the end, although every policy had its chance with nobody about who touches it. Where
/// people went on working meanwhile, it is what should have gone all that time.
fn left_over(deeds: &mut Deeds<'_>, played: &Played) -> Option<String> {
    let last = played.cycles.last()?.run;
    let Some(set) = &played.notes.states.last()?.set else {
        return Some("the policy files make no set with nobody about".to_owned());
    };
    let home = played.notes.home?;
    for policy in set.policies.iter().filter(|policy| policy.mode == Mode::Delete) {
        let of_policy = |cycle: &&CycleTold| cycle.run == last && cycle.policy == policy.name;
        let Some(cycle) = played.cycles.iter().rfind(of_policy) else {
            return Some(format!("{} doesn't run with nobody about", policy.name));
        };
        let Some(CycleEnd { report, at: ended, .. }) = &cycle.end else {
            return Some(format!("{} comes to no end with nobody about", policy.name));
        };
        if is_too_slow(report) || (is_broken_off(report) && was_too_slow(played, &policy.name)) {
            return None;
        }
        // Holds that people took away have to be accepted by people.
        if report.warnings.iter().any(|warning| warning.contains("accept_fewer_holds")) {
            continue;
        }
        // A policy that has had nothing in its scope is rehearsed again and again.
        if !matches!(report.status, CycleStatus::Executed | CycleStatus::Planned) {
            let error = report.error.as_deref().unwrap_or("no reason is told");
            return Some(format!("{} is {} with nobody about: {error}", policy.name, report.status.code()));
        }
        let has_worked = played.notes.deeds.iter().any(|(at, _)| *at > home.at);
        let as_of = if has_worked { home.at } else { cycle.as_of };
        let last = played.notes.states.len() - 1;
        let left = deeds.truth(last).seen_by((set, policy), &[], &BTreeSet::new()).deletions(as_of);
        // What was younger then may hold it now.
        let mut should_go = |target: Target| {
            let mut since = if has_worked { home.state..last + 1 } else { last..last };
            since.all(|at| {
                let view = deeds.truth(at).seen_by((set, policy), &[], &BTreeSet::new());
                // A file whose package came to go as a whole goes with that, in the run after.
                let whole = Target { file: None, ..target };
                let goes = |now| view.deletes(target, now) && (target == whole || !view.deletes(whole, now));
                [as_of, cycle.as_of, *ended].into_iter().all(goes)
            })
        };
        if let Some(target) = left.into_iter().find(|target| should_go(*target)) {
            return Some(format!("{target} should go under {} as of {}, and is still there", policy.name, At(as_of)));
        }
    }
    None
}

/// Returns whether a look at one deletion takes longer than a minute, over so slow a way and such small pages. Then
/// nothing can ever go, and the report tells why.
fn is_too_slow(report: &PolicyReport) -> bool {
    let rows = report.decisions.iter().chain(&report.file_decisions);
    let mut left = rows.filter(|row| row.outcome() == Some(Outcome::NotAttempted));
    let causes = ["a second look takes longer than a minute", "nothing can be deleted within a minute of a look"];
    left.any(|row| row.problem().is_some_and(|problem| causes.iter().any(|cause| problem.starts_with(cause))))
}

/// Returns whether a night's end left something in this cycle.
fn is_broken_off(report: &PolicyReport) -> bool {
    let mut rows = report.decisions.iter().chain(&report.file_decisions);
    rows.any(|row| row.outcome() == Some(Outcome::NotAttempted) && row.problem().is_none())
}

/// Returns whether a cycle before found looks too slow under this policy.
fn was_too_slow(played: &Played, policy: &str) -> bool {
    let mut reports = played.cycles.iter().filter_map(CycleTold::report);
    reports.any(|report| report.policy == policy && is_too_slow(report))
}

/// Returns where a cycle's outcomes differ from what happened.
fn untrue(number: usize, end: &CycleEnd, all: &[Exchange], have_acted: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let own = || all.iter().filter(|exchange| exchange.cycle == Some(number) && exchange.method == "DELETE");
    for row in end.report.decisions.iter().chain(&end.report.file_decisions) {
        let Some(outcome) = row.outcome() else { continue };
        let target = Target { package: row.package.id.0, file: row.item.file().map(|file| file.0) };
        let is_there = has(&end.left, target);
        let tries: Vec<&Exchange> = own().filter(|exchange| exchange.deletes == Some(target)).collect();
        let was_done = tries.iter().any(|exchange| exchange.done.is_some_and(|at| at <= end.at));
        // After a server's error nobody knows.
        let may_be_ours = tries.iter().any(|exchange| matches!(exchange.status, Some(200..=299 | 500..=599) | None));
        let problem = match outcome {
            Outcome::Deleted | Outcome::AlreadyGone if is_there => Some("is still there"),
            Outcome::Deleted if !may_be_ours => Some("was not deleted by this run"),
            Outcome::AlreadyGone if was_done => Some("was deleted by this run"),
            Outcome::Stale | Outcome::Forbidden | Outcome::Failed if was_done => Some("was deleted by this run"),
            // A 429 is no attempt: nothing was done.
            Outcome::NotAttempted if tries.iter().any(|exchange| exchange.status != Some(429)) => Some("was attempted"),
            Outcome::Unconfirmed if !have_acted => Some("could be confirmed"),
            _ => None,
        };
        wrong.extend(problem.map(|problem| format!("{target} is told as {} and {problem}", outcome.code())));
    }
    wrong
}

/// Returns what is left of a cycle that tells that everything is done.
fn falsely_done(cycle: &CycleTold, CycleEnd { report, left, .. }: &CycleEnd) -> Option<String> {
    let is_done = report.status == CycleStatus::Executed;
    let stays = |target: Target| {
        let rows = report.decisions.iter().chain(&report.file_decisions);
        let mut rows = rows.filter(|row| row.outcome() == Some(Outcome::Stale));
        rows.any(|row| (row.package.id.0, row.item.file().map(|file| file.0)) == (target.package, target.file))
    };
    let mut approved = cycle.approved.iter().flatten().filter(|_| is_done);
    let left = approved.find(|target| has(left, **target) && !stays(**target))?;
    Some(format!("{} is told to be executed, and {left} is still there", cycle.policy))
}

/// Tells a status that the outcomes, or what was sent, contradict.
fn misjudged(number: usize, CycleEnd { report, .. }: &CycleEnd, all: &[Exchange]) -> Option<String> {
    let has_sent = all.iter().any(|exchange| exchange.cycle == Some(number) && exchange.method == "DELETE");
    let is_over = |outcome| matches!(outcome, Outcome::Deleted | Outcome::AlreadyGone | Outcome::Stale);
    let rows = report.decisions.iter().chain(&report.file_decisions);
    let mut outcomes = rows.filter_map(DecisionReport::outcome);
    let problem = match report.status {
        CycleStatus::Executed if outcomes.any(|outcome| !is_over(outcome)) => "not everything ended well",
        CycleStatus::Partial if report.error.is_none() => "no reason is told",
        CycleStatus::Planned | CycleStatus::Refused if has_sent => "deletions were sent",
        _ => return None,
    };
    Some(format!("{} is told to be {}, and {problem}", report.policy, report.status.code()))
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.file {
            Some(file) => write!(f, "file {file} of package {}", self.package),
            None => write!(f, "package {}", self.package),
        }
    }
}
