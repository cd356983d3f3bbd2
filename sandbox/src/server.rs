//! The server: a simulated GitLab that listens.

mod connection;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::options::Options;
use crate::registry::Registry;
use crate::sandbox::{OpenError, Sandbox};

/// A simulated GitLab that listens. Dropped, it breaks off at once; [`stop`](Self::stop) lets it finish its answers.
pub struct Server {
    sandbox: Sandbox,
    url: String,
    stop: CancellationToken,
    accepting: JoinHandle<()>,
}

/// The reason for which a server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// There is nothing to serve.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The address is taken, or none of this machine's.
    #[error("can't listen on {address}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// Why it can't be listened on.
        source: io::Error,
    },
}

impl Server {
    /// Starts to serve a registry.
    ///
    /// # Errors
    /// When the registry doesn't hang together, a happening is done to no project of it, or the address is taken.
    pub async fn start(registry: Registry, options: Options) -> Result<Self, StartError> {
        let address = options.listen;
        let listen_error = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen_error)?;
        let url = format!("http://{}", listener.local_addr().map_err(listen_error)?);
        let external_url = options.external_url.clone().unwrap_or_else(|| url.clone());
        let sandbox = Sandbox::open(registry, &Options { external_url: Some(external_url), ..options })?;
        let stop = CancellationToken::new();
        let accepting = tokio::spawn(connection::accept(listener, sandbox.clone(), stop.clone()));
        Ok(Self { sandbox, url, stop, accepting })
    }

    /// Where it listens, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops listening, lets the answers that are under way finish, and breaks off what takes longer than 3 seconds.
    pub async fn stop(mut self) {
        self.stop.cancel();
        // The task ends by itself, and has nothing to tell.
        let _ = (&mut self.accepting).await;
    }
}

/// What a server serves can be looked at and changed as if nobody served it.
impl Deref for Server {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        &self.sandbox
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
