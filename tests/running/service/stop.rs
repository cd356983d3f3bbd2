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

const SLOW: Fault = Fault::SlowBody { millis: 60_000 };

/// The packages of the project in acme.
const PROJECT: &str = "/projects/1/packages?";

fn slow(kind: Kind) -> Faults {
    Faults::new(0).with(Rule::new(SLOW).kind(kind))
}

/// A daemon with four deletions in flight and eight to come, a policy beside it in its batch, and one that waits for
/// its turn. Each deletion is done, and so many milliseconds later it is answered.
async fn executing(millis: u64) -> (World, Running) {
    let world = World::with(12).await;
    world.write("a.yaml", &policy("acme", "delete"));
    world.write("b.yaml", &policy("acme", "delete"));
    world.write("c.yaml", &policy("beta", "delete"));
    let slow = Rule::new(Fault::SlowBody { millis }).kind(Kind::DeletePackage);
    world.server.set_faults(Faults::new(0).with(slow));
    let daemon = world.start(AT_ONCE).await;
    world.until("four deletions are under way", |world| world.requests("DELETE", "") == 4).await;
    (world, daemon)
}

async fn stopping(daemon: &mut Running) {
    daemon.signals.stop.cancel();
    daemon.hear("the stop", |told| matches!(told, Told::Stopping).then_some(())).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_in_flight_finishes_and_the_rest_is_not_attempted() {
    let (world, mut daemon) = executing(5_000).await;
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

/// A container has 30 s between SIGTERM and its end. The deletions are waited for, and then the answer whether their
/// packages are gone.
#[tokio::test(start_paused = true)]
async fn a_gitlab_that_does_not_answer_holds_the_end_up_for_twenty_five_seconds() {
    let (world, mut daemon) = executing(60_000).await;
    let looks = world.requests("GET", PROJECT);
    world.server.set_faults(Faults::new(0).with(Rule::new(SLOW)));
    stopping(&mut daemon).await;
    let asked = world.time.now();
    world.time.pass(Duration::from_secs(15)).await;
    world.until("it is asked what is gone", |world| world.requests("GET", PROJECT) > looks).await;
    world.time.pass(Duration::from_secs(10)).await;
    let story = daemon.end().await;
    assert!(world.time.now().duration_since(asked).as_secs() < 26);
    let cycle = story.ended().next().unwrap();
    assert_eq!((cycle.count("unconfirmed"), cycle.count("not_attempted")), (4, 8));
    assert_eq!((story.cycles(), world.requests("DELETE", "")), (vec!["a execution partial".to_owned()], 4));
}

/// GitLab did what it never answered for, and says so.
#[tokio::test(start_paused = true)]
async fn what_was_done_without_an_answer_is_told_as_deleted_after_a_stop() {
    let (world, mut daemon) = executing(60_000).await;
    stopping(&mut daemon).await;
    world.time.pass(Duration::from_secs(16)).await;
    let story = daemon.end().await;
    let cycle = story.ended().next().unwrap();
    assert_eq!((cycle.count("deleted"), cycle.count("not_attempted")), (4, 8));
    assert_eq!((world.present().len(), world.requests("DELETE", "")), (32, 4));
}

/// Nothing is sent on a look that a stop broke off, and nothing of it has failed.
#[tokio::test(start_paused = true)]
async fn a_second_look_is_broken_off() {
    let world = World::with(12).await;
    world.write("a.yaml", &policy("acme", "delete"));
    world.server.set_faults(slow(Kind::ProjectPackages));
    let mut daemon = world.start(AT_ONCE).await;
    world.until("it is looked again", |world| world.requests("GET", PROJECT) == 1).await;
    let before = world.time.now();
    stopping(&mut daemon).await;
    let story = daemon.end().await;
    assert_eq!((story.cycles(), world.time.now()), (vec!["a execution partial".to_owned()], before));
    assert_eq!(story.ended().next().unwrap().count("not_attempted"), 12);
    assert_eq!((world.present().len(), world.requests("DELETE", "")), (36, 0));
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

/// The journal names the token's user, who is asked for before anything goes. The probe asks as well.
#[tokio::test(start_paused = true)]
async fn a_question_for_the_tokens_user_does_not_hold_the_end_up() {
    let world = World::with(3).await;
    world.write("a.yaml", &policy("acme", "delete"));
    world.server.set_faults(Faults::new(0).with(Rule::new(SLOW).path("*/user")));
    let mut daemon = world.start(AT_ONCE).await;
    world.until("the user is asked for twice", |world| world.requests("GET", "/user") == 2).await;
    stopping(&mut daemon).await;
    assert_eq!(daemon.end().await.cycles(), ["a execution failed"]);
    assert_eq!(world.requests("DELETE", ""), 0);
}
