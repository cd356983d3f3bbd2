//! Goes through the projects of an approved plan: packages first, then files of packages that stay.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::canary::Canary;
use super::execution::{Deletions, Execution, JudgedFiles};
use super::proof::Doubtful;
use super::words::{forbidden_everywhere, locked_out, no_answers, no_canary, not_looked_at, unrecorded};
use super::{Means, Tools};
use crate::cycle::brake::Halt;
use crate::cycle::breaker::Breaker;
use crate::cycle::inspect::InspectError;
use crate::cycle::look::{Basis, LookError, LookedAgain, SecondLook, Sights};
use crate::gitlab::{self, Freshness, Reader};
use crate::package::{Package, PackageId, ProjectId};
use crate::plan::inventory::Inventory;
use crate::plan::{Decision, Ending, Item, ItemId, Outcome, PartQueue, protected_by};
use crate::record::journal::JournalError;

/// How many deletions are under way at the same time.
pub(super) const CONCURRENT: usize = 4;

/// How long a deletion that is under way may go on after a stop. A container has 30 s between SIGTERM and its end.
pub(super) const GRACE: Duration = Duration::from_secs(15);

/// How long after a stop it may be asked what is gone, all questions together.
pub(super) const GRACE_OF_PROOFS: Duration = Duration::from_secs(25);

/// How often the policy files are read while deletions of a batch are sent. After a pause nothing more begins for longer.
const GLANCE_EVERY: Duration = Duration::from_secs(5);

/// So many projects may forbid everything before nothing more is tried.
const FORBIDDING: usize = 3;

/// Everything that the deletions of a plan share.
pub(super) struct Executor<'a> {
    pub(super) means: Means<'a>,
    pub(super) basis: Basis<'a>,
    pub(super) execution: Execution,
    /// The projects with deletions of which nobody knows yet what came of them.
    pub(super) doubtful: Vec<Doubtful<'a>>,
    pub(super) canary: Canary,
    /// How many deletions of each project were forbidden.
    pub(super) forbidden: BTreeMap<ProjectId, usize>,
    pub(super) shared: Shared,
}

/// What deletions that run side by side share.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) breaker: Breaker,
    /// Whether GitLab no longer takes the token.
    locked_out: AtomicBool,
    /// Why deletions can't be written down any more.
    unrecorded: OnceLock<String>,
    /// How many projects forbade everything.
    forbidding: AtomicUsize,
    /// When the policy files were read last in the middle of a batch, and whether that held deletions up.
    glanced: Mutex<Option<(Instant, bool)>>,
    /// When the stop was noticed.
    stopped: OnceLock<Instant>,
}

/// A second look, with how long it lasts.
pub(super) struct Fresh {
    pub(super) looked: LookedAgain,
    pub(super) freshness: Freshness,
    /// How long it took.
    pub(super) took: Duration,
}

impl<'a> Executor<'a> {
    pub(super) fn new(means: Means<'a>, basis: Basis<'a>, mut execution: Execution) -> Self {
        execution.sent_files.extend(basis.gone);
        let (canary, shared) = (Canary::default(), Shared::default());
        Self { means, basis, execution, doubtful: Vec::new(), canary, forbidden: BTreeMap::new(), shared }
    }

    /// Deletes everything that goes, or so much of it as one cycle may, and returns what became of it.
    pub(super) async fn run(mut self, going: Deletions<'a>, per_cycle: Option<u64>) -> Execution {
        match per_cycle {
            None => self.delete(going).await,
            Some(most) => self.delete_in_parts(going, most).await,
        }
        self.shared.note_record(self.means.tools.scribe.rest());
        self.execution.unrecorded = self.shared.unrecorded.into_inner();
        self.execution
    }

    /// Deletes the oldest, and for each that comes to nothing the next, until so many are done.
    async fn delete_in_parts(&mut self, mut going: Deletions<'a>, most: u64) {
        let all: BTreeSet<ItemId> = going.items().map(|item| item.id()).collect();
        let mut parts = PartQueue::of(self.basis.plan, most, |item| all.contains(item));
        loop {
            let part = parts.next(self.execution.endings.proven(), self.left_of_the_run());
            if part.is_empty() {
                break;
            }
            // What is left of a part that is broken off is told with its cause.
            let was_broken_off = self.is_broken_off();
            self.delete(going.split_off(&part)).await;
            if was_broken_off || (self.is_broken_off() && self.execution.leaves_any()) {
                break;
            }
        }
        // Nothing of it is sent, so nobody is told on the way: the report has it.
        let later = parts.rest().into_iter().filter(|item| all.contains(item));
        self.execution.endings.extend(later.map(|item| (item, Ending::of(Outcome::Later))));
    }

    /// Returns whether nothing more is sent, for whatever cause.
    pub(super) fn is_broken_off(&self) -> bool {
        self.is_over() || self.execution.halt.is_some()
    }

    /// Leaves a project for the rest of the execution, with the ending of what is left of it. What breaks everything off says
    /// nothing of the project.
    pub(super) fn give_up(&mut self, project: ProjectId, ending: &Ending) {
        if !self.is_broken_off() {
            self.execution.given_up.insert(project, ending.clone());
        }
    }

