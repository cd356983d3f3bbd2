//! Tells what a run did, or would do: figures, verdicts and reasons.
//!
//! A report holds the types of the plan. Each form turns them into text as its last step.
//!
//! `docs/report.md` describes the JSON form and its closed sets.

mod account;
mod codes;
mod csv;
mod decision;
mod diff;
mod explanation;
mod gaps;
pub(crate) mod html;
mod markdown;
mod read;
mod table;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::plan::{LimitName, Outcome, ReasonKind, RuleRef, Verdict};
use crate::policy::Mode;

pub use account::{Account, Rows};
pub use csv::csv;
pub(crate) use csv::harmless;
pub use decision::{DecisionReport, ItemReport, PackageReport};
pub use diff::{PlanDiff, PolicyDiff, diff_markdown, diff_table};
pub use explanation::{
    ExplanationReport, GuardReport, PartReport, PolicyExplanation, PolicyStanding, RankReport, RuleExplanation,
    explanation, policy_explanation,
};
pub use gaps::Gaps;
pub use html::html;
pub use markdown::markdown;
pub use table::{alerts, policy_table, printable, table, warnings};
pub(crate) use table::{borderless, project, trimmed};

/// The version of the JSON form.
pub const FORMAT: u32 = 1;

/// One run over a policy set. Whoever only writes it need not own the policies' parts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report<P = PolicyReport> {
    /// [`FORMAT`].
    pub format: u32,
    /// The name and version of the program that made it.
    pub generator: String,
    /// The URL of the GitLab that was asked.
    pub instance: String,
    /// The instant that the plans were made by.
    pub as_of: Timestamp,
    /// Planned without evidence: every figure is an upper bound, and nothing can be executed by it.
    pub quick: bool,
    /// The policies in the order in which they were planned.
    pub policies: Vec<P>,
}

/// The report of one cycle of a policy. A failed cycle has a report too.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PolicyReport {
    /// The name of the policy.
    pub policy: String,
    /// Its figures are upper bounds, because nothing was looked up.
    #[serde(skip)]
    pub is_bound: bool,
    /// The policy's fingerprint.
    pub policy_sha256: String,
    /// The mode that the policy's file says.
    pub mode: Mode,
    /// How the cycle ended.
    pub status: CycleStatus,
    /// One paragraph with what went wrong and what to do, where something did.
    pub error: Option<String>,
    /// Sentences that a reader has to know first, the most urgent before the others.
    pub warnings: Vec<String>,
    /// Packages in scope.
    pub scanned: u64,
    /// Projects in scope that hold packages.
    pub projects: u64,
    /// Projects that may be in scope, and are left out because GitLab doesn't tell enough of them.
    pub unknown_projects: u64,
    /// Projects and groups that holds name, that GitLab doesn't show, and that nobody remembers.
    pub unknown_places: u64,
    /// Projects that a hold let go of when its text was changed.
    pub loosened_projects: u64,
    /// Rules go by paths, and nobody remembers those that projects had before.
    pub forgets_paths: bool,
    /// Requests that were sent, by HTTP method, retries included.
    #[serde(deserialize_with = "read::requests")]
    pub requests: BTreeMap<&'static str, u64>,
    /// The limit that the plan is beyond, where it is beyond one.
    pub refusal: Option<RefusalReport>,
    /// The figures of the plan and of its execution.
    pub totals: Totals,
    /// Every rule that the policy is judged by, with what it matched.
    pub rules: Vec<RuleReport>,
    /// The decisions on packages: the deletions, or all.
    pub decisions: Vec<DecisionReport>,
    /// How many more there are than `decisions` lists. A daemon remembers only the first ones of each policy.
    pub decisions_left_out: u64,
    /// The decisions on files of packages that stay, where a `files` rule is for the package.
    pub file_decisions: Vec<DecisionReport>,
    /// How many more there are than `file_decisions` lists.
    pub file_decisions_left_out: u64,
}

/// How a cycle ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CycleStatus {
    /// A dry run, complete.
    Planned,
    /// Every deletion of the plan was done.
    Executed,
    /// A part is missing: a deletion that failed or was not attempted, or evidence that could not be had.
    Partial,
    /// The plan is beyond a limit, and nothing was deleted.
    Refused,
    /// There is no plan.
    Failed,
}

