//! The simulated GitLab behind the routes: what it holds, how it is set up, and what it was asked.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use jiff::civil::Date;

use crate::clock::Clock;
use crate::directory::{Caller, Directory, REPORTER};
use crate::edition::{DownloadsTold, Edition};
use crate::faults::Script;
use crate::happenings::{Act, ActError, Agenda};
use crate::options::Options;
use crate::rate_limit::Limiter;
use crate::request::Request;
use crate::store::Store;

/// Shared by all connections.
pub(crate) struct Gitlab {
    world: RwLock<World>,
    /// The path of the URL that clients are told, empty for none.
    pub(crate) path_prefix: String,
    pub(crate) edition: Edition,
    pub(crate) downloads: DownloadsTold,
    pub(crate) count_limit: Option<usize>,
    pub(crate) largest_page: usize,
    pub(crate) latency: Duration,
    pub(crate) tells_time: bool,
    pub(crate) clock: Clock,
    pub(crate) limiter: Option<Limiter>,
    pub(crate) keep_requests: bool,
    script: Mutex<Script>,
    agenda: Mutex<Agenda>,
    log: Mutex<Vec<Request>>,
}

/// Everything that GitLab holds. A request locks it once, after its token was found good, and so sees one state of it.
pub(crate) struct World {
    pub(crate) directory: Directory,
    pub(crate) store: Store,
}

impl Gitlab {
    pub(crate) fn new(world: World, options: &Options) -> Self {
        let url = options.external_url.as_deref().unwrap_or_default().trim_end_matches('/');
        let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
        Self {
            path_prefix: path.map(|(_, path)| format!("/{path}")).unwrap_or_default(),
            world: RwLock::new(world),
            edition: options.gitlab,
            downloads: options.downloads,
            count_limit: options.count_limit,
            largest_page: options.largest_page.max(1),
            latency: options.latency,
            tells_time: options.tells_time,
            clock: options.clock.clone(),
            limiter: options.rate_limit.map(Limiter::new),
            keep_requests: options.keep_requests,
            script: Mutex::new(Script::new(options.faults.clone())),
            agenda: Mutex::new(Agenda::new(options.happenings.clone())),
            log: Mutex::default(),
        }
    }

    pub(crate) fn world(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn world_mut(&self) -> RwLockWriteGuard<'_, World> {
        self.world.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request, and lets happen what the script has before it.
    pub(crate) fn happen(&self, method: &str, url: &str) -> Result<(), String> {
        let mut agenda = self.agenda.lock().unwrap_or_else(PoisonError::into_inner);
        agenda.pass(method, url, |act| self.act(act))
    }

    /// Does what somebody does.
    pub(crate) fn act(&self, act: Act) -> Result<(), ActError> {
        self.world_mut().act(act, self.clock.today())
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, Vec<Request>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl World {
    /// Returns whether the caller may read a project's packages. Since guests may pull packages, whoever sees a project
    /// may; before, it took a reporter in what isn't public (app/finders/packages/projects_finder.rb).
    pub(crate) fn reads_packages(&self, caller: Caller, project: usize) -> bool {
        let directory = &self.directory;
        let open = directory.sees_project(Caller::Anonymous, project);
        directory.projects[project].packages_enabled
            && directory.sees_project(caller, project)
            && (self.store.context().edition == Edition::V18_5 || open || directory.level(caller, project) >= REPORTER)
    }

    fn act(&mut self, act: Act, today: Date) -> Result<(), ActError> {
        self.directory.act(act, today)?;
        self.store.follow(&self.directory);
        Ok(())
    }
}
