//! What a plan has to know beyond the listing, asked in rounds.

use std::collections::HashSet;

use super::{further, rivals, shortlist};
use crate::package::{Evidence, FileId, PackageId, Questions};
use crate::plan::inventory::Inventory;
use crate::policy::InForce;

/// What is to be decided, and what is left out of it.
#[derive(Debug, Clone, Copy)]
pub struct Inquiry<'a> {
    /// The policy, with its set and the instant.
    pub in_force: InForce<'a>,
    /// What is decided about.
    pub inventory: &'a Inventory,
    /// The files that are gone by then, or would be: no answer has them.
    pub gone: &'a HashSet<FileId>,
    /// The packages that are asked about; `None` is all of them.
    pub wanted: Option<&'a HashSet<PackageId>>,
}

impl Inquiry<'_> {
    /// The questions about what may go, as far as the listing tells.
    #[must_use]
    pub fn first(&self) -> Questions {
        self.narrowed(shortlist(self.in_force, self.inventory))
    }

    /// The questions about what the pipelines ran for that only the answers to the first ones told of.
    #[must_use]
    pub fn further(&self, evidence: &Evidence) -> Questions {
        self.narrowed(further(self.in_force, self.inventory, evidence))
    }

    /// The questions about what those packages compete with. `evidence` has the answers to the first ones.
    #[must_use]
    pub fn second(&self, evidence: &Evidence) -> Questions {
        self.narrowed(rivals(self.in_force, self.inventory, evidence))
    }

    /// All rounds, answered at once by `answer`.
    #[must_use]
    pub fn answered(&self, answer: impl Fn(&Questions) -> Evidence) -> Evidence {
        let mut evidence = answer(&self.first()).without(self.gone);
        for questions in [Self::further, Self::second] {
            let questions = questions(self, &evidence);
            evidence.extend(answer(&questions).without(self.gone));
        }
        evidence
    }

    fn narrowed(&self, mut questions: Questions) -> Questions {
        if let Some(wanted) = self.wanted {
            questions.narrow(|id| wanted.contains(&id));
        }
        questions
    }
}
