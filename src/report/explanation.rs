//! What was asked about one package, policy by policy, as JSON and as text for people.
//!
//! `docs/report.md` describes the JSON form and its closed sets.

mod text;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

pub use text::{explanation, policy_explanation};

use super::{Account, DecisionReport, PackageReport};
use crate::plan::{Explanation, Guard, GuardTold, Opening, PartTold, RuleTold, Truth};
use crate::policy::{InForce, Mode, PolicySet};

/// One package under every policy that was asked, in the order in which they are planned.
#[derive(Debug, Clone, Serialize)]
pub struct ExplanationReport {
    /// [`super::FORMAT`].
    pub format: u32,
    pub generator: String,
    /// The URL of the GitLab that was asked.
    pub instance: String,
    pub as_of: Timestamp,
    pub package: PackageReport,
    pub policies: Vec<PolicyExplanation>,
}

/// The package under one policy.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyExplanation {
    pub policy: String,
    pub policy_sha256: String,
    pub mode: Mode,
    pub standing: PolicyStanding,
    /// One sentence: the reason of the verdict, or why there is none.
    pub because: String,
    /// The row that a plan's report has of the package; only where it was judged.
    pub decision: Option<DecisionReport>,
    pub would_go: Option<Opening>,
    pub guards: Vec<GuardReport>,
    pub rules: Vec<RuleExplanation>,
    /// The rows that a plan's report has of its files with `--all`.
    pub file_decisions: Vec<DecisionReport>,
}

/// What a policy has to do with a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyStanding {
    /// The policy looks at it, and has a verdict.
    Judged,
    /// Its scope leaves the package out.
    OutOfScope,
    /// What it lists leaves the package out.
    NotListed,
    /// A policy before it deletes the package.
    Gone,
    /// GitLab could not be asked what the policy needs to know.
    Failed,
}

/// A guard that stands before the package.
#[derive(Debug, Clone, Serialize)]
pub struct GuardReport {
    pub guard: Guard,
    pub because: String,
    /// Where this is empty the guard holds.
    pub lifted_by: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct RuleExplanation {
    pub rule: String,
    pub holds: Truth,
    pub note: Option<String>,
    pub until: Option<Date>,
    /// `until` is over, and the rule says nothing any more.
    pub ended: bool,
    pub rank: Option<RankReport>,
    /// What a `files` rule takes of the package's files.
    pub takes: Option<String>,
    pub parts: Vec<PartReport>,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub struct RankReport {
    pub place: usize,
    pub of: usize,
}

#[derive(Debug, Clone, Serialize)]
pub struct PartReport {
    /// As the policy's file has it.
    pub condition: String,
    pub saw: String,
    pub holds: Truth,
}

impl PolicyExplanation {
    /// The policy has a verdict.
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

    /// The policy has no verdict, because of what `because` tells.
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
    pub const ALL: [Self; 5] = [Self::Judged, Self::OutOfScope, Self::NotListed, Self::Gone, Self::Failed];

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