/// The first limit that a plan is beyond.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RefusalReport {
    /// The limit by its name in a policy.
    pub limit: LimitName,
    /// The most that the limit allows: a count, a percentage, or bytes.
    pub allowed: u64,
    /// The figure of the plan, rounded up; `None` for `max_bytes` where a size is unknown.
    pub wanted: Option<u64>,
    /// One sentence with the figures.
    pub because: String,
    /// The lines of the policy that would let this plan pass.
    pub remedy: String,
}

/// The figures of a plan, and of its execution where it was executed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// Packages that stay.
    pub keep: u64,
    /// Packages that go.
    pub delete: u64,
    /// Files that go, of packages that stay.
    pub delete_files: u64,
    /// The sum of the known sizes of packages and files that go, in bytes.
    pub delete_bytes: u64,
    /// Packages and files that go and whose size is not known.
    pub unknown_sizes: u64,
    /// Packages that go by a rule about downloads while GitLab knows of none.
    pub on_null_downloads: u64,
    /// Packages that go and that the token may not delete.
    pub not_permitted: u64,
    /// Files that go and that the token may not delete.
    pub not_permitted_files: u64,
    /// Packages that go once they have been marked for long enough, of those that the token may delete.
    pub waiting: u64,
    /// The same for files.
    pub waiting_files: u64,
    /// Packages and files that go and are left to later cycles by `max_per_cycle`.
    pub later: u64,
    /// Since when the package or file that has been marked for the longest is marked.
    pub oldest_mark: Option<Timestamp>,
    /// Packages by the reason of their verdict.
    pub by_reason: BTreeMap<ReasonKind, u64>,
    /// Deletions of packages by their outcome; empty where nothing was to be executed.
    pub by_outcome: BTreeMap<Outcome, u64>,
    /// Deletions of files by their outcome; empty where nothing was to be executed.
    pub files_by_outcome: BTreeMap<Outcome, u64>,
}

/// A rule, and how much it matched, whatever became of that.
#[derive(Debug, Clone, Serialize)]
pub struct RuleReport {
    /// The rule by its place.
    #[serde(skip)]
    pub place: RuleRef,
    /// The rule's name: `keep[0]`, `on-hold.protect[1]`.
    pub rule: String,
    /// Packages that it matched; files, where it is a `files` rule.
    pub matched: u64,
    /// Packages for which GitLab doesn't tell what the rule asks. A keep or protect rule matched them for that, and a
    /// delete or files rule passed over them.
    pub unknown: u64,
    /// Packages whose look-up nothing needed. A rule with some is not idle.
    pub open: u64,
}

impl Report {
    /// Returns whether anything goes.
    #[must_use]
    pub fn deletes(&self) -> bool {
        self.policies.iter().any(|policy| policy.totals.deletions() > 0)
    }

    /// Leaves out the rows of what stays.
    #[must_use]
    pub fn without_kept(mut self) -> Self {
        for policy in &mut self.policies {
            policy.decisions.retain(|row| row.verdict() == Verdict::Delete);
            policy.file_decisions.retain(|row| row.verdict() == Verdict::Delete);
        }
        self
    }
}

impl PolicyReport {
    /// Adds that not everything could be written down, so that the cycle is no whole success whatever else it did.
    #[must_use]
    pub fn unrecorded(mut self, problem: &str) -> Self {
        self.status = CycleStatus::Partial;
        let told = || format!("the journal doesn't tell how every deletion ended: {problem}");
        self.error = match self.error {
            Some(error) if error.contains(problem) => Some(error),
            Some(error) => Some(format!("{error}; {}", told())),
            None => Some(told()),
        };
        self
    }

    /// Adds the rows of what a saved plan named and no listing shows any more, with how they ended. They count by their
    /// outcomes alone.
    #[must_use]
    pub fn with_unknown(mut self, rows: Vec<DecisionReport>) -> Self {
        for row in rows {
            let (rows, counts) = match row.item {
                ItemReport::Package { .. } => (&mut self.decisions, &mut self.totals.by_outcome),
                ItemReport::File { .. } => (&mut self.file_decisions, &mut self.totals.files_by_outcome),
            };
            let Some(outcome) = row.outcome() else { continue };
            *counts.entry(outcome).or_default() += 1;
            rows.push(row);
        }
        self
    }

