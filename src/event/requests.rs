//! How many requests were sent.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Event, Method, Observer};

/// Counts the requests that were sent, retries included: a report's `requests`.
#[derive(Debug, Default)]
pub struct RequestCounts {
    get: AtomicU64,
    delete: AtomicU64,
}

impl RequestCounts {
    /// The counts so far, by method.
    #[must_use]
    pub fn by_method(&self) -> BTreeMap<&'static str, u64> {
        [(Method::Get, &self.get), (Method::Delete, &self.delete)]
            .map(|(method, count)| (method.as_str(), count.load(Ordering::Relaxed)))
            .into()
    }
}

impl Observer for RequestCounts {
    fn on(&self, event: &Event) {
        if let Event::Requested { method, .. } = event {
            let count = match method {
                Method::Get => &self.get,
                Method::Delete => &self.delete,
            };
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Counts the requests of one cycle, and passes every event on.
pub struct Counting {
    pub requests: RequestCounts,
    next: Arc<dyn Observer>,
}

impl Counting {
    #[must_use]
    pub fn new(next: Arc<dyn Observer>) -> Self {
        Self { requests: RequestCounts::default(), next }
    }
}

impl Observer for Counting {
    fn on(&self, event: &Event) {
        self.requests.on(event);
        self.next.on(event);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::event::Endpoint;

    #[test]
    fn counts_requests_by_method_and_nothing_else() {
        let counts = RequestCounts::default();
        let requested = |method| Event::Requested {
            method,
            endpoint: Endpoint::PackageFiles,
            status: None,
            attempt: 1,
            took: Duration::ZERO,
        };
        counts.on(&requested(Method::Get));
        counts.on(&requested(Method::Get));
        counts.on(&requested(Method::Delete));
        counts.on(&Event::RateLimit { remaining: 3 });
        assert_eq!(counts.by_method(), BTreeMap::from([("DELETE", 1), ("GET", 2)]));
    }
}
