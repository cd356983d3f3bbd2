//! A daemon and `grace`: what marks, what outlives a restart, and what is told of it.

use std::fs;

use gleaner::report::CycleStatus;
use gleaner::serve::Options;
use gleaner::serve::notice::{Authority, Purpose};
use jiff::SignedDuration;

use crate::service::world::{EXECUTE, Time, World, ids, policy, registry};

/// A policy with a grace of three minutes, which runs every minute.
fn patient(mode: &str) -> String {
    policy("acme", mode).replace("version: 1\n", "version: 1\ngrace: 3min\n")
}

const PLAN: Options = Options { authority: Authority::PlanOnly, ..EXECUTE };

/// The value of a metric of the policy; `None` where it has none.
fn of_old(world: &World, name: &str) -> Option<f64> {
    let text = world.metrics.render().unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("gleaner_{name}{{policy=\"old\"}} ")));
    line.map(|value| value.parse().unwrap())
}

#[tokio::test(start_paused = true)]
async fn marks_outlive_restarts_and_a_rehearsal_makes_them() {
    let world = World::with(5).await;
    world.write("old.yaml", &patient("delete"));
    let mut daemon = world.start(EXECUTE).await;
    let rehearsal = daemon.ended("old").await;
    assert_eq!((rehearsal.purpose, rehearsal.report.totals.waiting), (Purpose::Rehearsal, 5));
    let marked = rehearsal.as_of.as_second() as f64;
    assert_eq!(of_old(&world, "grace_seconds"), Some(180.0));
    assert_eq!(of_old(&world, "oldest_mark_timestamp_seconds"), Some(marked));
    for minute in 1..3 {
        world.time.minute().await;
        let cycle = daemon.ended("old").await;
        assert_eq!((cycle.report.status, cycle.count("marked")), (CycleStatus::Executed, 5), "minute {minute}");
        assert_eq!(of_old(&world, "waiting"), Some(5.0));
        daemon.stop().await;
        daemon = world.start(EXECUTE).await;
        // It is known from the start since when nothing came of age.
        assert_eq!(of_old(&world, "waiting_since_timestamp_seconds"), Some(marked));
    }
    world.time.minute().await;
    assert_eq!(daemon.ended("old").await.count("deleted"), 5);
    assert_eq!(world.present(), &ids(2, 5) | &ids(3, 5));
    world.time.minute().await;
    daemon.ended("old").await;
    assert_eq!(of_old(&world, "waiting"), Some(0.0));
    assert_eq!(
        ["oldest_mark", "waiting_since"].map(|name| of_old(&world, &format!("{name}_timestamp_seconds"))),
        [None; 2]
    );
    daemon.stop().await;
}

#[tokio::test(start_paused = true)]
async fn marks_that_are_lost_begin_anew_and_it_is_told_how_long_nothing_came_of_age() {
    for damage in [true, false] {
        let world = World::with(5).await;
        world.write("old.yaml", &patient("delete"));
        let path = world.state().join("marks.json");
        let mut first = None;
        for _ in 0..5 {
            let mut daemon = world.start(EXECUTE).await;
            world.time.minute().await;
            let cycle = daemon.ended("old").await;
            assert_eq!((cycle.report.totals.waiting, world.requests("DELETE", "")), (5, 0));
            let since = of_old(&world, "waiting_since_timestamp_seconds").unwrap();
            assert_eq!(since, *first.get_or_insert(since), "since the first cycle, whatever became of the marks");
            daemon.stop().await;
            if damage { fs::write(&path, "{").unwrap() } else { fs::remove_file(&path).unwrap() }
        }
        let daemon = world.start(EXECUTE).await;
        assert_eq!(daemon.complaint.is_some_and(|told| told.contains("every `grace` begins anew")), damage);
    }
}

