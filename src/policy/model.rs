//! The parts of a policy set, as they are once it is read and valid.

use super::{DeleteRule, FileRule, Hold, Instance, KeepRule, Limits, ProtectionScope, Schedule, Scope};

/// Every policy and every protection that was given, each name once, both in the order of their names, and what holds
/// for the whole GitLab.
#[derive(Debug, Clone, Default)]
pub struct PolicySet {
    /// All policies, in the order of their names.
    pub policies: Vec<Policy>,
    /// All protections, in the order of their names.
    pub protections: Vec<Protection>,
    /// The instance file, where there is one.
    pub instance: Option<Instance>,
}

/// One retention policy: which packages it looks at, which of them go, which of those stay all the same.
#[derive(Debug, Clone)]
pub struct Policy {
    /// `[a-z0-9-]`, unique in its set.
    pub name: String,
    /// The file that it was read from, as the user named it.
    pub source: String,
    /// What it is for, in a sentence.
    pub description: Option<String>,
    /// When a daemon runs it; `None` is only when somebody asks.
    pub schedule: Option<Schedule>,
    /// Whether it may delete.
    pub mode: Mode,
    /// The packages that it looks at.
    pub scope: Scope,
    /// A package is selected when any of them holds. Never empty together with `files`.
    pub delete: Vec<DeleteRule>,
    /// A package is saved when any of them holds.
    pub keep: Vec<KeepRule>,
    /// Which files go of the packages that stay.
    pub files: Vec<FileRule>,
    /// What a plan of it may delete at most.
    pub limits: Limits,
}

/// Whether a policy may ever delete. `apply` is the second key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// It only tells what it would delete.
    #[default]
    DryRun,
    /// It deletes, where it is told to execute.
    Delete,
}

impl Mode {
    /// Its name in policy files and in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DryRun => "dry-run",
            Self::Delete => "delete",
        }
    }
}

/// What every policy keeps.
#[derive(Debug, Clone)]
pub struct Protection {
    /// `[a-z0-9-]`, unique in its set, policies included.
    pub name: String,
    /// The file that it was read from, as the user named it.
    pub source: String,
    /// What it is for, in a sentence.
    pub description: Option<String>,
    /// `None` is everywhere.
    pub scope: Option<ProtectionScope>,
    /// Never empty. A package is protected when any of them holds.
    pub rules: Vec<Hold>,
}
