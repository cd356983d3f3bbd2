//! What a second look keeps in every cycle is told.

use std::sync::Arc;

use gitlab_sandbox::PackageType;
use gitlab_sandbox::happenings::Act;
use gleaner::serve::notice::Notice;
use gleaner::serve::{Options, Rehearsal};

use crate::service::told::{Hook, Told};
use crate::service::world::{EXECUTE, World, policy};

const DIRECT: Options = Options { rehearsal: Rehearsal::Waived, ..EXECUTE };

/// Somebody protects the packages after each plan, and takes that back after each cycle.
#[tokio::test(start_paused = true)]
async fn what_stays_three_times_in_a_row_for_the_same_reason_is_told_once() {
    let world = World::with(2).await;
    world.write("old.yaml", &policy("acme", "delete"));
    let (project, package_type) = (world.server.packages()[0].project_id, PackageType::Npm);
    let sandbox = (*world.server).clone();
    let hook = Hook::new(move |notice: &Notice<'_>| {
        let pattern = "*".to_owned();
        let package_type = package_type.clone();
        match notice {
            Notice::Planned { .. } => {
                sandbox.act(Act::ProtectPackage { project, package_type, pattern, level: 60 }).unwrap();
            }
            Notice::CycleEnded { .. } => {
                sandbox.act(Act::UnprotectPackage { project, package_type, pattern }).unwrap();
            }
            _ => {}
        }
    });
    let mut daemon = world.start_with(DIRECT, vec![Arc::new(hook)]).await;
    for _ in 0..4 {
        world.time.minute().await;
        assert_eq!(daemon.ended("old").await.count("stale"), 2);
    }
    let story = daemon.stop().await;
    let told = |told: &Told| matches!(told, Told::Complaint(text) if text.contains("in 3 cycles in a row"));
    assert_eq!(story.count(told), 2, "once for each of two packages");
    assert_eq!(world.requests("DELETE", ""), 0);
}
