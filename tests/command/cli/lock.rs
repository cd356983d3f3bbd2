//! One run at a time deletes on a GitLab from one machine, wherever its journal and its state lie.

use gitlab_sandbox::Sandbox;

use crate::cli::gate::{Gate, Running};
use crate::cli::program::{OLD, Program, seeded, serve};
use crate::cli::serving::Serving;

fn requests(sandbox: &Sandbox) -> usize {
    sandbox.requests().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_runs_is_told_who_deletes_and_asks_nothing() {
    let mut gate = Gate::new(seeded(400), "DELETE", "/packages/").await;
    let program = Program::with(&[("old.yaml", OLD)]);
    let program = program.env("GITLAB_URL", &gate.url).env("GITLAB_TOKEN", gate.sandbox.token());
    let first = Running::start(&program, &["apply", "--yes", "--journal", "first"]);
    gate.arrival().await;
    let asked = requests(&gate.sandbox);

    // Neither another journal, nor none, nor another spelling of the address is a way around it.
    let elsewhere = format!("{}/api/v4/", gate.url);
    let table: [&[&str]; 2] = [
        &["apply", "--yes", "--journal", "second", "--state-dir", "state"],
        &["apply", "--yes", "--no-journal", "--gitlab-url", &elsewhere],
    ];
    for arguments in table {
        let second = program.run(arguments);
        assert_eq!((second.code, second.stdout.as_str()), (2, ""), "{arguments:?}: {}", second.stderr);
        let holder = format!("process {} (apply)", first.id());
        assert!(second.stderr.contains(&holder) && second.stderr.contains("begin again"), "{}", second.stderr);
    }
    // A daemon that began all the same would not end by itself.
    let serve = [env!("CARGO_BIN_EXE_gleaner"), "serve", "--execute", "--no-journal", "--listen", "127.0.0.1:0"];
    let second = program.command_of("timeout", &[&["-s", "KILL", "30"], &serve[..]].concat()).output().unwrap();
    assert_eq!(second.status.code(), Some(2), "{}", String::from_utf8_lossy(&second.stderr));
    assert_eq!(requests(&gate.sandbox), asked);
    assert!(!program.folder().join("second").exists());
    // A dry run is in nobody's way.
    assert_eq!(program.run(&["plan"]).code, 0);

    gate.open();
    assert_eq!(first.end().code, 0);
    assert_eq!(program.run(&["apply", "--yes", "--journal", "second"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_killed_holds_nobody_up() {
    let mut gate = Gate::new(seeded(400), "DELETE", "/packages/").await;
    let program = Program::with(&[("old.yaml", OLD)]);
    let program = program.env("GITLAB_URL", &gate.url).env("GITLAB_TOKEN", gate.sandbox.token());
    let first = Running::start(&program, &["apply", "--yes", "--journal", "first"]);
    gate.arrival().await;
    first.kill();
    gate.open();
    let second = program.run(&["apply", "--yes", "--journal", "second"]);
    assert!([0, 3].contains(&second.code), "{}", second.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_executes_has_it_for_as_long_as_it_runs_and_one_that_plans_has_not() {
    let server = serve(seeded(400)).await;
    let program = Program::with(&[("old.yaml", OLD)]).against(&server, server.token());
    for (arguments, code) in [(&["--execute", "--journal", "first"][..], 2), (&[], 0)] {
        let daemon = Serving::start(&program, arguments);
        let ended = program.run(&["apply", "--yes", "--journal", "second"]);
        assert_eq!(ended.code, code, "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.stderr.contains("(serve --execute)"), code == 2, "{}", ended.stderr);
        assert_eq!(daemon.terminate().code, Some(0));
    }
}
