//! What can go wrong between gleaner and GitLab. What to do about it is in `error/advice.rs`.
//!
//! Messages are part of a sentence and leave their source to the chain. They never hold a token or a URL's query.

mod advice;
mod fault;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::{StatusCode, Url};

use crate::package::PackageId;

use super::answer::Answer;
use super::connection::Connection;
use super::credential::TokenError;
use super::page::PageNumber;
use super::request::Request;
use super::subject::Subject;

pub use fault::Fault;

/// Why GitLab couldn't be asked, or what is wrong with its answer. [`Error::advice`] says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the address of GitLab can't be used: {0}")]
    BadUrl(&'static str),
    #[error("the CA file {} can't be used", path.display())]
    CaFile { path: PathBuf, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("this machine has no certificate authorities to check GitLab's certificate with")]
    NoCertificates,
    #[error("the HTTP client can't be set up")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A CI job's token was about to be used where GitLab takes none.
    #[error("a CI job's token can't list {what}")]
    JobToken { what: Subject },
    /// 401
    #[error("the token was refused: {0}")]
    Unauthorized(TokenRejection),
    /// 403: the token is good, but was made for less.
    #[error("the token's scopes don't reach {what}")]
    InsufficientScope { what: Subject },
    /// 403
    #[error("access to {what} is forbidden{}", Said(.message))]
    Forbidden { what: Subject, message: Option<String> },
    /// 404
    #[error("{what} is not there, or the token can't see it")]
    NotFound { what: Subject },
    /// 404 to a request without a token, which sees nothing but what is public.
    #[error("{what} is not there, or can't be seen without a token")]
    Unseen { what: Subject },
    /// 429, or a rate limit that is known to be used up.
    #[error("the rate limit of GitLab is used up{}", AskedToWait(.asked))]
    RateLimited { asked: Option<Duration> },
    #[error("gave up after {}{}", Tries(.tries), AskedToWait(.asked))]
    Unavailable {
        tries: u32,
        asked: Option<Duration>,
        #[source]
        last: Fault,
    },
    #[error("there is no connection to {host}")]
    Connect { host: String, source: reqwest::Error },
    #[error("there is no secure connection to {host}")]
    Tls { host: String, source: rustls::Error },
    /// `to` is without its query.
    #[error("the answer is a redirect to {to}, which is not followed")]
    Redirected { to: String },
    #[error("{url} answered {status} with something that GitLab doesn't send: is it the address of a GitLab?")]
    NotGitlab { url: String, status: u16 },
    /// A row of a listing can't be used. Rows count from 1.
    #[error("row {row} on page {page} of the listing of {what} can't be used: {problem}")]
    BadRow { what: Subject, page: PageNumber, row: usize, problem: &'static str },
    #[error("the answer about {what} makes no sense: {problem}")]
    BadAnswer { what: Subject, problem: String },
    /// Any other status.
    #[error("the request about {what} was answered {status}{}", Said(.message))]
    Rejected { what: Subject, status: u16, message: Option<String> },
    #[error("package {package} lies in the project `{path}`, which is not among the projects of the scope")]
    UnknownProject { package: PackageId, path: String },
}

/// What GitLab says against a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRejection {
    #[error("it is wrong")]
    Wrong,
    #[error("it is expired")]
    Expired,
    #[error("it was revoked")]
    Revoked,
    /// No token was sent at all.
    #[error("there is none")]
    Missing,
}

impl Error {
    /// Whether no request can succeed before somebody changes the address, the certificates or the token.
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

    /// Whether GitLab did not answer, or asked to be left alone.
    #[must_use]
    pub fn is_an_outage(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Connect { .. } | Self::RateLimited { .. })
    }

    /// The end of a request that failed `tries` times, at last with `fault`, or that GitLab asked to hold back for
    /// longer than there is time for.
    pub(super) fn gave_up(url: &Url, tries: u32, asked: Option<Duration>, fault: Fault) -> Self {
        let port = url.port_or_known_default().unwrap_or_default();
        let host = || format!("{}:{port}", url.host_str().unwrap_or_default());
        match fault {
            Fault::Connect(source) => Self::Connect { host: host(), source },
            Fault::Tls(source) => Self::Tls { host: host(), source },
            Fault::Html => Self::NotGitlab { url: address(url), status: 200 },
            Fault::Status(429) => Self::RateLimited { asked },
            last => Self::Unavailable { tries, asked, last },
        }
    }
}

impl Connection {
    /// What an answer without success means.
    ///
    /// The status decides, never the text: `lib/api/helpers.rb`, `lib/api/api_guard.rb`. The text only tells apart
    /// what a person has to do.
    pub(super) fn refusal(&self, request: &Request, answer: &Answer) -> Error {
        let what = request.subject.clone();
        match answer.status {
            // Rails, a proxy or a load balancer: the API itself speaks JSON.
            StatusCode::NOT_FOUND if answer.json.is_err() => {
                Error::NotGitlab { url: address(&request.url), status: 404 }
            }
            StatusCode::NOT_FOUND if answer.token.is_none() => Error::Unseen { what },
            StatusCode::NOT_FOUND => Error::NotFound { what: unseen(what, answer) },
            StatusCode::UNAUTHORIZED => Error::Unauthorized(self.rejection(answer)),
            StatusCode::FORBIDDEN if answer.oauth_error() == Some("insufficient_scope") => {
                Error::InsufficientScope { what }
            }
            StatusCode::FORBIDDEN => Error::Forbidden { what, message: answer.message() },
            status => Error::Rejected { what, status: status.as_u16(), message: answer.message() },
        }
    }

    fn rejection(&self, answer: &Answer) -> TokenRejection {
        let text = answer.oauth_description().unwrap_or_default().to_lowercase();
        if answer.token.is_none() {
            TokenRejection::Missing
        } else if text.contains("expired") {
            TokenRejection::Expired
        } else if text.contains("revoked") {
            TokenRejection::Revoked
        } else {
            TokenRejection::Wrong
        }
    }
}

/// What a 404 says isn't there: a package, or its whole project. A project that has gone out of the token's view says
/// nothing about its packages. Only the text tells ("404 Project Not Found", `lib/api/helpers.rb`), so a text that
/// changes could only bring back the plainer reading.
fn unseen(asked: Subject, answer: &Answer) -> Subject {
    let message = answer.message().unwrap_or_default().to_lowercase();
    match asked {
        Subject::Package { project, .. } | Subject::File { project, .. } if message.contains("project not found") => {
            Subject::Project(project.into())
        }
        asked => asked,
    }
}

/// A URL without its query.
fn address(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.into()
}

/// GitLab's own words, at the end of a sentence.
struct Said<'a>(&'a Option<String>);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |message| write!(f, ": \"{message}\""))
    }
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
