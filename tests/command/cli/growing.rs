//! Rows of two years with files of today, of every type whose rows can get files later: `plan`, `apply`, `explain` and
//! `test` alike take them for young.

use std::collections::BTreeSet;

use crate::cli::program::{Program, deletions, serve, with_corners};
use gitlab_sandbox::{Registry, Server};
use gleaner::package::PackageType as Kind;

/// Nothing else keeps them: every guard is lifted that a rule can lift.
fn policy(project: &str, rule: &str, min_age: &str) -> String {
    format!(
        "version: 1\nmode: delete\nscope: {{ project: acme/corners/{project} }}\n\
         delete: [{{ {rule}, tag: latest, allow_latest: true }}, \
         {{ {rule}, type: [{}], allow_latest: true, other_indexes: true }}]\n\
         limits: {{ min_age: {min_age}, max_percent: 100, max_percent_per_project: 100 }}\n",
        Kind::KNOWN.map(|kind| kind.to_string()).join(", "),
    )
}

const BY_AGE: (&str, &str) = ("older_than: 30d", "0h");
const BY_MIN_AGE: (&str, &str) = ("name: \"**\"", "72h");

/// The rows of a project, all of them two years old.
fn rows(registry: &Registry, project: &str) -> Vec<gitlab_sandbox::Package> {
    let project = registry.projects.iter().find(|one| one.path == format!("acme/corners/{project}")).unwrap().id;
    registry.packages.iter().filter(|package| package.project_id == project).cloned().collect()
}

fn present(server: &Server, rows: &[gitlab_sandbox::Package]) -> usize {
    let ids: BTreeSet<u64> = rows.iter().map(|row| row.id).collect();
    let pending = gitlab_sandbox::Status::PendingDestruction;
    server.packages().iter().filter(|package| ids.contains(&package.id) && package.status != pending).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_got_a_file_today_stays_whatever_the_command() {
    let registry = with_corners();
    let rows = rows(&registry, "growing");
    let types: BTreeSet<&str> = rows.iter().map(|row| row.package_type.name()).collect();
    let growing = Kind::KNOWN.into_iter().filter(Kind::gains_files).map(|kind| kind.to_string());
    // GitLab's API makes no rows of RPM.
    let growing: Vec<String> = growing.filter(|name| name != "rpm").collect();
    assert!(growing.iter().all(|name| types.contains(name.as_str())), "{growing:?} are not all among {types:?}");
    let server = serve(registry).await;
    for (rule, min_age) in [BY_AGE, BY_MIN_AGE] {
        let program =
            Program::with(&[("old.yaml", &policy("growing", rule, min_age))]).against(&server, server.token());
        let plan = program.run(&["plan", "--output", "json", "--all"]);
        assert_eq!((plan.code, deletions(&plan.json())), (0, vec![]), "{rule}");
        for decision in plan.json()["policies"][0]["decisions"].as_array().unwrap() {
            let reason = decision["reason"].as_str().unwrap();
            // By its age no rule selects it, and why it stays is what else there is to be told.
            assert!(min_age == "0h" || ["min_age", "versionless"].contains(&reason), "{rule}: {decision}");
            let package = format!("acme/corners/growing/{}", decision["id"]);
            let told = program.run(&["explain", &package, "--output", "json"]).json();
            assert_eq!(told["policies"][0]["decision"]["reason"], reason, "{rule}: {package}");
        }
        let applied = program.run(&["apply", "--yes", "--output", "json"]);
        assert_eq!((applied.code, deletions(&applied.json())), (0, vec![]), "{rule}: {}", applied.stderr);
        assert_eq!(present(&server, &rows), rows.len(), "{rule}");
    }
}

/// The same rows without their files of today go, so that the rules above are not idle.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_files_of_today_they_go() {
    let mut registry = with_corners();
    for package in &mut registry.packages {
        let made = package.created_at;
        package.files.retain(|file| file.created_at == made);
    }
    let rows = rows(&registry, "growing");
    let versions = rows.iter().filter(|row| row.version.is_some()).count();
    let server = serve(registry).await;
    let (rule, min_age) = BY_AGE;
    let program = Program::with(&[("old.yaml", &policy("growing", rule, min_age))]).against(&server, server.token());
    let applied = program.run(&["apply", "--yes", "--output", "json"]);
    assert_eq!((applied.code, deletions(&applied.json()).len()), (0, versions), "{}", applied.stderr);
    assert_eq!(present(&server, &rows), rows.len() - versions);
}

/// Of the types that get all their content at once the row tells the age, and nobody asks for their files.
#[tokio::test(flavor = "multi_thread")]
async fn no_files_are_looked_up_where_none_can_come_later() {
    let registry = with_corners();
    let rows = rows(&registry, "settled");
    let types: BTreeSet<&str> = rows.iter().map(|row| row.package_type.name()).collect();
    assert_eq!(types.len(), 3, "{types:?}");
    let server = serve(registry).await;
    for (rule, min_age) in [BY_AGE, BY_MIN_AGE] {
        let program =
            Program::with(&[("old.yaml", &policy("settled", rule, min_age))]).against(&server, server.token());
        let before = server.requests().len();
        let plan = program.run(&["plan", "--output", "json"]);
        assert_eq!(deletions(&plan.json()).len(), rows.len(), "{rule}: {}", plan.stderr);
        let asked = server.requests().split_off(before);
        let files = asked.iter().filter(|request| request.path.contains("package_files")).count();
        assert_eq!(files, 0, "{rule}: {asked:?}");
    }
}

#[test]
fn a_case_is_judged_as_a_plan_is() {
    for ((rule, min_age), young) in [(BY_AGE, "expect: keep"), (BY_MIN_AGE, "expect: keep, reason: min_age")] {
        let row = |kind: Kind, files: &str, expected: &str| {
            let version = if kind.facts().version_prefix.is_empty() { "1.4.0" } else { "v1.4.0" };
            format!("      - {{ type: {kind}, name: {kind}, version: {version}, age: 2y, {files}, {expected} }}\n")
        };
        let growing = Kind::KNOWN.into_iter().filter(Kind::gains_files);
        let young: String = growing.map(|kind| row(kind, "files: [{ age: 2y }, { age: 1h }]", young)).collect();
        // Whatever their files say, of these the row's date is that of the content.
        let settled = ["cargo", "npm", "terraform_module"].map(Kind::parse);
        let old: String = settled.map(|kind| row(kind, "files: [{ age: 2y }, { age: 1h }]", "expect: delete")).concat();
        let policy = policy("growing", rule, min_age)
            .replace("scope: { project: acme/corners/growing }", "scope: { group: acme }");
        let program = Program::with(&[("old.yaml", &policy)]);
        let cases = program.folder().join("policies/cases");
        std::fs::create_dir(&cases).unwrap();
        let text = format!(
            "version: 1\npolicy: old\nas_of: 2026-06-01\ncases:\n  - case: files of today\n    packages:\n{young}{old}"
        );
        std::fs::write(cases.join("old.yaml"), text).unwrap();
        let ended = program.run(&["test"]);
        assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    }
}
