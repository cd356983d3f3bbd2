//! Rules as cases name them.

use crate::plan::RuleRef;
use crate::policy::{Policy, PolicySet};

/// A rule of a policy or of a protection, with the name that cases have for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRule {
    /// Its place in its policy, or among the protections of the set.
    pub rule: RuleRef,
    /// The name of the policy that has it; `None` for a rule of a protection.
    pub policy: Option<String>,
    /// `keep[0]` in a case about one policy, `nightly.keep[0]` in one about the whole set, and `on-hold.protect[0]` in both.
    pub name: String,
}

impl CaseRule {
    /// Names a rule for a case about this policy alone.
    pub(super) fn in_policy(rule: RuleRef, policy: &Policy, set: &PolicySet) -> Self {
        let owner = (!matches!(rule, RuleRef::Protect { .. })).then(|| policy.name.clone());
        Self { rule, policy: owner, name: rule.label(set) }
    }

    /// Names a rule for a case about the whole set.
    pub(super) fn in_set(rule: RuleRef, policy: &Policy, set: &PolicySet) -> Self {
        let named = Self::in_policy(rule, policy, set);
        let name = match &named.policy {
            Some(policy) => format!("{policy}.{}", named.name),
            None => named.name,
        };
        Self { name, ..named }
    }

    /// Returns the protect rules of a set.
    pub(super) fn of_protections(set: &PolicySet) -> impl Iterator<Item = Self> {
        RuleRef::of_protections(set).map(|rule| Self { rule, policy: None, name: rule.label(set) })
    }
}

/// Returns the rules of a policy.
pub(super) fn rules_of(policy: &Policy) -> impl Iterator<Item = RuleRef> + use<> {
    let delete = (0..policy.delete.len()).map(RuleRef::Delete);
    let keep = (0..policy.keep.len()).map(RuleRef::Keep);
    delete.chain(keep).chain((0..policy.files.len()).map(RuleRef::Files))
}
