//! `gleaner serve` as people and clusters run it.

use std::fs;
use std::net::TcpListener;
use std::time::Duration;

use gitlab_sandbox::faults::{Fault, Kind, Rule};
use gitlab_sandbox::{Faults, Registry, Server, Status};
use serde_json::Value;

use crate::cli::program::{OLD, Program, seeded, serve};
use crate::cli::serving::Serving;

/// Loaded, it is rehearsed; the rest of the year it waits.
fn yearly() -> String {
    format!("{OLD}schedule: \"0 0 1 1 *\"\n")
}

const AT_ONCE: [&str; 3] = ["--execute", "--no-rehearsal", "--run-on-start"];

#[test]
fn pages_probes_and_metrics_answer_until_it_is_terminated() {
    let program = Program::with(&[("old.yaml", &yearly())]);
    let mut serving = Serving::start(&program, &["--sandbox", "--execute", "--state-dir", "made/state"]);
    assert_eq!(serving.get("/livez").status, 200);
    let cycle = serving.line("cycle_ended");
    assert_eq!(
        (&cycle["policy"], &cycle["purpose"], &cycle["status"]),
        (&"old".into(), &"rehearsal".into(), &"planned".into())
    );
    assert!(cycle["delete"].as_u64() > Some(100), "{cycle}");
    serving.until("/readyz", |answer| answer.status == 200);
    serving.until_metric("gleaner_cycles_total{policy=\"old\",status=\"planned\"}", "1");
    let metrics = serving.get("/metrics").body;
    for line in ["gleaner_policies 1", "gleaner_policies_valid 1", "gleaner_paused 0", "gleaner_gitlab_up 1"] {
        assert!(metrics.contains(&format!("\n{line}\n")), "{line} is not in {metrics}");
    }
    assert!(serving.get("/").body.contains("old"));
    let report: Value = serde_json::from_str(&serving.get("/reports/old.json").body).unwrap();
    assert_eq!(report["policies"][0]["totals"]["delete"], cycle["delete"]);
    assert_eq!(serving.get("/reports/old.html").status, 200);
    assert_eq!(serving.get("/reports/new.json").status, 404);

    let ended = serving.terminate();
    assert_eq!((ended.code, ended.events("stopping").len()), (Some(0), 1));
    assert!(ended.took < Duration::from_secs(10), "{:?}", ended.took);
    let state = fs::read_to_string(program.folder().join("made/state/state.json")).unwrap();
    let state: Value = serde_json::from_str(&state).unwrap();
    assert_eq!(state["policies"]["old"]["rehearsed"], report["policies"][0]["policy_sha256"]);
    assert_eq!(state["policies"]["old"]["last"]["status"], "planned");
}

#[test]
fn with_metrics_only_no_page_names_a_package() {
    let program = Program::with(&[("old.yaml", &yearly())]);
    let mut serving = Serving::start(&program, &["--sandbox", "--metrics-only"]);
    serving.line("cycle_ended");
    let status = |path| serving.get(path).status;
    assert_eq!([status("/"), status("/reports/old.json"), status("/reports/old.html")], [404; 3]);
    assert_eq!([status("/metrics"), status("/livez")], [200; 2]);
    assert_eq!(serving.terminate().code, Some(0));
}

/// Everything of the daemon's own that Prometheus sees, but for what reading the files moves.
fn at_rest(metrics: &str) -> Vec<&str> {
    let moves = ["policies_valid", "reloads_total", "requests_total", "request_duration", "rate_limit_remaining"];
    let is_still = |line: &&str| {
        let name = line.strip_prefix("gleaner_");
        name.is_some_and(|name| !moves.iter().any(|moving| name.starts_with(moving)))
    };
    metrics.lines().filter(is_still).collect()
}

