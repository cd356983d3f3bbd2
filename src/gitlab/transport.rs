//! The seam between the client and what carries its requests. Above it are retries, limits and redirects; below it is
//! the network, or a GitLab in the same process.

pub(super) mod network;
mod punctual;

use futures_util::future::BoxFuture;
use reqwest::header::HeaderMap;
use reqwest::{StatusCode, Url};
use tokio::time::Instant;

use super::error::Fault;
use super::traffic::Method;

/// One try of a request, as it leaves.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// The whole address.
    pub url: Url,
    /// All headers, with the token among them.
    pub headers: HeaderMap,
    /// The instant from which on it must not leave any more; `None` where it may at any time. Where a connection has to
    /// be made first, and takes longer, it ends as [`Fault::Connect`].
    pub leaves_before: Option<Instant>,
}

/// The answer to it, as it came.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The HTTP status.
    pub status: StatusCode,
    /// All headers.
    pub headers: HeaderMap,
    /// The whole body, unpacked.
    pub body: Vec<u8>,
}

/// Carries a request to GitLab and brings its answer. It tries once, follows no redirect, and waits for as long as the
/// answer takes: whoever calls it sets an end to that.
pub trait Transport: Send + Sync {
    /// Sends a request and waits for the whole answer.
    ///
    /// # Errors
    /// Why no answer came, or only a part of one.
    fn carry(&self, outgoing: Outgoing) -> BoxFuture<'_, Result<Incoming, Fault>>;
}
