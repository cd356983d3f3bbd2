//! Clocks that jump, clocks that disagree, and runs that were missed.

use std::time::Duration;

use gleaner::report::CycleStatus;
use gleaner::serve::notice::{Authority, Purpose};
use gleaner::serve::{OnStart, Options, Rehearsal};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::service::told::Told;
use crate::service::world::{EXECUTE, Time, World, ids, policy, registry};

const PLAN: Options = Options { authority: Authority::PlanOnly, ..EXECUTE };

/// A policy that runs once a day, for the first time a minute after the world began.
pub(crate) fn daily(world: &World) -> String {
    let fire = (world.time.now() + SignedDuration::from_mins(1)).to_zoned(TimeZone::UTC);
    policy("acme", "dry-run").replace("* * * * *", &format!("{} {} * * *", fire.minute(), fire.hour()))
}

#[tokio::test(start_paused = true)]
async fn nothing_is_deleted_while_the_clocks_disagree() {
    for hours in [1, -1] {
        let world = World::of(|time| registry(3, time), Time::options_apart).await;
        world.time.set_by(SignedDuration::from_hours(hours));
        world.write("old.yaml", &policy("acme", "delete"));
        let options = Options { rehearsal: Rehearsal::Waived, on_start: OnStart::Run, ..EXECUTE };
        let mut daemon = world.start(options).await;
        let cycle = daemon.ended("old").await;
        assert_eq!((cycle.purpose, cycle.report.status), (Purpose::Execution, CycleStatus::Partial));
        assert_eq!((cycle.planned(), cycle.count("not_attempted")), (ids(1, 3), 3));
        assert!(cycle.error().contains("clock and GitLab's are"), "{}", cycle.error());
        assert_eq!((world.present().len(), world.requests("DELETE", "")), (9, 0));
        daemon.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn runs_that_a_sleeping_machine_missed_are_one() {
    let world = World::with(3).await;
    world.write("old.yaml", &policy("acme", "dry-run"));
    let mut daemon = world.start(PLAN).await;
    daemon.ended("old").await;
    world.time.set_by(SignedDuration::from_hours(72));
    world.time.look().await;
    daemon.ended("old").await;
    // It is still the same minute, and 4,319 fires were passed over.
    world.time.look().await;
    world.time.minute().await;
    daemon.ended("old").await;
    assert_eq!(daemon.stop().await.cycles().len(), 3);
}

/// What a daemon makes of fires that nobody was there for.
#[tokio::test(start_paused = true)]
async fn a_run_that_was_missed_within_the_hour_is_made_up_for() {
    for (minutes, is_made_up) in [(30, true), (59, true), (61, false), (60 * 23, false), (60 * 24 * 5 + 20, true)] {
        let world = World::with(3).await;
        world.write("old.yaml", &daily(&world));
        let mut daemon = world.start(PLAN).await;
        daemon.ended("old").await;
        daemon.stop().await;
        world.time.set_by(SignedDuration::from_mins(1 + minutes));
        let mut daemon = world.start(PLAN).await;
        if is_made_up {
            daemon.ended("old").await;
        }
        world.time.look().await;
        let story = daemon.stop().await;
        assert_eq!(story.cycles().len(), usize::from(is_made_up), "after {minutes} minutes");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_not_missed_is_not_made_up_for() {
    let world = World::with(3).await;
    world.write("old.yaml", &daily(&world));
    let mut daemon = world.start(PLAN).await;
    daemon.ended("old").await;
    world.time.minute().await;
    daemon.ended("old").await;
    daemon.stop().await;
    // A minute after the run there is another daemon, with nothing to make up for.
    world.time.set_by(SignedDuration::from_mins(1));
    let daemon = world.start(PLAN).await;
    world.time.look().await;
    assert_eq!(daemon.stop().await.cycles(), Vec::<String>::new());

    // Nor is there by another schedule than the one that ran.
    let earlier = daily(&world).replace("schedule: \"", "timezone: Etc/UTC\nschedule: \"");
    world.write("old.yaml", &earlier);
    world.time.set_by(SignedDuration::from_mins(10));
    let daemon = world.start(PLAN).await;
    world.time.look().await;
    assert_eq!(daemon.stop().await.cycles(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn run_on_start_runs_everything_at_once_and_then_by_its_schedule() {
    let world = World::with(3).await;
    world.write("a.yaml", &policy("acme", "delete"));
    world.write("b.yaml", &policy("beta", "delete"));
    world.write("idle.yaml", &policy("gamma", "delete").replace("schedule: \"* * * * *\"\n", ""));
    for (rehearsal, first) in [(Rehearsal::Required, "rehearsal planned"), (Rehearsal::Required, "execution executed")]
    {
        let mut daemon = world.start(Options { rehearsal, on_start: OnStart::Run, ..EXECUTE }).await;
        let mut cycles = Vec::new();
        for _ in 0..2 {
            let fits = |told: &Told| match told {
                Told::Ended(cycle) => Some(cycle.in_words()),
                _ => None,
            };
            cycles.push(daemon.hear("the end of a cycle", fits).await);
        }
        cycles.sort();
        assert_eq!(cycles, [format!("a {first}"), format!("b {first}")]);
        world.time.look().await;
        assert_eq!(daemon.stop().await.cycles().len(), 2);
    }
    assert_eq!(world.present(), ids(3, 3));
}

#[tokio::test(start_paused = true)]
async fn the_next_run_is_told_anew_when_one_begins() {
    let world = World::with(3).await;
    let start = world.time.now();
    world.write("old.yaml", &policy("acme", "dry-run"));
    let mut daemon = world.start(PLAN).await;
    daemon.ended("old").await;
    world.time.minute().await;
    daemon.ended("old").await;
    world.time.pass(Duration::from_secs(1)).await;
    let story = daemon.stop().await;
    let next = story.0.iter().filter_map(|told| match told {
        Told::Next(next) => next.map(|next| next.duration_since(start).as_mins()),
        _ => None,
    });
    let mut next: Vec<_> = next.collect();
    next.dedup();
    assert_eq!(next, [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn ages_count_from_the_clock_that_is_behind() {
    for (minutes, ahead, is_old) in [(-2, 0, true), (-2, 4, true), (2, 4, false), (-2, -4, false)] {
        let registry = |time: &Time| {
            let mut registry = registry(1, time);
            registry.packages[0].created_at = time.days_ago(30) + SignedDuration::from_mins(minutes);
            registry.packages[0].updated_at = registry.packages[0].created_at;
            registry
        };
        let world = World::of(registry, Time::options_apart).await;
        world.time.set_by(SignedDuration::from_mins(ahead));
        let ours = world.time.now();
        world.write("old.yaml", &policy("acme", "dry-run"));
        let mut daemon = world.start(PLAN).await;
        let cycle = daemon.ended("old").await;
        assert_eq!(!cycle.planned().is_empty(), is_old, "{minutes} minutes younger than 30 days, {ahead} ahead");
        let behind = ours.duration_since(cycle.as_of);
        assert_eq!(behind, SignedDuration::from_mins(ahead.max(0)), "{ahead} ahead");
        daemon.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_gitlab_that_tells_no_time_has_something_deleted_only_where_the_clock_is_trusted() {
    for (instance, deleted) in [("paused: false", 0), ("clock: compared", 0), ("clock: trusted", 3)] {
        let silent = |time: &Time| gitlab_sandbox::Options { tells_time: false, ..time.options() };
        let world = World::of(|time| registry(3, time), silent).await;
        world.write("old.yaml", &policy("acme", "delete"));
        world.write("instance.yaml", &format!("version: 1\ninstance: {{ {instance} }}\n"));
        let options = Options { rehearsal: Rehearsal::Waived, on_start: OnStart::Run, ..EXECUTE };
        let mut daemon = world.start(options).await;
        let cycle = daemon.ended("old").await;
        assert_eq!((cycle.planned(), cycle.count("deleted")), (ids(1, 3), deleted), "{instance}");
        assert_eq!(world.requests("DELETE", ""), usize::try_from(deleted).unwrap(), "{instance}");
        if deleted == 0 {
            assert!(cycle.error().starts_with("no answer of GitLab tells the time, "), "{}", cycle.error());
            assert!(cycle.error().contains("`clock: trusted`"), "{}", cycle.error());
        }
        daemon.stop().await;
    }
}

/// A time that is told is compared, whatever is trusted where none is.
#[tokio::test(start_paused = true)]
async fn a_trusted_clock_is_still_compared_with_the_one_that_is_told() {
    let world = World::of(|time| registry(3, time), Time::options_apart).await;
    world.time.set_by(SignedDuration::from_mins(7));
    world.write("old.yaml", &policy("acme", "delete"));
    world.write("instance.yaml", "version: 1\ninstance: { clock: trusted }\n");
    let options = Options { rehearsal: Rehearsal::Waived, on_start: OnStart::Run, ..EXECUTE };
    let mut daemon = world.start(options).await;
    assert!(daemon.ended("old").await.error().contains("clock and GitLab's are"));
    assert_eq!(world.requests("DELETE", ""), 0);
    daemon.stop().await;
}
