//! Deletes packages as a whole.

use futures_util::StreamExt as _;
use futures_util::stream;

use super::execution::Execution;
use super::executor::{BATCH, CONCURRENT, Executor, held_by_files, in_use, still_there, too_late, unconfirmed};
use crate::cycle::progress::Observer;
use crate::gitlab;
use crate::package::Package;
use crate::plan::{Decision, Ending, Item, Outcome};

/// Deletes these packages, and notes what became of each.
pub(super) async fn delete(
    executor: &Executor<'_>,
    execution: &mut Execution,
    packages: &[&Decision],
    observer: &dyn Observer,
) {
    for batch in packages.chunks(BATCH) {
        let Some(present) = executor.go_on(execution).await else {
            execution.leave(batch.iter().map(|decision| Item::package_of(decision)), observer);
            continue;
        };
        let mut free: Vec<&Decision> = Vec::with_capacity(batch.len());
        for decision in batch {
            match held_by_files(&present, &decision.package) {
                Some(because) => execution.note(Item::package_of(decision), in_use(&because), observer),
                None => free.push(decision),
            }
        }
        let attempts = free.into_iter().map(|decision| async move { (decision, executor.attempt(decision).await) });
        let mut endings = stream::iter(attempts.collect::<Vec<_>>()).buffer_unordered(CONCURRENT);
        while let Some((decision, ending)) = endings.next().await {
            execution.note(Item::package_of(decision), ending, observer);
        }
    }
}

impl Executor<'_> {
    async fn attempt(&self, decision: &Decision) -> Ending {
        if self.is_over() {
            return Ending::of(Outcome::NotAttempted);
        }
        self.in_time(self.delete_package(decision)).await.unwrap_or_else(too_late)
    }

    async fn delete_package(&self, decision: &Decision) -> Ending {
        let package = &decision.package;
        if package.package_type.gains_files()
            && let Err(ending) = self.look_again(decision).await
        {
            return ending;
        }
        let (project, id) = (package.project.id, package.id);
        let ending = self.sent(|fresh| async move { self.writer.delete_package(project, id, &fresh).await }).await;
        if ending.outcome.is_gone() { self.confirm(package, ending).await } else { ending }
    }

    /// Checks that the package got no file since it was judged. GitLab's own precondition does not see new files,
    /// because they don't touch the package's row. A package with a file that is younger than the content that was
    /// judged is not the one that was judged, and stays.
    async fn look_again(&self, decision: &Decision) -> Result<(), Ending> {
        let judged = decision.content.earliest();
        match self.files(&decision.package).await {
            Ok(reading) if reading.rows.iter().all(|file| file.created_at.is_some() && file.created_at <= judged) => {
                Ok(())
            }
            Ok(_) => Err(Ending::with(Outcome::Changed, "it got a file since the plan was made, and stays")),
            // The deletion will tell what became of it.
            Err(gitlab::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Asks whether the package is gone. Neither a 204 nor a 404 is proof of it: 17.x answers 204 for protected
    /// packages too, which stay.
    async fn confirm(&self, package: &Package, ending: Ending) -> Ending {
        match self.reader.package_exists(package.project.id, package.id).await {
            Ok(false) => ending,
            Ok(true) => still_there(),
            Err(error) => unconfirmed(&error),
        }
    }
}
