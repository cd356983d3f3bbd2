//! Files that others delete or upload while files go.

use gitlab_sandbox::Package;
use gitlab_sandbox::faults::{Body, Fault, Faults, Kind, Rule, When};
use gitlab_sandbox::happenings::{Act, Happening};
use gitlab_sandbox::{PackageFile, PackageType};
use gleaner_support::days_ago;

use super::{Played, Scene, file, version};

const ONE: &str = "files: [{ type: maven, keep_newest: 1 }]";

/// A snapshot of so many builds of one file each. The newest has the last id.
fn snapshot(builds: u64) -> Package {
    let build = |build: u64| -> PackageFile {
        let age = 50 + i64::try_from(builds - build).unwrap();
        file(build, &format!("core-1.0-20240101.{build:06}-{build}.jar"), age)
    };
    Package {
        package_type: PackageType::Maven,
        name: "com/acme/core".to_owned(),
        version: Some("1.0-SNAPSHOT".to_owned()),
        created_at: days_ago(400),
        updated_at: days_ago(400),
        files: (1..=builds).map(build).collect(),
        ..version(1, 400)
    }
}

/// Returns whether the request of this number, counted from the approval, is the last reading of the files before the
/// deletion that came last, or comes after it. What is done after that can't be seen.
fn comes_too_late(played: &Played, number: u64) -> bool {
    let sent = played.sent();
    let Some(last) = sent.iter().rposition(|request| request.method == "DELETE") else { return false };
    number as usize >= last
}

/// Somebody deletes the file that was to stay, after any request.
#[tokio::test(start_paused = true)]
async fn no_package_loses_its_last_file_while_others_delete_files() {
    for builds in [2, 3, 4, 24] {
        let undisturbed = Scene::of(vec![snapshot(builds)], ONE).play().await;
        assert_eq!(undisturbed.world.present_files(), [builds].into());
        let mut seen = 0;
        for number in 1..=undisturbed.sent().len() as u64 {
            let deleted = Happening::after(number, Act::DeleteFile { package: 1, file: builds });
            let played = Scene::of(vec![snapshot(builds)], ONE).then(deleted).play().await;
            let is_whole = !played.world.present_files().is_empty();
            assert!(is_whole || comes_too_late(&played, number), "{builds} builds, after request {number}");
            seen += usize::from(is_whole);
        }
        assert!(seen >= 3, "{builds} builds: {seen}");
    }
}

/// The files are read again before the first and the last of each part of twenty.
#[tokio::test(start_paused = true)]
async fn a_file_that_was_to_stay_and_is_gone_stops_the_next_part() {
    let stays = Act::DeleteFile { package: 1, file: 50 };
    // The first part is the canary.
    for (number, gone) in [(1, 9), (10, 10), (11, 19), (20, 20), (21, 39), (40, 40), (41, 48)] {
        let deleted = Happening::after(number, stays.clone()).method("DELETE");
        let played = Scene::of(vec![snapshot(50)], ONE).then(deleted).play().await;
        assert_eq!(played.world.deletes(), gone, "after deletion {number}");
        assert_eq!(played.world.present_files().len(), 49 - gone);
    }
}

/// Lost answers make the batches so small that the files come one after the other. What was lost of the one says nothing of
/// the other.
#[tokio::test(start_paused = true)]
async fn a_file_whose_deletion_was_lost_is_no_less_there_for_another_that_went() {
    let lost =
        Rule::new(Fault::Status { code: 502, body: Body::Json }).kind(Kind::DeletePackageFile).when(When::First(2));
    let played = Scene::of(vec![snapshot(3)], ONE).faults(Faults::new(0).with(lost)).play().await;
    assert_eq!(played.world.present_files(), [3].into());
}