/// A `serve` without `--execute` marks what may go, and needs no state that lasts.
#[tokio::test(start_paused = true)]
async fn a_daemon_that_only_plans_marks() {
    let world = World::with(5).await;
    world.write("old.yaml", &patient("delete"));
    let mut daemon = world.start_forgetful(PLAN).await;
    let first = daemon.ended("old").await;
    assert_eq!((first.purpose, first.report.totals.waiting), (Purpose::DryRun, 5));
    for waiting in [5, 5, 0] {
        world.time.minute().await;
        assert_eq!(daemon.ended("old").await.report.totals.waiting, waiting);
    }
    // What it would delete is due: that it doesn't is no matter of marks.
    assert_eq!(of_old(&world, "waiting_since_timestamp_seconds"), None);
    assert_eq!(daemon.stop().await.ended().map(|cycle| cycle.count("deleted")).sum::<u64>(), 0);
}

/// Whoever turns the first key gives everybody the whole time.
#[tokio::test(start_paused = true)]
async fn the_time_in_dry_run_does_not_count() {
    let world = World::with(5).await;
    world.write("old.yaml", &patient("dry-run"));
    let mut daemon = world.start(EXECUTE).await;
    for _ in 0..5 {
        daemon.ended("old").await;
        world.time.minute().await;
    }
    assert_eq!(daemon.ended("old").await.report.totals.waiting, 5);
    assert_eq!(of_old(&world, "waiting_since_timestamp_seconds"), None);
    world.change("old.yaml", "mode: dry-run", "mode: delete");
    daemon.reload().await;
    for expected in ["marked", "marked", "marked", "deleted"] {
        world.time.minute().await;
        assert_eq!(daemon.ended("old").await.count(expected), 5);
    }
    daemon.stop().await;
}

/// A policy that comes back after a while is a new one.
#[tokio::test(start_paused = true)]
async fn a_policy_that_was_taken_out_begins_anew() {
    let world = World::with(5).await;
    world.write("old.yaml", &patient("delete"));
    world.write("other.yaml", &policy("beta", "dry-run"));
    let mut daemon = world.start(EXECUTE).await;
    daemon.ended("old").await;
    let aside = world.folder.path().join("old.yaml");
    fs::rename(world.path("old.yaml"), &aside).unwrap();
    daemon.reload().await;
    for _ in 0..3 {
        world.time.minute().await;
    }
    fs::rename(aside, world.path("old.yaml")).unwrap();
    daemon.reload().await;
    let again = daemon.ended("old").await;
    assert_eq!((again.purpose, again.report.totals.oldest_mark), (Purpose::Rehearsal, Some(again.as_of)));
    daemon.stop().await;
}

/// By which clock should they be dated?
#[tokio::test(start_paused = true)]
async fn clocks_that_disagree_set_no_marks() {
    let world = World::of(|time| registry(5, time), Time::options_apart).await;
    world.write("old.yaml", &patient("delete"));
    world.time.set_by(SignedDuration::from_hours(-1));
    let mut daemon = world.start(EXECUTE).await;
    let cycle = daemon.ended("old").await;
    assert_eq!((cycle.report.totals.waiting, cycle.report.totals.oldest_mark), (5, None));
    world.time.set_by(SignedDuration::from_hours(1));
    world.time.minute().await;
    let cycle = daemon.ended("old").await;
    assert_eq!(cycle.report.totals.oldest_mark, Some(cycle.as_of));
    daemon.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_reload_that_brings_a_grace_needs_a_state_that_lasts() {
    let world = World::with(5).await;
    world.write("old.yaml", &policy("acme", "delete"));
    let mut daemon = world.start_forgetful(EXECUTE).await;
    daemon.ended("old").await;
    world.write("old.yaml", &patient("delete"));
    daemon.signals.reload.notify_one();
    let problem = daemon.not_loaded().await;
    assert!(problem.contains("policy old") && problem.contains("--state-dir"), "{problem}");
    world.time.minute().await;
    let held = daemon.ended("old").await;
    assert_eq!((held.count("not_attempted"), world.metric("policies_valid").as_str()), (5, "0"), "{}", held.error());
    assert_eq!(world.present().len(), 15);
    daemon.stop().await;
}
