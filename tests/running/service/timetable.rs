//! A scheduler under a paused clock, and what it began.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gleaner::cycle::clock::Clock;
use gleaner::policy::PolicySet;
use gleaner::serve::{Batch, Scheduler};
use gleaner::yaml::Source;
use jiff::{SignedDuration, Timestamp};

/// 2025-12-01 at midnight. In all zones of the tests both changes of the clock lie ahead.
pub(crate) const START: Timestamp = Timestamp::constant(1_764_547_200, 0);

/// The paused clock of the runtime, counted from `START`.
pub(crate) fn paused_clock() -> Clock {
    let begun = tokio::time::Instant::now();
    Clock::new(move || START + SignedDuration::try_from(begun.elapsed()).unwrap())
}

/// The texts without their `version` and `delete`; the first is the policy `p00`.
pub(crate) fn policies<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Arc<PolicySet> {
    let source = |(number, text): (usize, T)| {
        let text = format!("version: 1\n{}\ndelete: [{{ status: error, older_than: 7d }}]\n", text.as_ref());
        Source::new(format!("p{number:02}.yaml"), text)
    };
    let sources: Vec<Source> = texts.into_iter().enumerate().map(source).collect();
    Arc::new(PolicySet::parse(&sources).unwrap_or_else(|errors| panic!("{errors}")).0)
}

/// What began when, and how much of it ran at once.
#[derive(Default)]
pub(crate) struct Runs {
    /// By policy.
    pub(crate) began: HashMap<String, Vec<Timestamp>>,
    /// The policies of each batch, with the time since `START`.
    pub(crate) batches: Vec<(Duration, Vec<String>)>,
    pub(crate) most_batches: usize,
    pub(crate) most_of_one: usize,
    batches_now: usize,
    running: BTreeMap<String, usize>,
}

impl Runs {
    fn begin(&mut self, names: &[String], now: Timestamp) {
        self.batches.push((now.duration_since(START).unsigned_abs(), names.to_vec()));
        self.batches_now += 1;
        self.most_batches = self.most_batches.max(self.batches_now);
        for name in names {
            self.began.entry(name.clone()).or_default().push(now);
            let of_this = self.running.entry(name.clone()).or_default();
            *of_this += 1;
            self.most_of_one = self.most_of_one.max(*of_this);
        }
    }

    fn end(&mut self, names: &[String]) {
        self.batches_now -= 1;
        for name in names {
            *self.running.get_mut(name).unwrap() -= 1;
        }
    }
}

/// Runs the scheduler for so long; a batch takes as long as `takes` says.
pub(crate) async fn run_for(
    length: SignedDuration,
    scheduler: &mut Scheduler,
    clock: &Clock,
    takes: impl Fn(&[String]) -> Duration,
) -> Arc<Mutex<Runs>> {
    let runs = Arc::new(Mutex::new(Runs::default()));
    let end = clock.now() + length;
    let over = tokio::time::sleep(length.try_into().unwrap());
    tokio::pin!(over);
    while clock.now() < end {
        let work = |batch: Batch| {
            let names: Vec<String> = batch.policies.into_iter().map(|(name, _)| name).collect();
            let (runs, clock, takes) = (runs.clone(), clock.clone(), takes(&names));
            async move {
                runs.lock().unwrap().begin(&names, clock.now());
                tokio::time::sleep(takes).await;
                runs.lock().unwrap().end(&names);
            }
        };
        scheduler.begin_due(work);
        tokio::select! {
            biased;
            _ = scheduler.changed() => {}
            () = &mut over => {}
        }
    }
    runs
}
