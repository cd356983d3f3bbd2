//! What the instance file holds up, and what it doesn't, while deletions are under way.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use gitlab_sandbox::{Options, Registry};
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

/// So many go first, and are proven.
const CANARY: usize = 10;
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
        fs::write(folder.path().join("p0.yaml"), OLD).unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let world = World::with(registry, Options::default(), &[OLD]).await;
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

#[tokio::test(start_paused = true)]
async fn a_pause_in_the_middle_holds_at_the_next_batch() {
    let (first, second) = (CANARY + BATCH, CANARY + 2 * BATCH);
    for (deletions, gone) in [(1, CANARY), (CANARY + 1, first), (first, first), (first + 1, second), (second + 5, 60)] {
        let service = Service::new(60, &[("instance.yaml", CALM)]).await;
        let report = service.run(deletions, |folder| fs::write(folder.join("instance.yaml"), PAUSED).unwrap()).await;
        assert_eq!(service.count(60, &report), (gone, 60 - gone), "after {deletions}");
        if gone == 60 {
            assert_eq!((report.status, &report.error), (CycleStatus::Executed, &None));
            continue;
        }
        assert_eq!(report.status, CycleStatus::Partial);
        let file = service.path("instance.yaml");
        let left = 60 - gone;
        let expected = format!(
            "deletions are paused by {}; planned deletions that were not done or not confirmed: {left}",
            file.display()
        );
        assert_eq!(report.error, Some(expected), "told once");
        let told = format!("deletions are paused by {}", file.display());
        assert_eq!(*service.world.problems.lock().unwrap(), vec![told; left]);
    }
}

#[tokio::test(start_paused = true)]
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
#[tokio::test(start_paused = true)]
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

#[tokio::test(start_paused = true)]
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
#[tokio::test(start_paused = true)]
async fn a_freeze_begins_in_the_middle_by_the_clock() {
    let begin = NOW + jiff::SignedDuration::from_secs(60);
    let end = NOW + jiff::SignedDuration::from_secs(600);
    let text = format!("version: 1\ninstance: {{ freeze: [{{ from: {begin}, to: {end}, note: the release }}] }}\n");
    for (second, gone) in [(59, 60), (60, CANARY + BATCH), (599, CANARY + BATCH), (600, 60)] {
        let service = Service::new(60, &[("instance.yaml", &text)]).await;
        let seconds = service.seconds.clone();
        let report = service.run(CANARY + 3, move |_| seconds.store(NOW.as_second() + second, Ordering::Relaxed)).await;
        assert_eq!(service.count(60, &report), (gone, 60 - gone), "second {second}");
        if gone < 60 {
            let told = report.error.unwrap();
            let file = service.path("instance.yaml");
            let frozen = format!("deletions are frozen by {} until {end} (the release); ", file.display());
            assert!(told.starts_with(&frozen), "{told}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_holds_up_no_more_holds_everything_up() {
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
        let service = Service::new(40, &[("instance.yaml", CALM)]).await;
        let report = service.run(CANARY + 1, change).await;
        assert_eq!(service.count(40, &report), (CANARY + BATCH, 30 - BATCH), "{words}");
        let told = report.error.unwrap();
        assert!(told.contains(words) && !told.contains('\n'), "{words}: {told}");
    }
}

#[tokio::test(start_paused = true)]
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
        let service = Service::new(40, &[]).await;
        let report = service.run(CANARY + 1, move |folder| fs::write(folder.join("stop.yaml"), text).unwrap()).await;
        assert_eq!(service.count(40, &report), (CANARY + BATCH, 30 - BATCH), "{text}");
        assert!(report.error.as_ref().unwrap().contains(words), "{text}: {:?}", report.error);
    }
}

type Change = fn(&Path);

/// Runs a policy of 40 packages, changes the folder after the first one that follows the canary, and returns the report.
async fn changed(files: &[(&str, &str)], change: Change) -> (Service, PolicyReport) {
    let service = Service::new(40, files).await;
    let report = service.run(CANARY + 1, change).await;
    (service, report)
}

