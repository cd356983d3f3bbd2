//! Output that nobody can read: a pipe that was closed, a disk that is full.

use std::fs::File;
use std::process::{Output, Stdio};

use gitlab_sandbox::Status;

use crate::cli::program::{OLD, Program, seeded, serve};

const FORMS: [&str; 5] = ["table", "json", "csv", "markdown", "html"];

/// Runs it with a stdout that takes nothing.
fn run(program: &Program, arguments: &[&str], stdout: &str) -> Output {
    let mut command = program.command(arguments);
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    if stdout == "full" {
        command.stdout(File::options().write(true).open("/dev/full").unwrap());
    } else {
        // Nobody reads from this pipe any more.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        command.stdout(writer);
    }
    command.spawn().unwrap().wait_with_output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_cant_be_written_is_an_error_in_every_form() {
    let server = serve(seeded(100)).await;
    let program = Program::with(&[("old.yaml", OLD)]).against(&server, server.token());
    for form in FORMS {
        for (stdout, why) in [("closed", "Broken pipe"), ("full", "No space left on device")] {
            let ended = run(&program, &["plan", "--output", form], stdout);
            let told = String::from_utf8(ended.stderr).unwrap();
            assert_eq!(ended.status.code(), Some(1), "{form} {stdout}: {told}");
            assert!(
                told.contains(&format!("error: not everything could be written to stdout: {why}")),
                "{form}: {told}"
            );
        }
    }
    for arguments in [&["check"][..], &["schema"], &["check", "--explain", "rule-adds-nothing"]] {
        let ended = run(&program, arguments, "full");
        let told = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}: {told}");
        assert!(told.contains("error: not everything could be written to stdout: "), "{arguments:?}: {told}");
    }
}

/// The report has every deletion, and nobody can read it.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_is_told_beside_a_report_that_cant_be_written() {
    for form in FORMS {
        let mut registry = seeded(100);
        registry.protection_rules.clear();
        let server = serve(registry).await;
        let gone = || server.packages().iter().filter(|package| package.status == Status::PendingDestruction).count();
        let before = gone();
        let program = Program::with(&[("old.yaml", OLD)]).against(&server, server.token());
        let ended = run(&program, &["apply", "--yes", "--output", form], "closed");
        let told = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{form}: {told}");
        let deleted = gone() - before;
        assert!(deleted > 0);
        let count = format!("packages deleted: {deleted}; files deleted: 0; deletions that are not confirmed: 0\n");
        assert!(told.contains(&count), "{form}: {told}");
    }
}
