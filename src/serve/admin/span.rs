//! Lengths of time in words.

use std::time::Duration;

use jiff::Timestamp;

/// Tells how far `at` is from `now`: "in 3 hours", "5 minutes ago".
pub(super) fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.as_second() - now.as_second();
    match seconds {
        0 => "now".to_owned(),
        1.. => format!("in {}", rough(seconds.unsigned_abs())),
        _ => format!("{} ago", rough(seconds.unsigned_abs())),
    }
}

/// Tells how long something took: "40 s", "3 min 20 s", "2 h 5 min".
pub(super) fn exact(span: Duration) -> String {
    let seconds = span.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match seconds {
        0 => format!("{} ms", span.as_millis()),
        1..60 => format!("{seconds} s"),
        60..3600 => format!("{minutes} min {} s", seconds % 60),
        _ => format!("{hours} h {minutes} min"),
    }
}

/// Tells a length in the largest unit of which there are at least two, rounded down.
fn rough(seconds: u64) -> String {
    let units = [(86_400, "days"), (3_600, "hours"), (60, "minutes")];
    let fitting = units.into_iter().find(|(unit, _)| seconds >= 2 * unit);
    match fitting {
        Some((unit, name)) => format!("{} {name}", seconds / unit),
        None if seconds == 1 => "1 second".to_owned(),
        None => format!("{seconds} seconds"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_words() {
        let now = Timestamp::constant(1_780_000_000, 0);
        let table = [
            (0, "now"),
            (1, "in 1 second"),
            (119, "in 119 seconds"),
            (120, "in 2 minutes"),
            (7_199, "in 119 minutes"),
            (-7_200, "2 hours ago"),
            (-172_800, "2 days ago"),
        ];
        for (seconds, words) in table {
            assert_eq!(relative(now + jiff::SignedDuration::from_secs(seconds), now), words);
        }
        let table = [(400, "400 ms"), (1_900, "1 s"), (200_000, "3 min 20 s"), (7_500_000, "2 h 5 min")];
        for (milliseconds, words) in table {
            assert_eq!(exact(Duration::from_millis(milliseconds)), words);
        }
    }
}
