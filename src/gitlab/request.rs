//! One request, before it is sent.

use jiff::Timestamp;
use reqwest::Url;

use super::subject::Subject;
use super::traffic::{Endpoint, Method};

/// A request, however often it is tried.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) endpoint: Endpoint,
    pub(super) subject: Subject,
    pub(super) url: Url,
    /// GitLab refuses, with a 412, to touch what was changed after this instant.
    pub(super) unmodified_since: Option<Timestamp>,
}
