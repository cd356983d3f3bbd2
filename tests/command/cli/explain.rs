//! `gleaner explain`.

use std::collections::{BTreeMap, BTreeSet};

use gitlab_sandbox::Faults;
use gitlab_sandbox::faults::{Body, Fault, Kind, Rule, When};
use serde_json::Value;

use crate::cli::program::{OLD, Program, seeded, serve};

/// Everything that has a status or a type of its own, so that every reason comes up that a registry can have.
const EVERYTHING: &str = "version: 1
scope: { group: acme }
delete:
  - { older_than: 60d, status: [default, deprecated, error, hidden, processing, pending_destruction] }
keep:
  - { newest: 3, version: \"*-SNAPSHOT\" }
";
const OLDEST: &str = "version: 1
mode: delete
scope: { group: acme }
delete: [{ not_downloaded_for: 400d, allow_latest: true, allow_released: true }]
limits: { max_percent: 100, max_percent_per_project: 100, max_deletions: 10000 }
";
const HOLD: &str = "version: 1\nprotect: [{ project: \"acme/platform/legacy/**\", note: long-term support }]\n";

fn set() -> Program {
    Program::with(&[("a-oldest.yaml", OLDEST), ("everything.yaml", EVERYTHING), ("on-hold.yaml", HOLD)])
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reason_of_a_plan_is_explained_with_the_same_words() {
    let server = serve(seeded(2_500)).await;
    let program = set().against(&server, server.token());
    let plan = program.run(&["plan", "--output", "json", "--all", "--as-of", "+0d"]).json();
    let as_of = plan["as_of"].as_str().unwrap();
    let policies = plan["policies"].as_array().unwrap();
    // Two packages of each reason under each policy.
    let mut samples: BTreeMap<(&str, &str), Vec<&Value>> = BTreeMap::new();
    for policy in policies {
        for row in policy["decisions"].as_array().unwrap() {
            let key = (policy["policy"].as_str().unwrap(), row["reason"].as_str().unwrap());
            samples.entry(key).or_default().push(row);
        }
    }
    let reasons: BTreeSet<&str> = samples.keys().map(|(_, reason)| *reason).collect();
    for expected in [
        "processing",
        "pending_destruction",
        "hidden",
        "versionless",
        "type_not_named",
        "min_age",
        "npm_latest",
        "released",
        "latest",
        "other_index",
        "protected",
        "kept_by_rule",
        "not_selected",
        "selected",
    ] {
        assert!(reasons.contains(expected), "{expected} is not among {reasons:?}");
    }
    for row in samples.values().flat_map(|rows| rows.iter().step_by(rows.len().div_ceil(2))) {
        let package = format!("{}/{}", row["project_path"].as_str().unwrap(), row["id"]);
        let ended = program.run(&["explain", &package, "--output", "json", "--as-of", as_of]);
        assert_eq!(ended.code, 0, "{package}: {}", ended.stderr);
        let told = ended.json();
        assert_eq!(told["package"]["id"], row["id"]);
        for (told, policy) in told["policies"].as_array().unwrap().iter().zip(policies) {
            assert_eq!((&told["policy"], &told["policy_sha256"]), (&policy["policy"], &policy["policy_sha256"]));
            let planned = policy["decisions"].as_array().unwrap().iter().find(|planned| planned["id"] == row["id"]);
            assert_eq!(&told["decision"], planned.unwrap_or(&Value::Null), "{package}: {}", told["because"]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_goes_by_many_names() {
    let server = serve(seeded(400)).await;
    let program = Program::with(&[("old.yaml", OLD)]).against(&server, server.token());
    let plan = program.run(&["plan", "--output", "json", "--all"]).json();
    let row = &plan["policies"][0]["decisions"][0];
    let (path, project, id) = (row["project_path"].as_str().unwrap(), &row["project_id"], &row["id"]);
    let url = server.url();
    let names = [
        format!("{path}/{id}"),
        format!("{project}/{id}"),
        format!("/{}/{id}/", path.to_uppercase()),
        format!("{url}/{path}/-/packages/{id}"),
        format!("{}/{path}/-/packages/{id}/?tab=files#top", url.replace("http://", "HTTP://")),
        format!("{url}/{path}/-/terraform_module_registry/{id}"),
        format!("{url}/{path}/-/infrastructure_registry/{id}"),
        format!("{url}/api/v4/projects/{project}/packages/{id}"),
        format!("{url}/api/v4/projects/{}/packages/{id}/package_files?page=1", path.replace('/', "%2F")),
    ];
    for name in names {
        let ended = program.run(&["explain", &name, "--output", "json"]);
        assert_eq!(ended.code, 0, "{name}: {}", ended.stderr);
        let told = ended.json();
        assert_eq!((&told["package"]["id"], &told["package"]["project_path"]), (id, &row["project_path"]), "{name}");
    }
    // No group is walked for it.
    let walked = || {
        let requests = server.requests().into_iter();
        requests.filter(|request| request.path.contains("/groups/") && request.path.contains("/packages?")).count()
    };
    let groups = walked();
    let of_plan = program.run(&["plan", "--quick"]);
    assert_eq!(of_plan.code, 0);
    let after = walked();
    assert_eq!(after - groups, groups, "only the two plans walked the group");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_goes_to_no_address_that_was_pasted() {
    let ours = serve(seeded(50)).await;
    let theirs = serve(seeded(50)).await;
    let program = Program::with(&[("old.yaml", OLD)]).against(&ours, ours.token());
    let link = format!("{}/acme/platform/core/-/packages/1", theirs.url());
    let host = |url: &str| url.strip_prefix("http://").unwrap().to_owned();
    let ended = program.run(&["explain", &link]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains(&host(theirs.url())) && ended.stderr.contains(ours.url()), "{}", ended.stderr);
    // Nor without any other address.
    let ended = program.env("GITLAB_URL", "").run(&["explain", &link]);
    assert_eq!(ended.code, 2);
    for words in ["--gitlab-url", &host(theirs.url()), "token"] {
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
    }
    assert_eq!((ours.requests().len(), theirs.requests().len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_package_is_refused_before_any_request() {
    let server = serve(seeded(50)).await;
    let program = Program::with(&[("old.yaml", OLD)]).against(&server, server.token());
    let below = format!("{}/elsewhere", server.url());
    for (arguments, words) in [
        (&["explain", "acme/platform/core"][..], "names no package"),
        (&["explain", "core/17"], "names no package"),
        (&["explain", "17"], "names no package"),
        (&["explain", "acme/../core/17"], "names no package"),
        (&["explain", "acme/platform/core/-17"], "names no package"),
        (&["explain", "acme/platform/core/99999999999999999999"], "names no package"),
        (&["explain", &server.url().replace("http", "ftp")], "not a package's"),
        (&["explain", server.url()], "not a package's"),
        (&["explain", "http://me:secret-word@"], "not a package's"),
        (&["explain", &format!("{}/acme/platform/core/-/packages", server.url())], "not a package's"),
        (&["explain", "acme/app/17", "--policy", "new"], "`new`"),
        (
            &["explain", "--gitlab-url", &below, &format!("{}/acme/app/-/packages/17", server.url())],
            "is the GitLab to ask",
        ),
    ] {
        let ended = program.run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(words), "{arguments:?}: {}", ended.stderr);
        assert!(!ended.stderr.contains("secret-word"), "{}", ended.stderr);
    }
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_says_what_was_looked_through() {
    let server = serve(seeded(400)).await;
    let program = Program::with(&[("old.yaml", OLD)]).against(&server, server.token());
    let ended = program.run(&["explain", "acme/platform/core/99999999"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (1, ""));
    for words in ["acme/platform/core", "99999999", "packages of the project were looked through", "error, deprecated"]
    {
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
    }
    let ended = program.run(&["explain", "acme/nowhere/17"]);
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("project acme/nowhere"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_is_missing_shows_in_the_verdict_and_in_the_exit_code() {
    let server = serve(seeded(400)).await;
    let policy = OLD.replace("older_than: 200d, not_downloaded_for: 200d", "type: generic, older_than: 200d");
    let program = Program::with(&[("old.yaml", &policy)]).against(&server, server.token());
    let plan = program.run(&["plan", "--output", "json"]).json();
    let row = &plan["policies"][0]["decisions"][0];
    let package = format!("{}/{}", row["project_path"].as_str().unwrap(), row["id"]);
    let rule =
        Rule::new(Fault::Status { code: 403, body: Body::default() }).kind(Kind::PackageFiles).when(When::Always);
    server.set_faults(Faults::new(0).with(rule));
    let ended = program.run(&["explain", &package, "--output", "json"]);
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    let told = &ended.json()["policies"][0];
    assert_eq!(told["decision"]["reason"], "no_evidence");
    assert_eq!(told["would_go"]["when"], "never");
    assert_eq!(told["guards"][0]["guard"], "no_evidence");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_tells_a_verdict_and_a_date_for_each_policy() {
    let server = serve(seeded(400)).await;
    let narrow = OLD.replace("scope: { group: acme }", "scope: { group: acme, types: [conan] }");
    let files = [("old.yaml", OLD), ("other.yaml", &narrow)];
    let program = Program::with(&files).against(&server, server.token());
    let plan = program.run(&["plan", "--output", "json", "--policy", "old"]).json();
    let rows = plan["policies"][0]["decisions"].as_array().unwrap();
    let row = rows.iter().find(|row| row["package_type"] != "conan").unwrap();
    let package = format!("{}/{}", row["project_path"].as_str().unwrap(), row["id"]);
    let told = program.run(&["explain", &package]).text();
    let because = row["because"].as_str().unwrap();
    let expected = [
        format!("package {} old (mode: delete) delete, selected: delete[0]: {because} would go now", row["id"]),
        "yes delete[0] yes older_than: 200d newest content is".to_owned(),
        "other (mode: delete) out of scope: its scope has `types: conan`, and this is".to_owned(),
        "Limits were not looked at".to_owned(),
    ];
    for words in expected {
        assert!(told.contains(&words), "{words}: {told}");
    }
    // A policy that was not asked for is not asked, and policies may be elsewhere.
    std::fs::rename(program.folder().join("policies"), program.folder().join("rules")).unwrap();
    let one =
        program.run(&["explain", &package, "--policies", "rules/old.yaml", "--policies", "rules", "--policy", "old"]);
    assert!(one.code == 0 && !one.stdout.contains("other (mode"), "{}", one.text());
    assert_eq!(program.run(&["explain", &package]).code, 2);
    // Years ago it was not there yet, and later it is older.
    let before = program.run(&["explain", &package, "--policies", "rules", "--as-of", "2015-01-01"]).text();
    assert!(before.contains("old (mode: delete) keep, min_age:") && before.contains("would go from 20"), "{before}");
}

/// In the sandbox any GitLab's link will do: it stands in for all of them.
#[test]
fn the_sandbox_takes_links_of_any_gitlab() {
    let program = Program::with(&[("old.yaml", OLD)]);
    let ended = program.run(&["explain", "--sandbox", "https://gitlab.acme.example/acme/platform/core/-/packages/26"]);
    assert_eq!(ended.code, 0, "{}", ended.text());
    assert!(ended.stdout.starts_with("acme/platform/core  "), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_is_told_from_the_journal() {
    let server = serve(seeded(400)).await;
    let program = Program::with(&[("old.yaml", OLD)]).against(&server, server.token());
    let applied = program.run(&["apply", "--yes", "--output", "json", "--state-dir", "state"]).json();
    let row = &applied["policies"][0]["decisions"][0];
    let (id, path, project) = (&row["id"], row["project_path"].as_str().unwrap(), &row["project_id"]);
    for named in [format!("{path}/{id}"), format!("{project}/{id}")] {
        let ended = program.run(&["explain", &named, "--state-dir", "state", "--output", "json"]);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let told = &ended.json()["deletions"][0];
        assert_eq!((&told["package_id"], &told["because"], &told["outcome"]), (id, &row["because"], &"deleted".into()));
        let ended = program.run(&["explain", &named, "--journal", "state/journal"]);
        assert!(ended.stdout.contains("old") && ended.stdout.contains("deleted"), "{}", ended.stdout);
        // Elsewhere there is none.
        assert_eq!(program.run(&["explain", &named]).code, 1);
    }
    assert_eq!(program.run(&["explain", &format!("{path}/99999999"), "--state-dir", "state"]).code, 1);
}
