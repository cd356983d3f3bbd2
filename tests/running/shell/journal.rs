//! Deletions in the journal: each is on the disk before it is sent, and what a run left in doubt is found out later.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use gitlab_sandbox::Faults;
use gitlab_sandbox::faults::{Body, Fault as Trouble, Kind, Rule, Throttle, When};
use gleaner::cycle::clock::Clock;
use gleaner::cycle::recover::{Recovery, recover};
use gleaner::gitlab::{Connection, Fault, Incoming, Method, Outgoing, RequestCounts, Transport};
use gleaner::plan::{Ending, Item, Outcome};
use gleaner::record::journal::chain::Seq;
use gleaner::record::journal::line::{DeleteLine, Finding, LineContent};
use gleaner::record::journal::{Journal, JournalEnding, OpenedJournal, RunStart};
use gleaner::report::CycleStatus;
use gleaner_support::{InProcess, NOW, grounds, journal_lines, options, run_start};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::shell::faults::{OLD, file, some};
use crate::shell::world::{World, deletions};

fn open(folder: &Path, now: Timestamp) -> Journal {
    let revision = Some("0123abcd".to_owned());
    let start = RunStart { revision, ..run_start(&now.to_string(), "http://gitlab.test") };
    let OpenedJournal { journal, .. } = Journal::open(folder, start, now).unwrap();
    journal
}

/// Looks into the journal whenever a deletion leaves.
struct Watched {
    below: InProcess,
    journal: PathBuf,
    seen: Arc<Mutex<Seen>>,
}

/// What was seen of deletions that left.
#[derive(Default)]
struct Seen {
    /// Those that had no open line by then.
    unwritten: Vec<String>,
    answered: BTreeSet<String>,
    /// The most that were written down and had no answer yet.
    most_unanswered: usize,
}

impl Transport for Watched {
    fn carry(&self, outgoing: Outgoing) -> BoxFuture<'_, Result<Incoming, Fault>> {
        if outgoing.method != Method::Delete {
            return self.below.carry(outgoing);
        }
        let path = outgoing.url.path().to_owned();
        let mut open: Vec<(Seq, String)> = Vec::new();
        for line in journal_lines(&self.journal) {
            match &line.content {
                LineContent::Delete(delete) => open.push((line.seq, path_of(delete))),
                LineContent::Ended(ended) => open.retain(|(seq, _)| *seq != ended.of),
                _ => {}
            }
        }
        let mut seen = self.seen.lock().unwrap();
        if !open.iter().any(|(_, of)| *of == path) {
            seen.unwritten.push(path.clone());
        }
        let unanswered = open.iter().filter(|(_, of)| !seen.answered.contains(of)).count();
        seen.most_unanswered = seen.most_unanswered.max(unanswered);
        Box::pin(async move {
            let answer = self.below.carry(outgoing).await;
            self.seen.lock().unwrap().answered.insert(path);
            answer
        })
    }
}

fn path_of(delete: &DeleteLine) -> String {
    let package = format!("/api/v4/projects/{}/packages/{}", delete.project_id, delete.package_id);
    match &delete.file {
        Some(file) => format!("{package}/package_files/{}", file.id),
        None => package,
    }
}

/// A world with a journal, in which every deletion is looked up there when it leaves.
async fn watched(mut world: World, folder: &TempDir) -> (World, Arc<Mutex<Seen>>) {
    let journal = open(folder.path(), NOW);
    let seen = Arc::new(Mutex::default());
    let (below, on_disk) = (InProcess((*world.server).clone()), journal.folder().to_owned());
    let transport = Watched { below, journal: on_disk, seen: seen.clone() };
    let settings = options("http://gitlab.test", world.server.token());
    world.connection = Connection::over(Arc::new(transport), settings, Arc::new(RequestCounts::default())).unwrap();
    world.journal = Some(journal);
    (world, seen)
}

