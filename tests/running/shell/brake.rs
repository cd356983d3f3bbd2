//! What the instance file holds up, and what it doesn't, while deletions are under way.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use gitlab_sandbox::Registry;
use gleaner::cycle::brake::{Brake, Halt};
use gleaner::cycle::clock::Clock;
use gleaner::cycle::load::load;
use gleaner::policy::PolicySet;
use gleaner::report::{CycleStatus, PolicyReport};
use gleaner_support::NOW;
use jiff::Timestamp;
use tempfile::TempDir;

use crate::shell::faults::{OLD, outcomes, some};
use crate::shell::world::World;

/// Deletions between two looks at the instance file.
const BATCH: usize = 20;

const CALM: &str = "version: 1\ninstance: { paused: false }\n";
const PAUSED: &str = "version: 1\ninstance: { paused: true }\n";

/// A folder of policy files, and a GitLab with so many packages of which every one is to go.
struct Service {
    folder: TempDir,
    world: World,
    seconds: Arc<AtomicI64>,
}

impl Service {
    async fn new(packages: u64, files: &[(&str, &str)]) -> Self {
        Self::over(some(packages), files).await
    }

    async fn over(registry: Registry, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("old.yaml"), OLD).unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let world = World::new(registry, &[OLD]).await;
        let mut service = Self { folder, world, seconds: Arc::new(AtomicI64::new(NOW.as_second())) };
        service.world.brake = service.brake();
        service
    }

    /// A brake on the files as they are now.
    fn brake(&self) -> Brake {
        let paths = [self.folder.path().to_owned()];
        let (set, _) = PolicySet::parse(&load(&paths).unwrap().sources).unwrap();
        let seconds = self.seconds.clone();
        let clock = Clock::new(move || Timestamp::from_second(seconds.load(Ordering::Relaxed)).unwrap());
        Brake::new(&paths, set.instance.as_ref(), Some(self.world.address()), clock)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Executes the policy, and does something to the folder after so many deletions.
    async fn run(&self, deletions: usize, then: impl FnOnce(&Path) + Send + 'static) -> PolicyReport {
        let folder = self.folder.path().to_owned();
        self.world.after_deletions(deletions, move || then(&folder));
        let mut reports = self.world.run().await;
        assert_eq!(reports.len(), 1);
        reports.remove(0)
    }

    /// How many are gone by the report and by GitLab, and how many were not attempted.
    fn count(&self, packages: u64, report: &PolicyReport) -> (usize, usize) {
        let outcomes = outcomes(report);
        let count = |wanted| outcomes.values().filter(|outcome| **outcome == wanted).count();
        let gone = count("deleted");
        assert_eq!(packages as usize - self.world.present().len(), gone);
        assert_eq!(self.world.deletes(), gone, "no request was sent for what was left");
        (gone, count("not_attempted"))
    }
}

#[tokio::test]
async fn a_pause_in_the_middle_holds_at_the_next_batch() {
    for (deletions, gone) in [(1, BATCH), (BATCH, BATCH), (BATCH + 1, 2 * BATCH), (2 * BATCH + 5, 50)] {
        let service = Service::new(50, &[("instance.yaml", CALM)]).await;
        let report = service.run(deletions, |folder| fs::write(folder.join("instance.yaml"), PAUSED).unwrap()).await;
        assert_eq!(service.count(50, &report), (gone, 50 - gone), "after {deletions}");
        if gone == 50 {
            assert_eq!((report.status, &report.error), (CycleStatus::Executed, &None));
            continue;
        }
        assert_eq!(report.status, CycleStatus::Partial);
        let file = service.path("instance.yaml");
        let left = 50 - gone;
        let expected = format!(
            "deletions are paused by {}; planned deletions that were not done or not confirmed: {left}",
            file.display()
        );
        assert_eq!(report.error, Some(expected), "told once");
        let told = format!("deletions are paused by {}", file.display());
        assert_eq!(*service.world.problems.lock().unwrap(), vec![told; left]);
    }
}

#[tokio::test]
async fn what_is_paused_from_the_start_deletes_nothing_and_asks_nobody() {
    let service = Service::new(5, &[("instance.yaml", PAUSED)]).await;
    let reports = service.world.run_if(async |_| panic!("nobody is asked about what can't be done")).await;
    assert_eq!(service.count(5, &reports[0]), (0, 5));
    assert_eq!(reports[0].status, CycleStatus::Partial);
    // With nothing to delete there is nothing to hold up.
    let service = Service::new(0, &[("instance.yaml", PAUSED)]).await;
    let reports = service.world.run().await;
    assert_eq!((reports[0].status, &reports[0].error), (CycleStatus::Executed, &None));
}

