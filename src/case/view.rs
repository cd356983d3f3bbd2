//! A case as one policy sees it: what its walk lists, what it asks for, and its plan.

use std::collections::{BTreeSet, HashSet};

use super::expectation::full_name;
use super::told::Told;
use super::{Case, Row, lookup, scope};
use crate::inventory::{Inventory, InventoryBuilder};
use crate::package::PackageId;
use crate::plan::{Decision, Evidence, Explanation, Verdict, because, explain, plan, shortlist};
use crate::policy::{Policy, PolicySet};
use crate::report::{PolicyExplanation, policy_explanation};

pub(super) struct View<'a> {
    pub(super) policy: &'a Policy,
    case: &'a Case,
    set: &'a PolicySet,
    inventory: Inventory,
    evidence: Evidence,
    decisions: Vec<Decision>,
    /// What the plan deletes without its being on the shortlist, or deletes only because something was not asked for.
    /// There must never be any.
    missed: BTreeSet<PackageId>,
}

impl<'a> View<'a> {
    /// What the policies before this one delete is `gone`.
    pub(super) fn of(case: &'a Case, policy: &'a Policy, set: &'a PolicySet, gone: &HashSet<PackageId>) -> Self {
        let inventory = inventory(case, policy).without(gone);
        let shortlist = shortlist(set, policy, &inventory, case.as_of);
        let evidence = lookup::answers(&case.rows, &shortlist.questions);
        let everything = lookup::everything(&case.rows);
        let decide = |evidence| plan(set, policy, inventory.clone(), evidence, case.as_of).decisions().to_vec();
        let decisions = decide(&evidence);
        let deleted = deletions(&decisions);
        let listed = deletions(&shortlist.decisions);
        let mut missed: BTreeSet<PackageId> = deleted.difference(&listed).copied().collect();
        missed.extend(deleted.symmetric_difference(&deletions(&decide(&everything))));
        Self { policy, case, set, inventory, evidence, decisions, missed }
    }

    /// What the policy says of a package; `None` where it doesn't look at it, or where it is gone.
    pub(super) fn told(&self, package: PackageId) -> Option<Told> {
        let decision = self.decisions.iter().find(|decision| decision.package.id == package)?;
        let rule = decision.reason.rule();
        Some(Told {
            fate: decision.verdict().into(),
            reason: Some(decision.reason.code()),
            rule: rule.map(|rule| match self.case.policy {
                Some(_) => rule.label(self.set),
                None => full_name(rule, self.policy, self.set),
            }),
            full_rule: rule.map(|rule| full_name(rule, self.policy, self.set)),
            because: because(decision, self.set, self.policy, self.case.as_of),
            explanation: String::new(),
        })
    }

    /// Every rule of the policy, and what each of its conditions saw. With all that there is to be known more can be told,
    /// unless that gives another reason for the same verdict.
    pub(super) fn explanation(&self, package: PackageId) -> String {
        let Self { policy, case, set, inventory, evidence, decisions, .. } = self;
        let explained = |evidence| explain(set, policy, inventory, evidence, case.as_of, package);
        let decision = decisions.iter().find(|decision| decision.package.id == package);
        let is_told =
            |explanation: &Explanation| decision.is_some_and(|told| told.reason == explanation.decision.reason);
        let explanation = explained(&lookup::everything(&case.rows)).filter(is_told).or_else(|| explained(evidence));
        explanation.map_or_else(String::new, |explanation| {
            policy_explanation(&PolicyExplanation::judged(set, policy, case.as_of, &explanation), case.as_of, None)
        })
    }

    pub(super) fn deletions(&self) -> BTreeSet<PackageId> {
        deletions(&self.decisions)
    }

    pub(super) fn has_missed(&self, package: PackageId) -> bool {
        self.missed.contains(&package)
    }

    /// Why the policy doesn't look at a package.
    pub(super) fn why_outside(&self, row: &Row) -> Option<String> {
        let why = scope::outside(&self.policy.scope, &row.package)?;
        Some(format!("{} does not look at it: {why}", self.policy.name))
    }
}

/// What the walk of a policy would have listed.
fn inventory(case: &Case, policy: &Policy) -> Inventory {
    let packages = case.rows.iter().map(|row| &row.package);
    let mut builder = InventoryBuilder::default();
    builder.absorb(packages.filter(|package| scope::outside(&policy.scope, package).is_none()).cloned());
    builder.finish().within(&policy.scope, None)
}

fn deletions(decisions: &[Decision]) -> BTreeSet<PackageId> {
    let deleted = decisions.iter().filter(|decision| decision.verdict() == Verdict::Delete);
    deleted.map(|decision| decision.package.id).collect()
}
