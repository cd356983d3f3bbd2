//! What a slow GitLab must not hold up.

use std::fs;

use gitlab_sandbox::Faults;
use gitlab_sandbox::faults::{Fault, Kind, Rule};
use gleaner::cycle::brake::Brake;
use gleaner::cycle::clock::Clock;
use gleaner_support::NOW;

use crate::shell::faults::{OLD, some};
use crate::shell::world::World;

/// A GitLab that takes 9 s for a deletion does four at a time. A pause ends them after seconds, and not after twenty.
#[tokio::test(start_paused = true)]
async fn a_pause_is_seen_within_seconds_where_deletions_are_slow() {
    let folder = tempfile::tempdir().unwrap();
    let instance = folder.path().join("instance.yaml");
    fs::write(&instance, "version: 1\ninstance: { paused: false }\n").unwrap();
    fs::write(folder.path().join("p0.yaml"), OLD).unwrap();
    let mut world = World::new(some(20), &[OLD]).await;
    world.brake = Brake::new(&[folder.path().to_owned()], None, None, Clock::new(|| NOW));
    world
        .server
        .set_faults(Faults::new(0).with(Rule::new(Fault::SlowBody { millis: 9_000 }).kind(Kind::DeletePackage)));
    world.after_deletions(1, move || fs::write(&instance, "version: 1\ninstance: { paused: true }\n").unwrap());
    let reports = world.run().await;
    // The second four begin as the first four end, 9 s after the look.
    assert_eq!(world.deletes(), 4, "{:?}", reports[0].error);
    assert!(reports[0].error.as_ref().unwrap().starts_with("deletions are paused by "));
}
