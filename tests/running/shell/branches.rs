//! Branches that go, come back, are renamed or can't be seen, over weeks.

use std::collections::{BTreeMap, BTreeSet};

use gitlab_sandbox::faults::{Body, Fault, Kind, Rule};
use gitlab_sandbox::{
    Act, Edition, Faults, Options, Package, PackageFile, PackageType, Pipeline, Project, Registry, Repository,
};
use gleaner::package::ProjectId;
use gleaner::plan::Opening;
use gleaner::record::state::StateStore;
use gleaner::report::{CycleStatus, PolicyReport};
use gleaner::yaml::Source;
use gleaner_support::{NOW, acme, days_ago, parsed};
use jiff::{SignedDuration, Timestamp};

use crate::shell::world::World;

/// Two weeks after the branch is gone.
const GONE: &str = "version: 1\nname: gone\nmode: delete\nscope: { group: acme }\nlimits: { max_percent: 100 }\n\
                    delete: [{ branch_gone_for: 14d }]\n";

const GITLAB: &str = "https://gitlab.test";

fn days_ahead(days: i64) -> Timestamp {
    NOW + SignedDuration::from_hours(24 * days)
}

/// A generic package of a year, whose id is that of its pipeline.
fn package(id: u64, project_id: u64) -> Package {
    Package {
        id,
        project_id,
        package_type: PackageType::Generic,
        name: "tool".to_owned(),
        version: Some(format!("1.0.{id}")),
        created_at: days_ago(365),
        updated_at: days_ago(365),
        files: vec![PackageFile { id: 1000 + id, created_at: days_ago(365), ..PackageFile::default() }],
        pipeline_ids: vec![id],
        ..Package::default()
    }
}

fn pipeline(id: u64, project_id: u64, ref_: &str) -> Pipeline {
    Pipeline {
        id,
        project_id,
        ref_: ref_.to_owned(),
        tag: Some(false),
        source: "push".to_owned(),
        ..Pipeline::default()
    }
}

fn repository(branches: &[&str]) -> Repository {
    let branches = branches.iter().map(|branch| (*branch).to_owned()).collect();
    Repository { branches, ..Repository::default() }
}

/// The project 1, `acme/app`, with a package for each of these refs, numbered from 1; and the branches that it has.
fn built(refs: &[&str], branches: &[&str]) -> Registry {
    let mut registry = acme();
    registry.projects[0].repository = Some(repository(branches));
    for (id, ref_) in (1..).zip(refs) {
        registry.packages.push(package(id, 1));
        registry.pipelines.push(pipeline(id, 1, ref_));
    }
    registry
}

async fn remembering(registry: Registry) -> World {
    let mut world = World::new(registry, &[GONE]).await;
    world.state = Some(StateStore::in_memory("gleaner", GITLAB));
    world
}

/// Runs a cycle on each of these days after the first, and returns what is there after each.
async fn run_on(world: &mut World, days: &[i64]) -> Vec<BTreeSet<u64>> {
    let mut present = Vec::new();
    for day in days {
        world.now = days_ahead(*day);
        let reports = world.run().await;
        assert_eq!(reports[0].status, CycleStatus::Executed, "day {day}: {:?}", reports[0].error);
        present.push(world.present());
    }
    present
}

fn ids(ids: &[u64]) -> BTreeSet<u64> {
    ids.iter().copied().collect()
}

fn because(reports: &[PolicyReport], id: u64) -> String {
    let row = reports[0].decisions.iter().find(|row| row.package.id.0 == id).unwrap();
    format!("{}: {}", row.reason.code(), row.because)
}

/// How often each kind of branch route was asked.
fn asked(world: &World) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for request in world.server.requests() {
        let path = request.path.split('?').next().unwrap();
        let kind = match path {
            path if path.ends_with("/repository/branches") => "list",
            path if path.contains("/repository/branches/") => "branch",
            path if path.ends_with("/protected_branches") => "protected",
            path if path.contains("/pipelines/") => "pipeline",
            _ => continue,
        };
        *counts.entry(kind).or_default() += 1;
    }
    counts
}

