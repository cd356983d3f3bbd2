//! The parts of a policy set, as they are once it is read and valid.

use super::{Age, DeleteRule, FileRule, Hold, Instance, KeepRule, Limits, ProtectionScope, Schedule, Scope};

/// All policies and protections, each in the order of their unique names, and the rules for the whole GitLab.
#[derive(Debug, Clone, Default)]
pub struct PolicySet {
    /// All policies, in the order of their names.
    pub policies: Vec<Policy>,
    /// All protections, in the order of their names.
    pub protections: Vec<Protection>,
    /// The instance file, where there is one.
    pub instance: Option<Instance>,
}

/// One retention policy: it looks at some packages, selects some of these for deletion, and saves some of those.
#[derive(Debug, Clone)]
pub struct Policy {
    /// `[a-z0-9-]`, unique in its set.
    pub name: String,
    /// The file that it was read from, as the user named it.
    pub source: String,
    /// A sentence that tells what it is for.
    pub description: Option<String>,
    /// When a daemon runs it; `None` means only when somebody asks.
    pub schedule: Option<Schedule>,
    /// Whether it may delete.
    pub mode: Mode,
    /// The packages that it looks at.
    pub scope: Scope,
    /// A package is selected when any of them holds. Never empty together with `files`.
    pub delete: Vec<DeleteRule>,
    /// A package is saved when any of them holds.
    pub keep: Vec<KeepRule>,
    /// The rules that select files of packages that stay.
    pub files: Vec<FileRule>,
    /// The limits of its plans.
    pub limits: Limits,
    /// How long something has to have been marked before it goes; `None` lets it go at once.
    pub grace: Option<Age>,
}

/// Whether a policy may ever delete. A run that deletes has to be asked for as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// It only tells what it would delete.
    #[default]
    DryRun,
    /// It deletes, where it is told to execute.
    Delete,
}

impl Mode {
    /// Returns its name in policy files and in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DryRun => "dry-run",
            Self::Delete => "delete",
        }
    }
}

/// Rules that keep packages from every policy.
#[derive(Debug, Clone)]
pub struct Protection {
    /// `[a-z0-9-]`, unique in its set, policies included.
    pub name: String,
    /// The file that it was read from, as the user named it.
    pub source: String,
    /// A sentence that tells what it is for.
    pub description: Option<String>,
    /// `None` is everywhere.
    pub scope: Option<ProtectionScope>,
    /// Never empty. A package is protected when any of them holds.
    pub rules: Vec<Hold>,
}
