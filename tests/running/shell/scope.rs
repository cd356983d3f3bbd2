//! What a walk brings home: every top-level group, and archived projects only where they are asked for.

use std::collections::BTreeSet;

use gitlab_sandbox::faults::{Body, Fault, Kind, Rule, When};
use gitlab_sandbox::{Edition, Faults, Group, Options, Package, PackageType, Project, Registry};
use gleaner::report::CycleStatus;
use gleaner_support::{acme, days_ago, member};

use crate::shell::world::{World, deletions};

/// `acme` and its subgroup, two more top-level groups of which one is called by a number, and one that isn't the
/// keeper's. Each has a project with a package; in `acme` there is an archived project, too.
fn registry() -> Registry {
    let project = |id, path: &str| Project { id, path: path.to_owned(), ..Project::default() };
    let paths = ["acme/app", "acme/tools/cli", "beta/web", "2024/report", "elsewhere/secret"];
    let mut projects: Vec<_> = (1..).zip(paths).map(|(id, path)| project(id, path)).collect();
    projects.push(Project { archived: true, ..project(6, "acme/record") });
    let groups = ["acme", "acme/tools", "beta", "2024", "elsewhere"];
    let packages = (1..=6).map(|id| Package {
        id,
        project_id: id,
        package_type: PackageType::Npm,
        name: "app".to_owned(),
        version: Some("1.0.0".to_owned()),
        created_at: days_ago(100),
        updated_at: days_ago(100),
        ..Package::default()
    });
    Registry {
        groups: (1..).zip(groups).map(|(id, path)| Group { id, path: path.to_owned(), ..Group::default() }).collect(),
        projects,
        members: ["acme", "beta", "2024"].into_iter().map(member).collect(),
        packages: packages.collect(),
        ..acme()
    }
}

fn policy(scope: &str) -> String {
    format!(
        "version: 1\nscope: {{ {scope} }}\ndelete: [{{ older_than: 30d, allow_latest: true, allow_released: true }}]\n\
         limits: {{ max_percent: 100 }}\n"
    )
}

/// The groups whose packages were listed, as often as they were.
fn listed(world: &World) -> Vec<String> {
    let requests = world.server.requests();
    let all = requests.iter().filter_map(|request| {
        let (group, query) = request.path.strip_prefix("/api/v4/groups/")?.split_once("/packages?")?;
        (!query.contains("package_type")).then(|| group.to_owned())
    });
    all.collect()
}

#[tokio::test(start_paused = true)]
async fn archived_projects_are_looked_at_where_the_scope_asks_for_them() {
    for (scope, expected) in [
        ("group: acme", vec![1, 2]),
        ("group: acme, archived: exclude", vec![1, 2]),
        ("group: acme, archived: include", vec![1, 2, 6]),
        ("group: acme, archived: only", vec![6]),
        ("project: [acme/app, acme/record], archived: only", vec![6]),
        ("project: [acme/app, acme/record]", vec![1]),
    ] {
        for edition in [Edition::V15_11, Edition::V18_5] {
            let options = Options { gitlab: edition, ..Options::default() };
            let world = World::with(registry(), options, &[&policy(scope)]).await;
            let reports = world.rehearse().await;
            assert_eq!(reports[0].status, CycleStatus::Planned, "{scope}: {:?}", reports[0].error);
            assert_eq!(reports[0].scanned, expected.len() as u64, "{scope}");
            assert_eq!(deletions(&reports), expected.iter().copied().collect(), "{scope} of GitLab {edition}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn everywhere_is_every_top_level_group_once() {
    for (scope, expected) in [
        ("group: \"*\"", vec![1, 2, 3, 4]),
        ("group: \"*\", subgroups: false", vec![1, 3, 4]),
        ("group: \"*\", archived: include", vec![1, 2, 3, 4, 6]),
        ("group: \"*\", paths: [\"acme/**\"]", vec![1, 2]),
    ] {
        let world = World::new(registry(), &[&policy(scope)]).await;
        let reports = world.rehearse().await;
        assert_eq!(reports[0].status, CycleStatus::Planned, "{scope}: {:?}", reports[0].error);
        assert_eq!(deletions(&reports), expected.into_iter().collect(), "{scope}");
        // By its path, the last would be another group.
        assert_eq!(listed(&world), ["acme", "beta", "4"], "{scope}");
    }
}

/// Half a listing is none, even where what is missing could only have saved more.
#[tokio::test(start_paused = true)]
async fn everywhere_has_no_plan_unless_every_group_is_listed() {
    let error = Fault::Status { code: 500, body: Body::Json };
    let groups = Rule::new(error.clone()).kind(Kind::Groups);
    let second = Rule::new(error).kind(Kind::GroupPackages).path("*/groups/beta/*");
    for (rule, told) in [
        (groups, "there is no telling which groups are everything: there is no plan, and nothing was deleted"),
        (second, "the listing of group beta broke off at page 1"),
    ] {
        let faults = Faults::new(0).with(rule.when(When::Always));
        let world = World::with(registry(), Options { faults, ..Options::default() }, &[&policy("group: \"*\"")]).await;
        let reports = world.rehearse().await;
        assert_eq!((reports[0].status, reports[0].decisions.len()), (CycleStatus::Failed, 0));
        assert!(reports[0].error.as_ref().unwrap().contains(told), "{:?}", reports[0].error);
    }
}

#[tokio::test(start_paused = true)]
async fn nowhere_is_an_empty_scope_and_no_error() {
    let registry = Registry { members: Vec::new(), ..registry() };
    let world = World::new(registry, &[&policy("group: \"*\"")]).await;
    let reports = world.rehearse().await;
    assert_eq!((reports[0].status, reports[0].scanned), (CycleStatus::Planned, 0));
    assert_eq!(deletions(&reports), BTreeSet::new());
}
