//! What a plan makes otherwise than an earlier one: `plan --diff`, and `--fail-on-deletions`.

use std::fs;

use gitlab_sandbox::Server;
use gitlab_sandbox::happenings::Act;
use serde_json::Value;

use crate::cli::program::{Program, deletions, seeded, serve};

const LIMITS: &str = "limits: { max_percent: 100, max_percent_per_project: 100, max_deletions: 10000 }\n";

/// A policy of this name.
fn policy(name: &str, age: &str, newest: u8) -> String {
    format!(
        "version: 1\nname: {name}\nscope: {{ group: acme }}\n\
         delete: [{{ older_than: {age}, not_downloaded_for: {age} }}]\nkeep: [{{ newest: {newest} }}]\n{LIMITS}"
    )
}

fn program(server: &Server) -> Program {
    let (old, other) = (policy("old", "300d", 1), policy("other", "900d", 1));
    Program::with(&[("old.yaml", old.as_str()), ("other.yaml", other.as_str())]).against(server, server.token())
}

fn ids(rows: &Value) -> Vec<u64> {
    rows.as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_compared_with_an_earlier_one() {
    let server = serve(seeded(400)).await;
    let program = program(&server);
    let then = program.run(&["plan", "--out", "then.json", "--output", "json"]).json();
    let then: Vec<u64> = deletions(&serde_json::json!({ "policies": [then["policies"][0]] }));
    assert!(then.len() > 10);

    let same = program.run(&["plan", "--diff", "then.json"]);
    assert!(same.code == 0 && same.stdout.starts_with("nothing differs\ncompared with"), "{}", same.stdout);

    // One is deleted by hand, fewer go because of one rule, and more because of another.
    let by_hand = then[0];
    server.act(Act::DeletePackage { package: by_hand }).unwrap();
    fs::write(program.folder().join("policies/old.yaml"), policy("old", "250d", 2)).unwrap();
    fs::remove_file(program.folder().join("policies/other.yaml")).unwrap();
    let ended = program.run(&["plan", "--diff", "then.json", "--output", "json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let compared = ended.json();
    let now = deletions(&compared);
    let diff = &compared["diff"];
    assert_eq!((&diff["policies"][0]["policy"], &diff["unplanned"]), (&"old".into(), &serde_json::json!(["other"])));
    let (added, saved, gone) =
        (ids(&diff["policies"][0]["added"]), ids(&diff["policies"][0]["saved"]), ids(&diff["policies"][0]["gone"]));
    assert_eq!(gone, [by_hand]);
    assert!(!added.is_empty() && !saved.is_empty(), "{added:?} {saved:?}");
    assert!(added.iter().all(|id| now.contains(id) && !then.contains(id)));
    let mut expected: Vec<u64> = then.iter().copied().filter(|id| !now.contains(id) && *id != by_hand).collect();
    expected.sort_unstable();
    assert_eq!(saved, expected);
    let why: Vec<&str> =
        diff["policies"][0]["saved"].as_array().unwrap().iter().map(|row| row["reason"].as_str().unwrap()).collect();
    assert!(why.iter().all(|reason| *reason == "kept_by_rule"), "{why:?}");

    for (form, told) in [
        ("table", format!("old: {} would go now, and would not then\n", added.len())),
        ("markdown", format!("<summary>old: {} would have gone then, and stay now</summary>", saved.len())),
    ] {
        let ended = program.run(&["plan", "--diff", "then.json", "--output", form]);
        assert!(ended.stdout.contains(&told), "{form}: {}", ended.stdout);
        assert!(ended.stdout.contains("other has no plan now to compare"), "{form}: {}", ended.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_of_two_gitlabs_are_not_compared() {
    let server = serve(seeded(40)).await;
    let program = program(&server);
    let mut report = program.run(&["plan", "--output", "json"]).json();
    report["instance"] = "https://gitlab.test".into();
    fs::write(program.folder().join("then.json"), report.to_string()).unwrap();
    let ended = program.run(&["plan", "--diff", "then.json"]);
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    assert!(ended.stderr.contains("one of https://gitlab.test"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_go_is_an_exit_code_of_its_own_if_it_is_asked_for() {
    let server = serve(seeded(400)).await;
    let program = program(&server);
    assert_eq!(program.run(&["plan"]).code, 0);
    assert_eq!(program.run(&["plan", "--fail-on-deletions"]).code, 5);
    let nothing = policy("old", "90000d", 1);
    let idle = Program::with(&[("old.yaml", nothing.as_str())]).against(&server, server.token());
    assert_eq!(idle.run(&["plan", "--fail-on-deletions"]).code, 0);
    // Another end comes first.
    let refused = policy("old", "300d", 1).replace("max_deletions: 10000", "max_deletions: 1");
    let refused = Program::with(&[("old.yaml", refused.as_str())]).against(&server, server.token());
    assert_eq!(refused.run(&["plan", "--fail-on-deletions"]).code, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_compared_is_refused_before_anything_is_asked() {
    let server = serve(seeded(40)).await;
    let program = program(&server);
    fs::write(program.folder().join("other.json"), "{}").unwrap();
    let table: [(&[&str], &str); 4] = [
        (&["plan", "--diff", "nowhere.json"], "can't be read from nowhere.json"),
        (&["plan", "--diff", "other.json"], "no report of gleaner"),
        (&["plan", "--diff", "other.json", "--quick"], "cannot be used with"),
        (&["plan", "--diff", "policies/old.yaml", "--output", "html"], "is no JSON"),
    ];
    for (arguments, told) in table {
        let ended = program.run(arguments);
        assert_eq!(ended.code, 2, "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(told), "{arguments:?}: {}", ended.stderr);
    }
    assert_eq!(server.requests().len(), 0);
}
