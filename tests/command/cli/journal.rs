//! The journal of the program: where it lies, and what `kill -9` leaves in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gitlab_sandbox::{Clock, Options, PackageType, Registry, Sandbox, Series, Status};
use gleaner::cycle::recover::{Recovery, recover};
use gleaner::record::journal::line::{Line, LineContent};
use gleaner::record::journal::{Journal, verify};
use gleaner_support::{cases, in_process, journal_lines, run_start};
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::cli::gate::{Gate, Running};
use crate::cli::program::{OLD, Program, deletions, seeded, serve};

const APPLY: [&str; 6] = ["apply", "--yes", "--output", "json", "--journal", "written"];

/// Old packages of a type that needs no look-up.
fn thousand() -> Registry {
    let seeded = seeded(0);
    let project_id = seeded.projects[0].id;
    let series = Series {
        first_id: 1_000_001,
        count: 1_000,
        project_id,
        package_type: PackageType::Npm,
        name: "bulk".to_owned(),
        version: "1.0.{n}".to_owned(),
        first_created_at: "2024-01-01T00:00:00Z".parse().unwrap(),
        every_seconds: 60,
        updated_at: "2024-01-02T00:00:00Z".parse().unwrap(),
        ..Series::default()
    };
    Registry { series: vec![series], packages: Vec::new(), protection_rules: Vec::new(), ..seeded }
}

fn present(sandbox: &Sandbox) -> BTreeSet<u64> {
    let packages = sandbox.packages().into_iter();
    packages.filter(|package| package.status != Status::PendingDestruction).map(|package| package.id).collect()
}