/// The lines about deletions of packages and files, by what they say of them.
fn told(world: &World) -> Vec<(String, String)> {
    let mut told: Vec<(Seq, String, String)> = Vec::new();
    for line in journal_lines(world.journal.as_ref().unwrap().folder()) {
        match line.content {
            LineContent::Delete(delete) => told.push((line.seq, path_of(&delete), format!("try {}", delete.r#try))),
            LineContent::Ended(ended) => {
                let one = told.iter_mut().find(|(seq, ..)| *seq == ended.of).unwrap();
                one.2 = format!("{}, {}", one.2, ended.outcome);
            }
            _ => {}
        }
    }
    told.into_iter().map(|(_, path, words)| (path, words)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_deletion_is_on_the_disk_before_it_is_sent_and_its_end_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let (world, seen) = watched(World::new(some(30), &[OLD]).await, &folder).await;
    let reports = world.run().await;
    assert_eq!(reports[0].status, CycleStatus::Executed);
    // No more than four may be done without an answer if the run breaks off here.
    let Seen { unwritten, most_unanswered, .. } = &*seen.lock().unwrap();
    assert_eq!((unwritten.as_slice(), *most_unanswered), (&[][..], 4));
    let told = told(&world);
    assert_eq!(told.len(), 30);
    assert!(told.iter().all(|(_, words)| words == "try 1, deleted"), "{told:?}");
    let all = journal_lines(world.journal.as_ref().unwrap().folder());
    let names: Vec<&String> = all
        .iter()
        .filter_map(|line| match &line.content {
            LineContent::Ended(ended) => Some(&ended.request_ids),
            _ => None,
        })
        .flatten()
        .collect();
    assert!(names.len() == 30 && names.iter().all(|name| name.starts_with("01SANDBOX")), "{names:?}");
    assert!(matches!(&all.last().unwrap().content, LineContent::Rest { open } if open.is_empty()));
    let Some(LineContent::Delete(first)) = all.iter().map(|line| &line.content).nth(1) else { panic!("{all:?}") };
    let grounds = &first.grounds;
    assert_eq!(
        (grounds.policy.as_str(), grounds.rule.as_deref(), grounds.who.as_deref(), grounds.revision.as_deref()),
        ("p0", Some("delete[0]"), Some("keeper"), Some("0123abcd"))
    );
    assert_eq!(
        (grounds.reason.as_str(), grounds.because.as_str()),
        ("selected", "newest content is 100 days old (older_than 30d)")
    );
    assert_eq!(
        (first.name.as_str(), first.bytes, first.project_path.as_deref()),
        ("tool-1", Some(10), Some("acme/app"))
    );
    let files: Vec<_> = first.files.iter().flatten().map(|file| (file.id.0, file.size)).collect();
    assert_eq!(files, [(1_000, Some(10))]);
}

#[tokio::test(start_paused = true)]
async fn a_file_is_on_the_disk_before_it_goes() {
    let trim = "version: 1\nmode: delete\nscope: { group: acme }\nfiles: [{ type: generic, keep_newest: 1, \
                keep_newest_per: package }]\nlimits: { max_percent: 100, max_percent_per_project: 100 }\n";
    let mut registry = some(6);
    for package in &mut registry.packages {
        package.files = (1..=5).map(|number| file(package.id * 1_000 + number, 100 - number.cast_signed())).collect();
    }
    let folder = tempfile::tempdir().unwrap();
    let (world, seen) = watched(World::new(registry, &[trim]).await, &folder).await;
    world.run().await;
    assert_eq!((world.present_files().len(), seen.lock().unwrap().unwritten.len()), (6, 0));
    let told = told(&world);
    assert_eq!(told.len(), 24);
    assert!(told.iter().all(|(path, words)| path.contains("/package_files/") && words == "try 1, deleted"), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_and_an_end_that_nobody_can_tell_are_told_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let (world, _) = watched(World::new(some(3), &[OLD]).await, &folder).await;
    let lost = Rule::new(Trouble::HangUp).kind(Kind::DeletePackage).path("*/packages/1").when(When::First(1));
    let false_one = Rule::new(Trouble::FalseDelete).kind(Kind::DeletePackage).path("*/packages/2").when(When::Always);
    world.server.set_faults(Faults::new(0).with(lost).with(false_one));
    world.run().await;
    let told = told(&world);
    let of = |package: u64| -> Vec<&str> {
        let path = format!("/api/v4/projects/1/packages/{package}");
        told.iter().filter(|(of, _)| *of == path).map(|(_, words)| words.as_str()).collect()
    };
    assert_eq!(
        (of(1), of(2), of(3)),
        (vec!["try 1", "try 2, deleted"], vec!["try 1, unconfirmed"], vec!["try 1, deleted"])
    );
    // A later run has to look what became of it.
    let open = world.journal.as_ref().unwrap().open_lines();
    assert_eq!(open.iter().map(|line| line.item.package_id.0).collect::<Vec<_>>(), [2]);
    let again = world.run().await;
    assert_eq!(deletions(&again), [].into(), "no plan names what is in doubt");
}

/// The rate limit asks for longer than the look is good for.
#[tokio::test(start_paused = true)]
async fn what_could_not_be_sent_any_more_is_in_no_doubt() {
    let folder = tempfile::tempdir().unwrap();
    let (world, _) = watched(World::new(some(1), &[OLD]).await, &folder).await;
    let limited =
        Rule::new(Trouble::TooManyRequests(Throttle::Seconds(40))).kind(Kind::DeletePackage).when(When::First(1));
    world.server.set_faults(Faults::new(0).with(limited));
    world.run().await;
    let words: Vec<String> = told(&world).into_iter().map(|(_, words)| words).collect();
    assert_eq!(words, ["try 1, not_attempted", "try 1, deleted"]);
}

/// A disk that is full from the next month on.
#[tokio::test(start_paused = true)]
async fn nothing_is_deleted_that_cannot_be_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let (mut world, _) = watched(World::new(some(3), &[OLD]).await, &folder).await;
    let journal = world.journal.as_ref().unwrap().folder().to_owned();
    let later = NOW + SignedDuration::from_hours(24 * 40);
    let file = journal.join(format!("journal-{}.jsonl", later.strftime("%Y-%m")));
    std::os::unix::fs::symlink("/dev/full", file).unwrap();
    world.clock = Clock::new(move || later);
    let reports = world.run().await;
    assert_eq!((world.deletes(), reports[0].status), (0, CycleStatus::Partial));
    let error = reports[0].error.as_deref().unwrap();
    assert!(
        error.contains("nothing is deleted that can't be written down before") && error.contains("No space left"),
        "{error}"
    );
}

/// A disk that is full right after the deletion was written down.
#[tokio::test(start_paused = true)]
async fn an_end_that_cannot_be_written_down_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::new(some(1), &[OLD]).await;
    world.journal = Some(open(folder.path(), NOW));
    let journal = world.journal.as_ref().unwrap().folder().to_owned();
    let later = NOW + SignedDuration::from_hours(24 * 40);
    let file = journal.join(format!("journal-{}.jsonl", later.strftime("%Y-%m")));
    std::os::unix::fs::symlink("/dev/full", file).unwrap();
    let is_first = AtomicBool::new(true);
    world.clock = Clock::new(move || if is_first.swap(false, Relaxed) { NOW } else { later });
    let reports = world.run().await;
    assert_eq!((world.present().len(), reports[0].status), (0, CycleStatus::Partial));
    let error = reports[0].error.as_deref().unwrap();
    assert!(error.contains("the journal doesn't tell") && error.contains("No space left"), "{error}");
}

/// Writes down that these are about to go, and no more, as a run that is killed does.
fn killed(folder: &Path, about: &[(u64, Option<u64>)]) {
    let journal = open(folder, NOW);
    let line = |&(package, file): &(u64, Option<u64>)| {
        let package =
            gleaner::package::Package { name: format!("tool-{package}"), ..gleaner_support::package(package) };
        let item = match file {
            None => Item::Package { package, bytes: None },
            Some(file) => Item::File { package, file: gleaner_support::file(file, "a.bin", 1) },
        };
        DeleteLine::of(&item, grounds("p0"))
    };
    journal.about(about.iter().map(line).collect(), NOW).unwrap();
}

async fn recovered(world: &World, journal: &Journal, seconds: i64) -> Recovery {
    let later = NOW + SignedDuration::from_secs(seconds);
    world.set_their_clock(later);
    recover(&world.connection, journal, &Clock::new(move || later), &CancellationToken::new()).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_a_killed_run_left_is_closed_once_an_answer_can_tell() {
    let mut registry = some(3);
    registry.packages[2].files.push(file(3_001, 100));
    let world = World::new(registry, &[OLD]).await;
    let folder = tempfile::tempdir().unwrap();
    // Package 9 is gone, and so are file 3,002 and everything in package 8.
    killed(folder.path(), &[(1, None), (9, None), (3, Some(3_001)), (3, Some(3_002)), (8, Some(8_001))]);
    let journal = open(folder.path(), NOW);
    assert_eq!(recovered(&world, &journal, 119).await, Recovery { not_deleted: 0, gone: 3, left: 2 });
    assert_eq!(recovered(&world, &journal, 120).await, Recovery { not_deleted: 2, gone: 0, left: 0 });
    assert_eq!(journal.open_lines(), []);
    let closed: Vec<_> = journal_lines(journal.folder())
        .into_iter()
        .filter_map(|line| match line.content {
            LineContent::Closed(closed) => {
                Some((closed.item.package_id.0, closed.item.file_id.map(|id| id.0), closed.found.code()))
            }
            _ => None,
        })
        .collect();
    let gone = [(3, Some(3_002), "gone"), (8, Some(8_001), "gone"), (9, None, "gone")];
    let there = [(1, None, "not_deleted"), (3, Some(3_001), "not_deleted")];
    assert_eq!(closed, [gone, [there[0], there[1], there[0]]].concat()[..5]);
}

/// Nothing of a project is shown where the token lost its right to see it, and then nobody knows. An empty listing says
/// nothing beside such a project.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_seen_stays_open() {
    let folder = tempfile::tempdir().unwrap();
    killed(folder.path(), &[(1, None), (9, None)]);
    let journal = open(folder.path(), NOW);
    let mut unseen = some(1);
    unseen.projects[0].visibility = gitlab_sandbox::Visibility::Private;
    unseen.members.clear();
    let hidden = World::new(unseen, &[OLD]).await;
    let half_hidden = World::new(some(0), &[OLD]).await;
    let missing = Trouble::Status { code: 404, body: Body::Json };
    half_hidden.server.set_faults(Faults::new(0).with(Rule::new(missing).path("*/projects/1")));
    for world in [hidden, half_hidden] {
        assert_eq!(recovered(&world, &journal, 9_000).await, Recovery { not_deleted: 0, gone: 0, left: 2 });
    }
}

/// GitLab's clock is behind this machine's, as far as it may be.
#[tokio::test(start_paused = true)]
async fn what_a_killed_run_left_is_closed_under_a_clock_that_is_behind() {
    let world = World::new(some(1), &[OLD]).await;
    let folder = tempfile::tempdir().unwrap();
    killed(folder.path(), &[(1, None), (9, None)]);
    let journal = open(folder.path(), NOW);
    let later = NOW + SignedDuration::from_secs(240);
    let (clock, stop) = (Clock::new(move || later), CancellationToken::new());
    let recovery = recover(&world.connection, &journal, &clock, &stop).await.unwrap();
    assert_eq!(recovery, Recovery { not_deleted: 1, gone: 1, left: 0 });
}

/// Each request waits and tries for a minute, and each name has requests of its own.
#[tokio::test(start_paused = true)]
async fn a_gitlab_that_is_down_is_not_asked_for_everything_that_is_in_doubt() {
    let world = World::new(some(1), &[OLD]).await;
    let outage = Rule::new(Trouble::Status { code: 503, body: Body::Json });
    world.server.set_faults(Faults::new(0).with(outage));
    let folder = tempfile::tempdir().unwrap();
    killed(folder.path(), &(1..=40).map(|id| (id, None)).collect::<Vec<_>>());
    let journal = open(folder.path(), NOW);
    let recovery = recovered(&world, &journal, 9_000).await;
    assert_eq!(recovery, Recovery { not_deleted: 0, gone: 0, left: 40 });
    let asked: BTreeSet<String> = world.server.requests().into_iter().map(|request| request.path).collect();
    assert_eq!((asked.len(), world.server.requests().len()), (1, 5 * 6), "{asked:?}");
}

/// Three versions, of which the highest was deleted at `NOW`, and a server that is behind shows all of them.
async fn of_before(seconds: i64) -> World {
    let mut registry = some(3);
    for package in &mut registry.packages {
        package.name = "tool".to_owned();
        package.version = Some(format!("{}.0", package.id));
    }
    let latest_too = OLD.replace("older_than: 30d", "older_than: 30d, allow_latest: true");
    let mut world = World::new(registry, &[&format!("{latest_too}keep: [{{ newest: 1, by: version }}]\n")]).await;
    world.now = NOW + SignedDuration::from_secs(seconds);
    world.set_their_clock(world.now);
    world
}

/// Writes down that version 3.0 is about to go.
fn about_the_highest(journal: &Journal) -> Seq {
    let package = gleaner::package::Package { name: "tool".to_owned(), ..gleaner_support::package(3) };
    let line = DeleteLine::of(&Item::Package { package, bytes: None }, grounds("p0"));
    journal.about(vec![line], NOW).unwrap()[0]
}

#[tokio::test(start_paused = true)]
async fn what_a_run_before_deleted_takes_no_place_for_two_minutes() {
    for (seconds, left) in [(119, [2, 3].as_slice()), (120, &[3])] {
        let folder = tempfile::tempdir().unwrap();
        let before = open(folder.path(), NOW);
        let seq = about_the_highest(&before);
        let ending = Ending::of(Outcome::Deleted);
        before.ended(seq, JournalEnding { ending, request_ids: Vec::new() }, NOW).unwrap();
        before.rest(NOW).unwrap();
        drop(before);
        let mut world = of_before(seconds).await;
        world.journal = Some(open(folder.path(), world.now));
        world.run().await;
        assert_eq!(world.present().into_iter().collect::<Vec<_>>(), left, "after {seconds} s");
    }
}

/// The recovery asked a server that is not behind.
#[tokio::test(start_paused = true)]
async fn what_is_found_to_be_gone_takes_no_place_for_two_minutes() {
    for (seconds, left) in [(119, [2, 3].as_slice()), (120, &[3])] {
        let folder = tempfile::tempdir().unwrap();
        let seq = about_the_highest(&open(folder.path(), NOW));
        let mut world = of_before(seconds).await;
        let journal = open(folder.path(), NOW);
        journal.closed(seq, Finding::Gone, NOW, NOW).unwrap();
        world.journal = Some(journal);
        world.run().await;
        assert_eq!(world.present().into_iter().collect::<Vec<_>>(), left, "after {seconds} s");
    }
}

/// A package of which a file is in doubt may have got content lately or long ago, so it stays until that is settled.
#[tokio::test(start_paused = true)]
async fn nobody_knows_the_age_of_a_package_of_which_a_file_is_in_doubt() {
    for (in_doubt, left) in [(Some(1_001), [1].as_slice()), (None, &[])] {
        let mut registry = some(2);
        registry.packages[0].files.push(file(1_001, if in_doubt.is_some() { 10 } else { 60 }));
        let folder = tempfile::tempdir().unwrap();
        killed(folder.path(), &in_doubt.map(|file| (1, Some(file))).into_iter().collect::<Vec<_>>());
        let mut world = World::new(registry, &[OLD]).await;
        world.journal = Some(open(folder.path(), NOW));
        let report = world.run().await.remove(0);
        assert_eq!(world.present().into_iter().collect::<Vec<_>>(), left);
        let status = if in_doubt.is_some() { CycleStatus::Partial } else { CycleStatus::Executed };
        assert_eq!(report.status, status, "{:?}", report.error);
    }
}
