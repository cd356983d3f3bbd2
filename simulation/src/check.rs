//! Holds a run to what gleaner promises: nothing goes that is not approved and deletable, and what is told is true.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use gitlab_sandbox::{FileStatus, Registry};
use gleaner::package::Package;
use gleaner::plan::Outcome;
use gleaner::policy::Mode;
use gleaner::report::CycleStatus;
use jiff::Timestamp;

use crate::run::{CycleTold, Played, Purpose};
use crate::time::{At, seconds};
use crate::truth::{Truth, has};
use crate::wire::{Exchange, Target};

/// One promise that a run broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which promise.
    pub promise: Promise,
    /// How, in words.
    pub words: String,
}

/// The promises that a run is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// A dry run sends nothing that changes anything.
    DryRun,
    /// Nothing goes that the approved plan did not name.
    Approved,
    /// There is one instant in the window at which the true state deletes it.
    Deletable,
    /// A package that stays keeps a file.
    LastFile,
    /// What a deletion was sent for doesn't count as present.
    Counted,
    /// No deletion leaves more than a minute after the first request of its look.
    Fresh,
    /// Outcomes and exit status tell what happened.
    Told,
    /// What should go goes in the end.
    Gone,
}

/// For so many seconds a look may be used.
const WINDOW: u64 = 60;

/// For so many seconds after a deletion was sent no reading proves that its package is still there.
const DOUBT: u64 = 120;

impl Promise {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::DryRun,
        Self::Approved,
        Self::Deletable,
        Self::LastFile,
        Self::Counted,
        Self::Fresh,
        Self::Told,
        Self::Gone,
    ];

    /// Returns its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DryRun => "dry-run",
            Self::Approved => "approved",
            Self::Deletable => "deletable",
            Self::LastFile => "last-file",
            Self::Counted => "counted",
            Self::Fresh => "fresh",
            Self::Told => "told",
            Self::Gone => "gone",
        }
    }

    /// Returns the promise of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|promise| promise.name() == name)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.promise.name(), self.words)
    }
}

/// Returns every promise that the run broke, in the order of the promises.
#[must_use]
pub fn violations(played: &Played) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut tell = |promise, words: Option<String>| found.extend(words.map(|words| Violation { promise, words }));
    let mut check = Check { played, truths: played.notes.states.iter().map(|_| None).collect() };
    for exchange in &played.notes.exchanges {
        if exchange.method != "GET" {
            let cycle = &played.cycles[exchange.cycle];
            tell(Promise::DryRun, (cycle.purpose == Purpose::Rehearse).then(|| sent(exchange)));
            tell(Promise::Approved, unapproved(exchange, cycle));
            tell(Promise::Fresh, stale(exchange, &played.notes.exchanges));
        }
    }
    for (promise, words) in check.deeds() {
        tell(promise, Some(words));
    }
    for (number, cycle) in played.cycles.iter().enumerate() {
        for words in untrue(number, cycle, &played.notes.exchanges, !played.notes.deeds.is_empty()) {
            tell(Promise::Told, Some(words));
        }
        tell(Promise::Told, falsely_done(cycle));
    }
    tell(Promise::Gone, check.left_over());
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

/// A look reads at least the row of what goes, and its project, within the last minute.
fn stale(deletion: &Exchange, all: &[Exchange]) -> Option<String> {
    let package = deletion.deletes?.package;
    let since = deletion.sent - seconds(WINDOW);
    let recent = |other: &&Exchange| {
        other.method == "GET" && other.sent >= since && other.sent <= deletion.sent && other.status == Some(200)
    };
    let names_row = format!("\"id\":{package},");
    let shows = |other: &Exchange| {
        let is_about_it = other.path.contains(&format!("/packages/{package}"));
        is_about_it || String::from_utf8_lossy(&other.body).contains(&names_row)
    };
    let is_seen = all.iter().filter(recent).any(shows);
    (!is_seen).then(|| format!("{}, and nothing was read of package {package} in the minute before", sent(deletion)))
}

struct Check<'p> {
    played: &'p Played,
    truths: Vec<Option<Truth>>,
}

