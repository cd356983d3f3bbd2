//! `gleaner apply` that is told to stop, and what changes under it while it deletes.

use std::fs;

use gitlab_sandbox::{Package, Registry, Status};
use serde_json::Value;

use crate::cli::gate::{Gate, Running};
use crate::cli::program::{OLD, Program, seeded};

const APPLY: [&str; 4] = ["apply", "--yes", "--output", "json"];
const STOPPING: &str = "stopping: ";

/// A registry in which nothing is protected, so that everything old goes.
fn registry() -> Registry {
    let mut registry = seeded(400);
    registry.protection_rules.clear();
    registry
}

fn against(gate: &Gate, policies: &[(&str, &str)]) -> Program {
    let program = Program::with(policies);
    program.env("GITLAB_URL", &gate.url).env("GITLAB_TOKEN", gate.sandbox.token())
}

/// How many packages the run has deleted, as GitLab has it.
fn gone(gate: &Gate, before: usize) -> u64 {
    (before - present(gate)) as u64
}

fn present(gate: &Gate) -> usize {
    let there = |package: &Package| package.status != Status::PendingDestruction;
    gate.sandbox.packages().into_iter().filter(there).count()
}

fn deletes(gate: &Gate) -> u64 {
    gate.sandbox.requests().iter().filter(|request| request.method == "DELETE").count() as u64
}

fn outcomes(policy: &Value, outcome: &str) -> u64 {
    policy["totals"]["by_outcome"][outcome].as_u64().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_signal_lets_what_is_in_flight_finish() {
    for signal in ["-INT", "-TERM"] {
        let mut gate = Gate::new(registry(), "DELETE", "/packages/").await;
        let before = present(&gate);
        // The second one has not begun by then.
        let program = against(&gate, &[("old.yaml", OLD), ("older.yaml", OLD)]);
        let mut running = Running::start(&program, &APPLY);
        gate.arrival().await;
        running.signal(signal);
        running.wait_for(STOPPING);
        gate.open();
        let ended = running.end();
        assert_eq!(ended.code, 3, "{signal}: {}", ended.stderr);
        let report = ended.json();
        let old = &report["policies"][0];
        let (deleted, left) = (outcomes(old, "deleted"), outcomes(old, "not_attempted"));
        assert!(deleted > 0 && deleted == gone(&gate, before), "{signal}: {old}");
        assert_eq!((deletes(&gate), old["totals"]["delete"].as_u64().unwrap()), (deleted, deleted + left));
        assert!(left > 20, "{signal}: {left}");
        assert_eq!(report["policies"][1]["status"], "failed");
        assert!(ended.stderr.contains("error: policy older: stopped while listing"), "{}", ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_signal_ends_at_once() {
    for (first, second, code) in [("-INT", "-INT", 130), ("-TERM", "-TERM", 143), ("-TERM", "-INT", 130)] {
        let mut gate = Gate::new(registry(), "DELETE", "/packages/").await;
        let program = against(&gate, &[("old.yaml", OLD)]);
        let mut running = Running::start(&program, &APPLY);
        gate.arrival().await;
        running.signal(first);
        running.wait_for(STOPPING);
        running.signal(second);
        let ended = running.end();
        assert_eq!((ended.code, ended.stdout.as_str()), (code, ""), "{first} {second}: {}", ended.stderr);
    }
}

/// Nothing failed, and something is left to do.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_before_the_first_deletion_is_no_failure_of_apply() {
    for (arguments, code) in [(&APPLY[..], 3), (&["plan", "--output", "json"], 1)] {
        let mut gate = Gate::new(registry(), "GET", "/groups/acme/packages").await;
        let program = against(&gate, &[("old.yaml", OLD)]);
        let running = Running::start(&program, arguments);
        gate.arrival().await;
        running.signal("-TERM");
        let ended = running.end();
        assert_eq!(ended.code, code, "{}", ended.stderr);
        assert_eq!(ended.json()["policies"][0]["status"], "failed");
        assert_eq!(deletes(&gate), 0);
    }
}

/// What is written while the first deletions are under way holds for the next batch.
#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_is_taken_back_stops_apply() {
    let changes = [
        (
            OLD.replace("mode: delete", "mode: dry-run"),
            "the policy old is in `mode: dry-run` now, by policies/old.yaml",
        ),
        (OLD.replace("older_than: 200d", "older_than: 300d"), "the policy old is not the one that was approved"),
        (
            "version: 1\nscope: [\n".to_owned(),
            "the policy files can't be used, and may keep what would go: policies/old.yaml",
        ),
    ];
    for (text, words) in changes {
        let mut gate = Gate::new(registry(), "DELETE", "/packages/").await;
        let before = present(&gate);
        let program = against(&gate, &[("old.yaml", OLD)]);
        let running = Running::start(&program, &APPLY);
        gate.arrival().await;
        fs::write(program.folder().join("policies/old.yaml"), text).unwrap();
        gate.open();
        let ended = running.end();
        assert_eq!(ended.code, 3, "{words}: {}", ended.stderr);
        let old = &ended.json()["policies"][0];
        let (deleted, left) = (outcomes(old, "deleted"), outcomes(old, "not_attempted"));
        assert!(deleted > 0 && left > 0 && deleted == gone(&gate, before), "{words}: {old}");
        assert_eq!((deletes(&gate), old["totals"]["delete"].as_u64().unwrap()), (deleted, deleted + left));
        assert!(old["error"].as_str().unwrap().starts_with(words), "{words}: {old}");
    }
}
