//! In-use files while the daemon runs: what they hold, and what becomes of deletions once nobody knows what is in use.

use std::fs;
use std::sync::Arc;

use gleaner::plan::Outcome;
use gleaner::report::{CycleStatus, PolicyReport};
use gleaner::serve::notice::{Notice, Purpose};
use gleaner::serve::{OnStart, Options, Rehearsal};
use jiff::SignedDuration;

use crate::service::told::{Hook, Told};
use crate::service::world::{EXECUTE, World, ids, policy};

const DIRECT: Options = Options { rehearsal: Rehearsal::Waived, ..EXECUTE };

/// It holds nothing outside of acme.
const IN_USE: &str = "version: 1\nprotect: [{ from: cluster.txt, max_age: 2d, name: \"tool-1*\" }]\n";

/// A list as of now.
fn list(world: &World, lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    format!("# as of {}\n{lines}", world.time.now())
}

/// A world with a policy for acme, and a list beside it.
async fn world(packages: u64, lines: &[&str]) -> World {
    let world = World::with(packages).await;
    world.write("old.yaml", &policy("acme", "delete"));
    world.write("in-use.yaml", IN_USE);
    world.write("cluster.txt", &list(&world, lines));
    world
}

fn stale(report: &PolicyReport) -> Vec<(u64, String)> {
    let rows = report.decisions.iter().filter_map(|row| Some((row.package.id.0, row.ending.as_ref()?)));
    let rows = rows.filter(|(_, ending)| ending.outcome == Outcome::Stale);
    rows.map(|(id, ending)| (id, ending.problem.clone().unwrap_or_default())).collect()
}

#[tokio::test(start_paused = true)]
async fn a_list_that_turns_empty_between_two_cycles_stops_every_policy() {
    let world = world(3, &["pkg:npm/tool-101@1.0.0", "pkg:npm/tool-102"]).await;
    let mut daemon = world.start(DIRECT).await;
    world.time.minute().await;
    let first = daemon.ended("old").await;
    assert_eq!((first.report.status, first.count("deleted")), (CycleStatus::Executed, 1));
    assert_eq!(world.present(), &(&ids(1, 2) | &ids(2, 3)) | &ids(3, 3));
    let file = world.path("cluster.txt").display().to_string();
    assert_eq!(world.metric(&format!("in_use_file_usable{{file=\"{file}\"}}")), "1");
    let as_of = world.metric(&format!("in_use_file_timestamp_seconds{{file=\"{file}\"}}"));

    // A policy that the protection would hold nothing of stops as well.
    world.write("web.yaml", &policy("beta", "delete"));
    world.write("cluster.txt", &list(&world, &["# nobody uses anything"]));
    world.time.look().await;
    let why = daemon.halted().await.unwrap();
    assert_eq!(why, format!("what is in use can't be told: {file} can't be used, because it names no package"));
    assert_eq!(world.metric(&format!("in_use_file_usable{{file=\"{file}\"}}")), "0");
    assert!(!world.metrics.render().unwrap().contains("in_use_file_timestamp_seconds{"), "nobody knows of what time");
    assert_eq!(world.metric("paused"), "1");
    let before = world.requests("DELETE", "");
    world.time.minute().await;
    for policy in ["old", "web"] {
        let held = daemon.ended(policy).await;
        // Whatever it may name is kept, and what it can't name is left.
        let left = if policy == "web" { 3 } else { 0 };
        assert_eq!((held.report.status, held.report.totals.delete), (CycleStatus::Partial, left), "{policy}");
        assert_eq!((held.count("deleted"), held.count("not_attempted")), (0, left), "{policy}");
        assert_eq!(held.error().matches(&why).count(), 1, "{policy}: {}", held.error());
    }
    assert_eq!(world.requests("DELETE", ""), before);

    // It is written anew, and names less.
    world.write("cluster.txt", &list(&world, &["pkg:npm/tool-101@1.0.0"]));
    world.time.look().await;
    assert_eq!(daemon.halted().await, None);
    assert_ne!(world.metric(&format!("in_use_file_timestamp_seconds{{file=\"{file}\"}}")), as_of);
    world.time.minute().await;
    let last = daemon.ended("old").await;
    assert_eq!((last.report.status, last.count("deleted")), (CycleStatus::Executed, 1));
    assert!(last.report.warnings.is_empty(), "{:?}", last.report.warnings);
    let story = daemon.stop().await;
    assert_eq!(story.count(|told| matches!(told, Told::Loaded)), 2, "a list is no policy");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_turns_empty_between_plan_and_execution_stops_it() {
    let world = world(3, &["pkg:npm/tool-101@1.0.0"]).await;
    let file = world.path("cluster.txt");
    let empty = list(&world, &[]);
    let hook = Hook::new(move |notice: &Notice<'_>| {
        if matches!(notice, Notice::Planned { .. }) {
            fs::write(&file, &empty).unwrap();
        }
    });
    let mut daemon = world.start_with(Options { on_start: OnStart::Run, ..DIRECT }, vec![Arc::new(hook)]).await;
    let held = daemon.ended("old").await;
    assert_eq!((held.report.status, held.count("not_attempted")), (CycleStatus::Partial, 2));
    assert!(held.error().contains("it names no package"), "{}", held.error());
    assert_eq!((world.present().len(), world.requests("DELETE", "")), (9, 0));
}

