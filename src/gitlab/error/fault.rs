//! Why one try of a request failed, where another one may fare better.

use std::error::Error;
use std::fmt;
use std::io;
use std::iter;
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
    /// Nobody listens at the address, or the network doesn't lead there. The request did not leave.
    #[error("no connection came about")]
    Connect(#[source] Cause),
    /// The certificate is not to be trusted, or the other side speaks no TLS. The request did not leave, and trying again
    /// won't help.
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

impl Fault {
    pub(in crate::gitlab) fn is_rate_limit(&self) -> bool {
        matches!(self, Self::Status { status: 429, .. })
    }

    /// Returns whether the try changed nothing for certain: the request did not leave, or was turned away for a rate
    /// limit before GitLab looked at it.
    pub(in crate::gitlab) fn changed_nothing(&self) -> bool {
        match self {
            Self::Connect(_) | Self::Tls(_) => true,
            Self::Status { .. } => self.is_rate_limit(),
            Self::TimedOut { .. } | Self::Closed(_) | Self::CutOff(_) | Self::Html | Self::NotJson(_) => false,
        }
    }

    /// Returns the fault with all of its causes, as a part of a sentence.
    pub(in crate::gitlab) fn with_causes(&self) -> String {
        with_causes(self)
    }
}

impl From<reqwest::Error> for Fault {
    fn from(error: reqwest::Error) -> Self {
        // The URL goes, because its query is nobody's business.
        let error = error.without_url();
        // A connection that breaks later has carried something, even where TLS broke it.
        match tls_error(&error) {
            Some(tls) if error.is_connect() => Self::Tls(tls.clone()),
            None if error.is_connect() => Self::Connect(error.into()),
            _ if error.is_body() || error.is_decode() => Self::CutOff(error.into()),
            _ => Self::Closed(error.into()),
        }
    }
}

/// Returns an error with all of its causes, as a part of a sentence.
pub(super) fn with_causes(error: &dyn Error) -> String {
    let causes = iter::successors(error.source(), |&cause| cause.source());
    iter::once(error.to_string()).chain(causes.map(ToString::to_string)).collect::<Vec<_>>().join(": ")
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