impl Check<'_> {
    /// Returns the deletions that GitLab carried out and that no true state called for.
    fn deeds(&mut self) -> Vec<(Promise, String)> {
        let played = self.played;
        let mut done: Vec<(Timestamp, Target, &Exchange)> = played
            .notes
            .exchanges
            .iter()
            .filter_map(|exchange| Some((exchange.done?, exchange.deletes?, exchange)))
            .collect();
        done.sort_by_key(|(at, target, _)| (*at, *target));
        let mut broken = Vec::new();
        let mut taken: Vec<(usize, Package)> = Vec::new();
        for (at, target, exchange) in done {
            let cycle = &played.cycles[exchange.cycle];
            let before: Vec<Package> =
                taken.iter().filter(|(run, _)| *run == cycle.run).map(|(_, row)| row.clone()).collect();
            let words = || format!("{target} went at {} under {}", At(at), cycle.report.policy);
            let is_deletable = self.is_deletable((exchange.sent, at), target, cycle, &before, &BTreeSet::new());
            if !is_deletable {
                broken
                    .push((Promise::Deletable, format!("{}, and at no instant of the window it should have", words())));
            }
            if let Some(words) = self.lost_last_file(exchange) {
                broken.push((Promise::LastFile, words));
            }
            let doubtful = self.doubtful(exchange, cycle);
            let may_count = is_deletable && !doubtful.is_empty();
            if may_count && !self.is_deletable((exchange.sent, at), target, cycle, &before, &doubtful) {
                broken.push((
                    Promise::Counted,
                    format!("{}, and {doubtful:?} counted as present, for which a deletion was sent", words()),
                ));
            }
            if target.file.is_none()
                && let Some(row) = self.truth(exchange.led_to - 1).package(target.package)
            {
                taken.push((cycle.run, row.clone()));
            }
        }
        broken
    }

    /// Tells a deletion that took the last file of a package which stays, although a reading right before would have shown
    /// that it is the last one.
    fn lost_last_file(&self, deletion: &Exchange) -> Option<String> {
        let notes = &self.played.notes;
        let Target { package, file: Some(file) } = deletion.deletes? else { return None };
        if contents(&notes.states[deletion.led_to].registry, package) > 0 {
            return None;
        }
        let before = || notes.exchanges.iter().filter(|other| other.sent <= deletion.sent);
        let is_reading = |other: &&Exchange| {
            other.method == "GET"
                && other.path.contains(&format!("/packages/{package}/package_files"))
                && other.status == Some(200)
        };
        let read = before().filter(is_reading).filter_map(|other| other.served).max();
        let own =
            |other: &&Exchange| other.deletes.is_some_and(|it| it.package == package) && other.sent < deletion.sent;
        let deleted = before().filter(own).map(|other| other.sent).max();
        let state = notes.states.iter().rfind(|state| read.is_some_and(|read| state.since <= read));
        let was_seen = state.is_some_and(|state| contents(&state.registry, package) > 1) && read > deleted;
        (!was_seen)
            .then(|| format!("file {file} went at {}, and it was the last one of package {package}", At(deletion.sent)))
    }

    /// Returns the packages for which this run sent a deletion before, and of which no reading shows that it failed.
    fn doubtful(&self, deletion: &Exchange, cycle: &CycleTold) -> BTreeSet<u64> {
        let Played { cycles, notes, .. } = self.played;
        // What left shortly before under the same plan may rest on the same look.
        let is_of_look =
            |other: &Exchange| other.cycle == deletion.cycle && other.sent >= deletion.sent - seconds(WINDOW);
        let before = notes.exchanges.iter().filter(|other| other.sent < deletion.sent && !is_of_look(other));
        let before = before.filter(|other| cycles[other.cycle].run == cycle.run);
        let sent = before
            .filter_map(|other| Some((other.deletes.filter(|target| target.file.is_none())?.package, other.sent)));
        let last = sent.fold(BTreeMap::new(), |mut last, (package, sent)| {
            last.insert(package, sent);
            last
        });
        let is_seen = |package: u64, sent: Timestamp| {
            let row = format!("\"id\":{package},");
            notes.exchanges.iter().any(|other| {
                let is_late = other.sent >= sent + seconds(DOUBT) && other.sent <= deletion.sent;
                other.method == "GET" && is_late && String::from_utf8_lossy(&other.body).contains(&row)
            })
        };
        let own = deletion.deletes.map(|target| target.package);
        last.into_iter()
            .filter(|(package, sent)| Some(*package) != own && !is_seen(*package, *sent))
            .map(|(package, _)| package)
            .collect()
    }

    /// Returns whether the true state deletes it at one instant of the window: from a minute before the deletion left
    /// until it was carried out.
    fn is_deletable(
        &mut self,
        (sent, done): (Timestamp, Timestamp),
        target: Target,
        cycle: &CycleTold,
        taken: &[Package],
        without: &BTreeSet<u64>,
    ) -> bool {
        let since = sent - seconds(WINDOW);
        let played = self.played;
        let states = &played.notes.states;
        (0..states.len()).rev().any(|at| {
            let begin = states[at].since.max(since);
            let end = states.get(at + 1).map_or(done, |next| next.since).min(done);
            if begin > end {
                return false;
            }
            let view = self.truth(at).seen_by((&played.set, cycle.policy), taken, without);
            // Ages may count from the instant of the plan as well.
            [begin, end, cycle.as_of].into_iter().any(|now| view.deletes(target, now))
        })
    }

    /// Returns what is still there in the end, although every policy had its chance with nobody about.
    fn left_over(&mut self) -> Option<String> {
        let played = self.played;
        let last = played.cycles.last()?;
        for cycle in played.cycles.iter().filter(|cycle| cycle.run == last.run) {
            let policy = &played.set.policies[cycle.policy];
            if policy.mode != Mode::Delete {
                continue;
            }
            // A policy that has had nothing in its scope is rehearsed again and again.
            if !matches!(cycle.report.status, CycleStatus::Executed | CycleStatus::Planned) {
                let error = cycle.report.error.as_deref().unwrap_or("no reason is told");
                return Some(format!("{} is {} with nobody about: {error}", policy.name, cycle.report.status.code()));
            }
            let truth = self.truth(played.notes.states.len() - 1);
            let left = truth.seen_by((&played.set, cycle.policy), &[], &BTreeSet::new()).deletions(cycle.as_of);
            if let Some(target) = left.first() {
                return Some(format!(
                    "{target} should go under {} as of {}, and is still there",
                    policy.name,
                    At(cycle.as_of)
                ));
            }
        }
        None
    }

    fn truth(&mut self, at: usize) -> &Truth {
        self.truths[at].get_or_insert_with(|| Truth::of(&self.played.notes.states[at].registry))
    }
}

