//! `gleaner plan` and `gleaner check`.

use gitlab_sandbox::{PackageType, Token};

use crate::cli::program::{OLD, Program, deletions, seeded, serve, token_of};

#[test]
fn the_shipped_policies_over_the_embedded_sandbox() {
    let program = Program::with(&[]);
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");
    assert_eq!(program.run(&["check", policies]).code, 0);
    let ended = program.run(&["plan", "--sandbox", "--output", "json", "--all", policies]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let report = ended.json();
    let policies = report["policies"].as_array().unwrap();
    assert!(policies.iter().any(|policy| policy["scanned"].as_u64() >= Some(5_000)));
    for policy in policies {
        assert_eq!(policy["status"], "planned");
        assert!(policy["totals"]["delete"].as_u64() > Some(0), "{} deletes nothing", policy["policy"]);
        let rules = policy["rules"].as_array().unwrap().iter();
        for rule in rules.filter(|rule| !rule["rule"].as_str().unwrap().contains("protect")) {
            assert!(rule["matched"].as_u64() > Some(0), "{} of {} matches nothing", rule["rule"], policy["policy"]);
        }
    }
    let rows = policies.iter().flat_map(|policy| policy["decisions"].as_array().unwrap());
    let projects: std::collections::BTreeSet<_> = rows.map(|row| row["project_path"].as_str()).collect();
    assert!(projects.len() >= 20, "{projects:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reporters_dry_run_is_a_maintainers_marked_as_not_permitted() {
    let mut registry = seeded(400);
    // Which packages GitLab protects is told to maintainers alone.
    registry.protection_rules.clear();
    let reporter = token_of(&registry, 20, "api");
    let server = serve(registry).await;
    let as_maintainer = Program::with(&[("old.yaml", OLD)]).against(&server, server.token());
    let as_reporter = Program::with(&[("old.yaml", OLD)]).against(&server, &reporter);
    let arguments = ["plan", "--output", "json", "--all", "--as-of", "2031-01-01"];
    let mut theirs = as_reporter.run(&arguments).json();
    let ours = as_maintainer.run(&arguments).json();
    let denied = theirs["policies"][0]["totals"]["not_permitted"].as_u64().unwrap();
    assert_eq!(denied as usize, deletions(&ours).len());
    assert!(denied > 20);
    for row in theirs["policies"][0]["decisions"].as_array_mut().unwrap() {
        row["permitted"] = true.into();
    }
    assert_eq!(theirs["policies"][0]["decisions"], ours["policies"][0]["decisions"]);
    // And nothing of it may be deleted.
    let applied = as_reporter.run(&["apply", "--yes", "--output", "json"]);
    assert_eq!(applied.code, 3);
    let applied = applied.json();
    let rows = applied["policies"][0]["decisions"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["outcome"] == "forbidden"));
    assert!(server.requests().iter().all(|request| request.method == "GET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protection_beside_a_policy_holds_when_the_policy_is_named_alone() {
    let server = serve(seeded(400)).await;
    let hold = "version: 1\nprotect: [{ project: \"acme/**\", note: on hold }]\n";
    let program = Program::with(&[("old.yaml", OLD), ("hold.yaml", hold)]).against(&server, server.token());
    for named in ["policies", "policies/old.yaml", "./policies/old.yaml", "policies//old.yaml"] {
        let ended = program.run(&["plan", "--output", "json", "--all", named]);
        let report = ended.json();
        assert_eq!(deletions(&report), Vec::<u64>::new(), "{named}");
        assert!(report["policies"][0]["totals"]["by_reason"]["protected"].as_u64() > Some(50), "{named}");
    }
    // So it does in the folder itself, and for a file that is named twice.
    let absolute = program.folder().join("policies/old.yaml");
    let ended = program.run(&["plan", "--output", "json", "policies/old.yaml", absolute.to_str().unwrap()]);
    assert_eq!((ended.code, deletions(&ended.json())), (0, vec![]), "{}", ended.stderr);
    let mut inside = program.command(&["plan", "--output", "json", "./old.yaml"]);
    let output = inside.current_dir(program.folder().join("policies")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Without the protection there is something to hold.
    std::fs::remove_file(program.folder().join("policies/hold.yaml")).unwrap();
    assert!(!deletions(&program.run(&["plan", "--output", "json"]).json()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn narrowing_a_run_narrows_no_protection() {
    let server = serve(seeded(400)).await;
    let other = OLD.replace("older_than: 200d", "older_than: 900d");
    let hold = "version: 1\nprotect: [{ type: [maven, npm] }]\n";
    let program = Program::with(&[("old.yaml", OLD), ("older.yaml", &other), ("hold.yaml", hold)])
        .against(&server, server.token());
    let ended = program.run(&["plan", "--output", "json", "--all", "--policy", "old", "--project", "acme/platform/**"]);
    let report = ended.json();
    assert_eq!(report["policies"].as_array().unwrap().len(), 1);
    let rows = report["policies"][0]["decisions"].as_array().unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        assert!(row["project_path"].as_str().unwrap().starts_with("acme/platform/"), "{row}");
        let is_held = row["package_type"] == "maven" || row["package_type"] == "npm";
        assert!(!is_held || row["verdict"] == "keep", "{row}");
    }
    let unknown = program.run(&["plan", "--policy", "oldest"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("`oldest`") && unknown.stderr.contains("old, older"), "{}", unknown.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_beyond_its_limits_says_what_would_let_it_pass() {
    let server = serve(seeded(400)).await;
    let strict = OLD.replace("max_deletions: 10000", "max_deletions: 3");
    let program = Program::with(&[("old.yaml", &strict)]).against(&server, server.token());
    let ended = program.run(&["plan", "--output", "json"]);
    assert_eq!(ended.code, 4);
    let refusal = &ended.json()["policies"][0]["refusal"];
    assert_eq!((&refusal["limit"], &refusal["allowed"]), (&"max_deletions".into(), &3.into()));
    let wanted = refusal["wanted"].as_u64().unwrap();
    assert!(wanted > 3);
    let table = program.run(&["plan"]);
    assert_eq!(table.code, 4);
    let remedy = format!("To let it pass: `limits: {{ max_deletions: {wanted} }}` in policies/old.yaml");
    assert!(table.text().contains(&remedy), "{}", table.stdout);
    // The figure that it names is the one that lets it pass.
    let program = Program::with(&[("old.yaml", &OLD.replace("10000", &wanted.to_string()))]);
    assert_eq!(program.against(&server, server.token()).run(&["plan"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_tells_the_same() {
    let server = serve(seeded(400)).await;
    let strict = OLD.replace("max_deletions: 10000", "max_deletions: 3");
    let program = Program::with(&[("old.yaml", &strict)]).against(&server, server.token());
    let form = |form: &str| {
        let ended = program.run(&["plan", "--output", form]);
        assert_eq!(ended.code, 4, "{form}: {}", ended.stderr);
        // What is wrong is on stderr, too, whatever the form is.
        assert!(ended.stderr.contains("error: policy old: "), "{form}: {}", ended.stderr);
        ended
    };
    let json = form("json").json();
    let count = deletions(&json).len();
    assert!(count > 3);
    let csv = form("csv").stdout;
    assert_eq!(csv.lines().count(), 1 + count);
    assert!(csv.starts_with("policy,verdict,outcome,"), "{csv}");
    let markdown = form("markdown").stdout;
    assert!(markdown.starts_with("### gleaner: what would be deleted\n\n- **old is refused by max_deletions**"));
    assert!(markdown.contains(&format!("\nand {} more\n", count - 20)), "{count}: {markdown}");
    let html = form("html").stdout;
    assert!(html.starts_with("<!DOCTYPE html>") && html.ends_with("</html>"));
    assert_eq!(html.matches("<tr data-id=").count(), count);
    assert!(html.contains(&format!("data-figure=\"totals.delete\" value=\"{count}\"")));
}

#[tokio::test(flavor = "multi_thread")]
async fn quick_is_an_upper_bound_without_look_ups() {
    let server = serve(seeded(400)).await;
    let program = Program::with(&[("old.yaml", OLD)]).against(&server, server.token());
    let quick = program.run(&["plan", "--output", "json", "--quick"]).json();
    assert!(server.requests().iter().all(|request| !request.path.contains("package_files")));
    assert_eq!(quick["quick"], true);
    let whole = program.run(&["plan", "--output", "json"]).json();
    let bound = deletions(&quick);
    assert!(deletions(&whole).iter().all(|id| bound.contains(id)));
    assert!(bound.len() > deletions(&whole).len(), "the seeded registry has old packages with new files");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rules_take_of_files_is_left_out_of_a_quick_plan() {
    let trim = "version: 1\nscope: { group: acme }\nfiles: [{ type: maven, keep_newest: 1 }, { type: generic, name: nothing, \
                keep_newest: 1 }]\n";
    let server = serve(seeded(400)).await;
    let program = Program::with(&[("trim.yaml", trim)]).against(&server, server.token());
    let quick = program.run(&["plan", "--quick"]).stdout;
    assert!(quick.contains("! files were not looked up, so what files rules take is left out"), "{quick}");
    assert!(!quick.contains("files[0] matched nothing") && quick.contains("! files[1] matched nothing"), "{quick}");
    let whole = program.run(&["plan"]).stdout;
    assert!(!whole.contains("files were not looked up") && whole.contains("! files[1] matched nothing"), "{whole}");
    let rules = program.run(&["plan", "--output", "json"]).json()["policies"][0]["rules"].clone();
    assert!(rules[0]["matched"].as_u64().unwrap() > 0 && rules[0]["open"] == 0, "{rules}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_instant_gives_another_plan() {
    let server = serve(seeded(400)).await;
    let program = Program::with(&[("old.yaml", OLD)]).against(&server, server.token());
    let count = |moment| {
        let ended = program.run(&["plan", "--output", "json", "--as-of", moment]);
        assert_eq!(ended.code, 0, "{moment}: {}", ended.stderr);
        deletions(&ended.json()).len()
    };
    assert!(count("+100d") > count("+0d"));
    assert_eq!(program.run(&["plan", "--as-of", "soon"]).code, 2);
    assert_eq!(program.run(&["apply", "--yes", "--as-of", "+7d"]).code, 2);
    assert_eq!(program.run(&["apply", "--yes", "--quick"]).code, 2);
}

#[test]
fn every_problem_of_every_file_is_told_before_any_request() {
    let typo = "version: 1\nscope: { group: acme }\ndelete: [{ older_then: 30d }]\n";
    let program =
        Program::with(&[("a.yaml", typo), ("b.yaml", "version: 1\nscope: {}\ndelete: []\n"), ("c.yaml", OLD)]);
    for arguments in [&["check"][..], &["plan", "--gitlab-url", "http://127.0.0.1:1"]] {
        let ended = program.run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
        assert!(ended.stderr.contains("policies/a.yaml:3:12: unknown key `older_then`"), "{}", ended.stderr);
        assert!(ended.stderr.contains("did you mean `older_than`?"), "{}", ended.stderr);
        assert!(ended.stderr.contains("policies/b.yaml:3:9"), "{}", ended.stderr);
        assert!(!ended.stderr.contains("c.yaml"), "{}", ended.stderr);
    }
    for name in ["d.yml", "d.YAML", "d.Yml"] {
        let path = program.folder().join("policies").join(name);
        std::fs::write(&path, OLD).unwrap();
        let ended = program.run(&["check"]);
        assert_eq!(ended.code, 2);
        assert!(ended.stderr.contains(name) && ended.stderr.contains("rename it"), "{}", ended.stderr);
        std::fs::remove_file(path).unwrap();
    }
    let ended = program.run(&["check", "nowhere"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("can't read nowhere"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jobs_token_lists_the_packages_of_its_project() {
    let mut registry = seeded(400);
    let owner = registry.tokens[0].user.clone();
    let scopes = vec!["api".to_owned()];
    let project =
        registry.packages.iter().find(|package| package.package_type == PackageType::Pypi).unwrap().project_id;
    let token = "glcbt-a-job".to_owned();
    registry.tokens.push(Token { token, user: owner, scopes, job: true, project: Some(project), ..Token::default() });
    let path = registry.projects.iter().find(|known| known.id == project).unwrap().path.clone();
    let server = serve(registry).await;
    for reference in [project.to_string(), path] {
        let policy = OLD.replace("group: acme", &format!("project: {reference}"));
        let program = Program::with(&[("old.yaml", &policy)]);
        let with_job = program.env("GITLAB_URL", server.url()).env("CI_JOB_TOKEN", "glcbt-a-job");
        let ended = with_job.run(&["plan", "--output", "json", "--all"]);
        assert_eq!(ended.code, 0, "{}", ended.text());
        let theirs = ended.json();
        assert!(theirs["policies"][0]["scanned"].as_u64() > Some(0), "{reference}");
        let program = Program::with(&[("old.yaml", &policy)]).against(&server, server.token());
        let ours = program.run(&["plan", "--output", "json", "--all"]).json();
        assert_eq!(deletions(&theirs), deletions(&ours), "{reference}");
    }
}

#[test]
fn the_embedded_sandbox_takes_no_notice_of_the_environment() {
    let program = Program::with(&[("old.yaml", OLD)])
        .env("GITLAB_URL", "http://127.0.0.1:1")
        .env("GITLAB_TOKEN_FILE", "nowhere")
        .env("GITLAB_TOKEN", "glpat-of-another");
    assert_eq!(program.run(&["plan", "--sandbox"]).code, 0);
    assert_eq!(program.run(&["plan", "--sandbox", "--gitlab-url", "http://127.0.0.1:1"]).code, 2);
    // An empty variable is one that isn't there.
    let program = Program::with(&[("old.yaml", OLD)]).env("GITLAB_URL", "").env("GITLAB_TOKEN_FILE", "");
    let ended = program.run(&["plan"]);
    assert!(ended.stderr.contains("no GitLab is named"), "{}", ended.stderr);
}
