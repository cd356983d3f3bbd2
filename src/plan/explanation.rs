//! Explains one package under one policy: every guard, every rule, every condition with what it saw, and the time from
//! which the package would go.
//!
//! Nothing is judged here a second time: verdict, reason and truths are those of the judgement that a plan is made of.

mod opening;
mod seen;

use jiff::civil::Date;

pub use opening::{Opening, opening};

use super::Decision;
use super::because::{because, guarded};
use super::files::{FileDecision, trim};
use super::guard::Guard;
use super::judge::{Answers, Judge};
use super::rank::{Rank, Standing};
use super::reason::{Reason, RuleRef};
use super::stance::Stance;
use crate::package::{Evidence, PackageId};
use crate::plan::inventory::Inventory;
use crate::policy::{Condition, Hold, InForce, KeepRule, Known, Protection, Truth};
use opening::Outlook;
use seen::{seen_by_newest, seen_by_scope};

/// The verdict on one package, with everything that was asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The decision that a plan has on the package.
    pub decision: Decision,
    /// The decision's reason as a sentence.
    pub because: String,
    /// The guards that stand before the package, in their order.
    pub guards: Vec<GuardTold>,
    /// Every protect, keep, delete and files rule, in this order.
    pub rules: Vec<RuleTold>,
    /// The decisions that a plan has on its files, where the package stays and a `files` rule is for it.
    pub files: Vec<FileDecision>,
    /// The time from which the package would go.
    pub opening: Opening,
}

/// A guard that stands before the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardTold {
    /// The guard.
    pub guard: Guard,
    /// Why it stands there, as a sentence.
    pub because: String,
    /// The delete rules that select the package and lift this guard and all before it. Where there are none, the guard
    /// holds.
    pub lifted_by: Vec<RuleRef>,
}

/// One rule, and whether it holds for the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleTold {
    /// The rule.
    pub rule: RuleRef,
    /// `delete[0]`, `on-hold.protect[1]`.
    pub label: String,
    /// Whether it holds.
    pub truth: Truth,
    /// The last day of a rule that has one.
    pub until: Option<Date>,
    /// `until` is over, so that the rule says nothing any more, whatever its parts do.
    pub has_ended: bool,
    /// The note of a rule that has one.
    pub note: Option<String>,
    /// Its parts, each of which has to hold: a protection's scope, the conditions, `newest`.
    pub parts: Vec<PartTold>,
    /// The files that a `files` rule takes of the package, as the rule is written.
    pub takes: Option<String>,
    /// The package's place under a rule that has `newest`, where it has one.
    pub rank: Option<Rank>,
}

/// A part of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartTold {
    /// The part as the policy's file has it: `older_than: 30d`.
    pub written: String,
    /// The value that it was held against, in words.
    pub seen: String,
    /// Whether it holds.
    pub truth: Truth,
}

/// Explains the verdict on one package of the inventory; `None` where it is not in there. With the evidence of a plan the
/// decision is the plan's.
#[must_use]
pub fn explain(
    in_force: InForce<'_>,
    inventory: &Inventory,
    evidence: &Evidence,
    package: PackageId,
) -> Option<Explanation> {
    // Ranks and the latest version are a matter of the package's key alone.
    let inventory = inventory.of_key_of(package)?;
    let index = inventory.packages().iter().position(|other| other.id == package)?;
    let judge = Judge::new(in_force, &inventory, evidence, Stance::Planning);
    let answers = judge.answers(index);
    let decision = judge.decision(index, &answers);
    let told = Telling { in_force, judge: &judge, answers: &answers, index };
    let outlook = Outlook { in_force, inventory: &inventory, evidence, index };
    Some(Explanation {
        files: trim(&judge, in_force.policy(), index, &answers, decision.reason).decisions,
        because: because(&decision, in_force),
        guards: told.guards(decision.reason),
        rules: told.rules(),
        opening: outlook.opening(&decision),
        decision,
    })
}

/// A package, and the judgement that is told of it.
struct Telling<'a> {
    in_force: InForce<'a>,
    judge: &'a Judge<'a>,
    answers: &'a Answers,
    index: usize,
}

