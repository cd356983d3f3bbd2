//! Answers a request as a fault wants it.

use std::io;
use std::time::Duration;

use axum::body::{Body as HttpBody, Bytes, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LINK, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Body, Fault, Throttle};
use crate::api;
use crate::rate_limit::{http_date, throttled};

/// Marks an answer in whose place the connection is closed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HangUp;

/// Marks an answer of something before GitLab, which has no headers of GitLab's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfGateway;

const WEB_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Sign in</body></html>\n";

/// Answers a request with a fault. `proper` makes the proper answer, for the faults that spoil one.
pub(crate) async fn play(
    fault: Fault,
    request: Request<HttpBody>,
    now: Timestamp,
    proper: impl AsyncFnOnce(Request<HttpBody>) -> Response,
) -> Response {
    match fault {
        Fault::TooManyRequests(throttle) => too_many_requests(throttle, now),
        Fault::Status { code, body } => {
            status(StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), body)
        }
        Fault::ExpiredToken => api::expired_token(),
        Fault::HangUp => hang_up(),
        Fault::HangUpAfter => {
            proper(request).await;
            hang_up()
        }
        Fault::HtmlPage => html(StatusCode::OK, WEB_PAGE.to_owned()),
        Fault::FalseDelete => StatusCode::NO_CONTENT.into_response(),
        Fault::Redirect { origin } => {
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
            (StatusCode::FOUND, [(LOCATION, format!("{origin}{path}"))]).into_response()
        }
        Fault::CutBody => {
            spoil(proper(request).await, |body| {
                let (first, _) = halves(&body);
                let error = stream::once(async {
                    // Gives the first half the time to leave.
                    tokio::task::yield_now().await;
                    Err(io::Error::from(io::ErrorKind::ConnectionAborted))
                });
                HttpBody::from_stream(stream::iter([Ok(first)]).chain(error))
            })
            .await
        }
        Fault::SlowBody { millis } => {
            let (answer, wait) = (proper(request).await, Duration::from_millis(millis));
            if answer.status() == StatusCode::NO_CONTENT {
                tokio::time::sleep(wait).await;
                return answer;
            }
            spoil(answer, |body| {
                let (first, second) = halves(&body);
                let second = stream::once(async move {
                    tokio::time::sleep(wait).await;
                    Ok::<_, io::Error>(second)
                });
                HttpBody::from_stream(stream::iter([Ok(first)]).chain(second))
            })
            .await
        }
        Fault::InvalidJson => {
            let mut answer = spoil(proper(request).await, |body| HttpBody::from(halves(&body).0)).await;
            answer.headers_mut().remove(CONTENT_LENGTH);
            *answer.status_mut() = StatusCode::OK;
            answer
        }
        Fault::LinkElsewhere { origin } => link_elsewhere(proper(request).await, &origin),
        Fault::Gateway { code, headers, body } => {
            let mut answer = status(StatusCode::from_u16(code).unwrap_or(StatusCode::NOT_FOUND), body);
            answer.headers_mut().extend(headers.into_map());
            answer.extensions_mut().insert(OfGateway);
            answer
        }
        Fault::LateDeed { silence_millis, .. } => {
            proper(request).await;
            tokio::time::sleep(Duration::from_millis(silence_millis.into())).await;
            hang_up()
        }
        // These bend the proper answer, and the script has told its maker.
        Fault::RepeatRows(_)
        | Fault::SkipRows(_)
        | Fault::EmptyPage
        | Fault::HideProject(_)
        | Fault::Replica { .. }
        | Fault::Cached { .. }
        | Fault::NoDate => proper(request).await,
    }
}

fn too_many_requests(throttle: Throttle, now: Timestamp) -> Response {
    let bare = || (StatusCode::TOO_MANY_REQUESTS, "Retry later\n").into_response();
    let retry_after = |value: String| (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, value)], "Retry later\n");
    match throttle {
        Throttle::Full(seconds) => {
            let seconds = i64::from(seconds);
            let mut headers = HeaderMap::new();
            headers.insert("ratelimit-name", HeaderValue::from_static("throttle_authenticated_api"));
            headers.insert("ratelimit-limit", HeaderValue::from(600));
            headers.insert("ratelimit-observed", HeaderValue::from(601));
            headers.insert("ratelimit-remaining", HeaderValue::from(0));
            headers.insert("ratelimit-reset", HeaderValue::from(now.as_second() + seconds));
            throttled(headers, now, seconds)
        }
        Throttle::Bare => bare(),
        Throttle::Seconds(seconds) => retry_after(seconds.to_string()).into_response(),
        Throttle::GoDuration(seconds) => {
            let (minutes, rest) = (seconds / 60, seconds % 60);
            let minutes = if minutes > 0 { format!("{minutes}m") } else { String::new() };
            retry_after(format!("{minutes}{rest}s")).into_response()
        }
        Throttle::HttpDate(seconds) => {
            let later = now.saturating_add(SignedDuration::from_secs(seconds.into())).unwrap_or(now);
            retry_after(http_date(later)).into_response()
        }
        Throttle::Application => {
            let text = "This endpoint has been requested too many times. Try again later.";
            (StatusCode::TOO_MANY_REQUESTS, axum::Json(json!({ "message": { "error": text } }))).into_response()
        }
    }
}

fn status(code: StatusCode, body: Body) -> Response {
    let text = format!("{} {}", code.as_u16(), code.canonical_reason().unwrap_or_default());
    match body {
        Body::Json => (code, axum::Json(json!({ "message": text }))).into_response(),
        Body::Message(message) => (code, axum::Json(json!({ "message": message }))).into_response(),
        Body::Error => (code, axum::Json(json!({ "error": text }))).into_response(),
        // kong/runloop/handler.lua
        Body::NoRoute => (code, axum::Json(json!({ "message": "no Route matched with those values" }))).into_response(),
        Body::Text(text) => (code, text).into_response(),
        Body::Html => html(code, format!("<!DOCTYPE html>\n<html><body><h1>{text}</h1></body></html>\n")),
    }
}

fn html(code: StatusCode, page: String) -> Response {
    (code, [(CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

fn hang_up() -> Response {
    let mut answer = StatusCode::BAD_GATEWAY.into_response();
    answer.extensions_mut().insert(HangUp);
    answer
}

/// Replaces the body, with the length of the proper one still in the headers.
async fn spoil(answer: Response, replace: impl FnOnce(Bytes) -> HttpBody) -> Response {
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert(CONTENT_LENGTH, body.len().into());
    Response::from_parts(parts, replace(body))
}

fn halves(body: &Bytes) -> (Bytes, Bytes) {
    let middle = body.len() / 2;
    (body.slice(..middle), body.slice(middle..))
}

fn link_elsewhere(mut answer: Response, origin: &str) -> Response {
    let link = answer.headers().get(LINK).and_then(|link| link.to_str().ok());
    let moved = link.map(|link| {
        let links = link.split(", ").map(|link| {
            let path = link.split_once("/api/").map_or("", |(_, path)| path);
            format!("<{origin}/api/{path}")
        });
        links.collect::<Vec<_>>().join(", ")
    });
    if let Some(moved) = moved.and_then(|moved| HeaderValue::from_str(&moved).ok()) {
        answer.headers_mut().insert(LINK, moved);
    }
    answer
}
