//! Connections: how many there may be, and how long a slow client is waited for.

use std::convert::Infallible;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::body::AnswerBody;
use super::{Interface, Site};

/// How many connections there may be at once; more wait until one ends.
const CONNECTIONS: usize = 128;

/// A request's head has to come within this time, and the next one on the same connection as well.
const HEAD: Duration = Duration::from_secs(5);

/// The largest head of a request, in bytes.
const HEAD_SIZE: usize = 16 * 1024;

/// How long a connection lasts at most. Nothing else limits how slowly a client may read.
const LIFETIME: Duration = Duration::from_secs(5 * 60);

/// How long an answer may go on after the end was announced.
const GRACE: Duration = Duration::from_secs(3);

/// Accepts connections until it is told to stop, and then waits a little for those that are open.
pub(super) async fn accept(listener: TcpListener, site: Site, stop: CancellationToken) {
    let is_loopback = listener.local_addr().is_ok_and(|address| address.ip().is_loopback());
    let interface = if is_loopback { Interface::Loopback } else { Interface::Network };
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, site.clone(), interface, stop.clone()));
                }
                // Most likely there are too many open files; time may close some.
                Err(_) => sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
            () = stop.cancelled() => break,
        }
    }
    drop(listener);
    // Each of them gives its client a little time and no more.
    while connections.join_next().await.is_some() {}
}

async fn serve(stream: TcpStream, site: Site, interface: Interface, stop: CancellationToken) {
    // Answers are written whole; waiting to fill a segment would only slow them.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let site = site.clone();
        async move { Ok::<Response<AnswerBody>, Infallible>(site.answer(&request, interface).await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(HEAD_SIZE);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // How a connection ended is the client's to notice.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = sleep(LIFETIME) => {}
        () = stop.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(GRACE, connection).await;
}
