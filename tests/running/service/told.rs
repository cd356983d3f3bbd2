//! What a daemon tells, in the order in which it tells it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gleaner::plan::Verdict;
use gleaner::report::PolicyReport;
use gleaner::serve::Signals;
use gleaner::serve::notice::{Listener, Notice, Purpose};
use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A notice that can be kept. What happens in the middle of a cycle is left out.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    Loaded,
    NotLoaded(String),
    /// When a policy runs next.
    Next(Option<Timestamp>),
    Connected,
    NotConnected(String),
    Halted(Option<String>),
    Began,
    /// A plan is about to be executed.
    Planned,
    Ended(Cycle),
    Complaint(String),
    Stopping,
}

/// A cycle that ended.
#[derive(Debug, Clone)]
pub(crate) struct Cycle {
    pub(crate) purpose: Purpose,
    pub(crate) report: Box<PolicyReport>,
    pub(crate) as_of: Timestamp,
}

impl Cycle {
    /// Policy, purpose and status.
    pub(crate) fn in_words(&self) -> String {
        format!("{} {} {}", self.report.policy, self.purpose.code(), self.report.status.code())
    }

    /// What the plan takes away.
    pub(crate) fn planned(&self) -> BTreeSet<u64> {
        self.report
            .decisions
            .iter()
            .filter(|row| row.verdict() == Verdict::Delete)
            .map(|row| row.package.id.0)
            .collect()
    }

    /// How many deletions came to this.
    pub(crate) fn count(&self, outcome: &str) -> u64 {
        let counts = &self.report.totals.by_outcome;
        counts.iter().find(|(counted, _)| counted.code() == outcome).map_or(0, |(_, count)| *count)
    }

    pub(crate) fn error(&self) -> &str {
        self.report.error.as_deref().unwrap_or_default()
    }
}

/// Keeps what it is told.
pub(crate) struct Recorder(UnboundedSender<Told>);

impl Recorder {
    pub(crate) fn new() -> (Self, UnboundedReceiver<Told>) {
        let (sender, receiver) = unbounded_channel();
        (Self(sender), receiver)
    }
}

impl Listener for Recorder {
    fn on(&self, notice: &Notice<'_>) {
        let told = match *notice {
            Notice::Loaded { .. } => Told::Loaded,
            Notice::NotLoaded { problem, .. } => Told::NotLoaded(problem.to_owned()),
            Notice::Scheduled { next, .. } => Told::Next(next),
            Notice::Connected { .. } => Told::Connected,
            Notice::NotConnected { problem } => Told::NotConnected(problem.to_owned()),
            Notice::Halted { why } => Told::Halted(why.map(str::to_owned)),
            Notice::CycleBegan { .. } => Told::Began,
            Notice::Planned { purpose: Purpose::Execution, .. } => Told::Planned,
            Notice::CycleEnded { purpose, report, as_of, .. } => {
                Told::Ended(Cycle { purpose, report: Box::new(report.clone()), as_of })
            }
            Notice::Complaint { problem } => Told::Complaint(problem.to_owned()),
            Notice::Stopping => Told::Stopping,
            Notice::InUse { .. }
            | Notice::Recalled { .. }
            | Notice::Remembered { .. }
            | Notice::Waits { .. }
            | Notice::Planned { .. }
            | Notice::During { .. } => return,
        };
        // A test that has seen enough listens no longer.
        let _ = self.0.send(told);
    }
}

/// Does something at each notice.
pub(crate) struct Hook<F>(Mutex<F>);

impl<F: FnMut(&Notice<'_>) + Send> Hook<F> {
    pub(crate) fn new(hook: F) -> Self {
        Self(Mutex::new(hook))
    }
}

impl<F: FnMut(&Notice<'_>) + Send> Listener for Hook<F> {
    fn on(&self, notice: &Notice<'_>) {
        // One that panicked before is called all the same.
        let mut hook = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        (*hook)(notice);
    }
}

/// A daemon that runs.
pub(crate) struct Running {
    pub(crate) signals: Signals,
    /// What was wrong with the state.
    pub(crate) complaint: Option<String>,
    told: UnboundedReceiver<Told>,
    seen: Vec<Told>,
    daemon: JoinHandle<()>,
    /// The world no longer holds the clock: somebody waited for what never came.
    is_overtime: Arc<AtomicBool>,
}

