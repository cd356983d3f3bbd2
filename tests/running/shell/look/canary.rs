//! Ten deletions are proven before the rest is sent.

use gitlab_sandbox::faults::{Body, Fault, Faults, Kind, Rule, When};
use gitlab_sandbox::{Package, PackageType, Project};
use gleaner::plan::Outcome;

use super::{LATEST_TOO, Played, Scene, file, link, policy, registry, version};

/// So many old packages of one name.
fn old(count: u64) -> Vec<Package> {
    (1..=count).map(|id| version(id, 500 - i64::try_from(id).unwrap())).collect()
}

fn deletion(fault: Fault) -> Rule {
    Rule::new(fault).kind(Kind::DeletePackage)
}

fn refused() -> Fault {
    Fault::Status { code: 400, body: Body::Json }
}

fn count(played: &Played, outcome: Outcome) -> usize {
    played.told().values().filter(|(one, _)| *one == outcome).count()
}

/// The most deletions that had left before any listing was read again.
fn first_batch(played: &Played) -> usize {
    let sent = played.sent();
    let deletions = sent.iter().skip_while(|request| request.method != "DELETE");
    deletions.take_while(|request| request.method == "DELETE").count()
}

#[tokio::test(start_paused = true)]
async fn ten_deletions_are_proven_before_the_rest_is_sent() {
    let played = Scene::of(old(150), LATEST_TOO).play().await;
    assert_eq!((first_batch(&played), count(&played, Outcome::Deleted)), (10, 150));
    // Fewer than ten are all of them the canary.
    let played = Scene::of(old(7), LATEST_TOO).play().await;
    assert_eq!((first_batch(&played), count(&played, Outcome::Deleted)), (7, 7));
}

#[tokio::test(start_paused = true)]
async fn thirty_deletions_without_ten_proofs_are_the_last() {
    // Each answer is a 204, and nothing is deleted; or each is refused.
    for (fault, expected) in [(Fault::FalseDelete, Outcome::Unconfirmed), (refused(), Outcome::Failed)] {
        let played = Scene::of(old(150), LATEST_TOO).faults(Faults::new(0).with(deletion(fault))).play().await;
        assert_eq!(played.world.deletes(), 30, "{expected:?}");
        assert_eq!((count(&played, expected), count(&played, Outcome::NotAttempted)), (30, 120), "{expected:?}");
        let left = played.sentence(150);
        assert!(left.contains("fewer than ten are proven"), "{left}");
        assert!(played.reports[0].error.as_ref().unwrap().contains("fewer than ten are proven"));
    }
    // Nine proofs are too few.
    let faults = Faults::new(0).with(deletion(Fault::FalseDelete).when(When::After(9)));
    let played = Scene::of(old(150), LATEST_TOO).faults(faults).play().await;
    assert_eq!((count(&played, Outcome::Deleted), count(&played, Outcome::Unconfirmed)), (9, 21));
    assert_eq!((played.world.deletes(), count(&played, Outcome::NotAttempted)), (30, 120));
}

#[tokio::test(start_paused = true)]
async fn one_that_comes_to_no_proof_is_replaced_by_the_next() {
    let faults = Faults::new(0).with(deletion(refused()).when(When::First(20)));
    let played = Scene::of(old(60), LATEST_TOO).faults(faults).play().await;
    assert_eq!((count(&played, Outcome::Failed), count(&played, Outcome::Deleted)), (20, 40));
    // What was not sent uses up nothing.
    let played = Scene::of(apart(120), LATEST_TOO).meanwhile((1..=80).map(link)).play().await;
    assert_eq!((count(&played, Outcome::Stale), count(&played, Outcome::Deleted)), (80, 40));
}

/// So many old packages, each of a name of its own.
fn apart(count: u64) -> Vec<Package> {
    old(count).into_iter().map(|one| Package { name: format!("@acme/app-{}", one.id), ..one }).collect()
}

/// A replica is behind, so the proofs take a while. Many small projects don't send more meanwhile.
#[tokio::test(start_paused = true)]
async fn the_canary_spans_projects() {
    let mut many = registry(Vec::new());
    many.projects = (1..=40).map(|id| Project { id, path: format!("acme/p{id}"), ..Project::default() }).collect();
    many.packages = (1..=40).map(|id| Package { project_id: id, ..version(id, 100) }).collect();
    let scene = || Scene::over(many.clone(), &[&policy(LATEST_TOO)]);
    let played = scene().play().await;
    assert_eq!(count(&played, Outcome::Deleted), 40);
    let played = scene().faults(Faults::new(0).with(deletion(Fault::FalseDelete))).play().await;
    assert_eq!((played.world.deletes(), count(&played, Outcome::NotAttempted)), (30, 10), "{:?}", played.told());
}

/// A deletion whose answer is lost is sent once more, and no other in its place.
#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_holds_up_nothing_for_good() {
    let lost = deletion(Fault::HangUp).when(When::First(4));
    let played = Scene::of(old(40), LATEST_TOO).faults(Faults::new(0).with(lost)).play().await;
    assert_eq!(count(&played, Outcome::Deleted), 40, "{:?}", played.told());
}

/// A snapshot of three builds, of which two go.
fn snapshot(id: u64) -> Package {
    let files = (1..=3).map(|build| {
        let age = 60 - i64::try_from(build).unwrap();
        file(id * 10 + build, &format!("core-1.0-20240101.{build:06}-{build}.jar"), age)
    });
    Package {
        package_type: PackageType::Maven,
        name: format!("com/acme/core-{id}"),
        version: Some("1.0-SNAPSHOT".to_owned()),
        files: files.collect(),
        ..version(id, 400)
    }
}

#[tokio::test(start_paused = true)]
async fn files_are_proven_before_the_rest_is_sent() {
    let rules = "files: [{ type: maven, keep_newest: 1 }]";
    for (fault, expected) in [(None, 48), (Some(Fault::FalseDelete), 30)] {
        let faults = fault.map(|fault| Rule::new(fault).kind(Kind::DeletePackageFile));
        let faults = faults.into_iter().fold(Faults::new(0), Faults::with);
        let played = Scene::of((1..=24).map(snapshot).collect(), rules).faults(faults).play().await;
        assert_eq!(played.world.deletes(), expected, "{:?}", played.reports[0].error);
    }
}
