//! What is gone after `apply` is what the plan named, and nothing else.

use std::collections::BTreeSet;

use gitlab_sandbox::Registry;
use gleaner::report::Outcome;

use crate::world::{NOW, World, deletions};

const CASES: u64 = 200;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_is_exactly_what_the_plan_named() {
    let mut deleted = 0;
    let mut cases_that_delete = 0;
    for seed in 0..CASES {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut registry = Registry::generate(random.usize(40..160), seed, NOW);
        // GitLab's own protection would leave something behind, and has a test of its own.
        registry.protection_rules.clear();
        let texts: Vec<String> = (0..random.usize(1..=3)).map(|_| policy(&mut random)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let world = World::new(registry, &texts).await;

        let before = world.present();
        let planned = deletions(&world.rehearse().await);
        assert_eq!(world.present(), before, "seed {seed}: a dry run deleted something");

        let executed = world.run().await;
        assert_eq!(deletions(&executed), planned, "seed {seed}: what ran is not what was seen");
        let mut reported = BTreeSet::new();
        for row in executed.iter().flat_map(|report| &report.decisions).filter(|row| row.verdict == "delete") {
            assert_eq!(row.outcome.map(Outcome::code), Some("deleted"), "seed {seed}: {row:?}");
            reported.insert((row.id.0, row.bytes));
        }
        assert_eq!(world.deleted(), reported, "seed {seed}: what was told on the way is not what is reported");
        let gone: BTreeSet<u64> = before.difference(&world.present()).copied().collect();
        assert_eq!(gone, planned, "seed {seed}\n{}", texts.join("\n---\n"));

        let again = world.rehearse().await;
        assert_eq!(deletions(&again), [].into(), "seed {seed}: a second plan finds more\n{}", texts.join("\n---\n"));
        deleted += planned.len();
        cases_that_delete += usize::from(!planned.is_empty());
        world.server.stop().await;
    }
    println!("{deleted} deletions in {cases_that_delete} of {CASES} registries");
    assert!(cases_that_delete > 100, "only {cases_that_delete} of {CASES} cases delete anything");
}

/// A policy of one to three delete rules and none to two keep rules, without limits that matter.
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
    text.push_str("limits: { max_deletions: 100000, max_percent: 100, max_percent_per_project: 100, min_age: ");
    text.push_str(["0d", "72h", "10d"][random.usize(..3)]);
    text.push_str(" }\n");
    text
}
