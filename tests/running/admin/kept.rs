//! The reports that are kept in files.

use std::fs;

use gitlab_sandbox::Registry;
use gleaner::report::{CycleStatus, PolicyReport, Totals};
use gleaner::serve::admin::Pages;
use gleaner::serve::board::DECISIONS_OF_A_POLICY;
use gleaner::serve::notice::{Notice, Purpose};
use gleaner_support::NOW;
use jiff::SignedDuration;
use serde_json::Value;

use crate::admin::ask::{ask, get};
use crate::admin::world::{World, parsed};

const ERRORS: (&str, &str) =
    ("errors", "version: 1\nmode: delete\nscope: { group: acme }\ndelete: [{ status: error, older_than: 7d }]\n");

/// The instant of the world's cycles, 95 minutes before now.
const NAME: &str = "2026-05-28T18-51-40Z";

/// A world in which a cycle has run, and its report.
async fn ran() -> (World, PolicyReport) {
    let world = World::new(Registry::generate(2_000, 7, NOW), &[ERRORS]).await;
    let report = world.cycle("errors", Purpose::Execution).await;
    assert!(world.reports.keep(NOW - SignedDuration::from_mins(95), &report).is_none());
    (world, report)
}

#[tokio::test]
async fn the_reports_of_a_policy_are_listed_and_served_after_a_restart() {
    let (world, report) = ran().await;
    let before = world.serve(Pages::All).await;
    let last = get(before.address, "/reports/errors.json").await.body;
    let file = fs::read_to_string(world.folder.path().join(format!("reports/errors/{NAME}.json"))).unwrap();
    let world = world.restarted();
    let after = world.serve(Pages::All).await;
    let (html, json) = (format!("/reports/errors/{NAME}.html"), format!("/reports/errors/{NAME}.json"));
    for served in [&before, &after] {
        let page = get(served.address, "/").await.body;
        for link in [&html, &json] {
            assert!(page.contains(&format!("href=\"{link}\"")), "{link}: {page}");
        }
        let gone = report.totals.gone();
        let figures = format!(
            "executed</span></td><td class=\"number shrink\">{0}</td><td class=\"number shrink\">{gone}<",
            report.totals.delete
        );
        assert!(gone > 10 && page.contains(&figures), "{figures}: {page}");
        let told = get(served.address, &json).await;
        assert_eq!((told.status, told.headers["content-type"].as_str()), (200, "application/json"));
        assert_eq!(told.body, file, "byte for byte");
        let page = get(served.address, &html).await;
        assert_eq!((page.status, page.headers["content-type"].as_str()), (200, "text/html; charset=utf-8"));
        assert_eq!(page.body.matches("<tr data-id=").count() as u64, report.totals.delete);
        assert!(page.body.contains(&format!("href=\"{json}\"")), "a page leads to its own JSON");
    }
    let told: Value = serde_json::from_str(&file).unwrap();
    assert_eq!(told["policies"], serde_json::to_value([&report]).unwrap());
    // And the last one is the newest that is kept.
    assert_eq!(get(after.address, "/reports/errors.json").await.body, last);
    assert_eq!(get(after.address, "/reports/errors.html").await.status, 200);
}

