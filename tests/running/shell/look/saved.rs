//! What people do between a plan that is saved and its execution.

use std::collections::BTreeMap;

use gitlab_sandbox::happenings::{Act, NewFile, Publication};
use gitlab_sandbox::{Package, PackageType, Project, Registry};
use gleaner::plan::{Outcome, ReasonKind, Verdict};
use gleaner::policy::PolicySet;
use gleaner::record::saved_plan::{SavedPlan, Validity};
use gleaner::record::state::StateStore;
use gleaner::report::{CycleStatus, FORMAT, PackageReport, PolicyReport, Report};
use gleaner::yaml::Source;
use gleaner_support::{NOW, parsed};
use jiff::SignedDuration;

use super::{LATEST_TOO, file, latest, link, policy, registry, version};
use crate::shell::world::World;

const UNUSED: &str = "delete: [{ older_than: 30d, not_downloaded_for: 30d, allow_latest: true }]";

/// A package of its own name.
fn own(id: u64, days: i64) -> Package {
    Package { name: format!("@acme/app-{id}"), ..version(id, days) }
}

fn generic(id: u64, days: i64) -> Package {
    Package { package_type: PackageType::Generic, name: "tool".to_owned(), ..version(id, days) }
}

fn set(rules: &str, more: &[(&str, &str)]) -> PolicySet {
    let own = Source::new("p0.yaml", policy(rules));
    let more = more.iter().map(|(file, text)| Source::new(*file, *text));
    parsed(&[own].into_iter().chain(more).collect::<Vec<_>>())
}

/// Saves what the policies would do now, and reads it back.
async fn saved(world: &World) -> SavedPlan {
    let report = Report {
        format: FORMAT,
        generator: "gleaner X.Y.Z".to_owned(),
        instance: world.address().to_string(),
        as_of: world.now,
        quick: false,
        policies: world.rehearse().await,
    };
    let policies: Vec<_> = world.set.policies_at(world.now).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    SavedPlan::new(&path, report, &policies, &[], &Validity::a_day(), None).write().unwrap();
    SavedPlan::read(&path).unwrap()
}

/// Executes it an hour later.
async fn executed(world: &mut World, plan: SavedPlan) -> PolicyReport {
    world.saved = Some(plan);
    world.now = NOW + SignedDuration::from_hours(1);
    world.run().await.remove(0)
}

fn told(report: &PolicyReport) -> BTreeMap<u64, (Outcome, &str)> {
    let rows = report.decisions.iter().filter_map(|row| Some((row.package.id.0, row.ending.as_ref()?)));
    rows.map(|(id, ending)| (id, (ending.outcome, ending.problem.as_deref().unwrap_or_default()))).collect()
}