#[tokio::test(start_paused = true)]
async fn builds_go_two_weeks_after_their_branch_was_seen_to_be_gone() {
    let registry = built(&["main", "feature/login", "feature/search"], &["main", "feature/login", "feature/search"]);
    let mut world = remembering(registry).await;
    assert_eq!(run_on(&mut world, &[0, 30]).await, vec![ids(&[1, 2, 3]); 2]);
    world.server.act(Act::DeleteBranch { id: 1, branch: "feature/login".to_owned() }).unwrap();
    // Seen on day 31 first, which is no earlier than it went.
    assert_eq!(run_on(&mut world, &[31, 40, 45]).await, vec![ids(&[1, 2, 3]); 3]);
    world.now = days_ahead(45) + SignedDuration::from_secs(1);
    let reports = world.run().await;
    assert_eq!(world.present(), ids(&[1, 3]));
    let told = because(&reports, 2);
    assert_eq!(
        told,
        "selected: branch feature/login of project 1 is gone, counted from 2026-06-28T20:26:40Z, 14 days ago \
         (branch_gone_for 14d)"
    );
}

#[tokio::test(start_paused = true)]
async fn a_list_is_read_once_and_only_what_it_lacks_is_asked_for() {
    let mut registry = built(&[], &["main", "feature/there"]);
    for id in 1..=60 {
        let ref_ = match id {
            1..=20 => "main",
            21..=40 => "feature/there",
            41..=58 => "feature/gone",
            _ => "v1.0",
        };
        registry.packages.push(package(id, 1));
        let mut pipeline = pipeline(id, 1, ref_);
        pipeline.tag = Some(ref_ == "v1.0");
        registry.pipelines.push(pipeline);
    }
    let mut world = remembering(registry).await;
    run_on(&mut world, &[0]).await;
    // The pipelines of what the list lacks are asked whether they ran for a branch.
    assert_eq!(asked(&world), [("list", 1), ("protected", 1), ("branch", 1), ("pipeline", 20)].into());
    run_on(&mut world, &[15]).await;
    assert_eq!(world.present(), (1..=60).filter(|id| !(41..=58).contains(id)).collect());
}

#[tokio::test(start_paused = true)]
async fn nothing_goes_without_a_memory_and_a_lost_one_waits_longer() {
    let registry = || built(&["main", "feature/x"], &["main"]);
    let mut world = World::new(registry(), &[GONE]).await;
    for day in [0, 15, 400] {
        world.now = days_ahead(day);
        let reports = world.run().await;
        assert_eq!(world.present(), ids(&[1, 2]), "day {day}");
        let told = format!("branches that are seen to be gone as of {}: 1", world.now);
        assert!(reports[0].warnings[0].ends_with(&told), "{:?}", reports[0].warnings);
        assert_eq!(reports[0].status, CycleStatus::Executed);
    }
    let explained = world.explain("acme/app", &[2]).await.remove(0).unwrap();
    let seen = &explained.policies[0].rules[0].parts[0].saw;
    assert_eq!(
        seen,
        "branch feature/x of project 1 is gone, counted from 2027-07-02T20:26:40Z, 0 minutes ago; counts after \
         2027-07-16T20:26:40Z"
    );
    let from = Opening::From(days_ahead(414) + SignedDuration::from_secs(1));
    assert_eq!(explained.policies[0].would_go, Some(from));

    let mut world = remembering(registry()).await;
    assert_eq!(run_on(&mut world, &[0, 10]).await, vec![ids(&[1, 2]); 2]);
    world.state = Some(StateStore::in_memory("gleaner", GITLAB));
    assert_eq!(run_on(&mut world, &[15, 29]).await, vec![ids(&[1, 2]); 2]);
    assert_eq!(run_on(&mut world, &[30]).await, [ids(&[1])]);
}

