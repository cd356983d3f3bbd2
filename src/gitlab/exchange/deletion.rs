//! Sends a deletion while the look behind it is fresh. It is sent again only where the last try did nothing for certain.

use std::time::Duration;

use reqwest::StatusCode;
use tokio::time::{sleep, timeout_at};

use super::Trouble;
use crate::gitlab::answer::Answer;
use crate::gitlab::connection::Connection;
use crate::gitlab::error::Error;
use crate::gitlab::freshness::Freshness;
use crate::gitlab::request::Request;
use crate::gitlab::retry::Next;
use crate::gitlab::traffic::Traffic;

/// A deletion that would have to wait for a rate limit for longer is not sent. Meanwhile somebody may stop or pause everything, and what
/// it rests on grows old.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// How the tries of a deletion ended.
pub(in crate::gitlab) enum Sent {
    Answered(Answer),
    /// It left, and no answer tells whether it was done.
    Lost(Trouble),
    /// The look behind it is no longer fresh, or it would have had to wait for long. No try did anything.
    TooLate,
}

impl Connection {
    /// Sends a deletion, again after an answer that proves that nothing was done: a rate limit, or an outdated token. A
    /// connection that did not come about is tried again, too.
    pub(in crate::gitlab) async fn send_while_fresh(
        &self,
        request: &Request,
        freshness: &Freshness,
    ) -> Result<Sent, Error> {
        let mut attempt = 1;
        let mut waited = Duration::ZERO;
        let mut token_renewed = false;
        loop {
            let Ok(slot) = timeout_at(freshness.until, self.inner().limiter.slot()).await else {
                return Ok(Sent::TooLate);
            };
            while let Some(hold) = self.hold(waited)? {
                if hold > LONGEST_WAIT || !freshness.outlasts(hold) {
                    return Ok(Sent::TooLate);
                }
                self.tell(&Traffic::Throttled { wait: hold });
                sleep(hold).await;
                waited += hold;
            }
            let token = self.inner().credential.header()?;
            let outgoing = self.outgoing(request, &request.url, &token);
            // Nothing that takes time may come between this question and the sending.
            if freshness.is_over() {
                return Ok(Sent::TooLate);
            }
            let outcome = self.exchange(request, outgoing, &token, attempt).await;
            drop(slot);
            match outcome {
                Ok(answer) if answer.status == StatusCode::UNAUTHORIZED && !token_renewed => {
                    if !self.renews(request, &token, attempt) {
                        return Ok(Sent::Answered(answer));
                    }
                    token_renewed = true;
                }
                Ok(answer) => return Ok(Sent::Answered(answer)),
                Err(trouble) if !trouble.fault.changed_nothing() => return Ok(Sent::Lost(trouble)),
                Err(trouble) => match self.next(attempt, waited, &trouble) {
                    Next::Wait(wait) if trouble.fault.is_rate_limit() && wait > LONGEST_WAIT => {
                        return Ok(Sent::TooLate);
                    }
                    Next::Wait(wait) if !freshness.outlasts(wait) => return Ok(Sent::TooLate),
                    Next::Wait(wait) => {
                        self.wait_for_next_try(request, attempt, wait, &trouble.fault).await;
                        waited += wait;
                    }
                    Next::TooLong(asked) => {
                        return Err(Error::gave_up(&request.url, attempt, Some(asked), trouble.fault));
                    }
                    Next::GiveUp => return Err(Error::gave_up(&request.url, attempt, None, trouble.fault)),
                },
            }
            attempt += 1;
        }
    }
}
