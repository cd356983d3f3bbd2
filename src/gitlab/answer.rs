//! One whole answer of GitLab, and what its body says.

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;

use super::field;

/// The longest message of GitLab that is passed on, in characters.
const LONGEST_MESSAGE: usize = 200;

/// The longest name of a request, in bytes. Rails cuts off what is longer.
const LONGEST_NAME: usize = 255;

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) json: Result<Value, serde_json::Error>,
    /// The token that was sent, so that no message repeats it.
    pub(super) token: Option<HeaderValue>,
    /// It's a page for people, from a proxy or from something that isn't a GitLab.
    pub(super) is_html: bool,
}

impl Answer {
    pub(super) fn new(status: StatusCode, headers: HeaderMap, body: &[u8], token: Option<HeaderValue>) -> Self {
        let html_type = |value: &HeaderValue| value.as_bytes().to_ascii_lowercase().starts_with(b"text/html");
        let is_html = headers.get(CONTENT_TYPE).is_some_and(html_type) || body.trim_ascii_start().starts_with(b"<");
        let json = serde_json::from_slice(body);
        Self { status, headers, is_html: is_html && json.is_err(), json, token }
    }

    /// Returns the name that GitLab gave to the request. One that is longer than a name, or has other signs than a name
    /// has, is none.
    pub(super) fn request_id(&self) -> Option<String> {
        let name = self.headers.get("x-request-id")?.to_str().ok()?;
        let is_name = (1..=LONGEST_NAME).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
        is_name.then(|| name.to_owned())
    }

    /// Returns the machine-readable `error` of an OAuth refusal, such as `insufficient_scope`.
    ///
    /// Source: `lib/api/api_guard.rb`.
    pub(super) fn oauth_error(&self) -> Option<&str> {
        field::text(self.json.as_ref().ok()?.as_object()?, "error")
    }

    pub(super) fn oauth_description(&self) -> Option<&str> {
        field::text(self.json.as_ref().ok()?.as_object()?, "error_description")
    }

    /// Returns GitLab's own words, where they say more than the status: `503 Service Unavailable` doesn't.
    pub(super) fn words(&self) -> Option<String> {
        let code = self.status.as_str();
        let reason = self.status.canonical_reason().unwrap_or_default();
        self.message().filter(|message| {
            let rest = message.strip_prefix(code).unwrap_or(message).trim();
            !rest.is_empty() && !rest.eq_ignore_ascii_case(reason)
        })
    }

    /// Returns GitLab's own words, fit to be shown: on one line, cut to a sensible length, and without the token, in
    /// case some proxy echoed it.
    pub(super) fn message(&self) -> Option<String> {
        let body = self.json.as_ref().ok()?.as_object()?;
        let message = ["message", "error_description", "error"].into_iter().find_map(|key| body.get(key))?;
        let text = message.as_str().map_or_else(|| message.to_string(), str::to_owned);
        // The token goes before the text is cut, so that no part of it is left.
        let text = match self.token.as_ref().and_then(|token| token.to_str().ok()) {
            Some(token) => text.replace(token, "[token]"),
            None => text,
        };
        let line = text.split(|c: char| c.is_control()).collect::<Vec<_>>().join(" ");
        let line: String = line.trim().chars().take(LONGEST_MESSAGE).collect();
        (!line.is_empty()).then_some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> Answer {
        Answer::new(StatusCode::FORBIDDEN, HeaderMap::new(), body.as_bytes(), Some("glpat-secret".parse().unwrap()))
    }

    #[test]
    fn messages_are_found_in_each_of_their_shapes() {
        let table = [
            (r#"{"message": "Package is deletion protected."}"#, Some("Package is deletion protected.")),
            (r#"{"message": {"error": "too many"}}"#, Some(r#"{"error":"too many"}"#)),
            (r#"{"error": "page is invalid"}"#, Some("page is invalid")),
            (r#"{"error": "invalid_token", "error_description": "It is expired."}"#, Some("It is expired.")),
            (r#"{"message": "two\nlines"}"#, Some("two lines")),
            (r#"{"message": ""}"#, None),
            ("[]", None),
            ("<html>", None),
        ];
        for (body, expected) in table {
            assert_eq!(answer(body).message().as_deref(), expected, "{body}");
        }
    }

    #[test]
    fn words_that_repeat_the_status_are_none() {
        let told = "GitLab Maintenance: system is in read-only mode";
        for (message, expected) in [
            ("503 Service Unavailable", None),
            ("Service unavailable", None),
            ("503", None),
            (told, Some(told)),
            ("503 Service Unavailable - too many open files", Some("503 Service Unavailable - too many open files")),
        ] {
            let body = format!(r#"{{"message": "{message}"}}"#);
            let answer = Answer::new(StatusCode::SERVICE_UNAVAILABLE, HeaderMap::new(), body.as_bytes(), None);
            assert_eq!(answer.words().as_deref(), expected);
        }
        let page = b"<html>503 Waiting for GitLab to boot</html>";
        assert_eq!(Answer::new(StatusCode::SERVICE_UNAVAILABLE, HeaderMap::new(), page, None).words(), None);
    }

    #[test]
    fn messages_hold_no_token_not_even_where_they_are_cut() {
        let padding = "x".repeat(LONGEST_MESSAGE - 4);
        let body = format!(r#"{{"message": "{padding}glpat-secret again glpat-secret"}}"#);
        let message = answer(&body).message().unwrap();
        assert_eq!(message.chars().count(), LONGEST_MESSAGE);
        assert!(message.ends_with("x[tok"), "{message}");
    }

    #[test]
    fn html_is_told_by_its_type_or_its_look() {
        let typed = HeaderMap::from_iter([(CONTENT_TYPE, "Text/HTML; charset=utf-8".parse().unwrap())]);
        assert!(Answer::new(StatusCode::OK, typed, b"Welcome", None).is_html);
        assert!(answer("\n<!DOCTYPE html>").is_html);
        assert!(!answer("Retry later\n").is_html);
        assert!(!answer("[]").is_html);
    }
}
