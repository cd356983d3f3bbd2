//! A token that loses a right between two cycles takes nothing: the daemon waits for what keeps packages to be back, or for
//! somebody's word.

use gitlab_sandbox::faults::{Fault, Kind, Rule};
use gitlab_sandbox::{Faults, Registry, Release, ReleaseLink};
use gleaner::report::CycleStatus;
use gleaner::serve::notice::Purpose;

use crate::service::told::Cycle;
use crate::service::world::{EXECUTE, Time, World, ids, policy, registry};

/// A release links to 101, and another one to 102; to 103 none does.
fn released(time: &Time) -> Registry {
    let mut registry = registry(3, time);
    let release = |number: u64| Release {
        tag: format!("v{number}"),
        created_at: time.days_ago(90),
        released_at: time.days_ago(90),
        links: vec![ReleaseLink {
            id: number,
            name: "package".to_owned(),
            url: format!("{{url}}/acme/app/-/packages/{}", 100 + number),
            ..ReleaseLink::default()
        }],
        ..Release::default()
    };
    registry.projects[0].releases = vec![release(1), release(2)];
    registry
}

/// GitLab shows no releases any more, and answers as if there were none.
fn without_releases() -> Faults {
    Faults::new(0).with(Rule::new(Fault::EmptyPage).kind(Kind::Releases))
}

fn left(world: &World) -> Vec<u64> {
    world.present().into_iter().filter(|id| ids(1, 3).contains(id)).collect()
}

/// The status, and how many packages stay because holds are fewer.
fn kept(cycle: &Cycle) -> (CycleStatus, u64) {
    let reasons = &cycle.report.totals.by_reason;
    let kept = reasons.iter().find(|(reason, _)| reason.code() == "fewer_holds").map_or(0, |(_, count)| *count);
    (cycle.report.status, kept)
}

#[tokio::test(start_paused = true)]
async fn a_right_that_is_lost_between_two_cycles_lets_nothing_go() {
    let world = World::over(released).await;
    world.write("old.yaml", &policy("acme", "delete"));
    let mut daemon = world.start(EXECUTE).await;
    assert_eq!(daemon.ended("old").await.purpose, Purpose::Rehearsal);
    world.time.minute().await;
    let cycle = daemon.ended("old").await;
    assert_eq!((kept(&cycle), left(&world)), ((CycleStatus::Executed, 0), vec![101, 102]));

    world.server.set_faults(without_releases());
    world.time.minute().await;
    let cycle = daemon.ended("old").await;
    assert_eq!((kept(&cycle), left(&world)), ((CycleStatus::Partial, 2), vec![101, 102]));
    let told = &cycle.report.warnings[0];
    assert!(
        told.starts_with("GitLab tells fewer holds of acme/app (id 1) than before (links from releases to "),
        "{told}"
    );
    assert!(told.contains("0 now, and ") && told.contains("`accept_fewer_holds: [{ project: acme/app, "), "{told}");
    assert!(cycle.error().contains("fewer than half of the holds that it told before: 1;"), "{}", cycle.error());

    // It knows so over a restart.
    daemon.stop().await;
    let mut daemon = world.start(EXECUTE).await;
    world.time.minute().await;
    let cycle = daemon.ended("old").await;
    assert_eq!((kept(&cycle), left(&world)), ((CycleStatus::Partial, 2), vec![101, 102]));

    world.server.set_faults(Faults::default());
    world.time.minute().await;
    let cycle = daemon.ended("old").await;
    assert_eq!((kept(&cycle), left(&world)), ((CycleStatus::Executed, 0), vec![101, 102]));
    assert!(cycle.report.warnings.is_empty(), "{:?}", cycle.report.warnings);
    daemon.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_somebody_accepts_goes() {
    let world = World::over(released).await;
    world.write("old.yaml", &policy("acme", "delete"));
    let accept = |project: &str, until: &str| {
        let acceptance = format!("{{ project: {project}, until: {until}, note: they were removed }}");
        world.write("instance.yaml", &format!("version: 1\ninstance: {{ accept_fewer_holds: [{acceptance}] }}\n"));
    };
    accept("acme/other", "2999-12-31");
    let mut daemon = world.start(EXECUTE).await;
    daemon.ended("old").await;
    world.server.set_faults(without_releases());
    for (project, until) in [("acme/other", "2999-12-31"), ("acme/app", "2020-12-31")] {
        accept(project, until);
        daemon.reload().await;
        world.time.minute().await;
        assert_eq!(kept(&daemon.ended("old").await), (CycleStatus::Partial, 3), "{project} {until}");
        assert_eq!(left(&world), [101, 102, 103], "{project} {until}");
    }
    accept("acme/app", "2999-12-31");
    daemon.reload().await;
    world.time.minute().await;
    let cycle = daemon.ended("old").await;
    assert_eq!((kept(&cycle), left(&world)), ((CycleStatus::Executed, 0), vec![]));
    daemon.stop().await;
}

/// A dry run shows what would follow, and tells so.
#[tokio::test(start_paused = true)]
async fn a_dry_run_shows_what_would_follow() {
    let world = World::over(released).await;
    world.write("old.yaml", &policy("acme", "dry-run"));
    let mut daemon = world.start(EXECUTE).await;
    world.time.minute().await;
    let before = daemon.ended("old").await;
    world.server.set_faults(without_releases());
    world.time.minute().await;
    let cycle = daemon.ended("old").await;
    assert_eq!((before.planned(), cycle.planned()), ([103].into(), ids(1, 3)));
    assert_eq!((kept(&cycle), cycle.report.warnings.len()), ((CycleStatus::Planned, 0), 1));
    daemon.stop().await;
}