#[test]
fn a_hangup_with_a_broken_policy_changes_the_metric_and_the_log_alone() {
    let program = Program::with(&[("old.yaml", &yearly())]);
    let file = program.folder().join("policies/old.yaml");
    let mut serving = Serving::start(&program, &["--sandbox", "--execute"]);
    serving.line("cycle_ended");
    serving.until("/readyz", |answer| answer.status == 200);
    serving.until_metric("gleaner_cycles_total{policy=\"old\",status=\"planned\"}", "1");
    // That scrape may have read other figures before the cycle ended.
    let before = serving.get("/metrics").body;
    let report = serving.get("/reports/old.json").body;

    fs::write(&file, yearly().replace("older_than", "older_then")).unwrap();
    serving.signal("-HUP");
    let problem = serving.line("policies_not_loaded")["problem"].as_str().unwrap().to_owned();
    assert!(problem.contains("policies/old.yaml:4:") && problem.contains("older_then"), "{problem}");
    let broken = serving.until_metric("gleaner_policies_valid", "0");
    assert_eq!(at_rest(&broken), at_rest(&before));
    assert_eq!(serving.get("/reports/old.json").body, report);
    assert_eq!((serving.get("/readyz").status, serving.get("/livez").status), (200, 200));
    // The files are looked at by themselves as well; but only a signal has the same ones read again.
    serving.signal("-HUP");
    assert_eq!(serving.line("policies_not_loaded")["problem"], problem);

    fs::write(&file, yearly()).unwrap();
    serving.signal("-HUP");
    serving.line("policies_loaded");
    serving.until_metric("gleaner_policies_valid", "1");
    serving.signal("-HUP");
    serving.line("policies_loaded");
    let ended = serving.terminate();
    assert_eq!((ended.code, ended.events("cycle_ended").len()), (Some(0), 1), "nothing had changed");
}

/// Whatever else was written at the same moment: to say what looks wrong in it takes longer than to obey.
#[test]
fn patterns_that_are_much_work_hold_up_neither_a_protection_nor_a_signal() {
    let program = Program::with(&[("old.yaml", &yearly())]);
    let mut serving = Serving::start(&program, &["--sandbox", "--execute"]);
    let cycle = serving.line("cycle_ended");
    assert!(cycle["delete"].as_u64() > Some(100), "{cycle}");
    let write = |name: &str, text: &str| fs::write(program.folder().join("policies").join(name), text).unwrap();
    let rules = |count: usize, pattern: fn(usize) -> String| -> String {
        (0..count).map(|number| format!("  - {{ older_than: 30d, name: '{}' }}\n", pattern(number))).collect()
    };
    let hard = rules(80, |number| format!("/(a|b)*a(a|b){{17}}c{number}/"));
    // Each can be held against each, and none is soon told from another.
    let long = rules(200, |number| format!("/(a|b)*a(a|b){{9}}(c|d{number})/"));
    write("hard.yaml", &format!("version: 1\nscope: {{ group: acme }}\ndelete:\n{hard}{long}"));
    write("hold.yaml", "version: 1\nprotect: [{ name: \"**\" }]\n");
    serving.signal("-HUP");
    serving.line("policies_loaded");
    let cycle = loop {
        let cycle = serving.line("cycle_ended");
        if cycle["policy"] == "old" {
            break cycle;
        }
    };
    assert_eq!((&cycle["purpose"], &cycle["delete"]), (&"rehearsal".into(), &0.into()), "{cycle}");
    let ended = serving.terminate();
    assert_eq!((ended.code, ended.events("stopping").len()), (Some(0), 1));
    assert!(ended.took < Duration::from_secs(10), "{:?}", ended.took);
}

/// Tokens are renewed by whoever mounts their file.
#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_has_the_token_tried_that_is_in_its_file_now() {
    let server = serve(seeded(200)).await;
    let program = Program::with(&[("old.yaml", &yearly())]).env("GITLAB_URL", server.url());
    let file = program.folder().join("token");
    fs::write(&file, "glpat-of-yesterday").unwrap();
    let mut serving = Serving::start(&program, &["--token-file", "token"]);
    let problem = serving.line("gitlab_not_connected")["problem"].as_str().unwrap().to_owned();
    assert!(problem.contains("token"), "{problem}");
    assert_eq!(serving.get("/readyz").status, 503);
    fs::write(&file, server.token()).unwrap();
    serving.signal("-HUP");
    serving.line("gitlab_connected");
    serving.until("/readyz", |answer| answer.status == 200);
    assert_eq!(serving.terminate().code, Some(0));
}

