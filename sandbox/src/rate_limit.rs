//! A limit on requests, as GitLab's throttle keeps it (lib/gitlab/rack_attack.rb): so many in each fixed window.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};

/// So many requests of one caller in each period; written `600/60s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// The number of requests that are let through in each period.
    pub requests: u32,
    /// The period in whole seconds, at least one. Windows begin at its multiples since 1970.
    pub period_seconds: u32,
}

/// The text is not written like `600/60s`.
#[derive(Debug, thiserror::Error)]
#[error("a rate limit is a number and a period of whole seconds, such as 600/60s")]
pub struct InvalidRateLimit;

impl FromStr for RateLimit {
    type Err = InvalidRateLimit;

    fn from_str(text: &str) -> Result<Self, InvalidRateLimit> {
        let (requests, period) = text.split_once('/').ok_or(InvalidRateLimit)?;
        let period: SignedDuration = period.parse().map_err(|_| InvalidRateLimit)?;
        let period_seconds = u32::try_from(period.as_secs()).map_err(|_| InvalidRateLimit)?;
        if period_seconds == 0 || period.subsec_nanos() != 0 {
            return Err(InvalidRateLimit);
        }
        Ok(Self { requests: requests.parse().map_err(|_| InvalidRateLimit)?, period_seconds })
    }
}

/// Counts the requests of each caller.
pub(crate) struct Limiter {
    limit: RateLimit,
    /// For each caller the window of the last request and how many it has seen.
    counts: Mutex<HashMap<String, (i64, u32)>>,
}

/// The requests of a caller in the present window.
pub(crate) struct Standing {
    limit: RateLimit,
    observed: u32,
    now: Timestamp,
}

impl Limiter {
    pub(crate) fn new(limit: RateLimit) -> Self {
        Self { limit: RateLimit { period_seconds: limit.period_seconds.max(1), ..limit }, counts: Mutex::default() }
    }

    /// Counts one more request.
    pub(crate) fn count(&self, caller: String, now: Timestamp) -> Standing {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let window = now.as_second().div_euclid(self.limit.period_seconds.into());
        let (last, observed) = counts.entry(caller).or_insert((window, 0));
        if *last != window {
            (*last, *observed) = (window, 0);
        }
        *observed += 1;
        Standing { limit: self.limit, observed: *observed, now }
    }
}

impl Standing {
    pub(crate) fn is_beyond(&self) -> bool {
        self.observed > self.limit.requests
    }

    /// The headers that every answer carries.
    pub(crate) fn headers(&self) -> HeaderMap {
        let RateLimit { requests, period_seconds } = self.limit;
        let mut headers = HeaderMap::new();
        let mut add = |name: &'static str, value: HeaderValue| {
            headers.insert(HeaderName::from_static(name), value);
        };
        add("ratelimit-name", HeaderValue::from_static("throttle_authenticated_api"));
        // The limit is told per minute, rounded up; the other figures are those of the real window.
        let per_minute = (u64::from(requests) * 60).div_ceil(period_seconds.into());
        add("ratelimit-limit", per_minute.into());
        add("ratelimit-observed", self.observed.into());
        add("ratelimit-remaining", requests.saturating_sub(self.observed).into());
        add("ratelimit-reset", (self.now.as_second() + self.seconds_left()).into());
        headers
    }

    /// The answer to a request too many.
    pub(crate) fn refusal(&self) -> Response {
        throttled(self.headers(), self.now, self.seconds_left())
    }

    fn seconds_left(&self) -> i64 {
        let period = i64::from(self.limit.period_seconds);
        period - self.now.as_second().rem_euclid(period)
    }
}

/// A 429 as the throttle words it, to be tried again in so many seconds.
pub(crate) fn throttled(mut headers: HeaderMap, now: Timestamp, seconds: i64) -> Response {
    let reset = now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
    if let Ok(time) = HeaderValue::from_str(&http_date(reset)) {
        headers.insert("ratelimit-resettime", time);
    }
    headers.insert(RETRY_AFTER, seconds.into());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    (StatusCode::TOO_MANY_REQUESTS, headers, "Retry later\n").into_response()
}

/// A time as HTTP writes it.
pub(crate) fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::{Limiter, RateLimit};

    #[test]
    fn figures_are_those_of_gitlabs_own_example() {
        let limit = RateLimit { requests: 3600, period_seconds: 3600 };
        let limiter = Limiter::new(limit);
        let now = "2021-01-05T10:29:30Z".parse().unwrap();
        let mut standing = limiter.count("me".to_owned(), now);
        standing.observed = 3700;
        let answer = standing.refusal();
        let header = |name| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("ratelimit-limit"), "60");
        assert_eq!(header("ratelimit-observed"), "3700");
        assert_eq!(header("ratelimit-remaining"), "0");
        assert_eq!(header("ratelimit-reset"), "1609844400");
        assert_eq!(header("ratelimit-resettime"), "Tue, 05 Jan 2021 11:00:00 GMT");
        assert_eq!(header("retry-after"), "1830");
    }

    #[test]
    fn a_new_window_counts_from_one() {
        let limiter = Limiter::new("2/60s".parse().unwrap());
        let count = |time: &str| limiter.count("me".to_owned(), time.parse().unwrap()).is_beyond();
        assert!(!count("2021-01-05T10:00:00Z"));
        assert!(!count("2021-01-05T10:00:59Z"));
        assert!(count("2021-01-05T10:00:59Z"));
        assert!(!count("2021-01-05T10:01:00Z"));
    }

    #[test]
    fn limits_are_read_strictly() {
        for text in ["600", "600/", "600/0s", "600/500ms", "x/60s", "-1/60s"] {
            assert!(text.parse::<RateLimit>().is_err(), "{text}");
        }
        assert_eq!("10/1m".parse::<RateLimit>().unwrap(), RateLimit { requests: 10, period_seconds: 60 });
    }
}
