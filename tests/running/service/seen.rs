//! What is executed was seen before: nothing slips from a rehearsal into an execution that nobody had time to look at.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use gitlab_sandbox::Faults;
use gitlab_sandbox::faults::{Fault, Kind, Rule};
use gleaner::report::CycleStatus;
use gleaner::serve::notice::Purpose;
use gleaner::serve::{OnStart, Options, PolicyFiles, Rehearsal};
use jiff::SignedDuration;

use crate::service::told::Told;
use crate::service::world::{EXECUTE, Time, World, ids, policy, registry};

/// A policy that is due once a day, twelve hours from now.
fn far_off(world: &World, group: &str) -> String {
    let fire = (world.time.now() + SignedDuration::from_hours(12)).to_zoned(jiff::tz::TimeZone::UTC);
    policy(group, "delete").replace("* * * * *", &format!("{} {} * * *", fire.minute(), fire.hour()))
}

fn slow() -> Faults {
    Faults::new(0).with(Rule::new(Fault::SlowBody { millis: 1_000 }).kind(Kind::GroupPackages))
}

/// A reload in the middle of a rehearsal asks for nothing more: least of all for what would be an execution by then.
#[tokio::test(start_paused = true)]
async fn a_reload_during_a_rehearsal_does_not_execute_what_it_showed() {
    let world = World::with(5).await;
    world.write("old.yaml", &far_off(&world, "acme"));
    world.server.set_faults(slow());
    let mut daemon = world.start(EXECUTE).await;
    world.until("the walk has begun", |world| world.listings("acme") == 1).await;
    daemon.reload().await;
    world.server.set_faults(Faults::default());
    world.time.pass(Duration::from_secs(2)).await;
    assert_eq!(daemon.ended("old").await.purpose, Purpose::Rehearsal);
    for _ in 0..3 {
        world.time.look().await;
    }
    let story = daemon.stop().await;
    assert!(story.cycles().iter().all(|cycle| cycle == "old rehearsal planned"), "{:?}", story.cycles());
    assert_eq!((world.present().len(), world.requests("DELETE", "")), (15, 0));
}

/// Nor does a change that is taken back before its rehearsal had a turn.
#[tokio::test(start_paused = true)]
async fn a_change_that_is_taken_back_does_not_execute_before_its_time() {
    let world = World::with(5).await;
    let options = Options { concurrent: 1, ..EXECUTE };
    world.write("old.yaml", &far_off(&world, "acme"));
    let mut daemon = world.start(options).await;
    assert_eq!(daemon.ended("old").await.purpose, Purpose::Rehearsal);
    world.server.set_faults(slow());
    // Takes the only place.
    world.write("other.yaml", &far_off(&world, "beta"));
    daemon.reload().await;
    world.until("the walk of the other has begun", |world| world.listings("beta") == 1).await;
    world.change("old.yaml", "older_than: 30d", "older_than: 3d");
    daemon.reload().await;
    world.change("old.yaml", "older_than: 3d", "older_than: 30d");
    daemon.reload().await;
    world.server.set_faults(Faults::default());
    world.time.pass(Duration::from_secs(2)).await;
    daemon.ended("other").await;
    for _ in 0..3 {
        world.time.look().await;
    }
    let cycles = daemon.stop().await.cycles();
    assert!(cycles.iter().all(|cycle| cycle.ends_with("rehearsal planned")), "{cycles:?}");
    assert_eq!((world.present().len(), world.requests("DELETE", "")), (15, 0));
}

/// What could not be looked up was kept, and so not shown.
#[tokio::test(start_paused = true)]
async fn a_rehearsal_without_its_evidence_is_none() {
    let world = World::over(|time| {
        let mut registry = crate::service::world::registry(5, time);
        for package in &mut registry.packages {
            package.package_type = gitlab_sandbox::PackageType::Maven;
        }
        registry
    })
    .await;
    world.write("old.yaml", &policy("acme", "delete").replace("npm", "maven"));
    world.server.set_faults(Faults::new(0).with(
        Rule::new(Fault::Status { code: 500, body: gitlab_sandbox::faults::Body::default() }).kind(Kind::PackageFiles),
    ));
    let mut daemon = world.start(EXECUTE).await;
    let blind = daemon.ended("old").await;
    assert_eq!(
        (blind.purpose, blind.report.status, blind.planned().len()),
        (Purpose::Rehearsal, CycleStatus::Partial, 0)
    );
    world.server.set_faults(Faults::default());
    world.time.minute().await;
    let shown = daemon.ended("old").await;
    assert_eq!((shown.purpose, shown.planned()), (Purpose::Rehearsal, ids(1, 5)));
    assert_eq!((world.present().len(), world.requests("DELETE", "")), (15, 0));
    daemon.stop().await;
}

