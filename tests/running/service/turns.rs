//! Whose turn it is: what shares a walk, what waits for what, and what is made up for.

use std::sync::Arc;
use std::time::Duration;

use gleaner::serve::Scheduler;
use gleaner::serve::agenda::Jitter;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::service::timetable::{Runs, START, paused_clock, policies, run_for};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

/// Runs policies for some hours, at most `slots` batches at once.
async fn run(texts: &[&str], slots: usize, hours: i64, takes: impl Fn(&[String]) -> Duration) -> Runs {
    let clock = paused_clock();
    let mut scheduler = Scheduler::new(clock.clone(), Jitter::none(), slots, CancellationToken::new());
    scheduler.load(policies(texts), |_| None);
    let runs = run_for(SignedDuration::from_hours(hours), &mut scheduler, &clock, takes).await;
    let mut runs = runs.lock().unwrap();
    std::mem::take(&mut *runs)
}

fn names(batch: &[&str]) -> Vec<String> {
    batch.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn what_lists_the_same_at_the_same_time_is_one_batch() {
    let texts = [
        "schedule: \"0 3 * * *\"\nscope: { group: acme }",
        "schedule: \"0 3 * * *\"\nscope: { group: acme, paths: \"acme/web/**\" }",
        "schedule: \"0 4 * * *\"\nscope: { group: acme }",
        "schedule: \"0 3 * * *\"\nscope: { group: acme, types: maven }",
        "schedule: \"0 3 * * *\"\nscope: { group: beta }",
        "schedule: \"0 3 * * *\"\nscope: { group: acme, subgroups: false }",
        "schedule: \"0 3 * * *\"\nscope: { group: acme }\nkeep: [{ status: hidden }]",
    ];
    let runs = run(&texts, 10, 5, |_| minutes(1)).await;
    let expected = [
        (minutes(180), names(&["p00", "p01"])),
        (minutes(180), names(&["p04"])),
        (minutes(181), names(&["p03"])),
        (minutes(182), names(&["p05"])),
        (minutes(183), names(&["p06"])),
        (minutes(240), names(&["p02"])),
    ];
    assert_eq!(runs.batches, expected, "another type, subgroups or status lists otherwise, and overlaps");
}

#[tokio::test(start_paused = true)]
async fn what_may_overlap_never_runs_at_once() {
    let texts = [
        "schedule: \"0 * * * *\"\nscope: { group: acme }",
        "schedule: \"0 * * * *\"\nscope: { project: acme/web/shop }",
        "schedule: \"0 * * * *\"\nscope: { group: Acme/web }",
        "schedule: \"0 * * * *\"\nscope: { group: beta }",
    ];
    let runs = run(&texts, 10, 2, |_| minutes(10)).await;
    let expected = [
        (minutes(60), names(&["p00"])),
        (minutes(60), names(&["p03"])),
        (minutes(70), names(&["p01"])),
        (minutes(80), names(&["p02"])),
    ];
    assert_eq!(runs.batches, expected);
}

#[tokio::test(start_paused = true)]
async fn no_more_run_at_once_than_allowed_and_all_have_their_turn() {
    let texts: Vec<String> = (0..7).map(|n| format!("schedule: \"0 * * * *\"\nscope: {{ group: g{n} }}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for slots in [1, 2, 3] {
        let runs = run(&texts, slots, 24, |_| minutes(5)).await;
        assert_eq!(runs.most_batches, slots);
        assert!(texts.iter().enumerate().all(|(n, _)| runs.began[&format!("p{n:02}")].len() == 23), "{slots} slots");
    }
}

/// With one policy of everything and many of its parts that are due all the time, the one has its turn like the others.
#[tokio::test(start_paused = true)]
async fn a_wide_policy_is_not_passed_over_for_narrow_ones() {
    let texts = [
        "schedule: \"*/20 * * * *\"\nscope: { group: acme }",
        "schedule: \"*/10 * * * *\"\nscope: { group: acme/a }",
        "schedule: \"5-59/10 * * * *\"\nscope: { group: acme/b }",
    ];
    let runs = run(&texts, 10, 10, |_| minutes(9)).await;
    let turns: Vec<usize> = (0..3).map(|n| runs.began[&format!("p{n:02}")].len()).collect();
    assert!(turns[0] >= 15, "{turns:?}");
    assert!(turns[1] >= 15 && turns[2] >= 15, "{turns:?}");
}

#[tokio::test(start_paused = true)]
async fn fires_during_a_long_run_collapse_into_one() {
    let long_at_first = |runs: &std::cell::Cell<u32>| {
        runs.set(runs.get() + 1);
        if runs.get() == 1 { minutes(3 * 60 + 30) } else { minutes(1) }
    };
    let count = std::cell::Cell::new(0);
    let runs = run(&["schedule: \"0 * * * *\"\nscope: { group: acme }"], 2, 7, |_| long_at_first(&count)).await;
    let began: Vec<Duration> = runs.batches.iter().map(|(at, _)| *at).collect();
    // 2, 3 and 4 o'clock passed during the run; at 4:30 one run makes up for them.
    assert_eq!(began, [60, 270, 300, 360].map(minutes));
    assert_eq!(runs.most_of_one, 1);
}

#[tokio::test(start_paused = true)]
async fn jitter_puts_off_within_its_bound_and_keeps_together_what_lists_the_same() {
    let clock = paused_clock();
    let max = Duration::from_secs(30 * 60);
    let texts =
        ["acme", "acme", "beta", "gamma"].map(|group| format!("schedule: \"@daily\"\nscope: {{ group: {group} }}"));
    let delays = async |seed| {
        let mut scheduler = Scheduler::new(clock.clone(), Jitter { max, seed }, 9, CancellationToken::new());
        scheduler.load(policies(&texts), |_| None);
        let begun = clock.now();
        let runs = run_for(24 * 100 * HOUR, &mut scheduler, &clock, |_| minutes(1)).await;
        let runs = runs.lock().unwrap();
        assert!(runs.began.values().all(|began| began.len() == 99 || began.len() == 100), "since {begun}");
        assert_eq!(runs.began["p00"], runs.began["p01"]);
        assert!(runs.batches.iter().all(|(_, names)| names.len() == if names[0] == "p00" { 2 } else { 1 }));
        let delay = |at: &jiff::Timestamp| at.duration_since(START).as_secs() % 86_400;
        runs.began["p02"].iter().map(delay).take(99).collect::<Vec<_>>()
    };
    let (one, other) = (delays(1).await, delays(2).await);
    for delays in [&one, &other] {
        assert!(delays.iter().all(|delay| *delay < 30 * 60), "{delays:?}");
        assert!(
            delays.iter().any(|delay| *delay > 20 * 60) && delays.iter().any(|delay| *delay < 10 * 60),
            "{delays:?}"
        );
    }
    assert_ne!(one, other, "another daemon has other delays");
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_for_runs_at_once_and_without_jitter() {
    let clock = paused_clock();
    let jitter = Jitter { max: Duration::from_secs(3_000), seed: 1 };
    let mut scheduler = Scheduler::new(clock.clone(), jitter, 2, CancellationToken::new());
    scheduler.load(policies(["schedule: \"@daily\"\nscope: { group: acme }", "scope: { group: beta }"]), |_| None);
    for policy in ["p00", "p00", "p01", "p02"] {
        scheduler.agenda.ask_for(policy, clock.now());
    }
    let runs = run_for(HOUR, &mut scheduler, &clock, |_| minutes(1)).await;
    // Asked for twice it runs once; one without a schedule, and one that there isn't, never.
    assert_eq!(runs.lock().unwrap().batches, [(Duration::ZERO, names(&["p00"]))]);
}

#[tokio::test(start_paused = true)]
async fn a_new_set_keeps_the_turns_of_what_stayed() {
    let clock = paused_clock();
    let mut scheduler = Scheduler::new(clock.clone(), Jitter::none(), 2, CancellationToken::new());
    let texts = |second: &str| {
        policies([
            "schedule: \"0 */6 * * *\"\nscope: { group: acme }".to_owned(),
            format!("schedule: \"{second}\"\nscope: {{ group: beta }}"),
        ])
    };
    scheduler.load(texts("0 */6 * * *"), |_| None);
    run_for(5 * HOUR, &mut scheduler, &clock, |_| minutes(1)).await;
    scheduler.load(texts("30 5 * * *"), |_| None);
    let runs = run_for(2 * HOUR, &mut scheduler, &clock, |_| minutes(1)).await;
    let expected = [(minutes(330), names(&["p01"])), (minutes(360), names(&["p00"]))];
    assert_eq!(runs.lock().unwrap().batches, expected);
}

/// Whether it only changed, or was gone in between.
#[tokio::test(start_paused = true)]
async fn a_policy_that_now_looks_elsewhere_waits_for_its_own_end() {
    let in_group = |group: &str| policies([format!("schedule: \"@daily\"\nscope: {{ group: {group} }}")]);
    for sets in [vec![in_group("beta")], vec![Arc::default(), in_group("beta")]] {
        let clock = paused_clock();
        let mut scheduler = Scheduler::new(clock.clone(), Jitter::none(), 9, CancellationToken::new());
        scheduler.load(in_group("acme"), |_| None);
        scheduler.agenda.ask_for("p00", clock.now());
        assert_eq!(scheduler.begin_due(|_| tokio::time::sleep(minutes(10))), ["p00"]);
        for set in sets {
            scheduler.load(set, |_| None);
        }
        scheduler.agenda.ask_for("p00", clock.now());
        let runs = run_for(HOUR, &mut scheduler, &clock, |_| minutes(1)).await;
        assert_eq!(runs.lock().unwrap().batches, [(minutes(10), names(&["p00"]))]);
    }
}