    /// Returns how many more deletions the limit of the whole run allows.
    fn left_of_the_run(&self) -> usize {
        let sent = self.execution.sent.len() + self.execution.sent_files.difference(self.basis.gone).count();
        let left = self.means.tools.run_limit.map_or(usize::MAX, |run| usize::try_from(run.left).unwrap_or(usize::MAX));
        left.saturating_sub(sent)
    }

    async fn delete(&mut self, going: Deletions<'a>) {
        let mut packages: BTreeMap<ProjectId, Vec<&'a Decision>> = BTreeMap::new();
        for decision in going.packages {
            packages.entry(decision.package.project.id).or_default().push(decision);
        }
        for (project, decisions) in packages {
            self.delete_packages(project, decisions).await;
            self.prove_what_is_due().await;
            self.settle_marks();
        }
        let mut trims: BTreeMap<ProjectId, Vec<JudgedFiles<'a>>> = BTreeMap::new();
        for trim in going.trims {
            trims.entry(trim.package.project.id).or_default().push(trim);
        }
        for (project, trims) in trims {
            self.trim_packages(project, trims).await;
            self.prove_what_is_due().await;
            self.settle_marks();
        }
        self.prove_the_rest().await;
        self.settle_marks();
    }

    /// Takes the marks away of what is gone or stale by now: a run that is killed later has settled what came before.
    fn settle_marks(&mut self) {
        let policy = &self.basis.in_force.policy().name;
        if let Err(error) = self.means.marking.settle(policy, &self.execution.endings) {
            self.execution.unsettled = Some(error.to_string());
        }
    }

    /// Returns whether nothing more should be sent.
    pub(super) fn is_over(&self) -> bool {
        self.means.stop.is_cancelled() || self.shared.is_over() || self.is_canary_dead()
    }

    /// Returns how many more deletions may be sent before some that were are proven.
    pub(super) fn room(&self) -> usize {
        self.canary.room(self.under_way())
    }

    /// Returns whether the canary is dead, so that nothing more is sent.
    pub(super) fn is_canary_dead(&self) -> bool {
        self.canary.is_dead(self.under_way())
    }

    /// Returns how many packages a deletion was sent for that has not ended.
    fn under_way(&self) -> usize {
        let has_ended = |id: &PackageId| self.execution.endings.of(ItemId::Package(*id)).is_some();
        self.execution.sent.iter().filter(|id| !has_ended(id)).count()
    }

