//! What is explained is what is planned, though only one project is walked for it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use gitlab_sandbox::faults::{Body, Fault, Rule};
use gitlab_sandbox::{Faults, Options, Package, PackageFile, PackageType, Registry};
use gleaner::cycle::explain::Explained;
use gleaner::cycle::inspect::inspect;
use gleaner::cycle::progress::{Event, Observer};
use gleaner::cycle::walk::{Route, Walk};
use gleaner::package::{BranchesSeen, PathsSeen};
use gleaner::plan::{Inquiry, Opening, ReasonKind, Verdict, because, explain, plan};
use gleaner::report::{DecisionReport, PolicyReport, PolicyStanding};
use gleaner_support::{NOW, acme, days_ago};
use serde_json::to_value;

use crate::shell::world::World;

/// Listens to nothing.
struct Unheard;

impl Observer for Unheard {
    fn on(&self, _: &Event) {}
}

/// The policies that ship with gleaner, on the registry that `--sandbox` starts: every verdict of every policy.
#[tokio::test(flavor = "multi_thread")]
async fn every_verdict_of_the_seeded_registry_is_explained_as_it_is_planned() {
    let world = World::over_a_socket(Registry::generate(8_000, 1, NOW), Options::default(), &shipped()).await;
    let (observer, reader) = (Unheard, world.reader());
    let mut verdicts = 0;
    for in_force in world.set.policies_at(NOW) {
        let policy = in_force.policy();
        let route = Route::of(policy);
        let (remembered, stop) = (PathsSeen::default(), &world.stop);
        let walk =
            Walk { reader: &reader, route: &route, named: &[], remembered: &remembered, observer: &observer, stop };
        let walked = walk.run().await.unwrap();
        let inventory = walked.within(&policy.scope, None);
        let gone = HashSet::new();
        let branches = BranchesSeen::default();
        let inquiry = Inquiry { in_force, inventory: &inventory, gone: &gone, branches: &branches, wanted: None };
        let evidence = inspect(&reader, &inquiry, &observer, &world.stop).await.unwrap();
        let plan = plan(in_force, inventory.clone(), &evidence);
        for decision in plan.decisions() {
            let told = explain(in_force, &inventory, &evidence, decision.package.id).unwrap();
            assert_eq!(&told.decision, decision);
            assert_eq!(told.because, because(decision, in_force));
            verdicts += 1;
        }
    }
    assert!(verdicts > 10_000, "{verdicts}");
}

/// With a walk of the one project alone, and the look-ups of one package: all of a small registry, and of the large one
/// some packages for each reason under each policy.
#[tokio::test(flavor = "multi_thread")]
async fn a_package_is_explained_as_it_is_planned() {
    let small = World::over_a_socket(Registry::generate(400, 7, NOW), Options::default(), &shipped()).await;
    let reports = small.rehearse().await;
    let planned: usize = reports.iter().map(|report| report.decisions.len()).sum();
    assert_eq!(compare(&small, &reports, |_| true).await, planned, "each row of the plan is explained");

    let large = World::over_a_socket(Registry::generate(8_000, 1, NOW), Options::default(), &shipped()).await;
    let reports = large.rehearse().await;
    let mut samples = BTreeSet::new();
    for report in &reports {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &report.decisions {
            let count = seen.entry(row.reason.code()).or_default();
            *count += 1;
            if *count <= 3 || count.is_multiple_of(250) {
                samples.insert(row.package.id);
            }
        }
    }
    assert!(samples.len() > 50, "{}", samples.len());
    compare(&large, &reports, |row| samples.contains(&row.package.id)).await;
    let reasons: BTreeSet<&str> = rows(&reports).map(|row| row.reason.code()).collect();
    assert!(reasons.len() >= 8, "{reasons:?}");
}

