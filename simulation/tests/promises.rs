//! Each promise can be broken: a run that keeps them all is changed afterwards, and the one that the change is about is told.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use std::sync::Arc;

use gitlab_sandbox::Registry;
use gleaner::cli::Exit;
use gleaner::policy::PolicySet;
use gleaner::record::journal::line::{ClosedLine, Finding, Line, LineContent};
use gleaner::yaml::Source;
use simulation::case::{Case, Command};
use simulation::check::violations;
use simulation::notes::Target;
use simulation::outages::Machine;
use simulation::people::Kind;
use simulation::promise::Promise;
use simulation::run::{Played, Purpose, play};

/// The number of a deletion that GitLab carried out, for a package or a file.
fn deletion(played: &Played, is_wanted: impl Fn(Target) -> bool) -> Option<usize> {
    let mut all = played.notes.exchanges.iter();
    all.position(|one| one.done.is_some() && one.deletes.is_some_and(&is_wanted))
}

/// Plays `apply` with nobody about until a change applies and breaks the promise. Nothing was broken before.
fn breaks(promise: Promise, change: impl Fn(&mut Played) -> Option<()>) {
    breaks_in(Command::Apply, promise, change);
}

/// The same of a command.
fn breaks_in(command: Command, promise: Promise, change: impl Fn(&mut Played) -> Option<()>) {
    let folder = tempfile::tempdir().unwrap();
    let is_broken = |case: Case| {
        let seed = case.seed;
        let mut played = play(&case, folder.path()).unwrap();
        assert_eq!(violations(&played), [], "seed {seed}");
        change(&mut played).is_some() && violations(&played).iter().any(|violation| violation.promise == promise)
    };
    let mut cases = (1..=400).map(|seed| Case::of(seed, &[])).filter(|case| case.command == command).take(60);
    assert!(cases.any(is_broken), "nothing breaks {}", promise.name());
}

/// Has all states have this registry, changed.
fn rewrite(played: &mut Played, change: impl Fn(&mut Registry)) {
    for state in &mut played.notes.states {
        let mut registry = (*state.registry).clone();
        change(&mut registry);
        state.registry = Arc::new(registry);
    }
}

#[test]
fn a_dry_run_that_deletes() {
    breaks(Promise::DryRun, |played| {
        let at = deletion(played, |_| true)?;
        let cycle = played.notes.exchanges[at].cycle?;
        played.cycles[cycle].purpose = Purpose::Rehearse;
        Some(())
    });
}

#[test]
fn a_deletion_that_was_not_approved() {
    breaks(Promise::Approved, |played| {
        let at = deletion(played, |_| true)?;
        let exchange = &played.notes.exchanges[at];
        played.cycles[exchange.cycle?].approved.as_mut()?.remove(&exchange.deletes?);
        Some(())
    });
}

#[test]
fn a_plan_that_its_walk_does_not_call_for() {
    breaks(Promise::Planned, |played| {
        let cycle = played.cycles.iter_mut().find(|cycle| cycle.walk.is_some())?;
        let kept = cycle.end.as_ref()?.left.packages.first()?.id;
        cycle.approved.as_mut()?.insert(Target { package: kept, file: None });
        Some(())
    });
}

/// Has a deletion be one of a package that stays.
fn delete_what_stays(played: &mut Played) -> Option<()> {
    let at = deletion(played, |target| target.file.is_none())?;
    let exchange = &played.notes.exchanges[at];
    let gone = exchange.deletes?.package;
    let registry = &played.notes.states.last()?.registry;
    let project = played.notes.states[0].registry.packages.iter().find(|package| package.id == gone)?.project_id;
    let kept = registry.packages.iter().find(|package| package.project_id == project)?.id;
    played.notes.exchanges[at].deletes = Some(Target { package: kept, file: None });
    Some(())
}

#[test]
fn a_deletion_that_its_look_does_not_call_for() {
    breaks(Promise::Looked, delete_what_stays);
}

#[test]
fn a_deletion_that_no_true_state_calls_for() {
    breaks(Promise::Deletable, delete_what_stays);
}

#[test]
fn a_policy_that_says_otherwise_at_that_time() {
    // The same, where the files said so and not GitLab.
    let hold = "version: 1\nprotect: [{ version: \"*\" }]\n";
    for promise in [Promise::Looked, Promise::Deletable] {
        breaks(promise, |played| {
            deletion(played, |target| target.file.is_none())?;
            with_file(played, "all.yaml", hold)
        });
    }
}

