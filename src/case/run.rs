//! Judges cases as life would: by the shortlist, the look-ups that it asks for, and the plan.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::expectation::{Expected, Fate, full_name, rules_of};
use super::told::{Difference, Failure, Outcome, Told, Unshown};
use super::{Case, Row, lookup, scope};
use crate::inventory::{Inventory, InventoryBuilder};
use crate::package::PackageId;
use crate::plan::{Decision, RuleRef, Verdict, because, plan, shortlist};
use crate::policy::{Policy, PolicySet};

/// Judges every case.
pub(super) fn all(cases: &[Case], set: &PolicySet) -> Outcome {
    let mut outcome = Outcome { cases: cases.len(), ..Outcome::default() };
    let mut shown = BTreeSet::new();
    for case in cases {
        let policies = match &case.policy {
            Some(name) => set.policy(name).into_iter().collect(),
            None => set.policies.iter().collect(),
        };
        let judged = Judged::of(case, policies, set);
        let mut differences = Vec::new();
        for (row, expected) in case.rows.iter().filter_map(|row| Some((row, row.expected.as_ref()?))) {
            outcome.expectations += 1;
            match judged.holds(row, expected) {
                Ok(rules) => shown.extend(rules),
                Err(difference) => differences.push(*difference),
            }
        }
        if !differences.is_empty() {
            outcome.failures.push(Failure { case: case.name.clone(), place: case.place.clone(), differences });
        }
    }
    outcome.unshown = unshown(set, &shown);
    outcome
}

/// A case with what becomes of its packages.
struct Judged<'a> {
    case: &'a Case,
    set: &'a PolicySet,
    /// What each policy says of each package that it looks at, in the order of the policies.
    said: BTreeMap<PackageId, Vec<(&'a Policy, Decision)>>,
    policies: Vec<&'a Policy>,
    /// What would have been deleted without having been on the shortlist, which must never be.
    missed: BTreeSet<PackageId>,
}

impl<'a> Judged<'a> {
    /// Each policy on what those before it leave.
    fn of(case: &'a Case, policies: Vec<&'a Policy>, set: &'a PolicySet) -> Self {
        let mut judged = Self { case, set, said: BTreeMap::new(), policies, missed: BTreeSet::new() };
        let mut gone = HashSet::new();
        for policy in judged.policies.clone() {
            let inventory = inventory(case, policy).without(&gone);
            for decision in judged.decide(policy, inventory) {
                if decision.verdict() == Verdict::Delete {
                    gone.insert(decision.package.id);
                }
                judged.said.entry(decision.package.id).or_default().push((policy, decision));
            }
        }
        judged
    }

    fn decide(&mut self, policy: &Policy, inventory: Inventory) -> Vec<Decision> {
        let Self { case, set, .. } = *self;
        let shortlist = shortlist(set, policy, &inventory, case.as_of);
        let asked = lookup::answers(&case.rows, &shortlist.questions);
        let everything = lookup::everything(&case.rows);
        let listed = deletions(&shortlist.decisions);
        let whole = plan(set, policy, inventory.clone(), &everything, case.as_of);
        let decisions = plan(set, policy, inventory, &asked, case.as_of).decisions().to_vec();
        let deleted = deletions(&decisions);
        self.missed.extend(deleted.difference(&listed));
        self.missed.extend(deleted.symmetric_difference(&deletions(whole.decisions())));
        decisions
    }

