//! A GitLab that is down, policies that fail, and defects of our own: none of them ends the daemon, or another policy.

use std::sync::Arc;
use std::time::Duration;

use gitlab_sandbox::Faults;
use gitlab_sandbox::faults::{Fault, Kind, Rule};
use gleaner::cycle::progress::Event;
use gleaner::report::CycleStatus;
use gleaner::serve::notice::Notice;
use gleaner::serve::{OnStart, Options, Rehearsal};

use crate::service::told::{Hook, Told};
use crate::service::world::{EXECUTE, World, ids, policy};

const DIRECT: Options = Options { rehearsal: Rehearsal::Waived, ..EXECUTE };

#[tokio::test(start_paused = true)]
async fn a_gitlab_that_is_down_at_the_start_is_asked_again() {
    let world = World::with(3).await;
    world.write("old.yaml", &policy("acme", "delete"));
    world.server.set_faults(Faults::new(0).with(Rule::new(Fault::HangUp)));
    let mut daemon = world.start(EXECUTE).await;
    let problem = |told: &Told| match told {
        Told::NotConnected(problem) => Some(problem.clone()),
        _ => None,
    };
    // The rehearsal and the probe run side by side.
    let mut failed = None;
    let mut down = None;
    while failed.is_none() || down.is_none() {
        let told = daemon.hear("trouble", |told| Some(told.clone())).await;
        down = down.or(problem(&told));
        if let Told::Ended(cycle) = told {
            failed = Some(cycle);
        }
    }
    assert!(!down.unwrap().is_empty());
    assert_eq!(failed.unwrap().report.status, CycleStatus::Failed);
    assert_eq!(world.metric("gitlab_up"), "0");
    // Half a minute later, still down.
    world.time.pass(Duration::from_secs(31)).await;
    daemon.hear("the next probe", problem).await;
    world.server.set_faults(Faults::default());
    world.time.pass(Duration::from_secs(31)).await;
    let mut is_up = false;
    let mut rehearsed = None;
    while !is_up || rehearsed.is_none() {
        match daemon.hear("the way up", |told| Some(told.clone())).await {
            Told::Connected => is_up = true,
            Told::Ended(cycle) => rehearsed = Some(cycle.in_words()),
            _ => {}
        }
    }
    assert_eq!((world.metric("gitlab_up").as_str(), rehearsed.unwrap().as_str()), ("1", "old rehearsal planned"));
    world.time.minute().await;
    daemon.ended("old").await;
    assert_eq!(world.present(), &ids(2, 3) | &ids(3, 3));
    daemon.stop().await;
}

#[tokio::test(start_paused = true)]
async fn one_policys_failure_stops_no_other() {
    let world = World::with(3).await;
    for (name, group) in [("a.yaml", "acme"), ("b.yaml", "beta"), ("c.yaml", "gamma")] {
        world.write(name, &policy(group, "delete"));
    }
    world.server.set_faults(Faults::new(0).with(Rule::new(Fault::HangUp).path("*/groups/beta/*")));
    let mut daemon = world.start(Options { concurrent: 1, ..DIRECT }).await;
    world.time.minute().await;
    for (name, status) in [("a", CycleStatus::Executed), ("b", CycleStatus::Failed), ("c", CycleStatus::Executed)] {
        assert_eq!(daemon.ended(name).await.report.status, status, "{name}");
    }
    assert_eq!(world.present(), ids(2, 3));
    world.server.set_faults(Faults::default());
    world.time.minute().await;
    daemon.ended("c").await;
    assert_eq!(world.present(), [].into());
    daemon.stop().await;
}

