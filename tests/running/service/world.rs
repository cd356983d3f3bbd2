//! A daemon in process against a sandbox, under a clock that only the test moves.
//!
//! The runtime's clock is paused, and held so: left to itself it would jump ahead whenever everybody waits for the
//! network. Nobody sleeps here; a test waits for what the daemon tells.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gitlab_sandbox::{Package, PackageType, Project, Registry, Server, Status};
use gleaner::cycle::clock::Clock;
use gleaner::gitlab::RequestCounts;
use gleaner::gitlab::{Connection, RetryPolicy};
use gleaner::record::journal::Journal;
use gleaner::record::reports::{ReportFolder, ReportStore};
use gleaner::record::state::StateStore;
use gleaner::serve::agenda::Jitter;
use gleaner::serve::metrics::Metrics;
use gleaner::serve::notice::{Authority, Listener, Listeners};
use gleaner::serve::{Daemon, DaemonParts, OnStart, Options, PolicyFiles, Rehearsal, Signals};
use gleaner_support::{kept, options, run_start};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::service::told::{Recorder, Running};

/// The groups of the registry, each with one project, in the order of their ids.
pub(crate) const GROUPS: [&str; 3] = ["acme", "beta", "gamma"];

/// Executes what is in `mode: delete` once it was rehearsed, and runs nothing before its time.
pub(crate) const EXECUTE: Options = Options {
    authority: Authority::Execute,
    rehearsal: Rehearsal::Required,
    on_start: OnStart::Wait,
    jitter: Jitter::none(),
    concurrent: 2,
};

/// So long the runtime's clock is held in real time. A test that takes longer waits for what never comes.
const HELD: Duration = Duration::from_secs(60);

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) time: Time,
    pub(crate) metrics: Arc<Metrics>,
    _hold: mpsc::Sender<()>,
    is_overtime: Arc<AtomicBool>,
}

/// The daemon's clock. It stands at a full minute at first, the one that the sandbox's own clock is in.
#[derive(Clone)]
pub(crate) struct Time {
    start: Timestamp,
    began: Instant,
    /// What the clock was set by, beside the time that passed.
    set_by: Arc<Mutex<SignedDuration>>,
}

impl World {
    /// `packages` old npm packages of one version each in every group: ids from 101, 201 and 301.
    pub(crate) async fn with(packages: u64) -> Self {
        Self::over(|time| registry(packages, time)).await
    }

    pub(crate) async fn over(registry: impl FnOnce(&Time) -> Registry) -> Self {
        Self::of(registry, Time::options).await
    }

    /// Over a GitLab that is set up in its own way.
    pub(crate) async fn of(
        registry: impl FnOnce(&Time) -> Registry,
        options: impl FnOnce(&Time) -> gitlab_sandbox::Options,
    ) -> Self {
        let (hold, held) = mpsc::channel::<()>();
        let is_overtime = Arc::new(AtomicBool::new(false));
        // A blocking task keeps a paused clock where it is.
        let overtime = is_overtime.clone();
        tokio::task::spawn_blocking(move || {
            if held.recv_timeout(HELD) == Err(mpsc::RecvTimeoutError::Timeout) {
                overtime.store(true, Ordering::Relaxed);
            }
        });
        let time = Time::begin();
        let server = Server::start(registry(&time), options(&time)).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("policies")).unwrap();
        // What the daemon may do only labels one gauge.
        let metrics = Arc::new(Metrics::new(Authority::Execute).unwrap());
        Self { server, folder, time, metrics, _hold: hold, is_overtime }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("policies").join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn change(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{from:?} is not in {text}");
        self.write(name, &text.replace(from, to));
    }

    /// Starts a daemon whose state is kept, over the policies as they are, and waits until they are in force.
    pub(crate) async fn start(&self, options: Options) -> Running {
        self.start_with(options, Vec::new()).await
    }

    /// Starts it with further listeners.
    pub(crate) async fn start_with(&self, options: Options, more: Vec<Arc<dyn Listener>>) -> Running {
        let state = StateStore::open(&self.state(), "gleaner X.Y.Z", self.server.url()).unwrap();
        self.start_over(options, more, state).await
    }

    /// Starts it with a state that ends with it.
    pub(crate) async fn start_forgetful(&self, options: Options) -> Running {
        let state = StateStore::in_memory("gleaner X.Y.Z", self.server.url());
        self.start_over(options, Vec::new(), (state, None)).await
    }

    async fn start_over(
        &self,
        options: Options,
        more: Vec<Arc<dyn Listener>>,
        (state, complaint): (StateStore, Option<String>),
    ) -> Running {
        let (recorder, told) = Recorder::new();
        let mut listeners: Vec<Arc<dyn Listener>> = vec![Arc::new(recorder), self.metrics.clone()];
        listeners.extend(more);
        let listeners = Listeners::new(listeners);
        let mut files = PolicyFiles::new(vec![self.folder.path().join("policies")]);
        let set = files.read().unwrap();
        let signals = Signals::default();
        let connection = self.connection();
        let address = Some(connection.address().clone());
        let journal = (options.authority == Authority::Execute).then(|| self.journal("daemon"));
        let (url, clock) = (self.server.url(), self.time.clock());
        let (reports, problems) = ReportStore::open(ReportFolder::beside(self.folder.path(), "gleaner X.Y.Z", url));
        assert!(problems.is_empty(), "{problems:?}");
        let reports = Arc::new(reports);
        let parts = DaemonParts { connection, clock, listeners, state, journal, reports, files, address };
        let daemon = Daemon::new(options, signals.clone(), parts);
        let daemon = tokio::spawn(daemon.run(set));
        let mut running = Running::new(signals, complaint, told, daemon, self.is_overtime.clone());
        running.loaded().await;
        running
    }

