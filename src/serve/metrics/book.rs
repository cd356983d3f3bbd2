//! Where metrics are entered: every name gets the project's prefix, and every label set is told once.

use jiff::Timestamp;
use prometheus::core::Collector;
use prometheus::{Counter, Gauge, GaugeVec, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry};

/// A registry that is being filled.
pub(super) struct Book<'a>(&'a Registry);

type Entered<T> = Result<T, prometheus::Error>;

impl<'a> Book<'a> {
    pub(super) fn new(registry: &'a Registry) -> Self {
        Self(registry)
    }

    pub(super) fn counter(&self, name: &str, help: &str) -> Entered<IntCounter> {
        self.enter(IntCounter::with_opts(opts(name, help))?)
    }

    /// Enters a counter that counts parts, too.
    pub(super) fn sum(&self, name: &str, help: &str) -> Entered<Counter> {
        self.enter(Counter::with_opts(opts(name, help))?)
    }

    pub(super) fn counters(&self, name: &str, help: &str, labels: &[&str]) -> Entered<IntCounterVec> {
        self.enter(IntCounterVec::new(opts(name, help), labels)?)
    }

    pub(super) fn gauge(&self, name: &str, help: &str) -> Entered<Gauge> {
        self.enter(Gauge::with_opts(opts(name, help))?)
    }

    /// Enters gauges that are absent until they are set. Without labels it is one.
    pub(super) fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> Entered<GaugeVec> {
        self.enter(GaugeVec::new(opts(name, help), labels)?)
    }

    pub(super) fn histograms(&self, name: &str, help: &str, label: &str, buckets: &[f64]) -> Entered<HistogramVec> {
        let opts = HistogramOpts { common_opts: opts(name, help), buckets: buckets.to_vec() };
        self.enter(HistogramVec::new(opts, &[label])?)
    }

    fn enter<T: Collector + Clone + 'static>(&self, metric: T) -> Entered<T> {
        self.0.register(Box::new(metric.clone()))?;
        Ok(metric)
    }
}

fn opts(name: &str, help: &str) -> Opts {
    Opts::new(name, help).namespace("gleaner")
}

/// Sets a gauge, or takes it away where there is nothing to tell.
pub(super) fn set_or_remove(gauges: &GaugeVec, labels: &[&str], value: Option<f64>) {
    match value {
        Some(value) => gauges.with_label_values(labels).set(value),
        None => {
            // It may not have been there.
            let _ = gauges.remove_label_values(labels);
        }
    }
}

/// Returns an instant as Prometheus counts them.
pub(super) fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}
