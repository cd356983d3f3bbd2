//! Opens the connection that a command asks for, to a real GitLab or to the embedded one.

use std::error::Error;
use std::sync::Arc;

use gitlab_sandbox::{Options, Registry, Server};
use jiff::Timestamp;

use super::UsageError;
use crate::cli::settings::GitlabArgs;
use crate::gitlab::{Connection, ConnectionOptions, Credential, TokenKind, TrafficObserver};
use crate::package::address::Address;
use crate::policy::PolicySet;
use crate::record::lock::{LockError, MachineLock};

/// The packages and the seed of the registry that `--sandbox` starts.
const SANDBOX: (usize, u64) = (8_000, 1);

pub(super) struct Gitlab {
    pub(super) connection: Connection,
    /// The embedded GitLab, which ends when it is dropped.
    sandbox: Option<Server>,
}

impl Gitlab {
    /// Opens the connection; nothing is sent yet. A GitLab that the set is not for is refused.
    pub(super) async fn open(
        args: &GitlabArgs,
        set: &PolicySet,
        now: Timestamp,
        observer: Arc<dyn TrafficObserver>,
    ) -> Result<Self, Box<dyn Error>> {
        let (options, sandbox) = if args.sandbox {
            let (options, server) = start_sandbox(now).await?;
            (options, Some(server))
        } else {
            (args.connection().map_err(UsageError::from)?, None)
        };
        let connection = Connection::open(options, observer).map_err(UsageError::from)?;
        let gitlab = Self { connection, sandbox };
        if let (Some(instance), Some(address)) = (&set.instance, gitlab.real_address())
            && let Some(url) = instance.elsewhere(address)
        {
            let (file, url, address) = (instance.source.clone(), url.to_string(), address.to_string());
            return Err(UsageError::Elsewhere { file, url, address }.into());
        }
        Ok(gitlab)
    }

    /// Returns the address that an instance file may object to. In the embedded sandbox nothing real can be deleted.
    pub(super) fn real_address(&self) -> Option<&Address> {
        self.sandbox.is_none().then(|| self.connection.address())
    }

    /// Takes the right to delete on it from this machine, which one process has at a time. The embedded sandbox is this
    /// process's own.
    pub(super) fn lock(&self, command: &str, now: Timestamp) -> Result<Option<MachineLock>, LockError> {
        let take = |address| MachineLock::take(MachineLock::place(), address, command, now);
        self.real_address().map(take).transpose()
    }
}

async fn start_sandbox(now: Timestamp) -> Result<(ConnectionOptions, Server), Box<dyn Error>> {
    let (packages, seed) = SANDBOX;
    let registry = Registry::generate(packages, seed, now);
    let server = Server::start(registry, Options::default()).await?;
    let credential = Credential::Fixed { kind: TokenKind::Private, token: server.token().to_owned().into() };
    Ok((ConnectionOptions::new(server.url(), credential), server))
}
