//! Why one try of a request failed, where another one may fare better.

use std::error::Error;
use std::io;

/// Why one try of a request failed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("GitLab answered {0}")]
    Status(u16),
    #[error("no connection came about")]
    Connect(#[source] reqwest::Error),
    /// Trying again won't help against this one.
    #[error("no secure connection came about")]
    Tls(#[source] rustls::Error),
    #[error("no answer came in time")]
    TimedOut(#[source] reqwest::Error),
    #[error("the connection was closed before an answer came")]
    Closed(#[source] reqwest::Error),
    #[error("the answer broke off")]
    CutOff(#[source] reqwest::Error),
    #[error("the answer is an HTML page")]
    Html,
    #[error("the answer is not JSON")]
    NotJson(#[source] serde_json::Error),
}

impl From<reqwest::Error> for Fault {
    fn from(error: reqwest::Error) -> Self {
        // The URL goes, because its query is nobody's business.
        let error = error.without_url();
        if let Some(tls) = tls_error(&error) {
            Self::Tls(tls.clone())
        } else if error.is_connect() {
            Self::Connect(error)
        } else if error.is_timeout() {
            Self::TimedOut(error)
        } else if error.is_body() || error.is_decode() {
            Self::CutOff(error)
        } else {
            Self::Closed(error)
        }
    }
}

/// The failure of TLS in a chain of errors. An `io::Error` that wraps one doesn't name it as its source.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        let wrapped = error.downcast_ref().and_then(io::Error::get_ref);
        let tls = match wrapped {
            Some(wrapped) => wrapped.downcast_ref(),
            None => error.downcast_ref(),
        };
        if tls.is_some() {
            return tls;
        }
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}
