//! Deletes what an approved plan says, and nothing else. No choice is made here. Whatever is no longer as it was judged
//! stays.
//!
//! `executor` asks GitLab, `execution` keeps what came of it. Packages and files are noted and told the same way. They
//! are deleted in two files, because a package is judged and confirmed by itself, and a file together with the other
//! files of its package.

mod execution;
mod executor;
mod files;
mod packages;

use tokio_util::sync::CancellationToken;

use crate::cycle::brake::{Brake, Halt};
use crate::cycle::progress::Observer;
use crate::gitlab::{Reader, Writer};
use crate::plan::Approved;
use crate::policy::InForce;

use executor::Executor;

pub use execution::Execution;

/// Deletes every package that goes, then every file that goes of those that stay, and tells what became of each. One
/// failure never stops the others.
///
/// A stop lets what is under way finish, and leaves the rest as not attempted. So does the brake, once it holds: when a
/// pause ends, what it left is planned anew. So do a token that GitLab no longer takes and a GitLab that no longer
/// answers: every further request would fail as well. `planned` is the policy that the plan is one of.
pub async fn execute(
    reader: &Reader,
    writer: &Writer,
    approved: &Approved<'_>,
    planned: InForce<'_>,
    brake: &Brake,
    observer: &dyn Observer,
    stop: &CancellationToken,
) -> Execution {
    let plan = approved.plan();
    let executor = Executor::new(reader, writer, planned, brake, stop);
    let (mut execution, permitted) = Execution::begin(plan, observer);
    packages::delete(&executor, &mut execution, &permitted.packages, observer).await;
    files::delete(&executor, &mut execution, &permitted.trims, observer).await;
    execution
}

/// Deletes nothing, because the brake holds before the first deletion.
pub fn hold_up(approved: &Approved<'_>, halt: Halt, observer: &dyn Observer) -> Execution {
    let (mut execution, permitted) = Execution::begin(approved.plan(), observer);
    execution.halt = Some(halt);
    execution.leave(permitted.items(), observer);
    execution
}
