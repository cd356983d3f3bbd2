//! What people do while the question stands.

use gitlab_sandbox::faults::{Body, Fault, Faults, Kind, Rule};
use gitlab_sandbox::happenings::Act;
use gleaner::plan::Outcome;
use gleaner::report::CycleStatus;

use super::{OLD, Scene, latest, link, protect, version};

#[tokio::test(start_paused = true)]
async fn what_people_did_after_the_plan_saves_what_it_concerns() {
    let npm = || vec![version(1, 100), version(2, 90), version(3, 80), version(4, 5)];
    let unused = "delete: [{ older_than: 30d, not_downloaded_for: 30d }]";
    let table: [(&str, Vec<Act>, &[u64], &str); 8] = [
        (unused, vec![Act::Download { package: 2 }], &[2], "downloaded on"),
        (OLD, vec![Act::DeletePackage { package: 4 }], &[3], "the latest version"),
        (
            "delete: [{ older_than: 30d, allow_latest: true }]\nkeep: [{ newest: 2 }]",
            vec![Act::DeletePackage { package: 4 }, Act::DeletePackage { package: 3 }],
            &[1, 2],
            "newest of 2",
        ),
        (OLD, vec![link(2)], &[2], "a release of its project links to it"),
        (OLD, vec![latest(1)], &[1], "dist-tag latest"),
        (OLD, vec![Act::ArchiveProject { id: 1 }], &[1, 2, 3], "archived"),
        (OLD, vec![protect()], &[1, 2, 3], "a protection rule of its project in GitLab"),
        (OLD, vec![Act::RenameProject { id: 1, to: "beta/app".to_owned() }], &[1, 2, 3], "moved"),
    ];
    for (rules, acts, saved, why) in table {
        let played = Scene::of(npm(), rules).meanwhile(acts.clone()).play().await;
        let told = played.told();
        for (id, (outcome, problem)) in &told {
            let expected = if saved.contains(id) { Outcome::Stale } else { Outcome::Deleted };
            assert_eq!(*outcome, expected, "{acts:?}: package {id}: {problem}");
            assert_eq!(played.world.present().contains(id), saved.contains(id), "{acts:?}: package {id}");
            assert!(!saved.contains(id) || problem.contains(why), "{acts:?}: package {id}: {problem}");
        }
        assert!(saved.iter().all(|id| told.contains_key(id)), "{acts:?}");
        let report = &played.reports[0];
        assert_eq!((report.status, &report.error), (CycleStatus::Executed, &None), "{acts:?}");
    }
}

/// What can't be asked a second time is kept, and nobody is told that it changed.
#[tokio::test(start_paused = true)]
async fn what_decides_and_is_not_told_a_second_time_keeps_the_package() {
    let refused = || Fault::Status { code: 422, body: Body::Json };
    for kind in [Kind::ProtectionRules, Kind::Releases] {
        let faults = Faults::new(0).with(Rule::new(refused()).kind(kind));
        let played = Scene::of(vec![version(1, 100), version(2, 5)], OLD).faults(faults).play().await;
        assert_eq!(played.outcome(1), Some(Outcome::Failed), "{kind:?}: {:?}", played.told());
        assert_eq!((played.count("DELETE"), played.reports[0].status), (0, CycleStatus::Partial), "{kind:?}");
    }
}