#[test]
fn a_deletion_that_takes_the_last_file() {
    breaks(Promise::LastFile, |played| {
        let at = deletion(played, |target| target.file.is_some())?;
        let Target { package, file } = played.notes.exchanges[at].deletes?;
        let led_to = played.notes.exchanges[at].led_to;
        rewrite(played, |registry| {
            for package in registry.packages.iter_mut().filter(|other| other.id == package) {
                package.files.retain(|other| Some(other.id) == file);
            }
        });
        let mut registry = (*played.notes.states[led_to].registry).clone();
        registry.packages.iter_mut().filter(|other| other.id == package).for_each(|package| package.files.clear());
        played.notes.states[led_to].registry = Arc::new(registry);
        Some(())
    });
}

#[test]
fn a_deletion_that_counts_what_was_sent_before() {
    breaks(Promise::Counted, |played| {
        let at = deletion(played, |target| target.file.is_none())?;
        let exchange = &played.notes.exchanges[at];
        let gone = exchange.deletes?.package;
        let first = &played.notes.states[0].registry.packages;
        let gone = first.iter().find(|package| package.id == gone)?;
        let of_name = |other: &&gitlab_sandbox::Package| other.name == gone.name && other.project_id == gone.project_id;
        // What is kept beside it was sent for as well, and GitLab never did it.
        let rest = &played.notes.states.last()?.registry.packages;
        let sent: Vec<u64> = rest.iter().filter(of_name).map(|package| package.id).collect();
        let cycle = exchange.cycle;
        let begin = played.notes.exchanges.iter().position(|one| one.cycle == cycle)?;
        for package in sent {
            let mut one = played.notes.exchanges[at].clone();
            (one.deletes, one.done, one.sent) =
                (Some(Target { package, file: None }), None, played.notes.states[0].since);
            // In the place of a request of the walk, so that all numbers stay.
            played.notes.exchanges[begin] = one;
        }
        Some(())
    });
}

#[test]
fn a_deletion_that_leaves_late() {
    breaks(Promise::Fresh, |played| {
        let at = deletion(played, |_| true)?;
        played.notes.exchanges[at].sent += jiff::SignedDuration::from_secs(60);
        Some(())
    });
}

/// Has the policy files be others all the time.
fn with_file(played: &mut Played, name: &str, text: &str) -> Option<()> {
    let files = played.notes.shelf.files().iter().map(|file| Source::new(file.name.clone(), file.text.clone()));
    let set = PolicySet::read(&files.chain([Source::new(name, text)]).collect::<Vec<_>>()).ok().map(Arc::new);
    played.notes.states.iter_mut().for_each(|state| state.set = set.clone());
    Some(())
}

#[test]
fn a_deletion_that_the_policy_files_hold_up() {
    let pause = "version: 1\ninstance: { paused: true }\n";
    let freeze = "version: 1\ninstance: { freeze: [{ from: 2026-01-01, to: 2027-01-01 }] }\n";
    for text in [pause, freeze, "torn"] {
        breaks(Promise::Braked, |played| {
            deletion(played, |_| true)?;
            with_file(played, "instance.yaml", text)
        });
    }
}

#[test]
fn an_outcome_that_is_not_what_happened() {
    breaks(Promise::Told, |played| {
        let at = deletion(played, |_| true)?;
        let cycle = played.notes.exchanges[at].cycle?;
        played.cycles[cycle].end.as_mut()?.left = played.notes.states[0].registry.clone();
        Some(())
    });
}

#[test]
fn an_exit_code_that_is_not_what_happened() {
    for exit in [Exit::Partial, Exit::Refused, Exit::Failed] {
        breaks(Promise::Exit, |played| {
            played.commands.iter_mut().find(|command| command.exit != exit)?.exit = exit;
            Some(())
        });
    }
    breaks(Promise::Exit, |played| {
        let at = deletion(played, |_| true)?;
        let cycle = &mut played.cycles[played.notes.exchanges[at].cycle?];
        cycle.end.as_mut()?.left = played.notes.states[0].registry.clone();
        Some(())
    });
}

#[test]
fn metrics_that_are_not_what_happened() {
    let names = [
        "gleaner_deletions_total{outcome=\"deleted\"",
        "gleaner_cycles_total{",
        "gleaner_requests_total{code=\"2xx\",method=\"DELETE\"",
    ];
    for name in names {
        breaks_in(Command::Serve, Promise::Metrics, |played| {
            for scrape in &mut played.scrapes {
                scrape.text = scrape.text.lines().filter(|line| !line.starts_with(name)).collect::<Vec<_>>().join("\n");
            }
            Some(())
        });
    }
}

