//! Explains the verdicts on one package, policy by policy, as JSON and as text for people.
//!
//! `docs/report.md` describes the JSON form and its closed sets.

mod text;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

pub use text::{explanation, policy_explanation};

use super::{Account, DecisionReport, PackageReport};
use crate::plan::{Explanation, Guard, GuardTold, Opening, PartTold, RuleTold};
use crate::policy::{InForce, Mode, PolicySet, Truth};

/// One package under every policy that was asked, in the order in which they are planned.
#[derive(Debug, Clone, Serialize)]
pub struct ExplanationReport {
    /// [`super::FORMAT`].
    pub format: u32,
    /// The name and version of the program that made it.
    pub generator: String,
    /// The URL of the GitLab that was asked.
    pub instance: String,
    /// The instant that the verdicts are made by.
    pub as_of: Timestamp,
    /// The package in question.
    pub package: PackageReport,
    /// The policies in the order in which they are planned.
    pub policies: Vec<PolicyExplanation>,
}

/// The package under one policy.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyExplanation {
    /// The name of the policy.
    pub policy: String,
    /// The policy's fingerprint.
    pub policy_sha256: String,
    /// The mode that the policy's file says.
    pub mode: Mode,
    /// The relation of the policy to the package.
    pub standing: PolicyStanding,
    /// One sentence: the reason of the verdict, or why there is none.
    pub because: String,
    /// The row that a plan's report has of the package; only where it was judged.
    pub decision: Option<DecisionReport>,
    /// The time from which the package would go; only where it was judged.
    pub would_go: Option<Opening>,
    /// The guards that stand before the package, in their order.
    pub guards: Vec<GuardReport>,
    /// Every protect, keep, delete and files rule, in this order.
    pub rules: Vec<RuleExplanation>,
    /// The rows that a plan's report has of its files with `--all`.
    pub file_decisions: Vec<DecisionReport>,
}

/// The relation of a policy to a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyStanding {
    /// The policy looks at it, and has a verdict.
    Judged,
    /// Its scope leaves the package out.
    OutOfScope,
    /// Its walk lists no packages of this status.
    NotListed,
    /// A policy before it deletes the package.
    Gone,
    /// GitLab could not be asked what the policy needs to know.
    Failed,
}

/// A guard that stands before the package.
#[derive(Debug, Clone, Serialize)]
pub struct GuardReport {
    /// The guard by its name.
    pub guard: Guard,
    /// One sentence: why it stands there.
    pub because: String,
    /// The names of the rules that lift it. Where there are none it holds.
    pub lifted_by: Vec<String>,
}

/// One rule, and whether it holds for the package.
#[derive(Debug, Clone, Serialize)]
pub struct RuleExplanation {
    /// The rule's name: `keep[0]`, `on-hold.protect[1]`.
    pub rule: String,
    /// Whether all of its parts hold.
    pub holds: Truth,
    /// The note of its author.
    pub note: Option<String>,
    /// The last day on which it is in force, where it has one.
    pub until: Option<Date>,
    /// `until` is over, and the rule says nothing any more.
    pub ended: bool,
    /// The package's place under a rule that has `newest`.
    pub rank: Option<RankReport>,
    /// The files that a `files` rule takes of the package, as the rule is written.
    pub takes: Option<String>,
    /// Its parts, each of which has to hold.
    pub parts: Vec<PartReport>,
}

/// A place among the versions of a package.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct RankReport {
    /// Counted from 1, the newest first.
    pub place: usize,
    /// How many versions are counted.
    pub of: usize,
}

/// One part of a rule, and whether it holds for the package.
#[derive(Debug, Clone, Serialize)]
pub struct PartReport {
    /// The part as the policy's file has it.
    pub condition: String,
    /// The value that it was held against, in words.
    pub saw: String,
    /// Whether it holds.
    pub holds: Truth,
}

impl PolicyExplanation {
    /// Tells of a policy with a verdict.
    #[must_use]
    pub fn judged(in_force: InForce<'_>, explanation: &Explanation) -> Self {
        let Explanation { decision, because, guards, rules, files, opening } = explanation;
        Self {
            decision: Some(Account::decision(in_force, decision)),
            would_go: Some(opening.clone()),
            guards: guards.iter().map(|guard| GuardReport::of(guard, in_force.set())).collect(),
            rules: rules.iter().map(RuleExplanation::of).collect(),
            file_decisions: Account::file_decisions(in_force, files, &decision.package),
            ..Self::passed_over(in_force, PolicyStanding::Judged, because.clone())
        }
    }

    /// Tells of a policy without a verdict. `because` is the reason as a sentence.
    #[must_use]
    pub fn passed_over(in_force: InForce<'_>, standing: PolicyStanding, because: String) -> Self {
        let policy = in_force.policy();
        Self {
            policy: policy.name.clone(),
            policy_sha256: in_force.fingerprint(),
            mode: policy.mode,
            standing,
            because,
            decision: None,
            would_go: None,
            guards: Vec::new(),
            rules: Vec::new(),
            file_decisions: Vec::new(),
        }
    }
}

impl PolicyStanding {
    /// Every standing, in the order in which they are told.
    pub const ALL: [Self; 5] = [Self::Judged, Self::OutOfScope, Self::NotListed, Self::Gone, Self::Failed];

    /// Returns the standing as reports write it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Judged => "judged",
            Self::OutOfScope => "out_of_scope",
            Self::NotListed => "not_listed",
            Self::Gone => "gone",
            Self::Failed => "failed",
        }
    }
}

impl GuardReport {
    fn of(told: &GuardTold, set: &PolicySet) -> Self {
        Self {
            guard: told.guard,
            because: told.because.clone(),
            lifted_by: told.lifted_by.iter().map(|rule| rule.label(set)).collect(),
        }
    }
}

impl RuleExplanation {
    fn of(told: &RuleTold) -> Self {
        Self {
            rule: told.label.clone(),
            holds: told.truth,
            note: told.note.clone(),
            until: told.until,
            ended: told.has_ended,
            rank: told.rank.map(|rank| RankReport { place: rank.place, of: rank.of }),
            takes: told.takes.clone(),
            parts: told.parts.iter().map(PartReport::of).collect(),
        }
    }
}

impl PartReport {
    fn of(told: &PartTold) -> Self {
        Self { condition: told.written.clone(), saw: told.seen.clone(), holds: told.truth }
    }
}
