//! The admin server: metrics, probes, a status page, and the last reports of each policy.
//!
//! It only shows. No request changes anything, so there is nothing to log in to and nothing to forge. Who may read the
//! names of packages is for the network to say, or for [`Pages::MetricsOnly`].

mod answer;
mod body;
mod connection;
mod host;
mod kept;
mod span;
mod status;

use std::fmt;
use std::sync::Arc;

use hyper::header::{ALLOW, HOST, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cycle::clock::Clock;
use crate::record::reports::ReportStore;
use crate::report::html::{Rest, served};
use crate::serve::board::{Board, EndedCycle, Readiness};
use answer::{HTML, JSON, METRICS, TEXT, answer, not_found};
use body::AnswerBody;

/// Everything that the server shows.
#[derive(Clone)]
pub struct Site {
    /// The board that the pages show.
    pub board: Arc<Board>,
    /// The reports that are kept.
    pub reports: Arc<ReportStore>,
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

impl Site {
    async fn answer<B>(&self, request: &Request<B>, interface: Interface) -> Response<AnswerBody> {
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
            path if self.pages == Pages::All => self.page(path).await,
            _ => not_found(),
        }
    }

    /// Answers with a page that names packages.
    async fn page(&self, path: &str) -> Response<AnswerBody> {
        if path == "/" {
            let page = status::page(&self.board.snapshot(), &self.reports, self.clock.now());
            return answer(StatusCode::OK, HTML, page);
        }
        let Some((name, form)) = path.strip_prefix("/reports/").and_then(|file| file.rsplit_once('.')) else {
            return not_found();
        };
        let Some(form) = [ReportForm::Html, ReportForm::Json].into_iter().find(|known| known.ending() == form) else {
            return not_found();
        };
        match name.split_once('/') {
            Some((policy, time)) => self.kept(policy, time, form).await,
            None => self.last(name, form).await,
        }
    }

    /// Answers with the last report of a policy: that of this process, else the newest that is kept.
    async fn last(&self, name: &str, form: ReportForm) -> Response<AnswerBody> {
        let Some(policy) = self.board.policy(name) else {
            return answer(StatusCode::NOT_FOUND, TEXT, "no policy of this name is in force\n".to_owned());
        };
        match (&policy.last, self.reports.of(name).first()) {
            (Some(last), _) if last.run.is_some() => report(last, name, form),
            (_, Some(newest)) => self.kept(name, &newest.name.to_string(), form).await,
            _ => answer(StatusCode::NOT_FOUND, TEXT, format!("{name} has not run yet, so there is no report\n")),
        }
    }

    /// Answers with a report that lies in a file.
    async fn kept(&self, policy: &str, name: &str, form: ReportForm) -> Response<AnswerBody> {
        let Some(path) = self.reports.file(policy, name) else { return kept::not_kept() };
        match form {
            ReportForm::Json => kept::json(&path),
            ReportForm::Html => {
                let json = format!("/reports/{policy}/{name}.json");
                // The file may be large, and to read through it takes its time.
                let page = tokio::task::spawn_blocking(move || kept::page(&path, &json)).await;
                page.unwrap_or_else(|_| {
                    answer(StatusCode::INTERNAL_SERVER_ERROR, TEXT, "a defect in gleaner\n".to_owned())
                })
            }
        }
    }
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReportForm {
    Html,
    Json,
}

impl ReportForm {
    fn ending(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Json => "json",
        }
    }
}

fn report(last: &EndedCycle, policy: &str, form: ReportForm) -> Response<AnswerBody> {
    if form == ReportForm::Html {
        return answer(StatusCode::OK, HTML, served(&last.report, &format!("/reports/{policy}.json"), Rest::InNewPlan));
    }
    match serde_json::to_string_pretty(&*last.report) {
        Ok(json) => answer(StatusCode::OK, JSON, json + "\n"),
        Err(error) => answer(StatusCode::INTERNAL_SERVER_ERROR, TEXT, format!("{error}\n")),
    }
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
    #[tokio::test]
    async fn on_the_network_any_name_is_answered() {
        let about = About {
            generator: String::new(),
            instance: String::new(),
            authority: Authority::PlanOnly,
            started: Timestamp::UNIX_EPOCH,
        };
        let site = Site {
            board: Arc::new(Board::new(about)),
            reports: Arc::new(ReportStore::nowhere("")),
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
            assert_eq!(site.answer(&request, interface).await.status(), status, "{host} {interface:?}");
        }
        // Only browsers rebind names, and they always send one.
        let request = Request::get("/").body(()).unwrap();
        assert_eq!(site.answer(&request, Interface::Loopback).await.status(), StatusCode::OK);
    }
}
