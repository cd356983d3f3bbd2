//! A stop finishes what is in flight, and begins nothing else.

use std::time::Duration;

use gitlab_sandbox::Faults;
use gitlab_sandbox::faults::{Fault, Kind, Rule};
use gleaner::report::CycleStatus;
use gleaner::serve::{OnStart, Options, Rehearsal};

use crate::service::time::daily;
use crate::service::told::{Running, Told};
use crate::service::world::{EXECUTE, World, policy};

/// One batch after the other, each at once.
const AT_ONCE: Options = Options { rehearsal: Rehearsal::Waived, on_start: OnStart::Run, concurrent: 1, ..EXECUTE };

fn slow(kind: Kind) -> Faults {
    Faults::new(0).with(Rule::new(Fault::SlowBody { millis: 60_000 }).kind(kind))
}

/// A daemon with four deletions in flight and eight to come, a policy beside it in its batch, and one that waits for
/// its turn.
async fn executing() -> (World, Running) {
    let world = World::with(12).await;
    world.write("a.yaml", &policy("acme", "delete"));
    world.write("b.yaml", &policy("acme", "delete"));
    world.write("c.yaml", &policy("beta", "delete"));
    world.server.set_faults(slow(Kind::PackageFiles));
    let daemon = world.start(AT_ONCE).await;
    world.until("four deletions are under way", |world| world.requests("GET", "/package_files") == 4).await;
    (world, daemon)
}

async fn stopping(daemon: &mut Running) {
    daemon.signals.stop.cancel();
    daemon.hear("the stop", |told| matches!(told, Told::Stopping).then_some(())).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_in_flight_finishes_and_the_rest_is_not_attempted() {
    let world = World::with(12).await;
    world.write("a.yaml", &policy("acme", "delete"));
    world.write("b.yaml", &policy("acme", "delete"));
    world.write("c.yaml", &policy("beta", "delete"));
    world.server.set_faults(Faults::new(0).with(Rule::new(Fault::SlowBody { millis: 5_000 }).kind(Kind::PackageFiles)));
    let mut daemon = world.start(AT_ONCE).await;
    world.until("four deletions are under way", |world| world.requests("GET", "/package_files") == 4).await;
    stopping(&mut daemon).await;
    world.time.pass(Duration::from_secs(6)).await;
    let story = daemon.end().await;
    assert_eq!(story.cycles(), ["a execution partial"]);
    let cycle = story.ended().next().unwrap();
    assert_eq!((cycle.count("deleted"), cycle.count("not_attempted")), (4, 8));
    assert_eq!((world.present().len(), world.requests("DELETE", "")), (32, 4));
    assert_eq!(world.listings("beta"), 0);
    assert_eq!(story.count(|told| matches!(told, Told::Began)), 1);
    let last: Vec<_> = story.0.iter().rev().take(2).collect();
    assert!(matches!(last.as_slice(), [Told::Ended(_), Told::Stopping]), "nothing is told after the end: {last:?}");
}

/// A container has 30 s between SIGTERM and its end.
#[tokio::test(start_paused = true)]
async fn a_gitlab_that_does_not_answer_holds_the_end_up_for_ten_seconds() {
    let (world, mut daemon) = executing().await;
    stopping(&mut daemon).await;
    let asked = world.time.now();
    world.time.pass(Duration::from_secs(11)).await;
    let story = daemon.end().await;
    assert!(world.time.now().duration_since(asked).as_secs() < 12);
    let cycle = story.ended().next().unwrap();
    assert_eq!((cycle.count("unconfirmed"), cycle.count("not_attempted")), (4, 8));
    assert_eq!((story.cycles(), world.requests("DELETE", "")), (vec!["a execution partial".to_owned()], 4));
}

#[tokio::test(start_paused = true)]
async fn a_walk_is_broken_off() {
    let world = World::with(12).await;
    world.write("a.yaml", &policy("acme", "delete"));
    world.write("b.yaml", &policy("acme", "delete"));
    world.server.set_faults(slow(Kind::GroupPackages));
    let mut daemon = world.start(AT_ONCE).await;
    world.until("a page is asked for", |world| world.listings("acme") == 1).await;
    stopping(&mut daemon).await;
    let story = daemon.end().await;
    assert_eq!(story.cycles(), ["a execution failed"]);
    let cycle = story.ended().next().unwrap();
    assert_eq!(cycle.report.status, CycleStatus::Failed);
    assert!(cycle.error().contains("stopped while listing"), "{}", cycle.error());
    assert_eq!((world.present().len(), world.requests("DELETE", "")), (36, 0));
}

#[tokio::test(start_paused = true)]
async fn an_idle_daemon_ends_at_once() {
    let world = World::with(1).await;
    world.write("a.yaml", &policy("acme", "delete"));
    let mut daemon = world.start(EXECUTE).await;
    daemon.ended("a").await;
    let before = world.time.now();
    stopping(&mut daemon).await;
    let story = daemon.end().await;
    assert_eq!((story.cycles(), world.time.now()), (vec!["a rehearsal planned".to_owned()], before));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_broken_off_is_made_up_for_after_a_restart() {
    let world = World::with(3).await;
    world.write("old.yaml", &daily(&world));
    let mut daemon = world.start(EXECUTE).await;
    daemon.ended("old").await;
    world.server.set_faults(slow(Kind::GroupPackages));
    world.time.minute().await;
    daemon.hear("the run", |told| matches!(told, Told::Began).then_some(())).await;
    stopping(&mut daemon).await;
    assert_eq!(daemon.end().await.cycles(), ["old dry_run planned", "old dry_run failed"]);
    world.server.set_faults(Faults::default());
    let mut daemon = world.start(EXECUTE).await;
    daemon.ended("old").await;
    assert_eq!(daemon.stop().await.cycles(), ["old dry_run planned"]);
}
