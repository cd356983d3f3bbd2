//! Why one try of a request failed, where another one may fare better.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

/// What whoever carries requests tells of a failure.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Why one try of a request failed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// GitLab, or something in front of it, is in trouble or is asked too often.
    #[error("GitLab answered {status}{}", Said(.message))]
    Status {
        /// The HTTP status.
        status: u16,
        /// GitLab's own words, where they say more than the status.
        message: Option<String>,
    },
    /// Nobody listens at the address, or the network doesn't lead there.
    #[error("no connection came about")]
    Connect(#[source] Cause),
    /// The certificate is not to be trusted, or the other side speaks no TLS. Trying again won't help.
    #[error("no secure connection came about")]
    Tls(#[source] rustls::Error),
    /// The time for one try is over.
    #[error("no answer came within {} s", after.as_secs_f64())]
    TimedOut {
        /// The longest time for one try.
        after: Duration,
    },
    /// No answer came, because the connection ended.
    #[error("the connection was closed before an answer came")]
    Closed(#[source] Cause),
    /// A part of the answer came.
    #[error("the answer broke off")]
    CutOff(#[source] Cause),
    /// A proxy or a sign-in page answered in GitLab's place.
    #[error("the answer is an HTML page")]
    Html,
    /// The body of the answer isn't what GitLab sends.
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
            Self::Connect(error.into())
        } else if error.is_body() || error.is_decode() {
            Self::CutOff(error.into())
        } else {
            Self::Closed(error.into())
        }
    }
}

/// GitLab's own words, at the end of a sentence.
pub(super) struct Said<'a>(pub(super) &'a Option<String>);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |message| write!(f, ": \"{message}\""))
    }
}

/// Returns the TLS error in a chain of errors. An `io::Error` that wraps one doesn't name it as its source.
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
