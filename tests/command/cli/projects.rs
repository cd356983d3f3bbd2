//! Projects that move, are archived or are on their way out: what holds by a path holds by every path of the project.

use gitlab_sandbox::faults::{Body, Fault, Kind, Rule};
use gitlab_sandbox::{Act, Faults, Happening, Options, Package, PackageFile, PackageType, Project};
use gitlab_sandbox::{Registry, Server, Token};
use gleaner_support::{TOKEN, kept, member};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::cli::program::{Ended, Program, deletions};

/// Takes all that a rule can take.
fn policy(scope: &str, more: &str) -> String {
    format!(
        "version: 1\nmode: delete\nscope: {{ {scope} }}\n\
         delete: [{{ older_than: 30d, allow_latest: true{more} }}]\n\
         limits: {{ max_percent: 100, max_percent_per_project: 100 }}\n"
    )
}

fn hold(rule: &str) -> String {
    format!("version: 1\nprotect: [{{ {rule} }}]\n")
}

#[expect(clippy::disallowed_methods, reason = "the program's own clock can't be set")]
fn long_ago() -> Timestamp {
    Timestamp::now() - SignedDuration::from_hours(24 * 400)
}

/// The groups `acme`, `acme/legacy` and `other`, and in them four projects, each with an old package of its own id.
fn registry() -> Registry {
    let project = |id, path: &str| Project { id, path: path.to_owned(), ..Project::default() };
    let package = |id| Package {
        id,
        project_id: id,
        package_type: PackageType::Npm,
        name: "app".to_owned(),
        version: Some("1.0.0".to_owned()),
        created_at: long_ago(),
        updated_at: long_ago(),
        ..Package::default()
    };
    let kept = kept(&["acme", "acme/legacy", "other"]);
    let job = Token {
        token: "job-token".to_owned(),
        user: kept.users[0].username.clone(),
        job: true,
        project: Some(1),
        ..Token::default()
    };
    Registry {
        tokens: [kept.tokens.clone(), vec![job]].concat(),
        members: vec![member("acme"), member("other")],
        projects: vec![
            project(1, "acme/app"),
            project(2, "acme/lib"),
            project(3, "acme/legacy/core"),
            project(4, "other/tool"),
        ],
        packages: (1..=4).map(package).collect(),
        ..kept
    }
}

async fn serve() -> Server {
    Server::start(registry(), Options::default()).await.unwrap()
}

async fn with(options: Options) -> Server {
    Server::start(registry(), options).await.unwrap()
}

fn program(server: &Server, files: &[(&str, String)]) -> Program {
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    Program::with(&files).against(server, TOKEN)
}

fn plan(program: &Program) -> Ended {
    program.run(&["plan", "--output", "json", "--all"])
}

fn warnings(report: &Value) -> Vec<String> {
    let warnings = report["policies"][0]["warnings"].as_array().unwrap();
    warnings.iter().map(|warning| warning.as_str().unwrap().to_owned()).collect()
}

