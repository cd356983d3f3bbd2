//! Asks GitLab to delete for as long as there is a point in it, and tells what its answers mean.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::execution::Execution;
use crate::cycle::brake::Brake;
use crate::cycle::breaker::Breaker;
use crate::gitlab::{self, Deletion, Freshness, ListingReading, Reader, Writer};
use crate::package::{Package, PackageFile};
use crate::plan::{Ending, Outcome, protected_by};
use crate::policy::{InForce, Present};

/// How many deletions are under way at the same time.
pub(super) const CONCURRENT: usize = 4;

/// How many deletions begin before the brake is asked again. After a pause no more than these may go, a few seconds'
/// work. Waiting for the last of each batch costs little.
pub(super) const BATCH: usize = 20;

/// How long a deletion that is under way may go on after a stop. A container has 30 s between SIGTERM and its end.
const GRACE: Duration = Duration::from_secs(10);

/// How often a deletion is sent whose answers are lost.
const TRIES: u32 = 6;

/// Everything that the deletions of a plan share.
pub(super) struct Executor<'a> {
    pub(super) reader: &'a Reader,
    pub(super) writer: &'a Writer,
    /// The plan's instant: a row that was touched since isn't the one that was judged.
    pub(super) as_of: Timestamp,
    planned: InForce<'a>,
    brake: &'a Brake,
    stop: &'a CancellationToken,
    breaker: Breaker,
    /// Whether GitLab no longer takes the token.
    locked_out: AtomicBool,
}

impl<'a> Executor<'a> {
    pub(super) fn new(
        reader: &'a Reader,
        writer: &'a Writer,
        planned: InForce<'a>,
        brake: &'a Brake,
        stop: &'a CancellationToken,
    ) -> Self {
        let (as_of, breaker, locked_out) = (planned.now(), Breaker::default(), AtomicBool::new(false));
        Self { reader, writer, as_of, planned, brake, stop, breaker, locked_out }
    }

    /// Returns whether nothing more should be asked.
    pub(super) fn is_over(&self) -> bool {
        self.stop.is_cancelled() || self.locked_out.load(Ordering::Relaxed) || self.breaker.is_open()
    }

    /// Returns the policy as it is now, if the brake lets the next batch begin. Once it holds, everything else is left.
    pub(super) async fn go_on(&self, execution: &mut Execution) -> Option<Present> {
        if execution.halt.is_some() {
            return None;
        }
        if self.is_over() {
            // Nothing of the batch is attempted.
            return Some(self.planned.owned());
        }
        self.brake.look(self.planned).await.map_err(|halt| execution.halt = Some(halt)).ok()
    }

    /// Waits for `work`, after a stop only a little longer; `None` once that time is over.
    pub(super) async fn in_time<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let too_late = async {
            self.stop.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            done = work => Some(done),
            () = too_late => None,
        }
    }

    /// Lists the files of a package, to see whether it still is as it was judged.
    pub(super) async fn files(&self, package: &Package) -> Result<ListingReading<PackageFile>, gitlab::Error> {
        let reading = self.reader.package_files(package.project.id, package.id).await;
        if reading.is_err() {
            // A read that succeeds says nothing of a GitLab that takes no deletions.
            self.breaker.note(&reading);
        }
        reading
    }

    /// Deletes, again while no answer tells whether it was done, and returns what GitLab's answer means. It is still to
    /// be confirmed that something is gone.
    pub(super) async fn sent<F>(&self, send: impl Fn(Freshness) -> F) -> Ending
    where
        F: Future<Output = Result<Deletion, gitlab::Error>>,
    {
        let until = Instant::now() + Duration::from_secs(60);
        let freshness = Freshness { until, unmodified_since: self.as_of };
        let mut lost = 0;
        loop {
            match send(freshness).await {
                Ok(Deletion::Lost { problem, .. }) if lost + 1 == TRIES => {
                    self.breaker.note_silence();
                    return Ending::with(Outcome::Failed, format!("gave up after {TRIES} tries: {problem}"));
                }
                Ok(Deletion::Lost { .. }) => lost += 1,
                answer => return self.answered(answer),
            }
        }
    }

    fn answered(&self, answer: Result<Deletion, gitlab::Error>) -> Ending {
        self.breaker.note(&answer);
        match answer {
            Ok(Deletion::Accepted) => Ending::of(Outcome::Deleted),
            Ok(Deletion::Lost { problem, .. }) => Ending::with(Outcome::Unconfirmed, problem),
            Ok(Deletion::TooLate) => Ending::with(Outcome::NotAttempted, "it could not be sent in time"),
            Ok(Deletion::Absent) => Ending::of(Outcome::AlreadyGone),
            Ok(Deletion::Changed) => {
                Ending::with(Outcome::Changed, "it was changed since the plan was made, and stays")
            }
            Ok(Deletion::Forbidden(message)) => {
                let told = message.map(|message| format!("GitLab answered 403: \"{message}\""));
                let problem = told.unwrap_or_else(|| "GitLab answered 403: the token may not delete it".to_owned());
                Ending::with(Outcome::Forbidden, problem)
            }
            Err(error) => self.failed(&error),
        }
    }

    /// Returns what an error makes of a deletion.
    pub(super) fn failed(&self, error: &gitlab::Error) -> Ending {
        if matches!(error, gitlab::Error::Unauthorized { .. }) {
            self.locked_out.store(true, Ordering::Relaxed);
        }
        Ending::with(Outcome::Failed, error.with_causes())
    }
}

/// Returns why a package is in use now, as a sentence without its full stop; `None` where no in-use file says so.
pub(super) fn held_by_files(present: &Present, package: &Package) -> Option<String> {
    let in_force = present.in_force();
    protected_by(&in_force.set().of_files_alone(), package, in_force.now())
}

/// Returns the ending of a deletion of what is in use since the plan was made, or is known to be.
pub(super) fn in_use(because: &str) -> Ending {
    Ending::with(Outcome::Changed, format!("{because}, since the plan was made, and it stays"))
}

/// Returns the ending of a deletion that GitLab had not answered when the run was stopped.
pub(super) fn too_late() -> Ending {
    Ending::with(Outcome::Unconfirmed, "the run was stopped before GitLab had answered")
}

/// Returns the ending of a deletion that GitLab said it took, and did not carry out.
pub(super) fn still_there() -> Ending {
    Ending::with(Outcome::Unconfirmed, "GitLab answered as if it were gone, and still has it")
}

/// Returns the ending of a deletion that GitLab said it took, where it can't be asked whether the item is gone.
pub(super) fn unconfirmed(error: &gitlab::Error) -> Ending {
    let error = error.with_causes();
    let problem = format!("GitLab took the deletion, and could not be asked whether it is gone: {error}");
    Ending::with(Outcome::Unconfirmed, problem)
}