    /// Returns whether the policy has `files` rules.
    #[must_use]
    pub fn has_files_rules(&self) -> bool {
        self.rules.iter().any(|rule| matches!(rule.place, RuleRef::Files(_)))
    }

    /// Returns whether the cycle did all that it was for: a whole plan, and every deletion of it where it was executed.
    #[must_use]
    pub fn is_success(&self) -> bool {
        matches!(self.status, CycleStatus::Planned | CycleStatus::Executed)
    }

    /// Returns whether the policy may delete, and everything that it would delete waits under `grace`.
    #[must_use]
    pub fn only_waits(&self) -> bool {
        self.mode == Mode::Delete && self.totals.waits() > 0 && self.totals.due() == 0
    }

    /// Returns whether something is gone, or there was nothing to do: what waits under `grace` is nothing to do yet.
    #[must_use]
    pub fn is_effective(&self) -> bool {
        let totals = &self.totals;
        totals.gone() + totals.gone_files() > 0 || (self.is_success() && totals.deletions() == totals.waits())
    }
}

impl Totals {
    /// Counts the packages and files that go.
    #[must_use]
    pub fn deletions(&self) -> u64 {
        self.delete + self.delete_files
    }

    /// Counts the packages and files that go and wait under `grace`.
    #[must_use]
    pub fn waits(&self) -> u64 {
        self.waiting + self.waiting_files
    }

    /// Counts the packages and files that a run would delete now.
    #[must_use]
    pub fn due(&self) -> u64 {
        self.within_reach().saturating_sub(self.later)
    }

    /// Counts the packages and files that runs may delete, this one or later ones.
    pub(crate) fn within_reach(&self) -> u64 {
        self.deletions() - self.forbidden() - self.waits()
    }

    /// Counts the packages and files that go and that the token may not delete.
    #[must_use]
    pub fn forbidden(&self) -> u64 {
        self.not_permitted + self.not_permitted_files
    }

    /// Returns whether the plan was to be executed, however that went.
    #[must_use]
    pub fn is_executed(&self) -> bool {
        !self.by_outcome.is_empty() || !self.files_by_outcome.is_empty()
    }

    /// Counts the packages that are no longer there.
    #[must_use]
    pub fn gone(&self) -> u64 {
        count(&self.by_outcome, Outcome::is_gone)
    }

    /// Counts the files that are no longer there, of packages that stay.
    #[must_use]
    pub fn gone_files(&self) -> u64 {
        count(&self.files_by_outcome, Outcome::is_gone)
    }

    /// Counts the deletions that failed, of packages and of files.
    #[must_use]
    pub fn failures(&self) -> u64 {
        count(&self.by_outcome, Outcome::is_failure) + count(&self.files_by_outcome, Outcome::is_failure)
    }
}

fn count(outcomes: &BTreeMap<Outcome, u64>, counts: fn(Outcome) -> bool) -> u64 {
    outcomes.iter().filter(|(outcome, _)| counts(**outcome)).map(|(_, count)| count).sum()
}

impl RuleReport {
    /// Returns whether it is a keep or protect rule that matched nothing. It may protect less than its author thinks.
    #[must_use]
    pub fn is_idle_hold(&self) -> bool {
        self.is_hold() && self.is_idle()
    }

    /// Returns whether it is a keep or protect rule.
    #[must_use]
    pub fn is_hold(&self) -> bool {
        matches!(self.place, RuleRef::Keep(_) | RuleRef::Protect { .. })
    }

    /// Returns whether it matched nothing, as far as that is known.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.matched == 0 && self.open == 0
    }
}

impl CycleStatus {
    /// Every status, the best first.
    pub const ALL: [Self; 5] = [Self::Planned, Self::Executed, Self::Partial, Self::Refused, Self::Failed];

    /// Returns the status as reports, metrics and logs write it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Executed => "executed",
            Self::Partial => "partial",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}
