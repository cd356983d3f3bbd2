//! Sends a request until it is answered: with the token, within the rate limit, again where that may help.

mod deletion;

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue, IF_UNMODIFIED_SINCE, USER_AGENT};
use reqwest::{StatusCode, Url};
use tokio::time::{Instant, sleep, timeout};

use super::answer::Answer;
use super::connection::Connection;
use super::error::{Error, Fault};
use super::freshness::Freshness;
use super::redirect;
use super::refusal::refusal;
use super::request::{Errand, Request};
use super::retry::{self, Next};
use super::subject::Subject;
use super::traffic::{Endpoint, Method, Traffic};
use super::transport::{Incoming, Outgoing};

pub(super) use deletion::Sent;

/// Why a try failed, and for how long GitLab asked to be left alone.
pub(super) struct Trouble {
    pub(super) fault: Fault,
    pub(super) asked: Option<Duration>,
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self { fault, asked: None }
    }
}

/// What stands in a request where its own instant can't be written: then nothing counts as unchanged.
const LONG_AGO: HeaderValue = HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT");

type Token = Option<(HeaderName, HeaderValue)>;

impl Connection {
    /// Asks GitLab, and returns an answer with a status of success. Any other status is an error.
    pub(super) async fn get(&self, endpoint: Endpoint, subject: Subject, url: Url) -> Result<Answer, Error> {
        let request = Request { endpoint, subject, url, errand: Errand::Read };
        let answer = self.send(&request).await?;
        if answer.status.is_success() {
            return Ok(answer);
        }
        Err(refusal(&request, &answer))
    }

    /// Sends a question, again where that may help, and returns GitLab's last answer, refusals included.
    async fn send(&self, request: &Request) -> Result<Answer, Error> {
        let mut url = request.url.clone();
        let mut attempt = 1;
        let mut waited = Duration::ZERO;
        let mut redirects = 0;
        let mut token_renewed = false;
        loop {
            self.wait_for_place(request.endpoint).await;
            let slot = self.inner().limiter.slot().await;
            while let Some(hold) = self.hold(waited)? {
                self.tell(&Traffic::Throttled { wait: hold });
                sleep(hold).await;
                waited += hold;
            }
            let token = self.inner().credential.header()?;
            let outgoing = self.outgoing(request, &url, &token);
            let sent = Instant::now();
            if let Some(look) = self.look() {
                look.note_sending();
            }
            let outcome = self.exchange(request, outgoing, &token, attempt).await;
            drop(slot);
            if let (Some(look), Ok(answer)) = (self.look(), &outcome) {
                let noted = look.note(sent, &answer.headers);
                noted.map_err(|sign| Error::NotFresh { what: request.subject.clone(), sign })?;
            }
            match outcome {
                Ok(answer) if redirect::is_redirect(&answer) => {
                    url = redirect::target(request, &url, &answer, redirects)?;
                    redirects += 1;
                }
                Ok(answer) if answer.status == StatusCode::UNAUTHORIZED && !token_renewed => {
                    if !self.renews(request, &token, attempt) {
                        return Ok(answer);
                    }
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

    /// Returns how long a used-up rate limit still holds a request back, which has `waited` before. A wait beyond what
    /// the policy allows is an error.
    fn hold(&self, waited: Duration) -> Result<Option<Duration>, Error> {
        let hold = self.inner().limiter.hold();
        if !hold.is_zero() && waited + hold > self.inner().retry.max_waiting {
            return Err(Error::RateLimited { asked: Some(hold) });
        }
        Ok((!hold.is_zero()).then_some(hold))
    }

    /// Sends a request once, and reads the whole answer.
    async fn exchange(
        &self,
        request: &Request,
        outgoing: Outgoing,
        token: &Token,
        attempt: u32,
    ) -> Result<Answer, Trouble> {
        let begun = Instant::now();
        let received = self.receive(outgoing, token).await;
        self.tell(&Traffic::Requested {
            method: request.method(),
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
            Err(error) if request.method() == Method::Get && answer.status.is_success() => {
                Err(Fault::NotJson(error).into())
            }
            json => Ok(Answer { json, ..answer }),
        }
    }

    fn outgoing(&self, request: &Request, url: &Url, token: &Token) -> Outgoing {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, self.sender());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.extend(token.clone());
        let leaves_before = match request.errand {
            Errand::Read => None,
            Errand::Delete(Freshness { until, unmodified_since }) => {
                headers.insert(IF_UNMODIFIED_SINCE, http_date(unmodified_since));
                Some(until)
            }
        };
        Outgoing { method: request.method(), url: url.clone(), headers, leaves_before }
    }

    async fn receive(&self, outgoing: Outgoing, token: &Token) -> Result<Answer, Fault> {
        let longest = match outgoing.method {
            Method::Get => self.inner().request_timeout,
            Method::Delete => self.inner().deletion_timeout,
        };
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
        let asked = match self.next(attempt, waited, &trouble) {
            Next::Wait(wait) => {
                self.wait_for_next_try(request, attempt, wait, &trouble.fault).await;
                return Ok(wait);
            }
            Next::TooLong(asked) => Some(asked),
            Next::GiveUp => None,
        };
        Err(Error::gave_up(&request.url, attempt, asked, trouble.fault))
    }

    /// Returns the step after a try that failed. A rate limit holds all requests back.
    fn next(&self, attempt: u32, waited: Duration, trouble: &Trouble) -> Next {
        let next = match trouble.fault {
            Fault::Tls(_) => Next::GiveUp,
            _ => self.inner().retry.next(attempt, waited, trouble.asked, fastrand::f64()),
        };
        if let (true, Next::Wait(wait) | Next::TooLong(wait)) = (trouble.fault.is_rate_limit(), next) {
            self.inner().limiter.hold_for(wait);
        }
        next
    }

    async fn wait_for_next_try(&self, request: &Request, attempt: u32, wait: Duration, fault: &Fault) {
        self.tell_retry(request, attempt, wait, &fault.to_string());
        if fault.is_rate_limit() {
            self.tell(&Traffic::Throttled { wait });
        }
        sleep(wait).await;
    }

    /// Returns whether a refused token is worth another try, and tells of that.
    fn renews(&self, request: &Request, refused: &Token, attempt: u32) -> bool {
        let renews = attempt < self.inner().retry.tries && self.is_outdated(refused);
        if renews {
            self.tell_retry(request, attempt, Duration::ZERO, "the token was refused, and its file has changed");
        }
        renews
    }

    fn tell_retry(&self, request: &Request, attempt: u32, wait: Duration, why: &str) {
        self.tell(&Traffic::Retrying {
            method: request.method(),
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

/// Writes an instant as HTTP does. It has whole seconds; leaving the rest off rounds down, to the stricter side.
fn http_date(instant: Timestamp) -> HeaderValue {
    let date = instant.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    HeaderValue::try_from(date).unwrap_or(LONG_AGO)
}
