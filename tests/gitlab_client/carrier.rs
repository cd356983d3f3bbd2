//! A transport made by hand, for tokio's paused clock: each try gets the next answer of a list, after a while.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use gleaner::gitlab::{
    Connection, ConnectionOptions, Credential, Fault, Incoming, Method, Outgoing, Reader, RequestCounts, TokenKind,
    Transport, Writer,
};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use tokio::time::Instant;

use crate::script::TOKEN;

/// Gives each of its answers once, in order, and then answers 418.
#[derive(Default)]
pub(crate) struct Carrier {
    answers: Mutex<VecDeque<(Duration, Result<Incoming, Fault>)>>,
    sent: Mutex<Vec<(Instant, Outgoing)>>,
}

/// A client over a carrier, and when it began.
pub(crate) struct Carried {
    pub(crate) carrier: Arc<Carrier>,
    pub(crate) reader: Reader,
    pub(crate) writer: Writer,
    pub(crate) began: Instant,
}

impl Transport for Carrier {
    fn carry(&self, outgoing: Outgoing) -> BoxFuture<'_, Result<Incoming, Fault>> {
        self.sent.lock().unwrap().push((Instant::now(), outgoing));
        let (takes, answer) =
            self.answers.lock().unwrap().pop_front().unwrap_or_else(|| at_once(answered(418, &[], "")));
        Box::pin(async move {
            tokio::time::sleep(takes).await;
            answer
        })
    }
}

pub(crate) type Step = (Duration, Result<Incoming, Fault>);

pub(crate) fn at_once(answer: Result<Incoming, Fault>) -> Step {
    (Duration::ZERO, answer)
}

pub(crate) fn after(seconds: u64, answer: Result<Incoming, Fault>) -> Step {
    (Duration::from_secs(seconds), answer)
}

pub(crate) fn answered(status: u16, headers: &[(&str, &str)], body: &str) -> Result<Incoming, Fault> {
    let line = |(name, value): &(&str, &str)| {
        (name.parse::<reqwest::header::HeaderName>().unwrap(), value.parse::<reqwest::header::HeaderValue>().unwrap())
    };
    let headers: HeaderMap = headers.iter().map(line).collect();
    Ok(Incoming { status: StatusCode::from_u16(status).unwrap(), headers, body: body.as_bytes().to_vec() })
}

impl Carried {
    pub(crate) fn by(answers: impl IntoIterator<Item = Step>) -> Self {
        Self::with(answers, |_| {})
    }

    /// Opens a client whose options were changed.
    pub(crate) fn with(answers: impl IntoIterator<Item = Step>, change: impl FnOnce(&mut ConnectionOptions)) -> Self {
        let carrier = Arc::new(Carrier { answers: Mutex::new(answers.into_iter().collect()), ..Carrier::default() });
        let token = Credential::Fixed { kind: TokenKind::Private, token: TOKEN.into() };
        let mut options = ConnectionOptions::new("http://gitlab.test", token);
        change(&mut options);
        let connection = Connection::over(carrier.clone(), options, Arc::new(RequestCounts::default())).unwrap();
        let (reader, writer) = (Reader::new(&connection), Writer::new(&connection));
        Self { carrier, reader, writer, began: Instant::now() }
    }

    /// The seconds from the beginning at which requests with this method were sent.
    pub(crate) fn sent(&self, method: Method) -> Vec<u64> {
        let sent = self.carrier.sent.lock().unwrap();
        let of_it = sent.iter().filter(|(_, outgoing)| outgoing.method == method);
        of_it.map(|(at, _)| at.duration_since(self.began).as_secs()).collect()
    }

    /// The instants before which the requests with this method have to leave.
    pub(crate) fn leave_before(&self, method: Method) -> Vec<Option<Instant>> {
        let sent = self.carrier.sent.lock().unwrap();
        sent.iter()
            .filter(|(_, outgoing)| outgoing.method == method)
            .map(|(_, outgoing)| outgoing.leaves_before)
            .collect()
    }
}
