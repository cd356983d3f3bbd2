//! A sandbox with a registry, a policy set, and cycles over both.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use gitlab_sandbox::{Clock, FileStatus, Options, Registry, Server, Status};
use gleaner::cycle::brake::Brake;
use gleaner::cycle::execute::Tools;
use gleaner::cycle::explain::{Explained, Explainer, NotFound};
use gleaner::cycle::marking::Marking;
use gleaner::cycle::progress::{Event, Observer, Sought};
use gleaner::cycle::scribe::Scribe;
use gleaner::cycle::walk::WalkError;
use gleaner::cycle::{Cycle, Ended};
use gleaner::gitlab::{Connection, Fault, Incoming, Outgoing, Reader, Transport, Writer};
use gleaner::gitlab::{GitlabClock, Method, RequestCounts, Traffic, TrafficObserver};
use gleaner::package::address::Address;
use gleaner::package::{PackageId, PathsSeen, Reference};
use gleaner::plan::inventory::Walked;
use gleaner::plan::{Extent, ItemId, RunLimit, Succession, Take, Verdict};
use gleaner::policy::{InForce, PolicySet};
use gleaner::record::journal::Journal;
use gleaner::record::saved_plan::SavedPlan;
use gleaner::record::state::{Noted, StateStore};
use gleaner::report::{PolicyReport, Rows};
use gleaner::yaml::Source;
use gleaner_support::{InProcess, NOW, connection, in_process, options, parsed};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) set: PolicySet,
    pub(crate) stop: CancellationToken,
    pub(crate) now: Timestamp,
    theirs: Arc<Mutex<Timestamp>>,
    /// How much the walks say of marks.
    pub(crate) extent: Extent,
    /// What the runs remember; `None` remembers nothing.
    pub(crate) state: Option<StateStore>,
    pub(crate) connection: Connection,
    pub(crate) brake: Brake,
    /// Has every deletion before it is sent; `None` keeps none.
    pub(crate) journal: Option<Journal>,
    /// How much the whole run may delete.
    pub(crate) run_limit: Option<RunLimit>,
    /// Is executed, if it is there, and nothing else.
    pub(crate) saved: Option<SavedPlan>,
    /// The clock that lines of the journal are dated by.
    pub(crate) clock: gleaner::cycle::clock::Clock,
    /// What was told of deletions.
    pub(crate) deletions: Mutex<Vec<Event>>,
    /// What was told to be wrong with them.
    pub(crate) problems: Mutex<Vec<String>>,
    sent: Arc<SentHook>,
    /// What was told to be looked up, as often as it was, with what went wrong.
    pub(crate) lookups: Mutex<Vec<(Sought, Option<String>)>>,
    lookups_left: AtomicUsize,
    /// The packages whose deletions were told of, with their sizes.
    deleted: Mutex<BTreeSet<(u64, Option<u64>)>>,
    /// The same for files.
    deleted_files: Mutex<BTreeSet<(u64, Option<u64>)>>,
    /// Where the time goes on, every request with the instant at which it left.
    pub(crate) left: Arc<Mutex<Vec<Left>>>,
}

/// A request that left.
#[derive(Debug, Clone)]
pub(crate) struct Left {
    pub(crate) at: Instant,
    pub(crate) method: Method,
    pub(crate) path: String,
}

/// Notes when requests leave.
struct Timed(InProcess, Arc<Mutex<Vec<Left>>>);

impl Transport for Timed {
    fn carry(&self, outgoing: Outgoing) -> BoxFuture<'_, Result<Incoming, Fault>> {
        let path = outgoing.url.path().to_owned();
        self.1.lock().unwrap().push(Left { at: Instant::now(), method: outgoing.method, path });
        self.0.carry(outgoing)
    }
}

type Then = (usize, Box<dyn FnOnce() + Send>);

/// Does something after so many answers to deletions.
#[derive(Default)]
struct SentHook {
    then: Mutex<Option<Then>>,
}

/// Counts requests, and tells the hook of deletions.
struct Heard {
    requests: RequestCounts,
    hook: Arc<SentHook>,
}

impl TrafficObserver for Heard {
    fn on(&self, traffic: &Traffic) {
        self.requests.on(traffic);
        if matches!(traffic, Traffic::Requested { method: Method::Delete, .. }) {
            let mut then = self.hook.then.lock().unwrap();
            if let Some((left, _)) = then.as_mut() {
                *left -= 1;
                if *left == 0
                    && let Some((_, then)) = then.take()
                {
                    then();
                }
            }
        }
    }
}

/// Takes note of look-ups and deletions, and does something after so many.
struct Interruption<'a>(&'a World);

