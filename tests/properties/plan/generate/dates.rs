//! Dates around one instant, many of them equal, on the edge of an age, or without sense.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;

/// 2026-06-15T12:00:00Z: dates are made around this instant.
pub(super) const NOW: Timestamp = Timestamp::constant(1_781_524_800, 0);

/// `None` is a date that GitLab did not send.
pub(super) fn date() -> impl Strategy<Value = Option<Timestamp>> {
    prop_oneof![
        28 => sensible_date().prop_map(Some),
        1 => senseless_date().prop_map(Some),
        1 => Just(None),
    ]
}

/// Few enough that they often equal each other, and on both sides of every age that a policy here can name.
pub(super) fn sensible_date() -> impl Strategy<Value = Timestamp> {
    let edges = (select(vec![1, 72, 5 * 24, 30 * 24, 90 * 24]), -1..=1_i64)
        .prop_map(|(hours, beside)| before_now(hours * 60 * 60 * 1000 + beside));
    let plain = select(vec![0, 2, 4, 10, 20, 50, 50, 60, 91, 91, 200, 200, 400, 400]).prop_map(days_ago);
    // The first day of the registry, and that since which downloads are written down.
    let first =
        select(vec!["2011-01-01T00:00:00Z", "2022-12-31T23:59:59.999Z", "2023-01-01T00:00:00Z"]).prop_map(instant);
    prop_oneof![8 => edges, 14 => plain, 1 => first]
}

pub(super) fn senseless_date() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        select(vec!["1970-01-01T00:00:00Z", "1980-01-01T00:00:00Z", "2010-12-31T23:59:59.999Z"]).prop_map(instant),
        select(vec![1, 24 * 60 * 60 * 1000]).prop_map(|milliseconds| before_now(-milliseconds)),
    ]
}

/// Mostly the instant that dates are made around; else the ends of its day, and the first moment of the next.
pub(super) fn now() -> impl Strategy<Value = Timestamp> {
    let ends = select(vec!["2026-06-15T00:00:00Z", "2026-06-15T23:59:59.999Z", "2026-06-16T00:00:00Z"]);
    prop_oneof![3 => Just(NOW), 1 => ends.prop_map(instant)]
}

pub(crate) fn days_ago(days: i64) -> Timestamp {
    before_now(days * 24 * 60 * 60 * 1000)
}

fn before_now(milliseconds: i64) -> Timestamp {
    NOW - SignedDuration::from_millis(milliseconds)
}

fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// How long after its row a file was made, in milliseconds. Some were there before: they came with an import, or the row's
/// date is that of a commit.
pub(super) fn beside() -> impl Strategy<Value = i64> {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    select(vec![0, 0, 1, -1, 1000, DAY, 10 * DAY, 40 * DAY, 150 * DAY, -5 * DAY])
}