#[tokio::test]
async fn what_is_known_of_the_last_cycle_outlives_a_restart() {
    let (world, report) = ran().await;
    let failed = PolicyReport {
        status: CycleStatus::Failed,
        error: Some("GitLab was on fire".to_owned()),
        totals: Totals::default(),
        decisions: Vec::new(),
        ..report.clone()
    };
    assert!(world.reports.keep(NOW - SignedDuration::from_mins(10), &failed).is_none());
    let world = world.restarted();
    let served = world.serve(Pages::All).await;
    let page = get(served.address, "/").await.body;
    for part in
        ["failed 10 minutes ago", "Before the start, 10 minutes ago", "GitLab was on fire", "The last plan is from"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let figure = format!("data-figure=\"totals.delete\" value=\"{}\"", report.totals.delete);
    assert!(page.contains(&figure), "{figure}: {page}");
    assert!(!page.contains("has been changed since"), "{page}");
    // A cycle since then is the last one, whatever is kept.
    world.cycle("errors", Purpose::DryRun).await;
    for report in world.reports.last("errors") {
        world.tell(&Notice::Remembered { report: &report });
    }
    assert!(get(served.address, "/").await.body.contains("Dry run, 95 minutes ago"));

    let mut world = world;
    world.set = parsed(&[("errors", &ERRORS.1.replace("7d", "8d"))]);
    let served = world.restarted().serve(Pages::All).await;
    assert!(get(served.address, "/").await.body.contains("The policy has been changed since."));
}

#[tokio::test]
async fn no_path_of_a_request_reaches_the_disk() {
    let (world, _) = ran().await;
    let folder = world.folder.path();
    fs::write(folder.join("secret.json"), "{}").unwrap();
    fs::write(folder.join("reports/secret.html"), "secret").unwrap();
    fs::copy(
        folder.join(format!("reports/errors/{NAME}.json")),
        folder.join("reports/errors/2026-01-01T00-00-00Z.json"),
    )
    .unwrap();
    let served = world.serve(Pages::All).await;
    for path in [
        "/reports/errors/../../secret.json",
        "/reports/errors/..%2f..%2fsecret.json",
        "/reports/../secret.json",
        "/reports/./secret.html",
        "/reports/errors/../secret.html",
        "/reports//etc/passwd.json",
        "/reports/errors//secret.json",
        "/reports/errors/2026-01-01T00-00-00Z.json",
        "/reports/errors/.json",
        "/reports/errors/lock.json",
        "/reports/nobody/2026-05-28T18-51-40Z.json",
        "/reports/%65rrors/2026-05-28T18-51-40Z.json",
    ] {
        let answer = get(served.address, path).await;
        assert_eq!((answer.status, answer.body.contains("secret")), (404, false), "{path}: {}", answer.body);
        assert!(answer.body.starts_with("no such report is kept"), "{path}: {}", answer.body);
    }
    for path in [format!("/reports/errors/{NAME}"), format!("/reports/errors/{NAME}.csv")] {
        assert_eq!(get(served.address, &path).await.status, 404, "{path}");
    }
    // What went since the page was made.
    fs::remove_file(folder.join(format!("reports/errors/{NAME}.json"))).unwrap();
    for form in ["html", "json"] {
        let answer = get(served.address, &format!("/reports/errors/{NAME}.{form}")).await;
        assert_eq!(answer.body, "the report is no longer there, or can't be read\n");
        assert_eq!(answer.status, 404);
    }
}

#[tokio::test]
async fn a_kept_report_is_answered_as_all_else_is() {
    let (world, _) = ran().await;
    let (all, some) = (world.serve(Pages::All).await, world.serve(Pages::MetricsOnly).await);
    for form in ["html", "json"] {
        let path = format!("/reports/errors/{NAME}.{form}");
        let (got, head) = (get(all.address, &path).await, ask(all.address, "HEAD", &path).await);
        assert_eq!((head.status, head.body.as_str()), (200, ""));
        assert_eq!(got.headers["content-length"], got.body.len().to_string());
        for header in ["content-type", "content-length", "content-security-policy", "cache-control"] {
            assert_eq!(head.headers[header], got.headers[header], "{path}: {header}");
        }
        let status = get(all.address, "/").await;
        for header in ["content-security-policy", "cache-control", "x-content-type-options", "referrer-policy"] {
            assert_eq!(got.headers[header], status.headers[header], "{path}: {header}");
        }
        assert_eq!(ask(all.address, "POST", &path).await.status, 405);
        assert_eq!(get(some.address, &path).await.status, 404, "that names packages");
    }
}

#[tokio::test]
async fn the_page_of_a_large_report_is_cut_and_its_json_is_whole() {
    let (world, report) = ran().await;
    let mut large = report.clone();
    large.decisions = large.decisions.iter().cycle().take(30_000).cloned().collect();
    large.totals.delete = 30_000;
    assert!(world.reports.keep(NOW, &large).is_none());
    let served = world.serve(Pages::All).await;
    let path = "/reports/errors/2026-05-28T20-26-40Z";
    let json: Value = serde_json::from_str(&get(served.address, &format!("{path}.json")).await.body).unwrap();
    let policy = &json["policies"][0];
    assert_eq!((policy["decisions"].as_array().unwrap().len(), &policy["decisions_left_out"]), (30_000, &0.into()));
    let page = get(served.address, &format!("{path}.html")).await.body;
    assert_eq!(page.matches("<tr data-id=").count(), DECISIONS_OF_A_POLICY);
    assert!(page.contains("data-figure=\"decisions_left_out\" value=\"29000\">29,000</data> more are left out here"));
    assert!(page.contains("The JSON form lists all 30,000 decisions."), "{}", page.len());
}
