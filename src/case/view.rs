//! A case as one policy sees it: the packages that its walk lists, the evidence that it asks for, and its plan.

use std::collections::BTreeSet;

use super::branches::GivenBranches;
use super::given::{Case, GivenPackage};
use super::results::Actual;
use super::rule::CaseRule;
use super::{lookup, scope};
use crate::package::{Evidence, FileId, PackageId};
use crate::plan::inventory::{Gone, Inventory, InventoryBuilder};
use crate::plan::{
    Decision, Explanation, Inquiry, Plan, RuleRef, Verdict, because, estimate, explain, file_because, plan,
    would_be_gone,
};
use crate::policy::{InForce, Policy};
use crate::report::{PolicyExplanation, policy_explanation};

/// A case under one policy.
pub(super) struct View<'a> {
    pub(super) in_force: InForce<'a>,
    case: &'a Case,
    inventory: Inventory,
    evidence: Evidence,
    /// The evidence as it would be if everything had been asked.
    everything: Evidence,
    plan: Plan,
    /// Packages that the plan deletes though they are not on the shortlist, or deletes only because something was not
    /// asked for. There must never be any.
    missed: BTreeSet<PackageId>,
}

impl<'a> View<'a> {
    /// Judges the packages of a case that are not gone.
    pub(super) fn of(case: &'a Case, in_force: InForce<'a>, gone: &Gone) -> Self {
        let inventory = inventory(case, in_force.policy()).without(&gone.packages);
        let estimate = estimate(in_force, inventory.clone());
        let branches = GivenBranches::of(&case.packages).seen();
        let inquiry = Inquiry { in_force, inventory: &inventory, gone: &gone.files, branches: &branches, wanted: None };
        let evidence = inquiry.answered(|questions| lookup::answers(&case.packages, questions));
        let mut everything = lookup::everything(&case.packages).without(&gone.files);
        everything.recall_branches(&branches, in_force.now());
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

    /// Returns the policy's verdict on a package; `None` where it doesn't look at it, or where it is gone.
    pub(super) fn verdict_on(&self, package: PackageId) -> Option<Actual> {
        let decision = self.plan.decision(package)?;
        Some(Actual {
            reason: Some(decision.reason.kind()),
            ..self.by(decision.reason.rule(), decision.verdict(), because(decision, self.in_force))
        })
    }

    /// Returns the policy's verdict on a file; `None` where it has none on the package.
    pub(super) fn verdict_on_file(&self, package: PackageId, file: FileId) -> Option<Actual> {
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
        let actual = self.by(decision.reason.rule(), decision.verdict(), because);
        Some(Actual { reason: Some(decision.reason.kind()), ..actual })
    }

    fn by(&self, rule: Option<RuleRef>, verdict: Verdict, because: String) -> Actual {
        let name = match self.case.policy {
            Some(_) => CaseRule::in_policy,
            None => CaseRule::in_set,
        };
        let rule = rule.map(|rule| name(rule, self.in_force.policy(), self.in_force.set()));
        Actual { fate: verdict.into(), reason: None, rule, because, explanation: String::new() }
    }

    /// Explains the verdict on a package: every rule of the policy, and what each of its conditions saw. It goes by all that
    /// there is to be known, unless that gives another reason for the same verdict.
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

    /// Returns the packages and files that the policy takes from those after it.
    pub(super) fn gone(&self) -> Gone {
        would_be_gone(&self.plan, self.in_force)
    }

    pub(super) fn has_missed(&self, package: PackageId) -> bool {
        self.missed.contains(&package)
    }

    /// Tells why the policy doesn't look at a package; `None` where it does.
    pub(super) fn why_outside(&self, given: &GivenPackage) -> Option<String> {
        let why = scope::outside(&self.in_force.policy().scope, &given.package)?;
        Some(format!("{} does not look at it: {why}", self.in_force.policy().name))
    }
}

/// Returns the packages that the walk of a policy would have listed.
fn inventory(case: &Case, policy: &Policy) -> Inventory {
    let packages = case.packages.iter().map(|given| &given.package);
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