impl Observer for Interruption<'_> {
    fn on(&self, event: &Event) {
        if let Event::EvidenceRead { of, problem } = event {
            self.0.lookups.lock().unwrap().push((*of, problem.clone()));
            if self.0.lookups_left.fetch_sub(1, Ordering::Relaxed) == 1 {
                self.0.stop.cancel();
            }
        }
        let Event::Deleted { item, ending } = event else { return };
        match item.id() {
            ItemId::Package(id) => self.0.deleted.lock().unwrap().insert((id.0, item.bytes())),
            ItemId::File(id) => self.0.deleted_files.lock().unwrap().insert((id.0, item.bytes())),
        };
        self.0.problems.lock().unwrap().extend(ending.problem.clone());
        self.0.deletions.lock().unwrap().push(event.clone());
    }
}

impl World {
    /// `policies` are the texts of policy files; the first is `p0.yaml`.
    pub(crate) async fn new(registry: Registry, policies: &[&str]) -> Self {
        Self::with(registry, Options::default(), policies).await
    }

    /// Requests go to the sandbox in this process, so that time can be paused.
    pub(crate) async fn with(registry: Registry, options: Options, policies: &[&str]) -> Self {
        // GitLab's clock stands where the runs' own one stands.
        let theirs = Arc::new(Mutex::new(NOW));
        let read = theirs.clone();
        Self::by(theirs, Clock::new(move || *read.lock().unwrap()), registry, options, policies).await
    }

    /// The same, in which GitLab's clock and the one of whoever deletes go on with tokio's.
    pub(crate) async fn ticking(registry: Registry, given: Options, policies: &[&str]) -> Self {
        let (theirs, begun) = (Arc::new(Mutex::new(NOW)), Instant::now());
        let read = theirs.clone();
        let now = move || *read.lock().unwrap() + SignedDuration::try_from(begun.elapsed()).unwrap();
        let world = Self::by(theirs, Clock::new(now.clone()), registry, given, policies).await;
        let transport = Timed(InProcess((*world.server).clone()), world.left.clone());
        let settings = options("http://gitlab.test", world.server.token());
        let connection = Connection::over(Arc::new(transport), settings, Arc::new(RequestCounts::default())).unwrap();
        let clock = gleaner::cycle::clock::Clock::new(now);
        Self { connection, brake: Brake::new(&[], None, None, clock.clone()), clock, ..world }
    }

    async fn by(
        theirs: Arc<Mutex<Timestamp>>,
        clock: Clock,
        registry: Registry,
        options: Options,
        policies: &[&str],
    ) -> Self {
        let options = Options { clock, ..options };
        let server = Server::start(registry, options).await.unwrap();
        let sources: Vec<Source> = policies
            .iter()
            .enumerate()
            .map(|(number, text)| Source { file: format!("p{number}.yaml"), text: (*text).to_owned() })
            .collect();
        let set = parsed(&sources);
        let connection = in_process(&server);
        Self {
            server,
            set,
            stop: CancellationToken::new(),
            now: NOW,
            theirs,
            extent: Extent::Whole,
            state: None,
            connection,
            brake: Brake::none(),
            journal: None,
            saved: None,
            run_limit: None,
            clock: gleaner::cycle::clock::Clock::new(|| NOW),
            deletions: Mutex::default(),
            problems: Mutex::default(),
            sent: Arc::default(),
            lookups: Mutex::default(),
            lookups_left: AtomicUsize::new(usize::MAX),
            deleted: Mutex::default(),
            deleted_files: Mutex::default(),
            left: Arc::default(),
        }
    }

    /// The same over a socket.
    pub(crate) async fn over_a_socket(registry: Registry, options: Options, policies: &[&str]) -> Self {
        let world = Self::with(registry, options, policies).await;
        Self { connection: connection(world.server.url(), world.server.token()), ..world }
    }

    /// A dry run of every policy, each on what those before it leave.
    pub(crate) async fn rehearse(&self) -> Vec<PolicyReport> {
        self.each(async |cycle, walked, _| cycle.rehearse(walked).await).await
    }

    /// Executes every policy.
    pub(crate) async fn run(&self) -> Vec<PolicyReport> {
        self.run_if(async |_| Ok(())).await
    }

    /// Executes every policy whose plan `consent` agrees to.
    pub(crate) async fn run_if(&self, consent: impl AsyncFn(&PolicyReport) -> Result<(), String>) -> Vec<PolicyReport> {
        self.each(async |cycle, walked, writer| {
            let scribe = Scribe::new(self.journal.as_ref(), self.clock.clone(), Some("keeper".to_owned()));
            let tools = Tools { writer, scribe: &scribe, brake: &self.brake, run_limit: self.run_limit };
            cycle.run(walked, tools, &consent).await
        })
        .await
    }

    /// Sets GitLab's clock.
    pub(crate) fn set_their_clock(&self, now: Timestamp) {
        *self.theirs.lock().unwrap() = now;
    }

    pub(crate) fn stop_after_deletions(&self, count: usize) {
        let stop = self.stop.clone();
        self.after_deletions(count, move || stop.cancel());
    }

    pub(crate) fn stop_after_lookups(&self, count: usize) {
        self.lookups_left.store(count, Ordering::Relaxed);
    }

