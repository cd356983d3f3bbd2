//! The figures of the daemon that Prometheus scrapes, kept by its notices.
//!
//! `docs/metrics.md` lists every metric; `tests/running/metrics/documentation.rs` holds it against what is rendered.

mod book;
mod policies;
mod requests;
mod service;

use prometheus::process_collector::ProcessCollector;
use prometheus::{Registry, TextEncoder};

use crate::cycle::progress::Event;
use crate::serve::notice::{Authority, Listener, Notice};

use book::Book;
use policies::Policies;
use requests::Requests;
use service::Service;

/// The metrics of one daemon. They have a registry of their own.
pub struct Metrics {
    registry: Registry,
    service: Service,
    policies: Policies,
    requests: Requests,
}

impl Metrics {
    /// Makes the metrics, all of them at their beginning.
    ///
    /// # Errors
    ///
    /// When two metrics have one name, or one has a name that Prometheus doesn't take: never in a release.
    pub fn new(authority: Authority) -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        registry.register(Box::new(ProcessCollector::for_self()))?;
        let book = Book::new(&registry);
        Ok(Self {
            service: Service::new(&book)?,
            policies: Policies::new(&book, authority)?,
            requests: Requests::new(&book)?,
            registry,
        })
    }

    /// Returns every metric as it is now, in Prometheus' text format 0.0.4.
    ///
    /// # Errors
    ///
    /// When the metrics can't be written down in that format: never in a release.
    pub fn render(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

impl Listener for Metrics {
    fn on(&self, notice: &Notice<'_>) {
        match *notice {
            Notice::Loaded { set, at } => {
                self.service.loaded(set, at);
                self.policies.loaded(set);
            }
            Notice::NotLoaded { .. } => self.service.not_loaded(),
            Notice::Scheduled { policy, next, interval } => self.policies.scheduled(policy, next, interval),
            Notice::Waits { policy, since } => self.policies.waits(policy, since),
            Notice::Recalled { policy, last_success, last_effective } => {
                self.policies.recalled(policy, last_success, last_effective);
            }
            Notice::Connected { token_expires } => self.service.connected(token_expires),
            Notice::NotConnected { .. } => self.service.not_connected(),
            Notice::Halted { why } => self.service.halted(why),
            Notice::InUse { files } => self.service.in_use(files),
            Notice::CycleBegan { policy, .. } => self.policies.began(policy),
            Notice::Planned { report, .. } => self.policies.planned(report),
            Notice::During { policy: Some(policy), event: Event::Deleted { item, ending } } => {
                self.policies.deleted(policy, item, ending.outcome);
            }
            Notice::During { event, .. } => self.requests.on(event),
            Notice::CycleEnded { report, began, took, .. } => self.policies.ended(report, began, took),
            Notice::Remembered { .. } | Notice::Complaint { .. } | Notice::Stopping => {}
        }
    }
}
