//! Policy files that change while the daemon runs.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use gitlab_sandbox::Faults;
use gitlab_sandbox::faults::{Fault, Kind, Rule};
use gleaner::report::CycleStatus;
use gleaner::serve::notice::{Authority, Purpose};
use gleaner::serve::{OnStart, Options, Rehearsal};

use crate::service::told::{Cycle, Running, Told};
use crate::service::world::{EXECUTE, World, ids, policy, registry};

const PLAN: Options = Options { authority: Authority::PlanOnly, ..EXECUTE };

#[tokio::test(start_paused = true)]
async fn a_change_is_seen_by_content_and_without_a_signal() {
    let world = World::with(3).await;
    world.write("old.yaml", &policy("acme", "dry-run"));
    let mut daemon = world.start(PLAN).await;
    daemon.ended("old").await;
    // The same content, newly written, is no change.
    world.write("old.yaml", &policy("acme", "dry-run"));
    world.time.look().await;
    world.change("old.yaml", "group: acme", "group: beta");
    world.time.look().await;
    daemon.loaded().await;
    assert_eq!(daemon.ended("old").await.planned(), ids(2, 3));
    // One that is new, and one that is gone.
    world.write("new.yaml", &policy("gamma", "dry-run"));
    fs::remove_file(world.path("old.yaml")).unwrap();
    world.time.look().await;
    assert_eq!(daemon.ended("new").await.planned(), ids(3, 3));
    world.time.minute().await;
    daemon.ended("new").await;
    let story = daemon.stop().await;
    assert_eq!(story.count(|told| matches!(told, Told::Loaded)), 3);
    let expected = ["old dry_run planned", "old dry_run planned", "new dry_run planned", "new dry_run planned"];
    assert_eq!(story.cycles(), expected);
}

/// It can take long to find, and a set does not wait for it.
#[tokio::test(start_paused = true)]
async fn what_looks_wrong_is_told_once_the_set_is_in_force() {
    let world = World::with(3).await;
    world.write("old.yaml", &policy("acme", "dry-run").replace("[npm]", "[npm, oci]"));
    let mut daemon = world.start(PLAN).await;
    let of = |word: &'static str| {
        move |told: &Told| match told {
            Told::Complaint(problem) if problem.contains(word) => Some(problem.clone()),
            _ => None,
        }
    };
    let told = daemon.hear("what is wrong at the start", of("`oci`")).await;
    assert!(told.contains("old.yaml:4:"), "{told}");
    world.change("old.yaml", "oci", "oras");
    daemon.signals.reload.notify_one();
    daemon.loaded().await;
    daemon.hear("what is wrong now", of("`oras`")).await;
    let story = daemon.stop().await;
    let order = story.0.iter().filter_map(|told| match told {
        Told::Loaded => Some("loaded"),
        Told::Complaint(_) => Some("told"),
        _ => None,
    });
    assert_eq!(order.collect::<Vec<_>>(), ["loaded", "told", "loaded", "told"]);
}

