//! A dry run that deleted, and a real run that deleted something else.

use std::collections::BTreeSet;

use gitlab_sandbox::faults::{Body, Fault, Rule};
use gitlab_sandbox::{Clock, Faults, Options, Registry, Server};
use gleaner::report::PolicyReport;
use jiff::SignedDuration;
use serde_json::Value;

use crate::lessons::gitlab::{Gleaner, OLD, deletes, doomed, many, outcomes, package, present, registry, serve};
use crate::lessons::judgement::{NOW, policy};
use crate::lessons::program::Program;

/// goharbor/harbor #20996: "Dry run deleted my images".
#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_asks_and_changes_nothing() {
    let server = serve(many(30), Faults::default()).await;
    let before = server.packages();
    let program = Program::new(&server, &[("old", OLD)]);
    for arguments in [&["plan", "--output", "json"][..], &["plan", "--output", "json", "--quick"]] {
        let ended = program.run(arguments);
        let report = ended.json();
        assert_eq!((ended.code, &report["policies"][0]["totals"]["delete"]), (0, &30.into()), "{arguments:?}");
        assert_eq!(report["policies"][0]["requests"]["DELETE"], 0, "{arguments:?}");
    }
    assert!(server.requests().iter().all(|request| request.method == "GET"));
    assert_eq!(server.packages(), before);
}

/// goharbor/harbor #15332: the flag held back the sweep, and not the mark. A policy in `mode: dry-run` beside one that
/// deletes deletes nothing, and what it would delete counts as gone for nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_beside_a_real_run_leaves_no_mark() {
    let server = serve(many(30), Faults::default()).await;
    let program = Program::new(&server, &[("b-sweep", &format!("{OLD}\nkeep: [{{ newest: 29 }}]"))]);
    program.write("a-drill", &policy(OLD).replace("mode: delete", "mode: dry-run"));
    for command in [&["plan"][..], &["apply", "--yes"]] {
        let policies = program.run(&[command, &["--output", "json"]].concat()).json()["policies"].clone();
        assert_eq!(
            (&policies[0]["policy"], &policies[0]["status"]),
            (&"a-drill".into(), &"planned".into()),
            "{command:?}"
        );
        assert_eq!(policies[0]["totals"]["delete"], 30, "{command:?}");
        assert_eq!((&policies[1]["scanned"], &policies[1]["totals"]["delete"]), (&30.into(), &1.into()), "{command:?}");
    }
    assert_eq!(deletes(&server), ["/api/v4/projects/1/packages/1"]);
    assert_eq!(present(&server), (2..=30).collect());
}

/// cloud-custodian #2316, snok/container-retention-policy #66: the dry run took another way through the code than the
/// real run, and showed something else.
#[tokio::test(flavor = "multi_thread")]
async fn the_real_run_does_what_the_dry_run_showed() {
    let mut registry = Registry::generate(400, 7, NOW);
    // A protected package would stay, and both runs say that it goes.
    registry.protection_rules.clear();
    // Some files can't be looked up, so that the listing alone doesn't decide.
    let missing = Rule::new(Fault::Status { code: 404, body: Body::Json }).path("*7/package_files*");
    let server = serve(registry, Faults::new(0).with(missing)).await;
    let before = present(&server);
    let rules = "delete: [{ older_than: 200d }, { status: error }]\nkeep: [{ newest: 2 }, { project: \"acme/web/**\" }]\n\
                 limits: { max_percent: 100, max_percent_per_project: 100 }";
    let program = Program::new(&server, &[("old", rules)]);
    let rows = |command: &[&str]| {
        let report = program.run(&[command, &["--output", "json", "--all"]].concat()).json();
        let rows = report["policies"][0]["decisions"].as_array().unwrap().clone();
        let part = |row: &Value| ["id", "verdict", "reason", "rule", "rank"].map(|key| row[key].clone());
        rows.iter().map(part).collect::<Vec<_>>()
    };
    let shown = rows(&["plan"]);
    assert_eq!(rows(&["apply", "--yes"]), shown);
    let deleted = shown.iter().filter(|[_, verdict, ..]| verdict == "delete").map(|[id, ..]| id.as_u64().unwrap());
    let gone: BTreeSet<u64> = before.difference(&present(&server)).copied().collect();
    assert!(!gone.is_empty());
    assert_eq!(gone, deleted.collect());
}

/// The real prune worked everything out again with a later "now", and removed more than the dry run had shown. Here one
/// instant decides: what came of age since stays, and so does what was changed after the second look.
#[tokio::test]
async fn the_real_run_goes_by_the_instant_that_was_shown() {
    let mut packages = vec![package(1, 31), package(2, 31), package(3, 30), package(4, 29)];
    packages[1].updated_at = NOW + SignedDuration::from_secs(1);
    let options = Options { clock: Clock::new(|| NOW), ..Options::default() };
    let server = Server::start(registry(packages), options).await.unwrap();
    let mut shown = None;
    let agree = |plan: &PolicyReport| {
        shown = Some(doomed(plan));
        true
    };
    let report = Gleaner::new(server.url(), OLD).run_if(agree).await;
    assert_eq!((shown, doomed(&report)), (Some([1, 2].into()), [1, 2].into()));
    assert_eq!(outcomes(&report), [(1, "deleted"), (2, "stale")].into());
    assert_eq!(present(&server), [2, 3, 4].into());
}
