//! The simulated GitLab behind the routes: what it holds, how it is set up, and what it was asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use crate::clock::Clock;
use crate::edition::{DownloadsTold, Edition};
use crate::faults::Script;
use crate::happenings::{Act, ActError, Agenda, ToCome};
use crate::options::Options;
use crate::rate_limit::Limiter;
use crate::registry::Registry;
use crate::request::Request;
use crate::world::World;

/// Shared by all connections.
pub(crate) struct Gitlab {
    world: RwLock<World>,
    /// The state as it was told last, until something changes.
    snapshot: Mutex<Option<Arc<Registry>>>,
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

impl Gitlab {
    pub(crate) fn new(world: World, options: &Options) -> Self {
        let url = options.external_url.as_deref().unwrap_or_default().trim_end_matches('/');
        let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
        Self {
            path_prefix: path.map(|(_, path)| format!("/{path}")).unwrap_or_default(),
            world: RwLock::new(world),
            snapshot: Mutex::default(),
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
        let world = self.world.write().unwrap_or_else(PoisonError::into_inner);
        *self.snapshot.lock().unwrap_or_else(PoisonError::into_inner) = None;
        world
    }

    /// The whole state as it is now; the same one as before where nothing has changed.
    pub(crate) fn snapshot(&self) -> Arc<Registry> {
        let world = self.world();
        let mut snapshot = self.snapshot.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(snapshot.get_or_insert_with(|| Arc::new(world.snapshot())))
    }

    /// Counts a request, lets happen what the script has before its answer, and returns what it has after it.
    pub(crate) fn happen(&self, method: &str, url: &str) -> Result<Vec<ToCome>, String> {
        self.agenda().pass(method, url, |act| self.act(act))
    }

    /// Lets happen what the script has after an answer. Whatever can't be done shows in the next answer.
    pub(crate) fn happen_after(&self, due: Vec<ToCome>) {
        let _ = self.agenda().play(due, |act| self.act(act));
    }

    fn agenda(&self) -> MutexGuard<'_, Agenda> {
        self.agenda.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what somebody does.
    pub(crate) fn act(&self, act: Act) -> Result<(), ActError> {
        self.world_mut().act(act, self.clock.now())
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, Vec<Request>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
