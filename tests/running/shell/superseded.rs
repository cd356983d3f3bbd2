//! Candidates over the life of two releases, with an execution every few days.

use std::collections::BTreeSet;

use gitlab_sandbox::{Package, PackageType, Registry};
use gleaner::plan::Verdict;
use gleaner_support::{NOW, acme};
use jiff::{SignedDuration, Timestamp};

use crate::shell::world::World;

/// The day on which each version is published. Day 0 is NOW.
const PUBLISHED: [(u64, &str, i64); 7] = [
    (1, "2.0.0", -365),
    (2, "1.9.5-rc.1", 0),
    (3, "1.9.5-rc.2", 20),
    (4, "1.9.5", 30),
    (5, "1.9.6-rc.1", 31),
    (6, "1.9.5-rc.3", 40),
    (7, "2.1.0-rc.1", 41),
];

/// The candidate of a maintenance release is not done because a higher release is a year old. It goes two weeks after its
/// own release came, and what was published after that release waits for its own two weeks.
#[tokio::test(start_paused = true)]
async fn candidates_of_a_maintenance_release_go_after_their_own_release() {
    let gone = life("delete: [{ superseded_for: 14d }]").await;
    let because = |version: &str| format!("{version} is superseded by 1.9.5, made 2026-06-27 (superseded_for 14d)");
    assert_eq!(
        gone,
        [
            (45, "1.9.5-rc.1", because("1.9.5-rc.1")),
            (45, "1.9.5-rc.2", because("1.9.5-rc.2")),
            (55, "1.9.5-rc.3", because("1.9.5-rc.3")),
        ]
    );
}

/// `any` is said where it is meant. 2.0.0 came before all of them, and 1.9.5 after its own two alone.
#[tokio::test(start_paused = true)]
async fn a_higher_release_counts_only_where_it_came_later() {
    let gone = life("delete: [{ superseded_for: 14d, superseded_by: any }]").await;
    let versions: Vec<(i64, &str)> = gone.iter().map(|(day, version, _)| (*day, *version)).collect();
    assert_eq!(versions, [(45, "1.9.5-rc.1"), (45, "1.9.5-rc.2"), (55, "1.9.5-rc.3")]);
}

/// Three candidates of each version until it is out, and then none.
#[tokio::test(start_paused = true)]
async fn candidates_are_kept_until_their_release_is_there() {
    let gone = life(
        "delete: [{ prerelease: true, older_than: 4d, allow_latest: true }]\n\
         keep: [{ newest: 3, newest_per: patch, prerelease: true, superseded: false }]",
    )
    .await;
    let versions: Vec<(i64, &str)> = gone.iter().map(|(day, version, _)| (*day, *version)).collect();
    assert_eq!(versions, [(30, "1.9.5-rc.1"), (30, "1.9.5-rc.2"), (45, "1.9.5-rc.3")]);
}

/// Executes a policy with these rules every five days for seventy days. Returns what went when, and why.
async fn life(rules: &str) -> Vec<(i64, &'static str, String)> {
    let policy = format!("version: 1\nmode: delete\nscope: {{ group: acme }}\n{rules}\n");
    let mut gone = Vec::new();
    let mut deleted = BTreeSet::new();
    for today in (0..=70).step_by(5) {
        let present = PUBLISHED.iter().filter(|(id, _, day)| *day <= today && !deleted.contains(id));
        let registry = Registry { packages: present.map(package).collect(), ..acme() };
        let mut world = World::new(registry, &[&policy]).await;
        world.now = day(today);
        let before = world.present();
        let reports = world.run().await;
        let went: BTreeSet<u64> = before.difference(&world.present()).copied().collect();
        for row in reports[0].decisions.iter().filter(|row| row.verdict() == Verdict::Delete) {
            assert!(went.contains(&row.package.id.0));
            let version = PUBLISHED.iter().find(|(id, _, _)| *id == row.package.id.0).unwrap().1;
            gone.push((today, version, row.because.clone()));
        }
        deleted.extend(went);
    }
    assert_eq!(gone.len(), deleted.len());
    gone
}

fn package((id, version, made): &(u64, &str, i64)) -> Package {
    Package {
        id: *id,
        project_id: 1,
        package_type: PackageType::Npm,
        name: "core".to_owned(),
        version: Some((*version).to_owned()),
        created_at: day(*made),
        updated_at: day(*made),
        ..Package::default()
    }
}

fn day(days: i64) -> Timestamp {
    NOW + SignedDuration::from_hours(24 * days)
}
