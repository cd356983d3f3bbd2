//! Counts the requests that were sent.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Method, Traffic, TrafficObserver};

/// Counts the requests that were sent, retries included: a report's `requests`.
#[derive(Debug, Default)]
pub struct RequestCounts {
    get: AtomicU64,
    delete: AtomicU64,
}

impl RequestCounts {
    /// Returns the counts so far, by method.
    #[must_use]
    pub fn by_method(&self) -> BTreeMap<&'static str, u64> {
        [(Method::Get, &self.get), (Method::Delete, &self.delete)]
            .map(|(method, count)| (method.as_str(), count.load(Ordering::Relaxed)))
            .into()
    }
}

impl TrafficObserver for RequestCounts {
    fn on(&self, traffic: &Traffic) {
        if let Traffic::Requested { method, .. } = traffic {
            let count = match method {
                Method::Get => &self.get,
                Method::Delete => &self.delete,
            };
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::gitlab::traffic::Endpoint;

    #[test]
    fn counts_requests_by_method_and_nothing_else() {
        let counts = RequestCounts::default();
        let requested = |method| Traffic::Requested {
            method,
            endpoint: Endpoint::PackageFiles,
            status: None,
            attempt: 1,
            took: Duration::ZERO,
        };
        counts.on(&requested(Method::Get));
        counts.on(&requested(Method::Get));
        counts.on(&requested(Method::Delete));
        counts.on(&Traffic::RateLimit { remaining: 3 });
        assert_eq!(counts.by_method(), BTreeMap::from([("DELETE", 1), ("GET", 2)]));
    }
}
