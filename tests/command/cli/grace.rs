//! `grace` on the command line: where marks are kept, who sets them, and what is said.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::cli::program::{OLD, Program, deletions, seeded, serve};

fn patient() -> String {
    OLD.replace("version: 1\n", "version: 1\ngrace: 7d\n")
}

fn marks(program: &Program) -> PathBuf {
    program.folder().join("state/marks.json")
}

fn read(program: &Program) -> Value {
    serde_json::from_str(&fs::read_to_string(marks(program)).unwrap()).unwrap()
}

const STATE: [&str; 4] = ["--output", "json", "--state-dir", "state"];

#[tokio::test(flavor = "multi_thread")]
async fn a_grace_without_a_state_that_lasts_is_bad_usage() {
    let server = serve(seeded(200)).await;
    let program = Program::with(&[("old.yaml", &patient())]).against(&server, server.token());
    for arguments in [&["apply", "--yes"][..], &["serve", "--execute", "--listen", "127.0.0.1:0"]] {
        let ended = program.run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{arguments:?}: {}", ended.stderr);
        for words in ["the policy old has a `grace`", "--state-dir"] {
            assert!(ended.stderr.contains(words), "{words:?} is not in {}", ended.stderr);
        }
    }
    assert_eq!(server.requests().len(), 0);
    // A dry run has nothing to remember.
    let planned = program.run(&["plan", "--output", "json"]);
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    let totals = &planned.json()["policies"][0]["totals"];
    assert_eq!((&totals["waiting"], &totals["oldest_mark"]), (&totals["delete"], &Value::Null));
    let table = program.run(&["plan"]).stdout;
    assert!(table.contains("not marked yet, and goes 7d after it is, by grace: 7d"), "{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn apply_marks_first_and_deletes_what_is_of_age() {
    let server = serve(seeded(200)).await;
    let program = Program::with(&[("old.yaml", &patient())]).against(&server, server.token());
    let plan = [&["plan"][..], &STATE].concat();
    let apply = [&["apply", "--yes"][..], &STATE].concat();
    let before = program.run(&plan);
    assert_eq!((before.code, marks(&program).exists()), (0, false), "plan sets no marks: {}", before.stderr);

    let first = program.run(&apply);
    let named = deletions(&first.json());
    assert!(named.len() > 20, "{}", first.stderr);
    assert_eq!(
        (first.code, named.len() as u64),
        (0, first.json()["policies"][0]["totals"]["by_outcome"]["marked"].as_u64().unwrap())
    );
    let as_of = first.json()["as_of"].clone();
    let row = first.json()["policies"][0]["decisions"][0].clone();
    assert_eq!((&row["marked_since"], &row["outcome"], &row["problem"]), (&as_of, &"marked".into(), &Value::Null));
    assert!(row["goes_from"].as_str() > as_of.as_str(), "{row}");
    assert!(server.requests().iter().all(|request| request.method == "GET"));

    // Everybody is shown them, and nobody who only plans changes them.
    let written = fs::read_to_string(marks(&program)).unwrap();
    let shown = program.run(&plan).json();
    assert_eq!(shown["policies"][0]["decisions"][0]["marked_since"], as_of);
    let later = program.run(&[&plan[..], &["--as-of", "+8d"]].concat()).json();
    assert_eq!(later["policies"][0]["decisions"][0]["goes_from"], Value::Null, "by then it is due");
    let forms = ["table", "csv", "html", "markdown"]
        .map(|form| program.run(&["plan", "--output", form, "--state-dir", "state"]).stdout);
    assert!(forms.iter().all(|form| form.contains(as_of.as_str().unwrap())), "{forms:?}");
    assert_eq!(fs::read_to_string(marks(&program)).unwrap(), written);

    // All but one have been marked for long.
    let mut old = read(&program);
    for (id, mark) in old["policies"]["old"]["packages"].as_object_mut().unwrap() {
        if *id != named[0].to_string() {
            mark["since"] = "2020-01-01T00:00:00Z".into();
        }
    }
    fs::write(marks(&program), old.to_string()).unwrap();
    let second = program.run(&apply);
    let outcomes = &second.json()["policies"][0]["totals"]["by_outcome"];
    assert_eq!(
        (second.code, outcomes),
        (0, &serde_json::json!({ "deleted": named.len() - 1, "marked": 1 })),
        "{}",
        second.stderr
    );
    let left = read(&program);
    assert_eq!(
        left["policies"]["old"]["packages"].as_object().unwrap().keys().collect::<Vec<_>>(),
        [&named[0].to_string()]
    );
}

/// A run that is narrowed to a policy leaves those of the others alone, and one that is narrowed to projects sets none.
#[tokio::test(flavor = "multi_thread")]
async fn a_narrowed_run_leaves_alone_what_it_does_not_look_at() {
    let server = serve(seeded(200)).await;
    let second = patient().replace("grace: 7d", "grace: 8d");
    let program = Program::with(&[("old.yaml", &patient()), ("other.yaml", &second)]).against(&server, server.token());
    let apply = |more: &[&str]| program.run(&[&["apply", "--yes"][..], &STATE, more].concat());
    assert_eq!(apply(&["--policy", "other"]).code, 0);
    let policies = |value: &Value| value["policies"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let of_other = read(&program);
    assert_eq!(policies(&of_other), ["other"]);
    assert_eq!(apply(&["--policy", "old"]).code, 0);
    let of_both = read(&program);
    assert_eq!(
        (policies(&of_both), &of_both["policies"]["other"]),
        (vec!["old".to_owned(), "other".to_owned()], &of_other["policies"]["other"])
    );
    assert_eq!(apply(&["--project", "acme/**"]).code, 0);
    assert_eq!(read(&program), of_both);
    fs::remove_file(marks(&program)).unwrap();
    assert_eq!(apply(&["--project", "acme/**"]).code, 0);
    assert!(!marks(&program).exists(), "no mark is set");
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_that_can_not_be_understood_are_left_as_they_are() {
    let server = serve(seeded(200)).await;
    let program = Program::with(&[("old.yaml", &patient())]).against(&server, server.token());
    fs::create_dir(program.folder().join("state")).unwrap();
    for damaged in ["{", "{\"version\": 2, \"instance\": \"x\", \"policies\": {}}"] {
        fs::write(marks(&program), damaged).unwrap();
        for command in [&["apply", "--yes"][..], &["plan"]] {
            let ended = program.run(&[command, &STATE].concat());
            assert_eq!(ended.code, 2, "{command:?}: {}", ended.stderr);
            assert!(ended.stderr.contains("marks.json can't be used"), "{}", ended.stderr);
        }
        assert_eq!(fs::read_to_string(marks(&program)).unwrap(), damaged);
    }
}

/// On a terminal nobody is asked about what waits; a policy that is wrong is told.
#[test]
fn a_grace_is_read_strictly() {
    let table = [
        ("grace: 0d", "a grace of no time lets everything go at once"),
        ("grace: 7m", "minutes or months?"),
        ("grace: []", "grace"),
    ];
    for (key, words) in table {
        let program = Program::with(&[("old.yaml", &OLD.replace("version: 1\n", &format!("version: 1\n{key}\n")))]);
        let ended = program.run(&["check"]);
        assert_eq!(ended.code, 2, "{key}");
        assert!(ended.stderr.contains(words), "{words:?} is not in {}", ended.stderr);
    }
    for (kind, words) in [
        ("protect: [{ name: app }]", "`grace` does not go with `protect`"),
        ("instance: { paused: true }", "`grace` does not go with `instance`"),
    ] {
        let program = Program::with(&[("old.yaml", OLD), ("more.yaml", &format!("version: 1\n{kind}\ngrace: 7d\n"))]);
        let ended = program.run(&["check"]);
        assert_eq!(ended.code, 2, "{kind}");
        assert!(ended.stderr.contains(words), "{words:?} is not in {}", ended.stderr);
    }
}
