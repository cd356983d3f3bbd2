//! One request, before it is sent.

use reqwest::Url;

use super::freshness::Freshness;
use super::subject::Subject;
use super::traffic::{Endpoint, Method};

/// A request, however often it is tried.
pub(super) struct Request {
    pub(super) endpoint: Endpoint,
    pub(super) subject: Subject,
    pub(super) url: Url,
    pub(super) errand: Errand,
}

/// What a request is for.
pub(super) enum Errand {
    Read,
    /// It deletes, for as long as the look behind it is fresh.
    Delete(Freshness),
}

impl Request {
    pub(super) fn method(&self) -> Method {
        match self.errand {
            Errand::Read => Method::Get,
            Errand::Delete(_) => Method::Delete,
        }
    }
}