/// A listing without a row may be that of a token which sees nothing yet.
#[tokio::test(start_paused = true)]
async fn a_rehearsal_of_nothing_is_none() {
    let world = World::with(0).await;
    world.write("old.yaml", &policy("acme", "delete"));
    let mut daemon = world.start(EXECUTE).await;
    for _ in 0..2 {
        let cycle = daemon.ended("old").await;
        assert_eq!((cycle.purpose, cycle.report.scanned), (Purpose::Rehearsal, 0));
        world.time.minute().await;
    }
    daemon.stop().await;
}

/// `min_age` stands among the limits, and decides what goes.
#[tokio::test(start_paused = true)]
async fn a_lower_min_age_is_a_change() {
    let world = World::with(5).await;
    let text = policy("acme", "delete").replace("limits: {", "limits: { min_age: 365d,");
    world.write("old.yaml", &text);
    let mut daemon = world.start(EXECUTE).await;
    assert!(daemon.ended("old").await.planned().is_empty());
    world.change("old.yaml", "min_age: 365d", "min_age: 1d");
    daemon.reload().await;
    let again = daemon.ended("old").await;
    assert_eq!((again.purpose, again.planned()), (Purpose::Rehearsal, ids(1, 5)));
    assert_eq!((world.present().len(), world.requests("DELETE", "")), (15, 0));
    daemon.stop().await;
}

/// Who shares a walk has heard of GitLab's clock as well.
#[tokio::test(start_paused = true)]
async fn clocks_are_compared_for_every_policy_that_shares_a_walk() {
    let world = World::of(|time| registry(5, time), Time::options_apart).await;
    world.time.set_by(SignedDuration::from_hours(1));
    for name in ["a.yaml", "b.yaml", "c.yaml"] {
        world.write(name, &policy("acme", "delete"));
    }
    let options = Options { rehearsal: Rehearsal::Waived, on_start: OnStart::Run, ..EXECUTE };
    let mut daemon = world.start(options).await;
    for name in ["a", "b", "c"] {
        let cycle = daemon.ended(name).await;
        assert!(cycle.error().contains("clock and GitLab's are"), "{name}: {:?}", cycle.report.error);
    }
    assert_eq!((world.listings("acme"), world.requests("DELETE", "")), (1, 0));
    daemon.stop().await;
}

/// A clock that is put right in the middle has judged every age wrongly before.
#[tokio::test(start_paused = true)]
async fn a_plan_of_a_clock_that_was_wrong_is_not_executed() {
    let world = World::of(|time| registry(5, time), Time::options_apart).await;
    world.write("old.yaml", &policy("acme", "delete").replace("30d", "120d"));
    world.time.set_by(SignedDuration::from_hours(24 * 40));
    world.server.set_faults(slow());
    let options = Options { rehearsal: Rehearsal::Waived, on_start: OnStart::Run, ..EXECUTE };
    let mut daemon = world.start(options).await;
    world.until("the walk has begun", |world| world.listings("acme") == 1).await;
    world.time.set_by(SignedDuration::from_hours(-24 * 40));
    world.server.set_faults(Faults::default());
    world.time.pass(Duration::from_secs(2)).await;
    let cycle = daemon.ended("old").await;
    assert_eq!((cycle.planned(), world.requests("DELETE", "")), (ids(1, 5), 0));
    daemon.stop().await;
}

/// What a clock that is wrong shows is not what a clock that is right does.
#[tokio::test(start_paused = true)]
async fn a_rehearsal_by_a_wrong_clock_is_none() {
    let world = World::of(|time| registry(5, time), Time::options_apart).await;
    world.write("old.yaml", &policy("acme", "delete"));
    world.time.set_by(SignedDuration::from_hours(-24 * 80));
    let mut daemon = world.start(EXECUTE).await;
    assert!(daemon.ended("old").await.planned().is_empty());
    world.time.set_by(SignedDuration::from_hours(24 * 80));
    world.time.minute().await;
    let again = daemon.ended("old").await;
    assert_eq!((again.purpose, again.planned()), (Purpose::Rehearsal, ids(1, 5)));
    assert_eq!(world.requests("DELETE", ""), 0);
    daemon.stop().await;
}