/// What an earlier policy deletes is no version that a later one ranks, and one in `mode: dry-run` leaves everything.
#[tokio::test(flavor = "multi_thread")]
async fn later_policies_are_asked_about_what_earlier_ones_leave() {
    let first = "version: 1\nmode: delete\nscope: { group: acme }\ndelete: [{ version: \"*-SNAPSHOT\", older_than: 90d }]\n\
                 limits: { max_percent: 100, max_percent_per_project: 100, max_deletions: 10000 }\n";
    let second = "version: 1\nscope: { group: acme }\ndelete: [{ older_than: 30d }]\nkeep: [{ newest: 2 }]\n\
                  limits: { max_percent: 100, max_percent_per_project: 100, max_deletions: 10000 }\n";
    for first in [first.to_owned(), first.replace("mode: delete", "mode: dry-run")] {
        let world = World::over_a_socket(Registry::generate(400, 7, NOW), Options::default(), &[&first, second]).await;
        let reports = world.rehearse().await;
        let taken = reports[0].decisions.iter().filter(|row| row.verdict() == Verdict::Delete).count();
        assert!(taken > 5, "{taken}");
        let mut gone = 0;
        let row =
            |row: &DecisionReport| row.package.version.as_ref().is_some_and(|version| version.ends_with("-SNAPSHOT"));
        for explained in compared(&world, &reports, row).await {
            gone += explained.policies.iter().filter(|policy| policy.standing == PolicyStanding::Gone).count();
        }
        assert_eq!(gone, if first.contains("dry-run") { 0 } else { taken });
        compare(&world, &reports, |_| true).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_leaves_the_package_out_says_why() {
    let registry = Registry::generate(400, 7, NOW);
    let group = |path: &str| registry.groups.iter().find(|group| group.path == path).unwrap().id;
    let (acme, web) = (group("acme"), group("acme/web"));
    let hidden = registry.packages.iter().find(|package| package.status == gitlab_sandbox::Status::Hidden).unwrap();
    let (hidden_project, hidden) = (hidden.project_id, hidden.id);
    let policies = [
        "group: acme".to_owned(),
        "group: \"*\"".to_owned(),
        format!("group: {acme}"),
        format!("group: {web}"),
        "group: \"*\", subgroups: false".to_owned(),
        "group: acme, types: [conan]".to_owned(),
        "group: acme, paths: \"acme/web/**\"".to_owned(),
        "group: acme, archived: only".to_owned(),
        "group: 999999".to_owned(),
    ];
    let policies: Vec<String> = policies
        .iter()
        .map(|scope| format!("version: 1\nscope: {{ {scope} }}\ndelete: [{{ older_than: 900d }}]\n"))
        .collect();
    let texts: Vec<&str> = policies.iter().map(String::as_str).collect();
    let world = World::over_a_socket(registry, Options::default(), &texts).await;
    let reports = world.rehearse().await;
    let is_here = |row: &&DecisionReport| row.package.project_path.as_deref() == Some("acme/platform/core");
    let row = reports[0].decisions.iter().find(is_here).unwrap();
    let explained = world.explain("acme/platform/core", &[row.package.id.0]).await.remove(0).unwrap();
    let expected = [
        None,
        None,
        None,
        Some(format!("its scope is `group: {web}`, and acme/platform/core is not in it")),
        Some("its scope is `group: \"*\", subgroups: false`, and acme/platform/core is not in it".to_owned()),
        Some(format!("its scope has `types: conan`, and this is {}", row.package.package_type)),
        Some("its scope has `paths: acme/web/**`, which acme/platform/core does not match".to_owned()),
        Some("its scope has `archived: only`, and the project is not".to_owned()),
        Some("its scope is `group: 999999`, and acme/platform/core is not in it".to_owned()),
    ];
    for (told, expected) in explained.policies.iter().zip(expected) {
        let outside = (told.standing == PolicyStanding::OutOfScope).then(|| told.because.clone());
        assert_eq!(outside, expected, "{}", told.policy);
    }
    // No rule names its status, so no walk shows it.
    let project = hidden_project.to_string();
    let told = world.explain(&project, &[hidden]).await.remove(0).unwrap_err().to_string();
    assert!(
        told.contains(&format!("package {hidden} is not there")) && told.contains("default, error, deprecated;"),
        "{told}"
    );
}

/// Who can't ask which groups there are can't tell what a policy for all of them takes, and can tell everything else.
#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_can_not_be_asked_stops_no_other() {
    let policy = |scope: &str| format!("version: 1\nscope: {{ {scope} }}\ndelete: [{{ older_than: 900d }}]\n");
    let texts = [policy("group: \"*\""), policy("group: acme"), policy("group: 999999")];
    let world =
        World::over_a_socket(Registry::generate(400, 7, NOW), Options::default(), &[&texts[0], &texts[1], &texts[2]])
            .await;
    let reports = world.rehearse().await;
    let row = &reports[1].decisions[0];
    let rule = |path| Rule::new(Fault::Status { code: 403, body: Body::default() }).path(path);
    world.server.set_faults(Faults::new(0).with(rule("*/groups?*")).with(rule("*/groups/999999*")));
    let explained =
        world.explain(row.package.project_path.as_deref().unwrap(), &[row.package.id.0]).await.remove(0).unwrap();
    let standings: Vec<PolicyStanding> = explained.policies.iter().map(|policy| policy.standing).collect();
    assert_eq!(standings, [PolicyStanding::Failed, PolicyStanding::Judged, PolicyStanding::Failed]);
    assert!(explained.policies[0].because.contains("forbidden"), "{}", explained.policies[0].because);
}

/// A status that one policy names is listed for this one alone.
#[tokio::test(flavor = "multi_thread")]
async fn what_only_another_policy_lists_is_not_judged() {
    let registry = Registry::generate(400, 7, NOW);
    let hidden = registry.packages.iter().find(|package| package.status == gitlab_sandbox::Status::Hidden).unwrap();
    let (project, hidden) = (hidden.project_id.to_string(), hidden.id);
    let policy = |rule: &str| format!("version: 1\nscope: {{ group: acme }}\ndelete: [{{ {rule} }}]\n");
    let world = World::over_a_socket(
        registry,
        Options::default(),
        &[&policy("status: [hidden, error]"), &policy("older_than: 30d")],
    )
    .await;
    let explained = world.explain(&project, &[hidden]).await.remove(0).unwrap();
    let [names, lists_not] = explained.policies.as_slice() else { panic!("two policies") };
    assert_eq!(names.decision.as_ref().unwrap().reason.code(), "hidden");
    assert_eq!(lists_not.standing, PolicyStanding::NotListed);
    assert_eq!(lists_not.because, "packages in status hidden are listed only where a rule names it");
}

/// What an earlier policy takes is gone before anybody is asked what competes with the rest.
#[tokio::test(flavor = "multi_thread")]
async fn the_files_that_an_earlier_policy_takes_are_gone_in_both_rounds() {
    let takes = "version: 1\nmode: delete\nscope: { group: acme }\n\
                 files: [{ type: generic, version: \"1.0\", file: \"*.log\", keep_newest: 0, older_than: 30d }]\n";
    let ranks = "version: 1\nscope: { group: acme }\ndelete: [{ older_than: 90d }]\nkeep: [{ newest: 1 }]\n";
    let file = |id, name: &str, age| PackageFile {
        id,
        file_name: name.to_owned(),
        created_at: days_ago(age),
        updated_at: days_ago(age),
        ..PackageFile::default()
    };
    let package = |id, version: &str, age, files| Package {
        id,
        project_id: 1,
        package_type: PackageType::Generic,
        name: "core".to_owned(),
        version: Some(version.to_owned()),
        created_at: days_ago(age),
        updated_at: days_ago(age),
        files,
        ..Package::default()
    };
    let packages = vec![
        package(1, "1.0", 400, vec![file(1, "core.tgz", 400), file(2, "build.log", 40)]),
        package(2, "2.0", 500, vec![file(3, "core.tgz", 500), file(4, "core.tgz", 10)]),
    ];
    let world = World::over_a_socket(Registry { packages, ..acme() }, Options::default(), &[takes, ranks]).await;
    let reports = world.rehearse().await;
    let planned = reports[1].decisions.iter().find(|row| row.package.id.0 == 1).unwrap();
    assert_eq!(planned.reason, ReasonKind::Selected);
    let explained = world.explain("acme/app", &[1]).await.remove(0).unwrap();
    assert_eq!(explained.policies[1].decision.as_ref().unwrap().reason, ReasonKind::Selected);
}

/// The files of a package that is too young to be on a shortlist are looked up for the date alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_date_that_hangs_on_files_is_looked_up() {
    let policy = "version: 1\nscope: { group: acme, types: [maven] }\ndelete: [{ version: \"*-SNAPSHOT\", older_than: 2000d }]\n";
    let world = World::over_a_socket(Registry::generate(400, 7, NOW), Options::default(), &[policy]).await;
    let reports = world.rehearse().await;
    let is_snapshot = |row: &&DecisionReport| {
        row.reason == ReasonKind::NotSelected
            && row.package.version.as_ref().is_some_and(|version| version.ends_with("-SNAPSHOT"))
    };
    let row = reports[0].decisions.iter().find(is_snapshot).unwrap();
    assert_eq!(row.bytes, None, "no plan looks it up");
    let explained =
        world.explain(row.package.project_path.as_deref().unwrap(), &[row.package.id.0]).await.remove(0).unwrap();
    let told = &explained.policies[0];
    let newest = world.server.packages().into_iter().find(|package| package.id == row.package.id.0).unwrap();
    let newest = newest.files.iter().map(|file| file.created_at).max().unwrap();
    let Some(Opening::From(at)) = told.would_go else { panic!("{:?}", told.would_go) };
    let border = newest + jiff::SignedDuration::from_hours(24 * 2000);
    let late = at.duration_since(border);
    assert!(late.is_positive() && late <= jiff::SignedDuration::from_secs(1), "{border} {at}");
    assert_eq!(told.decision.as_ref().unwrap().bytes, None, "the row is the plan's");
}

