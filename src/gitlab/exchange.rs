//! Sends a request until it is answered: with the token, within the rate limit, again where that may help.

use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue, IF_UNMODIFIED_SINCE, USER_AGENT};
use reqwest::{StatusCode, Url};
use tokio::time::{Instant, sleep, timeout};

use super::answer::Answer;
use super::connection::Connection;
use super::error::{Error, Fault};
use super::redirect;
use super::refusal::refusal;
use super::request::Request;
use super::retry::{self, Next};
use super::subject::Subject;
use super::traffic::{Endpoint, Method, Traffic};
use super::transport::{Incoming, Outgoing};

/// Why a try failed, and for how long GitLab asked to be left alone.
struct Trouble {
    fault: Fault,
    asked: Option<Duration>,
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self { fault, asked: None }
    }
}

type Token = Option<(HeaderName, HeaderValue)>;

/// What every request says of its sender.
const PROGRAM: HeaderValue = HeaderValue::from_static(concat!("gleaner/", env!("CARGO_PKG_VERSION")));

impl Connection {
    /// Asks GitLab, and returns an answer with a status of success. Any other status is an error.
    pub(super) async fn get(&self, endpoint: Endpoint, subject: Subject, url: Url) -> Result<Answer, Error> {
        let request = Request { method: Method::Get, endpoint, subject, url, unmodified_since: None };
        let answer = self.send(&request).await?;
        if answer.status.is_success() {
            return Ok(answer);
        }
        Err(refusal(&request, &answer))
    }

    /// Sends a request, again where that may help, and returns GitLab's last answer, refusals included.
    pub(super) async fn send(&self, request: &Request) -> Result<Answer, Error> {
        let mut url = request.url.clone();
        let mut attempt = 1;
        let mut waited = Duration::ZERO;
        let mut redirects = 0;
        let mut token_renewed = false;
        loop {
            self.wait_for_place(request.endpoint).await;
            let slot = self.inner().limiter.slot().await;
            waited += self.wait_for_rate_limit(waited).await?;
            let token = self.inner().credential.header()?;
            let outcome = self.exchange(request, &url, &token, attempt).await;
            drop(slot);
            match outcome {
                Ok(answer) if redirect::is_redirect(&answer) => {
                    url = redirect::target(request, &url, &answer, redirects)?;
                    redirects += 1;
                }
                Ok(answer) if answer.status == StatusCode::UNAUTHORIZED => {
                    if token_renewed || attempt >= self.inner().retry.tries || !self.is_outdated(&token) {
                        return Ok(answer);
                    }
                    self.tell_retry(
                        request,
                        attempt,
                        Duration::ZERO,
                        "the token was refused, and its file has changed",
                    );
                    token_renewed = true;
                    attempt += 1;
                }
                Ok(answer) => return Ok(answer),
                Err(trouble) => {
                    waited += self.back_off(request, attempt, waited, trouble).await?;
                    attempt += 1;
                }
            }
        }
    }

    /// Waits until a request of this kind has its place in the minute. Such a wait is planned, so it doesn't count
    /// towards the longest time that a request may wait.
    async fn wait_for_place(&self, endpoint: Endpoint) {
        let wait = self.inner().limiter.wait_for_place(endpoint);
        if !wait.is_zero() {
            self.tell(&Traffic::Throttled { wait });
            sleep(wait).await;
        }
    }

    /// Waits while the rate limit is used up, and returns for how long that was. `waited` is what the request has
    /// waited before; a wait beyond what the policy allows fails at once.
    async fn wait_for_rate_limit(&self, waited: Duration) -> Result<Duration, Error> {
        let mut held = Duration::ZERO;
        loop {
            let hold = self.inner().limiter.hold();
            if hold.is_zero() {
                return Ok(held);
            }
            if waited + held + hold > self.inner().retry.max_waiting {
                return Err(Error::RateLimited { asked: Some(hold) });
            }
            self.tell(&Traffic::Throttled { wait: hold });
            sleep(hold).await;
            held += hold;
        }
    }