    /// Looks at things of one project again. A stop breaks that off.
    pub(super) async fn look(
        &self,
        project: ProjectId,
        inventory: &Inventory,
        going: impl Iterator<Item = PackageId>,
        witnesses: impl Iterator<Item = PackageId>,
        sent: &HashSet<PackageId>,
    ) -> Result<Fresh, LookError> {
        let begun = Instant::now();
        let Means { tools: Tools { brake, .. }, observer, stop, theirs, .. } = self.means;
        let present = brake.look(self.basis.in_force).await.map_err(LookError::Halted)?;
        let (reader, record) = self.means.reader.looking(present.in_force().now(), theirs);
        let sights = Sights {
            project,
            inventory,
            going: going.collect(),
            witnesses: witnesses.collect(),
            sent,
            files: &self.execution.sent_files,
        };
        let look = SecondLook { basis: self.basis, reader: &reader, brake, observer, stop };
        let looked = tokio::select! {
            biased;
            () = stop.cancelled() => Err(LookError::Inspect(InspectError::Stopped)),
            looked = look.run(&sights, present) => looked,
        };
        if let Err(LookError::Gitlab(error) | LookError::Inspect(InspectError::Unauthorized(error))) = &looked {
            self.shared.note_failure(error);
        }
        let looked = looked?;
        // The look ended with the policy files.
        *self.shared.glanced.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), true));
        let freshness = record.freshness().ok_or(LookError::NotShown)?;
        Ok(Fresh { looked, freshness, took: begun.elapsed() })
    }

    /// Returns the ending of what could not be looked at again; `None` if it is held up like all the rest.
    pub(super) fn unseen_again(&mut self, error: LookError) -> Option<Ending> {
        match error {
            LookError::Halted(halt) => self.execution.halt = Some(halt),
            LookError::Inspect(InspectError::Stopped) => {}
            error => return Some(not_looked_at(&error)),
        }
        None
    }

    /// Notes how the deletion of a package ended.
    pub(super) fn note_package(&mut self, decision: &Decision, ending: Ending) {
        self.note(Item::package_of(decision), ending);
    }

    /// Notes how a deletion ended.
    pub(super) fn note(&mut self, item: Item, ending: Ending) {
        self.shared.note_record(self.means.tools.scribe.ended(item.id(), &ending));
        let was_sent = match item.id() {
            ItemId::Package(id) => self.execution.sent.contains(&id),
            ItemId::File(id) => self.execution.sent_files.contains(&id),
        };
        if was_sent {
            self.canary.note(ending.outcome);
        }
        self.execution.note(item, ending, self.means.observer);
    }

    /// Returns the ending of what isn't sent any more.
    pub(super) fn left(&self) -> Ending {
        match &self.execution.halt {
            Some(halt) => Ending::with(Outcome::NotAttempted, halt.to_string()),
            None if self.means.stop.is_cancelled() => Ending::of(Outcome::NotAttempted),
            None if !self.shared.is_over() && self.is_canary_dead() => no_canary(),
            None => self.shared.left(),
        }
    }

    /// Checks the limits of now: they may have been lowered since the plan was approved. `about` is about to go.
    pub(super) fn is_within_limits(&mut self, looked: &LookedAgain, about: impl Iterator<Item = ItemId>) -> bool {
        let present = looked.present.in_force();
        let sent = self.execution.sent.iter().map(|id| ItemId::Package(*id));
        let files = self.execution.sent_files.difference(self.basis.gone).map(|id| ItemId::File(*id));
        let part = sent.chain(files).chain(about).collect();
        match self.basis.plan.still_within(present.policy(), &part) {
            Ok(()) => true,
            Err(refusal) => {
                let policy = self.basis.in_force.policy().name.clone();
                self.execution.halt = Some(Halt::Lowered { policy, refusal });
                false
            }
        }
    }

    /// Reads the policy files once more in the middle of a batch, and returns whether the rest of it may go by the look as
    /// it was: nothing halts it, the rules are the same, and no in-use file holds one of these.
    pub(super) async fn is_as_looked_at<'p>(
        &mut self,
        fresh: &Fresh,
        mut going: impl Iterator<Item = &'p Package>,
    ) -> bool {
        match self.means.tools.brake.look(self.basis.in_force).await {
            Err(halt) => {
                self.execution.halt = Some(halt);
                false
            }
            Ok(present) => {
                let (then, now) = (fresh.looked.present.in_force(), present.in_force());
                then.at(now.now()).fingerprint() == now.fingerprint()
                    && !going.any(|package| protected_by(now.set(), package, now.now()).is_some())
            }
        }
    }

    /// Returns whether the next deletion of a batch may begin, by the policy files as they were seconds ago at most.
    pub(super) fn may_begin(&self) -> bool {
        if self.is_over() {
            return false;
        }
        let now = Instant::now();
        let mut glanced = self.shared.glanced.lock().unwrap_or_else(PoisonError::into_inner);
        match *glanced {
            Some((then, may_begin)) if now.duration_since(then) < GLANCE_EVERY => may_begin,
            _ => {
                let may_begin = self.means.tools.brake.glance(self.basis.in_force).is_ok();
                *glanced = Some((now, may_begin));
                may_begin
            }
        }
    }

    /// Returns a reader for what has to be of now.
    pub(super) fn looking(&self) -> Reader {
        self.means.reader.looking(self.basis.plan.as_of(), self.means.theirs).0
    }

    /// Waits for `work`, at most so long after a stop; `None` once that time is over.
    pub(super) async fn in_time<T>(&self, grace: Duration, work: impl Future<Output = T>) -> Option<T> {
        let too_late = async {
            self.means.stop.cancelled().await;
            // One piece of work may follow the other, and all of them have the same time.
            sleep_until(*self.shared.stopped.get_or_init(Instant::now) + grace).await;
        };
        tokio::select! {
            biased;
            done = work => Some(done),
            () = too_late => None,
        }
    }

    /// Waits until then; not at all after a stop.
    pub(super) async fn wait_until(&self, then: Instant) {
        tokio::select! {
            biased;
            () = self.means.stop.cancelled() => {}
            () = sleep_until(then) => {}
        }
    }
}

impl Shared {
    /// Returns whether every further request would fail as well.
    pub(super) fn is_over(&self) -> bool {
        self.locked_out.load(Ordering::Relaxed)
            || self.unrecorded.get().is_some()
            || self.breaker.is_open()
            || self.forbidding.load(Ordering::Relaxed) >= FORBIDDING
    }

    /// Returns the ending of what isn't sent because every further request would fail.
    fn left(&self) -> Ending {
        if self.locked_out.load(Ordering::Relaxed) {
            locked_out()
        } else if let Some(problem) = self.unrecorded.get() {
            unrecorded(problem)
        } else if self.breaker.is_open() {
            no_answers()
        } else if self.forbidding.load(Ordering::Relaxed) >= FORBIDDING {
            forbidden_everywhere()
        } else {
            Ending::of(Outcome::NotAttempted)
        }
    }

    /// Takes note of whether something could be written down. If not, nothing more is sent.
    pub(super) fn note_record(&self, written: Result<(), JournalError>) -> bool {
        match written {
            Ok(()) => true,
            Err(error) => {
                let _ = self.unrecorded.set(error.with_cause());
                false
            }
        }
    }

    /// Takes note of a project that forbids everything.
    pub(super) fn note_forbidding(&self) {
        self.forbidding.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes note of an error. A read that succeeds says nothing of a GitLab that takes no deletions.
    pub(super) fn note_failure(&self, error: &gitlab::Error) {
        if matches!(error, gitlab::Error::Unauthorized { .. }) {
            self.locked_out.store(true, Ordering::Relaxed);
        }
        self.breaker.note_error(error);
    }
}
