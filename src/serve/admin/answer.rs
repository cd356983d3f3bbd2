//! Answers, with what each of them tells a browser.

use hyper::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use super::body::AnswerBody;
use crate::report::html::content_policy;

pub(super) fn answer(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<AnswerBody>,
) -> Response<AnswerBody> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let policy = HeaderValue::try_from(format!("{}; frame-ancestors 'none'", content_policy()));
    // It is plain ASCII. If it ever weren't, to allow nothing at all is the safe side.
    let policy = policy.unwrap_or(HeaderValue::from_static("default-src 'none'"));
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    response
}

pub(super) fn not_found() -> Response<AnswerBody> {
    answer(StatusCode::NOT_FOUND, TEXT, "there is no such page\n".to_owned())
}

pub(super) const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";
pub(super) const TEXT: &str = "text/plain; charset=utf-8";
pub(super) const HTML: &str = "text/html; charset=utf-8";
pub(super) const JSON: &str = "application/json";

/// The headers of every answer: nothing may be stored, framed, sniffed, or read by another site.
const HEADERS: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-robots-tag", "noindex, nofollow"),
];