fn reason_of(report: &Value, package: u64) -> String {
    let rows = report["policies"][0]["decisions"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"] == package);
    row.map_or("out of scope".to_owned(), |row| row["reason"].as_str().unwrap().to_owned())
}

fn rename(id: u64, to: &str) -> Act {
    Act::RenameProject { id, to: to.to_owned() }
}

/// The policy's own scope has the old path, too, and GitLab leads it to the project.
#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_was_renamed_is_held_by_its_old_path() {
    let holds = [
        hold("project: acme/app"),
        hold("project: \"acme/{app,lib}\""),
        "version: 1\nscope: { project: acme/app }\nprotect: [{ name: \"*\" }]\n".to_owned(),
        "version: 1\nscope: { paths: acme/app }\nprotect: [{ name: \"*\" }]\n".to_owned(),
    ];
    for scope in ["group: acme", "project: acme/app", "project: 1"] {
        for hold in &holds {
            let server = serve().await;
            server.act(rename(1, "acme/web")).unwrap();
            let program = program(&server, &[("hold.yaml", hold.clone()), ("old.yaml", policy(scope, ""))]);
            let applied = program.run(&["apply", "--yes", "--output", "json"]);
            let report = applied.json();
            assert!(!deletions(&report).contains(&1), "{scope}, {hold}: {report}");
            let told = warnings(&report);
            assert!(told[0].contains(" project acme/app, which is acme/web now (id 1)"), "{scope}, {hold}: {told:?}");
            // Where something is to go, it is told before.
            let is_told = applied.stderr.contains(" project acme/app, which is acme/web now");
            assert_eq!(is_told, scope == "group: acme", "{}", applied.stderr);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_rule_leaves_out_or_keeps_is_left_out_by_its_old_path() {
    let rules = [
        policy("group: acme", ", project: [\"acme/**\", \"!acme/app\"]"),
        policy("group: acme, paths: [\"acme/**\", \"!acme/app\"]", ""),
        policy("group: acme", "") + "keep: [{ project: acme/app }]\n",
    ];
    for rule in rules {
        let server = serve().await;
        server.act(rename(1, "acme/web")).unwrap();
        let report = plan(&program(&server, &[("old.yaml", rule.clone())])).json();
        assert_eq!(deletions(&report), [2, 3], "{rule}");
        // A positive pattern of a delete rule goes by the path that a project has.
        let report = plan(&program(&server, &[("old.yaml", policy("group: acme", ", project: acme/app"))])).json();
        assert_eq!((deletions(&report), warnings(&report)), (vec![], vec![]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_leads_nowhere_is_told_and_the_plan_is_partial() {
    let server = serve().await;
    server.act(Act::MoveGroup { from: "acme/legacy".to_owned(), to: "acme/past".to_owned() }).unwrap();
    let files =
        [("hold.yaml", hold("project: [\"acme/legacy/**\", acme/nowhere]")), ("old.yaml", policy("group: acme", ""))];
    let program = program(&server, &files);
    let planned = plan(&program);
    let report = planned.json();
    assert_eq!((planned.code, report["policies"][0]["status"].as_str().unwrap()), (3, "partial"));
    assert_eq!(report["policies"][0]["unknown_places"], 2);
    let told = warnings(&report);
    assert!(told[0].starts_with("hold.protect[0] names project acme/nowhere, which is not there"), "{told:?}");
    assert!(told[1].starts_with("hold.protect[0] names group acme/legacy, which is not there"), "{told:?}");
    // A CSV has rows alone, and an explanation is of one package.
    for arguments in [["plan", "--output", "csv"].as_slice(), &["explain", "1/1"]] {
        let stderr = program.run(arguments).stderr;
        assert!(stderr.contains("warning: hold.protect[0] names project acme/nowhere"), "{arguments:?}: {stderr}");
    }
    let table = program.run(&["plan"]).stdout;
    assert!(table.starts_with("! hold.protect[0] names project acme/nowhere"), "{table}");
    assert!(table.contains("nobody remembers under which paths"), "{table}");
}

/// The state remembers the path that a project had when it was walked last.
#[tokio::test(flavor = "multi_thread")]
async fn holds_stick_to_what_was_seen_under_their_path() {
    let server = serve().await;
    let files =
        [("hold.yaml", hold("project: [\"acme/legacy/**\", \"acme/a*\"]")), ("old.yaml", policy("group: acme", ""))];
    let program = program(&server, &files);
    let state = program.folder().join("state");
    let arguments = ["plan", "--output", "json", "--all", "--state-dir", state.to_str().unwrap()];
    assert_eq!(deletions(&program.run(&arguments).json()), [2]);
    // GitLab leads neither of them anywhere: a group's old path is gone, and a new project has the other one's.
    server.act(Act::MoveGroup { from: "acme/legacy".to_owned(), to: "acme/past".to_owned() }).unwrap();
    server.act(rename(1, "acme/web")).unwrap();
    let planned = program.run(&arguments);
    let report = planned.json();
    assert_eq!((planned.code, deletions(&report)), (0, vec![2]), "{report}");
    assert_eq!([1, 3].map(|id| reason_of(&report, id)), ["protected", "protected"]);
    assert!(warnings(&report)[0].contains("which GitLab doesn't show: what was seen under that path is still held"));
    let told = program.run(&["explain", "3/3", "--output", "json", "--state-dir", state.to_str().unwrap()]).json();
    assert_eq!(told["policies"][0]["decision"]["reason"], "protected");
    // Nobody else remembers.
    assert_eq!(deletions(&plan(&program).json()), [1, 2, 3]);
    // A `!` that names the new path releases nothing.
    std::fs::write(
        program.folder().join("policies/hold.yaml"),
        hold("project: [\"acme/legacy/**\", \"acme/a*\", \"!acme/past/**\", \"!acme/web\"]"),
    )
    .unwrap();
    assert_eq!(deletions(&program.run(&arguments).json()), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_lets_go_of_a_project_is_told_and_takes_a_run_more() {
    let server = serve().await;
    let files = [("hold.yaml", hold("project: [acme/app, acme/lib]")), ("old.yaml", policy("group: acme", ""))];
    let program = program(&server, &files);
    let state = program.folder().join("state");
    let run = |command: &[&str]| {
        program.run(&[command, &["--output", "json", "--state-dir", state.to_str().unwrap()]].concat())
    };
    assert_eq!(deletions(&run(&["plan"]).json()), [3]);
    server.act(rename(2, "acme/library")).unwrap();
    std::fs::write(program.folder().join("policies/hold.yaml"), hold("project: acme/app")).unwrap();
    let report = run(&["apply", "--yes", "--all"]).json();
    assert_eq!((deletions(&report), reason_of(&report, 2)), (vec![3], "loosened".to_owned()));
    assert_eq!(report["policies"][0]["loosened_projects"], 1);
    let told = warnings(&report);
    assert_eq!(told[0], "hold was changed, and holds nothing of acme/library (also known as acme/lib) any more");
    let report = run(&["apply", "--yes"]).json();
    assert_eq!((deletions(&report), warnings(&report)), (vec![2], vec![]));
}

/// Files are held as packages are, and wait as long.
#[tokio::test(flavor = "multi_thread")]
async fn files_of_a_project_that_a_hold_lets_go_of_take_a_run_more_as_well() {
    let mut registry = registry();
    for package in &mut registry.packages {
        package.package_type = PackageType::Generic;
        let file = |id, name: &str| PackageFile {
            id,
            file_name: name.to_owned(),
            created_at: long_ago(),
            ..PackageFile::default()
        };
        package.files = vec![file(10 * package.id, "app.log"), file(10 * package.id + 1, "app.zip")];
    }
    let server = Server::start(registry, Options::default()).await.unwrap();
    let trims = "version: 1\nmode: delete\nscope: { group: acme }\nlimits: { max_percent: 100, max_percent_per_project: \
        100 }\nfiles: [{ type: generic, file: \"*.log\", keep_newest: 0, older_than: 30d }]\n";
    let files = [("hold.yaml", hold("project: [acme/app, acme/lib]")), ("old.yaml", trims.to_owned())];
    let program = program(&server, &files);
    let state = program.folder().join("state");
    let trimmed = |command: &[&str]| -> Vec<u64> {
        let ended = program.run(&[command, &["--output", "json", "--state-dir", state.to_str().unwrap()]].concat());
        let report = ended.json();
        let rows = report["policies"][0]["file_decisions"].as_array().unwrap().iter();
        rows.filter(|row| row["verdict"] == "delete").map(|row| row["id"].as_u64().unwrap()).collect()
    };
    assert_eq!(trimmed(&["plan"]), [30]);
    std::fs::write(program.folder().join("policies/hold.yaml"), hold("project: acme/app")).unwrap();
    assert_eq!(trimmed(&["apply", "--yes"]), [30]);
    assert_eq!(trimmed(&["apply", "--yes"]), [20]);
}

/// A dry run shows what would follow, and is all the waiting there is.
#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_what_a_hold_has_let_go_of() {
    let server = serve().await;
    let files = [("hold.yaml", hold("project: [acme/app, acme/lib]")), ("old.yaml", policy("group: acme", ""))];
    let program = program(&server, &files);
    let state = program.folder().join("state");
    let run = |command: &[&str]| {
        program.run(&[command, &["--output", "json", "--state-dir", state.to_str().unwrap()]].concat())
    };
    assert_eq!(deletions(&run(&["plan"]).json()), [3]);
    std::fs::write(program.folder().join("policies/hold.yaml"), hold("project: acme/other")).unwrap();
    let report = run(&["plan"]).json();
    assert_eq!(deletions(&report), [1, 2, 3]);
    let told = warnings(&report);
    assert_eq!(told[0], "hold was changed, and holds nothing of acme/app any more");
    assert_eq!(told[2], "hold held something when this was planned last, and holds nothing now");
    assert_eq!(deletions(&run(&["apply", "--yes"]).json()), [1, 2, 3]);
}

/// The list of projects is read page by page, and one that leaves it in between moves the next page.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_list_of_projects_lacks_is_asked_for() {
    let mut registry = registry();
    registry.projects[0].archived = true;
    let rule = |fault| Rule::new(fault).kind(Kind::GroupProjects);
    for fault in [Fault::HideProject("acme/app".to_owned()), Fault::EmptyPage, Fault::SkipRows(1)] {
        let faults = Faults::new(0).with(rule(fault.clone()));
        let server = Server::start(registry.clone(), Options { faults, ..Options::default() }).await.unwrap();
        let planned = plan(&program(&server, &[("old.yaml", policy("group: acme", ""))]));
        assert_eq!((planned.code, deletions(&planned.json())), (0, vec![2, 3]), "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_in_an_archived_group_is_archived() {
    for (archived, expected) in [("exclude", vec![1, 2]), ("include", vec![1, 2, 3]), ("only", vec![3])] {
        let server = serve().await;
        server.act(Act::ArchiveGroup { path: "acme/legacy".to_owned() }).unwrap();
        let scope = format!("group: acme, archived: {archived}");
        assert_eq!(
            deletions(&plan(&program(&server, &[("old.yaml", policy(&scope, ""))])).json()),
            expected,
            "{archived}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_tells_is_in_no_scope() {
    let not_found = Fault::Status { code: 404, body: Body::Json };
    for archived in ["exclude", "include", "only"] {
        // The token may not see the group: whether it is archived can't be told.
        let faults = Faults::new(0).with(Rule::new(not_found.clone()).path("*/groups/acme%2Flegacy?*"));
        let server = with(Options { faults, ..Options::default() }).await;
        let scope = format!("group: acme, archived: {archived}");
        let planned = plan(&program(&server, &[("old.yaml", policy(&scope, ""))]));
        let report = planned.json();
        assert_eq!((planned.code, reason_of(&report, 3)), (3, "out of scope".to_owned()), "{archived}");
        let policy = &report["policies"][0];
        assert_eq!((&policy["status"], &policy["unknown_projects"]), (&"partial".into(), &1.into()));
        assert!(policy["error"].as_str().unwrap().contains("GitLab doesn't tell enough"), "{policy}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_marked_for_deletion_stays_whatever_the_rules_say() {
    let acts = [
        Act::MarkProject { id: 3 },
        Act::MarkGroup { path: "acme/legacy".to_owned() },
        rename(3, "acme/legacy/core-deleted-3"),
    ];
    for act in acts {
        let server = serve().await;
        server.act(act.clone()).unwrap();
        let report = plan(&program(&server, &[("old.yaml", policy("group: acme, archived: include", ""))])).json();
        assert_eq!(deletions(&report), [1, 2], "{act:?}");
        assert_eq!(reason_of(&report, 3), "marked_for_deletion", "{act:?}");
    }
}

/// Between any two requests somebody renames the project that is held.
#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_is_renamed_while_it_is_listed_is_held() {
    let quiet = serve().await;
    let files = [("hold.yaml", hold("project: acme/app")), ("old.yaml", policy("group: acme", ""))];
    assert_eq!(deletions(&plan(&program(&quiet, &files)).json()), [2, 3]);
    for number in 1..=quiet.requests().len() as u64 {
        let happenings = vec![Happening::before(number, rename(1, "acme/web"))];
        let server = with(Options { happenings, ..Options::default() }).await;
        let planned = plan(&program(&server, &files));
        assert!(!deletions(&planned.json()).contains(&1), "request {number}: {}", planned.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_are_named_by_their_ids_everywhere() {
    let server = serve().await;
    let rules = [
        policy("group: acme", ", project: [\"acme/**\", \"!1\"]"),
        policy("group: acme", ", project: [2, 3]"),
        policy("group: acme", "") + "keep: [{ project: 1 }]\n",
        policy("group: acme, paths: [\"acme/**\", \"!1\"]", ""),
        policy("project: [2, 3]", ""),
    ];
    for rule in rules {
        let checked = program(&server, &[("old.yaml", rule.clone())]).run(&["check"]);
        assert_eq!((checked.code, checked.stderr.as_str()), (0, ""), "{rule}");
        assert_eq!(deletions(&plan(&program(&server, &[("old.yaml", rule.clone())])).json()), [2, 3], "{rule}");
    }
    let program = program(&server, &[("old.yaml", policy("group: acme", ""))]);
    assert_eq!(deletions(&program.run(&["plan", "--output", "json", "--project", "3"]).json()), [3]);
}

/// A CI job's token may list the packages of its own project, and can't ask what the project is.
#[tokio::test(flavor = "multi_thread")]
async fn the_project_of_the_own_pipeline_is_not_archived() {
    for (project, expected, code) in [("acme/app", vec![1], 0), ("acme/lib", vec![], 3)] {
        let server = serve().await;
        let program = Program::with(&[("old.yaml", &policy(&format!("project: {project}"), ""))]);
        let program = program.env("GITLAB_URL", server.url()).env("CI_JOB_TOKEN", "job-token");
        let planned = program.run(&["plan", "--output", "json"]);
        assert_eq!((planned.code, deletions(&planned.json())), (code, expected), "{project}: {}", planned.stderr);
    }
}