fn replace(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from:?} is not in {text}");
    fs::write(file, text.replace(from, to)).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_set_that_cant_be_used_holds_everything_up() {
    let changes: [(&str, Change); 8] = [
        ("p0.yaml, line 1, `[` is not closed", |folder| fs::write(folder.join("p0.yaml"), "version: [").unwrap()),
        ("other.yaml, line 2, unknown key `protekt`", |folder| {
            fs::write(
                folder.join("other.yaml"),
                "version: 1\nprotekt: [{ name: api }]\nscope: { group: acme }\ndelete: [{ older_than: 30d }]\n",
            )
            .unwrap();
        }),
        ("p0.yaml is not UTF-8 text", |folder| fs::write(folder.join("p0.yaml"), b"\xff").unwrap()),
        ("the set has no policy", |folder| fs::remove_file(folder.join("p0.yaml")).unwrap()),
        ("new.yml is not a policy file", |folder| fs::write(folder.join("new.yml"), OLD).unwrap()),
        ("can't read ", |folder| symlink("nowhere", folder.join("link.yaml")).unwrap()),
        ("is in a sub-folder", |folder| {
            fs::create_dir(folder.join("below")).unwrap();
            fs::write(folder.join("below/new.yaml"), OLD).unwrap();
        }),
        // The policy's own limit is no longer allowed.
        ("`max_percent` is beyond the ceiling", |folder| {
            fs::write(folder.join("instance.yaml"), "version: 1\ninstance: { ceiling: { max_percent: 99 } }\n")
                .unwrap();
        }),
    ];
    for (words, change) in changes {
        let (service, report) = changed(&[("instance.yaml", CALM)], change).await;
        assert_eq!(service.count(40, &report), (CANARY + BATCH, 30 - BATCH), "{words}: {:?}", report.error);
        let told = report.error.unwrap();
        let begin = "the policy files can't be used, and may keep what would go: ";
        assert!(told.starts_with(begin) && told.contains(words) && !told.contains('\n'), "{words}: {told}");
    }
}

/// Somebody may be writing the files right now.
#[tokio::test(start_paused = true)]
async fn a_set_that_can_be_used_a_second_later_holds_nothing_up() {
    for (millis, is_held) in [(999, false), (1_001, true)] {
        let service = Service::new(40, &[]).await;
        let breaks = move |folder: &Path| {
            let file = folder.join("p0.yaml");
            fs::write(&file, "version: [").unwrap();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                fs::write(&file, OLD).unwrap();
            });
        };
        let report = service.run(CANARY + 1, breaks).await;
        assert_eq!(report.error.is_some(), is_held, "{millis}: {:?}", report.error);
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_is_not_the_approved_one_holds_its_deletions_up() {
    let changes: [(&str, Change); 10] = [
        ("is not the one that was approved", |folder| {
            replace(&folder.join("p0.yaml"), "group: acme", "group: acme/app");
        }),
        ("is not the one that was approved", |folder| {
            replace(&folder.join("p0.yaml"), "version: 1", "version: 1\ngrace: 3d");
        }),
        ("is not the one that was approved", |folder| {
            replace(&folder.join("p0.yaml"), ", npm", "");
        }),
        ("is not the one that was approved", |folder| {
            replace(&folder.join("p0.yaml"), "30d", "31d");
        }),
        // It would take more. What was approved would still go, and somebody is at work on it.
        ("is not the one that was approved", |folder| {
            replace(&folder.join("p0.yaml"), "30d", "29d");
        }),
        ("is not the one that was approved", |folder| {
            replace(&folder.join("p0.yaml"), "limits:", "files: [{ type: maven, keep_newest: 1 }]\nlimits:");
        }),
        ("is not the one that was approved", |folder| {
            replace(&folder.join("p0.yaml"), "limits: {", "limits: { min_age: 4d,");
        }),
        ("is not the one that was approved", |folder| {
            fs::write(folder.join("instance.yaml"), "version: 1\ninstance: { ceiling: { min_age: 4d } }\n").unwrap();
        }),
        ("the policy p0 is in `mode: dry-run` now, by ", |folder| {
            replace(&folder.join("p0.yaml"), "mode: delete", "mode: dry-run");
        }),
        ("the policy p0 is no longer there", |folder| {
            fs::rename(folder.join("p0.yaml"), folder.join("p1.yaml")).unwrap();
        }),
    ];
    for (words, change) in changes {
        let (service, report) = changed(&[], change).await;
        assert_eq!(service.count(40, &report), (CANARY + BATCH, 30 - BATCH), "{words}: {:?}", report.error);
        assert_eq!(report.status, CycleStatus::Partial);
        let told = report.error.unwrap();
        assert!(told.contains(words) && !told.contains('\n'), "{words}: {told}");
    }
}

