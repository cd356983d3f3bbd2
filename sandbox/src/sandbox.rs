//! A simulated GitLab in the process: it answers requests without a socket.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request as HttpRequest, Response as HttpResponse, StatusCode};

use crate::directory::Directory;
use crate::edition::Edition;
use crate::faults::{Faults, Script};
use crate::gitlab::Gitlab;
use crate::happenings::{Act, ActError};
use crate::options::Options;
use crate::registry::{Package, Registry, RegistryError, Status};
use crate::request::Request;
use crate::store::{Context, Store};
use crate::world::World;
use crate::{api, front};

/// A simulated GitLab, cheap to clone. All clones are one GitLab. [`Server`](crate::Server) is one that listens.
#[derive(Clone)]
pub struct Sandbox {
    gitlab: Arc<Gitlab>,
    routes: Router,
    token: Arc<str>,
}

/// Why a sandbox can't be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The registry doesn't hang together.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// A happening is done to a project that isn't there.
    #[error("happening {number} of the script can't come")]
    Happening {
        /// Its place in the script, counted from 1.
        number: usize,
        /// Why it can't be done.
        source: ActError,
    },
}

/// Why a request has no whole answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrokenOff {
    /// The connection was closed without a word.
    #[error("the connection was closed")]
    HungUp,
    /// The answer ended in the middle of its body.
    #[error("the answer broke off")]
    CutOff,
}

impl Sandbox {
    /// Opens a registry. `options.listen` says nothing here. Without `options.external_url` GitLab believes that it is
    /// at `http://gitlab.test`.
    ///
    /// # Errors
    /// When the registry doesn't hang together, or a happening is done to no project of it.
    pub fn open(mut registry: Registry, options: &Options) -> Result<Self, OpenError> {
        registry.check()?;
        if options.gitlab == Edition::V15_11 {
            // That release has no such status.
            for package in registry.packages.iter_mut().filter(|package| package.status == Status::Deprecated) {
                package.status = Status::Default;
            }
        }
        let directory = Directory::new(&mut registry);
        for (happening, number) in options.happenings.iter().zip(1..) {
            let project = happening.act.project().map_or(Ok(0), |id| directory.present(id));
            project.map_err(|source| OpenError::Happening { number, source })?;
        }
        let external_url = options.external_url.as_deref().unwrap_or(DEFAULT_URL).trim_end_matches('/');
        let context = Context::new(&mut registry, &directory, external_url.to_owned(), options.gitlab);
        let store = Store::new(&mut registry, &directory, context);
        let today = options.clock.today();
        let good = |token: &&crate::registry::Token| {
            let user = directory.user(&token.user).map(|at| &directory.users[at]);
            token.scopes.iter().any(|scope| scope == "api")
                && !token.job
                && !token.revoked
                && token.expires_on.is_none_or(|day| day > today)
                && user.is_some_and(|user| user.state != "blocked")
        };
        let token = directory.tokens.iter().find(good).map(|token| token.token.as_str().into()).unwrap_or_default();
        let gitlab = Arc::new(Gitlab::new(World { directory, store }, options));
        let routes = api::routes(Arc::clone(&gitlab));
        Ok(Self { gitlab, routes, token })
    }

    /// Answers a request: first what stands before the routes, then the route itself.
    ///
    /// # Errors
    /// When a fault closes the connection in place of an answer, or in the middle of one.
    pub async fn answer(&self, request: HttpRequest<Bytes>) -> Result<HttpResponse<Bytes>, BrokenOff> {
        let answer = self.stream(request.map(Body::from)).await?;
        let (parts, body) = answer.into_parts();
        // HTTP has no body here, so there is nothing to break off in.
        let body = match parts.status {
            StatusCode::NO_CONTENT => Bytes::new(),
            _ => to_bytes(body, usize::MAX).await.map_err(|_| BrokenOff::CutOff)?,
        };
        Ok(HttpResponse::from_parts(parts, body))
    }

    /// Answers a request with a body that comes piece by piece.
    pub(crate) async fn stream(&self, request: HttpRequest<Body>) -> Result<HttpResponse<Body>, BrokenOff> {
        front::answer(self.routes.clone(), &self.gitlab, request).await
    }

    /// Returns the first token with the scope `api` that works; empty if there is none.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Returns the full paths of the groups: first those at the top, the one with the most packages before the others,
    /// then the subgroups by path.
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

    /// Returns every package as it is now, whatever its status, by id.
    #[must_use]
    pub fn packages(&self) -> Vec<Package> {
        let mut packages: Vec<_> = self.gitlab.world().store.rows().iter().map(|row| row.package.clone()).collect();
        packages.sort_unstable_by_key(|package| package.id);
        packages
    }

    /// Returns the whole state as it is now. Opened again it gives the same answers to the same questions. As long as nothing
    /// changes it is the same [`Arc`], so that a test can keep one for every request.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Registry> {
        self.gitlab.snapshot()
    }

    /// Returns the requests so far, in the order of their arrival.
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

    /// Lets somebody do something at once, between two requests.
    ///
    /// # Errors
    /// When it can't be done; nothing has changed then.
    pub fn act(&self, act: Act) -> Result<(), ActError> {
        self.gitlab.act(act)
    }
}

/// The address of a GitLab that nobody has given one.
const DEFAULT_URL: &str = "http://gitlab.test";

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").finish_non_exhaustive()
    }
}
