//! The server: starting, watching and stopping a simulated GitLab.

mod connection;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use jiff::tz::Offset;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::directory::Directory;
use crate::edition::Edition;
use crate::faults::{Faults, Script};
use crate::gitlab::{Gitlab, World};
use crate::happenings::{Act, ActError};
use crate::options::Options;
use crate::registry::{Package, Registry, RegistryError, Status};
use crate::request::Request;
use crate::store::{Context, Store};
use crate::{api, clock};

/// A simulated GitLab that listens. Dropped, it breaks off at once; [`stop`](Self::stop) lets it finish its answers.
pub struct Server {
    gitlab: Arc<Gitlab>,
    url: String,
    token: String,
    stop: CancellationToken,
    accepting: JoinHandle<()>,
}

/// The reason for which a server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The registry doesn't hang together.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The address is taken, or none of this machine's.
    #[error("can't listen on {address}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// Why it can't be listened on.
        source: io::Error,
    },
    /// A happening is done to a project that isn't there.
    #[error("happening {number} of the script can't come")]
    Happening {
        /// Its place in the script, counted from 1.
        number: usize,
        /// Why it can't be done.
        source: ActError,
    },
}

impl Server {
    /// Starts to serve a registry.
    ///
    /// # Errors
    /// When the registry doesn't hang together, a happening is done to no project of it, or the address is taken.
    pub async fn start(mut registry: Registry, options: Options) -> Result<Self, StartError> {
        registry.check()?;
        let address = options.listen;
        let listen_error = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen_error)?;
        let url = format!("http://{}", listener.local_addr().map_err(listen_error)?);
        let external_url = options.external_url.clone().unwrap_or_else(|| url.clone());
        let external_url = external_url.trim_end_matches('/').to_owned();

        if options.gitlab == Edition::V15_11 {
            // That release has no such status.
            for package in registry.packages.iter_mut().filter(|package| package.status == Status::Deprecated) {
                package.status = Status::Default;
            }
        }
        let directory = Directory::new(&mut registry);
        for (happening, number) in options.happenings.iter().zip(1..) {
            let project = happening.act.project().map_or(Ok(0), |id| directory.present(id));
            project.map_err(|source| StartError::Happening { number, source })?;
        }
        let context = Context::new(&mut registry, &directory, external_url, options.gitlab);
        let store = Store::new(&mut registry, &directory, context);
        let token = first_token(&directory).unwrap_or_default();
        let gitlab = Arc::new(Gitlab::new(World { directory, store }, &options));
        let stop = CancellationToken::new();
        let routes = api::routes(Arc::clone(&gitlab));
        let accepting = tokio::spawn(connection::accept(listener, routes, Arc::clone(&gitlab), stop.clone()));
        Ok(Self { gitlab, url, token, stop, accepting })
    }

    /// Where it listens, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The first token with the scope `api` that works; empty if there is none.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The full paths of the groups: first those at the top, the one with the most packages before the others, then
    /// the subgroups by path.
    #[must_use]
    pub fn groups(&self) -> Vec<String> {
        let world = self.gitlab.world();
        let World { directory, store } = &*world;
        let size = |at: usize| directory.projects_in(at, true).map(|project| store.rows_of(project).count()).sum();
        let (mut top, mut below): (Vec<_>, Vec<_>) =
            (0..directory.groups.len()).partition(|at| !directory.groups[*at].path.contains('/'));
        top.sort_by_cached_key(|at| std::cmp::Reverse::<usize>(size(*at)));
        below.sort_by_key(|at| &directory.groups[*at].path);
        top.iter().chain(&below).map(|at| directory.groups[*at].path.clone()).collect()
    }

    /// Every package as it is now, whatever its status, by id.
    #[must_use]
    pub fn packages(&self) -> Vec<Package> {
        let mut packages: Vec<_> = self.gitlab.world().store.rows().iter().map(|row| row.package.clone()).collect();
        packages.sort_unstable_by_key(|package| package.id);
        packages
    }

    /// The requests so far, in the order of their arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.gitlab.log().clone()
    }

    /// Replaces the script of faults; the new one counts from the beginning.
    pub fn set_faults(&self, faults: Faults) {
        *self.gitlab.script() = Script::new(faults);
    }

    /// Removes the files that are marked for destruction, and the packages that this leaves without any. GitLab does so in
    /// the background once an hour, and the sandbox never by itself.
    pub fn clean_up(&self) {
        self.gitlab.world_mut().store.clean_up();
    }

    /// Lets somebody change a group or a project at once, between two requests.
    ///
    /// # Errors
    /// When the group or project is not there, or can't be changed so; nothing has changed then.
    pub fn act(&self, act: Act) -> Result<(), ActError> {
        self.gitlab.world_mut().act(act)
    }

    /// Stops listening, lets the answers that are under way finish, and breaks off what takes longer than 3 seconds.
    pub async fn stop(mut self) {
        self.stop.cancel();
        // The task ends by itself, and has nothing to tell.
        let _ = (&mut self.accepting).await;
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

fn first_token(directory: &Directory) -> Option<String> {
    let today = Offset::UTC.to_datetime(clock::now()).date();
    let good = |token: &&crate::registry::Token| {
        let user = directory.user(&token.user).map(|at| &directory.users[at]);
        token.scopes.iter().any(|scope| scope == "api")
            && !token.job
            && !token.revoked
            && token.expires_on.is_none_or(|day| day > today)
            && user.is_some_and(|user| user.state != "blocked")
    };
    directory.tokens.iter().find(good).map(|token| token.token.clone())
}
