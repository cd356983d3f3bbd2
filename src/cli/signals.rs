//! Lets signals stop a command.

use std::io;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::terminal::say;

/// Returns a token that the first signal cancels. It stops the command in an orderly way: what is under way ends, and
/// the report is written, and that is told. The second signal ends the process at once, with the exit code of the signal.
pub(super) fn stop_on_signals() -> io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        tokio::spawn(stop_on(signal(kind)?, kind, stop.clone()));
    }
    let stopped = stop.clone();
    tokio::spawn(async move {
        stopped.cancelled().await;
        say("stopping: what is under way is finished, and nothing else begins; a second signal ends at once");
    });
    Ok(stop)
}

/// Returns the same token for a daemon, and what SIGHUP notifies: it has the daemon read its files again.
pub(super) fn daemon_signals() -> io::Result<(CancellationToken, Arc<Notify>)> {
    let stop = CancellationToken::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        tokio::spawn(stop_on(signal(kind)?, kind, stop.clone()));
    }
    let reload = Arc::new(Notify::new());
    let (mut hangups, notify) = (signal(SignalKind::hangup())?, reload.clone());
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            notify.notify_one();
        }
    });
    Ok((stop, reload))
}

async fn stop_on(mut signals: Signal, kind: SignalKind, stop: CancellationToken) {
    while signals.recv().await.is_some() {
        if stop.is_cancelled() {
            std::process::exit(128 + kind.as_raw_value());
        }
        stop.cancel();
    }
}