/// The one folder of a GitLab's journal below this one.
fn journal_below(folder: &Path) -> PathBuf {
    let mut all: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// The packages that a journal has a deletion of, and those that it tells to be gone, as often as it does.
fn told(lines: &[Line]) -> (BTreeSet<u64>, Vec<u64>) {
    let (mut about, mut gone) = (BTreeSet::new(), Vec::new());
    for line in lines {
        match &line.content {
            LineContent::Delete(delete) => _ = about.insert(delete.package_id.0),
            LineContent::Ended(ended) if ended.outcome == "deleted" => gone.push(ended.item.package_id.0),
            LineContent::Closed(closed) if closed.found.code() == "gone" => gone.push(closed.item.package_id.0),
            _ => {}
        }
    }
    (about, gone)
}

/// Looks two minutes later what became of what is still in doubt.
async fn recover_later(gate: &Gate, journal: &Path, now: Timestamp) -> Recovery {
    let later = now + SignedDuration::from_secs(121);
    let options = Options { clock: Clock::new(move || later), ..Options::default() };
    let sandbox = Sandbox::open((*gate.sandbox.snapshot()).clone(), &options).unwrap();
    let start = run_start("later", &gate.url);
    let journal = Journal::open(journal, start, later).unwrap().journal;
    let clock = gleaner::cycle::clock::Clock::new(move || later);
    recover(&in_process(&sandbox), &journal, &clock, &CancellationToken::new()).await.unwrap()
}

/// `.ci/run --long` kills thirty.
#[expect(clippy::disallowed_methods, reason = "the program's own clock can't be set")]
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_killed_leaves_no_deletion_without_its_line() {
    for kill in 0..cases().div_ceil(34) as usize {
        let mut gate = Gate::new(thousand(), "DELETE", "/packages/").await;
        gate.open();
        let program = Program::with(&[("old.yaml", &OLD.replace(" }]", ", allow_latest: true }]"))]);
        let program = program.env("GITLAB_URL", &gate.url).env("GITLAB_TOKEN", gate.sandbox.token());
        let running = Running::start(&program, &APPLY);
        for _ in 0..(kill * 397 + 120) % 1_000 {
            gate.arrival().await;
        }
        running.kill();
        let folder = program.folder().join("written");
        let journal = journal_below(&folder);
        let (about, gone_by_first) = told(&journal_lines(&journal));
        let unwritten: Vec<u64> = (1_000_001..=1_001_000).filter(|id| !present(&gate.sandbox).contains(id)).collect();
        assert!(unwritten.iter().all(|id| about.contains(id)), "{kill}: {unwritten:?} {about:?}");

        // Sooner than two minutes later.
        let again = program.run(&APPLY);
        assert!(again.stderr.contains("warning: an earlier run broke off"), "{kill}: {}", again.stderr);
        let in_doubt = present(&gate.sandbox);
        assert!(in_doubt.len() < 120, "{kill}: {in_doubt:?}");
        let named: BTreeSet<u64> = deletions(&again.json()).into_iter().collect();
        assert!(named.iter().all(|id| !gone_by_first.contains(id) && !in_doubt.contains(id)), "{kill}");

        let recovery = recover_later(&gate, &folder, Timestamp::now()).await;
        assert_eq!(recovery, Recovery { not_deleted: in_doubt.len(), gone: 0, left: 0 }, "{kill}");
        let last = program.run(&APPLY);
        assert_eq!((last.code, present(&gate.sandbox).len()), (0, 0), "{kill}: {}", last.stderr);

        let all = journal_lines(&journal);
        let (_, mut gone) = told(&all);
        gone.sort_unstable();
        assert!(gone == (1_000_001..=1_001_000).collect::<Vec<u64>>(), "{kill}: told twice, or not at all");
        let verified = verify(&journal).unwrap();
        assert!(verified.breaks.is_empty(), "{kill}: {:?}", verified.breaks);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_lies_where_it_was_asked_for_or_below_the_state() {
    let server = serve(seeded(400)).await;
    let table: [(&[&str], Option<&str>); 4] = [
        (&["--journal", "written"], Some("written")),
        (&["--state-dir", "state"], Some("state/journal")),
        (&[], Some("state-home/gleaner/journal")),
        (&["--no-journal"], None),
    ];
    for (arguments, folder) in table {
        let program = Program::with(&[("old.yaml", OLD)]).against(&server, server.token());
        let ended = program.run(&[&["apply", "--yes"], arguments].concat());
        assert_eq!(ended.stderr.contains("no journal is kept"), folder.is_none(), "{}", ended.stderr);
        for one in ["written", "state/journal", "state-home/gleaner/journal"] {
            assert_eq!(program.folder().join(one).is_dir(), folder == Some(one), "{arguments:?}: {one}");
        }
        if let Some(folder) = folder {
            let lines = journal_lines(&journal_below(&program.folder().join(folder)));
            assert!(matches!(&lines[0].content, LineContent::Run(run) if run.instance == server.url()), "{lines:?}");
        }
    }
    // Nothing real is deleted there.
    let program = Program::with(&[("old.yaml", OLD)]);
    assert_eq!(program.run(&["apply", "--yes", "--sandbox"]).code, 0);
    assert!(!program.folder().join("state-home").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_deleted_without_a_journal_that_can_be_used() {
    let server = serve(seeded(400)).await;
    let program = Program::with(&[("old.yaml", OLD)]).against(&server, server.token());
    fs::write(program.folder().join("file"), "").unwrap();
    let ended = program.run(&["apply", "--yes", "--journal", "file"]);
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    assert!(ended.stderr.contains("the folder for the journal"), "{}", ended.stderr);
    let homeless = program.env("XDG_STATE_HOME", "");
    for command in [&["apply", "--yes"][..], &["serve", "--execute", "--listen", "127.0.0.1:0"]] {
        let ended = homeless.run(command);
        assert_eq!(ended.code, 2, "{command:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("there is no folder for the journal"), "{}", ended.stderr);
    }
    assert!(server.requests().iter().all(|request| request.method == "GET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn months_that_need_not_be_kept_are_removed() {
    let server = serve(seeded(40)).await;
    let instance = |keys: &str| format!("version: 1\ninstance: {{ paused: true{keys} }}\n");
    let table = [(", journal: { keep: 1y }", false), (", journal: { keep: 90y }", true), ("", true)];
    for (keys, is_kept) in table {
        let instance = instance(keys);
        let program =
            Program::with(&[("old.yaml", OLD), ("acme.yaml", instance.as_str())]).against(&server, server.token());
        let folder = program.folder().join("written");
        let long_ago: Timestamp = "2001-02-03T00:00:00Z".parse().unwrap();
        let opened = Journal::open(&folder, run_start("long-ago", server.url()), long_ago).unwrap();
        drop(opened);
        let old = journal_below(&folder).join("journal-2001-02.jsonl");
        assert!(old.exists());
        let ended = program.run(&APPLY);
        assert_eq!(old.exists(), is_kept, "{keys}: {}", ended.stderr);
        let verified = program.run(&["history", "--journal", "written", "--verify"]);
        assert_eq!(verified.code, 0, "{keys}: {}", verified.stderr);
    }
}
