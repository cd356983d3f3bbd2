//! Policies that list the same share a walk, and each is planned on what those before it leave.

use gitlab_sandbox::faults::{Body, Fault, Kind, Rule, When};
use gitlab_sandbox::{Faults, FileStatus, Package, PackageFile, PackageType, Project, Registry};
use gleaner::serve::notice::{Authority, Notice};
use gleaner::serve::{OnStart, Options, Rehearsal};
use jiff::SignedDuration;

use crate::service::told::{Cycle, Hook, Told};
use crate::service::world::{EXECUTE, Time, World, ids, old, policy, registry};

use std::sync::Arc;
use std::time::Duration;

const PLAN: Options = Options { authority: Authority::PlanOnly, ..EXECUTE };
const AT_ONCE: Options = Options { rehearsal: Rehearsal::Waived, on_start: OnStart::Run, ..EXECUTE };

/// Five versions of one package in `acme`, ids 101 to 105, each made a day after the one before.
fn versions(time: &Time) -> Registry {
    let version = |id: u64| {
        let created_at = time.days_ago(300 - i64::try_from(id).unwrap());
        Package { created_at, updated_at: created_at, ..old(id, 1, "app", &format!("1.0.{id}"), time) }
    };
    Registry { packages: (101..=105).map(version).collect(), ..registry(0, time) }
}

/// The first takes the newest version; the second all but the two newest that are left.
fn first(mode: &str) -> String {
    policy("acme", mode).replace("older_than: 30d", "version: 1.0.105")
}

fn second(mode: &str) -> String {
    policy("acme", mode) + "keep: [{ newest: 2 }]\n"
}

