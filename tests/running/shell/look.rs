//! What people do between the plan and the deletion: what has changed by then stays.

use std::collections::BTreeMap;

use gitlab_sandbox::happenings::Act;
use gitlab_sandbox::{Group, Package, PackageFile, PackageType, Registry};
use gleaner::plan::Outcome;
use gleaner::report::{CycleStatus, PolicyReport};
use gleaner_support::{acme, days_ago, member};

use crate::shell::world::World;

const LIMITS: &str = "limits: { max_percent: 100, max_percent_per_project: 100, max_deletions: 10000 }\n";

/// A policy in `mode: delete` with these rules.
fn policy(rules: &str) -> String {
    format!("version: 1\nmode: delete\nscope: {{ group: acme }}\n{rules}\n{LIMITS}")
}

/// A version of the npm package `app`, by its id and the days since it was made. npm's `latest` is on none of them.
fn version(id: u64, days: i64) -> Package {
    Package {
        id,
        project_id: 1,
        package_type: PackageType::Npm,
        name: "@acme/app".to_owned(),
        version: Some(format!("{id}.0.0")),
        created_at: days_ago(days),
        updated_at: days_ago(days),
        files: vec![file(id * 10, days)],
        ..Package::default()
    }
}

fn file(id: u64, days: i64) -> PackageFile {
    PackageFile {
        id,
        file_name: format!("{id}.tgz"),
        size: Some(10),
        created_at: days_ago(days),
        updated_at: days_ago(days),
        ..PackageFile::default()
    }
}

fn registry(packages: Vec<Package>) -> Registry {
    let acme = acme();
    let beta = Group { id: 2, path: "beta".to_owned(), ..Group::default() };
    let members = acme.members.iter().cloned().chain([member("beta")]).collect();
    Registry { packages, members, groups: acme.groups.iter().cloned().chain([beta]).collect(), ..acme }
}

/// What became of each package that was to go, with the sentence.
fn told(report: &PolicyReport) -> BTreeMap<u64, (Outcome, String)> {
    let rows = report.decisions.iter().filter_map(|row| Some((row.package.id.0, row.ending.clone()?)));
    rows.map(|(id, ending)| (id, (ending.outcome, ending.problem.unwrap_or_default()))).collect()
}

/// Executes a policy after people did these things to what was planned.
async fn after(packages: Vec<Package>, rules: &str, acts: &[Act]) -> (World, PolicyReport) {
    let world = World::new(registry(packages), &[&policy(rules)]).await;
    let consent = async |_: &PolicyReport| {
        acts.iter().for_each(|act| world.server.act(act.clone()).unwrap());
        Ok(())
    };
    let report = world.run_if(consent).await.remove(0);
    (world, report)
}

#[tokio::test(start_paused = true)]
async fn what_people_did_after_the_plan_saves_what_it_concerns() {
    let npm = || vec![version(1, 100), version(2, 90), version(3, 80), version(4, 5)];
    let old = "delete: [{ older_than: 30d }]";
    let unused = "delete: [{ older_than: 30d, not_downloaded_for: 30d }]";
    let link = |package: u64| Act::LinkRelease {
        project: 1,
        tag: "v1".to_owned(),
        url: format!("{{url}}/acme/app/-/packages/{package}"),
    };
    let table: [(&str, Vec<Act>, &[u64], &str); 8] = [
        (unused, vec![Act::Download { package: 2 }], &[2], "downloaded on"),
        (old, vec![Act::DeletePackage { package: 4 }], &[3], "the latest version"),
        (
            "delete: [{ older_than: 30d, allow_latest: true }]\nkeep: [{ newest: 2 }]",
            vec![Act::DeletePackage { package: 4 }, Act::DeletePackage { package: 3 }],
            &[1, 2],
            "newest of 2",
        ),
        (old, vec![link(2)], &[2], "a release of its project links to it"),
        (old, vec![Act::MoveTag { package: 1, tag: "latest".to_owned() }], &[1], "dist-tag latest"),
        (old, vec![Act::ArchiveProject { id: 1 }], &[1, 2, 3], "archived"),
        (
            old,
            vec![Act::ProtectPackage {
                project: 1,
                package_type: PackageType::Npm,
                pattern: "@acme/*".to_owned(),
                level: 60,
            }],
            &[1, 2, 3],
            "a protection rule of its project in GitLab",
        ),
        (old, vec![Act::RenameProject { id: 1, to: "beta/app".to_owned() }], &[1, 2, 3], "moved"),
    ];
    for (rules, acts, saved, why) in table {
        let (world, report) = after(npm(), rules, &acts).await;
        for (id, (outcome, problem)) in told(&report) {
            let expected = if saved.contains(&id) { Outcome::Stale } else { Outcome::Deleted };
            assert_eq!(outcome, expected, "{acts:?}: package {id}: {problem}");
            assert_eq!(world.present().contains(&id), saved.contains(&id), "{acts:?}: package {id}");
            assert!(!saved.contains(&id) || problem.contains(why), "{acts:?}: package {id}: {problem}");
        }
        assert!(saved.iter().all(|id| told(&report).contains_key(id)), "{acts:?}");
        assert_eq!((report.status, report.error), (CycleStatus::Executed, None), "{acts:?}");
    }
}
