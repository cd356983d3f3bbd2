//! What is looked up beside the listing: releases and pipelines, and what stays where they can't be told.

use std::collections::BTreeSet;

use gitlab_sandbox::faults::{Body, Fault, Kind, Rule, When};
use gitlab_sandbox::{
    AccessLevel, Faults, Package, PackageFile, PackageType, Pipeline, Project, Registry, Release, ReleaseLink,
};
use gleaner::cycle::progress::Sought;
use gleaner::package::{PackageId, ProjectId};
use gleaner::plan::{Guard, ReasonKind};
use gleaner::report::{CycleStatus, PolicyReport};
use gleaner_support::{NOW, acme, days_ago};

use crate::shell::faults::OLD;
use crate::shell::world::{World, deletions};

/// So many projects, each with so many old npm packages of one file; those of project 3 have the ids from 300.
fn projects(count: u64, packages: u64) -> Registry {
    let project = |id| Project { id, path: format!("acme/app-{id}"), ..Project::default() };
    let package = |project_id: u64, id: u64| Package {
        id,
        project_id,
        package_type: PackageType::Npm,
        name: format!("tool-{id}"),
        version: Some("1.0.0".to_owned()),
        created_at: days_ago(100),
        updated_at: days_ago(100),
        files: vec![PackageFile {
            id: 10_000 + id,
            file_name: format!("tool-{id}-1.0.0.tgz"),
            created_at: days_ago(100),
            ..PackageFile::default()
        }],
        ..Package::default()
    };
    Registry {
        projects: (1..=count).map(project).collect(),
        packages: (1..=count).flat_map(|of| (0..packages).map(move |at| package(of, of * 100 + at))).collect(),
        ..acme()
    }
}

/// A release with a link to each of these addresses; no two links of a registry have the same number.
fn release(number: u64, urls: &[&str]) -> Release {
    let links = (0..).zip(urls).map(|(at, url)| ReleaseLink {
        id: number * 10 + at,
        name: format!("link {at}"),
        url: (*url).to_owned(),
        ..ReleaseLink::default()
    });
    Release {
        tag: format!("v{number}"),
        created_at: days_ago(90),
        released_at: days_ago(90),
        links: links.collect(),
        ..Release::default()
    }
}

fn old(delete: &str) -> String {
    OLD.replace("[{ older_than: 30d }]", &format!("[{{ older_than: 30d, allow_latest: true, {delete} }}]"))
}

fn server_error() -> Fault {
    Fault::Status { code: 500, body: Body::Json }
}

fn reason(report: &PolicyReport, id: u64) -> &str {
    report.decisions.iter().find(|row| row.package.id == PackageId(id)).unwrap().reason.code()
}

/// The requests that were sent for this, without the tries after the first.
fn asked(world: &World, what: &str) -> BTreeSet<String> {
    let requests = world.server.requests();
    let paths = requests.iter().map(|request| request.path.split('?').next().unwrap().to_owned());
    paths.filter(|path| path.ends_with(what)).collect()
}

#[tokio::test(start_paused = true)]
async fn what_a_release_links_to_stays() {
    let mut registry = projects(3, 4);
    registry.projects[0].releases = vec![
        release(1, &["{url}/acme/app-1/-/packages/100", "https://elsewhere.test/notes"]),
        release(2, &["{url}/api/v4/projects/1/packages/npm/tool-101/-/tool-101-1.0.0.tgz"]),
    ];
    registry.projects[1].releases = vec![release(3, &["{url}/acme/app-2/-/package_files/10202/download"])];
    let world = World::new(registry, &[&old("")]).await;
    let reports = world.rehearse().await;
    for id in [100, 101, 202] {
        assert_eq!(reason(&reports[0], id), "released");
    }
    // Once for each project; and files only where a release names one, because npm's packages get none later.
    let releases = world.server.requests().iter().filter(|request| request.path.contains("/releases?")).count();
    assert_eq!(releases, 3);
    let planned = world.lookups.lock().unwrap().clone();
    let files: BTreeSet<u64> = planned
        .iter()
        .filter_map(|(of, _)| match of {
            Sought::Files(package) => Some(package.0),
            Sought::Pipelines(_)
            | Sought::Pipeline(_)
            | Sought::Downloads(_)
            | Sought::Releases(_)
            | Sought::ProtectionRules(_)
            | Sought::Branches(_)
            | Sought::ProtectedBranches(_)
            | Sought::Branch(_) => None,
        })
        .collect();
    assert_eq!(files, BTreeSet::from([200, 201, 202, 203]));
    assert!(matches!(planned[..3], [(Sought::Releases(_), _), (Sought::Releases(_), _), (Sought::Releases(_), _)]));
    let reports = world.run().await;
    assert_eq!(reports[0].status, CycleStatus::Executed, "{:?}", reports[0].error);
    assert_eq!(world.present(), BTreeSet::from([100, 101, 202]));
}

