//! How old a look may be when a deletion rests on it, how large a batch, and what comes of a look that fails.

use std::time::Duration;

use gitlab_sandbox::faults::{Body, CacheTells, Fault, Faults, Kind, Rule, Throttle, When};
use gitlab_sandbox::happenings::{Act, Happening, NewFile, Publication};
use gitlab_sandbox::{Edition, Options, Package, PackageType};
use gleaner::plan::Outcome;
use jiff::SignedDuration;

use super::{LATEST_TOO, Played, Scene, link, version};

fn on_delete(fault: Fault) -> Rule {
    Rule::new(fault).kind(Kind::DeletePackage)
}

/// Every answer takes so many milliseconds.
fn slow(millis: u64) -> Options {
    Options { latency: Duration::from_millis(millis), ..Options::default() }
}

/// The age of each deletion's look in seconds.
fn ages(played: &Played) -> Vec<u64> {
    played.ages(|path| path.ends_with("/projects/1"))
}

fn old(count: u64) -> Vec<Package> {
    (1..=count).map(|id| version(id, 100)).collect()
}

#[tokio::test(start_paused = true)]
async fn no_try_of_a_deletion_rests_on_a_look_of_a_minute() {
    let too_many = |seconds| Fault::TooManyRequests(Throttle::Seconds(seconds));
    let table = [
        ("a limit", 2_500, too_many(55), 2),
        ("a limit that is soon over", 2_500, too_many(5), 2),
        ("a lost answer", 4_000, Fault::HangUp, 2),
        ("a slow answer", 3_000, Fault::LateDeed { millis: 40_000, silence_millis: 14_000 }, 2),
    ];
    for (name, latency, fault, tries) in table {
        let scene = Scene::of(vec![version(1, 100)], LATEST_TOO).options(slow(latency));
        let played = scene.faults(Faults::new(0).with(on_delete(fault).when(When::First(1)))).play().await;
        let ages = ages(&played);
        assert_eq!(ages.len(), tries, "{name}: {ages:?}");
        assert!(ages.iter().all(|age| *age < 60), "{name}: {ages:?}");
        assert_eq!(played.outcome(1), Some(Outcome::Deleted), "{name}: {:?}", played.told());
    }
}

/// Older releases give a gem that is pushed again the id of before.
#[tokio::test(start_paused = true)]
async fn a_gem_that_is_pushed_again_under_its_id_is_not_deleted_twice() {
    let (name, version_told) = ("acme".to_owned(), Some("1.0.0".to_owned()));
    let gem = Package { package_type: PackageType::Rubygems, name: name.clone(), ..version(1, 100) };
    let pushed = Publication {
        project: 1,
        package_type: PackageType::Rubygems,
        name,
        version: version_told,
        files: vec![NewFile { name: "acme-1.0.0.gem".to_owned(), size: 20 }],
        ..Publication::default()
    };
    let played = Scene::of(vec![gem], LATEST_TOO)
        .options(Options { gitlab: "15.11".parse::<Edition>().unwrap(), ..Options::default() })
        .faults(Faults::new(0).with(on_delete(Fault::HangUpAfter).when(When::First(1))))
        .then(Happening::after(1, Act::Publish(pushed)).method("DELETE"))
        .play()
        .await;
    assert_eq!(played.count("DELETE"), 1);
    assert_eq!(played.world.present(), [1].into());
    assert_eq!(played.outcome(1), Some(Outcome::Unconfirmed), "{:?}", played.told());
}

#[tokio::test(start_paused = true)]
async fn an_answer_from_a_cache_is_no_look() {
    let cached = |seconds, tells| Rule::new(Fault::Cached { seconds, tells }).kind(Kind::ProjectPackages);
    let table = [
        (1, CacheTells::Both, Outcome::Failed),
        (1, CacheTells::Age, Outcome::Failed),
        (90, CacheTells::Date, Outcome::Failed),
        (30, CacheTells::Date, Outcome::Deleted),
    ];
    for (seconds, tells, expected) in table {
        let scene = Scene::of(vec![version(1, 100)], LATEST_TOO).waiting(100);
        let played = scene.faults(Faults::new(0).with(cached(seconds, tells))).play().await;
        if expected == Outcome::Failed {
            assert_eq!(played.count("DELETE"), 0, "{seconds} s, {tells:?}");
            assert!(played.sentence(1).contains("is not fresh"), "{seconds} s, {tells:?}: {}", played.sentence(1));
        } else {
            // The proof comes from the cache, too, and that of a minute later.
            assert_eq!(played.count("DELETE"), 1, "{seconds} s, {tells:?}");
        }
    }
}

/// Without a `Date` nobody knows GitLab's clock, and it may be five minutes behind.
#[tokio::test(start_paused = true)]
async fn without_a_date_what_was_changed_within_five_minutes_stays() {
    for (minutes, tells_time, expected) in
        [(4, false, Outcome::Stale), (6, false, Outcome::Deleted), (4, true, Outcome::Deleted)]
    {
        let package = version(1, 100);
        let updated_at = gleaner_support::NOW - SignedDuration::from_mins(minutes);
        let options = Options { tells_time, ..Options::default() };
        let scene = Scene::of(vec![Package { updated_at, ..package }], LATEST_TOO).options(options);
        let played = scene.play().await;
        assert_eq!(played.outcome(1), Some(expected), "{minutes} minutes: {:?}", played.told());
    }
}

