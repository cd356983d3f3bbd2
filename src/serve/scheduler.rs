//! Begins the policies that are due, and knows which still run.

use std::collections::{BTreeSet, HashMap};
use std::future::{Future, pending};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::cycle::clock::Clock;
use crate::cycle::walk::Route;
use crate::policy::{InForce, Policy, PolicySet, Scope};
use crate::serve::agenda::{Agenda, Call, Due, Jitter};

/// Begins policies when they are due. Each has one cycle at a time, those that list the same run together, and none
/// runs beside another that it may overlap. No more than `slots` batches run at once.
#[derive(Debug)]
pub struct Scheduler {
    /// Knows what runs when.
    pub agenda: Agenda,
    clock: Clock,
    slots: usize,
    stop: CancellationToken,
    set: Arc<PolicySet>,
    tasks: JoinSet<()>,
    running: HashMap<Id, RunningBatch>,
}

/// Policies that share a walk and run one after the other.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The set that the policies belong to.
    pub set: Arc<PolicySet>,
    /// In the order of the set, each with what stops its cycle.
    pub policies: Vec<(String, CancellationToken)>,
    /// Those of them whose time has not come: they are rehearsed, and may not delete.
    pub rehearsals: BTreeSet<String>,
    /// The listings that they share.
    pub route: Route,
    /// Stops all of them.
    pub stop: CancellationToken,
}

/// A batch, as it is remembered while it runs.
#[derive(Debug)]
struct RunningBatch {
    set: Arc<PolicySet>,
    policies: Vec<(String, CancellationToken)>,
}

/// A batch that a panic ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The names of its policies.
    pub policies: Vec<String>,
}

/// A batch that may begin.
struct Lined {
    route: Route,
    names: Vec<String>,
    rehearsals: BTreeSet<String>,
}

impl Batch {
    /// Returns its policies as of `now`, in their order.
    pub(super) fn policies_at(&self, now: Timestamp) -> Vec<InForce<'_>> {
        self.policies.iter().filter_map(|(name, _)| self.set.policy_at(name, now)).collect()
    }

    /// Returns what stops the cycle of this policy.
    pub(super) fn stop_of(&self, policy: &str) -> &CancellationToken {
        self.policies.iter().find(|(name, _)| name == policy).map_or(&self.stop, |(_, stop)| stop)
    }
}

impl Scheduler {
    /// Makes a scheduler that runs nothing yet. `slots` batches run at once at most; `stop` stops them all.
    #[must_use]
    pub fn new(clock: Clock, jitter: Jitter, slots: usize, stop: CancellationToken) -> Self {
        Self {
            agenda: Agenda::new(jitter),
            clock,
            slots,
            stop,
            set: Arc::default(),
            tasks: JoinSet::new(),
            running: HashMap::new(),
        }
    }

    /// Takes over a set of policies. If a policy is no longer what it was, its cycle is stopped: what it was about to
    /// do is not what is wanted now.
    pub fn load(&mut self, set: Arc<PolicySet>, since: impl Fn(&Policy) -> Option<Timestamp>) {
        let now = self.clock.now();
        for running in self.running.values() {
            for (name, stop) in &running.policies {
                if has_changed(name, &running.set, &set, now) {
                    stop.cancel();
                }
            }
        }
        self.agenda.load(&set.policies, now, since);
        self.set = set;
    }

    /// Returns the set in force.
    #[must_use]
    pub fn set(&self) -> &PolicySet {
        &self.set
    }

