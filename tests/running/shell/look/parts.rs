//! `max_per_cycle`: a plan is approved as a whole, and each cycle takes its part of it.

use std::collections::BTreeSet;

use gitlab_sandbox::faults::{Body, Fault, Faults, Kind, Rule, When};
use gitlab_sandbox::{Package, PackageType, Project};
use gleaner::plan::{Outcome, RunLimit};
use gleaner::record::state::StateStore;
use gleaner::report::{CycleStatus, PolicyReport};
use gleaner::yaml::Source;
use gleaner_support::parsed;
use jiff::SignedDuration;

use super::{Played, Scene, file, link, registry, version};
use crate::shell::world::World;

const OF_TEN: &str = "limits: { max_percent: 100, max_percent_per_project: 100, max_per_cycle: 10 }\n";

fn text(limits: &str) -> String {
    format!(
        "version: 1\nmode: delete\nscope: {{ group: acme }}\ndelete: [{{ older_than: 30d, allow_latest: true }}]\n{limits}"
    )
}

/// Packages of a name of their own each, in two projects, the first the oldest.
fn apart(ages: impl IntoIterator<Item = i64>) -> Vec<Package> {
    let package = |(id, days): (u64, i64)| Package {
        name: format!("@acme/app-{id}"),
        project_id: if id % 2 == 0 { 2 } else { 1 },
        ..version(id, days)
    };
    (1..).zip(ages).map(package).collect()
}

fn of_two_projects(packages: Vec<Package>) -> gitlab_sandbox::Registry {
    let mut registry = registry(packages);
    registry.projects = [1, 2].map(|id| Project { id, path: format!("acme/p{id}"), ..Project::default() }).into();
    registry
}

fn ids(played: &Played, outcome: Outcome) -> BTreeSet<u64> {
    played.told().into_iter().filter(|(_, (one, _))| *one == outcome).map(|(id, _)| id).collect()
}

#[tokio::test(start_paused = true)]
async fn a_cycle_takes_the_oldest_of_all_projects() {
    let played = Scene::over(of_two_projects(apart((0..25).map(|number| 200 - number))), &[&text(OF_TEN)]).play().await;
    assert_eq!(ids(&played, Outcome::Deleted), (1..=10).collect());
    assert_eq!(ids(&played, Outcome::Later), (11..=25).collect());
    let report = &played.reports[0];
    assert_eq!((report.status, report.totals.later, played.world.deletes()), (CycleStatus::Executed, 15, 10));
    assert!(
        report.warnings[0].starts_with("of 25 deletions at most 10 are done in one cycle"),
        "{:?}",
        report.warnings
    );
}

/// What is stale, forbidden or not proven doesn't use up the part. What came to nothing comes last the next time.
#[tokio::test(start_paused = true)]
async fn what_comes_to_nothing_is_replaced_and_comes_last_the_next_time() {
    let packages = || of_two_projects(apart((0..25).map(|number| 200 - number)));
    let false_one = Rule::new(Fault::FalseDelete).kind(Kind::DeletePackage).path("*/packages/2");
    let scene = || Scene::over(packages(), &[&text(OF_TEN)]).faults(Faults::new(0).with(false_one.clone()));
    let played = scene().meanwhile([link(1), link(3)]).play().await;
    assert_eq!((ids(&played, Outcome::Stale), ids(&played, Outcome::Unconfirmed)), ([1, 3].into(), [2].into()));
    assert_eq!(ids(&played, Outcome::Deleted), (4..=13).collect());

    let mut world = World::ticking(packages(), gitlab_sandbox::Options::default(), &[&text(OF_TEN)]).await;
    world.state = Some(StateStore::in_memory("gleaner", "https://gitlab.test"));
    world.server.set_faults(Faults::new(0).with(false_one));
    world.run().await;
    assert_eq!(world.present(), [2].into_iter().chain(12..=25).collect());
    let report = world.run().await.remove(0);
    assert_eq!(world.present(), [2].into_iter().chain(22..=25).collect());
    assert_eq!(super::told(&report)[&2].0, Outcome::Later);
    world.run().await;
    assert_eq!(world.present(), [2].into());
}

#[tokio::test(start_paused = true)]
async fn a_file_goes_with_its_checksum_in_one_part() {
    let old = |id: u64, name: &str| file(id, name, 100);
    let files =
        vec![old(11, "a.zip"), old(12, "a.zip.sha256"), old(13, "b.zip"), old(14, "b.zip.sha256"), old(15, "c.zip")];
    let generic = Package { package_type: PackageType::Generic, files, ..version(1, 100) };
    let rules = "files: [{ type: generic, file: \"[ab].zip\", keep_newest: 0 }]\nlimits: { max_per_cycle: 3 }\n";
    let text = format!("version: 1\nmode: delete\nscope: {{ group: acme }}\n{rules}");
    let mut world = World::ticking(registry(vec![generic]), gitlab_sandbox::Options::default(), &[&text]).await;
    world.state = Some(StateStore::in_memory("gleaner", "https://gitlab.test"));
    world.run().await;
    assert_eq!(world.present_files(), [13, 14, 15].into());
    world.run().await;
    assert_eq!(world.present_files(), [15].into());
}

