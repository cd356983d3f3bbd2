//! Keeps a plan in a file, so that people can read it before it is executed.
//!
//! The file is the JSON form of the report, with a part of its own: `saved` binds the plan to its GitLab and to the rules
//! that it was made by, and says until when it may be executed. What is executed is a new plan, narrowed to what the file
//! names, so a file that was edited deletes no more than the policies would without it.
//!
//! `docs/saved-plans.md` describes the form.

mod error;
mod form;
mod standing;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::package::ProjectId;
use crate::plan::{ItemId, NamedItem, NamedItems, Verdict};
use crate::policy::{Age, InForce};
use crate::report::{CycleStatus, DecisionReport, ItemReport, PolicyReport, Report};

pub use error::{SavedPlanError, SavedPlanProblem};

/// The version of the form of `saved`.
const VERSION: u32 = 1;

/// For so many days no plan holds longer, whatever its file says.
const LONGEST: u32 = 7;

/// A plan that was saved, with what it is bound to.
#[derive(Debug, Clone)]
pub struct SavedPlan {
    /// Where it lies.
    pub path: PathBuf,
    /// The plan, as people read it.
    pub report: Report,
    saved: Saved,
}

/// The part of the file that binds the plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Saved {
    version: u32,
    /// Until when it may be executed.
    expires_at: Timestamp,
    /// The revision of the policies, where it was told.
    revision: Option<String>,
    /// What narrowed the projects of the scopes.
    projects: Vec<String>,
    policies: Vec<SavedPolicy>,
    /// The hash of everything else in the file.
    sha256: String,
}

/// What the plan of one policy is bound to.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct SavedPolicy {
    policy: String,
    /// The hash of scope, delete and files rules, and `min_age`.
    binding: String,
    /// How many packages and files go.
    deletions: u64,
    /// The protect and keep rules that were in force.
    holds: Vec<SavedHold>,
}

/// A rule that held when the plan was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SavedHold {
    rule: String,
    sha256: String,
}

/// What a saved plan deletes by one policy.
#[derive(Debug, Clone, Default)]
pub struct SavedDeletions {
    /// The packages and files.
    pub named: NamedItems,
    /// What the report told of each.
    pub rows: BTreeMap<ItemId, DecisionReport>,
}

/// For how long a plan may be executed.
#[derive(Debug, Clone)]
pub struct Validity(Age);

impl SavedPlan {
    /// Binds a plan that was made of these policies. Policies without a plan, or with one that is beyond its limits, are
    /// told in it and can't be executed by it. `projects` are the patterns that narrowed it.
    #[must_use]
    pub fn new(
        path: &Path,
        report: Report,
        policies: &[InForce<'_>],
        projects: &[String],
        validity: &Validity,
        revision: Option<String>,
    ) -> Self {
        let as_of = report.as_of;
        let bound = |policy: &PolicyReport| {
            let in_force = policies.iter().find(|in_force| in_force.policy().name == policy.policy)?.at(as_of);
            Some(SavedPolicy {
                policy: policy.policy.clone(),
                binding: in_force.policy().selection_digest(),
                deletions: policy.totals.deletions(),
                holds: holds_in_force(in_force),
            })
        };
        let saved = Saved {
            version: VERSION,
            expires_at: validity.0.after(as_of).unwrap_or(as_of),
            revision,
            projects: projects.to_vec(),
            policies: report.policies.iter().filter(|policy| can_be_executed(policy)).filter_map(bound).collect(),
            sha256: String::new(),
        };
        Self { path: path.to_owned(), report, saved }
    }

    /// Writes the file, in the place of one that is there.
    ///
    /// # Errors
    ///
    /// When it can't be written.
    pub fn write(&self) -> Result<(), SavedPlanError> {
        let failed = |source| SavedPlanError::Write { path: self.path.clone(), source: Arc::new(source) };
        let mut part = self.path.as_os_str().to_owned();
        part.push(format!(".{}.part", process::id()));
        // Whatever lies there already, even a link, is somebody else's.
        let written = File::options().write(true).create_new(true).open(&part).and_then(|mut file| {
            let written = file.write_all(form::written(&self.report, &self.saved).as_bytes());
            let written = written.and_then(|()| file.sync_all()).and_then(|()| fs::rename(&part, &self.path));
            written.inspect_err(|_| _ = fs::remove_file(&part))
        });
        written.map_err(failed)
    }

    /// Counts the packages and files that it deletes.
    #[must_use]
    pub fn deletions(&self) -> u64 {
        self.saved.policies.iter().map(|policy| policy.deletions).sum()
    }

    /// Returns the names of the policies that can be executed by it.
    #[must_use]
    pub fn policies(&self) -> Vec<String> {
        self.saved.policies.iter().map(|policy| policy.policy.clone()).collect()
    }

    /// Returns until when it may be executed.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.saved.expires_at
    }

    /// Returns what it deletes by a policy.
    #[must_use]
    pub fn deletions_of(&self, policy: &str) -> SavedDeletions {
        let Some(report) = self.report.policies.iter().find(|report| report.policy == policy) else {
            return SavedDeletions::default();
        };
        let rows = report.decisions.iter().chain(&report.file_decisions);
        let rows: BTreeMap<ItemId, DecisionReport> =
            rows.filter(|row| row.verdict() == Verdict::Delete).map(|row| (row.id(), row.clone())).collect();
        let named = rows.iter().map(|(id, row)| (*id, named(row))).collect();
        SavedDeletions { named: NamedItems(named), rows }
    }
}

impl Validity {
    /// Returns the time for which a plan is valid where nobody says otherwise: a day.
    #[must_use]
    pub fn a_day() -> Self {
        Self(Age::from_hours(24))
    }
}

/// Reads an age of at most seven days.
impl std::str::FromStr for Validity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let age = Age::parse(text).map_err(|error| error.to_string())?;
        let longest = Age::from_hours(LONGEST * 24);
        if age.duration().is_zero() {
            return Err("it would be over before it could be executed".to_owned());
        }
        match longest.reaches(&age) {
            true => Ok(Self(age)),
            false => Err(format!("no plan holds for more than {LONGEST} days: save a new one then")),
        }
    }
}

/// Returns whether the plan of a policy can be executed.
fn can_be_executed(policy: &PolicyReport) -> bool {
    matches!(policy.status, CycleStatus::Planned | CycleStatus::Partial) && policy.refusal.is_none()
}

/// Returns the rules that hold at the instant of a policy.
fn holds_in_force(in_force: InForce<'_>) -> Vec<SavedHold> {
    let now = in_force.now();
    let holds = in_force.hold_texts().into_iter().filter(|hold| hold.hold.is_in_force(now));
    holds.map(|hold| SavedHold { rule: hold.name, sha256: hold.sha256 }).collect()
}

fn named(row: &DecisionReport) -> NamedItem {
    let (status, downloaded) = match &row.item {
        ItemReport::Package { status, last_downloaded_at, .. } => (Some(status.clone()), *last_downloaded_at),
        ItemReport::File { .. } => (None, None),
    };
    NamedItem {
        package: row.package.id,
        project: ProjectId(row.package.project_id),
        package_type: row.package.package_type.as_str().to_owned(),
        name: row.package.name.clone(),
        version: row.package.version.clone(),
        file_name: match &row.item {
            ItemReport::Package { .. } => None,
            ItemReport::File { name, .. } => name.clone(),
        },
        path: row.package.project_path.clone(),
        status,
        downloaded,
        content: row.content_at,
    }
}
