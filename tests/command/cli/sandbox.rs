//! `gleaner sandbox`.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cli::program::{OLD, Program, deletions};

/// The ids of everything that a report with `--all` lists.
fn all(report: &Value) -> BTreeSet<u64> {
    let rows = report["policies"][0]["decisions"].as_array().unwrap();
    rows.iter().map(|row| row["id"].as_u64().unwrap()).collect()
}

#[test]
fn serves_until_it_is_told_to_end() {
    // The seeded registry protects an npm package, which would be left over.
    let policy = OLD.replace("group: acme", "group: acme, types: [maven, pypi, generic, nuget]");
    let program = Program::with(&[("old.yaml", &policy)]);
    let mut child = program.command(&["sandbox", "--packages", "300"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(ready["groups"][0], "acme");

    let program =
        program.env("GITLAB_URL", ready["url"].as_str().unwrap()).env("GITLAB_TOKEN", ready["token"].as_str().unwrap());
    let planned = program.run(&["plan", "--output", "json", "--all"]);
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    let going: BTreeSet<u64> = deletions(&planned.json()).into_iter().collect();
    assert!(going.len() > 10);
    let applied = program.run(&["apply", "--yes", "--output", "json"]);
    assert_eq!(applied.code, 0, "{}", applied.stderr);
    let again = program.run(&["plan", "--output", "json", "--all"]).json();
    assert_eq!(deletions(&again), Vec::<u64>::new());
    assert_eq!(all(&again), &all(&planned.json()) - &going);

    let asked = Instant::now();
    let kill = std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(kill.success());
    assert!(child.wait().unwrap().success());
    assert!(asked.elapsed() < Duration::from_secs(5));
}