    /// Does something once so many deletions have been answered.
    pub(crate) fn after_deletions(&self, count: usize, then: impl FnOnce() + Send + 'static) {
        *self.sent.then.lock().unwrap() = Some((count, Box::new(then)));
    }

    pub(crate) fn address(&self) -> Address {
        self.connection.address().clone()
    }

    async fn each(
        &self,
        run: impl AsyncFn(Cycle<'_>, Result<&Walked, &WalkError>, &Writer) -> Ended,
    ) -> Vec<PolicyReport> {
        *self.theirs.lock().unwrap() = self.now;
        let (mut succession, mut take) = (Succession::of(self.set.policies_at(self.now)), Take::default());
        let mut reports = Vec::new();
        while let Some((in_force, taken)) = succession.next(take) {
            let heard = Arc::new(Heard { requests: RequestCounts::default(), hook: self.sent.clone() });
            let connection = self.connection.heard_by(heard.clone());
            let memory = self.state.as_ref().map(|state| state.memory_of(&in_force.policy().name));
            let saved = self.saved.as_ref().map(|plan| plan.deletions_of(&in_force.policy().name));
            let cycle = Cycle {
                reader: &Reader::new(&connection),
                requests: &heard.requests,
                in_force,
                projects: None,
                taken,
                memory: memory.as_ref(),
                saved: saved.as_ref(),
                marking: self.marking(),
                rows: Rows::All,
                theirs: &GitlabClock::default(),
                observer: &Interruption(self),
                stop: &self.stop,
            };
            let walked = cycle.walk().await;
            let ended = run(cycle, walked.as_ref(), &Writer::new(&connection)).await;
            if let Some(state) = &self.state {
                let noted = Noted { held: None, ..ended.noted(None) };
                state.remember(&in_force.policy().name, noted, self.now).unwrap();
            }
            take = ended.take;
            reports.push(ended.report);
        }
        reports
    }

    fn marking(&self) -> Marking<'_> {
        let kept = |state| Marking::Kept { book: StateStore::marks(state), extent: self.extent };
        self.state.as_ref().map_or(Marking::Nowhere, kept)
    }

    pub(crate) fn reader(&self) -> Reader {
        Reader::new(&self.connection)
    }

    /// Explains packages of one project, which is walked once.
    pub(crate) async fn explain(&self, project: &str, ids: &[u64]) -> Vec<Result<Explained, NotFound>> {
        let policies: Vec<InForce<'_>> = self.set.policies_at(self.now).collect();
        let explainer = Explainer {
            reader: &self.reader(),
            policies: &policies,
            remembered: &PathsSeen::default(),
            branches: &self.state.as_ref().map(StateStore::branches).unwrap_or_default(),
            observer: &Interruption(self),
            stop: &self.stop,
        };
        let walked = explainer.walk(&Reference::parse(project).unwrap()).await.unwrap();
        let mut explained = Vec::new();
        for id in ids {
            explained.push(explainer.explain(&walked, PackageId(*id)).await);
        }
        explained
    }

    /// The ids of the packages that clients or the API can still get at.
    pub(crate) fn present(&self) -> BTreeSet<u64> {
        let packages = self.server.packages();
        packages
            .iter()
            .filter(|package| package.status != Status::PendingDestruction)
            .map(|package| package.id)
            .collect()
    }

    /// The packages whose deletions were told of while they went on, with their sizes.
    pub(crate) fn deleted(&self) -> BTreeSet<(u64, Option<u64>)> {
        self.deleted.lock().unwrap().clone()
    }

    /// The same for files.
    pub(crate) fn deleted_files(&self) -> BTreeSet<(u64, Option<u64>)> {
        self.deleted_files.lock().unwrap().clone()
    }

    /// The ids of the files that clients can still get at.
    pub(crate) fn present_files(&self) -> BTreeSet<u64> {
        let packages = self.server.packages().into_iter();
        let present = packages.filter(|package| package.status != Status::PendingDestruction);
        let files = present.flat_map(|package| package.files);
        files.filter(|file| file.status == FileStatus::Default).map(|file| file.id).collect()
    }

    /// What somebody else deletes with.
    pub(crate) fn writer(&self) -> Writer {
        Writer::new(&self.connection)
    }

    pub(crate) fn deletes(&self) -> usize {
        self.server.requests().iter().filter(|request| request.method == "DELETE").count()
    }
}

/// The ids of what goes, over all reports.
pub(crate) fn deletions(reports: &[PolicyReport]) -> BTreeSet<u64> {
    let rows = reports.iter().flat_map(|report| &report.decisions);
    rows.filter(|row| row.verdict() == Verdict::Delete).map(|row| row.package.id.0).collect()
}

/// The ids of the files that go, over all reports.
pub(crate) fn file_deletions(reports: &[PolicyReport]) -> BTreeSet<u64> {
    let rows = reports.iter().flat_map(|report| &report.file_decisions);
    rows.filter(|row| row.verdict() == Verdict::Delete).filter_map(|row| Some(row.item.file()?.0)).collect()
}
