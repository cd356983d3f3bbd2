//! What GitLab protects by rules of its own, and what becomes of it where they can't be read.

use std::collections::BTreeSet;

use gitlab_sandbox::faults::{Body, Fault, Kind, Rule};
use gitlab_sandbox::{Edition, Faults, Options, Package, PackageFile, PackageType, Project, ProtectionRule, Registry};
use gleaner::cycle::progress::Sought;
use gleaner::package::ProjectId;
use gleaner::report::{CycleStatus, PolicyReport};
use gleaner_support::{acme, days_ago};

use crate::shell::world::World;

const OLD: &str = "version: 1\nmode: delete\nscope: { group: acme, types: [generic, npm] }\n\
                   delete: [{ older_than: 30d, allow_latest: true, allow_released: true }]\n\
                   limits: { max_percent: 100, max_percent_per_project: 100 }\n";

/// Three projects of two old npm packages each, with the ids `100 * project` and one more.
fn projects() -> Registry {
    let package = |project_id: u64, id: u64| Package {
        id,
        project_id,
        package_type: PackageType::Npm,
        name: format!("@acme/tool-{id}"),
        version: Some("1.0.0".to_owned()),
        created_at: days_ago(100),
        updated_at: days_ago(100),
        files: vec![PackageFile { id: 10_000 + id, created_at: days_ago(100), ..PackageFile::default() }],
        ..Package::default()
    };
    let project = |id| Project { id, path: format!("acme/app-{id}"), ..Project::default() };
    Registry {
        projects: (1..=3).map(project).collect(),
        packages: (1..=3).flat_map(|of| [package(of, of * 100), package(of, of * 100 + 1)]).collect(),
        ..acme()
    }
}

fn rule(project_id: u64, pattern: &str, least: Option<u8>) -> ProtectionRule {
    ProtectionRule {
        project_id,
        package_type: PackageType::Npm,
        package_name_pattern: pattern.to_owned(),
        minimum_access_level_for_delete: least,
    }
}

fn reason(report: &PolicyReport, id: u64) -> &str {
    report.decisions.iter().find(|row| row.package.id.0 == id).unwrap().reason.code()
}

/// The projects whose rules were asked for, once for each request.
fn asked(world: &World) -> Vec<String> {
    let requests = world.server.requests();
    let rules = requests.iter().filter_map(|request| request.path.split_once("/packages/protection/rules"));
    let mut projects: Vec<String> = rules.map(|(path, _)| path.rsplit('/').next().unwrap().to_owned()).collect();
    projects.sort();
    projects
}

#[tokio::test(start_paused = true)]
async fn what_a_rule_is_about_stays_whoever_asks() {
    // A maintainer, whom the rule binds; an owner, whom it lets pass; an administrator, whom no rule binds.
    for (level, is_admin) in [(40, false), (50, false), (40, true)] {
        let mut registry = projects();
        registry.members[0].access_level = level;
        registry.users[0].admin = is_admin;
        registry.protection_rules = vec![
            rule(1, "@ACME/tool-10*", Some(50)),
            rule(2, "@acme/tool-200", Some(60)),
            // One about publishing, and one about another type.
            rule(2, "*", None),
            ProtectionRule { package_type: PackageType::Maven, ..rule(3, "*", Some(50)) },
        ];
        let world = World::new(registry, &[OLD]).await;
        world.rehearse().await;
        assert_eq!(asked(&world), ["1", "2", "3"], "{level} {is_admin}");
        let reports = world.run().await;
        assert_eq!(reports[0].status, CycleStatus::Executed, "{level} {is_admin}: {:?}", reports[0].error);
        assert_eq!(world.present(), BTreeSet::from([100, 101, 200]), "{level} {is_admin}");
        for id in [100, 101, 200] {
            assert_eq!(reason(&reports[0], id), "protected_in_gitlab");
        }
        assert_eq!(world.deletes(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn rules_are_asked_for_where_they_could_save_something() {
    let mut registry = projects();
    registry.packages.iter_mut().filter(|package| package.project_id == 3).for_each(|package| {
        package.created_at = days_ago(10);
    });
    let held = "version: 1\nprotect: [{ project: acme/app-2 }]\n";
    let world = World::new(registry, &[OLD, held]).await;
    world.rehearse().await;
    assert_eq!(asked(&world), ["1"]);
    world.run().await;
    assert_eq!(world.present().len(), 4);
}

/// GitLab itself refuses what its rules protect, except to administrators, who may read them.
#[tokio::test(start_paused = true)]
async fn rules_that_are_not_told_keep_nothing() {
    let mut registry = projects();
    registry.protection_rules = vec![rule(1, "*-100", Some(50))];
    let untold = [403, 404].map(|code| Some(Fault::Status { code, body: Body::Json }));
    for fault in untold {
        let world = World::new(registry.clone(), &[OLD]).await;
        let rule = fault.clone().map(|fault| Rule::new(fault).kind(Kind::ProtectionRules));
        world.server.set_faults(Faults { rules: rule.into_iter().collect(), ..Faults::default() });
        let reports = world.run().await;
        assert_eq!((reason(&reports[0], 100), world.present()), ("selected", BTreeSet::from([100])), "{fault:?}");
        assert_eq!(reports[0].status, CycleStatus::Partial, "GitLab has refused");
        assert!(world.lookups.lock().unwrap().iter().all(|(_, problem)| problem.is_none()), "{fault:?}");
    }
    // A GitLab that has no such rules, and a reporter, who may only look.
    let options = Options { gitlab: "15.11".parse::<Edition>().unwrap(), ..Options::default() };
    let world = World::with(registry.clone(), options, &[OLD]).await;
    assert_eq!((world.run().await[0].status, world.present()), (CycleStatus::Executed, BTreeSet::new()));
    registry.members[0].access_level = 20;
    let world = World::new(registry, &[OLD]).await;
    let reports = world.rehearse().await;
    assert_eq!((reports[0].status, reports[0].totals.delete), (CycleStatus::Planned, 6));
}

#[tokio::test(start_paused = true)]
async fn rules_that_cannot_be_read_keep_the_projects_packages() {
    let server_error = Fault::Status { code: 500, body: Body::Json };
    for fault in [server_error, Fault::CutBody, Fault::HtmlPage, Fault::InvalidJson] {
        let world = World::new(projects(), &[OLD]).await;
        let rule = Rule::new(fault.clone()).kind(Kind::ProtectionRules).path("*/projects/2/*");
        world.server.set_faults(Faults::new(0).with(rule));
        let reports = world.run().await;
        assert_eq!(
            (reports[0].status, world.present()),
            (CycleStatus::Partial, BTreeSet::from([200, 201])),
            "{fault:?}"
        );
        assert_eq!([200, 201].map(|id| reason(&reports[0], id)), ["no_evidence"; 2], "{fault:?}");
        let lookups = world.lookups.lock().unwrap();
        let failed: Vec<_> = lookups.iter().filter(|(_, problem)| problem.is_some()).map(|(of, _)| *of).collect();
        assert_eq!(failed, [Sought::ProtectionRules(ProjectId(2))], "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_explained() {
    let mut registry = projects();
    registry.protection_rules = vec![rule(1, "*-100", Some(50))];
    let world = World::new(registry, &[OLD]).await;
    let explained = world.explain("acme/app-1", &[100]).await.remove(0).unwrap();
    let judged = serde_json::to_value(&explained.policies[0]).unwrap();
    assert_eq!(judged["decision"]["reason"], "protected_in_gitlab", "{judged}");
    assert_eq!(judged["because"], "a protection rule of its project in GitLab holds it");
}
