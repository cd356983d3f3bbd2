//! A case as one policy sees it: what its walk lists, what it asks for, and its plan.

use std::collections::BTreeSet;

use super::expectation::full_name;
use super::told::Told;
use super::{Case, Row, lookup, scope};
use crate::package::{FileId, PackageId};
use crate::plan::inventory::{Gone, Inventory, InventoryBuilder};
use crate::plan::{
    Decision, Evidence, Explanation, Inquiry, Plan, RuleRef, Verdict, because, estimate, explain, file_because, plan,
    would_be_gone,
};
use crate::policy::{InForce, Policy};
use crate::report::{PolicyExplanation, policy_explanation};

pub(super) struct View<'a> {
    pub(super) in_force: InForce<'a>,
    case: &'a Case,
    inventory: Inventory,
    evidence: Evidence,
    /// The same, had everything been asked.
    everything: Evidence,
    plan: Plan,
    /// What the plan deletes without its being on the shortlist, or deletes only because something was not asked for.
    /// There must never be any.
    missed: BTreeSet<PackageId>,
}

impl<'a> View<'a> {
    /// The policy's view of what is not gone.
    pub(super) fn of(case: &'a Case, in_force: InForce<'a>, gone: &Gone) -> Self {
        let inventory = inventory(case, in_force.policy()).without(&gone.packages);
        let estimate = estimate(in_force, inventory.clone());
        let inquiry = Inquiry { in_force, inventory: &inventory, gone: &gone.files, wanted: None };
        let evidence = inquiry.answered(|questions| lookup::answers(&case.rows, questions));
        let everything = lookup::everything(&case.rows).without(&gone.files);
        let decide = |evidence| plan(in_force, inventory.clone(), evidence);
        let (plan, informed) = (decide(&evidence), decide(&everything));
        let deleted = deletions(&plan);
        let is_listed = |decision: &&Decision| decision.verdict() == Verdict::Delete;
        let listed = estimate.decisions.iter().filter(is_listed).map(|decision| decision.package.id).collect();
        let mut missed: BTreeSet<PackageId> = deleted.difference(&listed).copied().collect();
        missed.extend(deleted.symmetric_difference(&deletions(&informed)));
        missed
            .extend(file_deletions(&plan).symmetric_difference(&file_deletions(&informed)).map(|(package, _)| package));
        Self { in_force, case, inventory, evidence, everything, plan, missed }
    }

    /// What the policy says of a package; `None` where it doesn't look at it, or where it is gone.
    pub(super) fn told(&self, package: PackageId) -> Option<Told> {
        let decision = self.plan.decision(package)?;
        Some(Told {
            reason: Some(decision.reason.kind()),
            ..self.by(decision.reason.rule(), decision.verdict(), because(decision, self.in_force))
        })
    }

    /// What the policy says of a file; `None` where it says nothing of the package.
    pub(super) fn told_of_file(&self, package: PackageId, file: FileId) -> Option<Told> {
        let whole = self.plan.decision(package)?;
        let Some(decision) = self.plan.file_decisions_of(package).iter().find(|decision| decision.file.id == file)
        else {
            let because = match whole.verdict() {
                Verdict::Delete => "its package goes",
                Verdict::Keep => "no files rule is for its package",
            };
            return Some(self.by(None, whole.verdict(), because.to_owned()));
        };
        let because = file_because(decision, &whole.package, self.in_force);
        let told = self.by(decision.reason.rule(), decision.verdict(), because);
        Some(Told { reason: Some(decision.reason.kind()), ..told })
    }

    fn by(&self, rule: Option<RuleRef>, verdict: Verdict, because: String) -> Told {
        let full_rule = rule.map(|rule| full_name(rule, self.in_force.policy(), self.in_force.set()));
        let rule = match self.case.policy {
            Some(_) => rule.map(|rule| rule.label(self.in_force.set())),
            None => full_rule.clone(),
        };
        Told { fate: verdict.into(), reason: None, rule, full_rule, because, explanation: String::new() }
    }

    /// Every rule of the policy, and what each of its conditions saw. With all that there is to be known more can be told,
    /// unless that gives another reason for the same verdict.
    pub(super) fn explanation(&self, package: PackageId) -> String {
        let Self { in_force, case, inventory, evidence, everything, plan, .. } = self;
        let explained = |evidence| explain(*in_force, inventory, evidence, package);
        let reason = plan.decision(package).map(|decision| decision.reason);
        let is_told = |explanation: &Explanation| reason == Some(explanation.decision.reason);
        let explanation = explained(everything).filter(is_told).or_else(|| explained(evidence));
        explanation.map_or_else(String::new, |explanation| {
            policy_explanation(&PolicyExplanation::judged(*in_force, &explanation), case.as_of, None)
        })
    }

    /// What the policy takes from those after it.
    pub(super) fn gone(&self) -> Gone {
        would_be_gone(&self.plan, self.in_force)
    }

    pub(super) fn has_missed(&self, package: PackageId) -> bool {
        self.missed.contains(&package)
    }

    /// Why the policy doesn't look at a package.
    pub(super) fn why_outside(&self, row: &Row) -> Option<String> {
        let why = scope::outside(&self.in_force.policy().scope, &row.package)?;
        Some(format!("{} does not look at it: {why}", self.in_force.policy().name))
    }
}

/// What the walk of a policy would have listed.
fn inventory(case: &Case, policy: &Policy) -> Inventory {
    let packages = case.rows.iter().map(|row| &row.package);
    let mut builder = InventoryBuilder::default();
    builder.absorb(packages.filter(|package| scope::outside(&policy.scope, package).is_none()).cloned());
    builder.finish().within(&policy.scope, None)
}

fn deletions(plan: &Plan) -> BTreeSet<PackageId> {
    plan.deletions().map(|decision| decision.package.id).collect()
}

fn file_deletions(plan: &Plan) -> BTreeSet<(PackageId, FileId)> {
    plan.file_deletions().map(|decision| (decision.package, decision.file.id)).collect()
}
