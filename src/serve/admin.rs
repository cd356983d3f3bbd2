//! The admin server: metrics, probes, a status page, and the last report of each policy.
//!
//! It only shows. No request changes anything, so there is nothing to log in to and nothing to forge. Who may read the
//! names of packages is for the network to say, or for [`Pages::MetricsOnly`].

mod connection;
mod host;
mod span;
mod status;

use std::fmt;
use std::sync::Arc;

use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cycle::clock::Clock;
use crate::report::html::{content_policy, served};
use crate::serve::board::{Board, PolicyBoard, Readiness};

/// Everything that the server shows.
#[derive(Clone)]
pub struct Site {
    /// The board that the pages show.
    pub board: Arc<Board>,
    /// Prometheus text.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// Which pages there are.
    pub pages: Pages,
    /// The clock that ages are told by.
    pub clock: Clock,
}

/// Which pages there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    /// The status page and the reports, too.
    All,
    /// Metrics and probes: nothing that names a package.
    MetricsOnly,
}

/// Serves until `stop`, and a few seconds longer for answers that are under way.
///
/// The liveness probe only says that this server still answers. A daemon that waits for a slow GitLab, in the middle of
/// deletions, is alive: to restart it would only break them off. Alerts are there for a daemon that succeeds at nothing
/// for too long.
pub async fn serve(listener: TcpListener, site: Site, stop: CancellationToken) {
    connection::accept(listener, site, stop).await;
}

/// Where the server listens, as far as that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interface {
    /// Only this machine reaches it.
    Loopback,
    Network,
}

const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";

impl Site {
    fn answer<B>(&self, request: &Request<B>, interface: Interface) -> Response<String> {
        let host = request.headers().get(HOST).map(HeaderValue::as_bytes);
        if interface == Interface::Loopback && !host.is_none_or(host::is_this_machine) {
            let text = "this server listens on the loopback interface, and answers to `localhost` and addresses only\n";
            return answer(StatusCode::MISDIRECTED_REQUEST, TEXT, text.to_owned());
        }
        if request.method() != Method::GET && request.method() != Method::HEAD {
            let mut refusal = answer(
                StatusCode::METHOD_NOT_ALLOWED,
                TEXT,
                "only GET and HEAD: nothing can be changed here\n".to_owned(),
            );
            refusal.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return refusal;
        }
        match request.uri().path() {
            "/metrics" => answer(StatusCode::OK, METRICS, (self.metrics)()),
            "/livez" => answer(StatusCode::OK, TEXT, "ok\n".to_owned()),
            "/readyz" => match self.board.readiness() {
                Readiness::Ready => answer(StatusCode::OK, TEXT, "ok\n".to_owned()),
                Readiness::NotReady(why) => answer(StatusCode::SERVICE_UNAVAILABLE, TEXT, format!("{why}\n")),
            },
            path if self.pages == Pages::All => self.page(path),
            _ => not_found(),
        }
    }

    /// Answers with a page that names packages.
    fn page(&self, path: &str) -> Response<String> {
        if path == "/" {
            return answer(StatusCode::OK, HTML, status::page(&self.board.snapshot(), self.clock.now()));
        }
        match path.strip_prefix("/reports/").and_then(|file| file.rsplit_once('.')) {
            Some((name, form @ ("html" | "json"))) => match self.board.policy(name) {
                Some(policy) => report(&policy, form),
                None => answer(StatusCode::NOT_FOUND, TEXT, "no policy of this name is in force\n".to_owned()),
            },
            _ => not_found(),
        }
    }
}

fn report(policy: &PolicyBoard, form: &str) -> Response<String> {
    let Some(last) = &policy.last else {
        let text = format!("{} has not run yet, so there is no report\n", policy.name);
        return answer(StatusCode::NOT_FOUND, TEXT, text);
    };
    if form == "html" {
        return answer(StatusCode::OK, HTML, served(&last.report));
    }
    match serde_json::to_string_pretty(&*last.report) {
        Ok(json) => answer(StatusCode::OK, JSON, json + "\n"),
        Err(error) => answer(StatusCode::INTERNAL_SERVER_ERROR, TEXT, format!("{error}\n")),
    }
}

fn not_found() -> Response<String> {
    answer(StatusCode::NOT_FOUND, TEXT, "there is no such page\n".to_owned())
}

/// The headers of every answer: nothing may be stored, framed, sniffed, or read by another site.
const HEADERS: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-robots-tag", "noindex, nofollow"),
];

fn answer(status: StatusCode, content_type: &'static str, body: String) -> Response<String> {
    let mut response = Response::new(body);
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

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("pages", &self.pages).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::serve::board::About;
    use crate::serve::notice::Authority;

    /// In a cluster the server goes by names that it can't know.
    #[test]
    fn on_the_network_any_name_is_answered() {
        let about = About {
            generator: String::new(),
            instance: String::new(),
            authority: Authority::PlanOnly,
            started: Timestamp::UNIX_EPOCH,
        };
        let site = Site {
            board: Arc::new(Board::new(about)),
            metrics: Arc::new(String::new),
            pages: Pages::All,
            clock: Clock::new(|| Timestamp::UNIX_EPOCH),
        };
        for (host, interface, status) in [
            ("gleaner.tools.svc:9090", Interface::Network, StatusCode::OK),
            ("gleaner.tools.svc:9090", Interface::Loopback, StatusCode::MISDIRECTED_REQUEST),
            ("localhost:9090", Interface::Loopback, StatusCode::OK),
        ] {
            let request = Request::get("/").header(HOST, host).body(()).unwrap();
            assert_eq!(site.answer(&request, interface).status(), status, "{host} {interface:?}");
        }
        // Only browsers rebind names, and they always send one.
        assert_eq!(site.answer(&Request::get("/").body(()).unwrap(), Interface::Loopback).status(), StatusCode::OK);
    }
}
