//! Holds that are handed over from one thing to another while things are looked at again, so that one stands at every
//! instant.

use std::time::Duration;

use gitlab_sandbox::happenings::{Act, Happening};
use gitlab_sandbox::{Options, Package, Pipeline, Repository};
use gleaner::plan::Outcome;
use gleaner::record::state::StateStore;
use gleaner::report::PolicyReport;
use gleaner_support::NOW;
use jiff::SignedDuration;

use super::{LATEST_TOO, Scene, latest, link, page_of, policy, protect, registry, told, version};
use crate::shell::world::World;

/// A way to hold the package 1, and how it is taken back.
fn holds() -> [(&'static str, Act, Act); 5] {
    let (tag, url) = ("v1".to_owned(), page_of(1));
    let Act::ProtectPackage { project, package_type, pattern, .. } = protect() else { unreachable!() };
    [
        ("a tag", latest(1), Act::RemoveTag { package: 1, tag: "latest".to_owned() }),
        ("a release", link(1), Act::UnlinkRelease { project: 1, tag, url }),
        ("a rule of GitLab's", protect(), Act::UnprotectPackage { project, package_type, pattern }),
        ("an archived project", Act::ArchiveProject { id: 1 }, Act::UnarchiveProject { id: 1 }),
        (
            "an archived group",
            Act::ArchiveGroup { path: "acme".to_owned() },
            Act::UnarchiveGroup { path: "acme".to_owned() },
        ),
    ]
}

fn scene() -> Scene {
    Scene::of(vec![version(1, 100)], LATEST_TOO)
}

/// One stands when the look begins. After any of its requests another is set, and the first is taken back. Where that comes
/// later, more is seen of the first.
#[tokio::test(start_paused = true)]
async fn a_hold_that_is_handed_over_at_any_request_holds() {
    let undisturbed = scene().play().await;
    assert_eq!(undisturbed.outcome(1), Some(Outcome::Deleted));
    let requests = undisturbed.sent();
    let of_look = requests.iter().position(|request| request.method == "DELETE").unwrap() as u64;
    assert!(of_look >= 6, "{requests:?}");
    for (from, set, take_back) in holds() {
        for (to, set_other, _) in holds().into_iter().filter(|(to, ..)| *to != from) {
            for number in 1..=of_look {
                let handed_over = scene()
                    .meanwhile([set.clone()])
                    .then(Happening::after(number, set_other.clone()))
                    .then(Happening::after(number, take_back.clone()));
                let played = handed_over.play().await;
                let told = played.told();
                assert_eq!(played.world.present(), [1].into(), "{from} to {to} after request {number}: {told:?}");
                assert_eq!(played.count("DELETE"), 0, "{from} to {to} after request {number}");
            }
        }
    }
}

/// GitLab keeps its list of branches for 30 s, and the plan has asked for it.
#[tokio::test(start_paused = true)]
async fn a_branch_that_is_restored_is_seen_though_its_list_is_cached() {
    for (is_restored, expected) in [(false, Outcome::Deleted), (true, Outcome::Stale)] {
        let mut registry = registry(vec![Package { pipeline_ids: vec![7], ..version(1, 100) }]);
        let branches = vec!["main".to_owned()].into_iter().collect();
        registry.projects[0].repository = Some(Repository { branches, ..Repository::default() });
        registry.pipelines.push(Pipeline {
            id: 7,
            project_id: 1,
            ref_: "topic".to_owned(),
            tag: Some(false),
            source: "push".to_owned(),
            ..Pipeline::default()
        });
        let rules = policy("delete: [{ branch_gone_for: 14d, allow_latest: true }]");
        let options = Options { branches_cached: Duration::from_secs(30), ..Options::default() };
        let mut world = World::ticking(registry, options, &[&rules]).await;
        world.state = Some(StateStore::in_memory("gleaner", "https://gitlab.test"));
        world.run().await;
        world.now = NOW + SignedDuration::from_hours(24 * 15);
        let restore = async |_: &PolicyReport| {
            if is_restored {
                world.server.act(Act::CreateBranch { id: 1, branch: "topic".to_owned() }).unwrap();
            }
            Ok(())
        };
        let report = world.run_if(restore).await.remove(0);
        assert_eq!(told(&report).get(&1).map(|(outcome, _)| *outcome), Some(expected), "{:?}", told(&report));
    }
}
