//! A new or changed policy is planned once before it may delete, and nobody deletes without both keys.

use std::fs;

use gitlab_sandbox::faults::{Body, Fault, Kind, Rule};
use gitlab_sandbox::{Faults, Package, PackageFile, PackageType, Registry};
use gleaner::report::CycleStatus;
use gleaner::serve::notice::{Authority, Purpose};
use gleaner::serve::{OnStart, Options, Rehearsal};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::service::told::Told;
use crate::service::world::{EXECUTE, Time, World, ids, old, policy, registry};

#[tokio::test(start_paused = true)]
async fn a_new_policy_is_planned_when_it_is_loaded_and_executed_when_it_is_due() {
    let world = World::with(5).await;
    world.write("old.yaml", &policy("acme", "delete"));
    let everything = world.present();
    let mut daemon = world.start(EXECUTE).await;
    let rehearsal = daemon.ended("old").await;
    assert_eq!((rehearsal.purpose, rehearsal.report.status), (Purpose::Rehearsal, CycleStatus::Planned));
    assert_eq!(rehearsal.planned(), ids(1, 5));
    assert_eq!((world.present(), world.requests("DELETE", "")), (everything.clone(), 0));

    world.time.minute().await;
    let execution = daemon.ended("old").await;
    assert_eq!((execution.purpose, execution.report.status), (Purpose::Execution, CycleStatus::Executed));
    assert_eq!(execution.planned(), rehearsal.planned());
    assert_eq!(world.present(), &everything - &rehearsal.planned());
    let story = daemon.stop().await;
    assert_eq!(story.cycles(), ["old rehearsal planned", "old execution executed"]);
}

#[tokio::test(start_paused = true)]
async fn without_rehearsals_a_policy_waits_for_its_time_and_executes() {
    let world = World::with(5).await;
    world.write("old.yaml", &policy("acme", "delete"));
    let mut daemon = world.start(Options { rehearsal: Rehearsal::Waived, ..EXECUTE }).await;
    // It looked at its files twice, and was not due.
    world.time.look().await;
    world.time.look().await;
    assert_eq!(world.listings("acme"), 0);
    world.time.minute().await;
    daemon.ended("old").await;
    assert_eq!(world.present(), &ids(2, 5) | &ids(3, 5));
    assert_eq!(daemon.stop().await.cycles(), ["old execution executed"]);
}

