//! The errors between gleaner and GitLab. `error/advice.rs` tells what to do about them.
//!
//! Messages are part of a sentence and leave their source to the chain. They never hold a token or a URL's query.

mod advice;
mod fault;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;

use crate::package::PackageId;

use super::credential::TokenError;
use super::freshness::Staleness;
use super::page::PageNumber;
use super::subject::Subject;

use fault::Said;

pub use fault::{Cause, Fault};

/// Why GitLab couldn't be asked, or what is wrong with its answer. [`Error::advice`] says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address can't be a GitLab's; the text says why.
    #[error("the address of GitLab can't be used: {0}")]
    BadUrl(&'static str),
    /// The file with more certificate authorities is missing or broken.
    #[error("the CA file {} can't be used", path.display())]
    CaFile {
        /// Where the file is.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// TLS is needed, and no certificate authority is known.
    #[error("this machine has no certificate authorities to check GitLab's certificate with")]
    NoCertificates,
    /// The HTTP library refuses the options.
    #[error("the HTTP client can't be set up")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is no token to send.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A CI job's token was about to be used where GitLab takes none.
    #[error("a CI job's token can't list {what}")]
    JobToken {
        /// What was asked for.
        what: Subject,
    },
    /// GitLab answered 401.
    #[error("the token was refused: {0}")]
    Unauthorized(TokenRejection),
    /// GitLab answered 403: the token is good, but was made for less.
    #[error("the token's scopes don't reach {what}")]
    InsufficientScope {
        /// What was asked for.
        what: Subject,
    },
    /// GitLab answered 403.
    #[error("access to {what} is forbidden{}", Said(.message))]
    Forbidden {
        /// What was asked for.
        what: Subject,
        /// GitLab's own words.
        message: Option<String>,
    },
    /// GitLab answered 404.
    #[error("{what} is not there, or the token can't see it")]
    NotFound {
        /// The thing that isn't there: what was asked for, or its project.
        what: Subject,
    },
    /// GitLab answered 404 to a request without a token, which sees nothing but what is public.
    #[error("{what} is not there, or can't be seen without a token")]
    Unseen {
        /// What was asked for.
        what: Subject,
    },
    /// GitLab answered 429, or its rate limit is known to be used up.
    #[error("the rate limit of GitLab is used up{}", AskedToWait(.asked))]
    RateLimited {
        /// How long GitLab asks to wait, where that is longer than there is time for.
        asked: Option<Duration>,
    },
    /// Every try failed, or there was no time for another one.
    #[error("gave up after {}{}", Tries(.tries), AskedToWait(.asked))]
    Unavailable {
        /// How often the request was tried.
        tries: u32,
        /// How long GitLab asks to wait, where that is longer than there is time for.
        asked: Option<Duration>,
        /// Why the last try failed.
        #[source]
        last: Fault,
    },
    /// Nobody answers at the address.
    #[error("there is no connection to {host}")]
    Connect {
        /// The name and port.
        host: String,
        /// What the transport tells.
        source: Cause,
    },
    /// The certificate is not to be trusted, or the other side speaks no TLS.
    #[error("there is no secure connection to {host}")]
    Tls {
        /// The name and port.
        host: String,
        /// The TLS library's error.
        source: rustls::Error,
    },
    /// The answer leads to another address, where the token must not go.
    #[error("the answer is a redirect to {to}, which is not followed")]
    Redirected {
        /// The other address, without its query.
        to: String,
    },
    /// Something that is no GitLab answered.
    #[error("{url} answered {status} with something that GitLab doesn't send: is it the address of a GitLab?")]
    NotGitlab {
        /// The address, without its query.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// A row of a listing can't be used.
    #[error("row {row} on page {page} of the listing of {what} can't be used: {problem}")]
    BadRow {
        /// What was listed.
        what: Subject,
        /// The page.
        page: PageNumber,
        /// The place on the page, from 1.
        row: usize,
        /// What is wrong with the row.
        problem: &'static str,
    },
    /// GitLab's answer is JSON and makes no sense.
    #[error("the answer about {what} makes no sense: {problem}")]
    BadAnswer {
        /// What was asked for.
        what: Subject,
        /// What is wrong with the answer.
        problem: String,
    },
    /// Something kept the answer and gave it again, so that it tells what was and not what is.
    #[error("the answer about {what} is not fresh, because {sign}: a cache in front of GitLab answers")]
    NotFresh {
        /// What was asked for.
        what: Subject,
        /// How that is known.
        sign: Staleness,
    },
    /// GitLab answered with any other status.
    #[error("the request about {what} was answered {status}{}", Said(.message))]
    Rejected {
        /// What was asked for.
        what: Subject,
        /// The HTTP status.
        status: u16,
        /// GitLab's own words.
        message: Option<String>,
    },
    /// A listing of a scope has a package of a project that the scope's projects lack.
    #[error("package {package} lies in the project `{path}`, which is not among the projects of the scope")]
    UnknownProject {
        /// The package.
        package: PackageId,
        /// The path of its project.
        path: String,
    },
}

/// GitLab's objection to a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRejection {
    /// GitLab doesn't know it.
    #[error("it is wrong")]
    Wrong,
    /// Its time is over.
    #[error("it is expired")]
    Expired,
    /// Somebody took it back.
    #[error("it was revoked")]
    Revoked,
    /// No token was sent at all.
    #[error("there is none")]
    Missing,
}

impl Error {
    /// Returns whether no request can succeed before somebody changes the address, the certificates or the token.
    #[must_use]
    pub fn is_about_the_settings(&self) -> bool {
        matches!(
            self,
            Self::BadUrl(_)
                | Self::CaFile { .. }
                | Self::NoCertificates
                | Self::Client(_)
                | Self::Token(_)
                | Self::Unauthorized(_)
                | Self::Tls { .. }
        )
    }

    /// Returns whether GitLab did not answer, or asked to be left alone.
    #[must_use]
    pub fn is_an_outage(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Connect { .. } | Self::RateLimited { .. })
    }

    /// Returns the error with all of its causes, as one sentence without its full stop.
    #[must_use]
    pub fn with_causes(&self) -> String {
        fault::with_causes(self)
    }

    /// Returns the error of a request that failed `tries` times, the last time with `fault`, or for which GitLab asks a
    /// longer wait than there is time for.
    pub(super) fn gave_up(url: &Url, tries: u32, asked: Option<Duration>, fault: Fault) -> Self {
        let port = url.port_or_known_default().unwrap_or_default();
        let host = || format!("{}:{port}", url.host_str().unwrap_or_default());
        match fault {
            Fault::Connect(source) => Self::Connect { host: host(), source },
            Fault::Tls(source) => Self::Tls { host: host(), source },
            Fault::Html => Self::NotGitlab { url: address(url), status: 200 },
            Fault::Status { status: 429, .. } => Self::RateLimited { asked },
            last => Self::Unavailable { tries, asked, last },
        }
    }
}

/// Returns a URL without its query.
pub(super) fn address(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.into()
}

struct AskedToWait<'a>(&'a Option<Duration>);

impl fmt::Display for AskedToWait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |asked: &Duration| asked.as_secs_f64().ceil();
        self.0.as_ref().map_or(Ok(()), |asked| write!(f, ", and it asks to wait for {} s", seconds(asked)))
    }
}

struct Tries<'a>(&'a u32);

impl fmt::Display for Tries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, if *self.0 == 1 { "try" } else { "tries" })
    }
}