/// Explains each package that is wanted, compares it with each policy's plan, and counts the rows that were compared.
async fn compare(world: &World, reports: &[PolicyReport], is_wanted: impl Fn(&DecisionReport) -> bool) -> usize {
    let explained = compared(world, reports, is_wanted).await;
    explained.iter().flat_map(|explained| &explained.policies).filter(|policy| policy.decision.is_some()).count()
}

async fn compared(
    world: &World,
    reports: &[PolicyReport],
    is_wanted: impl Fn(&DecisionReport) -> bool,
) -> Vec<Explained> {
    let mut projects: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for row in rows(reports).filter(|row| is_wanted(row)) {
        projects.entry(row.package.project_path.as_deref().unwrap()).or_default().insert(row.package.id.0);
    }
    let planned: Vec<BTreeMap<u64, &DecisionReport>> =
        reports.iter().map(|report| report.decisions.iter().map(|row| (row.package.id.0, row)).collect()).collect();
    let mut compared = Vec::new();
    for (project, ids) in projects {
        let ids: Vec<u64> = ids.into_iter().collect();
        for (id, explained) in ids.iter().zip(world.explain(project, &ids).await) {
            let explained = explained.unwrap();
            assert_eq!(explained.failures, 0);
            for (told, plan) in explained.policies.iter().zip(&planned) {
                let planned = plan.get(id).map(to_value).transpose().unwrap();
                let told_row = told.decision.as_ref().map(to_value).transpose().unwrap();
                assert_eq!(told_row, planned, "package {id} under {}: {}", told.policy, told.because);
            }
            compared.push(explained);
        }
    }
    compared
}

fn rows(reports: &[PolicyReport]) -> impl Iterator<Item = &DecisionReport> {
    reports.iter().flat_map(|report| &report.decisions)
}

fn shipped() -> Vec<&'static str> {
    vec![
        include_str!("../../../policies/failed-uploads.yaml"),
        include_str!("../../../policies/maven-snapshots.yaml"),
        include_str!("../../../policies/nightly-builds.yaml"),
        include_str!("../../../policies/npm-prereleases.yaml"),
        include_str!("../../../policies/on-hold.yaml"),
        include_str!("../../../policies/pypi-dev-releases.yaml"),
    ]
}
