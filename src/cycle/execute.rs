//! Deletes what an approved plan says, and nothing else. No choice is made here; what is no longer what was judged
//! stays.

mod files;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::cycle::brake::{Brake, Halt};
use crate::cycle::breaker::Breaker;
use crate::event::{Event, Observer};
use crate::gitlab::{self, Deletion, Reader, Writer};
use crate::package::{Package, Permission};
use crate::plan::{Approved, Decision, FileDecision, Plan};
use crate::plan::{Outcome, Outcomes};

/// How many deletions are under way at the same time.
const CONCURRENT: usize = 4;

/// How long a deletion that is under way may go on after a stop. A container has 30 s between SIGTERM and its end.
const GRACE: Duration = Duration::from_secs(10);

/// How many deletions begin before the brake is asked again. So many more may go after somebody has paused them, a few
/// seconds' work; and waiting for the last of each so many costs little.
const BATCH: usize = 20;

/// What became of an approved plan.
#[derive(Debug, Default)]
pub struct Execution {
    /// Of everything that was to go.
    pub outcomes: Outcomes,
    /// What held up the rest, if anything did.
    pub halt: Option<Halt>,
}

/// Deletes every package that goes, then every file that goes of those that stay, and tells what became of each. One
/// failure never stops the others.
///
/// A stop lets what is under way finish, and leaves the rest as not attempted. So does the brake, once it holds: what a
/// pause leaves is planned anew when it ends, and not by a plan of before. So do a token that GitLab no longer takes and
/// a GitLab that no longer answers: every further request would fail as well.
pub async fn execute(
    reader: &Reader,
    writer: &Writer,
    approved: &Approved<'_>,
    brake: &Brake,
    observer: &dyn Observer,
    stop: &CancellationToken,
) -> Execution {
    let plan = approved.plan();
    let executor = Executor {
        reader,
        writer,
        as_of: plan.as_of(),
        stop,
        breaker: Breaker::default(),
        locked_out: AtomicBool::new(false),
    };
    let executor = &executor;
    let (mut execution, permitted) = Execution::begin(plan, observer);
    for batch in permitted.packages.chunks(BATCH) {
        if !executor.may_go_on(&mut execution, brake) {
            execution.leave(batch, observer);
            continue;
        }
        let attempts = batch.iter().map(|decision| async { (*decision, executor.attempt(decision).await) });
        let mut endings = stream::iter(attempts.collect::<Vec<_>>()).buffer_unordered(CONCURRENT);
        while let Some((decision, ended)) = endings.next().await {
            execution.note(decision, ended, observer);
        }
    }
    executor.trim(&mut execution, plan, &permitted.files, brake, observer).await;
    execution
}

/// Deletes nothing, because the brake holds before the first deletion.
pub fn hold_up(approved: &Approved<'_>, halt: Halt, observer: &dyn Observer) -> Execution {
    let plan = approved.plan();
    let (mut execution, permitted) = Execution::begin(plan, observer);
    execution.halt = Some(halt);
    execution.leave(&permitted.packages, observer);
    execution.leave_files(plan, &permitted.files, observer);
    execution
}

/// The deletions that the token may do.
struct Permitted<'p> {
    packages: Vec<&'p Decision>,
    files: Vec<&'p FileDecision>,
}

impl Execution {
    /// Nobody agreed to it.
    #[must_use]
    pub fn of_nothing(approved: &Approved<'_>) -> Self {
        let plan = approved.plan();
        let packages = plan.deletions().map(|decision| (decision.package.id, Outcome::NotAttempted)).collect();
        let files = plan.file_deletions().map(|decision| (decision.file.id, Outcome::NotAttempted)).collect();
        Self { outcomes: Outcomes { packages, files }, halt: None }
    }

    /// Notes what the token may not delete; what it may is handed back.
    fn begin<'p>(plan: &'p Plan, observer: &dyn Observer) -> (Self, Permitted<'p>) {
        let mut execution = Self::default();
        let may_not = |decision: &Decision| decision.package.permission == Permission::Denied;
        let (denied, packages): (Vec<_>, Vec<_>) = plan.deletions().partition(|decision| may_not(decision));
        let (denied_files, files): (Vec<_>, Vec<_>) =
            plan.file_deletions().partition(|file| plan.decision(file.package).is_none_or(may_not));
        let forbidden = || Ended::with(Outcome::Forbidden, "the token may not delete packages of this project");
        for decision in denied {
            execution.note(decision, forbidden(), observer);
        }
        for decision in denied_files {
            execution.note_file(plan, decision, forbidden(), observer);
        }
        (execution, Permitted { packages, files })
    }

    /// Notes what is held up.
    fn leave(&mut self, decisions: &[&Decision], observer: &dyn Observer) {
        let held_up = self.held_up();
        for decision in decisions {
            self.note(decision, held_up.clone(), observer);
        }
    }

    /// The same for files.
    fn leave_files(&mut self, plan: &Plan, decisions: &[&FileDecision], observer: &dyn Observer) {
        let held_up = self.held_up();
        for decision in decisions {
            self.note_file(plan, decision, held_up.clone(), observer);
        }
    }

    fn held_up(&self) -> Ended {
        Ended { outcome: Outcome::NotAttempted, problem: self.halt.as_ref().map(Halt::to_string) }
    }

    fn note(&mut self, decision: &Decision, Ended { outcome, problem }: Ended, observer: &dyn Observer) {
        let Decision { package, bytes, .. } = decision;
        observer.on(&Event::Deleted { package: Box::new(package.clone()), bytes: bytes.known(), outcome, problem });
        self.outcomes.packages.insert(package.id, outcome);
    }

    fn note_file(&mut self, plan: &Plan, decision: &FileDecision, ended: Ended, observer: &dyn Observer) {
        let Ended { outcome, problem } = ended;
        // Every file that goes is of a package in the plan.
        if let Some(Decision { package, .. }) = plan.decision(decision.package) {
            let (package, file) = (Box::new(package.clone()), decision.file.clone());
            observer.on(&Event::FileDeleted { package, file, outcome, problem });
        }
        self.outcomes.files.insert(decision.file.id, outcome);
    }
}