#[test]
fn what_can_not_begin_says_why_and_does_not_listen() {
    let broken = yearly().replace("older_than", "older_then");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let listen = ["--listen", taken.as_str()];
    let table: [(&str, &[&str], i32, &[&str]); 7] = [
        (&broken, &[], 2, &["policies/old.yaml:4:12", "did you mean `older_than`?"]),
        ("version: 1\nprotect: [{ name: app }]\n", &[], 2, &["the set has no policy"]),
        (&yearly(), &["nowhere.yaml"], 2, &["can't read nowhere.yaml"]),
        (&yearly(), &["--state-dir", "policies/old.yaml/state"], 2, &["the folder for the state", "can't be made"]),
        (&yearly(), &["--no-rehearsal"], 2, &["--execute"]),
        (&yearly(), &["--concurrent-cycles", "0"], 2, &["--concurrent-cycles"]),
        (&yearly(), &listen, 1, &["can't listen on 127.0.0.1", "in use"]),
    ];
    for (policy, arguments, code, words) in table {
        let program = Program::with(&[("old.yaml", policy)]);
        // One that begins all the same would never end by itself.
        let mut all = vec!["60", env!("CARGO_BIN_EXE_gleaner"), "serve", "--sandbox"];
        if !arguments.contains(&"--listen") {
            all.extend(["--listen", "127.0.0.1:0"]);
        }
        all.extend(arguments);
        let output = program.command_of("timeout", &all).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(code), &[][..]), "{arguments:?}: {stderr}");
        for word in words {
            assert!(stderr.contains(word), "{word:?} is not in {stderr}");
        }
        assert!(!stderr.contains("listening") && !stderr.contains("glpat-"), "{stderr}");
    }
}

#[test]
fn a_set_without_a_gitlab_is_bad_usage() {
    let ended = Program::with(&[("old.yaml", &yearly())]).run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("no GitLab is named"), "{}", ended.stderr);
}

#[test]
fn a_gitlab_that_is_down_is_no_reason_not_to_start() {
    // Taken and let go of again, so that nobody answers there.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let program = Program::with(&[("old.yaml", &yearly())])
        .env("GITLAB_URL", &format!("http://{nobody}"))
        .env("GITLAB_TOKEN", "glpat-of-nobody");
    let mut serving = Serving::start(&program, &["--execute"]);
    serving.line("policies_loaded");
    let ready = serving.until("/readyz", |answer| answer.body == "GitLab has not answered yet\n");
    assert_eq!(ready.status, 503);
    assert_eq!(serving.get("/livez").status, 200);
    serving.until_metric("gleaner_requests_total{code=\"none\",method=\"GET\"}", "2");
    assert!(serving.get("/metrics").body.contains("\ngleaner_gitlab_up 0\n"));
    let ended = serving.terminate();
    assert_eq!(ended.code, Some(0));
    assert!(ended.took < Duration::from_secs(10), "{:?}", ended.took);
}

