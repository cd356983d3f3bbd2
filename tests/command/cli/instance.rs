//! What an instance file means for the commands.

use std::fs;

use gitlab_sandbox::Server;

use crate::cli::program::{OLD, Program, deletions, seeded, serve};

fn instance(says: &str) -> String {
    format!("version: 1\ninstance: {{ {says} }}\n")
}

fn is_untouched(server: &Server) -> bool {
    server.requests().iter().all(|request| request.method == "GET")
}

#[tokio::test(flavor = "multi_thread")]
async fn another_gitlab_is_refused_before_any_request() {
    let server = serve(seeded(200)).await;
    let theirs = instance("url: https://gitlab.acme.example");
    let program = Program::with(&[("old.yaml", OLD), ("acme.yaml", &theirs)]).against(&server, server.token());
    for arguments in [
        &["plan"][..],
        &["plan", "--quick"],
        &["apply", "--yes"],
        &["plan", "policies/old.yaml"],
        &["serve", "--listen", "127.0.0.1:0"],
    ] {
        let ended = program.run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{arguments:?}");
        for words in ["policies/acme.yaml", "https://gitlab.acme.example", server.url()] {
            assert!(ended.stderr.contains(words), "{words:?} is not in {}", ended.stderr);
        }
    }
    assert_eq!(server.requests().len(), 0);
    // Without a connection there is nothing to compare.
    assert_eq!(program.run(&["check"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_gitlab_is_told_by_its_address_however_it_is_written() {
    let server = serve(seeded(200)).await;
    let host = server.url().strip_prefix("http://").unwrap();
    for url in [server.url().to_owned(), format!("HTTP://{host}/"), format!("http://{host}/api/v4/")] {
        let ours = instance(&format!("url: \"{url}\""));
        let program = Program::with(&[("old.yaml", OLD), ("acme.yaml", &ours)]).against(&server, server.token());
        let ended = program.run(&["plan", "--output", "json"]);
        assert_eq!(ended.code, 0, "{url}: {}", ended.stderr);
    }
}

/// In the embedded sandbox nothing real can be deleted, so a set for a real GitLab can be tried there.
#[test]
fn the_embedded_sandbox_is_no_other_gitlab() {
    let theirs = instance("url: https://gitlab.acme.example");
    let program = Program::with(&[("old.yaml", OLD), ("acme.yaml", &theirs)]);
    let ended = program.run(&["apply", "--yes", "--sandbox", "--output", "json"]);
    assert!(!deletions(&ended.json()).is_empty());
    assert!(ended.json()["policies"][0]["totals"]["by_outcome"]["deleted"].as_u64() > Some(0), "{}", ended.stderr);
    // A pause can be tried there, too.
    fs::write(program.folder().join("policies/acme.yaml"), instance("paused: true")).unwrap();
    assert_eq!(program.run(&["apply", "--yes", "--sandbox"]).code, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paused_or_frozen_is_planned_and_not_deleted() {
    let server = serve(seeded(200)).await;
    let paused = instance("paused: true");
    let frozen = instance("freeze: [{ from: 2020-01-01, to: 2199-12-31, note: an audit }]");
    for (text, words) in [
        (paused, "deletions are paused by policies/acme.yaml"),
        (frozen, "deletions are frozen by policies/acme.yaml until 2200-01-01T00:00:00Z (an audit)"),
    ] {
        let program = Program::with(&[("old.yaml", OLD), ("acme.yaml", &text)]).against(&server, server.token());
        let ended = program.run(&["apply", "--yes", "--output", "json"]);
        assert_eq!(ended.code, 3, "{}", ended.stderr);
        let report = ended.json();
        let policy = &report["policies"][0];
        let count = policy["totals"]["delete"].as_u64().unwrap();
        assert!(count > 20);
        assert_eq!(policy["status"], "partial");
        assert_eq!(policy["totals"]["by_outcome"], serde_json::json!({ "not_attempted": count }));
        assert!(policy["error"].as_str().unwrap().starts_with(words), "{policy}");
        // Once before the plan and once with the report, not once for each package.
        assert!(ended.stderr.starts_with(&format!("warning: {words}")), "{}", ended.stderr);
        assert_eq!(ended.stderr.matches("deletions are").count(), 2, "{}", ended.stderr);
        assert!(is_untouched(&server));
        // A dry run is what it ever was.
        let planned = program.run(&["plan", "--output", "json"]);
        assert_eq!((planned.code, deletions(&planned.json()).len() as u64), (0, count));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ceiling_and_a_requirement_hold_for_every_command() {
    let server = serve(seeded(200)).await;
    let ceiling = instance("ceiling: { max_deletions: 500 }");
    let require = instance("require: [legal-hold]");
    for (text, words) in [
        (ceiling, "policies/old.yaml:5:74: `max_deletions` is beyond the ceiling"),
        (require, "policies/acme.yaml:2:23: `legal-hold` is required"),
    ] {
        let program = Program::with(&[("old.yaml", OLD), ("acme.yaml", &text)]).against(&server, server.token());
        for arguments in [&["check"][..], &["plan"], &["apply", "--yes"], &["plan", "policies/old.yaml"]] {
            let ended = program.run(arguments);
            assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{arguments:?}");
            assert!(ended.stderr.contains(words), "{words:?} is not in {}", ended.stderr);
        }
    }
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_beyond_the_ceiling_is_told_where_to_raise_it() {
    let server = serve(seeded(400)).await;
    let policy = OLD.replace(", max_deletions: 10000", "");
    let ceiling = instance("ceiling: { max_deletions: 5 }");
    let program = Program::with(&[("old.yaml", &policy), ("acme.yaml", &ceiling)]).against(&server, server.token());
    let refused = |arguments: &[&str]| {
        let ended = program.run(arguments);
        assert_eq!(ended.code, 4, "{}", ended.stderr);
        ended.json()["policies"][0]["refusal"].clone()
    };
    let refusal = refused(&["apply", "--yes", "--output", "json"]);
    let wanted = refusal["wanted"].as_u64().unwrap();
    assert_eq!(refusal["allowed"], 5);
    let remedy = format!(
        "`limits: {{ max_deletions: {wanted} }}` in policies/old.yaml, once `ceiling: {{ max_deletions: {wanted} }}` in \
         policies/acme.yaml allows more than 5"
    );
    assert_eq!(refusal["remedy"], remedy);
    assert!(is_untouched(&server));

    // Below the ceiling it is the policy alone that refuses.
    let acme = program.folder().join("policies/acme.yaml");
    fs::write(&acme, instance("ceiling: { max_deletions: 5000 }")).unwrap();
    fs::write(program.folder().join("policies/old.yaml"), OLD.replace("10000", "5")).unwrap();
    let refusal = refused(&["plan", "--output", "json"]);
    assert_eq!(refusal["remedy"], format!("`limits: {{ max_deletions: {wanted} }}` in policies/old.yaml"));

    // And what the remedy says lets the plan pass.
    fs::write(&acme, instance(&format!("ceiling: {{ max_deletions: {wanted} }}"))).unwrap();
    let policy = OLD.replace("10000", &wanted.to_string());
    fs::write(program.folder().join("policies/old.yaml"), policy).unwrap();
    assert_eq!(program.run(&["plan"]).code, 0);
}

#[test]
fn check_says_what_the_instance_file_says() {
    let text = "version: 1\ninstance:\n  url: https://gitlab.acme.example/api/v4\n  paused: true\n\
                \x20 freeze: [{ from: 2020-01-01, to: 2020-01-02 }, { from: 2020-01-01, to: 2199-12-31 }, { from: 2198-01-01, to: 2199-12-31 }]\n\
                \x20 clock: trusted\n  downloads: { tracked_since: 2023-01-01, complete: false }\n\
                \x20 journal: { keep: 2y }\n\
                \x20 require: [old]\n  ceiling: { max_deletions: 10000, max_percent: 100, min_age: 0h }\n";
    let program = Program::with(&[("old.yaml", OLD), ("acme.yaml", text)]);
    let ended = program.run(&["check"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let expected = "policies: old\nprotections: none\n\
                    instance: policies/acme.yaml, for https://gitlab.acme.example, paused, \
                    frozen until 2200-01-01T00:00:00Z, frozen from 2198-01-01T00:00:00Z, \
                    clock trusted, downloads tracked since 2023-01-01, downloads incomplete, journal kept for 2y, requires old, \
                    max_deletions at most 10000, max_percent at most 100, min_age at least 0h\n";
    assert_eq!(ended.stdout, expected);
    let table = [
        ("exception: false, allow_latest: true", "no exceptions"),
        (
            "exception: { max_deletions: 5, max_percent: 6 }",
            "in an exception max_deletions at most 5 and max_percent at most 6",
        ),
        ("allow_latest: false, allow_released: false", "no allow_latest, no allow_released"),
    ];
    for (ceiling, told) in table {
        let text = format!("version: 1\ninstance: {{ ceiling: {{ {ceiling} }} }}\n");
        fs::write(program.folder().join("policies/acme.yaml"), text).unwrap();
        // The policy goes by `allow_latest`.
        fs::write(program.folder().join("policies/old.yaml"), OLD.replace("allow_latest: true, ", "")).unwrap();
        let line = format!("instance: policies/acme.yaml, {told}\n");
        let ended = program.run(&["check"]);
        assert!(ended.stdout.contains(&line), "{}{}", ended.stdout, ended.stderr);
    }
    fs::remove_file(program.folder().join("policies/acme.yaml")).unwrap();
    assert_eq!(program.run(&["check"]).stdout, "policies: old\nprotections: none\ninstance: none\n");
}
