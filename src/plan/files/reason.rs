//! Why a file of a package that stays goes or stays itself.

use crate::plan::rank::Rank;
use crate::plan::reason::{RuleRef, Verdict};

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
    Newest { rule: usize, rank: Rank },
    /// Kept: not older than the rule's `older_than`.
    TooYoung { rule: usize, rank: Rank },
    /// Kept: without it there might be nothing left of the package.
    LastFile { rule: usize, rank: Rank },
    /// Deleted: the rule takes it.
    Selected { rule: usize, rank: Rank },
    /// Deleted: the checksum or signature of a file that the rule takes.
    Follows { rule: usize },
}

impl FileReason {
    /// Every code with the verdict that it stands for, in the order in which they are told.
    pub fn codes() -> impl Iterator<Item = (Verdict, &'static str)> {
        let (rule, rank) = (0, Rank { place: 0, of: 0 });
        let all = [
            Self::Unreadable,
            Self::Metadata,
            Self::MinAge,
            Self::SenselessDates,
            Self::Unfinished,
            Self::Orphan,
            Self::StaysWith,
            Self::NotMatched,
            Self::Newest { rule, rank },
            Self::TooYoung { rule, rank },
            Self::LastFile { rule, rank },
            Self::Selected { rule, rank },
            Self::Follows { rule },
        ];
        all.into_iter().map(|reason| (reason.verdict(), reason.code()))
    }

    #[must_use]
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Selected { .. } | Self::Follows { .. } => Verdict::Delete,
            Self::Unreadable
            | Self::Metadata
            | Self::MinAge
            | Self::SenselessDates
            | Self::Unfinished
            | Self::Orphan
            | Self::StaysWith
            | Self::NotMatched
            | Self::Newest { .. }
            | Self::TooYoung { .. }
            | Self::LastFile { .. } => Verdict::Keep,
        }
    }

    /// The rule that decided, where one did.
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
            | Self::NotMatched => None,
        }
    }

    /// The reason's name in reports: a closed set, told in `docs/report.md`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Metadata => "metadata",
            Self::MinAge => "min_age",
            Self::SenselessDates => "senseless_dates",
            Self::Unfinished => "unfinished",
            Self::Orphan => "orphan",
            Self::StaysWith => "stays_with",
            Self::NotMatched => "not_matched",
            Self::Newest { .. } => "newest",
            Self::TooYoung { .. } => "too_young",
            Self::LastFile { .. } => "last_file",
            Self::Selected { .. } => "selected",
            Self::Follows { .. } => "follows",
        }
    }
}