/// A mounted ConfigMap is a folder behind a link, and changes by turning the link.
#[tokio::test(start_paused = true)]
async fn a_config_map_that_is_turned_is_seen() {
    let world = World::with(3).await;
    let folder = world.folder.path().join("policies");
    for (version, group) in [("..1", "acme"), ("..2", "beta")] {
        fs::create_dir(folder.join(version)).unwrap();
        fs::write(folder.join(version).join("old.yaml"), policy(group, "dry-run")).unwrap();
    }
    symlink("..1", folder.join("..data")).unwrap();
    symlink("..data/old.yaml", folder.join("old.yaml")).unwrap();
    let mut daemon = world.start(PLAN).await;
    assert_eq!(daemon.ended("old").await.planned(), ids(1, 3));
    symlink("..2", folder.join("..new")).unwrap();
    fs::rename(folder.join("..new"), folder.join("..data")).unwrap();
    world.time.look().await;
    assert_eq!(daemon.ended("old").await.planned(), ids(2, 3));
    daemon.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_signal_has_the_files_read_at_once() {
    let world = World::with(3).await;
    world.write("old.yaml", &policy("acme", "dry-run"));
    let mut daemon = world.start(PLAN).await;
    daemon.ended("old").await;
    let before = world.time.now();
    world.change("old.yaml", "mode:", "mood:");
    daemon.signals.reload.notify_one();
    assert!(daemon.not_loaded().await.contains("mood"));
    world.change("old.yaml", "mood:", "mode:");
    daemon.reload().await;
    assert_eq!(world.time.now(), before, "no time passed");
    daemon.stop().await;
}

/// Whatever is wrong with the files, the set before goes on planning whole, and deletes nothing. It is told once.
#[tokio::test(start_paused = true)]
async fn a_broken_file_changes_nothing_and_holds_everything_up() {
    type Break = fn(&Path);
    let breaks: [(&str, Break); 6] = [
        ("older_then", |folder| change(&folder.join("b.yaml"), "older_than", "older_then")),
        ("version", |folder| fs::write(folder.join("b.yaml"), "").unwrap()),
        ("UTF-8", |folder| fs::write(folder.join("c.yaml"), b"\xff").unwrap()),
        (".yaml", |folder| fs::write(folder.join("c.yml"), policy("gamma", "delete")).unwrap()),
        ("can't read", |folder| fs::rename(folder, folder.with_extension("away")).unwrap()),
        ("no policy", |folder| {
            fs::remove_file(folder.join("a.yaml")).unwrap();
            fs::remove_file(folder.join("b.yaml")).unwrap();
        }),
    ];
    for (words, break_it) in breaks {
        let world = World::with(3).await;
        let folder = world.folder.path().join("policies");
        world.write("a.yaml", &policy("acme", "delete"));
        world.write("b.yaml", &policy("beta", "delete"));
        let mut daemon = world.start(Options { rehearsal: Rehearsal::Waived, ..EXECUTE }).await;
        assert_eq!(world.metric("policies_valid"), "1");
        break_it(&folder);
        world.time.look().await;
        let problem = daemon.not_loaded().await;
        assert!(problem.contains(words), "{words}: {problem}");
        assert_eq!(world.metric("policies_valid"), "0", "{words}");
        // It is looked at again and again, and told no more.
        for _ in 0..5 {
            world.time.look().await;
        }
        let is_folder_there = folder.exists();
        world.time.minute().await;
        if is_folder_there {
            // Right before the first deletion the files are read once more.
            daemon.planned().await;
            daemon.planned().await;
            world.time.pass(Duration::from_secs(1)).await;
        }
        let [one, other] = [daemon.any_ended().await, daemon.any_ended().await];
        for cycle in [one, other] {
            assert_eq!((cycle.report.status, cycle.count("not_attempted")), (CycleStatus::Partial, 3), "{words}");
            assert!(is_folder_there == cycle.error().contains("policy files can't be used"), "{}", cycle.error());
        }
        assert_eq!((world.present().len(), world.requests("DELETE", "")), (9, 0), "{words}");
        if !is_folder_there {
            fs::rename(folder.with_extension("away"), &folder).unwrap();
        }
        for extra in ["c.yaml", "c.yml"] {
            let _ = fs::remove_file(folder.join(extra));
        }
        world.write("a.yaml", &policy("acme", "delete"));
        world.write("b.yaml", &policy("beta", "delete"));
        world.time.look().await;
        daemon.loaded().await;
        assert_eq!(world.metric("policies_valid"), "1", "{words}");
        world.time.minute().await;
        daemon.any_ended().await;
        daemon.any_ended().await;
        assert_eq!(world.present(), ids(3, 3), "{words}");
        let story = daemon.stop().await;
        assert_eq!(story.count(|told| matches!(told, Told::NotLoaded(_))), 1, "{words}");
        assert_eq!(story.count(|told| matches!(told, Told::Loaded)), 2, "{words}");
        assert_eq!(story.cycles().len(), 4, "{words}");
    }
}

fn change(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    fs::write(file, text.replace(from, to)).unwrap();
}

#[tokio::test(start_paused = true)]
async fn another_problem_is_told_anew() {
    let world = World::with(3).await;
    world.write("old.yaml", &policy("acme", "dry-run"));
    let mut daemon = world.start(PLAN).await;
    for problem in ["modi", "modo"] {
        world.write("old.yaml", &policy("acme", "dry-run").replace("mode", problem));
        world.time.look().await;
        assert!(daemon.not_loaded().await.contains(problem));
        world.time.look().await;
    }
    assert_eq!(daemon.stop().await.count(|told| matches!(told, Told::NotLoaded(_))), 2);
}

/// GitLab takes its time to answer a deletion.
fn slow_deletions() -> Faults {
    Faults::new(0).with(Rule::new(Fault::SlowBody { millis: 1_000 }).kind(Kind::DeletePackage))
}

/// What is done to the folder while twelve deletions are under way, four of them sent.
async fn in_the_middle(change: impl FnOnce(&World)) -> (World, Running) {
    let world = World::with(12).await;
    world.write("old.yaml", &policy("acme", "delete"));
    world.write("hold.yaml", "version: 1\nprotect: [{ id: 205 }]\n");
    let options = Options { rehearsal: Rehearsal::Waived, on_start: OnStart::Run, ..EXECUTE };
    world.server.set_faults(slow_deletions());
    let mut daemon = world.start(options).await;
    world.until("four deletions are under way", |world| world.requests("DELETE", "") == 4).await;
    change(&world);
    daemon.reload().await;
    world.server.set_faults(Faults::default());
    world.time.pass(Duration::from_secs(2)).await;
    (world, daemon)
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_changes_while_it_executes_is_stopped() {
    type Change = fn(&World);
    let changes: [(&str, Change); 6] = [
        ("a rule", |world| world.change("old.yaml", "older_than: 30d", "older_than: 31d")),
        ("a limit", |world| world.change("old.yaml", "max_percent: 100,", "max_percent: 99,")),
        ("the mode", |world| world.change("old.yaml", "mode: delete", "mode: dry-run")),
        ("a protection", |world| world.change("hold.yaml", "id: 205", "id: 112")),
        ("a protection that is new", |world| world.write("new.yaml", "version: 1\nprotect: [{ id: 112 }]\n")),
        ("its name", |world| fs::rename(world.path("old.yaml"), world.path("new.yaml")).unwrap()),
    ];
    for (what, change) in changes {
        let (world, mut daemon) = in_the_middle(change).await;
        let stopped = daemon.ended("old").await;
        assert_eq!((stopped.purpose, stopped.report.status), (Purpose::Execution, CycleStatus::Partial), "{what}");
        assert_eq!((stopped.count("deleted"), stopped.count("not_attempted")), (4, 8), "{what}");
        assert_eq!((world.present().len(), world.requests("DELETE", "")), (32, 4), "{what}");
        daemon.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_concern_it_lets_an_execution_go_on() {
    type Change = fn(&World);
    let changes: [(&str, Change); 5] = [
        ("nothing at all", |_| {}),
        ("a description", |world| world.change("old.yaml", "version: 1", "version: 1\ndescription: text")),
        ("its schedule", |world| world.change("old.yaml", "* * * * *", "0 3 * * *")),
        ("another policy", |world| world.write("new.yaml", &policy("beta", "dry-run"))),
        ("a note", |world| world.change("hold.yaml", "id: 205", "id: 205, note: an audit")),
    ];
    for (what, change) in changes {
        let (world, mut daemon) = in_the_middle(change).await;
        let ended = daemon.ended("old").await;
        assert_eq!((ended.report.status, ended.count("deleted")), (CycleStatus::Executed, 12), "{what}");
        assert_eq!(world.present(), &ids(2, 12) | &ids(3, 12), "{what}");
        daemon.stop().await;
    }
}

/// What was stopped is planned anew as it is now, and then goes on.
#[tokio::test(start_paused = true)]
async fn a_policy_that_was_stopped_rehearses_what_it_became() {
    let world = World::with(12).await;
    world.write("old.yaml", &policy("acme", "delete"));
    let mut daemon = world.start(EXECUTE).await;
    daemon.ended("old").await;
    world.server.set_faults(slow_deletions());
    world.time.minute().await;
    world.until("four deletions are under way", |world| world.requests("DELETE", "") == 4).await;
    world.write("hold.yaml", "version: 1\nprotect: [{ id: 112 }]\n");
    daemon.reload().await;
    world.server.set_faults(Faults::default());
    world.time.pass(Duration::from_secs(2)).await;
    assert_eq!(daemon.ended("old").await.count("deleted"), 4);
    let left = &world.present() & &ids(1, 12);
    let rehearsal: Cycle = daemon.ended("old").await;
    assert_eq!(rehearsal.planned(), &left - &[112].into());
    assert_eq!(world.requests("DELETE", ""), 4);
    world.time.minute().await;
    daemon.ended("old").await;
    assert_eq!(&world.present() & &ids(1, 12), [112].into());
    let expected =
        ["old rehearsal planned", "old execution partial", "old rehearsal planned", "old execution executed"];
    assert_eq!(daemon.stop().await.cycles(), expected);
}

/// Nothing that GitLab protects would be refused to it.
#[tokio::test(start_paused = true)]
async fn an_administrators_token_is_complained_of_when_it_starts_and_when_it_reloads() {
    for is_admin in [true, false] {
        let world = World::over(|time| {
            let mut registry = registry(3, time);
            registry.users.iter_mut().for_each(|user| user.admin = is_admin);
            registry
        })
        .await;
        world.write("old.yaml", &policy("acme", "dry-run"));
        let mut daemon = world.start(PLAN).await;
        daemon.ended("old").await;
        let answered = |endpoint: &str, count: usize| {
            let line = format!("gleaner_request_duration_seconds_count{{endpoint=\"{endpoint}\"}} {count}");
            move |world: &World| world.metrics.render().unwrap().lines().any(|told| told == line)
        };
        world.until("whose token it is was asked", answered("user", 1)).await;
        // The token is tried again now and then, and whose it is is known.
        world.time.pass(Duration::from_secs(15 * 60)).await;
        world.until("it was tried again", answered("token", 2)).await;
        daemon.reload().await;
        world.until("it was asked once more", answered("user", 2)).await;
        let is_complaint = |told: &Told| matches!(told, Told::Complaint(text) if text.contains("an administrator's"));
        if is_admin {
            // The first one was told before the reload.
            daemon.hear("another complaint", |told| is_complaint(told).then_some(())).await;
        }
        let story = daemon.stop().await;
        assert_eq!(story.count(is_complaint), if is_admin { 2 } else { 0 });
    }
}