#[tokio::test(start_paused = true)]
async fn releases_are_asked_for_where_they_could_save_something() {
    let mut registry = projects(4, 2);
    registry.projects[0].releases_access_level = AccessLevel::Disabled;
    registry.projects[2].releases = vec![release(1, &["{url}/acme/app-3/-/packages/300"])];
    let protected = "version: 1\nprotect: [{ project: acme/app-2 }]\n";
    let world = World::new(registry.clone(), &[&old(""), protected]).await;
    let reports = world.run().await;
    assert_eq!(reports[0].status, CycleStatus::Executed, "{:?}", reports[0].error);
    assert_eq!(world.present(), BTreeSet::from([200, 201, 300]));
    assert_eq!(asked(&world, "/releases"), ["3", "4"].map(|id| format!("/api/v4/projects/{id}/releases")).into());

    let world = World::new(registry, &[&old("allow_released: true")]).await;
    world.run().await;
    assert_eq!((world.present(), asked(&world, "/releases")), (BTreeSet::new(), BTreeSet::new()));
}

#[tokio::test(start_paused = true)]
async fn releases_that_cannot_be_told_keep_the_projects_packages() {
    let statuses = [403, 404, 500].map(|code| Fault::Status { code, body: Body::Json });
    for fault in
        statuses.into_iter().chain([Fault::CutBody, Fault::HtmlPage, Fault::HideProject("acme/app-2".to_owned())])
    {
        let world = World::new(projects(3, 2), &[&old("")]).await;
        let rule = Rule::new(fault.clone()).kind(Kind::Releases).path("*/projects/2/*");
        world.server.set_faults(Faults::new(0).with(rule));
        let reports = world.run().await;
        assert_eq!(reports[0].status, CycleStatus::Partial, "{fault:?}");
        assert_eq!(world.present(), BTreeSet::from([200, 201]), "{fault:?}");
        assert_eq!([200, 201].map(|id| reason(&reports[0], id)), ["no_evidence"; 2], "{fault:?}");
        let lookups = world.lookups.lock().unwrap();
        let failed: Vec<_> = lookups.iter().filter(|(_, problem)| problem.is_some()).map(|(of, _)| *of).collect();
        assert_eq!(failed, [Sought::Releases(ProjectId(2))], "{fault:?}");
    }
}

/// The first reading misses the release that names the package, as if another had been taken away meanwhile.
#[tokio::test(start_paused = true)]
async fn many_releases_are_read_until_two_readings_agree() {
    let mut registry = projects(1, 2);
    registry.projects[0].releases = (1..=150)
        .map(|number| {
            release(number, &[if number == 101 { "{url}/acme/app-1/-/packages/100" } else { "https://elsewhere.test" }])
        })
        .collect();
    let world = World::new(registry, &[&old("")]).await;
    let cut = Rule::new(Fault::SkipRows(1)).kind(Kind::Releases).page(2).when(When::First(1));
    world.server.set_faults(Faults::new(0).with(cut));
    let reports = world.rehearse().await;
    assert_eq!(reason(&reports[0], 100), "released");
    let requests = world.server.requests().iter().filter(|request| request.path.contains("/releases?")).count();
    assert_eq!(requests, 6, "three readings of two pages: the second differs from the first, the third agrees");
    world.run().await;
    assert_eq!(world.present(), BTreeSet::from([100]));
}