/// A deployment between plan and execution is daily life: only what it newly uses stays.
#[tokio::test(start_paused = true)]
async fn what_is_in_use_since_the_plan_stays() {
    let world = world(3, &["pkg:npm/tool-101@1.0.0"]).await;
    let file = world.path("cluster.txt");
    let more = list(&world, &["pkg:npm/tool-101@1.0.0", "pkg:npm/tool-103@1.0.0"]);
    let hook = Hook::new(move |notice: &Notice<'_>| {
        if matches!(notice, Notice::Planned { .. }) {
            fs::write(&file, &more).unwrap();
        }
    });
    let mut daemon = world.start_with(Options { on_start: OnStart::Run, ..DIRECT }, vec![Arc::new(hook)]).await;
    let ended = daemon.ended("old").await;
    assert_eq!((ended.report.status, ended.count("deleted")), (CycleStatus::Executed, 1));
    let path = world.path("cluster.txt").display().to_string();
    let told = format!("now protected by in-use: name matches tool-1*; in use by line 3 of {path}");
    assert_eq!(stale(&ended.report), [(103, told)]);
    assert!(world.present().is_superset(&[101, 103].into()) && !world.present().contains(&102));
}

/// The clock alone makes it too old. A mount renews the file's own date, which says nothing.
#[tokio::test(start_paused = true)]
async fn a_list_that_nobody_renews_gets_too_old() {
    let world = world(3, &["pkg:npm/tool-101@1.0.0"]).await;
    let text = fs::read_to_string(world.path("cluster.txt")).unwrap();
    let as_of = world.time.now() - SignedDuration::from_hours(48) + SignedDuration::from_secs(30);
    let old = text.replace(&world.time.now().to_string(), &as_of.to_string());
    assert_ne!(text, old);
    world.write("cluster.txt", &old);
    let mut daemon = world.start(DIRECT).await;
    assert_eq!(world.metric("paused"), "0");
    world.time.minute().await;
    // The same text, written again.
    world.write("cluster.txt", &old);
    let why = daemon.halted().await.unwrap();
    assert!(why.ends_with(&format!("it is of {as_of}, which is more than 2d ago")), "{why}");
    let held = daemon.ended("old").await;
    assert_eq!((held.report.status, held.count("deleted")), (CycleStatus::Partial, 0));
    assert_eq!(world.present().len(), 9);
}

/// A rehearsal in which everything is held shows nothing of what an execution would do.
#[tokio::test(start_paused = true)]
async fn a_rehearsal_without_a_list_is_none() {
    let world = world(3, &["pkg:npm/tool-101@1.0.0"]).await;
    world.write("cluster.txt", "");
    let mut daemon = world.start(EXECUTE).await;
    let first = daemon.ended("old").await;
    assert_eq!((first.purpose, first.report.status), (Purpose::Rehearsal, CycleStatus::Partial));
    world.write("cluster.txt", &list(&world, &["pkg:npm/tool-101@1.0.0"]));
    world.time.minute().await;
    let second = daemon.ended("old").await;
    assert_eq!((second.purpose, second.report.status), (Purpose::Rehearsal, CycleStatus::Planned));
    world.time.minute().await;
    let third = daemon.ended("old").await;
    assert_eq!((third.purpose, third.count("deleted")), (Purpose::Execution, 2));
}

/// What a list names changes from day to day, and is no change of the policy.
#[tokio::test(start_paused = true)]
async fn another_list_is_no_other_policy() {
    let world = world(3, &["pkg:npm/tool-101@1.0.0"]).await;
    let mut daemon = world.start(EXECUTE).await;
    let first = daemon.ended("old").await;
    assert_eq!(first.purpose, Purpose::Rehearsal);
    world.write("cluster.txt", &list(&world, &["pkg:npm/something-else@1.0.0"]));
    world.time.minute().await;
    let second = daemon.ended("old").await;
    assert_eq!((second.purpose, second.count("deleted")), (Purpose::Execution, 3));
    assert_eq!(second.report.policy_sha256, first.report.policy_sha256);
    assert!(second.report.warnings.is_empty(), "{:?}", second.report.warnings);
    assert_eq!(second.report.loosened_projects, 0);
}

/// While nobody knew what is in use, the rule held everything. That was no hold that a changed text could let go of.
#[tokio::test(start_paused = true)]
async fn what_was_held_for_want_of_a_list_is_not_remembered() {
    let world = world(3, &[]).await;
    let mut daemon = world.start(DIRECT).await;
    world.time.minute().await;
    assert_eq!(daemon.ended("old").await.report.status, CycleStatus::Partial);
    world.write("cluster.txt", &list(&world, &["pkg:npm/something-else"]));
    world.change("in-use.yaml", "2d", "3d");
    world.time.look().await;
    world.time.minute().await;
    let ended = daemon.ended("old").await;
    assert_eq!((ended.report.loosened_projects, ended.count("deleted")), (0, 3), "{:?}", ended.report.warnings);
}