#[tokio::test(start_paused = true)]
async fn what_people_did_since_a_plan_was_saved_is_told_of_each_package_and_nothing_else_differs() {
    let npm = (1..=9).map(|id| own(id, 100));
    let moved = Package { project_id: 2, ..own(12, 100) };
    let packages = npm.chain([generic(10, 100), moved]).collect();
    let acme = registry(packages);
    let second = Project { id: 2, path: "acme/lib".to_owned(), ..Project::default() };
    let registry = Registry { projects: acme.projects.iter().cloned().chain([second]).collect(), ..acme };
    let mut world = World::new(registry, &[&policy(UNUSED)]).await;
    let plan = saved(&world).await;
    assert_eq!(plan.deletions(), 11);

    world.set_their_clock(NOW + SignedDuration::from_mins(30));
    let again = Publication {
        project: 1,
        package_type: PackageType::Npm,
        name: "@acme/app-6".to_owned(),
        version: Some("6.0.0".to_owned()),
        files: vec![NewFile { name: "6.tgz".to_owned(), size: 10 }],
        id: Some(60),
        ..Publication::default()
    };
    let rule = Act::ProtectPackage {
        project: 1,
        package_type: PackageType::Npm,
        pattern: "@acme/app-4".to_owned(),
        level: 60,
    };
    let acts = [
        Act::Download { package: 1 },
        latest(2),
        link(3),
        rule,
        Act::DeletePackage { package: 5 },
        Act::DeletePackage { package: 6 },
        Act::Publish(again),
        Act::UploadFile { package: 10, name: "new.zip".to_owned(), size: 1 },
        Act::RenameProject { id: 2, to: "beta/lib".to_owned() },
    ];
    acts.into_iter().for_each(|act| world.server.act(act).unwrap());
    world.set = set(UNUSED, &[("hold.yaml", "version: 1\nprotect: [{ name: '@acme/app-7', note: audit }]\n")]);

    let report = executed(&mut world, plan).await;
    let stale = Outcome::Stale;
    let expected = [
        (1, stale, "it was downloaded on 2026-05-28T20:56:40Z: now it is the latest version of its package"),
        (2, stale, "now it carries the dist-tag latest"),
        (3, stale, "now a release of its project links to it"),
        (4, stale, "now a protection rule of its project in GitLab holds it"),
        (5, Outcome::AlreadyGone, "it was deleted since the plan was saved"),
        (6, Outcome::AlreadyGone, "it was deleted since the plan was saved"),
        (7, stale, "now protected by hold: name matches @acme/app-7 (audit)"),
        (8, Outcome::Deleted, ""),
        (9, Outcome::Deleted, ""),
        (
            10,
            stale,
            "it got a new file on 2026-05-28T20:56:40Z: now newest content is 30 minutes old, less than min_age 72h",
        ),
        (
            12,
            stale,
            "it is no longer among the packages that the policy looks at: its status was changed, or its project was moved or \
             archived",
        ),
    ];
    let expected: BTreeMap<_, _> = expected.into_iter().map(|(id, outcome, why)| (id, (outcome, why))).collect();
    assert_eq!(told(&report), expected);
    assert_eq!((report.status, &report.error), (CycleStatus::Executed, &None));
    assert_eq!(world.present(), [1, 2, 3, 4, 7, 10, 12, 60].into());
}

#[tokio::test(start_paused = true)]
async fn what_the_plan_does_not_name_stays_although_it_would_go_now() {
    let old_enough_soon = Package { created_at: NOW - SignedDuration::from_mins(30 * 24 * 60 - 30), ..own(2, 0) };
    let mut world = World::new(registry(vec![own(1, 100), old_enough_soon]), &[&policy(LATEST_TOO)]).await;
    let plan = saved(&world).await;
    let report = executed(&mut world, plan).await;
    assert_eq!(told(&report), BTreeMap::from([(1, (Outcome::Deleted, ""))]));
    let unnamed = report.decisions.iter().find(|row| row.package.id.0 == 2).unwrap();
    assert_eq!((unnamed.verdict(), unnamed.reason), (Verdict::Keep, ReasonKind::NotNamed));
    assert_eq!(unnamed.because, "the saved plan doesn't name it");
    assert_eq!((report.totals.delete, report.totals.keep, world.present()), (1, 1, [2].into()));
}

/// Builds of one package, each with its checksum.
fn builds(days: [i64; 3]) -> Package {
    let files = (0..).zip(days).flat_map(|(number, days)| {
        let name = format!("build-{number}.zip");
        [file(10 + 2 * number, &name, days), file(11 + 2 * number, &format!("{name}.sha256"), days)]
    });
    Package { files: files.collect(), ..generic(1, 200) }
}

#[tokio::test(start_paused = true)]
async fn what_became_of_files_is_told_as_well() {
    let rules = "files: [{ type: generic, keep_newest: 1, keep_newest_per: package, older_than: 30d }]";
    let mut world = World::new(registry(vec![builds([100, 90, 1])]), &[&policy(rules)]).await;
    let plan = saved(&world).await;
    assert_eq!(plan.deletions(), 4);
    world.server.act(Act::DeleteFile { package: 1, file: 12 }).unwrap();
    let report = executed(&mut world, plan).await;
    let rows = report.file_decisions.iter().filter_map(|row| Some((row.item.file()?.0, row.ending.as_ref()?)));
    let told: BTreeMap<u64, (Outcome, &str)> =
        rows.map(|(id, ending)| (id, (ending.outcome, ending.problem.as_deref().unwrap_or_default()))).collect();
    let expected = [
        (10, (Outcome::Deleted, "")),
        (11, (Outcome::Deleted, "")),
        (12, (Outcome::AlreadyGone, "it was deleted since the plan was saved")),
        (13, (Outcome::Stale, "now it belongs to build-1.zip, which is not there")),
    ];
    assert_eq!((told, world.present_files()), (expected.into(), [13, 14, 15].into()));
}

