//! What was asked about one package, policy by policy, as JSON and as text for people.
//!
//! `docs/report.md` describes the JSON form and its closed sets.

mod text;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

pub use text::{explanation, policy_explanation};

use super::{Account, DecisionReport, FileDecisionReport};
use crate::package::{Package, PackageId};
use crate::plan::{Explanation, GuardTold, Opening, PartTold, RuleTold};
use crate::policy::{InForce, PolicySet};

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

/// Which package it is.
#[derive(Debug, Clone, Serialize)]
pub struct PackageReport {
    pub id: PackageId,
    pub project_id: u64,
    pub project_path: Option<String>,
    pub package_type: String,
    pub name: String,
    pub channel: Option<String>,
    pub version: Option<String>,
}

/// The package under one policy.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyExplanation {
    pub policy: String,
    pub policy_sha256: String,
    pub mode: &'static str,
    pub standing: PolicyStanding,
    /// One sentence: the reason of the verdict, or why there is none.
    pub because: String,
    /// The row that a plan's report has of the package; only where it was judged.
    pub decision: Option<DecisionReport>,
    pub would_go: Option<OpeningReport>,
    pub guards: Vec<GuardReport>,
    pub rules: Vec<RuleExplanation>,
    /// The rows that a plan's report has of its files with `--all`.
    pub file_decisions: Vec<FileDecisionReport>,
}

/// What a policy has to do with a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
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

/// From when on the package would go, if nothing but the time changed.
#[derive(Debug, Clone, Serialize)]
pub struct OpeningReport {
    pub when: &'static str,
    pub at: Option<Timestamp>,
    /// What keeps it for good.
    pub because: Option<String>,
}

/// A guard that stands before the package.
#[derive(Debug, Clone, Serialize)]
pub struct GuardReport {
    pub guard: &'static str,
    pub because: String,
    /// Where this is empty the guard holds.
    pub lifted_by: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct RuleExplanation {
    pub rule: String,
    pub holds: &'static str,
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
    pub holds: &'static str,
}

impl PackageReport {
    #[must_use]
    pub fn of(package: &Package) -> Self {
        Self {
            id: package.id,
            project_id: package.project.id.0,
            project_path: package.project.path.clone(),
            package_type: package.package_type.to_string(),
            name: package.name.clone(),
            channel: package.channel.clone(),
            version: package.version.clone(),
        }
    }
}

impl PolicyExplanation {
    /// The policy has a verdict.
    #[must_use]
    pub fn judged(in_force: InForce<'_>, explanation: &Explanation) -> Self {
        let Explanation { decision, because, guards, rules, files, opening } = explanation;
        Self {
            decision: Some(Account::decision(in_force, decision)),
            would_go: Some(OpeningReport::of(opening)),
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
            mode: policy.mode.as_str(),
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

impl OpeningReport {
    fn of(opening: &Opening) -> Self {
        let (at, because) = match opening {
            Opening::Now => (None, None),
            Opening::From(at) | Opening::NotBefore(at) => (Some(*at), None),
            Opening::Never { because, .. } => (None, Some(because.clone())),
        };
        Self { when: opening.code(), at, because }
    }
}

impl GuardReport {
    fn of(told: &GuardTold, set: &PolicySet) -> Self {
        Self {
            guard: told.guard.code(),
            because: told.because.clone(),
            lifted_by: told.lifted_by.iter().map(|rule| rule.label(set)).collect(),
        }
    }
}

impl RuleExplanation {
    fn of(told: &RuleTold) -> Self {
        Self {
            rule: told.label.clone(),
            holds: told.truth.code(),
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
        Self { condition: told.written.clone(), saw: told.seen.clone(), holds: told.truth.code() }
    }
}