#[tokio::test(start_paused = true)]
async fn releases_that_change_with_every_reading_keep_the_projects_packages() {
    let mut registry = projects(1, 2);
    registry.projects[0].releases =
        (1..=150).map(|number| release(number, &[&format!("https://a.test/{number}")])).collect();
    let world = World::new(registry, &[&old("")]).await;
    let moving = |rows, nth| Rule::new(Fault::SkipRows(rows)).kind(Kind::Releases).page(2).when(When::Nth(nth));
    world.server.set_faults((1..=4).fold(Faults::new(0), |faults, nth| faults.with(moving(nth as usize, nth))));
    let reports = world.run().await;
    assert_eq!((reports[0].status, world.present().len()), (CycleStatus::Partial, 2));
    let problem = world.lookups.lock().unwrap()[0].1.clone();
    assert_eq!(problem.as_deref(), Some("they change while they are listed"));
}

/// Two packages that a pipeline published, and one that GitLab tells none of.
fn built() -> Registry {
    let mut registry = projects(1, 3);
    let pipeline = |id, ref_: &str| Pipeline { id, project_id: 1, ref_: ref_.to_owned(), ..Pipeline::default() };
    registry.pipelines = vec![pipeline(1, "feature/a"), pipeline(2, "main")];
    registry.packages[0].pipeline_ids = vec![1];
    registry.packages[1].pipeline_ids = vec![2];
    registry
}

