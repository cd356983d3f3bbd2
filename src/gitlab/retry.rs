//! How often a request is tried, and how long to wait in between.

use std::time::Duration;

use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// How often a request is tried, and how long to wait in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many times a request is sent at most.
    pub tries: u32,
    /// How long one request waits at most, over all its tries. A GitLab that asks for more fails the request at once.
    pub max_waiting: Duration,
    /// The longest back-off after the first try; it doubles with every try.
    pub first_backoff: Duration,
}

impl Default for RetryPolicy {
    /// Six tries and a minute of waiting.
    fn default() -> Self {
        Self { tries: 6, max_waiting: Duration::from_secs(60), first_backoff: Duration::from_secs(1) }
    }
}

/// The step after a try that failed and may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Wait(Duration),
    /// GitLab asked for a longer wait than there is time for.
    TooLong(Duration),
    GiveUp,
}

impl RetryPolicy {
    /// Returns the step after the try number `attempt` (from 1). `waited` is how long the request has waited in all,
    /// `asked` is the wait that GitLab asked for, and `jitter` a random number from 0 to 1.
    ///
    /// Without `asked` it's exponential back-off with full jitter. With it, a little jitter comes on top, so that
    /// requests that were told the same instant don't all come back in it.
    pub(super) fn next(&self, attempt: u32, waited: Duration, asked: Option<Duration>, jitter: f64) -> Next {
        let left = self.max_waiting.saturating_sub(waited);
        if attempt >= self.tries {
            return Next::GiveUp;
        }
        match asked {
            Some(asked) if asked > left => Next::TooLong(asked),
            Some(asked) => Next::Wait((asked + self.first_backoff.mul_f64(jitter)).min(left)),
            None if left.is_zero() => Next::GiveUp,
            None => {
                let ceiling = self.first_backoff.saturating_mul(2_u32.saturating_pow(attempt - 1));
                Next::Wait(ceiling.min(left).mul_f64(jitter))
            }
        }
    }
}

/// Returns whether another try may bring another answer, because of a rate limit, or a server or proxy in trouble. 520
/// to 527 are Cloudflare's.
pub(super) fn is_passing(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 500 | 502 | 503 | 504 | 520..=527)
}

/// Returns the wait that an answer asks for: `Retry-After`, else, on a 429, the reset of the rate limit.
///
/// `Retry-After` comes as seconds (`lib/gitlab/throttle.rb`), as an HTTP date (proxies), or as a Go duration
/// (`workhorse/internal/circuitbreaker`). An unreadable one is as good as none.
pub(super) fn asked_wait(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    let retry_after = text(headers, RETRY_AFTER.as_str()).and_then(|text| {
        let go = || text.parse().ok().and_then(|duration: SignedDuration| duration.try_into().ok());
        seconds(text).or_else(|| until(headers, http_date(text)?)).or_else(go)
    });
    retry_after.or_else(|| reset_wait(headers).filter(|_| status == StatusCode::TOO_MANY_REQUESTS))
}

/// Returns the time until the rate limit is reset: `RateLimit-Reset` (Unix seconds; a very old release sent a
/// duration), else `RateLimit-ResetTime` (an HTTP date).
///
/// Source: `lib/gitlab/throttle.rb` and `lib/gitlab/rack_attack.rb`.
pub(super) fn reset_wait(headers: &HeaderMap) -> Option<Duration> {
    /// No window of a rate limit is ten years long, and no clock stands before 1980.
    const TEN_YEARS: Duration = Duration::from_secs(315_360_000);
    let reset = text(headers, "ratelimit-reset").and_then(|text| match seconds(text)? {
        duration if duration < TEN_YEARS => Some(duration),
        epoch => until(headers, Timestamp::UNIX_EPOCH.checked_add(epoch).ok()?),
    });
    reset.or_else(|| until(headers, http_date(text(headers, "ratelimit-resettime")?)?))
}

/// Returns the time from the answer's own `Date` to `instant`, so that no clock of ours has to agree with the server's.
fn until(headers: &HeaderMap, instant: Timestamp) -> Option<Duration> {
    let sent = date(headers)?;
    Some(instant.duration_since(sent).try_into().unwrap_or(Duration::ZERO))
}

/// Returns when the answer was sent, by the server's clock.
pub(super) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(text(headers, DATE.as_str())?)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn seconds(text: &str) -> Option<Duration> {
    text.parse().ok().map(Duration::from_secs)
}

