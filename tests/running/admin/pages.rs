//! The status page and the reports, against the cycles that they tell of.

use gitlab_sandbox::{Package, Registry, Status};
use gleaner::cycle::progress::Event;
use gleaner::plan::Outcome;
use gleaner::report::PolicyReport;
use gleaner::serve::admin::Pages;
use gleaner::serve::board::{DECISIONS, DECISIONS_OF_A_POLICY};
use gleaner::serve::notice::{Notice, Purpose};
use gleaner_support::NOW;
use jiff::SignedDuration;
use serde_json::Value;

use crate::admin::ask::get;
use crate::admin::world::{Served, World, parsed};

const ERRORS: (&str, &str) = (
    "errors",
    "version: 1\ndescription: Failed <b>uploads</b>\nschedule: '30 2 * * *'\ntimezone: Europe/Berlin\nmode: delete\n\
     scope: { group: acme }\ndelete: [{ status: error, older_than: 7d }]\nlimits: { max_bytes: 50TB }\n",
);
const STRICT: (&str, &str) = (
    "strict",
    "version: 1\nscope: { group: acme }\ndelete: [{ older_than: 30d }]\nkeep: [{ id: 999999999 }]\n\
     limits: { max_deletions: 3 }\n",
);
const HOLD: (&str, &str) = ("hold", "version: 1\nprotect: [{ name: no-such-package }]\n");

