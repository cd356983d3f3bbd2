//! The metrics of the requests to GitLab.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prometheus::{Counter, GaugeVec, HistogramVec, IntCounter, IntCounterVec};
use tokio::time::Instant;

use crate::cycle::progress::Event;
use crate::gitlab::{Method, Traffic};

use super::book::{Book, set_or_remove};

pub(super) struct Requests {
    requests: IntCounterVec,
    duration: HistogramVec,
    retries: IntCounterVec,
    throttled: Counter,
    /// The end of the time that is already counted as held back.
    throttled_until: Mutex<Option<Instant>>,
    rate_limit: GaugeVec,
    pages: IntCounter,
    evidence: IntCounterVec,
}

/// From the quick look-up to the page that GitLab takes half a minute for.
const BUCKETS: [f64; 6] = [0.1, 0.5, 1.0, 2.5, 10.0, 60.0];

impl Requests {
    pub(super) fn new(book: &Book<'_>) -> Result<Self, prometheus::Error> {
        let metrics = Self {
            requests: book.counters(
                "requests_total",
                "Requests that were sent to GitLab, retries included, by method and class of the answer.",
                &["method", "code"],
            )?,
            duration: book.histograms(
                "request_duration_seconds",
                "How long requests to GitLab took, from sending to the last byte of the answer.",
                "endpoint",
                &BUCKETS,
            )?,
            retries: book.counters("retries_total", "Requests that were tried again, by method.", &["method"])?,
            throttled: book.sum(
                "throttled_seconds_total",
                "Time in which requests were held back by GitLab's rate limit; requests that wait side by side count once.",
            )?,
            throttled_until: Mutex::default(),
            rate_limit: book.gauges(
                "rate_limit_remaining",
                "Requests left in GitLab's rate limit, as it last told; absent until it does.",
                &[],
            )?,
            pages: book.counter("listing_pages_total", "Pages of package listings that were read.")?,
            evidence: book.counters(
                "evidence_requests_total",
                "Look-ups for a plan, of files, pipelines, branches, last downloads, releases and protection rules, by result.",
                &["result"],
            )?,
        };
        for method in [Method::Get, Method::Delete] {
            metrics.retries.with_label_values(&[method.as_str()]);
            for code in ["2xx", "3xx", "4xx", "5xx", "none"] {
                metrics.requests.with_label_values(&[method.as_str(), code]);
            }
        }
        for result in ["success", "failure"] {
            metrics.evidence.with_label_values(&[result]);
        }
        Ok(metrics)
    }

    pub(super) fn on(&self, event: &Event) {
        match event {
            Event::Traffic(traffic) => self.exchanged(traffic),
            Event::PageRead { .. } => self.pages.inc(),
            Event::EvidenceRead { problem, .. } => {
                let result = if problem.is_none() { "success" } else { "failure" };
                self.evidence.with_label_values(&[result]).inc();
            }
            Event::EvidenceAsked { .. } | Event::DeletionSent | Event::Deleted { .. } => {}
        }
    }

    fn exchanged(&self, traffic: &Traffic) {
        match traffic {
            Traffic::Requested { method, endpoint, status, took, .. } => {
                self.requests.with_label_values(&[method.as_str(), class(*status)]).inc();
                self.duration.with_label_values(&[endpoint.as_str()]).observe(took.as_secs_f64());
            }
            Traffic::Retrying { method, .. } => self.retries.with_label_values(&[method.as_str()]).inc(),
            Traffic::Throttled { wait } => self.throttled.inc_by(self.newly_covered(*wait).as_secs_f64()),
            Traffic::RateLimit { remaining } => set_or_remove(&self.rate_limit, &[], Some(*remaining as f64)),
            Traffic::Clock { .. } => {}
        }
    }

    /// Returns how much of a wait that begins now is covered by none before it. Waits are told as they begin, so one
    /// that was told earlier covers everything from now to its end.
    fn newly_covered(&self, wait: Duration) -> Duration {
        let now = Instant::now();
        let mut until = self.throttled_until.lock().unwrap_or_else(PoisonError::into_inner);
        let covered = until.map_or(now, |until| until.max(now));
        let Some(end) = now.checked_add(wait) else {
            return Duration::ZERO;
        };
        *until = Some(covered.max(end));
        end.saturating_duration_since(covered)
    }
}

fn class(status: Option<u16>) -> &'static str {
    match status {
        Some(200..=299) => "2xx",
        Some(300..=399) => "3xx",
        Some(400..=499) => "4xx",
        Some(500..=599) => "5xx",
        Some(_) | None => "none",
    }
}
