//! A run of the program that is told less of a project than the runs before.

use std::fs;

use gitlab_sandbox::faults::{Fault, Kind, Rule};
use gitlab_sandbox::{Faults, Options, Package, PackageType, Project, Registry, Release, ReleaseLink, Server, Status};
use gleaner_support::{TOKEN, acme};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::cli::program::{Program, deletions};

const POLICY: &str = "version: 1\nmode: delete\nscope: { group: acme }\n\
    delete: [{ older_than: 30d, allow_latest: true }]\nlimits: { max_percent: 100, max_percent_per_project: 100 }\n";

#[expect(clippy::disallowed_methods, reason = "the program's own clock can't be set")]
fn long_ago() -> Timestamp {
    Timestamp::now() - SignedDuration::from_hours(24 * 400)
}

/// A package in one project and three in another; a release links to the first one.
fn registry() -> Registry {
    let project = |id| Project { id, path: format!("acme/app-{id}"), ..Project::default() };
    let package = |id: u64| Package {
        id,
        project_id: id.min(2),
        package_type: PackageType::Npm,
        name: format!("app-{id}"),
        version: Some("1.0.0".to_owned()),
        created_at: long_ago(),
        updated_at: long_ago(),
        ..Package::default()
    };
    let link = ReleaseLink {
        id: 1,
        name: "package".to_owned(),
        url: "{url}/acme/app-1/-/packages/1".to_owned(),
        ..ReleaseLink::default()
    };
    let mut registry =
        Registry { projects: [1, 2].map(project).to_vec(), packages: [1, 2, 3, 4].map(package).to_vec(), ..acme() };
    registry.projects[0].releases = vec![Release { tag: "v1".to_owned(), links: vec![link], ..Release::default() }];
    registry
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_once_keeps_what_is_told_no_more() {
    let server = Server::start(registry(), Options::default()).await.unwrap();
    let program = Program::with(&[("old.yaml", POLICY)]).against(&server, TOKEN);
    let state = program.folder().join("state");
    let run = |command: &[&str]| {
        let ended = program.run(&[command, &["--output", "json", "--state-dir", state.to_str().unwrap()]].concat());
        (ended.code, ended.json())
    };
    let remembered = || -> Value {
        let state: Value = serde_json::from_slice(&fs::read(state.join("state.json")).unwrap()).unwrap();
        state["policies"]["old"]["holds"]["projects"]["1"]["releases"].clone()
    };
    // A part of the scope is nothing to remember, nor a plan that nobody may ever execute.
    for command in [["plan"].as_slice(), &["apply", "--yes", "--project", "acme/nothing"]] {
        run(command);
        assert_eq!(remembered(), Value::Null);
    }
    let (code, report) = run(&["apply", "--yes"]);
    assert_eq!((code, deletions(&report)), (0, vec![2, 3, 4]));
    let before = remembered();
    assert_eq!(before.as_array().unwrap().len(), 1, "{before}");

    server.set_faults(Faults::new(0).with(Rule::new(Fault::EmptyPage).kind(Kind::Releases)));
    let (code, report) = run(&["plan"]);
    assert_eq!((code, deletions(&report)), (0, vec![1]));
    let told = report["policies"][0]["warnings"][0].as_str().unwrap();
    assert!(told.starts_with("GitLab tells fewer holds of acme/app-1 (id 1) than before"), "{told}");
    for command in [["apply", "--yes", "--all", "--project", "acme/app-1"].as_slice(), &["apply", "--yes", "--all"]] {
        let (code, report) = run(command);
        assert_eq!((code, report["policies"][0]["status"].as_str().unwrap()), (3, "partial"), "{report}");
        let rows = report["policies"][0]["decisions"].as_array().unwrap();
        let kept = rows.iter().find(|row| row["id"] == 1).unwrap();
        assert_eq!(kept["reason"], "fewer_holds");
        assert_eq!(report["policies"][0]["warnings"], serde_json::json!([told]));
    }
    let packages = server.packages();
    let left = packages.iter().filter(|package| package.status == Status::Default);
    let left: Vec<u64> = left.map(|package| package.id).collect();
    assert_eq!((left, remembered()), (vec![1], before.clone()));

    let accept = "version: 1\ninstance: { accept_fewer_holds: [{ project: 1, until: 2999-12-31, note: removed }] }\n";
    fs::write(program.folder().join("policies/instance.yaml"), accept).unwrap();
    // A plan by files that may never be in force lowers no measure.
    run(&["plan"]);
    assert_eq!(remembered(), before);
    let checked = program.run(&["check"]).stdout;
    assert!(checked.contains(", fewer holds accepted of 1 until 2999-12-31\n"), "{checked}");
    let (code, report) = run(&["apply", "--yes"]);
    assert_eq!((code, deletions(&report)), (0, vec![1]));
}
