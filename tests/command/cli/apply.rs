//! `gleaner apply`.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Stdio;

use gitlab_sandbox::faults::{Body, Fault, Kind, Rule, Throttle, When};
use gitlab_sandbox::{Clock, Faults, Options, Server, Status};
use jiff::{SignedDuration, Timestamp};

use crate::cli::program::{OLD, Program, deletions, seeded, serve, token_of};

fn present(server: &Server) -> BTreeSet<u64> {
    let packages = server.packages();
    packages.iter().filter(|package| package.status != Status::PendingDestruction).map(|package| package.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_applied_is_what_was_planned_and_then_nothing_is_left() {
    let mut registry = seeded(400);
    registry.protection_rules.clear();
    let server = serve(registry).await;
    let program = Program::with(&[("old.yaml", OLD)]).against(&server, server.token());
    let before = present(&server);
    let planned: BTreeSet<u64> = deletions(&program.run(&["plan", "--output", "json"]).json()).into_iter().collect();
    assert!(planned.len() > 20);
    assert_eq!(present(&server), before);

    let applied = program.run(&["apply", "--yes", "--output", "json"]);
    assert_eq!(applied.code, 0, "{}", applied.stderr);
    let report = applied.json();
    assert_eq!(report["policies"][0]["status"], "executed");
    assert_eq!(report["policies"][0]["totals"]["by_outcome"]["deleted"], planned.len());
    let gone: BTreeSet<u64> = before.difference(&present(&server)).copied().collect();
    assert_eq!(gone, planned);

    let again = program.run(&["plan", "--output", "json"]);
    assert_eq!((again.code, deletions(&again.json())), (0, vec![]));
    let again = program.run(&["apply", "--yes"]);
    assert_eq!(again.code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_in_dry_run_is_planned_and_never_executed() {
    let server = serve(seeded(400)).await;
    let before = present(&server);
    let dry = OLD.replace("mode: delete\n", "");
    let program = Program::with(&[("old.yaml", &dry)]).against(&server, server.token());
    let ended = program.run(&["apply", "--yes"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("mode: delete"), "{}", ended.stderr);
    // Beside one that may delete, it is still only planned.
    let errors = "version: 1\nmode: delete\nscope: { group: acme }\ndelete: [{ status: error, older_than: 1d }]\n";
    let program = Program::with(&[("old.yaml", &dry), ("errors.yaml", errors)]).against(&server, server.token());
    let report = program.run(&["apply", "--yes", "--output", "json"]).json();
    assert_eq!(report["policies"][1]["policy"], "old");
    assert_eq!(report["policies"][1]["status"], "planned");
    let gone: BTreeSet<u64> = before.difference(&present(&server)).copied().collect();
    let errors = report["policies"][0]["decisions"].as_array().unwrap();
    assert!(!errors.is_empty());
    assert_eq!(gone, errors.iter().map(|row| row["id"].as_u64().unwrap()).collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_only_read_deletes_nothing() {
    let registry = seeded(400);
    let reading = token_of(&registry, 40, "read_api");
    let server = serve(registry).await;
    let before = present(&server);
    let program = Program::with(&[("old.yaml", OLD)]).against(&server, &reading);
    let ended = program.run(&["apply", "--yes", "--output", "json"]);
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    assert!(ended.stderr.contains("scope"), "{}", ended.stderr);
    assert_eq!(ended.json()["policies"][0]["status"], "partial");
    assert_eq!(present(&server), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_that_breaks_off_deletes_nothing() {
    let server = serve(seeded(1_200)).await;
    let before = present(&server);
    // A wait that nobody has time for, so that the walk fails at once.
    let fault = Fault::TooManyRequests(Throttle::Seconds(600));
    server.set_faults(Faults::new(0).with(Rule::new(fault).kind(Kind::GroupPackages).page(7)));
    let program = Program::with(&[("old.yaml", OLD)]).against(&server, server.token());
    for command in [&["plan"][..], &["apply", "--yes"]] {
        let ended = program.run(&[command, &["--output", "json"]].concat());
        assert_eq!(ended.code, 1);
        let report = ended.json();
        assert_eq!(report["policies"][0]["status"], "failed");
        assert_eq!(deletions(&report), Vec::<u64>::new());
        assert!(ended.stderr.contains("page 7"), "{}", ended.stderr);
    }
    assert_eq!(present(&server), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_warning_of_a_retry_escapes_hidden_characters() {
    let server = serve(seeded(50)).await;
    let fault = Fault::Status { code: 503, body: Body::Message("no\u{202e}pe".to_owned()) };
    server.set_faults(Faults::new(0).with(Rule::new(fault).kind(Kind::GroupPackages).when(When::First(1))));
    let program = Program::with(&[("old.yaml", OLD)]).against(&server, server.token());
    let ended = program.run(&["plan", "--output", "json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stderr.contains(r"no\u{202e}pe") && ended.stderr.contains("try 2 of"), "{}", ended.stderr);
    assert!(!ended.stderr.contains('\u{202e}'), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_that_gitlab_protects_makes_the_run_partial() {
    let mut registry = seeded(1_500);
    let victim = registry.packages.iter().find(|package| package.status == Status::Error).unwrap().clone();
    registry.protection_rules.push(gitlab_sandbox::ProtectionRule {
        project_id: victim.project_id,
        package_type: victim.package_type.clone(),
        package_name_pattern: victim.name.clone(),
        minimum_access_level_for_delete: Some(50),
    });
    // A maintainer is held back by the rule; an owner would not be.
    let maintainer = token_of(&registry, 40, "api");
    let server = serve(registry).await;
    // Told of the rule, gleaner would not try.
    let forbidden = Fault::Status { code: 403, body: Body::Json };
    server.set_faults(Faults::new(0).with(Rule::new(forbidden).kind(Kind::ProtectionRules)));
    let errors =
        "version: 1\nmode: delete\nscope: { group: acme }\ndelete: [{ status: error }]\nlimits: { min_age: 0h }\n";
    let program = Program::with(&[("errors.yaml", errors)]).against(&server, &maintainer);
    let ended = program.run(&["apply", "--yes", "--output", "json"]);
    assert_eq!(ended.code, 3);
    let report = ended.json();
    let outcomes = &report["policies"][0]["totals"]["by_outcome"];
    assert!(outcomes["forbidden"].as_u64() >= Some(1) && outcomes["deleted"].as_u64() >= Some(1), "{outcomes}");
    assert!(present(&server).contains(&victim.id));
    assert!(ended.stderr.contains("protected"), "{}", ended.stderr);
}

/// In a pipe, a job, or a container nobody sees a question, whatever comes in.
#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_can_be_asked_nothing_is_done_unless_the_command_says_yes() {
    let server = serve(seeded(400)).await;
    let program = Program::with(&[("old.yaml", OLD)]).against(&server, server.token());
    let count = deletions(&program.run(&["plan", "--output", "json"]).json()).len();
    assert!(count > 20);
    let before = server.requests().len();
    for typed in [None, Some("n\n".to_owned()), Some("yes\n".to_owned()), Some(format!("{count}\n"))] {
        let stdin = if typed.is_some() { Stdio::piped() } else { Stdio::null() };
        let mut command = program.command(&["apply"]);
        let mut child = command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        if let (Some(stdin), Some(typed)) = (&mut child.stdin, &typed) {
            // The program may have ended before it is told.
            let _ = stdin.write_all(typed.as_bytes());
        }
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{typed:?}: {told}");
        assert!(told.contains("--yes") && told.contains("gleaner plan"), "{told}");
        assert!(output.stdout.is_empty());
    }
    assert_eq!(server.requests().len(), before);
    assert_eq!(program.run(&["apply", "--yes", "--output", "json"]).json()["policies"][0]["status"], "executed");
}

/// Once, however many policies there are; and only whoever is told by GitLab.
#[tokio::test(flavor = "multi_thread")]
async fn an_administrators_token_is_warned_of() {
    let warning = "warning: the token is an administrator's: GitLab's own protection rules don't bind it; use the token of \
                   a user with the Maintainer role in the groups";
    let warnings = |stderr: &str| stderr.lines().filter(|line| *line == warning).count();
    let forbidden = Rule::new(Fault::Status { code: 403, body: Body::Json }).path("/api/v4/user");
    for (is_admin, faults, expected) in
        [(true, Faults::default(), 1), (false, Faults::default(), 0), (true, Faults::new(0).with(forbidden), 0)]
    {
        let mut registry = seeded(100);
        registry.users.iter_mut().for_each(|user| user.admin = is_admin);
        let server = serve(registry).await;
        server.set_faults(faults);
        let both = [("old.yaml", OLD), ("older.yaml", OLD)];
        let program = Program::with(&both).against(&server, server.token());
        let asked = |server: &Server| server.requests().iter().filter(|request| request.path == "/api/v4/user").count();
        for (number, command) in [&["plan"][..], &["apply", "--yes"]].into_iter().enumerate() {
            let ended = program.run(command);
            assert_eq!((ended.code, warnings(&ended.stderr)), (0, expected), "{command:?}: {}", ended.stderr);
            assert_eq!(asked(&server), number + 1, "{command:?}");
        }
        // What can't be applied is not worth the request.
        assert_eq!(warnings(&program.run(&["plan", "--quick"]).stderr), 0);
        assert_eq!(asked(&server), 2);
    }
}

/// The clocks are three minutes apart, which is not enough to stop.
#[tokio::test(flavor = "multi_thread")]
async fn ages_count_from_gitlabs_clock_where_that_is_behind() {
    let behind = SignedDuration::from_mins(3);
    let real = Clock::default();
    let began = real.now();
    let clock = Clock::new(move || real.now() - behind);
    let server = Server::start(seeded(100), Options { clock, ..Options::default() }).await.unwrap();
    let program = Program::with(&[("old.yaml", OLD)]).against(&server, server.token());
    for arguments in [&["plan", "--output", "json"][..], &["apply", "--yes", "--output", "json"]] {
        let ended = program.run(arguments);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let as_of: Timestamp = ended.json()["as_of"].as_str().unwrap().parse().unwrap();
        let (earliest, latest) = (began - behind - SignedDuration::from_secs(2), Clock::default().now() - behind);
        assert!(earliest <= as_of && as_of <= latest, "{earliest} {as_of} {latest}");
    }
    // An instant that was asked for is that instant.
    let planned = program.run(&["plan", "--as-of", "2030-01-01", "--output", "json"]);
    assert_eq!(planned.json()["as_of"], "2030-01-01T00:00:00Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gitlab_that_tells_no_time_has_nothing_deleted_unless_the_clock_is_trusted() {
    let trusted = "version: 1\ninstance: { clock: trusted }\n";
    for (instance, code) in [("version: 1\ninstance: { paused: false }\n", 3), (trusted, 0)] {
        let mut registry = seeded(100);
        registry.protection_rules.clear();
        let server = Server::start(registry, Options { tells_time: false, ..Options::default() }).await.unwrap();
        let program = Program::with(&[("old.yaml", OLD), ("instance.yaml", instance)]);
        let program = program.against(&server, server.token());
        let ended = program.run(&["apply", "--yes", "--output", "json"]);
        assert_eq!(ended.code, code, "{}", ended.stderr);
        let told =
            ended.stderr.contains("no answer of GitLab tells the time") && ended.stderr.contains("`clock: trusted`");
        assert_eq!(told, code == 3, "{}", ended.stderr);
        let deletes = server.requests().iter().filter(|request| request.method == "DELETE").count();
        assert_eq!(deletes == 0, code == 3);
    }
}
