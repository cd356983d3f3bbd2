//! Every cycle's report is kept, and known to the daemon that comes next.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use gleaner::report::Report;
use gleaner::serve::notice::{Authority, Notice, Purpose};
use gleaner::serve::{Options, Rehearsal};

use crate::service::told::{Hook, Told};
use crate::service::world::{EXECUTE, World, policy};

const DIRECT: Options = Options { rehearsal: Rehearsal::Waived, ..EXECUTE };

/// The texts of the reports of a policy, the oldest first.
fn kept(world: &World, policy: &str) -> Vec<String> {
    let entries = fs::read_dir(world.folder.path().join("reports").join(policy)).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn dry_runs_and_executions_are_kept_and_told_to_the_daemon_that_comes_next() {
    let world = World::with(5).await;
    world.write("old.yaml", &policy("acme", "delete"));
    world.write("dry.yaml", &policy("beta", "dry-run"));
    let plan_only = Options { authority: Authority::PlanOnly, ..DIRECT };
    let mut told = Vec::new();
    for options in [plan_only, DIRECT] {
        // Whoever hears of an end finds the report.
        let (folder, counts) = (world.folder.path().join("reports"), Arc::new(Mutex::new(Vec::new())));
        let hook = {
            let counts = counts.clone();
            Hook::new(move |notice: &Notice<'_>| {
                if let Notice::CycleEnded { report, .. } = notice {
                    counts.lock().unwrap().push(fs::read_dir(folder.join(&report.policy)).unwrap().count());
                }
            })
        };
        let mut daemon = world.start_with(options, vec![Arc::new(hook)]).await;
        world.time.minute().await;
        for cycle in [daemon.any_ended().await, daemon.any_ended().await] {
            told.extend((cycle.report.policy == "old").then_some(cycle));
        }
        daemon.stop().await;
        assert_eq!(*counts.lock().unwrap(), [told.len(); 2]);
    }
    assert_eq!((told[0].purpose, told[1].purpose), (Purpose::DryRun, Purpose::Execution));
    let kept = kept(&world, "old");
    assert_eq!(kept.len(), 2);
    for (text, cycle) in kept.iter().zip(&told) {
        let report = Report::parse(text).unwrap();
        assert_eq!((report.as_of, report.instance.as_str()), (cycle.as_of, world.server.url()));
        let theirs = serde_json::to_value(&report.policies).unwrap();
        assert_eq!(theirs, serde_json::to_value([&*cycle.report]).unwrap());
    }
    assert_eq!(self::kept(&world, "dry").len(), 2);

    let remembered = Arc::new(Mutex::new(Vec::new()));
    let hook = {
        let remembered = remembered.clone();
        Hook::new(move |notice: &Notice<'_>| {
            if let Notice::Remembered { report } = notice {
                remembered.lock().unwrap().push((report.policies[0].policy.clone(), report.as_of));
            }
        })
    };
    let daemon = world.start_with(DIRECT, vec![Arc::new(hook)]).await;
    daemon.stop().await;
    let remembered = remembered.lock().unwrap();
    assert_eq!(remembered.len(), 2, "{remembered:?}");
    assert!(remembered.contains(&("old".to_owned(), told[1].as_of)), "{remembered:?}");
}

#[tokio::test(start_paused = true)]
async fn a_report_that_can_not_be_kept_is_told_once_and_ends_nothing() {
    let world = World::with(5).await;
    world.write("old.yaml", &policy("acme", "delete"));
    let mut daemon = world.start(DIRECT).await;
    // A file in the folder's place: whoever runs the tests may be allowed to write everywhere.
    let place = world.folder.path().join("reports/old");
    fs::write(&place, "").unwrap();
    fs::set_permissions(&place, fs::Permissions::from_mode(0o400)).unwrap();
    for status in ["executed"; 3] {
        world.time.minute().await;
        assert_eq!(daemon.ended("old").await.report.status.code(), status);
    }
    let story = daemon.stop().await;
    let told = |told: &Told| matches!(told, Told::Complaint(text) if text.contains("the report can't be written"));
    assert_eq!(story.count(told), 1);
    assert_eq!(world.present().len(), 10, "and what was to go is gone");
}
