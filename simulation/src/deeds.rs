//! Judges what went: by the true states around its deletion, by the answers of its second look, and by those of the walk.

use std::collections::{BTreeMap, BTreeSet};

use gitlab_sandbox::{FileStatus, Registry};
use gleaner::package::{Package, ProjectId};
use jiff::Timestamp;

use crate::brake::{lets_go, standing};
use crate::lies::Lie;
use crate::look::{Look, project_of};
use crate::notes::{Exchange, Target};
use crate::outages::Machine;
use crate::promise::{DOUBT, Promise, WINDOW};
use crate::run::{CycleTold, Played};
use crate::time::{At, seconds};
use crate::truth::{Truth, View};

/// What went in a run, with the states that it is judged by.
pub(crate) struct Deeds<'p> {
    played: &'p Played,
    truths: Vec<Option<Truth>>,
    /// The states that looks told, by the number of the look's first answer.
    told: BTreeMap<usize, Truth>,
    /// The paths that projects had at any time.
    paths: BTreeMap<ProjectId, Vec<String>>,
}

impl<'p> Deeds<'p> {
    pub(crate) fn of(played: &'p Played) -> Self {
        let states = &played.notes.states;
        let mut paths: BTreeMap<ProjectId, Vec<String>> = BTreeMap::new();
        for project in states.iter().flat_map(|state| &state.registry.projects) {
            let known = paths.entry(ProjectId(project.id)).or_default();
            if !known.contains(&project.path) {
                known.push(project.path.clone());
            }
        }
        Self { played, truths: states.iter().map(|_| None).collect(), told: BTreeMap::new(), paths }
    }

    /// Returns the deletions that GitLab carried out and that no true state, or no answer, called for.
    pub(crate) fn broken(&mut self) -> Vec<(Promise, String)> {
        let played = self.played;
        let exchanges = &played.notes.exchanges;
        let mut done: Vec<(Timestamp, Target, usize)> = exchanges
            .iter()
            .enumerate()
            .filter_map(|(number, exchange)| Some((exchange.done?, exchange.deletes?, number)))
            .collect();
        done.sort_unstable();
        let mut broken = Vec::new();
        let mut taken: Vec<(usize, Package)> = Vec::new();
        // The packages that a cycle's plan takes for gone, for what earlier runs sent.
        let mut in_doubt: BTreeMap<Option<usize>, Vec<Package>> = BTreeMap::new();
        for (at, target, number) in done {
            let exchange = &exchanges[number];
            let Some(cycle) = exchange.cycle.and_then(|cycle| played.cycles.get(cycle)) else { continue };
            let before: Vec<Package> =
                taken.iter().filter(|(run, _)| *run == cycle.run).map(|(_, row)| row.clone()).collect();
            let words = || format!("{target} went at {} under {}", At(at), cycle.policy);
            let look = Look::before(exchanges, number);
            let since = exchange.sent - seconds(WINDOW + look.map_or(0, |look| look.lag(exchanges)));
            // What was in doubt when the plan was made may have gone: what it supersedes stays superseded.
            let in_doubt = in_doubt.entry(exchange.cycle).or_insert_with(|| {
                let planned = exchanges.iter().position(|one| one.cycle == exchange.cycle).unwrap_or(number);
                let doubtful = self.doubtful((cycle.run, exchange.machine), planned, None);
                self.rows_of(&doubtful)
            });
            let others = in_doubt.iter().filter(|row| row.id.0 != target.package).cloned();
            let before: Vec<Package> = before.into_iter().chain(others).collect();
            let is_deletable = self.is_deletable((since, at), target, cycle, &before, &BTreeSet::new());
            if !is_deletable {
                let words = format!("{}, and at no instant of the window it should have", words());
                broken.push((Promise::Deletable, words));
            }
            if let Some(words) = self.lost_last_file(exchange) {
                broken.push((Promise::LastFile, words));
            }
            let doubtful = self.doubtful(
                (cycle.run, exchange.machine),
                look.map_or(number, |look| look.first),
                Some(target.package),
            );
            // Whether it is still there or went, a release goes on superseding what led to it.
            let before = [before, self.rows_of(&doubtful)].concat();
            let may_count = is_deletable && !doubtful.is_empty();
            if may_count && !self.is_deletable((since, at), target, cycle, &before, &doubtful) {
                let words = format!("{}, and {doubtful:?} counted as present, for which a deletion was sent", words());
                broken.push((Promise::Counted, words));
            }
            if let Some(look) = look
                && !self.is_of_look(look, number, target, &before, &doubtful)
            {
                let words = format!("{}, and by the answers of its look it should not have", words());
                broken.push((Promise::Looked, words));
            }
            if target.file.is_none()
                && let Some(row) = self.truth(exchange.led_to - 1).package(target.package)
            {
                taken.push((cycle.run, row.clone()));
            }
        }
        broken
    }