impl Telling<'_> {
    fn known(&self) -> &Known<'_> {
        &self.judge.field.known[self.index]
    }

    fn guards(&self, reason: Reason) -> Vec<GuardTold> {
        let mut guards: Vec<(Guard, Vec<usize>)> = self.judge.guards(self.index, self.answers).collect();
        // A question that stayed open keeps a package only where nothing else does.
        if let Reason::Always(guard) = reason
            && guards.iter().all(|(other, _)| *other != guard)
        {
            guards.push((guard, Vec::new()));
        }
        let told = guards.into_iter().map(|(guard, lifting)| GuardTold {
            guard,
            because: guarded(guard, self.known(), self.in_force.policy()),
            lifted_by: lifting.into_iter().map(RuleRef::Delete).collect(),
        });
        told.collect()
    }

    fn rules(&self) -> Vec<RuleTold> {
        self.answers.rules.iter().filter_map(|(rule, truth)| self.rule(*rule, *truth)).collect()
    }

    fn rule(&self, rule: RuleRef, truth: Truth) -> Option<RuleTold> {
        let known = self.known();
        let told = RuleTold {
            rule,
            label: rule.label(self.in_force.set()),
            truth,
            until: None,
            has_ended: false,
            note: None,
            parts: Vec::new(),
            takes: None,
            rank: None,
        };
        Some(match rule {
            RuleRef::Protect { protection, rule } => {
                let protection = self.in_force.set().protections.get(protection)?;
                let hold = protection.rules.get(rule)?;
                let parts = self.scope(protection).into_iter().chain(self.conditions(hold)).collect();
                RuleTold { parts, ..self.hold(hold, told) }
            }
            RuleRef::Keep(number) => {
                let rule = self.in_force.policy().keep.get(number)?;
                let standing = self.answers.standings.get(number).copied().flatten();
                let rank = standing.and_then(|standing| standing.rank);
                let newest = standing.and_then(|standing| newest(rule, standing));
                let parts = self.conditions(&rule.hold).chain(newest).collect();
                RuleTold { parts, rank, ..self.hold(&rule.hold, told) }
            }
            RuleRef::Delete(number) => {
                let conditions = self.in_force.policy().delete.get(number)?.conditions.iter();
                let parts = conditions.map(|condition| part(condition, known, known.selected_by_condition(condition)));
                RuleTold { parts: parts.collect(), ..told }
            }
            RuleRef::Files(number) => {
                let rule = self.in_force.policy().files.get(number)?;
                let of_type = Condition::Type(vec![rule.package_type.clone()]);
                let conditions = [&of_type].into_iter().chain(&rule.conditions);
                let parts = conditions.map(|condition| part(condition, known, known.selected_by_condition(condition)));
                RuleTold { parts: parts.collect(), takes: Some(rule.of_files()), ..told }
            }
        })
    }

    fn hold(&self, hold: &Hold, told: RuleTold) -> RuleTold {
        let has_ended = !hold.is_in_force(self.known().now);
        RuleTold { until: hold.until, has_ended, note: hold.note.clone(), ..told }
    }

    fn scope(&self, protection: &Protection) -> Option<PartTold> {
        let scope = protection.scope.as_ref()?;
        let truth = self.known().within(scope);
        Some(PartTold { written: scope.to_string(), seen: seen_by_scope(scope, self.known()), truth })
    }

    fn conditions(&self, hold: &Hold) -> impl Iterator<Item = PartTold> {
        let known = self.known();
        hold.conditions.iter().map(|condition| part(condition, known, known.held_by_condition(condition)))
    }
}

fn part(condition: &Condition, known: &Known<'_>, truth: Truth) -> PartTold {
    PartTold { written: condition.to_string(), seen: condition.seen(known, truth), truth }
}

/// Returns `newest` as a part of its rule. Where the package has no place, it is not counted, or nobody can tell.
fn newest(rule: &KeepRule, standing: Standing) -> Option<PartTold> {
    let newest = rule.newest.as_ref()?;
    let truth = match standing.rank {
        Some(_) => Truth::from(standing.has_place(newest) && standing.has_place_of_series(newest)),
        None => standing.placed,
    };
    Some(PartTold { written: newest.to_string(), seen: seen_by_newest(newest, standing, truth), truth })
}