/// A world in which 30 packages are old, and so many more will be in two days.
async fn world(joining: usize, limits: &str) -> World {
    let ages = (0..30).map(|number| 200 - number).chain(std::iter::repeat_n(29, joining));
    let mut world = World::new(of_two_projects(apart(ages)), &[&text(limits)]).await;
    world.state = Some(StateStore::in_memory("gleaner", "https://gitlab.test"));
    world
}

/// Runs two days later, by these limits.
async fn two_days_later(world: &mut World, limits: &str) -> PolicyReport {
    world.now += SignedDuration::from_hours(48);
    world.set = parsed(&[Source { file: "p0.yaml".to_owned(), text: text(limits) }]);
    world.run().await.remove(0)
}

#[tokio::test(start_paused = true)]
async fn what_was_approved_is_not_counted_again_and_what_joins_is() {
    const OF_THIRTY: &str =
        "limits: { max_percent: 100, max_percent_per_project: 100, max_deletions: 30, max_per_cycle: 20 }\n";
    let refusal = |report: &PolicyReport| report.refusal.as_ref().map(|refusal| refusal.because.clone());
    // How many join, the limits by then, and why nothing goes.
    let by_exception = OF_THIRTY.replace(
        "max_deletions: 30",
        "max_deletions: 5, exception: { max_deletions: 30, until: 2026-05-29, note: first }",
    );
    let faster = OF_THIRTY.replace("max_per_cycle: 20", "max_per_cycle: 50");
    let fewer = OF_THIRTY.replace("max_deletions: 30", "max_deletions: 29");
    let at_once = OF_THIRTY.replace(", max_per_cycle: 20", "");
    let beside = "31 deletions are planned, and at most 30 are allowed, beside the 10 that were approved before";
    let table = [
        (25, OF_THIRTY, OF_THIRTY, None),
        (31, OF_THIRTY, OF_THIRTY, Some(beside)),
        // The exception has ended by itself.
        (5, &*by_exception, &*by_exception, None),
        (25, OF_THIRTY, &*faster, None),
        // Whoever changes the limits is asked anew.
        (25, OF_THIRTY, &*fewer, Some("35 deletions are planned, and at most 29 are allowed")),
        (25, OF_THIRTY, &*at_once, Some("35 deletions are planned, and at most 30 are allowed")),
    ];
    for (joining, limits, then, expected) in table {
        let mut world = world(joining, limits).await;
        let first = world.run().await.remove(0);
        assert_eq!((refusal(&first), world.present().len()), (None, 10 + joining));
        let second = two_days_later(&mut world, then).await;
        assert_eq!(refusal(&second).as_deref(), expected, "{joining} {then}");
        let gone = if expected.is_some() { 0 } else { (10 + joining).min(if then == faster { 50 } else { 20 }) };
        assert_eq!(world.present().len(), 10 + joining - gone, "{joining} {then}");
    }
    // Without a memory everything counts anew.
    let mut forgetful = world(25, OF_THIRTY).await;
    forgetful.state = None;
    forgetful.run().await;
    let second = two_days_later(&mut forgetful, OF_THIRTY).await;
    assert_eq!(refusal(&second).as_deref(), Some("35 deletions are planned, and at most 30 are allowed"));
}

/// A plan beyond its limits goes neither whole nor in parts.
#[tokio::test(start_paused = true)]
async fn parts_make_no_plan_approvable() {
    let limits = "limits: { max_percent: 100, max_percent_per_project: 100, max_deletions: 24, max_per_cycle: 10 }\n";
    let played = Scene::over(of_two_projects(apart((0..25).map(|number| 200 - number))), &[&text(limits)]).play().await;
    assert_eq!((played.reports[0].status, played.world.deletes()), (CycleStatus::Refused, 0));
    // Nothing is approved, so nothing is left to a later cycle.
    assert_eq!(played.reports[0].totals.later, 0);
}

/// A look-up that fails keeps for this time alone, and takes no approval away.
#[tokio::test(start_paused = true)]
async fn a_failed_look_up_forgets_no_approval() {
    let world = world(0, OF_TEN).await;
    world.run().await;
    let outage = Rule::new(Fault::Status { code: 404, body: Body::Json }).path("*/projects/2/releases*");
    world.server.set_faults(Faults::new(0).with(outage));
    let report = world.run().await.remove(0);
    assert_eq!((report.status, report.totals.gone()), (CycleStatus::Partial, 10), "{:?}", report.error);
    let left = world.state.as_ref().unwrap().memory_of("p0").backlog.unwrap();
    assert_eq!(left.approved.len(), 10);
}