#[tokio::test(start_paused = true)]
async fn looks_within_thirty_seconds_count_as_one() {
    let registry = built(&["main", "feature/x"], &["main"]);
    let at_once = GONE.replace("14d", "0s");
    let mut world = World::new(registry, &[&at_once]).await;
    world.state = Some(StateStore::in_memory("gleaner", GITLAB));
    for (seconds, there) in [(0, &[1, 2][..]), (1, &[1, 2]), (29, &[1, 2]), (30, &[1])] {
        world.now = NOW + SignedDuration::from_secs(seconds);
        world.run().await;
        assert_eq!(world.present(), ids(there), "after {seconds} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_restored_branch_starts_anew() {
    let branch = || "feature/x".to_owned();
    let mut world = remembering(built(&["main", "feature/x"], &["main"])).await;
    run_on(&mut world, &[0, 10]).await;
    world.server.act(Act::CreateBranch { id: 1, branch: branch() }).unwrap();
    assert_eq!(run_on(&mut world, &[13, 16]).await, vec![ids(&[1, 2]); 2]);
    world.server.act(Act::DeleteBranch { id: 1, branch: branch() }).unwrap();
    assert_eq!(run_on(&mut world, &[20, 34]).await, vec![ids(&[1, 2]); 2]);
    assert_eq!(run_on(&mut world, &[35]).await, [ids(&[1])]);
}

/// Nobody deletes the tag of a release to have its packages go.
#[tokio::test(start_paused = true)]
async fn what_a_tag_or_a_merge_request_built_never_goes() {
    let mut registry = built(&["v1.0", "feature/merged", "refs/merge-requests/7/head", "feature/x"], &["main"]);
    registry.pipelines[0].tag = Some(true);
    registry.pipelines[1].source = "merge_request_event".to_owned();
    registry.pipelines[2].source = "merge_request_event".to_owned();
    registry.packages.push(Package { pipeline_ids: vec![99], ..package(5, 1) });
    registry.packages.push(Package { pipeline_ids: Vec::new(), ..package(6, 1) });
    let mut world = remembering(registry).await;
    run_on(&mut world, &[0, 15, 800]).await;
    assert_eq!(world.present(), ids(&[1, 2, 3, 5, 6]));
}

#[tokio::test(start_paused = true)]
async fn a_default_branch_that_was_renamed_is_never_gone() {
    let mut registry = built(&["mainline", "next", "feature/x"], &["mainline", "feature/x"]);
    registry.projects[0].repository.as_mut().unwrap().default_branch = "mainline".to_owned();
    let mut world = remembering(registry).await;
    run_on(&mut world, &[0]).await;
    world.server.act(Act::RenameDefaultBranch { id: 1, to: "next".to_owned() }).unwrap();
    run_on(&mut world, &[1, 20]).await;
    // The second rename lets go of neither.
    world.server.act(Act::RenameDefaultBranch { id: 1, to: "trunk".to_owned() }).unwrap();
    run_on(&mut world, &[21, 2000]).await;
    assert_eq!(world.present(), ids(&[1, 2, 3]));
    // The memory of that is all that keeps them.
    world.state = Some(StateStore::in_memory("gleaner", GITLAB));
    run_on(&mut world, &[2001, 2016]).await;
    assert_eq!(world.present(), ids(&[3]));
}

#[tokio::test(start_paused = true)]
async fn protected_and_common_names_are_never_gone() {
    let refs = ["release/1.0", "release/2.0/fix", "hotfix", "main", "master", "trunk", "develop", "feature/x"];
    let mut registry = built(&refs, &["stable"]);
    let repository = registry.projects[0].repository.as_mut().unwrap();
    repository.default_branch = "stable".to_owned();
    repository.protected_branches = ["release/*", "hotfix"].map(str::to_owned).to_vec();
    let mut world = remembering(registry).await;
    run_on(&mut world, &[0, 15, 400]).await;
    assert_eq!(world.present(), ids(&[1, 2, 3, 4, 5, 6, 7]));
    // What is no longer protected has been gone since it was seen so first, which was after that.
    world.server.act(Act::UnprotectBranch { id: 1, pattern: "release/*".to_owned() }).unwrap();
    run_on(&mut world, &[401, 415]).await;
    assert_eq!(world.present(), ids(&[1, 2, 3, 4, 5, 6, 7]));
    run_on(&mut world, &[416]).await;
    assert_eq!(world.present(), ids(&[3, 4, 5, 6, 7]));
}

/// A pipeline of one project may publish to another one, which knows nothing of its branches.
#[tokio::test(start_paused = true)]
async fn a_branch_is_looked_for_where_its_pipeline_ran() {
    let mut registry = built(&[], &["main"]);
    registry.projects.push(Project {
        id: 2,
        path: "acme/service".to_owned(),
        repository: Some(repository(&["main", "feature/there"])),
        ..Project::default()
    });
    for (id, ref_) in [(1, "feature/there"), (2, "feature/gone")] {
        registry.packages.push(package(id, 1));
        registry.pipelines.push(pipeline(id, 2, ref_));
    }
    let mut world = remembering(registry).await;
    run_on(&mut world, &[0, 15]).await;
    assert_eq!(world.present(), ids(&[1]));
    let seen = world.state.as_ref().unwrap().branches();
    assert_eq!(seen.0.keys().collect::<Vec<_>>(), [&ProjectId(2)]);
}

/// A row that slips through between two pages of the list is not gone.
#[tokio::test(start_paused = true)]
async fn what_is_there_by_itself_stays() {
    let mut world = remembering(built(&["feature/a", "feature/b"], &["feature/a", "main"])).await;
    world.server.set_faults(Faults::new(0).with(Rule::new(Fault::SkipRows(1)).kind(Kind::Branches)));
    run_on(&mut world, &[0]).await;
    assert_eq!(asked(&world)["branch"], 2);
    run_on(&mut world, &[15]).await;
    assert_eq!(world.present(), ids(&[1]));
}

#[tokio::test(start_paused = true)]
async fn what_can_not_be_told_stays() {
    let status = |code| Fault::Status { code, body: Body::Json };
    let cases: [(&str, Kind, Fault, CycleStatus); 9] = [
        ("list", Kind::Branches, status(403), CycleStatus::Executed),
        ("list", Kind::Branches, status(404), CycleStatus::Executed),
        ("list", Kind::Branches, Fault::EmptyPage, CycleStatus::Partial),
        ("list", Kind::Branches, status(500), CycleStatus::Partial),
        ("list", Kind::Branches, Fault::InvalidJson, CycleStatus::Partial),
        ("protected", Kind::ProtectedBranches, status(403), CycleStatus::Executed),
        ("protected", Kind::ProtectedBranches, status(500), CycleStatus::Partial),
        ("branch", Kind::Branch, status(403), CycleStatus::Executed),
        ("branch", Kind::Branch, status(500), CycleStatus::Partial),
    ];
    for (what, kind, fault, expected) in cases {
        let mut world = remembering(built(&["main", "feature/x"], &["main"])).await;
        run_on(&mut world, &[0]).await;
        world.server.set_faults(Faults::new(0).with(Rule::new(fault.clone()).kind(kind)));
        world.now = days_ahead(15);
        let reports = world.run().await;
        assert_eq!((reports[0].status, world.present()), (expected, ids(&[1, 2])), "{what}: {fault:?}");
        let code = match (expected, &fault) {
            (_, Fault::EmptyPage) => "fewer_holds",
            (CycleStatus::Partial, _) => "no_evidence",
            _ => "not_selected",
        };
        assert!(because(&reports, 2).starts_with(code), "{what}: {fault:?}: {}", because(&reports, 2));
        // Nothing is forgotten by it.
        world.server.set_faults(Faults::new(0));
        run_on(&mut world, &[16]).await;
        assert_eq!(world.present(), ids(&[1]), "{what}: {fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_repository_that_goes_takes_nothing_along() {
    let changes: [fn(&mut Repository); 3] = [
        |repository| repository.exists = false,
        |repository| repository.branches.clear(),
        |repository| repository.access_level = gitlab_sandbox::AccessLevel::Disabled,
    ];
    for change in changes {
        let mut registry = built(&["main", "feature/x"], &["main"]);
        change(registry.projects[0].repository.as_mut().unwrap());
        let mut world = remembering(registry).await;
        run_on(&mut world, &[0, 15]).await;
        assert_eq!(world.present(), ids(&[1, 2]));
    }
    let mut world = remembering(built(&["main", "feature/x"], &["main"])).await;
    run_on(&mut world, &[0]).await;
    world.server.act(Act::DeleteRepository { id: 1 }).unwrap();
    run_on(&mut world, &[15, 100]).await;
    assert_eq!(world.present(), ids(&[1, 2]));
}

/// Older releases tell protected names to maintainers alone.
#[tokio::test(start_paused = true)]
async fn patterns_that_a_reporter_may_not_read_keep_everything() {
    for (edition, there) in [(Edition::V17_11, &[1, 2][..]), (Edition::V18_5, &[1])] {
        let mut registry = built(&["main", "feature/x"], &["main"]);
        registry.members[0].access_level = 20;
        let options = Options { gitlab: edition, ..Options::default() };
        let mut world = World::with(registry, options, &[GONE]).await;
        world.state = Some(StateStore::in_memory("gleaner", GITLAB));
        for day in [0, 15] {
            world.now = days_ahead(day);
            let reports = world.rehearse().await;
            let gone: BTreeSet<u64> = reports[0]
                .decisions
                .iter()
                .filter(|row| row.reason.code() == "selected")
                .map(|row| row.package.id.0)
                .collect();
            let expected =
                if day == 0 { BTreeSet::new() } else { ids(&[1, 2]).difference(&ids(there)).copied().collect() };
            assert_eq!(gone, expected, "{edition:?}, day {day}");
        }
    }
}

/// A version of a Composer branch goes when every branch that may give it is gone, and without `unknown_age`.
#[tokio::test(start_paused = true)]
async fn composer_branches_name_their_branch() {
    let composer = |id: u64, version: &str, days: i64| Package {
        package_type: PackageType::Composer,
        name: "acme/tool".to_owned(),
        version: Some(version.to_owned()),
        created_at: days_ago(days),
        files: Vec::new(),
        pipeline_ids: Vec::new(),
        ..package(id, 1)
    };
    // So many others that those which go are few.
    let mut registry = built(&[], &["main", "login", "2.x", "a", "b", "c"]);
    registry.packages = vec![
        composer(1, "1.0.0", 400),
        composer(2, "dev-login", 300),
        composer(3, "dev-search", 300),
        composer(4, "2.x-dev", 300),
        composer(5, "3.x-dev", 300),
        composer(6, "dev-main", 300),
        composer(7, "1.0.0-dev", 300),
        composer(8, "dev-young", 1),
    ];
    let branches = &mut registry.projects[0].repository.as_mut().unwrap().branches;
    branches.insert("v3".to_owned());
    branches.insert("young".to_owned());
    let mut world = remembering(registry).await;
    assert_eq!(run_on(&mut world, &[0]).await, [ids(&[1, 2, 3, 4, 5, 6, 7, 8])]);
    for branch in ["login", "2.x", "young"] {
        world.server.act(Act::DeleteBranch { id: 1, branch: branch.to_owned() }).unwrap();
    }
    run_on(&mut world, &[1, 15]).await;
    // `search` was gone from the beginning.
    assert_eq!(world.present(), ids(&[1, 2, 4, 5, 6, 7, 8]));
    run_on(&mut world, &[16]).await;
    // On day 1 the package of `young` was too young to go, and nobody asked for its branch.
    assert_eq!(world.present(), ids(&[1, 5, 6, 7, 8]));
    world.server.act(Act::DeleteBranch { id: 1, branch: "v3".to_owned() }).unwrap();
    run_on(&mut world, &[17, 31]).await;
    assert_eq!(world.present(), ids(&[1, 5, 6, 7]));
    run_on(&mut world, &[32]).await;
    assert_eq!(world.present(), ids(&[1, 6, 7]));
}

/// In a rule that keeps, what can't be told holds, and a branch that is there or only just gone doesn't.
#[tokio::test(start_paused = true)]
async fn a_keep_rule_holds_what_is_gone_for_long() {
    let policy = "version: 1\nmode: delete\nscope: { group: acme }\nlimits: { max_percent: 100 }\n\
                  delete: [{ older_than: 30d }]\nkeep: [{ branch_gone_for: 14d }]\n";
    let mut registry = built(&["main", "feature/gone", "feature/there", "v1.0"], &["main", "feature/there"]);
    registry.pipelines[3].tag = Some(true);
    registry.packages.push(Package { pipeline_ids: Vec::new(), ..package(5, 1) });
    let mut world = World::new(registry, &[policy]).await;
    world.state = Some(StateStore::in_memory("gleaner", GITLAB));
    world.rehearse().await;
    world.now = days_ahead(15);
    world.run().await;
    assert_eq!(world.present(), ids(&[2, 4, 5]));
}

/// A list of branches that can't be read says nothing of what was built by one: its mark stays.
#[tokio::test(start_paused = true)]
async fn marks_stay_while_branches_are_not_told() {
    let mut world = remembering(built(&["feature/login"], &["main"])).await;
    world.set = parsed(&[Source {
        file: "gone.yaml".to_owned(),
        text: GONE.replace("delete: [{", "grace: 3d\ndelete: [{").replace("14d }", "14d, allow_latest: true }"),
    }]);
    assert_eq!(run_on(&mut world, &[0, 15]).await, vec![ids(&[1]); 2]);
    let error = Fault::Status { code: 500, body: Body::Json };
    world.server.set_faults(Faults::new(0).with(Rule::new(error).kind(Kind::Branches)));
    world.now = days_ahead(16);
    assert_eq!(world.run().await[0].status, CycleStatus::Partial);
    world.server.set_faults(Faults::default());
    assert_eq!(run_on(&mut world, &[17, 18]).await, vec![ids(&[1]), ids(&[])]);
}