/// What a saved plan names waits like everything else, and what it doesn't name is marked all the same.
#[tokio::test(start_paused = true)]
async fn a_saved_plan_does_not_shorten_a_grace() {
    let folder = tempfile::tempdir().unwrap();
    let rules = format!("{LATEST_TOO}\ngrace: 3h");
    let soon = Package { created_at: NOW - SignedDuration::from_mins(30 * 24 * 60 - 30), ..own(2, 0) };
    let mut world = World::new(registry(vec![own(1, 100), soon]), &[&policy(&rules)]).await;
    let (state, _) = StateStore::open(folder.path(), "gleaner", world.address().as_str()).unwrap();
    world.state = Some(state);
    let plan = saved(&world).await;
    // Another grace is no other plan: everything waits by that of now.
    let other = set(&format!("{LATEST_TOO}\ngrace: 9d"), &[]);
    plan.is_bound_to(&world.address(), &other).unwrap();
    let report = executed(&mut world, plan.clone()).await;
    assert_eq!(told(&report), BTreeMap::from([(1, (Outcome::Marked, ""))]));
    let unnamed = report.decisions.iter().find(|row| row.package.id.0 == 2).unwrap();
    assert_eq!((unnamed.reason, unnamed.maturity), (ReasonKind::NotNamed, None));
    world.now = NOW + SignedDuration::from_hours(4);
    let report = world.run().await.remove(0);
    assert_eq!(told(&report), BTreeMap::from([(1, (Outcome::Deleted, ""))]));
    world.saved = None;
    let report = world.run().await.remove(0);
    assert_eq!(told(&report), BTreeMap::from([(2, (Outcome::Deleted, ""))]), "it was marked three hours ago");
}

/// What is beyond its limits as a whole is not deleted in slices.
#[tokio::test(start_paused = true)]
async fn limits_are_held_against_everything_that_would_go_now() {
    let soon = |id| Package { created_at: NOW - SignedDuration::from_mins(30 * 24 * 60 - 30), ..own(id, 0) };
    let rules = LATEST_TOO;
    let text = policy(rules).replace("max_deletions: 10000", "max_deletions: 3");
    let packages = vec![own(1, 100), own(2, 100), soon(3), soon(4)];
    let mut world = World::new(registry(packages), &[&text]).await;
    let plan = saved(&world).await;
    assert_eq!(plan.deletions(), 2);
    let report = executed(&mut world, plan).await;
    assert_eq!((report.status, world.present()), (CycleStatus::Refused, [1, 2, 3, 4].into()));
    assert_eq!(report.refusal.unwrap().wanted, Some(4));
}

/// Whoever reads a plan reads names, not ids.
#[tokio::test(start_paused = true)]
async fn what_the_plan_tells_otherwise_than_it_is_stays() {
    let text = policy(LATEST_TOO);
    type Change = fn(&mut PackageReport);
    let changes: [Change; 4] = [
        |package| package.name = "another".to_owned(),
        |package| package.version = None,
        |package| package.project_id = 7,
        |package| package.package_type = gleaner::package::PackageType::Rpm,
    ];
    for change in changes {
        let mut world = World::new(registry(vec![own(1, 100), generic(2, 100)]), &[&text]).await;
        let mut plan = saved(&world).await;
        change(&mut plan.report.policies[0].decisions[0].package);
        let report = executed(&mut world, plan).await;
        let other = (Outcome::Stale, "the plan tells of another package or file by this id");
        assert_eq!(told(&report), BTreeMap::from([(1, other), (2, (Outcome::Deleted, ""))]));
        assert_eq!(world.present(), [1].into());
    }
}
