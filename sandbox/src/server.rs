//! The server: starting, watching and stopping a simulated GitLab.

mod connection;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::Offset;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::directory::Directory;
use crate::edition::{DownloadsTold, Edition};
use crate::faults::{Faults, Script};
use crate::gitlab::{Gitlab, World};
use crate::happenings::{Act, ActError, Happening};
use crate::rate_limit::RateLimit;
use crate::registry::{Package, Registry, RegistryError, Status};
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

/// How a server is set up. By default it listens on a free port of the loopback interface, is as fast as it can be,
/// gives every total and is a GitLab 18.5.
#[derive(Debug, Clone)]
pub struct Options {
    pub listen: SocketAddr,
    /// The URL that GitLab believes to have, which stands in its `Link` headers and links; `None` is the real one.
    /// If it has a path, the routes are found below that as well.
    pub external_url: Option<String>,
    /// Above so many rows a listing has no totals; GitLab's own limit, where it is on, is 10,000.
    pub count_limit: Option<usize>,
    /// The most rows on a page, whatever is asked for. GitLab's own number is 100; with fewer, a few rows make a listing
    /// of many pages.
    pub largest_page: usize,
    /// The wait before every answer.
    pub latency: Duration,
    pub rate_limit: Option<RateLimit>,
    pub faults: Faults,
    /// What people do meanwhile, in the order of the script where several things are due before one request.
    pub happenings: Vec<Happening>,
    /// The release to play.
    pub gitlab: Edition,
    /// Which rows tell when a package was last downloaded.
    pub downloads: DownloadsTold,
    /// Whether answers tell the time in a `Date` header; some proxies take it out.
    pub tells_time: bool,
    /// Whether to remember the requests for [`Server::requests`]. A server that runs for days had better not.
    pub keep_requests: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            external_url: None,
            count_limit: None,
            largest_page: 100,
            latency: Duration::ZERO,
            rate_limit: None,
            faults: Faults::default(),
            happenings: Vec::new(),
            gitlab: Edition::default(),
            downloads: DownloadsTold::default(),
            tells_time: true,
            keep_requests: true,
        }
    }
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error("can't listen on {address}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("happening {number} of the script can't come")]
    Happening { number: usize, source: ActError },
}

/// One request that the server was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// Path and query, as they were sent.
    pub path: String,
    /// Whether it carried a token of any kind, good or bad.
    pub with_token: bool,
    /// What was answered; `None` while there is no answer, and where the connection was closed instead.
    pub status: Option<u16>,
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

    /// Does what GitLab does in the background once an hour, and the sandbox never by itself: removes the files that
    /// are marked for destruction, and the packages that this leaves without any.
    pub fn clean_up(&self) {
        self.gitlab.world_mut().store.clean_up();
    }

    /// Does at once what somebody does to a group or a project, between two requests.
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