/// A glimpse of a far future must not have everything wait for it.
#[tokio::test(start_paused = true)]
async fn a_clock_that_was_far_ahead_for_a_moment_does_not_stop_the_schedules() {
    let world = World::with(5).await;
    world.write("old.yaml", &policy("acme", "dry-run").replace("* * * * *", "0 * * * *"));
    let mut daemon = world.start(EXECUTE).await;
    daemon.ended("old").await;
    world.time.set_by(SignedDuration::from_hours(24 * 1_000));
    world.time.look().await;
    daemon.ended("old").await;
    world.time.set_by(SignedDuration::from_hours(-24 * 1_000));
    world.time.look().await;
    world.time.pass(Duration::from_secs(3_601)).await;
    daemon.ended("old").await;
    daemon.stop().await;
}

/// A mounted ConfigMap is swapped by a link. What is read meanwhile may be half of one and half of the other, and lack a
/// protection that both have.
#[test]
fn files_that_are_swapped_while_they_are_read_are_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let hold = "version: 1\nname: hold\nprotect: [{ name: core }]\n";
    let other = "version: 1\nname: other\nscope: { group: beta }\ndelete: [{ status: error }]\n";
    let another = other.replace("name: other", "name: another");
    let old = "version: 1\nscope: { group: acme }\ndelete: [{ status: error }]\n";
    // The protection moves from the last file to the first, and back.
    for (generation, first, last) in [("..1", other, hold), ("..2", hold, another.as_str())] {
        fs::create_dir(at(generation)).unwrap();
        fs::write(at(generation).join("a.yaml"), first).unwrap();
        fs::write(at(generation).join("z.yaml"), last).unwrap();
        for middle in 0..20 {
            fs::write(at(generation).join(format!("m{middle}.yaml")), old).unwrap();
        }
    }
    symlink("..1", at("..data")).unwrap();
    for entry in fs::read_dir(at("..1")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        symlink(format!("..data/{name}"), at(&name)).unwrap();
    }
    let (data, next) = (at("..data"), at("..next"));
    let (go, swaps) = mpsc::channel::<u32>();
    let (swapped, done) = mpsc::channel();
    std::thread::spawn(move || {
        for round in swaps {
            // Each time a little later, so that it meets another file.
            for _ in 0..round * 200 {
                std::hint::spin_loop();
            }
            symlink(if round % 2 == 0 { "..1" } else { "..2" }, &next).unwrap();
            fs::rename(&next, &data).unwrap();
            swapped.send(()).unwrap();
        }
    });
    for round in 1..=500 {
        go.send(round).unwrap();
        let set = PolicyFiles::new(vec![folder.path().to_owned()]).read().unwrap();
        done.recv().unwrap();
        assert_eq!(set.protections.len(), 1, "round {round}");
    }
}

/// Whoever waits for a pipe hears no signal, and asks no brake.
#[test]
fn a_pipe_among_the_policy_files_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.yaml"), policy("acme", "delete")).unwrap();
    assert!(Command::new("mkfifo").arg(folder.path().join("b.yaml")).status().unwrap().success());
    let (told, outcome) = mpsc::channel();
    let paths = vec![folder.path().to_owned()];
    std::thread::spawn(move || {
        let error = PolicyFiles::new(paths).read().unwrap_err();
        told.send(error.to_string()).unwrap();
    });
    let error = outcome.recv_timeout(Duration::from_secs(10)).expect("an answer");
    assert!(error.contains("b.yaml is no plain file"), "{error}");
}

/// The policy of a year ago is nobody's memory.
#[tokio::test(start_paused = true)]
async fn a_policy_that_was_gone_rehearses_when_it_is_back() {
    let world = World::with(5).await;
    let text = far_off(&world, "acme");
    world.write("stays.yaml", &policy("beta", "dry-run"));
    world.write("old.yaml", &text);
    let mut daemon = world.start(EXECUTE).await;
    assert_eq!(daemon.ended("old").await.purpose, Purpose::Rehearsal);
    fs::remove_file(world.path("old.yaml")).unwrap();
    daemon.reload().await;
    world.write("old.yaml", &text);
    daemon.reload().await;
    assert_eq!(daemon.ended("old").await.purpose, Purpose::Rehearsal);
    daemon.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_protection_that_is_gone_is_complained_of() {
    let world = World::with(5).await;
    world.write("old.yaml", &far_off(&world, "acme"));
    world.write("hold.yaml", "version: 1\nname: legal-hold\nprotect: [{ name: app }]\n");
    let mut daemon = world.start(EXECUTE).await;
    daemon.ended("old").await;
    fs::remove_file(world.path("hold.yaml")).unwrap();
    daemon.reload().await;
    assert_eq!(daemon.ended("old").await.purpose, Purpose::Rehearsal);
    let story = daemon.stop().await;
    assert_eq!(story.count(|told| matches!(told, Told::Complaint(text) if text.contains("`legal-hold`"))), 1);
}
