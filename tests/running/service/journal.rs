//! The journal of a daemon: whose deletions they are, and what an earlier run left in doubt.

use gleaner::package::{Package, PackageId};
use gleaner::plan::Item;
use gleaner::record::journal::line::DeleteLine;
use gleaner::serve::{Options, Rehearsal};
use gleaner_support::grounds;

use crate::service::told::Told;
use crate::service::world::{EXECUTE, World, ids, policy};

const DIRECT: Options = Options { rehearsal: Rehearsal::Waived, ..EXECUTE };

/// Writes down that a package is about to go, and no more, as a run that is killed does.
fn killed_before(world: &World, id: u64) {
    let row = world.server.packages().into_iter().find(|package| package.id == id).unwrap();
    let known = gleaner_support::package(id);
    let project = gleaner_support::project(row.project_id, "acme/app");
    let package_type = gleaner::package::PackageType::parse(row.package_type.name());
    let package = Package { id: PackageId(id), name: row.name, package_type, project, ..known };
    let line = DeleteLine::of(&Item::Package { package, bytes: None }, grounds("old"));
    world.journal("killed").about(vec![line], world.time.now()).unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_a_killed_daemon_left_in_doubt_waits_until_an_answer_can_tell() {
    let world = World::with(5).await;
    world.write("old.yaml", &policy("acme", "delete"));
    let all = ids(1, 5);
    let first = *all.first().unwrap();
    killed_before(&world, first);
    let mut daemon = world.start(DIRECT).await;
    world.time.minute().await;
    assert_eq!(daemon.ended("old").await.planned(), all.iter().copied().filter(|id| *id != first).collect());
    assert!(world.present().contains(&first), "nobody knows whether it is there");
    world.time.minute().await;
    assert_eq!(daemon.ended("old").await.planned(), [first].into());
    let story = daemon.stop().await;
    assert!(!world.present().contains(&first));
    let told = |words: &'static str| move |told: &Told| matches!(told, Told::Complaint(text) if text.contains(words));
    assert_eq!((story.count(told("1 are still in doubt")), story.count(told("1 were not done"))), (1, 1));
    assert!(world.journal("afterwards").open_lines().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_daemon_removes_the_months_that_need_not_be_kept() {
    let world = World::with(5).await;
    world.write("old.yaml", &policy("acme", "delete"));
    world.write("instance.yaml", "version: 1\ninstance: { journal: { keep: 1y } }\n");
    let before = world.journal_at("long-ago", "2001-02-03T00:00:00Z".parse().unwrap());
    let old = before.folder().join("journal-2001-02.jsonl");
    drop(before);
    assert!(old.exists());
    let mut daemon = world.start(DIRECT).await;
    world.time.minute().await;
    daemon.ended("old").await;
    daemon.stop().await;
    assert!(!old.exists());
}
