//! Deletes what an approved plan says, and nothing else. No choice is made here.
//!
//! `executor` goes through the projects, batch by batch. Each batch gets a second look, and only what both plans delete
//! goes. Of the first ones `canary` wants proofs before the rest is sent. `packages` and `files` send the deletions of a batch, `proof` finds out what is gone, and `execution` keeps what
//! came of it.

mod canary;
mod execution;
mod executor;
mod files;
mod pace;
mod packages;
mod proof;
mod words;

use tokio_util::sync::CancellationToken;

use crate::cycle::brake::{Brake, Halt};
use crate::cycle::look::Basis;
use crate::cycle::marking::Marking;
use crate::cycle::progress::Observer;
use crate::cycle::scribe::Scribe;
use crate::gitlab::{GitlabClock, Reader, Writer};
use crate::plan::{Approved, RunLimit};

use executor::Executor;

pub use execution::Execution;

/// Everything that deletions go through.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// Looks again.
    pub reader: &'a Reader,
    /// Deletes, writes down what, and holds it up.
    pub tools: Tools<'a>,
    /// Loses the marks of what is gone or stale.
    pub marking: Marking<'a>,
    /// GitLab's clock, as far as its answers told it.
    pub theirs: &'a GitlabClock,
    /// Hears what happens.
    pub observer: &'a dyn Observer,
    /// Stops it.
    pub stop: &'a CancellationToken,
}

/// The tools of an execution, which a dry run has none of.
#[derive(Debug, Clone, Copy)]
pub struct Tools<'a> {
    /// Deletes.
    pub writer: &'a Writer,
    /// Writes down each deletion before it is sent.
    pub scribe: &'a Scribe<'a>,
    /// Is asked before each batch.
    pub brake: &'a Brake,
    /// How much the whole run may still delete; `None` where the policies' own limits are all there is.
    pub run_limit: Option<RunLimit>,
}

/// Deletes every package that goes, then every file that goes of those that stay, and tells what became of each. One
/// failure never stops the others, unless the first thirty bring no ten proofs. `basis` is what the plan was made of.
///
/// A stop lets what is under way finish, and leaves the rest as not attempted. So does the brake, once it holds: when a
/// pause ends, what it left is planned anew. So do a token that GitLab no longer takes and a GitLab that no longer
/// answers: every further request would fail as well.
pub async fn execute(means: Means<'_>, approved: &Approved<'_>, basis: Basis<'_>) -> Execution {
    let (execution, permitted) = Execution::begin(approved.plan(), means.observer);
    Executor::new(means, basis, execution).run(permitted, approved.per_cycle()).await
}

/// Deletes nothing, because the brake holds before the first deletion.
pub fn hold_up(approved: &Approved<'_>, halt: Halt, observer: &dyn Observer) -> Execution {
    let (mut execution, permitted) = Execution::begin(approved.plan(), observer);
    execution.halt = Some(halt);
    execution.leave(permitted.items(), observer);
    execution
}
