//! Connections to a GitLab that a test has started.

use std::sync::Arc;
use std::time::Duration;

use gleaner::gitlab::RequestCounts;
use gleaner::gitlab::{Connection, ConnectionOptions, Credential, RetryPolicy, TokenKind};

/// Opens a connection that nobody listens to.
///
/// # Panics
/// When the address or the token can't be used.
#[must_use]
pub fn connection(url: &str, token: &str) -> Connection {
    Connection::open(options(url, token), Arc::new(RequestCounts::default())).unwrap()
}

/// Returns the usual options, but for a personal token and a first back-off of a millisecond.
#[must_use]
pub fn options(url: &str, token: &str) -> ConnectionOptions {
    let credential = Credential::Fixed { kind: TokenKind::Private, token: token.to_owned().into() };
    let retry = RetryPolicy { first_backoff: Duration::from_millis(1), ..RetryPolicy::default() };
    ConnectionOptions { retry, ..ConnectionOptions::new(url, credential) }
}