    /// Returns what a cycle's approved plan deletes, although the answers of its walk don't call for that.
    pub(crate) fn unplanned(&mut self, cycle: &CycleTold) -> Vec<(Promise, String)> {
        let played = self.played;
        let (Some(approved), Some(walk)) = (&cycle.approved, &cycle.walk) else { return Vec::new() };
        let own = || played.notes.exchanges[walk.clone()].iter().filter(|one| one.run == cycle.run);
        let told = Truth::told(own(), &self.paths);
        // The request at its start may be another machine's.
        let Some(machine) = own().next().map(|one| one.machine) else { return Vec::new() };
        let doubtful = self.doubtful((cycle.run, machine), walk.start, None);
        let taken = self.rows_of(&doubtful);
        let Some(policy) = cycle.policy() else { return Vec::new() };
        let view = told.seen_by((&cycle.set, policy), &taken, &doubtful);
        let wrong = approved.iter().filter(|target| !calls_for(&view, **target, cycle.as_of));
        let policy = &policy.name;
        wrong
            .map(|target| {
                format!("{target} is in the approved plan of {policy}, and the walk's answers don't call for it")
            })
            .map(|words| (Promise::Planned, words))
            .collect()
    }

    /// Returns whether the answers of its look call for a deletion, by the policy files as they were when it ended or later.
    /// Ages count from the plan's instant, or from the look's.
    fn is_of_look(
        &mut self,
        look: Look,
        deletion: usize,
        target: Target,
        taken: &[Package],
        without: &BTreeSet<u64>,
    ) -> bool {
        let Played { notes, cycles, .. } = self.played;
        let exchange = &notes.exchanges[deletion];
        let Some(project) = project_of(exchange) else { return false };
        let Some(cycle) = exchange.cycle.and_then(|cycle| cycles.get(cycle)) else { return false };
        let paths = &self.paths;
        let read = || Truth::told(look.answers(&notes.exchanges, project), paths);
        let told = self.told.entry(look.opened).or_insert_with(read);
        let closed = notes.exchanges[look.closed].served.unwrap_or(exchange.sent);
        let sets = standing(&notes.states, look.ended(&notes.exchanges, deletion), exchange.sent);
        let sets = sets.filter_map(|(set, ..)| Some((set?, set?.policy(&cycle.policy)?)));
        sets.map(|(set, policy)| told.seen_by((set, policy), taken, without))
            .any(|view| [cycle.as_of, closed].into_iter().any(|now| calls_for(&view, target, now)))
    }

    /// Tells a deletion that took the last file of a package which stays, although a reading right before would have shown
    /// that it is the last one. A reading is as fresh as the server that answered it.
    fn lost_last_file(&self, deletion: &Exchange) -> Option<String> {
        let notes = &self.played.notes;
        let Target { package, file: Some(file) } = deletion.deletes? else { return None };
        if contents(&notes.states[deletion.led_to].registry, package, &BTreeSet::new()) > 0 {
            return None;
        }
        // What another process does meanwhile can be seen as little as what people do.
        let own = || notes.exchanges.iter().filter(|other| other.run == deletion.run);
        let before = || own().filter(|other| other.sent <= deletion.sent);
        let is_reading = |other: &&Exchange| {
            other.method == "GET"
                && other.path.contains(&format!("/packages/{package}/package_files"))
                && other.status == Some(200)
        };
        let own: Vec<&Exchange> = before()
            .filter(|other| other.deletes.is_some_and(|it| it.package == package) && other.sent < deletion.sent)
            .collect();
        let reading = before().filter(is_reading).max_by_key(|other| other.served);
        let is_last_word = reading.and_then(|reading| reading.served) > own.iter().map(|other| other.sent).max();
        let as_of = reading.and_then(|reading| Some(reading.served? - seconds(reading.lie.map_or(0, Lie::lag))));
        // A replica that is behind by more than the run is old shows what was there at first.
        let at = |as_of| notes.states.iter().rfind(|state| state.since <= as_of).or(notes.states.first());
        let state = as_of.and_then(at);
        let sent = own.iter().filter_map(|other| other.deletes?.file).collect();
        let showed_more = state.is_some_and(|state| contents(&state.registry, package, &sent) > 1);
        (!(showed_more && is_last_word))
            .then(|| format!("file {file} went at {}, and it was the last one of package {package}", At(deletion.sent)))
    }

