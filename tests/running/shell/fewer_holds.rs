//! Holds that GitLab no longer tells: nothing that they kept goes, for as long as that lasts.

use gitlab_sandbox::faults::{Fault, Kind, Rule, When};
use gitlab_sandbox::{
    Act, Faults, Package, PackageFile, PackageType, Project, ProtectionRule, Registry, Release, ReleaseLink, Tag,
};
use gleaner::record::state::StateStore;
use gleaner::report::{CycleStatus, PolicyReport};
use gleaner_support::{acme, days_ago};
use jiff::SignedDuration;

use crate::shell::world::World;

const OLD: &str = "version: 1\nmode: delete\nscope: { group: acme }\n\
    delete: [{ older_than: 30d, allow_latest: true }]\nlimits: { max_percent: 100, max_percent_per_project: 100 }\n";

/// The projects 1 and 2 with old packages, from 101 and 201.
fn registry(packages: u64) -> Registry {
    let project = |id| Project { id, path: format!("acme/app-{id}"), ..Project::default() };
    let package = |project_id: u64, number: u64| {
        let id = project_id * 100 + number;
        Package {
            id,
            project_id,
            package_type: PackageType::Npm,
            name: format!("tool-{id}"),
            version: Some("1.0.0".to_owned()),
            created_at: days_ago(100),
            updated_at: days_ago(100),
            files: vec![
                PackageFile {
                    id: 10 * id,
                    file_name: format!("tool-{id}.tgz"),
                    created_at: days_ago(100),
                    ..PackageFile::default()
                },
                PackageFile {
                    id: 10 * id + 1,
                    file_name: format!("tool-{id}.log"),
                    created_at: days_ago(100),
                    ..PackageFile::default()
                },
            ],
            ..Package::default()
        }
    };
    Registry {
        projects: [1, 2].map(project).to_vec(),
        packages: [1, 2].into_iter().flat_map(|of| (1..=packages).map(move |number| package(of, number))).collect(),
        ..acme()
    }
}

/// A release of project 1 for each of its packages.
fn released(packages: u64) -> Registry {
    let mut registry = registry(packages);
    registry.projects[0].releases = (1..=packages)
        .map(|number| Release {
            tag: format!("v{number}"),
            created_at: days_ago(90),
            released_at: days_ago(90),
            links: vec![ReleaseLink {
                id: number,
                name: "package".to_owned(),
                url: format!("{{url}}/acme/app-1/-/packages/{}", 100 + number),
                ..ReleaseLink::default()
            }],
            ..Release::default()
        })
        .collect();
    registry
}

async fn world(registry: Registry, policies: &[&str]) -> World {
    let mut world = World::new(registry, policies).await;
    world.state = Some(StateStore::in_memory("gleaner X.Y.Z", world.server.url()));
    world
}

fn next_day(world: &mut World) {
    world.now += SignedDuration::from_hours(24);
}

fn empty(kind: Kind) -> Faults {
    Faults::new(0).with(Rule::new(Fault::EmptyPage).kind(kind))
}

fn kept(report: &PolicyReport) -> u64 {
    let reasons = &report.totals.by_reason;
    reasons.iter().find(|(reason, _)| reason.code() == "fewer_holds").map_or(0, |(_, count)| *count)
}

#[tokio::test(start_paused = true)]
async fn a_right_that_is_lost_for_forty_days_lets_nothing_go() {
    let mut world = world(released(2), &[OLD]).await;
    // Every rule asks for project 2 as well, of which nothing is lost.
    assert_eq!(world.run().await[0].status, CycleStatus::Executed);
    assert_eq!(world.present(), [101, 102].into());
    world.server.set_faults(empty(Kind::Releases));
    for day in 1..=40 {
        next_day(&mut world);
        let report = world.run().await.remove(0);
        assert_eq!((report.status, kept(&report)), (CycleStatus::Partial, 2), "day {day}: {:?}", report.error);
        assert_eq!(world.present(), [101, 102].into(), "day {day}");
    }
    world.server.set_faults(Faults::default());
    next_day(&mut world);
    let report = world.run().await.remove(0);
    assert_eq!((report.status, kept(&report), world.present()), (CycleStatus::Executed, 0, [101, 102].into()));
}

#[tokio::test(start_paused = true)]
async fn one_project_waits_and_the_others_go_on() {
    let world = world(released(2), &[OLD]).await;
    world.rehearse().await;
    world.server.set_faults(empty(Kind::Releases));
    let report = world.run().await.remove(0);
    assert_eq!((report.status, kept(&report)), (CycleStatus::Partial, 2), "{:?}", report.error);
    assert_eq!(world.present(), [101, 102].into());
}

/// Without a state nobody knows of another cycle.
#[tokio::test(start_paused = true)]
async fn without_a_memory_nothing_is_fewer() {
    let world = World::new(released(2), &[OLD]).await;
    world.rehearse().await;
    world.server.set_faults(empty(Kind::Releases));
    let report = world.run().await.remove(0);
    assert_eq!((report.status, kept(&report), world.present()), (CycleStatus::Executed, 0, [].into()));
}

