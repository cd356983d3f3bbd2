//! Asks for what a plan has to know beyond the listing, in rounds.

use std::collections::HashSet;

use super::{further, rivals, shortlist};
use crate::package::{Evidence, FileId, PackageId, Questions};
use crate::plan::inventory::Inventory;
use crate::policy::InForce;

/// A policy with the packages that it decides on. It asks about them, or about some of them.
#[derive(Debug, Clone, Copy)]
pub struct Inquiry<'a> {
    /// The policy, with its set and the instant.
    pub in_force: InForce<'a>,
    /// The packages that are decided on.
    pub inventory: &'a Inventory,
    /// The files that are gone by then, or would be. No answer has them.
    pub gone: &'a HashSet<FileId>,
    /// The packages that are asked about; `None` means all of them.
    pub wanted: Option<&'a HashSet<PackageId>>,
}

impl Inquiry<'_> {
    /// Returns the questions about what may go, as far as the listing tells.
    #[must_use]
    pub fn first(&self) -> Questions {
        self.narrowed(shortlist(self.in_force, self.inventory))
    }

    /// Returns the questions about the pipelines that the first answers told of: what they ran for.
    #[must_use]
    pub fn further(&self, evidence: &Evidence) -> Questions {
        self.narrowed(further(self.in_force, self.inventory, evidence))
    }

    /// Returns the questions about what those packages compete with. `evidence` has the answers to the first ones.
    #[must_use]
    pub fn second(&self, evidence: &Evidence) -> Questions {
        self.narrowed(rivals(self.in_force, self.inventory, evidence))
    }

    /// Asks all rounds. `answer` gives the answers to each.
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
