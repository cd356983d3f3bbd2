//! A team holds its packages with a topic on its project: nobody changes the policies, and no rehearsal is needed.

use gitlab_sandbox::Act;
use gleaner::report::CycleStatus;
use gleaner::serve::notice::Purpose;

use crate::service::world::{EXECUTE, World, ids, policy};

const HOLD: &str = "version: 1\nprotect: [{ topic: Gleaner-Keep, note: the team asked for it }]\n";

fn topics(topics: &[&str]) -> Act {
    Act::SetTopics { id: 1, topics: topics.iter().map(|topic| (*topic).to_owned()).collect() }
}

#[tokio::test(start_paused = true)]
async fn a_team_adds_the_topic_between_two_cycles_and_takes_it_off() {
    let world = World::with(2).await;
    world.write("old.yaml", &policy("acme", "delete"));
    world.write("hold.yaml", HOLD);
    let mut daemon = world.start(EXECUTE).await;
    let first = daemon.ended("old").await;
    assert_eq!((first.purpose, first.planned()), (Purpose::Rehearsal, ids(1, 2)));

    // What was rehearsed would go now.
    world.server.act(topics(&["backend", "gleaner-keep"])).unwrap();
    for _ in 0..2 {
        world.time.minute().await;
        let held = daemon.ended("old").await;
        assert_eq!((held.purpose, held.planned()), (Purpose::Execution, [].into()));
        assert_eq!(held.report.warnings, [""; 0]);
    }
    assert_eq!(world.present().len(), 6);

    // The hold's text is what it was, so that nothing stays as let go of by a change.
    world.server.act(topics(&["backend"])).unwrap();
    world.time.minute().await;
    let last = daemon.ended("old").await;
    assert_eq!((last.report.status, last.planned()), (CycleStatus::Executed, ids(1, 2)));
    assert!(last.report.warnings.iter().any(|told| told.contains("hold held something")), "{:?}", last.report.warnings);
    assert_eq!(world.present(), ids(2, 2).into_iter().chain(ids(3, 2)).collect());
    daemon.stop().await;
}

/// A single project that a scope names is asked for, too.
#[tokio::test(start_paused = true)]
async fn a_scope_takes_in_the_projects_that_have_the_topic_now() {
    let world = World::with(2).await;
    world.write("old.yaml", &policy("acme", "delete").replace("group: acme", "project: acme/app, topic: \"retain-*\""));
    let mut daemon = world.start(EXECUTE).await;
    assert_eq!(daemon.ended("old").await.report.scanned, 0);
    world.server.act(topics(&["Retain-30"])).unwrap();
    // What no rehearsal has shown is rehearsed first.
    for purpose in [Purpose::Rehearsal, Purpose::Execution] {
        world.time.minute().await;
        let cycle = daemon.ended("old").await;
        assert_eq!((cycle.purpose, cycle.report.scanned, cycle.planned()), (purpose, 2, ids(1, 2)));
    }
    assert_eq!(world.present().len(), 4);
    daemon.stop().await;
}