    /// Sends a request once, and reads the whole answer.
    async fn exchange(&self, request: &Request, url: &Url, token: &Token, attempt: u32) -> Result<Answer, Trouble> {
        let begun = Instant::now();
        let received = self.receive(request, url, token).await;
        self.tell(&Traffic::Requested {
            method: request.method,
            endpoint: request.endpoint,
            status: received.as_ref().ok().map(|answer| answer.status.as_u16()),
            attempt,
            took: begun.elapsed(),
        });
        let answer = received?;
        if let Some(theirs) = retry::date(&answer.headers) {
            self.tell(&Traffic::Clock { theirs });
        }
        self.note_rate_limit(&answer);
        if retry::is_passing(answer.status) {
            return Err(Trouble {
                fault: Fault::Status { status: answer.status.as_u16(), message: answer.words() },
                asked: retry::asked_wait(answer.status, &answer.headers),
            });
        }
        match answer.json {
            Err(_) if answer.is_html && answer.status.is_success() => Err(Fault::Html.into()),
            Err(error) if request.method == Method::Get && answer.status.is_success() => {
                Err(Fault::NotJson(error).into())
            }
            json => Ok(Answer { json, ..answer }),
        }
    }

    async fn receive(&self, request: &Request, url: &Url, token: &Token) -> Result<Answer, Fault> {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, PROGRAM);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.extend(token.clone());
        if let Some(instant) = request.unmodified_since {
            // An HTTP date has whole seconds; leaving the rest off rounds down, to the stricter side.
            let date = instant.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
            headers
                .insert(IF_UNMODIFIED_SINCE, HeaderValue::try_from(date).map_err(|error| Fault::Closed(error.into()))?);
        }
        let outgoing = Outgoing { method: request.method, url: url.clone(), headers };
        let longest = self.inner().request_timeout;
        let carried = timeout(longest, self.inner().transport.carry(outgoing)).await;
        let Incoming { status, headers, body } = carried.unwrap_or(Err(Fault::TimedOut { after: longest }))?;
        let token = token.as_ref().map(|(_, value)| value.clone());
        Ok(Answer::new(status, headers, &body, token))
    }

    /// Passes on how much of the rate limit is left, and holds all requests back where it is nothing.
    fn note_rate_limit(&self, answer: &Answer) {
        let header = answer.headers.get("ratelimit-remaining");
        let Some(remaining) = header.and_then(|value| value.to_str().ok()?.trim().parse().ok()) else {
            return;
        };
        self.tell(&Traffic::RateLimit { remaining });
        if remaining == 0
            && let Some(wait) = retry::reset_wait(&answer.headers)
        {
            self.inner().limiter.hold_for(wait);
        }
    }

    /// Waits before the next try, and returns for how long; fails where there is none.
    async fn back_off(
        &self,
        request: &Request,
        attempt: u32,
        waited: Duration,
        trouble: Trouble,
    ) -> Result<Duration, Error> {
        let Trouble { fault, asked } = trouble;
        let too_many_requests = matches!(fault, Fault::Status { status: 429, .. });
        let next = match fault {
            Fault::Tls(_) => Next::GiveUp,
            _ => self.inner().retry.next(attempt, waited, asked, fastrand::f64()),
        };
        if let (true, Next::Wait(wait) | Next::TooLong(wait)) = (too_many_requests, next) {
            self.inner().limiter.hold_for(wait);
        }
        let asked = match next {
            Next::Wait(wait) => {
                self.tell_retry(request, attempt, wait, &fault.to_string());
                if too_many_requests {
                    self.tell(&Traffic::Throttled { wait });
                }
                sleep(wait).await;
                return Ok(wait);
            }
            Next::TooLong(asked) => Some(asked),
            Next::GiveUp => None,
        };
        Err(Error::gave_up(&request.url, attempt, asked, fault))
    }

    fn tell_retry(&self, request: &Request, attempt: u32, wait: Duration, why: &str) {
        self.tell(&Traffic::Retrying {
            method: request.method,
            path: request.url.path().to_owned(),
            why: why.to_owned(),
            wait,
            attempt,
            tries: self.inner().retry.tries,
        });
    }

    /// Returns whether the credential gives another token by now. A file that can't be read counts as unchanged.
    fn is_outdated(&self, sent: &Token) -> bool {
        self.inner().credential.header().is_ok_and(|current| current != *sent)
    }
}