/// Ten that GitLab forbids leave their project, however small the parts are, and its turn comes last the next time.
#[tokio::test(start_paused = true)]
async fn a_project_that_forbids_everything_is_left_for_the_others() {
    let mut packages: Vec<Package> = (1..=40).map(|id| Package { project_id: 1, ..version(id, 300) }).collect();
    packages.extend((41..=52).map(|id| Package { project_id: 2, ..version(id, 100) }));
    let text = text(&OF_TEN.replace("max_per_cycle: 10", "max_per_cycle: 5"));
    let mut world = World::ticking(of_two_projects(packages), gitlab_sandbox::Options::default(), &[&text]).await;
    world.state = Some(StateStore::in_memory("gleaner", "https://gitlab.test"));
    let forbidden = Fault::Status { code: 403, body: Body::Json };
    let faults = || Faults::new(0).with(Rule::new(forbidden.clone()).kind(Kind::DeletePackage).path("*/projects/1/*"));
    world.server.set_faults(faults());
    let first = world.run().await.remove(0);
    let counts = |report: &PolicyReport| {
        let of = |outcome| report.totals.by_outcome.get(&outcome).copied().unwrap_or(0);
        [Outcome::Forbidden, Outcome::NotAttempted, Outcome::Deleted, Outcome::Later].map(of)
    };
    assert_eq!(counts(&first), [10, 30, 5, 7]);
    world.server.set_faults(faults());
    assert_eq!(counts(&world.run().await.remove(0)), [0, 0, 5, 42]);
}

/// What was tried and failed counts for the whole run.
#[tokio::test(start_paused = true)]
async fn a_part_is_within_what_is_left_of_the_whole_run() {
    let packages = of_two_projects(apart((0..25).map(|number| 200 - number)));
    let mut world = World::ticking(packages, gitlab_sandbox::Options::default(), &[&text(OF_TEN)]).await;
    world.run_limit = Some(RunLimit { most: 12, left: 12 });
    let refused =
        Rule::new(Fault::Status { code: 400, body: Body::Json }).kind(Kind::DeletePackage).when(When::First(5));
    world.server.set_faults(Faults::new(0).with(refused));
    world.run().await;
    assert_eq!((world.deletes(), world.present().len()), (12, 25 - 7));
}

/// What waits for its turn is no newest version of a later policy: what stays for it would go first, and then it would.
#[tokio::test(start_paused = true)]
async fn what_is_left_to_later_cycles_takes_no_place_in_the_plans_of_later_policies() {
    let nightly = |id: u64| Package {
        version: Some(format!("{id}.0.0-nightly")),
        ..version(id, 150 - i64::try_from(id).unwrap())
    };
    let mut packages: Vec<Package> = (1..=10).map(|id| version(id, 300 - i64::try_from(id).unwrap())).collect();
    packages.extend((11..=20).map(nightly));
    let of = |rules: &str| {
        let limits = "max_percent: 100, max_percent_per_project: 100";
        format!("version: 1\nmode: delete\nscope: {{ group: acme }}\n{rules}, {limits} }}\n")
    };
    let nightlies =
        of("delete: [{ version: '*-nightly', older_than: 100d, allow_latest: true }]\nlimits: { max_per_cycle: 4");
    let rest =
        of("delete: [{ older_than: 100d, allow_latest: true }]\nkeep: [{ newest: 5 }]\nlimits: { max_deletions: 100");
    let mut world = World::ticking(registry(packages), gitlab_sandbox::Options::default(), &[&nightlies, &rest]).await;
    world.state = Some(StateStore::in_memory("gleaner", "https://gitlab.test"));
    for left in [(6..=10).chain(15..=20).collect(), (6..=10).chain(19..=20).collect(), BTreeSet::from([6, 7, 8, 9, 10])]
    {
        world.run().await;
        assert_eq!(world.present(), left);
    }
}

/// What is approved day after day and never goes does not add up beyond a limit.
#[tokio::test(start_paused = true)]
async fn what_was_tried_counts_anew() {
    const OF_FORTY: &str =
        "limits: { max_percent: 100, max_percent_per_project: 100, max_deletions: 40, max_per_cycle: 1000 }\n";
    let ages = (0..20).map(|_| 200).chain(std::iter::repeat_n(29, 20)).chain(std::iter::repeat_n(27, 20));
    let mut world = World::new(of_two_projects(apart(ages)), &[&text(OF_FORTY)]).await;
    world.state = Some(StateStore::in_memory("gleaner", "https://gitlab.test"));
    let forbidden = Rule::new(Fault::Status { code: 400, body: Body::Json }).kind(Kind::DeletePackage);
    world.server.set_faults(Faults::new(0).with(forbidden));
    assert_eq!(world.run().await[0].status, CycleStatus::Partial);
    assert_eq!(two_days_later(&mut world, OF_FORTY).await.status, CycleStatus::Partial);
    world.server.set_faults(Faults::default());
    let third = two_days_later(&mut world, OF_FORTY).await;
    assert_eq!((third.status, world.present().len()), (CycleStatus::Refused, 60));
}
