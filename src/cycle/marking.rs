//! What a cycle does with the marks of earlier runs.

use std::collections::BTreeSet;

use crate::package::ProjectId;
use crate::plan::{Endings, Extent, Marks, Plan};
use crate::policy::InForce;
use crate::record::marks::MarkBook;
use crate::record::state::StateError;

/// What a cycle does with marks.
#[derive(Debug, Clone, Copy)]
pub enum Marking<'a> {
    /// Nobody keeps any: whatever waits for a mark waits on.
    Nowhere,
    /// It goes by them, and leaves them as they are.
    Shown(&'a MarkBook),
    /// It goes by them, after its walk has set some and taken others away.
    Kept {
        /// Where they are kept.
        book: &'a MarkBook,
        /// How much the walk says of them.
        extent: Extent,
    },
}

impl Marking<'_> {
    /// Returns the marks that the plan goes by, once those that its walk sets and takes away are written down.
    /// `unanswered` has the projects of which a question could not be answered.
    ///
    /// # Errors
    ///
    /// When they can't be written. Then they are no use: after a restart nobody would know of those that were taken away.
    pub(super) fn renewed(
        self,
        in_force: InForce<'_>,
        plan: &Plan,
        unanswered: &BTreeSet<ProjectId>,
    ) -> Result<Marks, StateError> {
        let policy = &in_force.policy().name;
        match self {
            Self::Nowhere => Ok(Marks::default()),
            Self::Shown(book) => Ok(book.of(policy)),
            Self::Kept { book, extent } => {
                book.set(policy, plan.marks_after(in_force, &book.of(policy), unanswered, extent))?;
                Ok(book.of(policy))
            }
        }
    }

    /// Takes the marks away of what is gone, and of what no longer went when it was looked at again.
    ///
    /// # Errors
    ///
    /// When that can't be written.
    pub(super) fn settle(self, policy: &str, endings: &Endings) -> Result<(), StateError> {
        match self {
            Self::Nowhere | Self::Shown(_) => Ok(()),
            Self::Kept { book, .. } => book.settle(policy, endings),
        }
    }
}
