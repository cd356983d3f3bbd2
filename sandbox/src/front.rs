//! The way of a request through what stands before the routes: log, people, latency, rate limit, faults.

use axum::Router;
use axum::body::Body;
use axum::http::header::{AGE, DATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use tower_service::Service;

use crate::api::{self, AsSent};
use crate::faults::{Bend, CacheTells, HangUp, OfGateway, play};
use crate::gitlab::Gitlab;
use crate::rate_limit::{Standing, http_date};
use crate::request::Request;
use crate::sandbox::BrokenOff;

/// The name of a request, which GitLab's logs have too (`doc/administration/logs/tracing_correlation_id.md`).
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

type HttpRequest = axum::http::Request<Body>;

/// Answers a request.
///
/// # Errors
/// When a fault closes the connection in place of an answer.
pub(crate) async fn answer(routes: Router, gitlab: &Gitlab, mut request: HttpRequest) -> Result<Response, BrokenOff> {
    let number = log(gitlab, &request);
    strip_prefix(&gitlab.path_prefix, &mut request);
    let url = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let happened = gitlab.happen(request.method().as_str(), url);
    if !gitlab.latency.is_zero() {
        tokio::time::sleep(gitlab.latency).await;
    }
    let standing = gitlab.limiter.as_ref().map(|limiter| limiter.count(credential(&request), gitlab.clock.now()));
    let mut bend = Bend::default();
    let mut answer = match (&happened, &standing) {
        (Err(error), _) => api::broken_script(error),
        (_, Some(standing)) if standing.is_beyond() => standing.refusal(),
        _ => {
            let (path, query) = (request.uri().path(), request.uri().query().unwrap_or_default());
            let (mut judged, fault) = gitlab.script().judge(request.method().as_str(), path, query);
            judged.behind += gitlab.lag;
            bend = judged;
            request.extensions_mut().insert(bend.clone());
            let proper = async move |request| {
                let mut routes = routes;
                // The router itself never fails.
                routes.call(fit_for_routes(request)).await.unwrap_or_else(|never| match never {})
            };
            match fault {
                Some(fault) => play(fault, request, gitlab.clock.now(), proper).await,
                None => proper(request).await,
            }
        }
    };
    gitlab.happen_after(happened.unwrap_or_default());
    if answer.extensions().get::<OfGateway>().is_none() {
        answer.headers_mut().extend(standing.iter().flat_map(Standing::headers));
        if let Ok(name) = HeaderValue::try_from(gitlab.name()) {
            answer.headers_mut().insert(REQUEST_ID, name);
        }
    }
    let tells_time = gitlab.tells_time && !bend.timeless;
    stamp(&mut answer, gitlab.clock.now(), bend.age, tells_time);
    if answer.extensions().get::<HangUp>().is_some() {
        return Err(BrokenOff::HungUp);
    }
    if let Some(number) = number
        && let Some(entry) = gitlab.log().get_mut(number)
    {
        entry.status = Some(answer.status().as_u16());
    }
    Ok(answer)
}

/// Writes down when the answer was made, as GitLab or the cache before it does.
fn stamp(answer: &mut Response, now: Timestamp, age: Option<(u32, CacheTells)>, tells_time: bool) {
    let (age, dated) = match age {
        Some((age, CacheTells::Both)) => (Some(age), age),
        Some((age, CacheTells::Age)) => (Some(age), 0),
        Some((age, CacheTells::Date)) => (None, age),
        None => (None, 0),
    };
    if let Some(age) = age {
        answer.headers_mut().insert(AGE, age.into());
    }
    let made = now.saturating_sub(SignedDuration::from_secs(dated.into())).unwrap_or(now);
    if tells_time && let Ok(date) = HeaderValue::from_str(&http_date(made)) {
        // A gateway may tell a time of its own.
        answer.headers_mut().entry(DATE).or_insert(date);
    }
}

/// Notes the request, and returns its number in the log if there is one.
fn log(gitlab: &Gitlab, request: &HttpRequest) -> Option<usize> {
    if !gitlab.keep_requests {
        return None;
    }
    let method = request.method().to_string();
    let path = request.uri().path_and_query().map_or_else(String::new, |path| path.as_str().to_owned());
    let with_token = !credential(request).is_empty();
    let mut log = gitlab.log();
    log.push(Request { method, path, with_token, status: None });
    Some(log.len() - 1)
}

/// Returns the token by which the caller is known, empty where there is none.
fn credential(request: &HttpRequest) -> String {
    let header = |headers: &HeaderMap, name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.filter(|value| !value.is_empty()).map(str::to_owned)
    };
    let headers = request.headers();
    let from_header = ["private-token", "job-token", "authorization"].iter().find_map(|name| header(headers, name));
    let from_query = || {
        let pairs = request.uri().query().unwrap_or_default().split('&');
        pairs.filter_map(|pair| pair.strip_prefix("private_token=")).next_back().map(str::to_owned)
    };
    from_header.or_else(from_query).unwrap_or_default()
}

/// Takes the path of the external URL off the request's, as GitLab does when it is served below one.
fn strip_prefix(prefix: &str, request: &mut HttpRequest) {
    let path = request.uri().path_and_query().and_then(|path| path.as_str().strip_prefix(prefix));
    // What merely begins with the same letters is another path.
    if let Some(path) = path.filter(|path| !prefix.is_empty() && path.starts_with('/'))
        && let Ok(uri) = path.parse()
    {
        *request.uri_mut() = uri;
    }
}

/// Takes a slash and `.json` from the end of the path, which GitLab's routes put up with.
fn fit_for_routes(mut request: HttpRequest) -> HttpRequest {
    let uri = request.uri();
    let path = uri.path().trim_end_matches('/').to_owned();
    let bare = path.strip_suffix(".json");
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let fit = format!("{}{query}", bare.unwrap_or(&path));
    let json_suffix = bare.is_some();
    if let Ok(fit) = fit.parse::<Uri>() {
        *request.uri_mut() = fit;
    }
    request.extensions_mut().insert(AsSent { path, json_suffix });
    request
}
