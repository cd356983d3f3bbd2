//! What is gone after `apply` is what the plan named, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use gitlab_sandbox::Registry;
use gleaner::plan::{Outcome, Verdict};
use gleaner_support::NOW;

use crate::shell::faults::{OLD, outcomes, some};
use crate::shell::world::{World, deletions, file_deletions};

const CASES: u64 = 200;

#[tokio::test(start_paused = true)]
async fn what_nobody_agrees_to_is_told_as_not_attempted() {
    let world = World::new(some(3), &[OLD]).await;
    let reports = world.run_if(async |_| Err("nobody agreed".to_owned())).await;
    assert_eq!(outcomes(&reports[0]), [1, 2, 3].map(|id| (id, "not_attempted")).into());
    assert_eq!((world.deletes(), world.present().len()), (0, 3));
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_is_exactly_what_the_plan_named() {
    let (mut deleted, mut deleted_files) = (0, 0);
    let (mut cases_that_delete, mut cases_that_trim) = (0, 0);
    for seed in 0..CASES {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut registry = Registry::generate(random.usize(40..160), seed, NOW);
        // GitLab's own protection would leave something behind, and has a test of its own.
        registry.protection_rules.clear();
        let texts: Vec<String> = (0..random.usize(1..=3)).map(|_| policy(&mut random)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let world = World::new(registry, &texts).await;

        let (before, files_before) = (world.present(), world.present_files());
        let rehearsed = world.rehearse().await;
        let (planned, planned_files) = (deletions(&rehearsed), file_deletions(&rehearsed));
        assert_eq!(world.present(), before, "seed {seed}: a dry run deleted something");
        assert_eq!(world.present_files(), files_before, "seed {seed}: a dry run deleted a file");

        let files_of: BTreeMap<u64, BTreeSet<u64>> = world
            .server
            .packages()
            .iter()
            .map(|package| (package.id, package.files.iter().map(|file| file.id).collect()))
            .collect();
        let executed = world.run().await;
        assert_eq!(deletions(&executed), planned, "seed {seed}: what ran is not what was seen");
        assert_eq!(file_deletions(&executed), planned_files, "seed {seed}: what ran is not what was seen");
        let rows =
            executed.iter().flat_map(|report| &report.file_decisions).filter(|row| row.verdict() == Verdict::Delete);
        let mut reported_files = BTreeSet::new();
        for row in rows {
            assert_eq!(row.outcome().map(Outcome::code), Some("deleted"), "seed {seed}: {row:?}");
            reported_files.insert((row.item.file().unwrap().0, row.bytes));
        }
        assert_eq!(
            world.deleted_files(),
            reported_files,
            "seed {seed}: what was told on the way is not what is reported"
        );
        let mut reported = BTreeSet::new();
        for row in executed.iter().flat_map(|report| &report.decisions).filter(|row| row.verdict() == Verdict::Delete) {
            assert_eq!(row.outcome().map(Outcome::code), Some("deleted"), "seed {seed}: {row:?}");
            reported.insert((row.package.id.0, row.bytes));
        }
        assert_eq!(world.deleted(), reported, "seed {seed}: what was told on the way is not what is reported");
        let gone: BTreeSet<u64> = before.difference(&world.present()).copied().collect();
        assert_eq!(gone, planned, "seed {seed}\n{}", texts.join("\n---\n"));

        let with_packages: BTreeSet<u64> = planned.iter().flat_map(|id| &files_of[id]).copied().collect();
        let gone: BTreeSet<u64> = files_before.difference(&world.present_files()).copied().collect();
        let gone: BTreeSet<u64> = gone.difference(&with_packages).copied().collect();
        let left: BTreeSet<u64> = planned_files.difference(&with_packages).copied().collect();
        assert_eq!(gone, left, "seed {seed}\n{}", texts.join("\n---\n"));

        let again = world.rehearse().await;
        assert_eq!(
            file_deletions(&again),
            [].into(),
            "seed {seed}: a second plan finds more\n{}",
            texts.join("\n---\n")
        );
        assert_eq!(deletions(&again), [].into(), "seed {seed}: a second plan finds more\n{}", texts.join("\n---\n"));
        deleted += planned.len();
        deleted_files += planned_files.len();
        cases_that_delete += usize::from(!planned.is_empty());
        cases_that_trim += usize::from(!planned_files.is_empty());
        world.server.stop().await;
    }
    println!(
        "{deleted} deletions in {cases_that_delete} of {CASES} registries, and of {deleted_files} files in {cases_that_trim}"
    );
    assert!(cases_that_trim > 30, "only {cases_that_trim} of {CASES} cases delete files");
    assert!(cases_that_delete > 100, "only {cases_that_delete} of {CASES} cases delete anything");
}

/// A policy of one to three delete rules, none to two keep rules and none to two on files, without limits that matter.
fn policy(random: &mut fastrand::Rng) -> String {
    let mut text = String::from("version: 1\nmode: delete\nscope:\n  group: ");
    text.push_str(["acme", "acme/platform", "[acme, acme/platform]"][random.usize(..3)]);
    text.push_str("\ndelete:\n");
    for _ in 0..random.usize(1..=3) {
        text.push_str("  - ");
        text.push_str(
            [
                "{ older_than: 30d }",
                "{ older_than: 200d, not_downloaded_for: 100d }",
                "{ version: \"*-SNAPSHOT\", older_than: 10d, allow_latest: true }",
                "{ type: [npm, pypi], never_downloaded: true }",
                "{ type: generic, older_than: 20d }",
                "{ status: error }",
                "{ project: \"acme/**/*\", younger_than: 300d, older_than: 5d }",
                "{ name: \"!acme-*\", older_than: 1y, allow_latest: true }",
            ][random.usize(..8)],
        );
        text.push('\n');
    }
    let keeps = random.usize(0..=2);
    if keeps > 0 {
        text.push_str("keep:\n");
    }
    for _ in 0..keeps {
        text.push_str("  - ");
        text.push_str(
            [
                "{ newest: 1 }",
                "{ newest: 3, version: \"*-*\" }",
                "{ newest: 2, older_than: 60d }",
                "{ downloaded_within: 40d }",
                "{ newest: 2, status: [error, default] }",
                "{ type: maven, project: \"acme/platform/**\" }",
            ][random.usize(..6)],
        );
        text.push('\n');
    }
    let files = random.usize(0..=2);
    if files > 0 {
        text.push_str("files:\n");
    }
    for _ in 0..files {
        text.push_str("  - ");
        text.push_str(
            [
                "{ type: maven, keep_newest: 1 }",
                "{ type: maven, keep_newest: 2, version: \"*-SNAPSHOT\", older_than: 60d }",
                "{ type: maven, keep_newest: 0, file: \"*-sources.jar\" }",
                "{ type: generic, keep_newest: 1 }",
                "{ type: maven, keep_newest: 1, file: [\"*.jar\", \"*.module\"], not_downloaded_for: 30d }",
            ][random.usize(..5)],
        );
        text.push('\n');
    }
    text.push_str("limits: { max_deletions: 100000, max_percent: 100, max_percent_per_project: 100, min_age: ");
    text.push_str(["0d", "72h", "10d"][random.usize(..3)]);
    text.push_str(" }\n");
    text
}
