//! Failing, or doing nothing, without a word.

use std::collections::BTreeMap;

use gitlab_sandbox::faults::{Body, Fault, Kind, Rule};
use gitlab_sandbox::{Act, Faults, Happening, Options, Sandbox, Server};
use gleaner::package::{Downloaded, Package, PackageType, Project, ProjectId, Status};
use gleaner::plan::Outcome;
use gleaner::report::CycleStatus;

use crate::lessons::gitlab::{Gleaner, OLD, many, outcomes, package, present, reasons, registry, serve};
use crate::lessons::judgement::{days_ago, judge, row};
use crate::lessons::program::Program;

fn refusing(code: u16, kind: Kind, path: &str) -> Faults {
    let fault = Fault::Status { code, body: Body::Json };
    Faults::new(0).with(Rule::new(fault).kind(kind).path(path))
}

/// actions/delete-package-versions #237: somebody else had deleted one version, and its 404 ended the run.
#[tokio::test]
async fn a_404_for_one_package_stops_no_other() {
    let mut registry = many(8);
    registry.packages = vec![package(9, 100)];
    registry.packages[0].package_type = gitlab_sandbox::PackageType::Generic;
    let faults = refusing(404, Kind::PackageFiles, "*/packages/9/package_files*");
    let somebody = Happening::before(1, Act::DeletePackage { package: 2 }).method("DELETE").path("*/packages/2");
    let options = Options { faults, happenings: vec![somebody], ..Options::default() };
    let server = Server::start(registry, options).await.unwrap();
    let report = Gleaner::new(server.url(), OLD).run().await;
    let mut expected: BTreeMap<u64, &str> = (1..=8).map(|id| (id, "deleted")).collect();
    expected.insert(2, "already_gone");
    assert_eq!(outcomes(&report), expected);
    // What it could not look up it keeps, and says so.
    assert_eq!((reasons(&report)[&9], report.status), ("no_evidence", CycleStatus::Partial));
}

/// The count that was reported was the planned one. What is told is what became of each deletion.
#[tokio::test(start_paused = true)]
async fn what_is_reported_is_what_was_done() {
    let faults = refusing(400, Kind::DeletePackage, "*/packages/2")
        .with(Rule::new(Fault::FalseDelete).kind(Kind::DeletePackage).path("*/packages/3"));
    let sandbox = Sandbox::open(many(5), &Options { faults, ..Options::default() }).unwrap();
    let report = Gleaner::in_process(&sandbox, OLD).run().await;
    assert_eq!(report.totals.delete, 5);
    assert_eq!(
        report.totals.by_outcome,
        [(Outcome::Deleted, 3), (Outcome::Failed, 1), (Outcome::Unconfirmed, 1)].into()
    );
    assert_eq!(report.status, CycleStatus::Partial);
    assert_eq!(present(&sandbox), [2, 3].into());
}

/// Exit code 0 after failures. Each way to fail has a code of its own, and none of them is 0.
#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_tells_of_every_failure() {
    let limits = "limits: { max_percent: 100, max_deletions: 2 }";
    let beyond = format!("delete: [{{ older_than: 30d, allow_latest: true }}]\n{limits}");
    let deleting = refusing(400, Kind::DeletePackage, "*/packages/2");
    let listing = refusing(403, Kind::GroupPackages, "*");
    let table = [
        ("all is well", OLD, Faults::default(), 0, "executed"),
        ("a deletion fails", OLD, deleting, 3, "partial"),
        ("the listing fails", OLD, listing, 1, "failed"),
        ("the plan is beyond a limit", &beyond, Faults::default(), 4, "refused"),
    ];
    for (told, rules, faults, code, status) in table {
        let server = serve(many(5), faults).await;
        let ended = Program::new(&server, &[("old", rules)]).run(&["apply", "--yes", "--output", "json"]);
        assert_eq!((ended.code, &ended.json()["policies"][0]["status"]), (code, &status.into()), "{told}");
    }
    let server = serve(many(5), Faults::default()).await;
    let ended = Program::new(&server, &[("old", "delete: [{ older_then: 30d }]")]).run(&["apply", "--yes"]);
    assert_eq!((ended.code, present(&server).len()), (2, 5));
}

/// A condition was inverted, nothing was ever deleted, and nobody noticed. Each condition selects the one that it means.
#[test]
fn no_condition_is_inverted() {
    let plain = |id| row(id, "1.0.0", days_ago(100));
    let elsewhere = Project {
        archived: Some(false),
        has_releases: Some(false),
        ..Project::unread(ProjectId(2), Some("acme/lib".to_owned()))
    };
    let aged = |id, days| row(id, "1.0.0", days_ago(days));
    let downloaded = |id, downloaded| Package { downloaded, ..plain(id) };
    let table = [
        ("type: npm", plain(1), Package { package_type: PackageType::TerraformModule, ..plain(2) }),
        ("name: app", plain(1), Package { name: "lib".to_owned(), ..plain(2) }),
        ("name: \"!lib\"", plain(1), Package { name: "lib".to_owned(), ..plain(2) }),
        ("project: \"acme/app\"", plain(1), Package { project: elsewhere, ..plain(2) }),
        ("version: \"1.*\"", plain(1), row(2, "2.0.0", days_ago(100))),
        ("status: error", Package { status: Status::Error, ..plain(1) }, plain(2)),
        ("older_than: 90d", plain(1), aged(2, 80)),
        ("younger_than: 90d", aged(1, 80), plain(2)),
        ("not_downloaded_for: 50d", plain(1), downloaded(2, Downloaded::At(days_ago(40)))),
        ("downloaded_within: 50d", downloaded(1, Downloaded::At(days_ago(40))), plain(2)),
        ("never_downloaded: true", plain(1), downloaded(2, Downloaded::At(days_ago(90)))),
    ];
    for (condition, hit, miss) in table {
        let rows = || [hit.clone(), miss.clone()];
        let delete = judge(&format!("delete: [{{ {condition}, allow_latest: true }}]"), rows());
        assert_eq!(delete.gone(), [1].into(), "delete: {condition}");
        let all = "delete: [{ name: \"**\", allow_latest: true }]";
        let keep = judge(&format!("{all}\nkeep: [{{ {condition} }}]"), rows());
        assert_eq!(keep.gone(), [2].into(), "keep: {condition}");
    }
}

/// Nobody noticed because nothing was said. A rule that matches nothing stands in the report, with how much was looked at.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_finds_nothing_says_so() {
    let server = serve(registry(vec![package(1, 100), package(2, 90)]), Faults::default()).await;
    let rules = "delete: [{ younger_than: 30d }, { older_than: 95d, allow_latest: true }]\nkeep: [{ name: nothing }]";
    let program = Program::new(&server, &[("old", rules)]);
    let report = program.run(&["plan", "--output", "json", "--as-of", "2025-06-01"]).json();
    let policy = &report["policies"][0];
    let rules = policy["rules"].as_array().unwrap().iter();
    let matched: Vec<_> =
        rules.map(|rule| (rule["rule"].as_str().unwrap(), rule["matched"].as_u64().unwrap())).collect();
    assert_eq!(matched, [("keep[0]", 0), ("delete[0]", 0), ("delete[1]", 1)]);
    assert_eq!((&policy["scanned"], &policy["totals"]["delete"]), (&2.into(), &1.into()));
    let ended = program.run(&["plan", "--as-of", "2025-06-01"]);
    for line in ["keep[0] matched nothing", "delete[0] matched nothing"] {
        assert!(ended.stdout.contains(line), "{line:?} is not in {}{}", ended.stdout, ended.stderr);
    }
}