    /// The rules that an expectation has shown, by their full names; or how it went otherwise.
    fn holds(&self, row: &Row, expected: &Expected) -> Result<Vec<String>, Box<Difference>> {
        let said = self.said.get(&row.package.id).map_or(&[][..], Vec::as_slice);
        let last = said.last().filter(|(_, decision)| decision.verdict() == Verdict::Delete);
        // Of a package that goes only the policy that deletes it counts, of one that stays each of them.
        let decisive: Vec<_> = last.map_or_else(|| said.iter().collect(), |deleted| vec![deleted]);
        let told: Vec<Told> = decisive.iter().map(|(policy, decision)| self.told(policy, decision)).collect();
        let fits = |told: &&Told| {
            told.fate == expected.fate
                && expected.reason.is_none_or(|reason| told.reason == Some(reason))
                && expected.rule.as_ref().is_none_or(|rule| told.rule.as_ref() == Some(rule))
        };
        let is_outside = decisive.is_empty() && expected.fate == Fate::Outside;
        let is_missed = self.missed.contains(&row.package.id);
        if (is_outside || told.iter().any(|told| fits(&told))) && !is_missed {
            let rules = decisive.iter().filter_map(|(policy, decision)| Some((policy, decision.reason.rule()?)));
            return Ok(rules.map(|(policy, rule)| full_name(rule, policy, self.set)).collect());
        }
        // A policy that says more than that it has no rule for the package is the one to be told.
        let actual = told.iter().find(|told| told.reason != Some("not_selected")).or(told.first()).cloned();
        let actual = actual.unwrap_or_else(|| self.outside(row));
        Err(Box::new(Difference {
            package: row.package.clone(),
            place: row.place.clone(),
            expected: expected.clone(),
            actual,
            is_missed,
        }))
    }

    fn told(&self, policy: &Policy, decision: &Decision) -> Told {
        let rule = decision.reason.rule().map(|rule| match self.case.policy {
            Some(_) => rule.label(self.set),
            None => full_name(rule, policy, self.set),
        });
        Told {
            fate: decision.verdict().into(),
            policy: Some(policy.name.clone()),
            reason: Some(decision.reason.code()),
            rule,
            because: because(decision, self.set, policy, self.case.as_of),
        }
    }

    fn outside(&self, row: &Row) -> Told {
        let project = &row.package.project;
        let why = |policy: &&Policy| {
            let why = scope::outside(&policy.scope, project, &row.package.package_type)?;
            Some(format!("{} does not look at it: {why}", policy.name))
        };
        let because: Vec<String> = self.policies.iter().filter_map(why).collect();
        Told { fate: Fate::Outside, policy: None, reason: None, rule: None, because: because.join("; ") }
    }
}

/// What the walk of a policy would have listed.
fn inventory(case: &Case, policy: &Policy) -> Inventory {
    let mut builder = InventoryBuilder::default();
    let packages = case.rows.iter().map(|row| &row.package);
    let listed =
        packages.filter(|package| scope::outside(&policy.scope, &package.project, &package.package_type).is_none());
    builder.absorb(listed.cloned());
    builder.finish().within(&policy.scope, None)
}

fn deletions(decisions: &[Decision]) -> BTreeSet<PackageId> {
    let deleted = decisions.iter().filter(|decision| decision.verdict() == Verdict::Delete);
    deleted.map(|decision| decision.package.id).collect()
}

/// The rules of the set that no expectation has shown.
fn unshown(set: &PolicySet, shown: &BTreeSet<String>) -> Vec<Unshown> {
    let mut unshown = Vec::new();
    let mut add = |owner: &str, source: &str, rules: Vec<String>| {
        let missing: Vec<&String> = rules.iter().filter(|rule| !shown.contains(*rule)).collect();
        let owner = || (owner.to_owned(), source.to_owned());
        if missing.len() == rules.len() {
            let (owner, source) = owner();
            unshown.push(Unshown { owner, source, rule: None });
            return;
        }
        for rule in missing {
            let (owner, source) = owner();
            let rule = rule.rsplit('.').next().map(str::to_owned);
            unshown.push(Unshown { owner, source, rule });
        }
    };
    for policy in &set.policies {
        add(&policy.name, &policy.source, rules_of(policy).map(|rule| full_name(rule, policy, set)).collect());
    }
    for (protection, held) in set.protections.iter().enumerate() {
        let rules = (0..held.rules.len()).map(|rule| RuleRef::Protect { protection, rule }.label(set));
        add(&held.name, &held.source, rules.collect());
    }
    unshown
}
