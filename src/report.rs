//! What a run did, or would do: the figures and every verdict that a reader asks for.
//!
//! `docs/report.md` describes the JSON form and its closed sets.

mod account;
mod codes;
mod csv;
mod decision;
mod explanation;
mod gaps;
pub(crate) mod html;
mod markdown;
mod table;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::plan::{LimitName, Outcome, ReasonKind, RuleRef};
use crate::policy::Mode;

pub use account::{Account, Rows};
pub use csv::csv;
pub use decision::{DecisionReport, Item, PackageReport};
pub use explanation::{
    ExplanationReport, GuardReport, PartReport, PolicyExplanation, PolicyStanding, RankReport, RuleExplanation,
    explanation, policy_explanation,
};
pub use gaps::Gaps;
pub use html::html;
pub use markdown::markdown;
pub use table::{alerts, policy_table, printable, table, warnings};

/// The version of the JSON form.
pub const FORMAT: u32 = 1;

/// One run over a policy set.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// [`FORMAT`].
    pub format: u32,
    pub generator: String,
    /// The URL of the GitLab that was asked.
    pub instance: String,
    pub as_of: Timestamp,
    /// Planned without evidence: every figure is an upper bound, and nothing can be executed by it.
    pub quick: bool,
    pub policies: Vec<PolicyReport>,
}

/// One cycle. A failed one has a report too.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyReport {
    pub policy: String,
    /// Its figures are upper bounds, because nothing was looked up.
    #[serde(skip)]
    pub is_bound: bool,
    pub policy_sha256: String,
    pub mode: Mode,
    pub status: Status,
    pub error: Option<String>,
    /// What a reader has to know first, a sentence each.
    pub warnings: Vec<String>,
    /// Packages in scope.
    pub scanned: u64,
    /// Projects in scope that hold packages.
    pub projects: u64,
    /// Projects that may be in scope, and are left out because GitLab doesn't tell enough of them.
    pub unknown_projects: u64,
    /// Projects and groups that holds name, that GitLab doesn't show, and that nobody remembers.
    pub unknown_places: u64,
    /// Projects of which a hold held something until its text was changed.
    pub loosened_projects: u64,
    /// Rules go by paths, and nobody remembers those that projects had before.
    pub forgets_paths: bool,
    pub requests: BTreeMap<&'static str, u64>,
    pub refusal: Option<RefusalReport>,
    pub totals: Totals,
    pub rules: Vec<RuleReport>,
    pub decisions: Vec<DecisionReport>,
    /// How many more there are than `decisions` lists: a daemon remembers only the first ones of each policy.
    pub decisions_left_out: u64,
    /// The files of packages that stay, where a `files` rule is for them.
    pub file_decisions: Vec<DecisionReport>,
    /// How many more there are than `file_decisions` lists.
    pub file_decisions_left_out: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
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

#[derive(Debug, Clone, Serialize)]
pub struct RefusalReport {
    pub limit: LimitName,
    pub allowed: u64,
    pub wanted: Option<u64>,
    pub because: String,
    /// The lines of the policy that would let this plan pass.
    pub remedy: String,
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct Totals {
    /// Packages, as is `delete`.
    pub keep: u64,
    pub delete: u64,
    /// Files of packages that stay.
    pub delete_files: u64,
    /// The known sizes of what goes.
    pub delete_bytes: u64,
    /// How many of what goes have a size that is not known.
    pub unknown_sizes: u64,
    /// How many of what goes were selected by a rule about downloads while GitLab knows of none.
    pub on_null_downloads: u64,
    /// How many of the packages that go the token may not delete.
    pub not_permitted: u64,
    /// And how many of the files that go.
    pub not_permitted_files: u64,
    /// Of packages.
    pub by_reason: BTreeMap<ReasonKind, u64>,
    /// Of the deletions of packages.
    pub by_outcome: BTreeMap<Outcome, u64>,
    /// Of the deletions of files.
    pub files_by_outcome: BTreeMap<Outcome, u64>,
}

#[derive(Debug, Clone, Serialize)]
pub struct RuleReport {
    #[serde(skip)]
    pub place: RuleRef,
    pub rule: String,
    /// Packages, or files of a `files` rule.
    pub matched: u64,
    /// Packages of which nobody can tell, because GitLab doesn't: a keep or protect rule matched them for that, and a
    /// delete or files rule passed over them.
    pub unknown: u64,
    /// Packages of which it can't be told without a look-up that nothing needed; a rule with some is not idle.
    pub open: u64,
}

impl PolicyReport {
    #[must_use]
    pub fn has_files_rules(&self) -> bool {
        self.rules.iter().any(|rule| matches!(rule.place, RuleRef::Files(_)))
    }

    /// The cycle did all that it was for: a whole plan, and every deletion of it where it was executed.
    #[must_use]
    pub fn is_success(&self) -> bool {
        matches!(self.status, Status::Planned | Status::Executed)
    }

    /// The cycle got somewhere: something is gone, or there was nothing to do.
    #[must_use]
    pub fn is_effective(&self) -> bool {
        let totals = &self.totals;
        totals.gone() + totals.gone_files() > 0 || (self.is_success() && totals.deletions() == 0)
    }
}

impl Totals {
    /// What goes, packages and files.
    #[must_use]
    pub fn deletions(&self) -> u64 {
        self.delete + self.delete_files
    }

    /// What the token may not delete of that.
    #[must_use]
    pub fn forbidden(&self) -> u64 {
        self.not_permitted + self.not_permitted_files
    }

    /// Whether the plan was to be executed, however that went.
    #[must_use]
    pub fn is_executed(&self) -> bool {
        !self.by_outcome.is_empty() || !self.files_by_outcome.is_empty()
    }

    /// How many packages are no longer there.
    #[must_use]
    pub fn gone(&self) -> u64 {
        count(&self.by_outcome, Outcome::is_gone)
    }

    /// How many files are no longer there, of packages that stay.
    #[must_use]
    pub fn gone_files(&self) -> u64 {
        count(&self.files_by_outcome, Outcome::is_gone)
    }

    /// How many deletions failed, of packages and of files.
    #[must_use]
    pub fn failures(&self) -> u64 {
        count(&self.by_outcome, Outcome::is_failure) + count(&self.files_by_outcome, Outcome::is_failure)
    }
}

fn count(outcomes: &BTreeMap<Outcome, u64>, counts: fn(Outcome) -> bool) -> u64 {
    outcomes.iter().filter(|(outcome, _)| counts(**outcome)).map(|(_, count)| count).sum()
}

impl RuleReport {
    /// A keep or protect rule that matched nothing: it may protect less than its author thinks.
    #[must_use]
    pub fn is_idle_hold(&self) -> bool {
        self.is_hold() && self.is_idle()
    }

    /// A keep or protect rule.
    #[must_use]
    pub fn is_hold(&self) -> bool {
        matches!(self.place, RuleRef::Keep(_) | RuleRef::Protect { .. })
    }

    /// It matched nothing, as far as that is known.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.matched == 0 && self.open == 0
    }
}

impl Status {
    pub const ALL: [Self; 5] = [Self::Planned, Self::Executed, Self::Partial, Self::Refused, Self::Failed];

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
