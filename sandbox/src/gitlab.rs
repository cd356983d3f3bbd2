//! The simulated GitLab behind the routes: what it holds, how it is set up, and what it was asked.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use crate::directory::{Caller, Directory, REPORTER};
use crate::edition::Edition;
use crate::faults::Script;
use crate::rate_limit::Limiter;
use crate::server::Request;
use crate::store::Store;

/// Shared by all connections.
pub(crate) struct Gitlab {
    pub(crate) directory: Directory,
    store: RwLock<Store>,
    /// The path of the URL that clients are told, empty for none.
    pub(crate) path_prefix: String,
    pub(crate) edition: Edition,
    pub(crate) count_limit: Option<usize>,
    pub(crate) latency: Duration,
    pub(crate) tells_time: bool,
    pub(crate) limiter: Option<Limiter>,
    pub(crate) keep_requests: bool,
    script: Mutex<Script>,
    log: Mutex<Vec<Request>>,
}

impl Gitlab {
    pub(crate) fn new(directory: Directory, store: Store, options: &crate::Options) -> Self {
        let url = options.external_url.as_deref().unwrap_or_default().trim_end_matches('/');
        let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
        Self {
            path_prefix: path.map(|(_, path)| format!("/{path}")).unwrap_or_default(),
            directory,
            store: RwLock::new(store),
            edition: options.gitlab,
            count_limit: options.count_limit,
            latency: options.latency,
            tells_time: options.tells_time,
            limiter: options.rate_limit.map(Limiter::new),
            keep_requests: options.keep_requests,
            script: Mutex::new(Script::new(options.faults.clone())),
            log: Mutex::default(),
        }
    }

    pub(crate) fn store(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn store_mut(&self) -> RwLockWriteGuard<'_, Store> {
        self.store.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, Vec<Request>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the caller may read a project's packages. Since guests may pull packages, whoever sees a project may;
    /// before, it took a reporter in what isn't public (app/finders/packages/projects_finder.rb).
    pub(crate) fn reads_packages(&self, caller: Caller, project: usize) -> bool {
        let directory = &self.directory;
        let open = directory.sees_project(Caller::Anonymous, project);
        directory.projects[project].packages_enabled
            && directory.sees_project(caller, project)
            && (self.edition == Edition::V18_5 || open || directory.level(caller, project) >= REPORTER)
    }
}
