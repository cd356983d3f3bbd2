//! The promises that a run is held to.

use std::fmt;

/// One promise that a run broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which promise.
    pub promise: Promise,
    /// How, in words.
    pub words: String,
}

/// The promises that a run is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// A dry run sends nothing that changes anything.
    DryRun,
    /// Nothing goes that the approved plan did not name.
    Approved,
    /// The approved plan follows from what the walk was answered.
    Planned,
    /// What goes goes by the answers of its second look.
    Looked,
    /// There is one instant in the window at which the true state deletes it.
    Deletable,
    /// A package that stays keeps a file.
    LastFile,
    /// What a deletion was sent for doesn't count as present.
    Counted,
    /// No deletion leaves more than a minute after the first request of its look.
    Fresh,
    /// No deletion leaves that the policy files hold up.
    Braked,
    /// Every deletion is in the journal before it leaves, and its end is told right there.
    Recorded,
    /// One run of a machine at a time asks GitLab.
    Alone,
    /// Outcomes and the status of each cycle tell what happened.
    Told,
    /// A command's exit code tells what came of it.
    Exit,
    /// A daemon's metrics count what happened.
    Metrics,
    /// What should go goes in the end.
    Gone,
}

/// For so many seconds a look may be used.
pub(crate) const WINDOW: u64 = 60;

/// For so many seconds after a deletion was sent no reading proves that its package is still there.
pub(crate) const DOUBT: u64 = 120;

impl Promise {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::DryRun,
        Self::Approved,
        Self::Planned,
        Self::Looked,
        Self::Deletable,
        Self::LastFile,
        Self::Counted,
        Self::Fresh,
        Self::Braked,
        Self::Recorded,
        Self::Alone,
        Self::Told,
        Self::Exit,
        Self::Metrics,
        Self::Gone,
    ];

    /// Returns its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DryRun => "dry-run",
            Self::Approved => "approved",
            Self::Planned => "planned",
            Self::Looked => "looked",
            Self::Deletable => "deletable",
            Self::LastFile => "last-file",
            Self::Counted => "counted",
            Self::Fresh => "fresh",
            Self::Braked => "braked",
            Self::Recorded => "recorded",
            Self::Alone => "alone",
            Self::Told => "told",
            Self::Exit => "exit",
            Self::Metrics => "metrics",
            Self::Gone => "gone",
        }
    }

    /// Returns the promise of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|promise| promise.name() == name)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.promise.name(), self.words)
    }
}