struct Executor<'a> {
    reader: &'a Reader,
    writer: &'a Writer,
    /// The plan's instant: a row that was touched since isn't the one that was judged.
    as_of: Timestamp,
    stop: &'a CancellationToken,
    breaker: Breaker,
    /// Whether GitLab no longer takes the token.
    locked_out: AtomicBool,
}

/// How one deletion ended, and what went wrong with it.
#[derive(Debug, Clone)]
struct Ended {
    outcome: Outcome,
    problem: Option<String>,
}

impl Ended {
    fn of(outcome: Outcome) -> Self {
        Self { outcome, problem: None }
    }

    fn with(outcome: Outcome, problem: impl Into<String>) -> Self {
        Self { outcome, problem: Some(problem.into()) }
    }

    fn too_late() -> Self {
        Self::with(Outcome::Unconfirmed, "the run was stopped before GitLab had answered")
    }
}

impl Executor<'_> {
    /// Whether nothing more should be asked.
    fn is_over(&self) -> bool {
        self.stop.is_cancelled() || self.locked_out.load(Ordering::Relaxed) || self.breaker.is_open()
    }

    /// Whether the brake lets the next batch begin. Once it holds, everything else is left.
    fn may_go_on(&self, execution: &mut Execution, brake: &Brake) -> bool {
        if execution.halt.is_none() && !self.is_over() {
            execution.halt = brake.check().err();
        }
        execution.halt.is_none()
    }

    async fn attempt(&self, decision: &Decision) -> Ended {
        if self.is_over() {
            return Ended::of(Outcome::NotAttempted);
        }
        self.in_time(self.delete(decision)).await.unwrap_or_else(Ended::too_late)
    }

    /// Gives `work` its time, of which a stop leaves little; `None` once that is over.
    async fn in_time<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let too_late = async {
            self.stop.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            done = work => Some(done),
            () = too_late => None,
        }
    }

    async fn delete(&self, decision: &Decision) -> Ended {
        let package = &decision.package;
        if package.package_type.gains_files()
            && let Err(ended) = self.look_again(decision).await
        {
            return ended;
        }
        let answer = self.writer.delete_package(package.project.id, package.id, self.as_of).await;
        self.breaker.note(&answer);
        match answer {
            Ok(Deletion::Accepted) => self.confirm(package, Outcome::Deleted).await,
            Ok(Deletion::AlreadyGone) => self.confirm(package, Outcome::AlreadyGone).await,
            Ok(Deletion::Changed) => Ended::with(Outcome::Changed, "it was changed since the plan was made, and stays"),
            Ok(Deletion::Forbidden(message)) => {
                let problem = message.as_deref().unwrap_or("GitLab does not let the token delete it");
                Ended::with(Outcome::Forbidden, problem)
            }
            Err(error) => self.failed(&error),
        }
    }

    /// GitLab's own precondition does not see new files: they don't touch the package's row. So a package that has a
    /// file now which is younger than the content that was judged is not the one that was judged, and stays.
    async fn look_again(&self, decision: &Decision) -> Result<(), Ended> {
        let package = &decision.package;
        let reading = self.reader.package_files(package.project.id, package.id).await;
        if reading.is_err() {
            // A read that succeeds says nothing of a GitLab that takes no deletions.
            self.breaker.note(&reading);
        }
        let judged = decision.content.earliest();
        match reading {
            Ok(reading) if reading.rows.iter().all(|file| file.created_at.is_some() && file.created_at <= judged) => {
                Ok(())
            }
            Ok(_) => Err(Ended::with(Outcome::Changed, "it got a file since the plan was made, and stays")),
            // The deletion will tell what became of it.
            Err(gitlab::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.failed(&error)),
        }
    }

    fn failed(&self, error: &gitlab::Error) -> Ended {
        if matches!(error, gitlab::Error::Unauthorized { .. }) {
            self.locked_out.store(true, Ordering::Relaxed);
        }
        Ended::with(Outcome::Failed, error.to_string())
    }

    /// Neither a 204 nor a 404 is proof that the package is gone: 17.x answers 204 for protected packages too, which
    /// stay.
    async fn confirm(&self, package: &Package, outcome: Outcome) -> Ended {
        match self.reader.package_exists(package.project.id, package.id).await {
            Ok(false) => Ended::of(outcome),
            Ok(true) => Ended::with(Outcome::Unconfirmed, "GitLab answered as if it were gone, and still has it"),
            Err(error) => Ended::with(
                Outcome::Unconfirmed,
                format!("GitLab took the deletion, and could not be asked whether it is gone: {error}"),
            ),
        }
    }
}
