//! A policy with the set that it belongs to and the instant as of which it is judged.

use jiff::Timestamp;

use super::{Condition, Policy, PolicySet};

/// A policy of a set, as of an instant.
///
/// Only a set makes one, so the protections and the instance file that come with the policy are those of its own set.
#[derive(Debug, Clone, Copy)]
pub struct InForce<'a> {
    set: &'a PolicySet,
    policy: &'a Policy,
    now: Timestamp,
    horizon: Timestamp,
}

/// A policy with its set as of an instant: what an [`InForce`] borrows, this owns.
#[derive(Debug, Clone)]
pub struct Present {
    set: PolicySet,
    policy: Policy,
    now: Timestamp,
}

impl Present {
    /// Returns the policy in its set.
    #[must_use]
    pub fn in_force(&self) -> InForce<'_> {
        InForce { set: &self.set, policy: &self.policy, now: self.now, horizon: self.now }
    }
}

impl PolicySet {
    /// Returns every policy as of `now`, in the order of their names.
    pub fn policies_at(&self, now: Timestamp) -> impl Iterator<Item = InForce<'_>> {
        self.policies.iter().map(move |policy| InForce { set: self, policy, now, horizon: now })
    }

    /// Returns the policy of this name as of `now`.
    #[must_use]
    pub fn policy_at(&self, name: &str, now: Timestamp) -> Option<InForce<'_>> {
        self.policy(name).map(|policy| InForce { set: self, policy, now, horizon: now })
    }
}

impl<'a> InForce<'a> {
    /// Returns the set that the policy belongs to.
    #[must_use]
    pub fn set(self) -> &'a PolicySet {
        self.set
    }

    /// Returns the policy itself.
    #[must_use]
    pub fn policy(self) -> &'a Policy {
        self.policy
    }

    /// Returns the instant by which everything is judged.
    #[must_use]
    pub fn now(self) -> Timestamp {
        self.now
    }

    /// Returns a copy that outlives the set.
    #[must_use]
    pub fn owned(self) -> Present {
        Present { set: self.set.clone(), policy: self.policy.clone(), now: self.now }
    }

    /// Returns the instant up to which dates are believed: that of the answers. It is later than [`Self::now`] where what
    /// was planned is looked at again.
    #[must_use]
    pub fn horizon(self) -> Timestamp {
        self.horizon
    }

    /// Returns whether a rule of the policy, or of a protection, looks at the releases that supersede a package.
    pub(crate) fn looks_at_successors(self) -> bool {
        self.conditions().any(|condition| condition.successors().is_some())
    }

    /// Returns whether a rule of the policy, or of a protection, goes by how long a branch has been gone.
    #[must_use]
    pub fn goes_by_branches(self) -> bool {
        self.conditions().any(|condition| matches!(condition, Condition::BranchGoneFor(_)))
    }

    /// Returns whether some rule of the policy spares what a release links to.
    #[must_use]
    pub fn minds_releases(self) -> bool {
        self.policy.delete.iter().any(|rule| !rule.allow_released) || !self.policy.files.is_empty()
    }

    /// Returns every condition of the policy's rules, and of all protections.
    fn conditions(self) -> impl Iterator<Item = &'a Condition> {
        let Policy { keep, delete, files, .. } = self.policy;
        let protect = self.set.protections.iter().flat_map(|protection| &protection.rules);
        let holds = protect.chain(keep.iter().map(|rule| &rule.hold)).map(|hold| &hold.conditions);
        let takes = delete.iter().map(|rule| &rule.conditions).chain(files.iter().map(|rule| &rule.conditions));
        holds.chain(takes).flatten()
    }

    /// Returns the same policy as of another instant.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        Self { now, horizon: now, ..self }
    }

    /// Returns the same policy as of `planned`, for answers of the instant `seen`. Ages count from the earlier of the two:
    /// nothing grows old while it waits for its deletion. A date is in the future where it is after `seen`.
    #[must_use]
    pub fn looking_again(self, planned: Timestamp, seen: Timestamp) -> Self {
        Self { now: planned.min(seen), horizon: seen, ..self }
    }
}