    /// Returns the rows of these packages, as they were at first.
    fn rows_of(&mut self, packages: &BTreeSet<u64>) -> Vec<Package> {
        let first = self.truth(0);
        packages.iter().filter_map(|id| first.package(*id).cloned()).collect()
    }

    /// Returns the packages for which a run sent a deletion before the request of this number, and of which no reading
    /// shows that it failed.
    fn doubtful(&self, (run, machine): (usize, Machine), number: usize, own: Option<u64>) -> BTreeSet<u64> {
        let notes = &self.played.notes;
        // A deletion that waits for a rate limit was not done, and will not be.
        // What another run of the machine sent is in the journal, for as long as no reading can tell.
        let now = notes.exchanges.get(number).map(|exchange| exchange.sent);
        let is_recent = |other: &Exchange| now.is_some_and(|now| now < other.sent + seconds(DOUBT));
        let is_taken = |other: &&Exchange| {
            other.machine == machine && (other.run == run || is_recent(other)) && other.status != Some(429)
        };
        let before = notes.exchanges[..number].iter().filter(is_taken);
        let sent = before.filter_map(|other| Some((other.deletes.filter(|it| it.file.is_none())?.package, other.sent)));
        let last: BTreeMap<u64, Timestamp> = sent.collect();
        let is_seen = |package: u64, sent: Timestamp| {
            let row = format!("\"id\":{package},");
            notes.exchanges[..number].iter().any(|other| {
                let is_late = other.method == "GET" && other.sent >= sent + seconds(DOUBT);
                is_late && String::from_utf8_lossy(&other.body).contains(&row)
            })
        };
        last.into_iter()
            .filter(|(package, sent)| Some(*package) != own && !is_seen(*package, *sent))
            .map(|(package, _)| package)
            .collect()
    }

    /// Returns whether the true state, that of the policy files included, deletes it at one instant of the window: from a
    /// minute before the deletion left, and as much more as a replica was behind, until it was carried out.
    fn is_deletable(
        &mut self,
        (since, done): (Timestamp, Timestamp),
        target: Target,
        cycle: &CycleTold,
        taken: &[Package],
        without: &BTreeSet<u64>,
    ) -> bool {
        let played = self.played;
        let states = &played.notes.states;
        (0..states.len()).rev().any(|at| {
            let begin = states[at].since.max(since);
            let end = states.get(at + 1).map_or(done, |next| next.since).min(done);
            if begin > end {
                return false;
            }
            let Some(set) =
                states[at].set.as_ref().filter(|set| [begin, end].iter().any(|now| lets_go(set, cycle, *now)))
            else {
                return false;
            };
            let Some(policy) = set.policy(&cycle.policy) else { return false };
            let view = self.truth(at).seen_by((set, policy), taken, without);
            // Ages may count from the instant of the plan as well.
            [begin, end, cycle.as_of].into_iter().any(|now| calls_for(&view, target, now))
        })
    }

    pub(crate) fn truth(&mut self, at: usize) -> &Truth {
        self.truths[at].get_or_insert_with(|| Truth::of(&self.played.notes.states[at].registry))
    }
}

/// Returns whether a view deletes something, or the package that it is a file of. Where a release that the run deleted before
/// supersedes a pre-release, its package goes as a whole; to a walk that no longer shows the release, it stays, and files of
/// it go.
fn calls_for(view: &View<'_>, target: Target, now: Timestamp) -> bool {
    view.deletes(target, now) || view.deletes(Target { file: None, ..target }, now)
}

/// Counts the files of a package that are there and are no metadata, without those for which a deletion was sent.
fn contents(registry: &Registry, package: u64, sent: &BTreeSet<u64>) -> usize {
    let package = registry.packages.iter().find(|other| other.id == package);
    let files = package.into_iter().flat_map(|package| &package.files);
    files
        .filter(|file| file.status == FileStatus::Default && !file.file_name.starts_with("maven-metadata.xml"))
        .filter(|file| !sent.contains(&file.id))
        .count()
}
