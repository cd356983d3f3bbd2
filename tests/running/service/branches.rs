//! The daemon remembers since when branches are gone, over a restart.

use std::fs;
use std::sync::Arc;

use gitlab_sandbox::{Pipeline, Registry};
use gleaner::cycle::progress::{Event, Sought};
use gleaner::serve::notice::{Listener, Notice};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::service::world::{EXECUTE, Time, World, ids, policy, registry};

/// The branch that built the package 101 is gone.
fn gone(time: &Time) -> Registry {
    let mut registry = registry(2, time);
    registry.packages[0].pipeline_ids = vec![7];
    registry.pipelines.push(Pipeline {
        id: 7,
        project_id: 1,
        ref_: "feature/gone".to_owned(),
        tag: Some(false),
        source: "push".to_owned(),
        created_at: time.days_ago(100),
        ..Pipeline::default()
    });
    // Some other project goes on, so that the branch of that pipeline has been merged.
    registry.pipelines.push(Pipeline {
        id: 8,
        project_id: 2,
        ref_: "main".to_owned(),
        created_at: time.days_ago(0),
        ..Pipeline::default()
    });
    registry
}

/// Lets four minutes pass before a branch is looked up, as a long walk does.
struct Slow(Time);

impl Listener for Slow {
    fn on(&self, notice: &Notice<'_>) {
        if let Notice::During { event: Event::EvidenceRead { of: Sought::Branches(_), .. }, .. } = notice {
            self.0.set_by(SignedDuration::from_mins(4));
        }
    }
}

/// It was there while the walk began.
#[tokio::test(start_paused = true)]
async fn a_branch_is_gone_since_it_was_looked_up_and_not_since_the_walk_began() {
    let world = World::over(gone).await;
    world.write("old.yaml", &policy("acme", "delete").replace("older_than: 30d", "branch_gone_for: 14d"));
    let mut daemon = world.start_with(EXECUTE, vec![Arc::new(Slow(world.time.clone()))]).await;
    let began = world.time.now();
    daemon.ended("old").await;
    daemon.stop().await;
    let state: Value = serde_json::from_slice(&fs::read(world.state().join("state.json")).unwrap()).unwrap();
    let since: Timestamp = state["branches"]["1"]["gone"]["feature/gone"].as_str().unwrap().parse().unwrap();
    assert!(since >= began + SignedDuration::from_mins(4), "{since} {began}");
}

#[tokio::test(start_paused = true)]
async fn a_branch_stays_gone_over_a_restart() {
    let world = World::over(gone).await;
    world.write("old.yaml", &policy("acme", "delete").replace("older_than: 30d", "branch_gone_for: 3min"));
    let mut daemon = world.start(EXECUTE).await;
    daemon.ended("old").await;
    daemon.stop().await;
    let left = || world.present().into_iter().filter(|id| ids(1, 2).contains(id)).collect::<Vec<_>>();
    assert_eq!(left(), [101, 102]);
    for _ in 0..2 {
        world.time.minute().await;
    }
    // It is not yet time, and it takes fewer than three minutes from here.
    let mut daemon = world.start(EXECUTE).await;
    daemon.ended("old").await;
    assert_eq!(left(), [101, 102]);
    let restarted = world.time.now();
    while left() == [101, 102] {
        assert!(world.time.now().duration_since(restarted) < SignedDuration::from_secs(150), "it is counted anew");
        world.time.minute().await;
        daemon.ended("old").await;
    }
    assert_eq!(left(), [102]);
    daemon.stop().await;
}