fn http_date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy =
        RetryPolicy { tries: 6, max_waiting: Duration::from_secs(60), first_backoff: Duration::from_secs(1) };

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let line = |(name, value): &(&'static str, &'static str)| (name.parse().unwrap(), value.parse().unwrap());
        lines.iter().map(line).collect()
    }

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn the_default_is_what_is_documented() {
        assert_eq!(RetryPolicy::default(), POLICY);
    }

    #[test]
    fn what_follows_a_failed_try() {
        let table = [
            // Back-off doubles, and its jitter is full.
            (1, 0, None, 1.0, Next::Wait(secs(1))),
            (1, 0, None, 0.0, Next::Wait(secs(0))),
            (2, 0, None, 1.0, Next::Wait(secs(2))),
            (5, 0, None, 1.0, Next::Wait(secs(16))),
            (5, 0, None, 0.5, Next::Wait(secs(8))),
            // It takes no more than what is left.
            (5, 57, None, 1.0, Next::Wait(secs(3))),
            (2, 60, None, 0.5, Next::GiveUp),
            // The tries are counted.
            (6, 0, None, 0.5, Next::GiveUp),
            (6, 0, Some(0), 0.5, Next::GiveUp),
            // What GitLab asks for is honoured, with a little jitter on top.
            (1, 0, Some(10), 0.0, Next::Wait(secs(10))),
            (1, 0, Some(10), 1.0, Next::Wait(secs(11))),
            (1, 0, Some(0), 1.0, Next::Wait(secs(1))),
            (1, 0, Some(60), 1.0, Next::Wait(secs(60))),
            // More than there is time for isn't waited for.
            (1, 0, Some(61), 0.0, Next::TooLong(secs(61))),
            (3, 40, Some(21), 0.0, Next::TooLong(secs(21))),
            (3, 40, Some(20), 1.0, Next::Wait(secs(20))),
        ];
        for (attempt, waited, asked, jitter, expected) in table {
            let next = POLICY.next(attempt, secs(waited), asked.map(secs), jitter);
            assert_eq!(next, expected, "try {attempt} after {waited} s, asked {asked:?}, jitter {jitter}");
        }
    }

    #[test]
    fn the_waits_that_answers_ask_for() {
        const DATE: (&str, &str) = ("date", "Tue, 05 Jan 2021 10:29:30 GMT");
        let table = [
            (429, headers(&[]), None),
            (429, headers(&[("retry-after", "7")]), Some(secs(7))),
            (503, headers(&[("retry-after", " 7 ")]), Some(secs(7))),
            (429, headers(&[("retry-after", "1m0s")]), Some(secs(60))),
            (429, headers(&[("retry-after", "1.5s")]), Some(Duration::from_millis(1500))),
            (429, headers(&[("retry-after", "250ms")]), Some(Duration::from_millis(250))),
            (429, headers(&[("retry-after", "1h2m3s")]), Some(secs(3723))),
            (503, headers(&[DATE, ("retry-after", "Tue, 05 Jan 2021 10:30:00 GMT")]), Some(secs(30))),
            (503, headers(&[DATE, ("retry-after", "Tue, 05 Jan 2021 10:29:00 GMT")]), Some(secs(0))),
            (503, headers(&[("retry-after", "Tue, 05 Jan 2021 10:30:00 GMT")]), None),
            (503, headers(&[("retry-after", "soon")]), None),
            (503, headers(&[("retry-after", "-3")]), None),
            (429, headers(&[DATE, ("ratelimit-reset", "1609844400")]), Some(secs(1830))),
            (429, headers(&[("ratelimit-reset", "1609844400")]), None),
            (429, headers(&[("ratelimit-reset", "45")]), Some(secs(45))),
            (429, headers(&[DATE, ("ratelimit-resettime", "Tue, 05 Jan 2021 11:00:00 GMT")]), Some(secs(1830))),
            (429, headers(&[DATE, ("ratelimit-reset", "1609844400"), ("retry-after", "9")]), Some(secs(9))),
            (429, headers(&[DATE, ("ratelimit-reset", "1609844400"), ("retry-after", "?")]), Some(secs(1830))),
            // The common headers stand on other answers too, and ask for nothing there.
            (500, headers(&[DATE, ("ratelimit-reset", "1609844400")]), None),
        ];
        for (status, headers, expected) in table {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(asked_wait(status, &headers), expected, "{status} {headers:?}");
        }
    }

    #[test]
    fn which_answers_pass() {
        for status in [429, 500, 502, 503, 504, 520, 522, 527] {
            assert!(is_passing(StatusCode::from_u16(status).unwrap()), "{status}");
        }
        for status in [200, 204, 301, 400, 401, 403, 404, 405, 410, 412, 422, 501, 505, 528] {
            assert!(!is_passing(StatusCode::from_u16(status).unwrap()), "{status}");
        }
    }
}
