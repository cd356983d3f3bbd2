//! Answers that refuse a request, in GitLab's own shapes.

use axum::http::header::{LOCATION, WWW_AUTHENTICATE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A status with a body, which is JSON but for the redirect.
pub(crate) struct Refusal {
    status: StatusCode,
    body: Value,
    header: Option<(HeaderName, String)>,
}

impl Refusal {
    /// A refusal of the application itself (lib/api/helpers.rb).
    pub(crate) fn message(status: StatusCode, text: &str) -> Self {
        Self { status, body: json!({ "message": text }), header: None }
    }

    /// A refusal of Grape, which reads routes and parameters.
    pub(crate) fn error(status: StatusCode, text: &str) -> Self {
        Self { status, body: json!({ "error": text }), header: None }
    }

    /// The project is called otherwise now, and is found there by its id (`find_project!` in lib/api/helpers.rb; the
    /// text is the documentation's).
    pub(crate) fn moved(url: String) -> Self {
        let body = format!("This resource has been moved permanently to {url}").into();
        Self { status: StatusCode::MOVED_PERMANENTLY, body, header: Some((LOCATION, url)) }
    }

    /// A package, or one of its parents, is not there for this caller.
    pub(crate) fn not_found() -> Self {
        Self::message(StatusCode::NOT_FOUND, "404 Not found")
    }

    pub(crate) fn forbidden() -> Self {
        Self::message(StatusCode::FORBIDDEN, "403 Forbidden")
    }

    pub(crate) fn unauthorized() -> Self {
        Self::message(StatusCode::UNAUTHORIZED, "401 Unauthorized")
    }

    /// A token that worked once (lib/api/api_guard.rb).
    pub(crate) fn invalid_token(why: &str) -> Self {
        let authenticate =
            format!(r#"Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="{why}""#);
        let body = json!({ "error": "invalid_token", "error_description": why });
        Self { status: StatusCode::UNAUTHORIZED, body, header: Some((WWW_AUTHENTICATE, authenticate)) }
    }

    /// A token whose last day has passed, or is made to look so by a fault.
    pub(crate) fn expired() -> Self {
        Self::invalid_token("Token is expired. You can either do re-authorization or token refresh.")
    }

    /// A token without the scope that the request needs (lib/api/api_guard.rb).
    pub(crate) fn insufficient_scope() -> Self {
        let body = json!({
            "error": "insufficient_scope",
            "error_description": "The request requires higher privileges than provided by the access token.",
            "scope": "api read_api",
        });
        Self { status: StatusCode::FORBIDDEN, body, header: None }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let header = self.header.map(|header| [header]);
        match self.body {
            Value::String(text) => (self.status, header, text).into_response(),
            body => (self.status, header, axum::Json(body)).into_response(),
        }
    }
}

/// The answer to a token whose time has passed.
pub(crate) fn expired_token() -> Response {
    Refusal::expired().into_response()
}

/// The answer to every request after something in the script of happenings could not be done.
pub(crate) fn broken_script(error: &str) -> Response {
    Refusal::message(StatusCode::INTERNAL_SERVER_ERROR, error).into_response()
}
