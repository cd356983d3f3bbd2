//! A board that has heard what a daemon would tell it, of real cycles against a sandbox.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gitlab_sandbox::{Options, Registry, Server};
use gleaner::cycle::Cycle;
use gleaner::cycle::brake::Brake;
use gleaner::cycle::clock::Clock;
use gleaner::cycle::execute::Tools;
use gleaner::cycle::marking::Marking;
use gleaner::cycle::progress::{Event, Observer};
use gleaner::cycle::scribe::Scribe;
use gleaner::gitlab::{Connection, Reader, Writer};
use gleaner::gitlab::{GitlabClock, RequestCounts};
use gleaner::plan::Taken;
use gleaner::policy::PolicySet;
use gleaner::record::reports::{ReportFolder, ReportStore};
use gleaner::report::{PolicyReport, Rows};
use gleaner::serve::admin::{self, Pages, Site};
use gleaner::serve::board::{About, Board, Snapshot};
use gleaner::serve::notice::{Authority, Listener, Notice, Purpose};
use gleaner::yaml::Source;
use gleaner_support::{NOW, options};
use jiff::SignedDuration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A daemon without its loop.
pub(crate) struct World {
    pub(crate) board: Arc<Board>,
    pub(crate) set: PolicySet,
    /// Kept below `folder`.
    pub(crate) reports: Arc<ReportStore>,
    pub(crate) folder: tempfile::TempDir,
    sandbox: Server,
}

/// Tells the board what happens during a cycle.
struct Told<'a> {
    board: &'a Board,
    policy: &'a str,
}

impl Observer for Told<'_> {
    fn on(&self, event: &Event) {
        self.board.on(&Notice::During { policy: Some(self.policy), event });
    }
}

impl World {
    /// `policies` are names and texts. Nothing has happened yet but that they were loaded.
    pub(crate) async fn new(registry: Registry, policies: &[(&str, &str)]) -> Self {
        let world = Self { set: parsed(policies), ..Self::empty(registry).await };
        world.tell(&Notice::Loaded { set: &world.set, at: NOW - SignedDuration::from_hours(50) });
        world
    }

    /// Nothing has happened yet.
    pub(crate) async fn empty(registry: Registry) -> Self {
        let about = About {
            generator: "gleaner X.Y.Z".to_owned(),
            instance: "https://gitlab.acme.example".to_owned(),
            authority: Authority::Execute,
            started: NOW - SignedDuration::from_hours(50),
        };
        let sandbox = Server::start(registry, Options::default()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let reports = Arc::new(store(folder.path()));
        Self { board: Arc::new(Board::new(about)), set: PolicySet::default(), reports, folder, sandbox }
    }

    /// The daemon is started again: what was not written down is gone.
    pub(crate) fn restarted(self) -> Self {
        let Snapshot { about, loaded, .. } = self.board.snapshot();
        let board = Arc::new(Board::new(About { started: NOW, ..about }));
        let world = Self { board, reports: Arc::new(store(self.folder.path())), ..self };
        if loaded.is_some() {
            world.tell(&Notice::Loaded { set: &world.set, at: NOW });
        }
        for policy in &world.set.policies {
            for report in world.reports.last(&policy.name) {
                world.tell(&Notice::Remembered { report: &report });
            }
        }
        world
    }

    pub(crate) fn tell(&self, notice: &Notice<'_>) {
        self.board.on(notice);
    }

    /// One cycle of a policy, told from its beginning to its end.
    pub(crate) async fn cycle(&self, name: &str, purpose: Purpose) -> PolicyReport {
        let requests = Arc::new(RequestCounts::default());
        let options = options(self.sandbox.url(), self.sandbox.token());
        let connection = Connection::open(options, requests.clone()).unwrap();
        let began = NOW - SignedDuration::from_mins(95);
        self.tell(&Notice::CycleBegan { policy: name, purpose, at: began });
        let told = Told { board: &self.board, policy: name };
        let cycle = Cycle {
            reader: &Reader::new(&connection),
            requests: &requests,
            in_force: self.set.policy_at(name, began).unwrap(),
            projects: None,
            taken: &Taken::default(),
            memory: None,
            saved: None,
            marking: Marking::Nowhere,
            rows: Rows::Deletions,
            theirs: &GitlabClock::default(),
            observer: &told,
            stop: &CancellationToken::new(),
        };
        let walked = cycle.walk().await;
        let ended = match purpose {
            Purpose::Execution => {
                let (writer, scribe, brake) = (Writer::new(&connection), Scribe::none(), Brake::none());
                let tools = Tools { writer: &writer, scribe: &scribe, brake: &brake, run_limit: None };
                cycle.run(walked.as_ref(), tools, async |_| Ok(())).await
            }
            Purpose::Rehearsal | Purpose::DryRun => cycle.rehearse(walked.as_ref()).await,
        };
        let took = Duration::from_secs(83);
        self.tell(&Notice::CycleEnded { purpose, report: &ended.report, as_of: began, began, took });
        ended.report
    }

    /// Serves the board on a free port.
    pub(crate) async fn serve(&self, pages: Pages) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scrapes = Arc::new(Mutex::new(0));
        let site = Site {
            board: Arc::clone(&self.board),
            reports: Arc::clone(&self.reports),
            metrics: Arc::new(move || {
                let mut scrapes = scrapes.lock().unwrap();
                *scrapes += 1;
                format!("gleaner_scrapes_total {scrapes}\n")
            }),
            pages,
            clock: Clock::new(|| NOW),
        };
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let running = tokio::spawn(admin::serve(listener, site, stop.clone()));
        Served { address, stop, running }
    }
}

pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) stop: CancellationToken,
    pub(crate) running: JoinHandle<()>,
}

/// The store of a folder, as a daemon opens it.
pub(crate) fn store(folder: &Path) -> ReportStore {
    let (store, errors) =
        ReportStore::open(ReportFolder::beside(folder, "gleaner X.Y.Z", "https://gitlab.acme.example"));
    assert!(errors.is_empty(), "{errors:?}");
    store
}

pub(crate) fn parsed(policies: &[(&str, &str)]) -> PolicySet {
    let sources: Vec<Source> = policies.iter().map(|(name, text)| Source::new(format!("{name}.yaml"), *text)).collect();
    gleaner_support::parsed(&sources)
}
