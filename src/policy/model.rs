//! The parts of a policy set, as they are once it is read and valid.

use super::{DeleteRule, FileRule, Hold, Instance, KeepRule, Limits, ProtectionScope, Schedule, Scope};

/// Every policy and every protection that was given, each name once, both in the order of their names, and what holds
/// for the whole GitLab.
#[derive(Debug, Clone, Default)]
pub struct PolicySet {
    pub policies: Vec<Policy>,
    pub protections: Vec<Protection>,
    pub instance: Option<Instance>,
}

/// One retention policy: which packages it looks at, which of them go, which of those stay all the same.
#[derive(Debug, Clone)]
pub struct Policy {
    /// `[a-z0-9-]`, unique in its set.
    pub name: String,
    /// The file that it was read from, as the user named it.
    pub source: String,
    pub description: Option<String>,
    pub schedule: Option<Schedule>,
    pub mode: Mode,
    pub scope: Scope,
    /// A package is selected when any of them holds. Never empty together with `files`.
    pub delete: Vec<DeleteRule>,
    /// A package is saved when any of them holds.
    pub keep: Vec<KeepRule>,
    /// Which files go of the packages that stay.
    pub files: Vec<FileRule>,
    pub limits: Limits,
}

/// Whether a policy may ever delete. `apply` is the second key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    #[default]
    DryRun,
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
    pub description: Option<String>,
    /// `None` is everywhere.
    pub scope: Option<ProtectionScope>,
    /// Never empty. A package is protected when any of them holds.
    pub rules: Vec<Hold>,
}
