//! Carries requests to a sandbox in the same process, without a socket.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::Request;
use futures_util::future::BoxFuture;
use gitlab_sandbox::{BrokenOff, Sandbox};
use gleaner::gitlab::{Connection, Fault, Incoming, Outgoing, RequestCounts, Transport};

use crate::options;

/// A sandbox in place of the network.
#[derive(Debug, Clone)]
pub struct InProcess(pub Sandbox);

impl Transport for InProcess {
    fn carry(&self, outgoing: Outgoing) -> BoxFuture<'_, Result<Incoming, Fault>> {
        Box::pin(async move {
            let Outgoing { method, url, headers, .. } = outgoing;
            let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
            let mut request = Request::builder().method(method.as_str()).uri(path).body(Bytes::new()).unwrap();
            *request.headers_mut() = headers;
            match self.0.answer(request).await {
                Ok(answer) => {
                    let (parts, body) = answer.into_parts();
                    Ok(Incoming { status: parts.status, headers: parts.headers, body: body.into() })
                }
                Err(error @ BrokenOff::HungUp) => Err(Fault::Closed(error.into())),
                Err(error @ BrokenOff::CutOff) => Err(Fault::CutOff(error.into())),
            }
        })
    }
}

/// Opens a connection to a sandbox in the same process, which nobody listens to.
///
/// # Panics
/// When the token can't be used.
#[must_use]
pub fn in_process(sandbox: &Sandbox) -> Connection {
    let options = options("http://gitlab.test", sandbox.token());
    Connection::over(Arc::new(InProcess(sandbox.clone())), options, Arc::new(RequestCounts::default())).unwrap()
}
