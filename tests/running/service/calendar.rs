//! Years of schedules under a paused clock: every due run happens once, none beside itself.

use std::time::Duration;

use gleaner::policy::Schedule;
use gleaner::serve::Scheduler;
use gleaner::serve::agenda::Jitter;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::service::timetable::{START, paused_clock, policies, run_for};

/// Zones with daylight saving in both hemispheres, of half an hour, of a day's first hour; and two without.
const ZONES: [&str; 10] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "America/Havana",
    "Asia/Beirut",
    "Pacific/Auckland",
    "Asia/Kolkata",
    "UTC",
];

/// By day, in the hour that is skipped or repeated, several a day, on weekdays, once a month.
const LINES: [&str; 5] = ["30 2 * * *", "15 1 * * *", "5 0,12 * * *", "0 3 * * MON-FRI", "45 1 1 * *"];

/// The fires of a line by the days of its zone, worked out without the scheduler or its search: each day's wall time
/// is looked up, and one that the clock jumps over fires when it goes on.
fn fires(schedule: &Schedule, end: Timestamp) -> Vec<Timestamp> {
    let zone = jiff::tz::TimeZoneDatabase::bundled().get(&schedule.zone).unwrap();
    let words: Vec<&str> = schedule.line.split(' ').collect();
    let minute: i8 = words[0].parse().unwrap();
    let hours: Vec<i8> = words[1].split(',').map(|hour| hour.parse().unwrap()).collect();
    let first = START.to_zoned(zone.clone()).date().yesterday().unwrap();
    let days = first
        .series(jiff::ToSpan::days(1))
        .take_while(|day| *day <= end.to_zoned(zone.clone()).date().tomorrow().unwrap());
    let mut fires: Vec<Timestamp> = days
        .filter(|day| words[2] == "*" || day.day() == 1)
        .filter(|day| words[4] == "*" || day.weekday().to_monday_one_offset() <= 5)
        .flat_map(|day| hours.iter().map(move |hour| day.at(*hour, minute, 0, 0)))
        .map(|wall| match zone.to_ambiguous_timestamp(wall).offset() {
            // Skipped: the first instant behind the gap.
            jiff::tz::AmbiguousOffset::Gap { before, .. } => {
                let in_gap = before.to_timestamp(wall).unwrap();
                zone.preceding(in_gap).next().unwrap().timestamp()
            }
            // Twice: the first of them.
            jiff::tz::AmbiguousOffset::Fold { before, .. } => before.to_timestamp(wall).unwrap(),
            jiff::tz::AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(wall).unwrap(),
        })
        .filter(|fire| *fire > START && *fire < end)
        .collect();
    fires.sort();
    fires.dedup();
    fires
}

#[tokio::test(start_paused = true)]
async fn a_thousand_days_of_fifty_policies() {
    let clock = paused_clock();
    let lines = ZONES.iter().flat_map(|zone| LINES.iter().map(move |line| (zone, line))).enumerate();
    let texts = lines
        .map(|(number, (zone, line))| format!("schedule: \"{line}\"\ntimezone: {zone}\nscope: {{ group: g{number} }}"));
    let set = policies(texts);
    assert_eq!(set.policies.len(), 50);
    let mut scheduler = Scheduler::new(clock.clone(), Jitter::none(), 50, CancellationToken::new());
    scheduler.load(set.clone(), |_| None);
    let length = SignedDuration::from_hours(24 * 1_000);
    let runs = run_for(length, &mut scheduler, &clock, |_| Duration::from_secs(600)).await;
    let runs = runs.lock().unwrap();
    let mut total = 0;
    for policy in &set.policies {
        let schedule = policy.schedule.as_ref().unwrap();
        let (expected, ran) = (fires(schedule, START + length), &runs.began[&policy.name]);
        total += ran.len();
        let missed: Vec<_> = expected.iter().filter(|fire| !ran.contains(fire)).collect();
        let surplus: Vec<_> = ran.iter().filter(|run| !expected.contains(run)).collect();
        let what = format!("{} in {}: missed {missed:?}, beside them {surplus:?}", schedule.line, schedule.zone);
        assert!(missed.is_empty() && surplus.is_empty() && ran.len() == expected.len(), "{what}");
    }
    assert_eq!(runs.most_of_one, 1);
    assert_eq!(total, 47_473);
}