/// Lines are for machines where nobody reads them, and for people where that is asked for.
#[test]
fn the_log_is_json_unless_text_is_asked_for() {
    let lint = yearly().replace("group: acme", "group: acme, types: [maven, oci]");
    let program = Program::with(&[("old.yaml", &lint)]);
    let mut serving = Serving::start(&program, &["--sandbox"]);
    serving.line("cycle_ended");
    serving.once("complaint");
    serving.until("/readyz", |answer| answer.status == 200);
    let ended = serving.terminate();
    let lines = ended.lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let names: Vec<String> = lines.map(|line| line["event"].as_str().unwrap().to_owned()).collect();
    let mut sorted = names.clone();
    sorted.sort();
    let expected = ["complaint", "cycle_ended", "gitlab_connected", "listening", "policies_loaded", "stopping"];
    assert_eq!(sorted, expected, "what looks wrong in the policies is a line as well");
    assert_eq!((names[0].as_str(), names.last().unwrap().as_str()), ("listening", "stopping"));

    let program = Program::with(&[("old.yaml", &yearly())]);
    let mut child = program
        .command(&["serve", "--sandbox", "--listen", "127.0.0.1:0", "--log-format", "text"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stderr = std::io::BufReader::new(child.stderr.take().unwrap());
    std::io::BufRead::read_line(&mut stderr, &mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.contains(" INFO ") && line.contains("event=\"listening\""), "{line}");
}

/// A GitLab of so many packages, that takes so long to answer a deletion.
async fn slow(packages: usize, millis: u64) -> (Server, Program) {
    let server = serve(npm(packages)).await;
    server.set_faults(Faults::new(0).with(Rule::new(Fault::SlowBody { millis }).kind(Kind::DeletePackage)));
    let policy = yearly()
        .replace("group: acme", "group: acme, types: [npm]")
        .replace("older_than: 200d, not_downloaded_for: 200d", "older_than: 4d");
    let program = Program::with(&[("old.yaml", &policy)]).against(&server, server.token());
    (server, program)
}

/// Its npm packages alone, without what protects them and what would have their files looked up.
fn npm(packages: usize) -> Registry {
    let mut registry = seeded(packages);
    registry.protection_rules.clear();
    registry.projects.iter_mut().for_each(|project| project.releases.clear());
    registry
}

/// How many packages GitLab still lets anybody see.
fn present(server: &Server) -> usize {
    server.packages().iter().filter(|package| package.status != Status::PendingDestruction).count()
}

/// Waits until as many deletions are under way as may be.
async fn until_under_way(server: &Server) {
    while deletes(server) < 4 {
        tokio::task::yield_now().await;
    }
}

fn deletes(server: &Server) -> usize {
    server.requests().iter().filter(|request| request.method == "DELETE").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_in_the_middle_of_deletions_finishes_what_is_in_flight() {
    let (server, program) = slow(1_500, 1_000).await;
    let before = present(&server);
    let serving = Serving::start(&program, &AT_ONCE);
    until_under_way(&server).await;
    let ended = serving.terminate();
    assert_eq!(ended.code, Some(0));
    assert!(ended.took < Duration::from_secs(30), "{:?}", ended.took);
    let cycles = ended.events("cycle_ended");
    let [cycle] = cycles.as_slice() else { panic!("{cycles:?}") };
    let figure = |name: &str| cycle[name].as_u64().unwrap();
    let left = figure("delete") - figure("deleted");
    assert!(figure("deleted") >= 4 && left > 4, "{cycle}");
    assert_eq!(cycle["status"], "partial");
    assert_eq!(cycle["error"], format!("planned deletions that were not done or not confirmed: {left}"));
    assert_eq!(ended.events("deletion").len() as u64, figure("deleted"));
    assert_eq!((before - present(&server)) as u64, figure("deleted"));
    assert_eq!(deletes(&server) as u64, figure("deleted"));
    let order: Vec<_> =
        ended.lines.iter().filter(|line| line.contains("stopping") || line.contains("cycle_ended")).collect();
    assert!(order.len() == 2 && order[0].contains("stopping"), "{order:?}");
}

/// Who asks twice doesn't want to wait.
#[tokio::test(flavor = "multi_thread")]
async fn the_second_signal_ends_it_at_once() {
    let (server, program) = slow(1_500, 60_000).await;
    let mut serving = Serving::start(&program, &AT_ONCE);
    serving.until_metric("gleaner_cycle_running{policy=\"old\"}", "1");
    until_under_way(&server).await;
    serving.signal("-TERM");
    serving.line("stopping");
    serving.signal("-TERM");
    let ended = serving.end();
    assert_eq!((ended.code, ended.events("cycle_ended").len()), (Some(143), 0));
    assert!(ended.took < Duration::from_secs(5), "{:?}", ended.took);
}
