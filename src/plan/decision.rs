//! The verdict on one package, with what the report tells of it.

use super::rank::Rank;
use super::reason::{Reason, Verdict};
use crate::package::{BranchFate, BuiltFrom, Bytes, Content, Downloaded, Evidence, Package};
use crate::plan::inventory::Inventory;
use crate::policy::{Condition, Policy, Successors};

/// The verdict on one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The package.
    pub package: Package,
    /// Why it goes or stays.
    pub reason: Reason,
    /// When it last got content.
    pub content: Content,
    /// The sum of its files' sizes.
    pub bytes: Bytes,
    /// The pipeline that built it, as far as GitLab tells.
    pub built_from: BuiltFrom,
    /// What is known of the branch that built it.
    pub branch: BranchFate,
    /// Its last download, as far as GitLab tells.
    pub downloaded: Downloaded,
    /// Its rank under the `newest` rule that keeps it, or else under the first that counts it.
    pub rank: Option<Rank>,
    /// The releases that supersede it, where a rule hangs on them.
    pub(super) successors: Successors,
}

impl Decision {
    /// Returns the decisions on all packages of an inventory, which were judged in its order.
    pub(super) fn of_all(
        inventory: Inventory,
        judged: Vec<(Reason, Option<Rank>)>,
        successors: Vec<Successors>,
        evidence: &Evidence,
    ) -> Vec<Self> {
        let packages = inventory.into_packages().into_iter().zip(judged).zip(successors);
        let decision = |((package, (reason, rank)), successors)| Self::new(package, reason, rank, successors, evidence);
        packages.map(decision).collect()
    }

    /// Returns the decision on one package, with what the evidence tells of it.
    pub(super) fn new(
        package: Package,
        reason: Reason,
        rank: Option<Rank>,
        successors: Successors,
        evidence: &Evidence,
    ) -> Self {
        let (built_from, downloaded) = (evidence.built_from(&package).into_owned(), evidence.downloaded(&package));
        let (content, bytes) = (evidence.content(&package), evidence.bytes(&package));
        let branch = evidence.branch_fate(&package);
        Self { content, bytes, built_from, branch, downloaded, rank, successors, package, reason }
    }

    /// Returns which way the package goes.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.reason.verdict()
    }

    /// Returns whether the package goes by a rule about downloads while GitLab knows of none, which is less than that
    /// there was none. `policy` is the one that the decision was made by.
    #[must_use]
    pub fn rests_on_null_download(&self, policy: &Policy) -> bool {
        let Reason::Selected(rule) = self.reason else { return false };
        let is_about_downloads =
            |condition: &Condition| matches!(condition, Condition::NotDownloadedFor(_) | Condition::NeverDownloaded);
        self.downloaded == Downloaded::Never
            && policy.delete.get(rule).is_some_and(|rule| rule.conditions.iter().any(is_about_downloads))
    }
}