/// What is there, without a page's head, which is always the same.
async fn page(served: &Served, path: &str) -> String {
    let answer = get(served.address, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.body.split_once("<body>").map_or(answer.body.clone(), |(_, body)| body.to_owned())
}

#[tokio::test]
async fn the_status_page_tells_all_of_a_policy() {
    let world = World::new(Registry::generate(2_000, 7, NOW), &[ERRORS, STRICT, HOLD]).await;
    let served = world.serve(Pages::All).await;
    world.tell(&Notice::Connected { token_expires: Some("2026-12-31T00:00:00Z".parse().unwrap()) });
    let next = "2026-05-29T00:30:00Z".parse().unwrap();
    world.tell(&Notice::Scheduled { policy: "errors", next: Some(next), interval: None });
    let before = page(&served, "/").await;
    for part in ["None yet", "It runs in one-shot commands only", "ready</span>", "executes</span>", "deletes</span>"] {
        assert!(before.contains(part), "{part}: {before}");
    }
    assert!(!before.contains("/reports/"), "there is no report to link to");

    let errors = world.cycle("errors", Purpose::Rehearsal).await;
    let strict = world.cycle("strict", Purpose::DryRun).await;
    let page = page(&served, "/").await;
    for part in [
        "At 02:30 every day",
        "<code>30 2 * * *</code> Europe/Berlin",
        "Fri 29 May, 02:30",
        "Europe/Berlin, in 4 hours",
        "Failed &lt;b&gt;uploads&lt;/b&gt;",
        "Rehearsal, 95 minutes ago",
        "took 1 min 23 s",
        "of at most 1,000",
        "of at most 50.0 TB",
        "at least 72h",
        "/reports/errors.html",
        "the token expires <time datetime=\"2026-12-31T00:00:00Z\">",
        // Problems, at the top and at the policy.
        "<a href=\"#policy-strict\">strict</a> was refused by a limit 95 minutes ago.",
        "Refused by <code>max_deletions</code>",
        "<code>hold.protect[0]</code> matched nothing",
        "<code>keep[0]</code> matched nothing",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    for (report, verb) in [(&errors, "Would go"), (&strict, "Would go")] {
        let delete = report.totals.delete;
        assert!(delete > 3, "{}", report.policy);
        let figure = format!(
            "<dt>{verb}</dt><dd><data data-policy=\"{}\" data-figure=\"totals.delete\" value=\"{delete}\">",
            report.policy
        );
        assert!(page.contains(&figure), "{figure}: {page}");
    }
}

#[tokio::test]
async fn problems_stand_before_all_policies() {
    let world = World::new(Registry::generate(400, 7, NOW), &[ERRORS]).await;
    let served = world.serve(Pages::All).await;
    assert!(!page(&served, "/").await.contains("Needs attention"));
    world.tell(&Notice::Halted { why: Some("the instance file says `paused: true`") });
    world.tell(&Notice::NotConnected { problem: "it answers 503 & is down" });
    world.tell(&Notice::NotLoaded { problem: "errors.yaml:1:1: <bad>\n  1 | here", at: NOW });
    let told = page(&served, "/").await;
    let first = told.find("<section").unwrap();
    for part in [
        "Deletions are held up:</strong> the instance file says <code>paused: true</code>",
        "it answers 503 &amp; is down",
        "errors.yaml:1:1: &lt;bad&gt;\n  1 | here",
        "The policies that were loaded before stay in force.",
    ] {
        assert!(told.find(part).is_some_and(|place| place < first), "{part}: {told}");
    }
    // And they go when they are over.
    world.tell(&Notice::Halted { why: None });
    world.tell(&Notice::Connected { token_expires: None });
    world.tell(&Notice::Loaded { set: &world.set, at: NOW });
    assert!(!page(&served, "/").await.contains("Needs attention"));
}

#[tokio::test]
async fn the_json_is_that_of_the_cycle_and_the_page_has_its_rows() {
    let world = World::new(Registry::generate(2_000, 7, NOW), &[ERRORS]).await;
    let served = world.serve(Pages::All).await;
    let cycle = world.cycle("errors", Purpose::Execution).await;
    let answer = get(served.address, "/reports/errors.json").await;
    assert_eq!(answer.headers["content-type"], "application/json");
    let json: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(json["policies"], serde_json::to_value([&cycle]).unwrap());
    assert_eq!((&json["format"], &json["as_of"]), (&1.into(), &"2026-05-28T18:51:40Z".into()));
    assert_eq!(json["instance"], "https://gitlab.acme.example");
    assert!(cycle.totals.by_outcome[&Outcome::Deleted] > 10);
    let page = page(&served, "/reports/errors.html").await;
    for row in &cycle.decisions {
        assert!(page.contains(&format!("<tr data-id=\"{}\"", row.package.id)), "{}", row.package.id);
    }
    assert_eq!(page.matches("<tr data-id=").count() as u64, cycle.totals.delete);
    let deleted =
        format!("data-figure=\"totals.by_outcome.deleted\" value=\"{}\"", cycle.totals.by_outcome[&Outcome::Deleted]);
    assert!(page.contains(&deleted));
}

#[tokio::test]
async fn the_name_of_a_package_is_never_markup() {
    let mut registry = Registry::generate(400, 7, NOW);
    let evil = "<script>alert(1)</script>\"'><img src=x>";
    let mut failed = registry.packages.iter_mut().filter(|package| package.status == Status::Error);
    let package: &mut Package =
        failed.find(|package| package.created_at < NOW - SignedDuration::from_hours(500)).unwrap();
    package.name = evil.to_owned();
    let world = World::new(registry, &[ERRORS]).await;
    let served = world.serve(Pages::All).await;
    let cycle = world.cycle("errors", Purpose::DryRun).await;
    assert!(cycle.decisions.iter().any(|row| row.package.name == evil));
    for path in ["/", "/reports/errors.html"] {
        let page = page(&served, path).await;
        assert!(!page.contains("<script") && !page.contains("<img"), "{path}");
    }
    assert!(page(&served, "/reports/errors.html").await.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;"));
}

/// Of packages before those of files: together they have no more room than packages alone.
#[tokio::test]
async fn a_large_plan_on_files_is_remembered_in_part_and_says_so() {
    let text = "version: 1\nscope: { group: acme }\nfiles: [{ type: maven, keep_newest: 1 }]\n";
    let world = World::new(Registry::generate(400, 7, NOW), &[("trim", text), ERRORS]).await;
    let served = world.serve(Pages::All).await;
    let mut large = world.cycle("trim", Purpose::DryRun).await;
    assert!(large.totals.delete_files > 0);
    let json: Value = serde_json::from_str(&page(&served, "/reports/trim.json").await).unwrap();
    let rows = &json["policies"][0]["file_decisions"];
    assert_eq!(rows.as_array().unwrap().len() as u64, large.totals.delete_files);
    let status = page(&served, "/").await;
    assert!(status.contains(&format!("data-figure=\"totals.delete_files\" value=\"{}\"", large.totals.delete_files)));

    large.file_decisions = large.file_decisions.iter().cycle().take(5_000).cloned().collect();
    large.decisions =
        world.cycle("errors", Purpose::DryRun).await.decisions.iter().cycle().take(400).cloned().collect();
    end(&world, &large);
    let json: Value = serde_json::from_str(&page(&served, "/reports/trim.json").await).unwrap();
    let policy = &json["policies"][0];
    assert_eq!((policy["decisions"].as_array().unwrap().len(), &policy["decisions_left_out"]), (400, &0.into()));
    let listed = policy["file_decisions"].as_array().unwrap().len();
    assert_eq!((listed, &policy["file_decisions_left_out"]), (DECISIONS_OF_A_POLICY - 400, &4_400.into()));
    let told = page(&served, "/reports/trim.html").await;
    assert!(
        told.contains("data-figure=\"file_decisions_left_out\" value=\"4400\">4,400</data> more are left out here")
    );
    assert!(told.contains("lists all 5,000 file decisions."));
    assert_eq!(told.matches("<tr data-file=").count(), listed);
}

#[tokio::test]
async fn a_large_plan_is_remembered_in_part_and_says_so() {
    let world = World::new(Registry::generate(400, 7, NOW), &[ERRORS]).await;
    let served = world.serve(Pages::All).await;
    let mut large = world.cycle("errors", Purpose::DryRun).await;
    large.decisions = large.decisions.iter().cycle().take(100_000).cloned().collect();
    large.totals.delete = 100_000;
    end(&world, &large);
    let json: Value = serde_json::from_str(&page(&served, "/reports/errors.json").await).unwrap();
    let policy = &json["policies"][0];
    assert_eq!(policy["decisions"].as_array().unwrap().len(), DECISIONS_OF_A_POLICY);
    assert_eq!(policy["decisions_left_out"], 99_000);
    assert_eq!(policy["totals"]["delete"], 100_000);
    let told = page(&served, "/reports/errors.html").await;
    assert!(told.contains("data-figure=\"decisions_left_out\" value=\"99000\">99,000</data> more are left out here"));
    assert_eq!(told.matches("<tr data-id=").count(), DECISIONS_OF_A_POLICY);

    // Many policies share the room.
    let names: Vec<String> = (0..40).map(|number| format!("p{number}")).collect();
    let policies: Vec<(&str, &str)> = names
        .iter()
        .map(|name| (name.as_str(), "version: 1\nscope: { group: acme }\ndelete: [{ status: error }]\n"))
        .collect();
    world.tell(&Notice::Loaded { set: &parsed(&policies), at: NOW });
    for name in &names {
        end(&world, &PolicyReport { policy: name.clone(), ..large.clone() });
    }
    let kept: usize = world
        .board
        .snapshot()
        .policies
        .iter()
        .map(|policy| policy.last.as_ref().unwrap().policy().unwrap().decisions.len())
        .sum();
    assert_eq!(kept, DECISIONS);
}

#[tokio::test]
async fn a_failed_cycle_leaves_the_last_plan_to_be_seen() {
    let world = World::new(Registry::generate(400, 7, NOW), &[ERRORS]).await;
    let served = world.serve(Pages::All).await;
    let planned = world.cycle("errors", Purpose::DryRun).await;
    let failed = PolicyReport {
        status: gleaner::report::CycleStatus::Failed,
        error: Some("the token was refused".to_owned()),
        totals: gleaner::report::Totals::default(),
        decisions: Vec::new(),
        ..planned.clone()
    };
    let began = NOW - SignedDuration::from_mins(5);
    let took = std::time::Duration::from_millis(120);
    world.tell(&Notice::CycleEnded { purpose: Purpose::DryRun, report: &failed, as_of: began, began, took });
    let told = page(&served, "/").await;
    assert!(told.contains("<a href=\"#policy-errors\">errors</a> failed 5 minutes ago."), "{told}");
    assert!(told.contains("the token was refused"));
    assert!(told.contains("The last plan is from <time datetime=\"2026-05-28T18:51:40Z\">"), "{told}");
    assert!(told.contains(&format!("data-figure=\"totals.delete\" value=\"{}\"", planned.totals.delete)));
    assert!(page(&served, "/reports/errors.html").await.contains("data-status=\"failed\""));
}

#[tokio::test]
async fn what_is_known_of_a_policy_outlives_a_reload_and_is_marked_when_it_changed() {
    let world = World::new(Registry::generate(400, 7, NOW), &[ERRORS, STRICT]).await;
    let served = world.serve(Pages::All).await;
    world.cycle("errors", Purpose::DryRun).await;
    world.cycle("strict", Purpose::DryRun).await;
    // The same rules with another description; the other policy is gone.
    let described = ERRORS.1.replace("Failed <b>uploads</b>", "Broken uploads");
    world.tell(&Notice::Loaded { set: &parsed(&[("errors", &described)]), at: NOW });
    let told = page(&served, "/").await;
    assert!(told.contains("Broken uploads") && told.contains("Dry run, 95 minutes ago"), "{told}");
    assert!(!told.contains("has been changed since") && !told.contains("strict"), "{told}");
    assert_eq!(get(served.address, "/reports/strict.json").await.status, 404);
    // Other rules.
    world.tell(&Notice::Loaded { set: &parsed(&[("errors", &ERRORS.1.replace("7d", "8d"))]), at: NOW });
    assert!(page(&served, "/").await.contains("The policy has been changed since."));
    // A cycle of the old rules that ends only now changes nothing about that.
    let old = world.board.policy("errors").unwrap().last.unwrap().policy().unwrap().clone();
    end(&world, &old);
    assert!(page(&served, "/").await.contains("The policy has been changed since."));
}

#[tokio::test]
async fn a_running_cycle_shows_how_far_it_is() {
    let world = World::new(Registry::generate(400, 7, NOW), &[ERRORS, STRICT]).await;
    let served = world.serve(Pages::All).await;
    let at = NOW - SignedDuration::from_secs(40);
    world.tell(&Notice::CycleBegan { policy: "errors", purpose: Purpose::Execution, at });
    let read = Event::PageRead { rows: 100 };
    // Nobody's cycle, and that of another.
    world.tell(&Notice::During { policy: None, event: &read });
    world.tell(&Notice::During { policy: Some("errors"), event: &read });
    world.tell(&Notice::During { policy: Some("strict"), event: &read });
    let told = page(&served, "/").await;
    assert!(told.contains("execution running</span>"), "{told}");
    assert!(told.contains("Execution, began 40 seconds ago"), "{told}");
    assert!(told.contains("100 packages listed, 0 look-ups, 0 deletions"), "{told}");
    assert_eq!(told.matches("began 40 seconds ago").count(), 1);
    world.cycle("errors", Purpose::Execution).await;
    assert!(!page(&served, "/").await.contains("running</span>"));
}

fn end(world: &World, report: &PolicyReport) {
    let began = NOW - SignedDuration::from_mins(95);
    let took = std::time::Duration::from_secs(83);
    world.tell(&Notice::CycleEnded { purpose: Purpose::DryRun, report, as_of: began, began, took });
}
