//! The connections of a server.

use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::sandbox::Sandbox;

/// How long answers may go on after the server was told to stop.
const GRACE: Duration = Duration::from_secs(3);

/// Accepts connections until it is told to stop, and then waits for those that are open.
pub(super) async fn accept(listener: TcpListener, sandbox: Sandbox, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(serve(stream, sandbox.clone(), stop.clone()));
                    }
                    // Most likely there are too many open files; time may close some.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
            Some(_) = connections.join_next() => {}
            () = stop.cancelled() => break,
        }
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    // Those that take longer are broken off when the set is dropped.
    let _ = tokio::time::timeout(GRACE, all).await;
}

async fn serve(stream: TcpStream, sandbox: Sandbox, stop: CancellationToken) {
    // Answers are written whole; waiting to fill a segment would only slow them.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let sandbox = sandbox.clone();
        // An error makes hyper close the connection without an answer.
        async move { sandbox.stream(request.map(Body::new)).await }
    });
    // The sandbox tells the time itself, by its own clock.
    let connection = http1::Builder::new().auto_date_header(false).serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // How a connection ended is the client's to notice.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