/// What is added keeps by a plan that is made anew, and not by an end of everything.
#[tokio::test(start_paused = true)]
async fn what_leaves_the_approval_alone_holds_nothing_up() {
    let changes: [(&str, Change); 9] = [
        ("a protection", |folder| fs::write(folder.join("hold.yaml"), HOLD).unwrap()),
        ("a keep rule", |folder| {
            replace(&folder.join("p0.yaml"), "limits:", "keep: [{ name: other }]\nlimits:");
        }),
        ("another policy", |folder| fs::write(folder.join("p1.yaml"), OLD).unwrap()),
        ("a schedule", |folder| {
            replace(&folder.join("p0.yaml"), "mode:", "schedule: \"30 2 * * *\"\nmode:");
        }),
        ("a description", |folder| {
            replace(&folder.join("p0.yaml"), "mode:", "description: old ones\nmode:");
        }),
        ("a comment", |folder| {
            replace(&folder.join("p0.yaml"), "mode:", "# for good\nmode:");
        }),
        ("a limit", |folder| {
            replace(&folder.join("p0.yaml"), "max_deletions: 10000", "max_deletions: 9999");
        }),
        ("other quotes", |folder| {
            replace(&folder.join("p0.yaml"), "30d", "\"30d\"");
        }),
        ("another name for the instance file", |folder| {
            fs::rename(folder.join("instance.yaml"), folder.join("zz.yaml")).unwrap();
        }),
    ];
    for (what, change) in changes {
        let (service, report) = changed(&[("instance.yaml", CALM)], change).await;
        assert_eq!(service.count(40, &report), (40, 0), "{what}: {:?}", report.error);
        assert_eq!(report.status, CycleStatus::Executed, "{what}");
    }
}

/// The rest of the batch was looked at by the rules of before.
#[tokio::test(start_paused = true)]
async fn a_rule_that_is_new_in_the_middle_keeps_what_was_not_sent_yet() {
    let changes: [(&str, Change); 2] = [
        ("a protection", |folder| {
            fs::write(folder.join("hold.yaml"), "version: 1\nprotect: [{ name: \"tool-*\" }]\n").unwrap();
        }),
        ("a keep rule", |folder| {
            replace(&folder.join("p0.yaml"), "limits:", "keep: [{ name: \"tool-*\" }]\nlimits:");
        }),
    ];
    for (what, change) in changes {
        let (service, report) = changed(&[], change).await;
        assert_eq!(service.count(40, &report), (CANARY + BATCH, 0), "{what}: {:?}", report.error);
        let stale = outcomes(&report).into_values().filter(|outcome| *outcome == "stale").count();
        assert_eq!(stale, 30 - BATCH, "{what}");
    }
}

const HOLD: &str = "version: 1\nprotect: [{ name: nothing }]\n";

