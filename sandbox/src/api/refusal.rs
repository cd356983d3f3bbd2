//! Answers that say no, in the shapes in which GitLab says it.

use axum::http::StatusCode;
use axum::http::header::WWW_AUTHENTICATE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A status with a JSON body.
pub(crate) struct Refusal {
    status: StatusCode,
    body: Value,
    authenticate: Option<String>,
}

impl Refusal {
    /// What the application itself says (lib/api/helpers.rb).
    pub(crate) fn message(status: StatusCode, text: &str) -> Self {
        Self { status, body: json!({ "message": text }), authenticate: None }
    }

    /// What Grape says about routes and parameters.
    pub(crate) fn error(status: StatusCode, text: &str) -> Self {
        Self { status, body: json!({ "error": text }), authenticate: None }
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
        Self { status: StatusCode::UNAUTHORIZED, body, authenticate: Some(authenticate) }
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
        Self { status: StatusCode::FORBIDDEN, body, authenticate: None }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let authenticate = self.authenticate.map(|text| [(WWW_AUTHENTICATE, text)]);
        (self.status, authenticate, axum::Json(self.body)).into_response()
    }
}