#[tokio::test(start_paused = true)]
async fn pipelines_are_asked_for_where_the_listing_has_none() {
    for answer in [None, Some(403), Some(404)] {
        let world = World::new(built(), &[&old("built_from: feature/*")]).await;
        let rule = answer.map(|code| Rule::new(Fault::Status { code, body: Body::Json }).kind(Kind::Pipelines));
        world.server.set_faults(Faults { rules: rule.into_iter().collect(), ..Faults::default() });
        let reports = world.run().await;
        assert_eq!(reports[0].status, CycleStatus::Executed, "{answer:?}: {:?}", reports[0].error);
        // What it was built from is unknown, and so not what the rule asks for.
        assert_eq!((reason(&reports[0], 102), world.present()), ("latest", BTreeSet::from([101, 102])), "{answer:?}");
        let path = "/api/v4/projects/1/packages/102/pipelines".to_owned();
        assert_eq!(asked(&world, "/pipelines"), BTreeSet::from([path]), "{answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_for_pipelines_that_is_not_answered_keeps_the_package() {
    let world = World::new(built(), &[&old("built_from: feature/*")]).await;
    world.server.set_faults(Faults::new(0).with(Rule::new(server_error()).kind(Kind::Pipelines)));
    let reports = world.run().await;
    assert_eq!((reports[0].status, reason(&reports[0], 102)), (CycleStatus::Partial, "no_evidence"));
    assert_eq!(world.present(), BTreeSet::from([101, 102]));
}

/// Seven packages of one project, and the pipelines of which kind published them. Two of them are of one pipeline, and one is
/// of a pipeline of project 2.
fn built_of_all_kinds() -> Registry {
    let mut registry = projects(2, 7);
    registry.packages.truncate(7);
    let pipeline = |id, project_id, ref_: &str, tag, source: &str| Pipeline {
        id,
        project_id,
        ref_: ref_.to_owned(),
        tag: Some(tag),
        source: source.to_owned(),
        ..Pipeline::default()
    };
    registry.pipelines = vec![
        pipeline(1, 1, "feature/a", false, "push"),
        pipeline(2, 1, "feature/tagged", true, "push"),
        pipeline(3, 1, "feature/b", false, "merge_request_event"),
        pipeline(4, 1, "main", false, "push"),
        pipeline(5, 2, "feature/elsewhere", false, "web"),
    ];
    for (package, pipeline) in registry.packages.iter_mut().zip([1, 1, 2, 3, 4, 5, 99]) {
        package.pipeline_ids = vec![pipeline];
    }
    registry
}

/// Every request that was sent to single pipelines, tries and all.
fn pipelines_asked(world: &World) -> Vec<String> {
    let requests = world.server.requests();
    let mut paths: Vec<_> = requests.iter().filter_map(|one| one.path.strip_prefix("/api/v4/projects/")).collect();
    paths.retain(|path| path.contains("/pipelines/"));
    paths.sort_unstable();
    paths.into_iter().map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn a_pipeline_is_asked_once_in_its_own_project() {
    let world = World::new(built_of_all_kinds(), &[&old("built_from: [\"*\", \"!main\"]")]).await;
    let reports = world.rehearse().await;
    assert_eq!(pipelines_asked(&world), ["1/pipelines/1", "1/pipelines/2", "2/pipelines/5"]);
    let told: BTreeSet<String> = world.lookups.lock().unwrap().iter().map(|(of, _)| of.to_string()).collect();
    assert!(told.contains("pipeline 5 of project 2"), "{told:?}");
    let because = reports[0].decisions.iter().find(|row| row.package.id == PackageId(105)).unwrap().because.as_str();
    assert!(because.contains("built from branch feature/elsewhere (built_from *, !main)"), "{because}");
    let reports = world.run().await;
    assert_eq!(reports[0].status, CycleStatus::Executed, "{:?}", reports[0].error);
    // Those of branches went, two of one pipeline and one of another project's.
    assert_eq!(world.present(), BTreeSet::from([102, 103, 104, 106]));
}

#[tokio::test(start_paused = true)]
async fn a_hold_without_a_kind_asks_no_pipeline() {
    let policy = format!("{}keep: [{{ built_from: feature/* }}]\n", old("allow_released: true"));
    let world = World::new(built_of_all_kinds(), &[&policy]).await;
    let reports = world.run().await;
    assert_eq!(reports[0].status, CycleStatus::Executed, "{:?}", reports[0].error);
    // Whatever kind they are of; of the last one nobody knows.
    assert_eq!(world.present(), BTreeSet::from([100, 101, 102, 103, 105, 106]));
    assert_eq!(pipelines_asked(&world), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_a_pipeline_does_not_tell_keeps_the_package() {
    let elsewhere = "*/projects/2/pipelines/5";
    for (code, status, reason_told) in [
        (403, CycleStatus::Executed, "latest"),
        (404, CycleStatus::Executed, "latest"),
        (500, CycleStatus::Partial, "no_evidence"),
    ] {
        let world = World::new(built_of_all_kinds(), &[&old("built_from: \"feature/*\"")]).await;
        let rule = Rule::new(Fault::Status { code, body: Body::Json }).kind(Kind::Pipeline).path(elsewhere);
        world.server.set_faults(Faults::new(0).with(rule));
        let reports = world.run().await;
        assert_eq!((reports[0].status, reason(&reports[0], 105)), (status, reason_told), "{code}");
        assert_eq!(world.present(), BTreeSet::from([102, 103, 104, 105, 106]), "{code}");
    }
}

/// A name says nothing: in the seeded registry most charts that would go were built from the tags of their releases.
#[tokio::test(start_paused = true)]
async fn the_documented_rule_takes_no_release_that_was_built_from_its_tag() {
    let policy = |built_from: &str| {
        format!(
            "version: 1\nscope: {{ group: [acme, opensource], types: helm }}\ndelete:\n  - {{ {built_from}older_than: 30d, \
             other_indexes: true, allow_latest: true, allow_released: true }}\n"
        )
    };
    let registry = Registry::generate(8_000, 1, NOW);
    let tagged: BTreeSet<u64> =
        registry.pipelines.iter().filter(|one| one.ref_.starts_with('v')).map(|pipeline| pipeline.id).collect();
    let count = async |built_from: &str| {
        let world = World::new(registry.clone(), &[&policy(built_from)]).await;
        let reports = world.rehearse().await;
        assert_eq!(reports[0].status, CycleStatus::Planned, "{:?}", reports[0].error);
        let gone = deletions(&reports);
        let of_tags = registry.packages.iter().filter(|package| {
            gone.contains(&package.id) && package.pipeline_ids.last().is_some_and(|id| tagged.contains(id))
        });
        (gone.len(), of_tags.count())
    };
    let documented = "built_from: [\"*\", \"!main\", \"!release/*\"], ";
    assert_eq!(count(documented).await, (0, 0));
    assert_eq!(count("built_from: { tag: \"*\" }, ").await, (52, 52));
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_looking_up_leaves_no_plan() {
    for (count, pipelines) in [(2, 0), (6, 0), (9, 1)] {
        let mut registry = projects(4, 3);
        registry.projects[3].releases = vec![release(1, &["{url}/acme/app-4/-/package_files/10400/download"])];
        let world = World::new(registry, &[&old("built_from: feature/*")]).await;
        world.stop_after_lookups(count);
        let reports = world.run().await;
        assert_eq!((reports[0].status, reports[0].decisions.len()), (CycleStatus::Failed, 0), "{count}");
        let error = reports[0].error.as_deref().unwrap();
        assert_eq!(error, "stopped while looking up what the plan rests on: there is no plan, and nothing was deleted");
        assert_eq!((world.deletes(), world.present().len()), (0, 12));
        // What comes after the releases and the protection rules is not begun before they are read.
        assert_eq!(asked(&world, "/package_files").len().min(1), pipelines, "{count}");
        assert_eq!(asked(&world, "/pipelines"), BTreeSet::new());
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_expires_while_looking_up_leaves_no_plan() {
    for kind in [Kind::Releases, Kind::Pipelines] {
        let world = World::new(built(), &[&old("built_from: feature/*")]).await;
        world.server.set_faults(Faults::new(0).with(Rule::new(Fault::ExpiredToken).kind(kind)));
        let reports = world.run().await;
        assert_eq!((reports[0].status, reports[0].decisions.len()), (CycleStatus::Failed, 0), "{kind:?}");
        assert!(reports[0].error.as_ref().unwrap().contains("the token was refused: it is expired"), "{kind:?}");
        assert_eq!(world.present().len(), 3, "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_gitlab_that_answers_no_question_is_left_alone() {
    let world = World::new(projects(60, 1), &[&old("built_from: feature/*")]).await;
    world.server.set_faults(Faults::new(0).with(Rule::new(server_error()).kind(Kind::Releases)));
    let reports = world.rehearse().await;
    assert_eq!(
        (deletions(&reports), reports[0].totals.by_reason[&ReasonKind::Always(Guard::NoEvidence)]),
        (BTreeSet::new(), 60)
    );
    // Five in a row, and those that were under way by then; and nothing else after them.
    let releases = asked(&world, "/releases").len();
    assert!((5..=5 + 8).contains(&releases), "{releases}");
    assert_eq!(asked(&world, "/pipelines"), BTreeSet::new());
}

/// The sandbox's releases name packages in all the forms that people copy from pages, pipelines and the API.
#[tokio::test(start_paused = true)]
async fn every_link_that_a_seed_makes_keeps_its_package() {
    let everything = old("")
        .replace("group: acme, types: [generic, npm]", "group: [acme, opensource]")
        .replace("older_than: 30d", "older_than: 1min, other_indexes: true")
        .replace("limits: {", "limits: { min_age: 0h,");
    let mut shipped = 0;
    for seed in 1..=3 {
        let registry = Registry::generate(1_200, seed, NOW);
        let world = World::new(registry.clone(), &[&everything]).await;
        let reports = world.rehearse().await;
        assert_eq!(reports[0].status, CycleStatus::Planned, "{:?}", reports[0].error);
        for project in &registry.projects {
            for release in &project.releases {
                let is_shipped = |package: &&Package| {
                    let version = package.version.as_deref().unwrap_or_default();
                    package.project_id == project.id
                        && package.created_at == release.created_at
                        && release.tag.ends_with(version.trim_start_matches('v'))
                };
                let package = registry.packages.iter().find(is_shipped).unwrap();
                let reason = reason(&reports[0], package.id);
                // What is told before it would keep the package as well.
                assert!(
                    ["released", "npm_latest", "type_not_named"].contains(&reason),
                    "seed {seed}: {reason}: {release:?}"
                );
                shipped += usize::from(reason == "released");
            }
        }
    }
    assert!(shipped > 100, "{shipped}");
}
