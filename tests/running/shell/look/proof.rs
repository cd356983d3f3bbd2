//! What proves that something is gone, and what takes no place until it is proven.

use gitlab_sandbox::faults::{Body, Fault, Faults, Headers, Kind, Rule, When};
use gitlab_sandbox::happenings::{Act, Happening};
use gitlab_sandbox::{Options, Package, PackageType, Project};
use gleaner::plan::Outcome;
use gleaner::report::CycleStatus;

use super::{LATEST_TOO, OLD, Played, Scene, policy, registry, version};

fn on_delete(id: u64, fault: Fault) -> Rule {
    Rule::new(fault).kind(Kind::DeletePackage).path(&format!("*/packages/{id}"))
}

fn forbidden() -> Fault {
    Fault::Status { code: 403, body: Body::Json }
}

/// What stays in the same project, so many days old.
fn other(id: u64, days: i64) -> Package {
    Package { name: format!("@acme/other-{id}"), ..version(id, days) }
}

fn count(played: &Played, outcome: Outcome) -> usize {
    played.told().values().filter(|(one, _)| *one == outcome).count()
}

/// A 204 deletes nothing. After any request somebody deletes a row before it, so that it slips from one page to the one
/// before.
#[tokio::test(start_paused = true)]
async fn a_row_that_slips_through_between_the_pages_of_a_proof_is_not_gone() {
    let scene = |faults: Faults| {
        let rows = vec![other(11, 120), other(12, 110), version(1, 100), other(13, 50), version(2, 5), other(14, 4)];
        let options = Options { largest_page: 2, ..Options::default() };
        let rules = "delete: [{ older_than: 30d, name: \"@acme/app\" }]";
        let faults = faults.with(on_delete(1, Fault::FalseDelete));
        Scene::of(rows, rules).options(options).faults(faults)
    };
    let undisturbed = scene(Faults::new(0)).play().await;
    assert_eq!(undisturbed.outcome(1), Some(Outcome::Unconfirmed), "{:?}", undisturbed.told());
    for number in 1..=undisturbed.sent().len() as u64 {
        // What is asked for by itself may be answered by a gateway, which knows no such routes.
        let words = Body::Message("404 Package Not Found".to_owned());
        let missing = Rule::new(Fault::Status { code: 404, body: words }).path("*/package_files*");
        let first = |count| Faults::new(0).with(missing.clone().when(When::First(count)));
        for faults in [Faults::new(0), first(1), first(2), first(3), Faults::new(0).with(missing.clone())] {
            let slip = Happening::after(number, Act::DeletePackage { package: 11 });
            let played = scene(faults).then(slip).play().await;
            assert!(played.world.present().contains(&1));
            let outcome = played.outcome(1).unwrap();
            assert!(!outcome.is_gone(), "after request {number}: {:?}", played.told());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_proof_is_the_listing_that_showed_the_row() {
    for (fault, expected) in [(None, Outcome::Deleted), (Some(Fault::FalseDelete), Outcome::Unconfirmed)] {
        let module = |id: u64, days: i64| Package {
            package_type: PackageType::TerraformModule,
            name: "core/aws".to_owned(),
            ..version(id, days)
        };
        let mut faults = Faults::new(0);
        faults.rules.extend(fault.map(|fault| on_delete(1, fault)));
        let rows = vec![module(1, 100), module(2, 5), version(3, 5)];
        let played = Scene::of(rows, OLD).faults(faults).play().await;
        assert_eq!(played.outcome(1), Some(expected), "{:?}", played.told());
    }
}

/// An empty listing counts beside an answer about the project itself.
#[tokio::test(start_paused = true)]
async fn an_empty_listing_is_no_proof_by_itself() {
    let empty = || Rule::new(Fault::EmptyPage).kind(Kind::ProjectPackages).when(When::After(1));
    let hidden = || Rule::new(Fault::Status { code: 404, body: Body::Json }).path("*/projects/1").when(When::After(2));
    let table = [
        ("nothing is left", Faults::new(0), Outcome::Deleted),
        ("a listing without rows", Faults::new(0).with(empty()).with(hidden()), Outcome::Unconfirmed),
    ];
    for (name, faults, expected) in table {
        let played = Scene::of(vec![version(1, 100)], LATEST_TOO).faults(faults).play().await;
        assert_eq!(played.outcome(1), Some(expected), "{name}: {:?}", played.told());
        let sent = played.sent();
        let after = sent.iter().skip_while(|request| request.method != "DELETE");
        let asked = after.filter(|request| request.path.ends_with("/projects/1")).count();
        assert!(asked > 0, "{name}: the project is asked for");
    }
}

/// A cache shows an empty listing, and the project answers. What nobody deletes would have to be on it.
#[tokio::test(start_paused = true)]
async fn a_listing_that_lacks_what_stays_is_no_proof_either() {
    let empty = Rule::new(Fault::EmptyPage).kind(Kind::ProjectPackages).when(When::After(1));
    let faults = Faults::new(0).with(on_delete(1, Fault::FalseDelete)).with(empty);
    let played = Scene::of(vec![version(1, 100), version(2, 5)], OLD).faults(faults).play().await;
    assert!(played.world.present().contains(&1));
    assert_eq!(played.outcome(1), Some(Outcome::Unconfirmed), "{:?}", played.told());
}

/// A look that doesn't show a package sends nothing for it, and nobody is told that something was sent.
#[tokio::test(start_paused = true)]
async fn what_a_look_does_not_show_is_not_told_as_sent() {
    let unseen = Rule::new(Fault::EmptyPage).kind(Kind::ProjectPackages).when(When::First(1));
    let scene = Scene::of(vec![version(1, 100), version(2, 5)], OLD);
    let played = scene.faults(Faults::new(0).with(unseen)).play().await;
    assert_eq!((played.count("DELETE"), played.outcome(1)), (0, Some(Outcome::Failed)), "{:?}", played.told());
    assert_eq!(played.sentence(1), "a second look did not show it, so nothing was sent, and GitLab still has it");
}

#[tokio::test(start_paused = true)]
async fn a_listing_without_pagination_headers_proves_nothing() {
    // A gateway says that nothing is there.
    let fault = Fault::Gateway { code: 200, headers: Headers::default(), body: Body::Text("[]".to_owned()) };
    let lies = Rule::new(fault).kind(Kind::ProjectPackages).when(When::After(1));
    let faults = Faults::new(0).with(on_delete(1, Fault::FalseDelete)).with(lies);
    let played = Scene::of(vec![version(1, 100)], LATEST_TOO).faults(faults).play().await;
    assert_eq!(played.outcome(1), Some(Outcome::Unconfirmed), "{:?}", played.told());
}

#[tokio::test(start_paused = true)]
async fn what_a_replica_still_shows_is_asked_for_again_for_a_minute() {
    for (millis, expected, listings) in [
        (0, Outcome::Deleted, 2),
        (9_000, Outcome::Deleted, 3),
        (19_000, Outcome::Deleted, 4),
        (39_000, Outcome::Deleted, 5),
        (59_000, Outcome::Deleted, 6),
        (61_000, Outcome::Unconfirmed, 6),
    ] {
        let behind = Rule::new(Fault::Replica { millis }).method("GET");
        let scene = Scene::of(vec![version(1, 100), version(2, 5)], OLD);
        let played = scene.faults(Faults::new(0).with(behind)).play().await;
        assert_eq!(played.outcome(1), Some(expected), "{millis}: {:?}", played.told());
        let sent = played.sent();
        let of_rows = sent.iter().filter(|request| request.path.contains("/projects/1/packages?"));
        assert_eq!(of_rows.count(), listings, "{millis}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_404_is_our_own_deed_only_after_a_lost_answer() {
    let scene = || Scene::of(vec![version(1, 100), version(2, 5)], OLD);
    let faster = Happening::before(1, Act::DeletePackage { package: 1 }).method("DELETE");
    let played = scene().then(faster).play().await;
    assert_eq!(played.outcome(1), Some(Outcome::AlreadyGone), "{:?}", played.told());

    let lost = Faults::new(0).with(on_delete(1, Fault::HangUpAfter).when(When::First(1)));
    let played = scene().faults(lost).play().await;
    assert_eq!(played.outcome(1), Some(Outcome::Deleted), "{:?}", played.told());
    let sentence = played.sentence(1);
    let (problem, _) = sentence.split_once(", and yet it is gone: somebody else may have been faster").unwrap();
    assert!(!problem.is_empty(), "{sentence}");
}

#[tokio::test(start_paused = true)]
async fn a_project_that_moves_away_or_vanishes_after_the_deletion_leaves_it_unconfirmed() {
    for (act, outcome) in [
        (Act::RenameProject { id: 1, to: "beta/app".to_owned() }, Outcome::Unconfirmed),
        (Act::DeleteProject { id: 1 }, Outcome::Unconfirmed),
    ] {
        let lost = Faults::new(0).with(on_delete(1, Fault::HangUp).when(When::First(1)));
        let scene = Scene::of(vec![version(1, 100), version(2, 5)], OLD).faults(lost);
        let played = scene.then(Happening::after(1, act.clone()).method("DELETE")).play().await;
        assert_eq!(played.outcome(1), Some(outcome), "{act:?}: {:?}", played.told());
        assert_eq!(played.count("DELETE"), 1, "{act:?}");
    }
}

/// The second policy would count what the first one has deleted, and delete the newest that is really left.
#[tokio::test(start_paused = true)]
async fn what_a_replica_still_shows_after_a_deletion_is_not_the_newest() {
    let first = policy("delete: [{ older_than: 30d, version: 2.0.0, allow_latest: true }]");
    let second = policy(&format!("{LATEST_TOO}\nkeep: [{{ newest: 1 }}]"));
    let behind = Rule::new(Fault::Replica { millis: 600_000 }).method("GET");
    let scene = Scene::over(registry(vec![version(1, 100), version(2, 90)]), &[&first, &second]);
    let played = scene.faults(Faults::new(0).with(behind)).play().await;
    assert_eq!(played.outcome(2), Some(Outcome::Unconfirmed), "{:?}", played.told());
    assert_eq!(played.world.present(), [1].into());
    assert_eq!(played.world.deletes(), 1);
}

/// A 204 deletes nothing. The version 1.5 is made last and goes first, and then the one young version goes by hand.
#[tokio::test(start_paused = true)]
async fn what_was_sent_takes_no_place_in_a_later_batch_of_the_same_plan() {
    let mut rows: Vec<Package> = (191..=299).map(|id| other(id, 100)).collect();
    rows.push(Package { version: Some("1.5.0".to_owned()), ..version(1, 40) });
    rows.extend([version(2, 50), version(3, 45), version(4, 5)]);
    let rules = format!("{LATEST_TOO}\nkeep: [{{ newest: 1, name: \"@acme/app\" }}]");
    let by_hand = Happening::after(110, Act::DeletePackage { package: 4 }).method("DELETE");
    let faults = Faults::new(0).with(on_delete(1, Fault::FalseDelete));
    let played = Scene::of(rows, &rules).faults(faults).then(by_hand).play().await;
    let of_app: Vec<_> = (1..=3).map(|id| played.outcome(id).unwrap()).collect();
    assert_eq!(of_app, [Outcome::Unconfirmed, Outcome::Deleted, Outcome::Stale], "{:?}", played.told());
    assert_eq!(played.world.present(), [1, 3].into());
}

/// Two projects: the first one has the oldest packages, of which twelve are forbidden.
#[tokio::test(start_paused = true)]
async fn a_project_that_forbids_its_oldest_packages_holds_up_no_other() {
    let mut registry = registry((1..=30).map(|id| version(id, 100)).collect());
    registry.projects.push(Project { id: 2, path: "acme/lib".to_owned(), ..Project::default() });
    let of_second = (31..=40).map(|id| Package { project_id: 2, ..version(id, 50) });
    registry.packages.extend(of_second);
    let of_first = Rule::new(forbidden()).kind(Kind::DeletePackage).path("*/projects/1/*").when(When::First(12));
    let played = Scene::over(registry, &[&policy(LATEST_TOO)]).faults(Faults::new(0).with(of_first)).play().await;
    let told = played.told();
    let gone = (31..=40).filter(|id| told[id].0 == Outcome::Deleted).count();
    assert_eq!(gone, 10, "{told:?}");
    assert_eq!(played.reports[0].status, CycleStatus::Partial);
}

#[tokio::test(start_paused = true)]
async fn ten_forbidden_deletions_leave_a_project_and_three_projects_end_the_run() {
    let mut registry = registry(Vec::new());
    registry.projects = (1..=5).map(|id| Project { id, path: format!("acme/p{id}"), ..Project::default() }).collect();
    let package = |project_id: u64, id: u64| Package { project_id, ..version(project_id * 1_000 + id, 100) };
    registry.packages = (1..=5).flat_map(|project| (1..=150).map(move |id| package(project, id))).collect();
    let faults = Faults::new(0).with(Rule::new(forbidden()).kind(Kind::DeletePackage));
    let played = Scene::over(registry, &[&policy(LATEST_TOO)]).faults(faults).play().await;
    assert_eq!((count(&played, Outcome::Forbidden), played.world.deletes()), (30, 30));
    assert_eq!(count(&played, Outcome::NotAttempted), 720);
    let left = played.sentence(1_150);
    assert!(left.contains("GitLab forbade ten deletions of this project"), "{left}");
    let projects = played.sent().into_iter().filter(|request| request.path.contains("/projects/4/"));
    assert_eq!(projects.count(), 0, "the fourth project is left alone");
}

#[tokio::test(start_paused = true)]
async fn five_404s_among_ten_answers_end_a_batch() {
    let gateway = Fault::Gateway { code: 404, headers: Headers::default(), body: Body::Json };
    let faults = Faults::new(0).with(Rule::new(gateway).kind(Kind::DeletePackage));
    let played = Scene::of((1..=60).map(|id| version(id, 100)).collect(), LATEST_TOO).faults(faults).play().await;
    let deletes = played.world.deletes();
    assert!((5..=8).contains(&deletes), "{deletes}");
    assert_eq!((count(&played, Outcome::Unconfirmed), count(&played, Outcome::NotAttempted)), (deletes, 60 - deletes));
    assert!(played.told().values().any(|(_, told)| told.contains("something in front of GitLab")));

    // Where others did delete them, the rest goes on.
    let scene = Scene::of((1..=60).map(|id| version(id, 100)).collect(), LATEST_TOO);
    let gone = (1..=12).map(|package| Happening::before(1, Act::DeletePackage { package }).method("DELETE"));
    let played = gone.fold(scene, Scene::then).play().await;
    assert_eq!((count(&played, Outcome::AlreadyGone), count(&played, Outcome::Deleted)), (12, 48));
}