/// Whoever deletes plans again with these.
#[tokio::test(start_paused = true)]
async fn what_is_in_force_now_is_the_set_on_the_disk() {
    let service = Service::new(0, &[]).await;
    let planned = service.world.set.policy_at("p0", NOW).unwrap();
    let before = service.world.brake.look(planned).await.unwrap();
    assert_eq!((before.in_force().set().protections.len(), before.in_force().policy().keep.len()), (0, 0));
    fs::write(service.path("hold.yaml"), HOLD).unwrap();
    replace(&service.path("p0.yaml"), "limits:", "keep: [{ name: other }]\nlimits:");
    service.seconds.fetch_add(60, Ordering::Relaxed);
    let now = service.world.brake.look(planned).await.unwrap();
    assert_eq!((now.in_force().set().protections.len(), now.in_force().policy().keep.len()), (1, 1));
    assert_eq!(now.in_force().now(), NOW + jiff::SignedDuration::from_secs(60));
    // With no file behind it, what was planned is what holds.
    let planned_itself = Brake::none().look(planned).await.unwrap();
    assert_eq!(planned_itself.in_force().fingerprint(), planned.fingerprint());
    assert_eq!(planned_itself.in_force().now(), NOW);
}

/// Nobody is asked about deletions that could not begin.
#[tokio::test(start_paused = true)]
async fn a_policy_that_changed_during_the_walk_asks_nobody() {
    let service = Service::new(5, &[]).await;
    replace(&service.path("p0.yaml"), "30d", "31d");
    let reports = service.world.run_if(async |_| panic!("nobody is asked about what can't be done")).await;
    assert_eq!(service.count(5, &reports[0]), (0, 5));
}

/// In the wrong form it is still somebody's pause.
#[tokio::test(start_paused = true)]
async fn a_pause_in_a_file_that_is_no_policy_file_holds() {
    for (name, text) in [
        ("instance.yml", PAUSED.as_bytes()),
        ("new.yaml", b"version: 1\ninstance:\n  paused: true # \xff\n"),
        ("below/instance.yaml", PAUSED.as_bytes()),
    ] {
        let service = Service::new(40, &[]).await;
        fs::create_dir(service.folder.path().join("below")).unwrap();
        let report = service.run(CANARY + 1, move |folder| fs::write(folder.join(name), text).unwrap()).await;
        assert_eq!(service.count(40, &report), (CANARY + BATCH, 30 - BATCH), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_required_holds_everything_up_when_it_vanishes() {
    let instance = "version: 1\ninstance: { require: [legal-hold] }\n";
    let hold = "version: 1\nname: legal-hold\nprotect: [{ name: nothing }]\n";
    let service = Service::new(40, &[("instance.yaml", instance), ("hp0.yaml", hold)]).await;
    let report = service.run(CANARY + 1, |folder| fs::remove_file(folder.join("hp0.yaml")).unwrap()).await;
    assert_eq!(service.count(40, &report), (CANARY + BATCH, 30 - BATCH));
    assert!(report.error.unwrap().contains("requires `legal-hold`, which is no longer there"));
}

/// A mounted ConfigMap is a folder behind a link, and changes by turning the link.
#[tokio::test(start_paused = true)]
async fn a_config_map_that_is_turned_is_seen() {
    let service = Service::new(40, &[]).await;
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
#[tokio::test(start_paused = true)]
async fn the_instance_file_beside_a_single_policy_counts() {
    let service = Service::new(0, &[("instance.yaml", PAUSED)]).await;
    let seconds = service.seconds.clone();
    let clock = Clock::new(move || Timestamp::from_second(seconds.load(Ordering::Relaxed)).unwrap());
    let brake = Brake::new(&[service.path("p0.yaml")], None, None, clock);
    assert!(matches!(brake.check(), Err(Halt::Paused { .. })));
    fs::remove_file(service.path("p0.yaml")).unwrap();
    assert!(matches!(brake.check(), Err(Halt::Paused { .. })), "with the policy itself gone as well");
}

/// What could not be deleted anyway is not held up.
#[tokio::test(start_paused = true)]
async fn what_the_token_may_not_delete_is_told_so_during_a_pause() {
    let mut registry = some(3);
    registry.members[0].access_level = 20;
    let service = Service::over(registry, &[("instance.yaml", PAUSED)]).await;
    let reports = service.world.run().await;
    assert_eq!(outcomes(&reports[0]), [1, 2, 3].map(|id| (id, "forbidden")).into());
    let told = reports[0].error.as_deref();
    assert_eq!(told, Some("planned deletions that were not done or not confirmed: 3"));
}
