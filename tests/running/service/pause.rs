//! The instance file holds deletions up, and what holds them up is told.

use std::fs;
use std::sync::Arc;

use gleaner::cycle::progress::Event;
use gleaner::report::CycleStatus;
use gleaner::serve::notice::Notice;
use gleaner::serve::{OnStart, Options, Rehearsal};
use jiff::SignedDuration;

use crate::service::told::{Hook, Told};
use crate::service::world::{EXECUTE, World, ids, policy};

const CALM: &str = "version: 1\ninstance: { paused: false }\n";
const PAUSED: &str = "version: 1\ninstance: { paused: true }\n";

const DIRECT: Options = Options { rehearsal: Rehearsal::Waived, ..EXECUTE };

#[tokio::test(start_paused = true)]
async fn a_pause_holds_until_it_is_lifted() {
    let world = World::with(3).await;
    world.write("old.yaml", &policy("acme", "delete"));
    world.write("instance.yaml", PAUSED);
    let mut daemon = world.start(DIRECT).await;
    let why = daemon.halted().await.unwrap();
    assert!(why.starts_with("deletions are paused by ") && why.ends_with("instance.yaml"), "{why}");
    assert_eq!(world.metric("paused"), "1");
    world.time.minute().await;
    let held = daemon.ended("old").await;
    assert_eq!((held.report.status, held.count("not_attempted")), (CycleStatus::Partial, 3));
    assert!(held.error().starts_with("deletions are paused by "), "{}", held.error());
    assert_eq!((world.present().len(), world.requests("DELETE", "")), (9, 0));

    world.write("instance.yaml", CALM);
    world.time.look().await;
    assert_eq!(daemon.halted().await, None);
    assert_eq!(world.metric("paused"), "0");
    world.time.minute().await;
    assert_eq!(daemon.ended("old").await.report.status, CycleStatus::Executed);
    assert_eq!(world.present(), &ids(2, 3) | &ids(3, 3));
    let story = daemon.stop().await;
    assert_eq!(story.count(|told| matches!(told, Told::Halted(_))), 2, "told when it changes");
}

/// The file is as it was; the clock alone ends the freeze.
#[tokio::test(start_paused = true)]
async fn a_freeze_begins_and_ends_by_the_clock() {
    let world = World::with(3).await;
    let start = world.time.now();
    let at = |minutes: i64| start + SignedDuration::from_mins(minutes);
    world.write("old.yaml", &policy("acme", "delete"));
    let freeze = format!("version: 1\ninstance: {{ freeze: [{{ from: {}, to: {} }}] }}\n", at(1), at(2));
    world.write("instance.yaml", &freeze);
    let mut daemon = world.start(DIRECT).await;
    assert_eq!(world.metric("paused"), "0");
    // The look comes before the run that is due as well.
    world.time.minute().await;
    assert!(daemon.halted().await.unwrap().contains(&format!("frozen by {}", world.path("instance.yaml").display())));
    assert_eq!(daemon.ended("old").await.count("not_attempted"), 3);
    world.time.minute().await;
    assert_eq!(daemon.halted().await, None);
    assert_eq!(daemon.ended("old").await.count("deleted"), 3);
    assert_eq!(daemon.stop().await.count(|told| matches!(told, Told::Loaded)), 1);
}

/// Somebody pauses while deletions are under way.
#[tokio::test(start_paused = true)]
async fn a_pause_in_the_middle_holds_at_the_next_batch() {
    let world = World::with(25).await;
    world.write("old.yaml", &policy("acme", "delete"));
    world.write("instance.yaml", CALM);
    let file = world.path("instance.yaml");
    let hook = Hook::new(move |notice: &Notice<'_>| {
        if matches!(notice, Notice::During { event: Event::DeletionSent, .. }) {
            fs::write(&file, PAUSED).unwrap();
        }
    });
    let mut daemon = world.start_with(Options { on_start: OnStart::Run, ..DIRECT }, vec![Arc::new(hook)]).await;
    let held = daemon.ended("old").await;
    // The canary's ten were under way.
    assert_eq!((held.count("deleted"), held.count("not_attempted")), (10, 15));
    assert_eq!((world.present().len(), world.requests("DELETE", "")), (65, 10));
    daemon.stop().await;
}

/// A file that is gone was not meant to go, and a reload of what is left makes it none the better.
#[tokio::test(start_paused = true)]
async fn an_instance_file_that_vanishes_holds_everything_up_until_it_is_back() {
    let world = World::with(3).await;
    world.write("old.yaml", &policy("acme", "delete"));
    world.write("instance.yaml", CALM);
    let mut daemon = world.start(DIRECT).await;
    fs::remove_file(world.path("instance.yaml")).unwrap();
    daemon.reload().await;
    world.time.look().await;
    assert!(daemon.halted().await.unwrap().contains("is no longer there"));
    daemon.reload().await;
    world.change("old.yaml", "version: 1", "version: 1\ndescription: text");
    daemon.reload().await;
    world.time.minute().await;
    let held = daemon.ended("old").await;
    assert!(held.error().contains("is no longer there"), "{}", held.error());
    assert_eq!((world.present().len(), world.requests("DELETE", "")), (9, 0));
    assert_eq!(world.metric("paused"), "1");
    // Under another name it is as good.
    world.write("acme.yaml", CALM);
    world.time.look().await;
    assert_eq!(daemon.halted().await, None);
    world.time.minute().await;
    assert_eq!(daemon.ended("old").await.count("deleted"), 3);
    daemon.stop().await;
}

/// A file that is broken may say that deletions are paused. The policies before stay in force, and wait.
#[tokio::test(start_paused = true)]
async fn an_instance_file_that_is_broken_holds_everything_up() {
    let world = World::with(3).await;
    world.write("old.yaml", &policy("acme", "delete"));
    world.write("instance.yaml", CALM);
    let mut daemon = world.start(DIRECT).await;
    world.change("instance.yaml", "paused", "pausd");
    world.time.look().await;
    assert!(daemon.halted().await.unwrap().contains("can't be used"));
    assert!(daemon.not_loaded().await.contains("pausd"));
    world.time.minute().await;
    assert_eq!(daemon.ended("old").await.count("not_attempted"), 3);
    assert_eq!((world.present().len(), world.requests("DELETE", "")), (9, 0));
    world.write("instance.yaml", CALM);
    world.time.look().await;
    assert_eq!(daemon.halted().await, None);
    daemon.loaded().await;
    world.time.minute().await;
    assert_eq!(daemon.ended("old").await.count("deleted"), 3);
    daemon.stop().await;
}

/// It is for another GitLab than the one that the daemon talks to.
#[tokio::test(start_paused = true)]
async fn an_instance_file_for_another_gitlab_holds_everything_up() {
    let world = World::with(3).await;
    world.write("old.yaml", &policy("acme", "delete"));
    let mut daemon = world.start(DIRECT).await;
    world.write("instance.yaml", "version: 1\ninstance: { url: https://gitlab.acme.example }\n");
    world.time.look().await;
    assert!(daemon.halted().await.unwrap().contains("is for https://gitlab.acme.example"));
    world.time.minute().await;
    assert_eq!(daemon.ended("old").await.count("not_attempted"), 3);
    assert_eq!((world.present().len(), world.requests("DELETE", "")), (9, 0));
    daemon.stop().await;
}