    /// Opens the journal for a run of this name.
    pub(crate) fn journal(&self, run: &str) -> Journal {
        self.journal_at(run, self.time.now())
    }

    /// Opens it at another time.
    pub(crate) fn journal_at(&self, run: &str, now: Timestamp) -> Journal {
        let start = run_start(run, self.server.url());
        Journal::open(&self.folder.path().join("journal"), start, now).unwrap().journal
    }

    /// The folder of the state.
    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn connection(&self) -> Connection {
        let mut options = options(self.server.url(), self.server.token());
        // A back-off would wait for a clock that stands.
        options.retry = RetryPolicy { first_backoff: Duration::ZERO, ..RetryPolicy::default() };
        Connection::open(options, Arc::new(RequestCounts::default())).unwrap()
    }

    /// The ids of the packages that are there.
    pub(crate) fn present(&self) -> BTreeSet<u64> {
        let packages = self.server.packages();
        packages.iter().filter(|package| package.status == Status::Default).map(|package| package.id).collect()
    }

    /// How many requests of this method have a path with these words, answered or not.
    pub(crate) fn requests(&self, method: &str, words: &str) -> usize {
        let requests = self.server.requests();
        requests.iter().filter(|request| request.method == method && request.path.contains(words)).count()
    }

    /// How often pages of the packages of a group were asked for.
    pub(crate) fn listings(&self, group: &str) -> usize {
        self.requests("GET", &format!("/groups/{group}/packages"))
    }

    /// The value of a metric without labels.
    pub(crate) fn metric(&self, name: &str) -> String {
        let text = self.metrics.render().unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("gleaner_{name} ")));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).to_owned()
    }

    /// Waits, while the clock stands, until something holds of this world.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        while !holds(self) {
            assert!(!self.is_overtime.load(Ordering::Relaxed), "it never came to this: {what}");
            tokio::task::yield_now().await;
        }
    }
}

impl Time {
    #[expect(clippy::disallowed_methods, reason = "the sandbox tells the real time, and clocks have to agree")]
    fn begin() -> Self {
        let now = Timestamp::now().as_second();
        let start = Timestamp::from_second(now - now % 60).unwrap();
        Self { start, began: Instant::now(), set_by: Arc::default() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.start + SignedDuration::try_from(self.began.elapsed()).unwrap() + *self.set_by.lock().unwrap()
    }

    /// A GitLab whose clock is this one.
    pub(crate) fn options(&self) -> gitlab_sandbox::Options {
        let time = self.clone();
        gitlab_sandbox::Options { clock: gitlab_sandbox::Clock::new(move || time.now()), ..Default::default() }
    }

    /// A GitLab whose clock stays what it is when this one is set.
    pub(crate) fn options_apart(&self) -> gitlab_sandbox::Options {
        let (start, began) = (self.start, self.began);
        let clock = move || start + SignedDuration::try_from(began.elapsed()).unwrap();
        gitlab_sandbox::Options { clock: gitlab_sandbox::Clock::new(clock), ..Default::default() }
    }

    pub(crate) fn clock(&self) -> Clock {
        let time = self.clone();
        Clock::new(move || time.now())
    }

    /// Lets time pass.
    pub(crate) async fn pass(&self, time: Duration) {
        tokio::time::advance(time).await;
        // Whoever waited for this is called now.
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
    }

    /// Lets a minute pass, so that whatever runs every minute is due once.
    pub(crate) async fn minute(&self) {
        // A timer may be a millisecond late.
        let second = self.now().as_second() - self.start.as_second();
        self.pass(Duration::from_secs(61 - u64::try_from(second.rem_euclid(60)).unwrap())).await;
    }

    /// Lets so much time pass that the daemon has looked at its files.
    pub(crate) async fn look(&self) {
        self.pass(Duration::from_secs(6)).await;
    }

    /// Sets the clock.
    pub(crate) fn set_by(&self, time: SignedDuration) {
        *self.set_by.lock().unwrap() += time;
    }

    pub(crate) fn days_ago(&self, days: i64) -> Timestamp {
        self.start - SignedDuration::from_hours(24 * days)
    }
}

/// A policy that takes every old package of a group, every minute.
pub(crate) fn policy(group: &str, mode: &str) -> String {
    format!(
        "version: 1\nmode: {mode}\nschedule: \"* * * * *\"\nscope: {{ group: {group}, types: [npm] }}\n\
         delete: [{{ older_than: 30d, allow_latest: true }}]\n\
         limits: {{ max_percent: 100, max_percent_per_project: 100 }}\n"
    )
}

/// The ids of so many packages of a group of the registry.
pub(crate) fn ids(group: u64, packages: u64) -> BTreeSet<u64> {
    (1..=packages).map(|number| group * 100 + number).collect()
}

/// `GROUPS`, each with so many old npm packages.
pub(crate) fn registry(packages: u64, time: &Time) -> Registry {
    let each = || (1_u64..).zip(GROUPS);
    let packages = each().flat_map(|(id, _)| {
        ids(id, packages).into_iter().map(move |package| old(package, id, &format!("tool-{package}"), "1.0.0", time))
    });
    Registry {
        projects: each().map(|(id, path)| Project { id, path: format!("{path}/app"), ..Project::default() }).collect(),
        packages: packages.collect(),
        ..kept(&GROUPS)
    }
}

/// A package that nobody touched for 100 days.
pub(crate) fn old(id: u64, project_id: u64, name: &str, version: &str, time: &Time) -> Package {
    Package {
        id,
        project_id,
        package_type: PackageType::Npm,
        name: name.to_owned(),
        version: Some(version.to_owned()),
        created_at: time.days_ago(100),
        updated_at: time.days_ago(100),
        ..Package::default()
    }
}