#[tokio::test(start_paused = true)]
async fn what_gitlab_says_has_changed_since_the_look_is_stale() {
    let changed = Fault::Status { code: 412, body: Body::Json };
    let scene = Scene::of(old(2), LATEST_TOO);
    let played = scene.faults(Faults::new(0).with(on_delete(changed).path("*/packages/1"))).play().await;
    assert_eq!((played.outcome(1), played.outcome(2)), (Some(Outcome::Stale), Some(Outcome::Deleted)));
    assert_eq!(played.sentence(1), "it was changed in GitLab since the look, and stays");
    assert_eq!(played.world.deletes(), 2, "it is not sent again");
}

/// The documentation says that a look is as fresh as the server that answers.
#[tokio::test(start_paused = true)]
async fn a_replica_of_20_s_makes_a_look_20_s_older() {
    for (seconds, expected) in [(19, Outcome::Deleted), (21, Outcome::Stale)] {
        let scene = Scene::of(vec![version(1, 100)], LATEST_TOO).meanwhile([link(1)]).waiting(seconds);
        let behind = Rule::new(Fault::Replica { millis: 20_000 }).method("GET");
        let played = scene.faults(Faults::new(0).with(behind)).play().await;
        assert_eq!(played.outcome(1), Some(expected), "{seconds} s: {:?}", played.told());
    }
}

/// The lengths of the runs of deletions between two listings of the rows.
fn batches(played: &Played) -> Vec<usize> {
    let (mut sizes, mut is_new) = (Vec::new(), true);
    for request in played.sent() {
        is_new |= request.path.contains("/projects/1/packages?");
        if request.method == "DELETE" {
            if is_new {
                sizes.push(0);
            }
            *sizes.last_mut().unwrap() += 1;
            is_new = false;
        }
    }
    sizes
}

#[tokio::test(start_paused = true)]
async fn a_hundred_deletions_rest_on_one_look_at_most_and_fewer_after_a_long_one() {
    let played = Scene::of(old(250), LATEST_TOO).play().await;
    // The first ten are the canary.
    assert_eq!(batches(&played), [10, 100, 100, 40]);

    let played = Scene::of(old(250), LATEST_TOO).options(slow(3_500)).play().await;
    let sizes = batches(&played);
    assert_eq!(sizes.iter().sum::<usize>(), 250);
    assert!(sizes.len() > 5 && sizes.iter().all(|size| *size <= 50), "{sizes:?}");
    assert!(ages(&played).iter().all(|age| *age < 60), "{:?}", ages(&played));
    assert!(played.world.present().is_empty());
}

/// Batches of which nothing goes say nothing of GitLab's pace.
#[tokio::test(start_paused = true)]
async fn what_stays_holds_up_nothing_that_goes_after_it() {
    let npm = |id: u64| Package { name: format!("@acme/app-{id}"), ..version(id, 400 - i64::try_from(id).unwrap()) };
    let played = Scene::of((1..=120).map(npm).collect(), LATEST_TOO).meanwhile((1..=105).map(link)).play().await;
    for (id, (outcome, sentence)) in played.told() {
        let expected = if id <= 105 { Outcome::Stale } else { Outcome::Deleted };
        assert_eq!(outcome, expected, "package {id}: {sentence}");
    }
    assert_eq!(played.told().len(), 120);
    assert_eq!(played.world.deletes(), 15);
}

#[tokio::test(start_paused = true)]
async fn where_a_look_at_one_takes_a_minute_nothing_goes() {
    let played = Scene::of(old(5), LATEST_TOO).options(slow(7_000)).play().await;
    assert_eq!(played.count("DELETE"), 0);
    for (id, (outcome, sentence)) in played.told() {
        assert_eq!(outcome, Outcome::NotAttempted, "package {id}: {sentence}");
        assert!(sentence.contains("takes longer than a minute"), "package {id}: {sentence}");
    }
    assert_eq!(played.told().len(), 5);
}

/// GitLab asks for more patience than a look is good for, each time.
#[tokio::test(start_paused = true)]
async fn where_three_batches_in_a_row_come_too_late_the_rest_is_left() {
    let patience = Faults::new(0).with(on_delete(Fault::TooManyRequests(Throttle::Seconds(55))));
    let played = Scene::of(old(5), LATEST_TOO).options(slow(2_500)).faults(patience).play().await;
    for (id, (outcome, sentence)) in played.told() {
        assert_eq!(outcome, Outcome::NotAttempted, "package {id}: {sentence}");
        assert!(sentence.contains("asks to be left alone"), "package {id}: {sentence}");
    }
    assert_eq!((played.told().len(), played.world.present().len()), (5, 5));
}

/// The rows are read, and the releases are not.
#[tokio::test(start_paused = true)]
async fn a_token_that_is_revoked_during_a_look_ends_the_run() {
    let revoked = Rule::new(Fault::Status { code: 401, body: Body::Json }).kind(Kind::Releases).when(When::After(1));
    let rows = (1..=150).map(|id| version(id, 100)).collect();
    let played = Scene::of(rows, LATEST_TOO).faults(Faults::new(0).with(revoked)).play().await;
    let told = played.told();
    let count = |outcome| told.values().filter(|(one, _)| *one == outcome).count();
    assert_eq!((count(Outcome::Failed), count(Outcome::NotAttempted)), (10, 140));
    let (failed, left) = (played.sentence(1), played.sentence(150));
    assert!(failed.contains("the token was refused"), "{failed}");
    assert!(left.contains("GitLab no longer takes the token"), "{left}");
    assert_eq!(played.world.deletes(), 0);
}