/// Files are held by releases as packages are.
#[tokio::test(start_paused = true)]
async fn files_stay_as_well() {
    let files = "version: 1\nmode: delete\nscope: { group: acme }\n\
        files: [{ type: generic, file: \"*.log\", keep_newest: 0, older_than: 30d }]\n\
        limits: { max_percent: 100, max_percent_per_project: 100 }\n";
    let mut registry = released(2);
    registry.packages.iter_mut().for_each(|package| package.package_type = PackageType::Generic);
    let world = world(registry, &[files]).await;
    let planned = world.rehearse().await.remove(0);
    assert_eq!(planned.totals.delete_files, 2, "{:?}", planned.error);
    world.server.set_faults(empty(Kind::Releases));
    let report = world.run().await.remove(0);
    assert_eq!((report.status, report.totals.delete_files), (CycleStatus::Partial, 2), "{:?}", report.error);
    assert_eq!(world.present_files(), [1010, 1011, 1020, 1021, 2010, 2020].into());
}

#[tokio::test(start_paused = true)]
async fn rules_of_gitlab_that_are_gone_keep_for_now() {
    let mut registry = registry(1);
    registry.protection_rules = vec![ProtectionRule {
        project_id: 1,
        package_type: PackageType::Npm,
        package_name_pattern: "*".to_owned(),
        minimum_access_level_for_delete: Some(60),
    }];
    let world = world(registry, &[OLD]).await;
    world.rehearse().await;
    let (package_type, pattern) = (PackageType::Npm, "*".to_owned());
    world.server.act(Act::UnprotectPackage { project: 1, package_type, pattern }).unwrap();
    let report = world.run().await.remove(0);
    assert_eq!((report.status, kept(&report), world.present()), (CycleStatus::Partial, 1, [101].into()));
    assert!(report.warnings[0].contains("package protection rules: 0 now, and 1 on "), "{:?}", report.warnings);
}

#[tokio::test(start_paused = true)]
async fn a_project_that_is_archived_no_longer_waits_for_a_word() {
    let mut registry = registry(1);
    registry.projects[0].archived = true;
    let world = world(registry, &[OLD]).await;
    world.rehearse().await;
    world.server.act(Act::UnarchiveProject { id: 1 }).unwrap();
    let report = world.run().await.remove(0);
    assert_eq!((report.status, kept(&report), world.present()), (CycleStatus::Partial, 1, [101].into()));
    assert!(report.warnings[0].contains("archived flags: 0 now, and 1 on "), "{:?}", report.warnings);
}

/// What is deleted takes its tags along, and that is no loss.
#[tokio::test(start_paused = true)]
async fn tags_that_go_with_their_packages_are_no_loss() {
    let mut registry = registry(4);
    for package in &mut registry.packages {
        let name = if package.id.is_multiple_of(2) { "keep" } else { "beta" };
        package.tags = vec![Tag { id: package.id, name: name.to_owned(), ..Tag::default() }];
    }
    let old = OLD.to_owned() + "keep: [{ tag: keep }]\n";
    let mut world = world(registry, &[&old]).await;
    world.run().await;
    assert_eq!(world.present(), [102, 104, 202, 204].into());
    // A person takes one more.
    world.server.act(Act::DeletePackage { package: 102 }).unwrap();
    next_day(&mut world);
    let report = world.run().await.remove(0);
    assert_eq!((report.status, kept(&report)), (CycleStatus::Executed, 0), "{:?}", report.error);
    for package in [104, 202, 204] {
        world.server.act(Act::RemoveTag { package, tag: "keep".to_owned() }).unwrap();
    }
    next_day(&mut world);
    let report = world.run().await.remove(0);
    assert_eq!((kept(&report), world.present()), (3, [104, 202, 204].into()), "{:?}", report.warnings);
}

/// The right goes after the plan was made and before the second look.
#[tokio::test(start_paused = true)]
async fn a_look_that_tells_less_than_the_plan_keeps() {
    let mut registry = released(2);
    registry.projects[0].releases.truncate(1);
    for is_lost in [false, true] {
        let world = World::new(registry.clone(), &[OLD]).await;
        let rule = Rule::new(Fault::EmptyPage).kind(Kind::Releases).path("*/projects/1/*").when(When::After(1));
        world.server.set_faults(if is_lost { Faults::new(0).with(rule) } else { Faults::default() });
        let report = world.run().await.remove(0);
        let expected = if is_lost { [101, 102].as_slice() } else { &[101] };
        assert_eq!(world.present(), expected.iter().copied().collect(), "{is_lost}: {:?}", report.error);
    }
}

/// Packages that are fewer are told, and what gleaner itself deleted is not.
#[tokio::test(start_paused = true)]
async fn packages_that_are_fewer_are_told() {
    let mut world =
        world(registry(8), &[OLD.replace("older_than: 30d", "older_than: 30d, name: \"tool-1*\"").as_str()]).await;
    world.run().await;
    assert_eq!(world.present().len(), 8);
    next_day(&mut world);
    let report = world.run().await.remove(0);
    assert!(report.warnings.is_empty(), "{:?}", report.warnings);
    for package in 201..=205 {
        world.server.act(Act::DeletePackage { package }).unwrap();
    }
    next_day(&mut world);
    let report = world.run().await.remove(0);
    assert_eq!(report.status, CycleStatus::Executed);
    assert!(report.warnings[0].starts_with("packages in the scope: 3 now, and 8 on "), "{:?}", report.warnings);
}
