//! What somebody reads whose set-up is wrong: one paragraph that says what to do.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::cli::program::{Ended, OLD, Program, seeded, serve};

/// One paragraph on stderr with every one of `words`, and the exit code of a failure.
fn assert_told(ended: &Ended, words: &[&str]) {
    assert_eq!(ended.code, 1, "{}", ended.text());
    let told = ended.text();
    for word in words {
        assert!(told.contains(word), "{word:?} is not in {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token() {
    let server = serve(seeded(50)).await;
    let program = Program::with(&[("old.yaml", OLD)]).env("GITLAB_URL", server.url());
    assert_told(&program.run(&["plan"]), &["group acme", "GITLAB_TOKEN"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_token_that_gitlab_does_not_know() {
    let server = serve(seeded(50)).await;
    let program = Program::with(&[("old.yaml", OLD)]).against(&server, "glpat-nobody-knows-me");
    assert_told(&program.run(&["plan"]), &["the token was refused", "Access tokens"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_token_file_that_is_missing_or_empty() {
    let server = serve(seeded(50)).await;
    let program = Program::with(&[("old.yaml", OLD)]).env("GITLAB_URL", server.url());
    let missing = program.run(&["plan", "--token-file", "nowhere"]);
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("nowhere can't be read"), "{}", missing.stderr);
    std::fs::write(program.folder().join("empty"), "\n").unwrap();
    let empty = program.run(&["plan", "--token-file", "empty"]);
    assert_eq!(empty.code, 2);
    assert!(empty.stderr.contains("empty is empty"), "{}", empty.stderr);
    std::fs::write(program.folder().join("token"), format!("{}\n", server.token())).unwrap();
    let ended = program.run(&["plan", "--token-file", "token"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(!ended.text().contains(server.token()));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_group_that_is_not_there() {
    let server = serve(seeded(50)).await;
    let policy = OLD.replace("acme", "acme/nowhere");
    let program = Program::with(&[("old.yaml", &policy)]).against(&server, server.token());
    assert_told(&program.run(&["plan"]), &["group acme/nowhere is not there", "spelled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_job_token_on_a_group() {
    let server = serve(seeded(50)).await;
    let program =
        Program::with(&[("old.yaml", OLD)]).env("CI_SERVER_URL", server.url()).env("CI_JOB_TOKEN", "glcbt-a-job");
    assert_told(&program.run(&["plan"]), &["CI job's token", "`project:` scopes"]);
}

#[test]
fn with_a_server_that_is_no_gitlab() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let page = "<html>Welcome</html>";
            let _ = write!(
                stream,
                "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
                page.len()
            );
        }
    });
    let program = Program::with(&[("old.yaml", OLD)]).env("GITLAB_URL", &url).env("GITLAB_TOKEN", "glpat-anything");
    assert_told(&program.run(&["plan"]), &["GitLab", &url]);
}

#[test]
fn without_a_gitlab() {
    let program = Program::with(&[("old.yaml", OLD)]);
    let ended = program.run(&["plan"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("--gitlab-url") && ended.stderr.contains("--sandbox"), "{}", ended.stderr);
}

#[test]
fn a_token_is_never_an_argument() {
    let help = Program::with(&[]).run(&["plan", "--help"]);
    assert!(!help.stdout.contains("--token "), "{}", help.stdout);
    assert!(help.stdout.contains("--token-file"), "{}", help.stdout);
}