#[tokio::test(start_paused = true)]
async fn the_second_is_planned_on_what_the_first_leaves() {
    let world = World::over(versions).await;
    world.write("a.yaml", &first("delete"));
    world.write("b.yaml", &second("delete"));
    let mut daemon = world.start(EXECUTE).await;
    // A rehearsal takes nothing, and the next one knows what it would have taken.
    assert_eq!(daemon.ended("a").await.planned(), [105].into());
    assert_eq!(daemon.ended("b").await.planned(), [101, 102].into());
    assert_eq!((world.listings("acme"), world.present().len()), (1, 5));
    world.time.minute().await;
    let a = daemon.ended("a").await;
    let b = daemon.ended("b").await;
    assert_eq!((a.planned(), b.planned()), ([105].into(), [101, 102].into()));
    assert_eq!(a.as_of, b.as_of);
    assert_eq!((a.report.scanned, b.report.scanned), (5, 4));
    assert_eq!(world.listings("acme"), 2);
    assert_eq!(world.present(), [103, 104].into());
    daemon.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_second_counts_the_files_that_the_first_leaves() {
    let files = |time: &Time| {
        let file = |number: u64| PackageFile {
            id: number,
            file_name: "tool.tgz".to_owned(),
            size: Some(10),
            created_at: time.days_ago(100 - i64::try_from(number).unwrap()),
            updated_at: time.days_ago(100),
            ..PackageFile::default()
        };
        let mut package = old(101, 1, "tool", "1.0.0", time);
        package.package_type = PackageType::Generic;
        package.files = (1..=5).map(file).collect();
        Registry { packages: vec![package], ..registry(0, time) }
    };
    let world = World::over(files).await;
    let text = |keep: u64| {
        format!(
            "version: 1\nmode: delete\nschedule: \"* * * * *\"\nscope: {{ group: acme, types: [generic] }}\n\
                 files: [{{ type: generic, keep_newest: {keep} }}]\n"
        )
    };
    world.write("a.yaml", &text(4));
    world.write("b.yaml", &text(2));
    let mut daemon = world.start(EXECUTE).await;
    let planned = |told: &Cycle| -> Vec<u64> {
        told.report.file_decisions.iter().filter_map(|row| Some(row.item.file()?.0)).collect()
    };
    assert_eq!(planned(&daemon.ended("a").await), [1]);
    assert_eq!(planned(&daemon.ended("b").await), [2, 3]);
    assert_eq!(world.listings("acme"), 1, "they share a walk");
    world.time.minute().await;
    let (a, b) = (daemon.ended("a").await, daemon.ended("b").await);
    assert_eq!((planned(&a), planned(&b)), (vec![1], vec![2, 3]));
    assert_eq!((a.report.totals.gone_files(), b.report.totals.gone_files()), (1, 2));
    let left = |file: &PackageFile| file.status == FileStatus::Default;
    assert_eq!(world.server.packages()[0].files.iter().filter(|file| left(file)).count(), 2);
    daemon.stop().await;
}

/// One listing shows archived projects and others; each policy takes its own part of it.
#[tokio::test(start_paused = true)]
async fn policies_that_differ_in_archived_projects_share_a_walk() {
    let archived = |time: &Time| {
        let mut registry = registry(2, time);
        registry.projects.push(Project {
            id: 77,
            path: "acme/record".to_owned(),
            archived: true,
            ..Project::default()
        });
        registry.packages.push(old(777, 77, "recorded", "1.0.0", time));
        registry
    };
    let world = World::over(archived).await;
    let of = |archived: &str| policy("acme", "dry-run").replace("[npm]", &format!("[npm], archived: {archived}"));
    for which in ["exclude", "include", "only"] {
        world.write(&format!("{which}.yaml"), &of(which));
    }
    let mut daemon = world.start(AT_ONCE).await;
    assert_eq!(daemon.ended("exclude").await.planned(), [101, 102].into());
    assert_eq!(daemon.ended("include").await.planned(), [101, 102, 777].into());
    assert_eq!(daemon.ended("only").await.planned(), [777].into());
    assert_eq!(world.listings("acme"), 1);
    daemon.stop().await;
}

/// What a dry run would take is there still, so an execution after it counts it.
#[tokio::test(start_paused = true)]
async fn an_execution_is_planned_on_what_is_there() {
    let world = World::over(versions).await;
    world.write("a.yaml", &first("dry-run"));
    world.write("b.yaml", &second("delete"));
    let mut daemon = world.start(AT_ONCE).await;
    assert_eq!(daemon.ended("a").await.planned(), [105].into());
    assert_eq!(daemon.ended("b").await.planned(), [101, 102, 103].into());
    assert_eq!((world.present(), world.listings("acme")), ([104, 105].into(), 1));
    daemon.stop().await;
}

/// The same where the first is rehearsed: what it would take is there still.
#[tokio::test(start_paused = true)]
async fn an_execution_beside_a_rehearsal_is_planned_on_what_is_there() {
    let world = World::over(versions).await;
    world.write("b.yaml", &second("delete"));
    let mut daemon = world.start(EXECUTE).await;
    daemon.ended("b").await;
    world.write("a.yaml", &first("delete"));
    // So that one is due just as the other is loaded.
    world.time.set_by(SignedDuration::from_mins(1));
    daemon.reload().await;
    let a = daemon.ended("a").await;
    let b = daemon.ended("b").await;
    assert_eq!((a.in_words().as_str(), a.planned()), ("a rehearsal planned", [105].into()));
    assert_eq!((b.in_words().as_str(), b.planned()), ("b execution executed", [101, 102, 103].into()));
    assert_eq!((world.present(), world.listings("acme")), ([104, 105].into(), 2));
    daemon.stop().await;
}

/// GitLab took the deletion and nothing proves that it was done. The package may be gone, or go at any time, so it must not
/// count as one of the newest for whoever comes next.
#[tokio::test(start_paused = true)]
async fn after_a_deletion_that_nobody_could_confirm_the_next_lists_anew() {
    let deletion = |fault| Rule::new(fault).kind(Kind::DeletePackage).path("*/packages/105");
    let silence = Fault::Status { code: 500, body: Body::Json };
    // The first listing is the second look's.
    let listing = Rule::new(silence).kind(Kind::ProjectPackages).when(When::After(1));
    let table = [
        ("the proof fails", listing, 1, 6, vec![103, 104]),
        ("nothing is done", deletion(Fault::FalseDelete), 1, 1, vec![103, 104, 105]),
        ("every answer is lost", deletion(Fault::HangUp), 3, 1, vec![103, 104, 105]),
    ];
    for (what, fault, looks, tries, left) in table {
        let world = World::over(versions).await;
        world.write("a.yaml", &first("delete"));
        world.write("b.yaml", &second("delete"));
        world.server.set_faults(Faults::new(0).with(fault));
        let mut daemon = world.start(AT_ONCE).await;
        for (times, seconds) in (1..).zip([10, 10, 20, 20]) {
            let asked = |world: &World| world.requests("GET", "/projects/1/packages?") == looks + times * tries;
            world.until("it is asked what is gone", asked).await;
            world.time.pass(Duration::from_secs(seconds)).await;
        }
        assert_eq!(daemon.ended("a").await.count("unconfirmed"), 1, "{what}");
        assert_eq!(world.requests("DELETE", "/packages/105"), looks, "{what}");
        world.server.set_faults(Faults::default());
        let b = daemon.ended("b").await;
        assert_eq!((b.in_words().as_str(), b.planned()), ("b execution executed", [101, 102].into()), "{what}");
        assert_eq!((world.present(), world.listings("acme")), (left.into_iter().collect(), 2), "{what}");
        daemon.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_lists_something_else_has_a_walk_of_its_own() {
    let world = World::with(3).await;
    let types = |types: &str| policy("acme", "dry-run").replace("types: [npm]", types);
    world.write("a.yaml", &types("types: [npm]"));
    world.write("b.yaml", &types("types: [npm], paths: \"acme/**\""));
    world.write("c.yaml", &types("types: [npm], subgroups: false"));
    world.write("d.yaml", &policy("beta", "dry-run"));
    let mut daemon = world.start(PLAN).await;
    let mut ended = Vec::new();
    for _ in 0..4 {
        let fits = |told: &Told| match told {
            Told::Ended(cycle) => Some(cycle.in_words()),
            _ => None,
        };
        ended.push(daemon.hear("the end of a cycle", fits).await);
    }
    ended.sort();
    assert_eq!(ended, ["a dry_run planned", "b dry_run planned", "c dry_run planned", "d dry_run planned"]);
    // Paths are no matter of the listing; subgroups are.
    assert_eq!((world.listings("acme"), world.listings("beta")), (2, 1));
    daemon.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_old_walk_is_not_shared() {
    for (seconds, listings) in [(15 * 60, 1), (15 * 60 + 1, 2)] {
        let world = World::with(3).await;
        world.write("a.yaml", &policy("acme", "dry-run"));
        world.write("b.yaml", &policy("acme", "dry-run"));
        let time = world.time.clone();
        let hook = Hook::new(move |notice: &Notice<'_>| {
            if matches!(notice, Notice::CycleEnded { report, .. } if report.policy == "a") {
                time.set_by(SignedDuration::from_secs(seconds));
            }
        });
        let mut daemon = world.start_with(PLAN, vec![Arc::new(hook)]).await;
        let a = daemon.ended("a").await;
        let b = daemon.ended("b").await;
        assert_eq!(world.listings("acme"), listings, "after {seconds} s");
        assert_eq!(b.as_of.duration_since(a.as_of).as_secs(), if listings == 1 { 0 } else { seconds });
        assert_eq!((a.planned(), b.planned()), (ids(1, 3), ids(1, 3)));
        daemon.stop().await;
    }
}

/// A listing that broke off broke off for all: nobody asks a GitLab in trouble again on the spot.
#[tokio::test(start_paused = true)]
async fn a_walk_that_failed_is_shared_too() {
    let world = World::with(3).await;
    world.write("a.yaml", &policy("acme", "delete"));
    world.write("b.yaml", &policy("acme", "delete"));
    world.server.set_faults(Faults::new(0).with(Rule::new(Fault::HangUp).kind(Kind::GroupPackages)));
    let mut daemon = world.start(AT_ONCE).await;
    let a = daemon.ended("a").await;
    let b = daemon.ended("b").await;
    assert!(a.error().contains("broke off at page 1"), "{}", a.error());
    assert_eq!(a.error(), b.error());
    assert_eq!((world.listings("acme"), world.present().len()), (6, 9), "six tries");
    daemon.stop().await;
}