/// Returns where a cycle's outcomes differ from what happened.
fn untrue(number: usize, cycle: &CycleTold, all: &[Exchange], have_acted: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let own = || all.iter().filter(|exchange| exchange.cycle == number && exchange.method == "DELETE");
    for row in cycle.report.decisions.iter().chain(&cycle.report.file_decisions) {
        let Some(outcome) = row.outcome() else { continue };
        let target = Target { package: row.package.id.0, file: row.item.file().map(|file| file.0) };
        let is_there = has(&cycle.left, target);
        let tries: Vec<&Exchange> = own().filter(|exchange| exchange.deletes == Some(target)).collect();
        let was_done = tries.iter().any(|exchange| exchange.done.is_some_and(|at| at <= cycle.ended));
        let may_be_ours = tries.iter().any(|exchange| matches!(exchange.status, Some(200..=299) | None));
        let problem = match outcome {
            Outcome::Deleted | Outcome::AlreadyGone if is_there => Some("is still there"),
            Outcome::Deleted if !may_be_ours => Some("was not deleted by this run"),
            Outcome::AlreadyGone if was_done => Some("was deleted by this run"),
            Outcome::Changed | Outcome::Forbidden | Outcome::Failed if was_done => Some("was deleted by this run"),
            Outcome::NotAttempted if !tries.is_empty() => Some("was attempted"),
            Outcome::Unconfirmed if !have_acted => Some("could be confirmed"),
            _ => None,
        };
        wrong.extend(problem.map(|problem| format!("{target} is told as {} and {problem}", outcome.code())));
    }
    wrong
}

/// Returns what is left of a cycle that tells that everything is done.
fn falsely_done(cycle: &CycleTold) -> Option<String> {
    let is_done = cycle.report.status == CycleStatus::Executed;
    let stays = |target: Target| {
        let rows = cycle.report.decisions.iter().chain(&cycle.report.file_decisions);
        let mut rows = rows.filter(|row| row.outcome() == Some(Outcome::Changed));
        rows.any(|row| (row.package.id.0, row.item.file().map(|file| file.0)) == (target.package, target.file))
    };
    let mut approved = cycle.approved.iter().flatten().filter(|_| is_done);
    let left = approved.find(|target| has(&cycle.left, **target) && !stays(**target))?;
    Some(format!("{} is told to be executed, and {left} is still there", cycle.report.policy))
}

/// Counts the files of a package that are there and are no metadata.
fn contents(registry: &Registry, package: u64) -> usize {
    let package = registry.packages.iter().find(|other| other.id == package);
    let files = package.into_iter().flat_map(|package| &package.files);
    files.filter(|file| file.status == FileStatus::Default && !file.file_name.starts_with("maven-metadata.xml")).count()
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.file {
            Some(file) => write!(f, "file {file} of package {}", self.package),
            None => write!(f, "package {}", self.package),
        }
    }
}
