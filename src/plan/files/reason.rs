//! The reasons why files go or stay, of packages that stay.

use crate::plan::guard::Guard;
use crate::plan::rank::Rank;
use crate::plan::reason::{ReasonKind, RuleRef, Verdict};

/// The one reason that is told of a file: the first that applies. Rules are named by their numbers among the policy's
/// `files` rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileReason {
    /// Kept: its name can't be read.
    Unreadable,
    /// Kept: Maven's metadata, or a checksum of it.
    Metadata,
    /// Kept: it is so young that an upload may be under way.
    MinAge,
    /// Kept: its date is missing, in the future, or older than package registries are.
    SenselessDates,
    /// Kept: it came after the last metadata of its snapshot, so that its deployment broke off or goes on.
    Unfinished,
    /// Kept: the checksum or signature of a file that isn't there.
    Orphan,
    /// Kept: the checksum or signature of a file that stays.
    StaysWith,
    /// Kept: no rule's `file` matches it.
    NotMatched,
    /// Kept: one of the newest of its key.
    Newest {
        /// The number of the rule.
        rule: usize,
        /// The file's rank among those of its key.
        rank: Rank,
    },
    /// Kept: not older than the rule's `older_than`.
    TooYoung {
        /// The number of the rule.
        rule: usize,
        /// The file's rank among those of its key.
        rank: Rank,
    },
    /// Kept: without it there might be nothing left of the package.
    LastFile {
        /// The number of the rule.
        rule: usize,
        /// The file's rank among those of its key.
        rank: Rank,
    },
    /// Deleted: the rule takes it.
    Selected {
        /// The number of the rule.
        rule: usize,
        /// The file's rank among those of its key.
        rank: Rank,
    },
    /// Deleted: the checksum or signature of a file that the rule takes.
    Follows {
        /// The number of the rule.
        rule: usize,
    },
    /// Kept: the saved plan that is executed doesn't name it, or a file that goes with it.
    NotNamed,
}

impl FileReason {
    /// Returns which way the file goes.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        self.kind().verdict()
    }

    /// Returns the reason without its rule and rank.
    #[must_use]
    pub fn kind(self) -> ReasonKind {
        match self {
            Self::Unreadable => ReasonKind::Always(Guard::Unreadable),
            Self::Metadata => ReasonKind::Metadata,
            Self::MinAge => ReasonKind::Always(Guard::MinAge),
            Self::SenselessDates => ReasonKind::Always(Guard::SenselessDates),
            Self::Unfinished => ReasonKind::Unfinished,
            Self::Orphan => ReasonKind::Orphan,
            Self::StaysWith => ReasonKind::StaysWith,
            Self::NotMatched => ReasonKind::NotMatched,
            Self::Newest { .. } => ReasonKind::Newest,
            Self::TooYoung { .. } => ReasonKind::TooYoung,
            Self::LastFile { .. } => ReasonKind::LastFile,
            Self::Selected { .. } => ReasonKind::Selected,
            Self::Follows { .. } => ReasonKind::Follows,
            Self::NotNamed => ReasonKind::NotNamed,
        }
    }

    /// Returns the rule that decided, where one did.
    #[must_use]
    pub fn rule(self) -> Option<RuleRef> {
        self.files_rule().map(RuleRef::Files)
    }

    pub(super) fn files_rule(self) -> Option<usize> {
        match self {
            Self::Newest { rule, .. }
            | Self::TooYoung { rule, .. }
            | Self::LastFile { rule, .. }
            | Self::Selected { rule, .. }
            | Self::Follows { rule } => Some(rule),
            Self::Unreadable
            | Self::Metadata
            | Self::MinAge
            | Self::SenselessDates
            | Self::Unfinished
            | Self::Orphan
            | Self::StaysWith
            | Self::NotMatched
            | Self::NotNamed => None,
        }
    }

    /// Returns the reason's name in reports.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.kind().code()
    }
}