/// Nobody was asked, so nobody has agreed.
#[tokio::test]
async fn a_freeze_that_ends_before_the_first_deletion_has_held_all_the_same() {
    let text = format!("version: 1\ninstance: {{ freeze: [{{ from: 2020-01-01, to: {NOW} }}] }}\n");
    let mut service = Service::new(5, &[("instance.yaml", &text)]).await;
    let paths = [service.folder.path().to_owned()];
    let reads = AtomicI64::new(0);
    let second = jiff::SignedDuration::from_secs(1);
    let clock = Clock::new(move || if reads.fetch_add(1, Ordering::Relaxed) == 0 { NOW - second } else { NOW });
    service.world.brake = Brake::new(&paths, None, None, clock);
    let reports = service.world.run_if(async |_| panic!("nobody is asked about what can't be done")).await;
    assert_eq!(service.count(5, &reports[0]), (0, 5));
    assert!(service.world.brake.check().is_ok());
}

#[tokio::test]
async fn a_pause_while_somebody_is_asked_holds() {
    let service = Service::new(5, &[("instance.yaml", CALM)]).await;
    let file = service.path("instance.yaml");
    let reports = service
        .world
        .run_if(async |_| {
            fs::write(&file, PAUSED).unwrap();
            Ok(())
        })
        .await;
    assert_eq!(service.count(5, &reports[0]), (0, 5));
}

/// The plan's instant stays where it was: the present decides.
#[tokio::test]
async fn a_freeze_begins_in_the_middle_by_the_clock() {
    let begin = NOW + jiff::SignedDuration::from_secs(60);
    let end = NOW + jiff::SignedDuration::from_secs(600);
    let text = format!("version: 1\ninstance: {{ freeze: [{{ from: {begin}, to: {end}, note: the release }}] }}\n");
    for (second, gone) in [(59, 50), (60, BATCH), (599, BATCH), (600, 50)] {
        let service = Service::new(50, &[("instance.yaml", &text)]).await;
        let seconds = service.seconds.clone();
        let report = service.run(3, move |_| seconds.store(NOW.as_second() + second, Ordering::Relaxed)).await;
        assert_eq!(service.count(50, &report), (gone, 50 - gone), "second {second}");
        if gone < 50 {
            let told = report.error.unwrap();
            let file = service.path("instance.yaml");
            let frozen = format!("deletions are frozen by {} until {end} (the release); ", file.display());
            assert!(told.starts_with(&frozen), "{told}");
        }
    }
}

#[tokio::test]
async fn a_file_that_holds_up_no_more_holds_everything_up() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 8] = [
        ("is no longer there", |folder| fs::remove_file(folder.join("instance.yaml")).unwrap()),
        ("is no longer there", |folder| {
            fs::rename(folder.join("instance.yaml"), folder.join(".instance.yaml")).unwrap();
        }),
        ("is no longer there", |folder| fs::write(folder.join("instance.yaml"), OLD).unwrap()),
        ("can't be used", |folder| fs::write(folder.join("instance.yaml"), "version: 1\ninstance: [").unwrap()),
        ("can't be used", |folder| fs::write(folder.join("instance.yaml"), "").unwrap()),
        ("can't be used", |folder| {
            fs::write(folder.join("instance.yaml"), "version: 1\ninstance: { pause: false }\n").unwrap();
        }),
        ("can't be used", |folder| fs::write(folder.join("instance.yaml"), b"version: 1 # \xff\n").unwrap()),
        ("can't be told", |folder| fs::remove_dir_all(folder).unwrap()),
    ];
    for (words, change) in changes {
        let service = Service::new(30, &[("instance.yaml", CALM)]).await;
        let report = service.run(1, change).await;
        assert_eq!(service.count(30, &report), (BATCH, 30 - BATCH), "{words}");
        let told = report.error.unwrap();
        assert!(told.contains(words) && !told.contains('\n'), "{words}: {told}");
    }
}

#[tokio::test]
async fn a_file_that_is_new_counts() {
    let elsewhere = "version: 1\ninstance: { url: https://gitlab.acme.example }\n";
    let table = [
        (PAUSED, "paused"),
        (elsewhere, "is for https://gitlab.acme.example"),
        ("version: 1\ninstance: { require: [legal-hold] }\n", "requires `legal-hold`"),
        ("version: 1\ninstance: {\n", "can't be used"),
        ("version: 1\ninstance: { paused: yes }\n", "can't be used"),
    ];
    for (text, words) in table {
        let service = Service::new(30, &[]).await;
        let report = service.run(1, move |folder| fs::write(folder.join("stop.yaml"), text).unwrap()).await;
        assert_eq!(service.count(30, &report), (BATCH, 30 - BATCH), "{text}");
        assert!(report.error.as_ref().unwrap().contains(words), "{text}: {:?}", report.error);
    }
}