#[tokio::test(start_paused = true)]
async fn a_daemon_without_the_second_key_never_deletes() {
    for rehearsal in [Rehearsal::Required, Rehearsal::Waived] {
        let world = World::with(5).await;
        world.write("old.yaml", &policy("acme", "delete"));
        let options = Options { authority: Authority::PlanOnly, rehearsal, on_start: OnStart::Run, ..EXECUTE };
        let mut daemon = world.start(options).await;
        daemon.ended("old").await;
        for _ in 0..3 {
            world.time.minute().await;
            assert_eq!(daemon.ended("old").await.planned(), ids(1, 5));
        }
        assert_eq!(daemon.stop().await.cycles(), ["old dry_run planned"; 4]);
        assert_eq!((world.present().len(), world.requests("DELETE", "")), (15, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_without_the_first_key_never_deletes() {
    let world = World::with(5).await;
    world.write("old.yaml", &policy("acme", "dry-run"));
    let mut daemon = world.start(Options { rehearsal: Rehearsal::Waived, ..EXECUTE }).await;
    for _ in 0..3 {
        world.time.minute().await;
        daemon.ended("old").await;
    }
    assert_eq!(daemon.stop().await.cycles(), ["old dry_run planned"; 3]);
    assert_eq!((world.present().len(), world.requests("DELETE", "")), (15, 0));
}

#[tokio::test(start_paused = true)]
async fn a_policy_without_a_schedule_never_runs() {
    let world = World::with(5).await;
    let without = |text: String| text.replace("schedule: \"* * * * *\"\n", "");
    world.write("idle.yaml", &without(policy("acme", "delete")));
    world.write("old.yaml", &policy("beta", "delete"));
    let mut daemon = world.start(Options { on_start: OnStart::Run, ..EXECUTE }).await;
    daemon.ended("old").await;
    world.time.minute().await;
    daemon.ended("old").await;
    // Only where nothing would ever run is that worth a word.
    world.write("old.yaml", &without(policy("beta", "delete")));
    daemon.reload().await;
    world.time.minute().await;
    let story = daemon.stop().await;
    assert_eq!(story.cycles(), ["old rehearsal planned", "old execution executed"]);
    assert_eq!(world.listings("acme"), 0);
    let complaints: Vec<_> = story.0.iter().filter(|told| matches!(told, Told::Complaint(_))).collect();
    assert!(
        matches!(complaints.as_slice(), [Told::Complaint(problem)] if problem.contains("no policy has a schedule"))
    );
}

/// What happens between a rehearsal and the next start.
struct Between {
    change: fn(&World),
    /// What the daemon makes of it: nothing, or another rehearsal.
    is_rehearsed_again: bool,
}

/// A world whose policy was rehearsed by a daemon that ended since.
async fn rehearsed() -> World {
    let world = World::with(5).await;
    // What waits for a second is due in the next minute.
    world.write("old.yaml", &policy("acme", "delete").replace("version: 1\n", "version: 1\ngrace: 1s\n"));
    world.write("hold.yaml", "version: 1\nprotect: [{ id: 105, note: one }]\n");
    let mut daemon = world.start(EXECUTE).await;
    assert_eq!(daemon.ended("old").await.purpose, Purpose::Rehearsal);
    daemon.stop().await;
    world
}

fn betweens() -> Vec<Between> {
    let again = |change| Between { change, is_rehearsed_again: true };
    let not_again = |change| Between { change, is_rehearsed_again: false };
    vec![
        not_again(|_| {}),
        not_again(|world| world.change("old.yaml", "version: 1", "version: 1\ndescription: text")),
        not_again(|world| world.change("old.yaml", "max_percent: 100,", "max_percent: 99, max_deletions: 900,")),
        not_again(|world| world.change("hold.yaml", "note: one", "note: two")),
        not_again(|world| fs::rename(world.path("hold.yaml"), world.path("legal.yaml")).unwrap()),
        again(|world| world.change("old.yaml", "grace: 1s\n", "")),
        again(|world| world.change("old.yaml", "older_than: 30d", "older_than: 31d")),
        again(|world| world.change("old.yaml", "types: [npm]", "types: [npm, generic]")),
        again(|world| world.change("hold.yaml", "id: 105", "id: 104")),
        again(|world| fs::remove_file(world.path("hold.yaml")).unwrap()),
        again(|world| fs::rename(world.path("old.yaml"), world.path("renamed.yaml")).unwrap()),
        again(|world| fs::remove_file(world.state().join("state.json")).unwrap()),
        again(|world| fs::write(world.state().join("state.json"), "{").unwrap()),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_restart_rehearses_what_decides_otherwise_and_nothing_else() {
    for (number, Between { change, is_rehearsed_again }) in betweens().into_iter().enumerate() {
        let world = rehearsed().await;
        change(&world);
        let is_damaged = fs::read(world.state().join("state.json")).is_ok_and(|bytes| bytes == b"{");
        let name = if world.path("old.yaml").exists() { "old" } else { "renamed" };
        let mut daemon = world.start(EXECUTE).await;
        assert_eq!(daemon.complaint.is_some(), is_damaged, "change {number}");
        if is_rehearsed_again {
            daemon.ended(name).await;
            assert_eq!(world.requests("DELETE", ""), 0, "change {number}");
        }
        world.time.minute().await;
        daemon.ended(name).await;
        let expected: &[&str] = match (is_rehearsed_again, name) {
            (true, "old") => &["old rehearsal planned", "old execution executed"],
            (true, _) => &["renamed rehearsal planned", "renamed execution executed"],
            (false, _) => &["old execution executed"],
        };
        assert_eq!(daemon.stop().await.cycles(), expected, "change {number}");
    }
}

/// A dry run of the same rules has shown what they do, so the first key may be turned.
#[tokio::test(start_paused = true)]
async fn a_policy_that_was_planned_may_be_put_into_mode_delete() {
    let world = World::with(5).await;
    world.write("old.yaml", &policy("acme", "dry-run"));
    let mut daemon = world.start(EXECUTE).await;
    daemon.ended("old").await;
    world.change("old.yaml", "mode: dry-run", "mode: delete");
    daemon.reload().await;
    world.time.minute().await;
    daemon.ended("old").await;
    assert_eq!(daemon.stop().await.cycles(), ["old dry_run planned", "old execution executed"]);
    assert_eq!(world.present(), &ids(2, 5) | &ids(3, 5));
}

#[tokio::test(start_paused = true)]
async fn a_reload_rehearses_what_changed_at_once() {
    let world = World::with(5).await;
    world.write("a.yaml", &policy("acme", "delete"));
    world.write("b.yaml", &policy("beta", "delete"));
    let mut daemon = world.start(EXECUTE).await;
    daemon.ended("b").await;
    world.change("b.yaml", "older_than: 30d", "older_than: 31d");
    daemon.reload().await;
    assert_eq!(daemon.ended("b").await.purpose, Purpose::Rehearsal);
    world.time.minute().await;
    daemon.ended("b").await;
    let story = daemon.stop().await;
    let of = |name: &str| story.cycles().into_iter().filter(|cycle| cycle.starts_with(name)).collect::<Vec<_>>();
    assert_eq!(of("a "), ["a rehearsal planned", "a execution executed"]);
    assert_eq!(of("b "), ["b rehearsal planned", "b rehearsal planned", "b execution executed"]);
    assert_eq!(world.present(), ids(3, 5));
}

/// A hold ends by itself, without any file that changes. What it held must not go unseen.
#[tokio::test(start_paused = true)]
async fn a_hold_that_ends_is_a_change() {
    let world = World::with(5).await;
    let today = world.time.now().to_zoned(TimeZone::UTC).date();
    world.write("old.yaml", &policy("acme", "delete"));
    world.write("hold.yaml", &format!("version: 1\nprotect: [{{ id: [104, 105], until: {today} }}]\n"));
    let mut daemon = world.start(EXECUTE).await;
    assert_eq!(daemon.ended("old").await.planned(), ids(1, 3));
    world.time.set_by(SignedDuration::from_hours(24));
    world.time.minute().await;
    let again = daemon.ended("old").await;
    assert_eq!((again.purpose, again.planned()), (Purpose::Rehearsal, ids(1, 5)));
    assert_eq!((world.present().len(), world.requests("DELETE", "")), (15, 0));
    daemon.stop().await;
}

/// A rehearsal that failed has shown nothing.
#[tokio::test(start_paused = true)]
async fn a_rehearsal_that_failed_is_none() {
    let world = World::with(5).await;
    world.write("old.yaml", &policy("acme", "delete"));
    world.server.set_faults(Faults::new(0).with(Rule::new(Fault::HangUp).kind(Kind::GroupPackages)));
    let mut daemon = world.start(EXECUTE).await;
    daemon.ended("old").await;
    world.server.set_faults(Faults::default());
    for _ in 0..2 {
        world.time.minute().await;
        daemon.ended("old").await;
    }
    let story = daemon.stop().await;
    assert_eq!(story.cycles(), ["old rehearsal failed", "old rehearsal planned", "old execution executed"]);
    assert_eq!(world.present(), &ids(2, 5) | &ids(3, 5));
}

/// A rehearsal that saw the files of few packages only has shown too little; one look-up that always fails must not hold
/// a policy up for ever.
#[tokio::test(start_paused = true)]
async fn a_rehearsal_that_lacks_the_files_of_many_packages_is_none() {
    let piles = |time: &Time| {
        let file = |id: u64, age: i64| PackageFile {
            id,
            file_name: "tool.tgz".to_owned(),
            created_at: time.days_ago(age),
            updated_at: time.days_ago(100),
            ..PackageFile::default()
        };
        let pile = |id: u64| Package {
            package_type: PackageType::Generic,
            files: vec![file(id * 10, 60), file(id * 10 + 1, 50)],
            ..old(id, 1, &format!("tool-{id}"), "1.0.0", time)
        };
        Registry { packages: (101..=130).map(pile).collect(), ..registry(0, time) }
    };
    for (unseen, is_rehearsed) in [(2, true), (4, false)] {
        let world = World::over(piles).await;
        let text = "version: 1\nmode: delete\nschedule: \"* * * * *\"\nscope: { group: acme, types: [generic] }\n\
                    files: [{ type: generic, keep_newest: 1 }]\n";
        world.write("trim.yaml", text);
        let faults = (0..unseen).fold(Faults::new(0), |faults, number| {
            let forbidden = Fault::Status { code: 403, body: Body::Json };
            faults.with(Rule::new(forbidden).kind(Kind::PackageFiles).path(&format!("*/packages/{}/*", 101 + number)))
        });
        world.server.set_faults(faults);
        let mut daemon = world.start(EXECUTE).await;
        let first = daemon.ended("trim").await;
        assert_eq!((first.report.status, first.report.totals.delete_files), (CycleStatus::Partial, 30 - unseen));
        world.time.minute().await;
        let second = daemon.ended("trim").await;
        let expected = if is_rehearsed { Purpose::Execution } else { Purpose::Rehearsal };
        assert_eq!(second.purpose, expected, "{unseen} unseen");
        daemon.stop().await;
    }
}

/// A reload finds a policy unrehearsed whose rehearsal is under way. Once that has ended there is nothing to rehearse, and
/// a run that was asked for all the same would be an execution before its time.
#[tokio::test(start_paused = true)]
async fn a_reload_during_a_rehearsal_brings_no_execution_forward() {
    type Change = fn(&World);
    let changes: [(&str, &str, Change); 3] = [
        ("another policy", "delete", |world| world.write("new.yaml", &policy("beta", "dry-run"))),
        ("a limit", "delete", |world| {
            world.change("old.yaml", "max_percent: 100,", "max_percent: 99, max_deletions: 9,");
        }),
        ("the mode", "dry-run", |world| world.change("old.yaml", "mode: dry-run", "mode: delete")),
    ];
    for (what, mode, change) in changes {
        let world = World::with(5).await;
        world.write("old.yaml", &policy("acme", mode));
        let slow = Rule::new(Fault::SlowBody { millis: 1_000 }).kind(Kind::GroupPackages).path("*/groups/acme/*");
        world.server.set_faults(Faults::new(0).with(slow));
        let mut daemon = world.start(EXECUTE).await;
        world.until("a page is asked for", |world| world.listings("acme") == 1).await;
        change(&world);
        daemon.reload().await;
        world.server.set_faults(Faults::default());
        world.time.look().await;
        assert_ne!(daemon.ended("old").await.purpose, Purpose::Execution, "{what}");
        world.time.look().await;
        world.time.look().await;
        let story = daemon.stop().await;
        let executions = story.ended().filter(|cycle| cycle.purpose == Purpose::Execution);
        assert_eq!((executions.count(), world.requests("DELETE", "")), (0, 0), "{what}: {:?}", story.cycles());
    }
}