    /// Begins what is due and may begin, and returns the names.
    pub fn begin_due<F>(&mut self, work: impl Fn(Batch) -> F) -> Vec<String>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let now = self.clock.now();
        self.agenda.look(now);
        let mut begun = Vec::new();
        for Lined { route, names, rehearsals } in self.lineup(now) {
            for name in &names {
                self.agenda.begin(name, now);
            }
            begun.extend(names.iter().cloned());
            let policies: Vec<_> = names.into_iter().map(|name| (name, self.stop.child_token())).collect();
            let running = RunningBatch { set: self.set.clone(), policies: policies.clone() };
            let batch = Batch { set: self.set.clone(), policies, rehearsals, route, stop: self.stop.clone() };
            let task = self.tasks.spawn(work(batch));
            self.running.insert(task.id(), running);
        }
        begun
    }

    /// Waits until something may begin: a batch ended, or a policy is due. Clocks are set, and machines sleep, so
    /// whoever waits here should come back now and then, and wait anew. Returns a batch that did not end as it should.
    pub async fn changed(&mut self) -> Option<Broken> {
        let now = self.clock.now();
        let wait = self.agenda.wake(now).and_then(|wake| Duration::try_from(wake.duration_since(now)).ok());
        let due = async {
            match wait {
                Some(wait) => tokio::time::sleep(wait).await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            Some(ended) = self.tasks.join_next_with_id() => self.end(ended),
            () = due => None,
        }
    }

    /// Waits until nothing runs any more, and returns the batches that did not end as they should.
    pub async fn drain(&mut self) -> Vec<Broken> {
        let mut broken = Vec::new();
        while let Some(ended) = self.tasks.join_next_with_id().await {
            broken.extend(self.end(ended));
        }
        broken
    }

    fn end(&mut self, ended: Result<(Id, ()), JoinError>) -> Option<Broken> {
        let (id, is_broken) = ended.map_or_else(|error| (error.id(), true), |(id, ())| (id, false));
        let policies: Vec<String> = self.running.remove(&id)?.policies.into_iter().map(|(name, _)| name).collect();
        for name in &policies {
            self.agenda.end(name);
        }
        is_broken.then_some(Broken { policies })
    }

    /// Returns the batches that begin now.
    ///
    /// A batch that has to wait for another holds back what comes after it and overlaps with it, so that it is not
    /// passed over for ever.
    fn lineup(&self, now: Timestamp) -> Vec<Lined> {
        let running = self
            .running
            .values()
            .flat_map(|running| running.policies.iter().filter_map(|(name, _)| Some(&running.set.policy(name)?.scope)));
        let mut taken: Vec<&Scope> = running.collect();
        let due = self.agenda.due(now);
        let early: BTreeSet<&str> = due.iter().filter(|due| due.call == Call::Rehearse).map(|due| due.policy).collect();
        let mut lineup = Vec::new();
        for (route, mut policies) in self.batches(&due) {
            let may_begin = policies.iter().all(|policy| !taken.iter().any(|other| other.may_overlap(&policy.scope)));
            taken.extend(policies.iter().map(|policy| &policy.scope));
            if may_begin && self.running.len() + lineup.len() < self.slots {
                policies.sort_by(|a, b| a.name.cmp(&b.name));
                let names: Vec<String> = policies.iter().map(|policy| policy.name.clone()).collect();
                let rehearsals = names.iter().filter(|name| early.contains(name.as_str())).cloned().collect();
                lineup.push(Lined { route, names, rehearsals });
            }
        }
        lineup
    }

    /// Groups the due policies by what they list, the longest due first.
    fn batches(&self, due: &[Due<'_>]) -> Vec<(Route, Vec<&Policy>)> {
        let mut batches = Vec::<(_, Vec<_>)>::new();
        for policy in due.iter().filter_map(|due| self.set.policy(due.policy)) {
            let route = Route::of(policy);
            match batches.iter_mut().find(|(other, _)| *other == route) {
                Some((_, policies)) => policies.push(policy),
                None => batches.push((route, vec![policy])),
            }
        }
        batches
    }
}

/// Returns whether the policy asks for another cycle now than it did before.
fn has_changed(name: &str, before: &PolicySet, after: &PolicySet, now: Timestamp) -> bool {
    let what_decides = |set: &PolicySet| {
        let in_force = set.policy_at(name, now)?;
        let policy = in_force.policy();
        Some((policy.mode, policy.limits.clone(), in_force.fingerprint()))
    };
    what_decides(before) != what_decides(after)
}
