//! Asks a plan's first questions: what has to be looked up about the packages that may go, as far as the listing tells.

use std::collections::BTreeSet;

use super::files;
use super::judge::Judge;
use super::rank::{NewestRule, Series};
use super::reason::Verdict;
use super::stance::Stance;
use crate::package::{Evidence, Growth, Package, Questions};
use crate::plan::inventory::Inventory;
use crate::policy::{Condition, DeleteRule, FileRule, Hold, InForce, KeepRule, Known, Per, Truth};

/// Returns the questions about every package that may go by the listing alone. These packages are a superset of every
/// deletion.
///
/// Pure: the same inputs give the same questions.
#[must_use]
pub fn shortlist(in_force: InForce<'_>, inventory: &Inventory) -> Questions {
    questions(in_force, inventory, &Evidence::none())
}

/// Returns the questions that only earlier answers about pipelines and branches made known: what a pipeline ran for, and
/// whether its branch is gone. `evidence` has the answers to the questions before.
///
/// Pure, as the shortlist is.
#[must_use]
pub fn further(in_force: InForce<'_>, inventory: &Inventory, evidence: &Evidence) -> Questions {
    if !evidence.may_lead_further() {
        return Questions::default();
    }
    let Questions { mut kinds, mut branch_lists, mut branches, .. } = questions(in_force, inventory, evidence);
    kinds.retain(|(pipeline, _)| !evidence.has_asked(*pipeline));
    branch_lists.retain(|(project, _)| !evidence.has_branches(*project));
    branches.retain(|(project, branch, _)| !evidence.branch_steps(*project, branch).is_empty());
    Questions { kinds, branch_lists, branches, ..Questions::default() }
}

/// Returns the questions about the packages that are selected, as far as the evidence tells.
fn questions(in_force: InForce<'_>, inventory: &Inventory, evidence: &Evidence) -> Questions {
    let policy = in_force.policy();
    let judge = Judge::new(in_force, inventory, evidence, Stance::Shortlisting);
    let mut questions = Questions::default();
    let mut keys = BTreeSet::new();
    for (index, package) in inventory.packages().iter().enumerate() {
        let answers = judge.answers(index);
        if judge.reason(index, &answers).verdict() == Verdict::Delete {
            questions.ask_about(&judge.field.known[index], in_force);
            // The competitors for a place are the same for every package of a key.
            if keys.insert(package.key()) {
                for rule in &policy.keep {
                    questions.ask_competitors(&judge, index, rule);
                }
            }
        }
        let rules = files::candidates(&judge, policy, index, &answers);
        if !rules.is_empty() {
            questions.ask_files(&judge.field.known[index], in_force, &rules);
        }
    }
    questions
}

impl Questions {
    /// Asks for what could save a package that is on the shortlist.
    fn ask_about(&mut self, known: &Known<'_>, in_force: InForce<'_>) {
        let (set, policy) = (in_force.set(), in_force.policy());
        let package = known.package;
        let has_files = package.package_type.facts().growth != Growth::InPlace;
        if package.package_type.gains_files() || (has_files && policy.limits.max_bytes.is_some()) {
            self.files.insert(package.id);
        }
        self.protection.insert(package.project.id);
        let protections = set.protections.iter().flat_map(|protection| &protection.rules);
        self.ask_holds(known, protections.chain(policy.keep.iter().map(|rule| &rule.hold)));
        let may_select = |rule: &&DeleteRule| matches!(known.selected_by(rule), Truth::Yes | Truth::Pending);
        let mut rules = policy.delete.iter().filter(may_select).peekable();
        if rules.clone().any(|rule| !rule.allow_released) {
            self.ask_releases(package);
        }
        for rule in rules.by_ref() {
            self.ask_selecting(known, &rule.conditions);
        }
    }

    /// Asks for the files of a package that `files` rules are for, or may be, and for what could save those.
    fn ask_files(&mut self, known: &Known<'_>, in_force: InForce<'_>, rules: &[(usize, &FileRule)]) {
        self.files.insert(known.package.id);
        self.protection.insert(known.package.project.id);
        self.ask_releases(known.package);
        self.ask_holds(known, in_force.set().protections.iter().flat_map(|protection| &protection.rules));
        for (_, rule) in rules {
            self.ask_selecting(known, &rule.conditions);
        }
    }

    fn ask_releases(&mut self, package: &Package) {
        if package.project.has_releases != Some(false) {
            self.releases.insert(package.project.id);
            if package.package_type.facts().growth != Growth::InPlace {
                self.candidates.insert((package.project.id, package.id));
            }
        }
    }

    fn ask_holds<'h>(&mut self, known: &Known<'_>, holds: impl IntoIterator<Item = &'h Hold>) {
        for hold in holds {
            if known.held_by(hold) == Truth::Pending {
                self.ask_holding(known, &hold.conditions);
            }
        }
    }

    /// Asks about the packages of `index`'s key whose place under a `newest` rule rests on what was not looked up.
    fn ask_competitors(&mut self, judge: &Judge<'_>, index: usize, rule: &KeepRule) {
        let Some(of_rule) = NewestRule::of(rule) else { return };
        let newest = of_rule.newest;
        for &sibling in judge.field.siblings(index) {
            let known = &judge.field.known[sibling];
            let counted = of_rule.counts(known);
            if counted == Truth::Pending {
                self.ask_holding(known, of_rule.counted.iter().copied());
            }
            let counts_refs = newest.per == Some(Per::Ref) && matches!(counted, Truth::Yes | Truth::Pending);
            if counts_refs && judge.field.series(sibling, newest.per.as_ref()) == Series::Open {
                self.pipelines.insert(known.package.id);
            }
        }
    }

    /// Asks for what the open conditions of a delete or files rule rest on.
    fn ask_selecting(&mut self, known: &Known<'_>, conditions: &[Condition]) {
        let open = conditions.iter().filter(|condition| known.selected_by_condition(condition) == Truth::Pending);
        open.for_each(|condition| condition.ask(known, self));
    }

    /// Asks for what the open conditions of a hold rest on.
    fn ask_holding<'c>(&mut self, known: &Known<'_>, conditions: impl IntoIterator<Item = &'c Condition>) {
        let open = conditions.into_iter().filter(|condition| known.held_by_condition(condition) == Truth::Pending);
        open.for_each(|condition| condition.ask(known, self));
    }
}