#[tokio::test]
async fn what_is_none_of_the_brakes_business_holds_nothing_up() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 8] = [
        ("a broken policy", |folder| fs::write(folder.join("old.yaml"), "version: [").unwrap()),
        ("an invalid policy", |folder| fs::write(folder.join("old.yaml"), "version: 2\n").unwrap()),
        ("a policy that is no text", |folder| fs::write(folder.join("old.yaml"), b"\xff").unwrap()),
        ("a policy that is gone", |folder| fs::remove_file(folder.join("old.yaml")).unwrap()),
        ("another ending", |folder| fs::write(folder.join("new.yml"), OLD).unwrap()),
        ("a link that leads nowhere", |folder| symlink("nowhere", folder.join("link.yaml")).unwrap()),
        ("a policy in a sub-folder", |folder| {
            fs::create_dir(folder.join("below")).unwrap();
            fs::write(folder.join("below/new.yaml"), OLD).unwrap();
        }),
        ("another name for the instance file", |folder| {
            fs::rename(folder.join("instance.yaml"), folder.join("zz.yaml")).unwrap();
        }),
    ];
    for (what, change) in changes {
        let service = Service::new(30, &[("instance.yaml", CALM)]).await;
        let report = service.run(1, change).await;
        assert_eq!(service.count(30, &report), (30, 0), "{what}: {:?}", report.error);
        assert_eq!(report.status, CycleStatus::Executed, "{what}");
    }
}

/// In the wrong form it is still somebody's pause.
#[tokio::test]
async fn a_pause_in_a_file_that_is_no_policy_file_holds() {
    for (name, text) in [
        ("instance.yml", PAUSED.as_bytes()),
        ("new.yaml", b"version: 1\ninstance:\n  paused: true # \xff\n"),
        ("below/instance.yaml", PAUSED.as_bytes()),
    ] {
        let service = Service::new(30, &[]).await;
        fs::create_dir(service.folder.path().join("below")).unwrap();
        let report = service.run(1, move |folder| fs::write(folder.join(name), text).unwrap()).await;
        assert_eq!(service.count(30, &report), (BATCH, 30 - BATCH), "{name}");
    }
}

#[tokio::test]
async fn what_is_required_holds_everything_up_when_it_vanishes() {
    let instance = "version: 1\ninstance: { require: [legal-hold] }\n";
    let hold = "version: 1\nname: legal-hold\nprotect: [{ name: nothing }]\n";
    let service = Service::new(30, &[("instance.yaml", instance), ("hold.yaml", hold)]).await;
    let report = service.run(1, |folder| fs::remove_file(folder.join("hold.yaml")).unwrap()).await;
    assert_eq!(service.count(30, &report), (BATCH, 30 - BATCH));
    assert!(report.error.unwrap().contains("requires `legal-hold`, which is no longer there"));
}

/// A mounted ConfigMap is a folder behind a link, and changes by turning the link.
#[tokio::test]
async fn a_config_map_that_is_turned_is_seen() {
    let service = Service::new(30, &[]).await;
    let folder = service.folder.path();
    for (version, text) in [("..1", CALM), ("..2", PAUSED)] {
        fs::create_dir(folder.join(version)).unwrap();
        fs::write(folder.join(version).join("instance.yaml"), text).unwrap();
    }
    symlink("..1", folder.join("..data")).unwrap();
    symlink("..data/instance.yaml", folder.join("instance.yaml")).unwrap();
    let brake = service.brake();
    assert!(brake.check().is_ok());
    symlink("..2", folder.join("..new")).unwrap();
    fs::rename(folder.join("..new"), folder.join("..data")).unwrap();
    assert!(matches!(brake.check(), Err(Halt::Paused { .. })));
}

/// A policy file that was named alone is watched together with its folder.
#[tokio::test]
async fn the_instance_file_beside_a_single_policy_counts() {
    let service = Service::new(0, &[("instance.yaml", PAUSED)]).await;
    let seconds = service.seconds.clone();
    let clock = Clock::new(move || Timestamp::from_second(seconds.load(Ordering::Relaxed)).unwrap());
    let brake = Brake::new(&[service.path("old.yaml")], None, None, clock);
    assert!(matches!(brake.check(), Err(Halt::Paused { .. })));
    fs::remove_file(service.path("old.yaml")).unwrap();
    assert!(matches!(brake.check(), Err(Halt::Paused { .. })), "with the policy itself gone as well");
}

/// What could not be deleted anyway is not held up.
#[tokio::test]
async fn what_the_token_may_not_delete_is_told_so_during_a_pause() {
    let mut registry = some(3);
    registry.members[0].access_level = 20;
    let service = Service::over(registry, &[("instance.yaml", PAUSED)]).await;
    let reports = service.world.run().await;
    assert_eq!(outcomes(&reports[0]), [1, 2, 3].map(|id| (id, "forbidden")).into());
    let told = reports[0].error.as_deref();
    assert_eq!(told, Some("planned deletions that were not done or not confirmed: 3"));
}
