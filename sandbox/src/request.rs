//! The requests that a simulated GitLab was sent, for tests to look at.

/// One request that the server was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `DELETE`, …
    pub method: String,
    /// Path and query, as they were sent.
    pub path: String,
    /// It carried a token of any kind, good or bad.
    pub with_token: bool,
    /// The status of the answer; `None` while there is no answer, and where the connection was closed instead.
    pub status: Option<u16>,
}
