//! The simulated GitLab behind the routes: what it holds, how it is set up, and what it was asked.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::SignedDuration;

use crate::branch_cache::KeptBranches;
use crate::clock::Clock;
use crate::edition::{DownloadsTold, Edition};
use crate::faults::{Faults, Script};
use crate::happenings::{Act, ActError, Agenda, ToCome};
use crate::options::Options;
use crate::rate_limit::Limiter;
use crate::request::Request;
use crate::state::State;
use crate::world::World;

/// Shared by all connections.
pub(crate) struct Gitlab {
    pub(crate) state: State,
    /// The path of the URL that clients are told, empty for none.
    pub(crate) path_prefix: String,
    pub(crate) edition: Edition,
    pub(crate) downloads: DownloadsTold,
    pub(crate) count_limit: Option<usize>,
    pub(crate) largest_page: usize,
    pub(crate) latency: Duration,
    pub(crate) tells_time: bool,
    /// How far behind the replicas are that answer.
    pub(crate) lag: SignedDuration,
    pub(crate) branches: KeptBranches,
    pub(crate) clock: Clock,
    pub(crate) limiter: Option<Limiter>,
    pub(crate) keep_requests: bool,
    script: Mutex<Script>,
    agenda: Mutex<Agenda>,
    log: Mutex<Vec<Request>>,
    /// How many requests it has named.
    named: AtomicU64,
}

impl Gitlab {
    /// Names one more request, in the form of those that GitLab's own proxy gives.
    pub(crate) fn name(&self) -> String {
        format!("01SANDBOX{:017}", self.named.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn new(world: World, options: &Options) -> Self {
        let url = options.external_url.as_deref().unwrap_or_default().trim_end_matches('/');
        let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
        let signed = |time| SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
        let gitlab = Self {
            path_prefix: path.map(|(_, path)| format!("/{path}")).unwrap_or_default(),
            state: State::new(world, options.clock.clone()),
            edition: options.gitlab,
            downloads: options.downloads,
            count_limit: options.count_limit,
            largest_page: options.largest_page.max(1),
            latency: options.latency,
            tells_time: options.tells_time,
            clock: options.clock.clone(),
            limiter: options.rate_limit.map(Limiter::new),
            keep_requests: options.keep_requests,
            named: AtomicU64::new(0),
            script: Mutex::new(Script::new(Faults::default())),
            lag: signed(options.lag),
            branches: KeptBranches::new(signed(options.branches_cached)),
            agenda: Mutex::new(Agenda::new(options.happenings.clone())),
            log: Mutex::default(),
        };
        gitlab.set_faults(options.faults.clone());
        gitlab
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
        self.state.change(|world| {
            let now = world.now;
            world.act(act, now)
        })
    }

    /// Replaces the script of faults, which counts from the beginning.
    pub(crate) fn set_faults(&self, faults: Faults) {
        let script = Script::new(faults);
        self.state.keep(self.lag.saturating_add(script.reach()));
        *self.script() = script;
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, Vec<Request>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
