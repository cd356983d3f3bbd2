//! Asks for what a plan has to know beyond the listing, in rounds.

use std::collections::HashSet;

use super::{further, rivals, shortlist};
use crate::package::{BranchesSeen, Evidence, FileId, PackageId, Questions};
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
    /// What earlier runs saw of branches.
    pub branches: &'a BranchesSeen,
    /// The packages that are asked about; `None` means all of them.
    pub wanted: Option<&'a HashSet<PackageId>>,
}

impl Inquiry<'_> {
    /// Returns the questions about what may go, as far as the listing tells.
    #[must_use]
    pub fn first(&self) -> Questions {
        self.narrowed(shortlist(self.in_force, self.inventory))
    }

    /// How often [`Self::further`] leads to new questions at most: after the pipelines come the branches of their
    /// projects, what the pipelines ran for, and the branches that are gone.
    pub const FURTHER: usize = 3;

    /// Returns the questions about the pipelines and the branches that the answers before told of.
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
        evidence.recall_branches(self.branches, self.in_force.now());
        for _ in 0..Self::FURTHER {
            let questions = self.further(&evidence);
            if questions.is_empty() {
                break;
            }
            evidence.extend(answer(&questions).without(self.gone));
        }
        let questions = self.second(&evidence);
        evidence.extend(answer(&questions).without(self.gone));
        evidence
    }

    fn narrowed(&self, mut questions: Questions) -> Questions {
        if let Some(wanted) = self.wanted {
            questions.narrow(|id| wanted.contains(&id));
        }
        questions
    }
}
