//! The instant of the plan and that of the look, and the policy files of then and of now.

use std::fs;
use std::path::Path;
use std::time::Duration;

use gitlab_sandbox::happenings::{Act, Happening};
use gitlab_sandbox::{Options, Package, PackageType};
use gleaner::cycle::brake::Brake;
use gleaner::cycle::clock::Clock;
use gleaner::plan::Outcome;
use gleaner::report::PolicyReport;
use gleaner_support::NOW;
use jiff::SignedDuration;
use tokio::time::Instant;

use super::{LATEST_TOO, Scene, policy, registry, told, version};
use crate::shell::world::World;

const HOUR: u64 = 3_600;

#[tokio::test(start_paused = true)]
async fn ages_count_from_the_plan_however_long_the_question_stands() {
    let rules = format!("{LATEST_TOO}\nkeep: [{{ downloaded_within: 1h }}]");
    let download = Act::Download { package: 1 };
    let played = Scene::of(vec![version(1, 100)], &rules).meanwhile([download]).waiting(2 * HOUR).play().await;
    assert_eq!(played.outcome(1), Some(Outcome::Stale), "two hours later: {:?}", played.told());
}

/// By the instant of the plan the download would be in the future, and a date of the future keeps.
#[tokio::test(start_paused = true)]
async fn what_came_between_the_two_instants_is_not_the_future() {
    let download = Happening::before(1, Act::Download { package: 1 });
    let played = Scene::of(vec![version(1, 100)], LATEST_TOO).waiting(HOUR).then(download).play().await;
    assert_eq!(played.outcome(1), Some(Outcome::Deleted), "{:?}", played.told());
}

/// What is asked for goes by the look's beginning, and the verdict by its end. A version that is always in use is downloaded
/// in between.
#[tokio::test(start_paused = true)]
async fn a_download_in_the_middle_of_a_look_leaves_no_question_unasked() {
    let generic =
        |id, days| Package { package_type: PackageType::Generic, name: "app".to_owned(), ..version(id, days) };
    let rules = format!("{LATEST_TOO}\nkeep: [{{ newest: 1 }}]");
    let download = Happening::before(2, Act::Download { package: 2 });
    let slow = Options { latency: Duration::from_secs(1), ..Options::default() };
    let played = Scene::of(vec![generic(1, 100), generic(2, 90)], &rules).options(slow).then(download).play().await;
    assert_eq!(played.outcome(1), Some(Outcome::Deleted), "{:?}", played.told());
}

#[tokio::test(start_paused = true)]
async fn two_rules_may_delete_it_and_the_approved_one_is_told() {
    let rules =
        "delete:\n  - { not_downloaded_for: 30d, allow_latest: true }\n  - { older_than: 90d, allow_latest: true }";
    let download = Act::Download { package: 1 };
    let played = Scene::of(vec![version(1, 100)], rules).meanwhile([download]).play().await;
    assert_eq!(played.outcome(1), Some(Outcome::Deleted));
    let row = &played.reports[0].decisions[0];
    assert!(row.because.contains("not_downloaded_for 30d"), "{}", row.because);
}

/// Executes a policy on a disk. `then` happens to the folder while the question stands, `wait` seconds before its answer,
/// or with `None` when the last request of the look is answered.
async fn on_disk(rules: &str, wait: u64, then: impl Fn(&Path)) -> (World, PolicyReport) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("p0.yaml"), policy(rules)).unwrap();
    let mut world =
        World::ticking(registry(vec![version(1, 100), version(2, 90)]), Options::default(), &[&policy(rules)]).await;
    let begun = Instant::now();
    let clock = Clock::new(move || NOW + SignedDuration::try_from(begun.elapsed()).unwrap());
    world.brake = Brake::new(&[folder.path().to_owned()], None, None, clock);
    let consent = async |_: &PolicyReport| {
        then(folder.path());
        tokio::time::sleep(Duration::from_secs(wait)).await;
        Ok(())
    };
    let report = world.run_if(consent).await.remove(0);
    (world, report)
}

fn edit(folder: &Path, from: &str, to: &str) {
    let file = folder.join("p0.yaml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{from:?} is not in {text}");
    fs::write(file, text.replace(from, to)).unwrap();
}

/// It is 20:26 UTC of the day on which the keep rule ends.
#[tokio::test(start_paused = true)]
async fn a_hold_that_ends_between_the_two_instants_holds() {
    let keep = "keep: [{ version: 2.0.0, until: 2026-05-28 }]\nlimits:";
    for (wait, expected) in [(0, Outcome::Stale), (4 * HOUR, Outcome::Stale)] {
        let (world, report) = on_disk(LATEST_TOO, wait, |folder| edit(folder, "limits:", keep)).await;
        assert_eq!(told(&report)[&2].0, expected, "{wait}: {:?}", told(&report));
        assert_eq!(world.present(), [2].into());
    }
}

#[tokio::test(start_paused = true)]
async fn protections_and_keep_rules_that_come_while_the_question_stands_save() {
    type Change = fn(&Path);
    let table: [(&str, Change); 2] = [
        ("a protection", |folder| {
            let hold = "version: 1\nprotect: [{ version: 2.0.0 }]\n";
            fs::write(folder.join("hold.yaml"), hold).unwrap();
        }),
        ("a keep rule", |folder| edit(folder, "limits:", "keep: [{ version: 2.0.0 }]\nlimits:")),
    ];
    for (name, then) in table {
        let (world, report) = on_disk(LATEST_TOO, 0, then).await;
        let told = told(&report);
        assert_eq!((told[&1].0, told[&2].0), (Outcome::Deleted, Outcome::Stale), "{name}: {told:?}");
        assert_eq!(world.present(), [2].into(), "{name}");
        assert_eq!(report.error, None, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_is_changed_while_the_question_stands_deletes_nothing() {
    let table: [fn(&Path); 4] = [
        |folder| edit(folder, "30d", "31d"),
        |folder| edit(folder, "mode: delete", "mode: dry-run"),
        |folder| fs::write(folder.join("instance.yaml"), "version: 1\ninstance: { paused: true }\n").unwrap(),
        |folder| edit(folder, "max_deletions: 10000", "max_deletions: 1"),
    ];
    for (place, then) in table.into_iter().enumerate() {
        let (world, report) = on_disk(LATEST_TOO, 0, then).await;
        assert_eq!((world.deletes(), world.present().len()), (0, 2), "change {place}: {:?}", report.error);
        assert!(told(&report).values().all(|(outcome, _)| *outcome == Outcome::NotAttempted), "change {place}");
    }
}
