//! Names a run, so that GitLab's own logs and the journal can be joined.

use std::fmt;

use jiff::Timestamp;
use reqwest::header::HeaderValue;

/// The name of one run: one `apply`, or one cycle of a daemon. Every request of it says the name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(String);

/// What a request says of its sender that belongs to no run.
pub(super) const PROGRAM: HeaderValue = HeaderValue::from_static(NAME);

const NAME: &str = concat!("gleaner/", env!("CARGO_PKG_VERSION"));

impl RunId {
    /// Makes the name of a run that begins now. `chance` tells it from others that begin in the same second.
    #[must_use]
    pub fn new(now: Timestamp, chance: u32) -> Self {
        Self(format!("{}-{chance:08x}", now.strftime("%Y%m%dT%H%M%SZ")))
    }

    /// Returns what a request of this run says of its sender: `gleaner/1.2.3 run/20261128T023000Z-1f0c5a77`.
    pub(super) fn sender(&self) -> HeaderValue {
        HeaderValue::try_from(format!("{NAME} run/{self}")).unwrap_or(PROGRAM)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_its_run() {
        let run = RunId::new("2026-11-28T02:30:00.7Z".parse().unwrap(), 0x1f0c_5a77);
        assert_eq!(run.to_string(), "20261128T023000Z-1f0c5a77");
        assert_eq!(run.sender().to_str().unwrap(), format!("{NAME} run/{run}"));
    }
}