#[test]
fn what_should_go_and_is_there_in_the_end() {
    breaks(Promise::Gone, |played| {
        deletion(played, |target| target.file.is_none())?;
        played.notes.states.last_mut()?.registry = played.notes.states[0].registry.clone();
        Some(())
    });
    // Where people go on working, too.
    let folder = tempfile::tempdir().unwrap();
    let is_broken = |seed| {
        let case = Case::of(seed, &[Kind::Work]);
        let mut played = play(&case, folder.path()).unwrap();
        assert_eq!(violations(&played), [], "seed {seed}");
        let has_worked = case.command == Command::Apply && !case.workers.is_empty() && case.people.is_empty();
        if !has_worked || deletion(&played, |target| target.file.is_none()).is_none() {
            return false;
        }
        let first = played.notes.states[0].registry.clone();
        let home = played.notes.home.unwrap().state;
        played.notes.states[home..].iter_mut().for_each(|state| state.registry = first.clone());
        violations(&played).iter().any(|violation| violation.promise == Promise::Gone)
    };
    assert!((1..=100).any(is_broken));
}

#[test]
fn a_deletion_that_the_journal_lacks() {
    breaks(Promise::Recorded, |played| {
        let is_deletion = |(_, line): &(u64, Line)| matches!(line.content, LineContent::Delete(_));
        let record = played.records.get_mut(&Machine::First)?;
        let at = record.lines.iter().position(is_deletion)?;
        record.lines.remove(at);
        Some(())
    });
}

#[test]
fn an_end_that_the_journal_tells_wrongly() {
    breaks(Promise::Recorded, |played| {
        let registry = played.notes.states.first()?.registry.clone();
        deletion(played, |_| true)?;
        played.notes.states.iter_mut().for_each(|state| state.registry = registry.clone());
        Some(())
    });
}

/// Has the journal tell other ends.
fn retell(played: &mut Played, is_told: &str, told: &str) -> Option<()> {
    let record = played.records.get_mut(&Machine::First)?;
    let mut ends = record.lines.iter_mut().filter_map(|(_, line)| match &mut line.content {
        LineContent::Ended(ended) if ended.outcome == is_told => Some(ended),
        _ => None,
    });
    told.clone_into(&mut ends.next()?.outcome);
    Some(())
}

#[test]
fn a_deletion_that_the_journal_tells_to_be_another_end() {
    for told in ["stale", "not_attempted", "failed", "forbidden"] {
        breaks(Promise::Recorded, |played| retell(played, "deleted", told));
    }
}

#[test]
fn a_deletion_that_the_journal_has_and_nobody_sent() {
    breaks(Promise::Recorded, |played| {
        let at = deletion(played, |_| true)?;
        played.notes.exchanges[at].machine = Machine::Other;
        Some(())
    });
}

#[test]
fn a_package_that_is_told_to_stay_and_goes_afterwards() {
    breaks(Promise::Recorded, |played| {
        let at = deletion(played, |target| target.file.is_none())?;
        let package = played.notes.exchanges[at].deletes?.package;
        let record = played.records.get_mut(&Machine::First)?;
        for (_, line) in &mut record.lines {
            let LineContent::Ended(ended) = &line.content else { continue };
            if ended.item.package_id.0 == package {
                let (of, item, seen_at) = (ended.of, ended.item, line.time);
                line.content = LineContent::Closed(ClosedLine { of, item, found: Finding::NotDeleted, seen_at });
            }
        }
        let registry = played.notes.states[0].registry.clone();
        played.notes.states.iter_mut().for_each(|state| state.registry = registry.clone());
        let last = record.lines.last()?.1.time;
        played.notes.exchanges[at].done = Some(last + jiff::SignedDuration::from_secs(1));
        Some(())
    });
}

#[test]
fn two_runs_of_one_machine_at_once() {
    breaks(Promise::Alone, |played| {
        let last = played.notes.exchanges.last()?.run;
        played.notes.exchanges.first_mut()?.run = last + 1;
        Some(())
    });
}

#[test]
fn a_deletion_of_what_another_run_left_in_doubt() {
    breaks(Promise::Recorded, |played| {
        let at = deletion(played, |_| true)?;
        let mut again = played.notes.exchanges[at].clone();
        (again.run, again.done) = (again.run + 1, None);
        played.notes.exchanges.push(again);
        Some(())
    });
}