/// Panics once, at the first notice that fits.
fn panics_at(mut fits: impl FnMut(&Notice<'_>) -> bool + Send) -> Hook<impl FnMut(&Notice<'_>) + Send> {
    let mut is_done = false;
    Hook::new(move |notice| {
        if !is_done && fits(notice) {
            is_done = true;
            panic!("the test's own defect");
        }
    })
}

/// The cycle has failed, and is told so; the others of its batch list anew and go on.
#[tokio::test(start_paused = true)]
async fn a_defect_in_a_cycle_is_that_cycles_failure() {
    type Fits = fn(&Notice<'_>) -> bool;
    // While it lists, once it has a plan, and after its first deletion.
    let moments: [(Fits, usize); 3] = [
        (|notice| matches!(notice, Notice::During { policy: Some("a"), event: Event::PageRead { .. } }), 9),
        (|notice| matches!(notice, Notice::Planned { report, .. } if report.policy == "a"), 9),
        (|notice| matches!(notice, Notice::During { policy: Some("a"), event: Event::DeletionSent }), 8),
    ];
    for (fits, present) in moments {
        let world = World::with(3).await;
        world.write("a.yaml", &policy("acme", "delete").replace("older_than: 30d", "name: tool-101"));
        world.write("b.yaml", &policy("acme", "dry-run"));
        let mut daemon = world.start_with(DIRECT, vec![Arc::new(panics_at(fits))]).await;
        world.time.minute().await;
        let failed = daemon.ended("a").await;
        assert_eq!(failed.report.status, CycleStatus::Failed);
        assert_eq!(failed.error(), "a defect in gleaner broke the cycle off: the test's own defect");
        let b = daemon.ended("b").await;
        assert_eq!((b.report.status, b.report.scanned as usize), (CycleStatus::Planned, present - 6));
        assert_eq!(world.present().len(), present);
        assert_eq!(world.listings("acme"), 2);
        world.time.minute().await;
        assert_eq!(daemon.ended("a").await.report.status, CycleStatus::Executed);
        assert_eq!(world.present().len(), 8);
        daemon.stop().await;
    }
}

/// Where not even that can be told, it is complained of, and the policies don't count as running for ever.
#[tokio::test(start_paused = true)]
async fn a_defect_beside_the_cycles_is_complained_of() {
    let world = World::with(3).await;
    world.write("a.yaml", &policy("acme", "delete"));
    world.write("b.yaml", &policy("acme", "delete"));
    let hook = panics_at(|notice| matches!(notice, Notice::CycleBegan { policy: "a", .. }));
    let mut daemon = world.start_with(DIRECT, vec![Arc::new(hook)]).await;
    world.time.minute().await;
    let fits = |told: &Told| match told {
        Told::Complaint(problem) => Some(problem.clone()),
        _ => None,
    };
    let problem = daemon.hear("a complaint", fits).await;
    assert_eq!(problem, "a defect in gleaner ended the run of a, b; each runs again when it is due");
    assert_eq!(world.present().len(), 9);
    world.time.minute().await;
    assert_eq!(daemon.ended("a").await.count("deleted"), 3);
    assert_eq!(daemon.ended("b").await.report.status, CycleStatus::Executed);
    let story = daemon.stop().await;
    assert_eq!(story.cycles(), ["a execution executed", "b execution executed"]);
}

/// Also when it was told to stop meanwhile.
#[tokio::test(start_paused = true)]
async fn a_defect_during_a_stop_is_complained_of() {
    let world = World::with(3).await;
    world.write("a.yaml", &policy("acme", "delete"));
    let hook = panics_at(|notice| matches!(notice, Notice::CycleEnded { .. }));
    let slow = Rule::new(Fault::SlowBody { millis: 60_000 }).kind(Kind::GroupPackages);
    world.server.set_faults(Faults::new(0).with(slow));
    let daemon = world.start_with(Options { on_start: OnStart::Run, ..DIRECT }, vec![Arc::new(hook)]).await;
    world.until("a page is asked for", |world| world.listings("acme") == 1).await;
    let story = daemon.stop().await;
    assert_eq!(story.count(|told| matches!(told, Told::Complaint(_))), 1);
}