impl Running {
    pub(crate) fn new(
        signals: Signals,
        complaint: Option<String>,
        told: UnboundedReceiver<Told>,
        daemon: JoinHandle<()>,
        is_overtime: Arc<AtomicBool>,
    ) -> Self {
        Self { signals, complaint, told, seen: Vec::new(), daemon, is_overtime }
    }

    /// Waits for the first thing still unheard that fits.
    pub(crate) async fn hear<T>(&mut self, what: &str, fits: impl Fn(&Told) -> Option<T>) -> T {
        loop {
            // Virtual time: it only passes once the world no longer holds the clock.
            let told = timeout(Duration::from_secs(60), self.told.recv()).await.ok().flatten();
            let told = told.filter(|_| !self.is_overtime.load(Ordering::Relaxed));
            let told = told.unwrap_or_else(|| panic!("{what} was never told, only {:#?}", self.seen));
            self.seen.push(told.clone());
            if let Some(found) = fits(&told) {
                return found;
            }
        }
    }

    /// Waits for the end of a cycle of the policy.
    pub(crate) async fn ended(&mut self, policy: &str) -> Cycle {
        let fits = |told: &Told| match told {
            Told::Ended(cycle) if cycle.report.policy == policy => Some(cycle.clone()),
            _ => None,
        };
        self.hear(&format!("the end of {policy}"), fits).await
    }

    /// Waits for the end of a cycle, whichever policy's it is.
    pub(crate) async fn any_ended(&mut self) -> Cycle {
        let fits = |told: &Told| match told {
            Told::Ended(cycle) => Some(cycle.clone()),
            _ => None,
        };
        self.hear("the end of a cycle", fits).await
    }

    /// Waits until a plan is about to be executed.
    pub(crate) async fn planned(&mut self) {
        self.hear("a plan to execute", |told| matches!(told, Told::Planned).then_some(())).await;
    }

    /// Waits until a set is in force.
    pub(crate) async fn loaded(&mut self) {
        self.hear("a set in force", |told| matches!(told, Told::Loaded).then_some(())).await;
    }

    /// Waits for what is wrong with the policy files.
    pub(crate) async fn not_loaded(&mut self) -> String {
        let fits = |told: &Told| match told {
            Told::NotLoaded(problem) => Some(problem.clone()),
            _ => None,
        };
        self.hear("a problem of the policy files", fits).await
    }

    /// Waits for a change in what holds deletions up.
    pub(crate) async fn halted(&mut self) -> Option<String> {
        let fits = |told: &Told| match told {
            Told::Halted(why) => Some(why.clone()),
            _ => None,
        };
        self.hear("what holds deletions up", fits).await
    }

    /// Has the policy files read, as SIGHUP does, and waits until they are in force.
    pub(crate) async fn reload(&mut self) {
        self.signals.reload.notify_one();
        self.loaded().await;
    }

    /// Stops the daemon, and tells all that it ever told.
    pub(crate) async fn stop(self) -> Story {
        self.signals.stop.cancel();
        self.end().await
    }

    /// Waits for the daemon's end.
    pub(crate) async fn end(mut self) -> Story {
        let ended = timeout(Duration::from_secs(60), self.daemon).await;
        assert!(!self.is_overtime.load(Ordering::Relaxed), "the daemon never ended, and told {:#?}", self.seen);
        ended.expect("it ends").unwrap();
        while let Some(told) = self.told.recv().await {
            self.seen.push(told);
        }
        Story(self.seen)
    }
}

/// All that a daemon told from its start to its end.
pub(crate) struct Story(pub(crate) Vec<Told>);

impl Story {
    /// Its cycles in the order of their ends.
    pub(crate) fn cycles(&self) -> Vec<String> {
        self.ended().map(Cycle::in_words).collect()
    }

    pub(crate) fn ended(&self) -> impl Iterator<Item = &Cycle> {
        self.0.iter().filter_map(|told| match told {
            Told::Ended(cycle) => Some(cycle),
            _ => None,
        })
    }

    pub(crate) fn count(&self, fits: impl Fn(&Told) -> bool) -> usize {
        self.0.iter().filter(|told| fits(told)).count()
    }
}
