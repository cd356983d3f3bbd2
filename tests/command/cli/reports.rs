//! The reports that are kept beside the journal.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::program::{OLD, Program, seeded, serve};
use crate::cli::serving::Serving;

/// The files of a policy's reports below the folder of all journals, the oldest first.
fn kept(program: &Program, journal: &str, policy: &str) -> Vec<PathBuf> {
    let entries = |folder: &Path| -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let gitlabs = entries(&program.folder().join(journal));
    let mut files: Vec<PathBuf> =
        gitlabs.iter().flat_map(|gitlab| entries(&gitlab.join("reports").join(policy))).collect();
    files.sort();
    files
}

fn text(file: &Path) -> &str {
    file.to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn apply_keeps_the_report_of_each_policy_and_it_can_be_rendered() {
    let server = serve(seeded(400)).await;
    let none = OLD.replace("older_than: 200d", "older_than: 20000d");
    let program = Program::with(&[("old.yaml", OLD), ("none.yaml", &none)]).against(&server, server.token());
    let planned = program.run(&["plan", "--policy", "old"]);
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    assert!(!program.folder().join("state-home").exists(), "a dry run leaves no trace");
    let applied = program.run(&["apply", "--yes", "--policy", "old", "--journal", "written"]);
    let files = kept(&program, "written", "old");
    assert_eq!((files.len(), kept(&program, "written", "none").len()), (1, 0), "{}", applied.stderr);
    let rendered = program.run(&["report", text(&files[0])]);
    assert!(applied.stdout.contains("deleted"), "{}", applied.stdout);
    assert_eq!((rendered.code, &rendered.stdout), (0, &applied.stdout));
    for form in ["json", "html", "markdown", "csv"] {
        assert_eq!(program.run(&["report", text(&files[0]), "--output", form]).code, 0, "{form}");
    }
    assert_eq!(
        fs::read_to_string(&files[0]).unwrap(),
        program.run(&["report", text(&files[0]), "--output", "json"]).stdout
    );

    // What is kept in GitLab makes no part of it.
    let all = program.run(&["apply", "--yes", "--all", "--output", "json", "--journal", "written"]).json();
    let listed = all["policies"][1]["decisions"].as_array().unwrap();
    assert!(listed.iter().any(|row| row["verdict"] == "keep"));
    let second = kept(&program, "written", "old");
    assert_eq!((second.len(), kept(&program, "written", "none").len()), (2, 1));
    let second: Value = serde_json::from_str(&fs::read_to_string(&second[1]).unwrap()).unwrap();
    assert_eq!(second["policies"][0]["totals"], all["policies"][1]["totals"]);
    let rows = second["policies"][0]["decisions"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["verdict"] == "delete"));
    assert_eq!(program.run(&["history", "--journal", "written", "--verify"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_can_not_be_kept_is_a_warning_of_apply() {
    let server = serve(seeded(400)).await;
    let program = Program::with(&[("old.yaml", OLD)]).against(&server, server.token());
    let paused = "version: 1\ninstance: { paused: true }\n";
    fs::write(program.folder().join("policies/acme.yaml"), paused).unwrap();
    let before = program.run(&["apply", "--yes", "--journal", "written"]);
    let reports = kept(&program, "written", "old")[0].parent().unwrap().parent().unwrap().to_owned();
    fs::remove_dir_all(&reports).unwrap();
    fs::write(&reports, "").unwrap();
    let ended = program.run(&["apply", "--yes", "--journal", "written"]);
    assert_eq!(ended.code, before.code, "{}", ended.stderr);
    assert!(ended.stderr.contains("warning: the report can't be written to "), "{}", ended.stderr);
    assert_eq!(ended.stderr.matches("the report can't").count(), 1, "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_a_daemon_have_the_reports_of_the_one_before() {
    let server = serve(seeded(400)).await;
    let yearly = format!("{OLD}schedule: \"0 0 1 1 *\"\n");
    let program = Program::with(&[("old.yaml", &yearly)]).against(&server, server.token());
    let options = ["--state-dir", "state", "--run-on-start"];
    let mut first = Serving::start(&program, &options);
    first.line("cycle_ended");
    let page = first.get("/").body;
    assert!(page.contains("href=\"/reports/old/"), "{page}");
    assert_eq!(first.terminate().code, Some(0));

    let files = kept(&program, "state/journal", "old");
    let [file] = files.as_slice() else { panic!("{files:?}") };
    // It has been rehearsed, and nothing runs.
    let second = Serving::start(&program, &["--state-dir", "state"]);
    let name = file.file_stem().unwrap().to_str().unwrap();
    let page = second.until("/", |answer| answer.body.contains("Before the start")).body;
    for form in ["html", "json"] {
        let path = format!("/reports/old/{name}.{form}");
        assert!(page.contains(&format!("href=\"{path}\"")), "{path}: {page}");
        assert_eq!(second.get(&path).status, 200, "{path}");
    }
    assert_eq!(second.get(&format!("/reports/old/{name}.json")).body, fs::read_to_string(file).unwrap());
    assert_eq!(second.get("/reports/old.html").status, 200);
    for path in ["/reports/old/../../../state.json", "/reports/../../state.json", "/reports/old/lock.json"] {
        assert_eq!(second.get(path).status, 404, "{path}");
    }
    let ended = second.terminate();
    assert_eq!((ended.code, ended.events("complaint").len()), (Some(0), 0), "{:#?}", ended.lines);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_reports_are_kept_the_page_says_so_and_the_daemon_goes_on() {
    let server = serve(seeded(400)).await;
    let yearly = format!("{OLD}schedule: \"0 0 1 1 *\"\n");
    let program = Program::with(&[("old.yaml", &yearly)]).against(&server, server.token());
    let program = program.env("XDG_STATE_HOME", "");
    let table: [(&[&str], &str, usize); 3] = [
        (&["--no-journal"], "No reports are kept: `--no-journal` is given", 0),
        (&[], "No reports are kept: no folder is named by --journal or --state-dir, and HOME is not set", 1),
        // A file is in the way.
        (&["--journal", "policies/old.yaml"], "Reports are not kept as they should be: the report can", 1),
    ];
    for (arguments, told, complaints) in table {
        let mut serving = Serving::start(&program, arguments);
        let cycle = serving.line("cycle_ended");
        assert_eq!(cycle["status"], "planned", "{cycle}");
        let page = serving.get("/").body;
        assert!(page.contains(told), "{told}: {page}");
        // The log hears of the end before the page does.
        serving.until("/reports/old.json", |answer| answer.status == 200);
        let ended = serving.terminate();
        assert_eq!((ended.code, ended.events("complaint").len()), (Some(0), complaints), "{:#?}", ended.lines);
    }
}
