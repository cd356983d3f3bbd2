//! What the program remembers of branches, from one run to the next.

use std::fs;

use gitlab_sandbox::{Act, Options, Package, PackageType, Pipeline, Registry, Repository, Server};
use gleaner_support::{TOKEN, acme};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::cli::program::{Program, deletions};

const POLICY: &str = "version: 1\nmode: delete\nscope: { group: acme }\ndelete: [{ branch_gone_for: 14d }]\n";

#[expect(clippy::disallowed_methods, reason = "the program's own clock can't be set")]
fn days_ago(days: i64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_hours(24 * days)
}

/// Two packages: of a branch that is there, and of one that is gone.
fn registry() -> Registry {
    let mut registry = acme();
    let branches = ["main", "feature/there"].map(str::to_owned).into();
    registry.projects[0].repository = Some(Repository { branches, ..Repository::default() });
    for (id, ref_) in [(1, "feature/there"), (2, "feature/gone")] {
        registry.pipelines.push(Pipeline {
            id,
            project_id: 1,
            ref_: ref_.to_owned(),
            tag: Some(false),
            source: "push".to_owned(),
            ..Pipeline::default()
        });
        registry.packages.push(Package {
            id,
            project_id: 1,
            package_type: PackageType::Generic,
            name: "tool".to_owned(),
            version: Some(format!("1.0.{id}")),
            created_at: days_ago(100),
            updated_at: days_ago(100),
            pipeline_ids: vec![id],
            ..Package::default()
        });
    }
    registry
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_remembers_what_the_runs_before_saw() {
    let server = Server::start(registry(), Options::default()).await.unwrap();
    let program = Program::with(&[("gone.yaml", POLICY)]).against(&server, TOKEN);
    let state = program.folder().join("state");
    let run = |command: &[&str]| {
        program.run(&[command, &["--output", "json", "--state-dir", state.to_str().unwrap()]].concat()).json()
    };
    let without = program.run(&["plan", "--output", "json"]).json();
    let told = without["policies"][0]["warnings"][0].as_str().unwrap();
    assert!(told.starts_with("`branch_gone_for` counts from when a branch was first seen to be gone"), "{told}");
    // A look into the future is nothing to remember.
    assert_eq!(deletions(&run(&["plan", "--as-of", "+20d"])), [0; 0]);
    assert!(!state.join("state.json").exists());
    let first = run(&["plan"]);
    assert_eq!((deletions(&first), first["policies"][0]["warnings"].as_array().unwrap().len()), (vec![], 0));
    assert_eq!(deletions(&run(&["plan", "--as-of", "+13d"])), [0; 0]);
    assert_eq!(deletions(&run(&["plan", "--as-of", "+15d"])), [2]);
    let explained = run(&["explain", "1/2"]);
    let saw = explained["policies"][0]["rules"][0]["parts"][0]["saw"].as_str().unwrap();
    assert!(saw.starts_with("branch feature/gone of project 1 is gone, counted from "), "{saw}");

    // Two weeks pass.
    let file = state.join("state.json");
    let mut kept: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    kept["branches"]["1"]["gone"]["feature/gone"] = days_ago(15).to_string().into();
    fs::write(&file, kept.to_string()).unwrap();
    assert_eq!(deletions(&run(&["apply", "--yes"])), [2]);

    // What is back is forgotten, also by a run that deletes nothing.
    server.act(Act::CreateBranch { id: 1, branch: "feature/gone".to_owned() }).unwrap();
    run(&["plan"]);
    let kept: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(kept["branches"]["1"], serde_json::json!({"defaults": ["main"], "gone": {}}));
}
