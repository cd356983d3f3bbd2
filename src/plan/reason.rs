//! The reasons why packages stay or go.

use std::cmp::Ordering;

use super::guard::Guard;
use crate::policy::PolicySet;

/// The one reason that is told of a package: the first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Kept, whatever the policies say.
    Always(Guard),
    /// Kept by a protection's rule of this number.
    Protected {
        /// The protection's number in the set.
        protection: usize,
        /// The rule's number in the protection.
        rule: usize,
    },
    /// Kept by the policy's keep rule of this number.
    Kept(usize),
    /// Kept, because no delete rule selects it.
    NotSelected,
    /// Deleted: the delete rule of this number selects it, and nothing saves it.
    Selected(usize),
    /// Kept: it would go, and the saved plan that is executed doesn't name it.
    NotNamed,
}

/// A reason without its rule and figures, of a package or of a file: what reports count and cases expect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReasonKind {
    /// Kept by a guard. Three of them stand before files, too.
    Always(Guard),
    /// Kept by a protection.
    Protected,
    /// Kept by a keep rule.
    KeptByRule,
    /// Kept, because no delete rule selects the package.
    NotSelected,
    /// Deleted: a rule selects the package, or takes the file.
    Selected,
    /// A file that is kept: Maven's metadata, or a checksum of it.
    Metadata,
    /// A file that is kept: its deployment broke off or goes on.
    Unfinished,
    /// A file that is kept: a checksum or signature of a file that isn't there.
    Orphan,
    /// A file that is kept: a checksum or signature of a file that stays.
    StaysWith,
    /// A file that is kept: no rule's `file` matches it.
    NotMatched,
    /// A file that is kept: one of the newest of its key.
    Newest,
    /// A file that is kept: not older than the rule's `older_than`.
    TooYoung,
    /// A file that is kept: without it nothing might be left of the package.
    LastFile,
    /// A file that is deleted: a checksum or signature of one that a rule takes.
    Follows,
    /// Kept: it would go, and the saved plan that is executed doesn't name it, or a file that goes with it.
    NotNamed,
}

/// Which way a package or a file goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It stays.
    Keep,
    /// It goes.
    Delete,
}

/// A rule by its place, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleRef {
    /// A rule of a protection.
    Protect {
        /// The protection's number in the set.
        protection: usize,
        /// The rule's number in the protection.
        rule: usize,
    },
    /// A keep rule of the policy.
    Keep(usize),
    /// A delete rule of the policy.
    Delete(usize),
    /// A `files` rule of the policy.
    Files(usize),
}

impl Reason {
    /// Returns which way the package goes.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        self.kind().verdict()
    }

    /// Returns the reason without its rule.
    #[must_use]
    pub fn kind(self) -> ReasonKind {
        match self {
            Self::Always(guard) => ReasonKind::Always(guard),
            Self::Protected { .. } => ReasonKind::Protected,
            Self::Kept(_) => ReasonKind::KeptByRule,
            Self::NotSelected => ReasonKind::NotSelected,
            Self::Selected(_) => ReasonKind::Selected,
            Self::NotNamed => ReasonKind::NotNamed,
        }
    }

    /// Returns the rule that decided, where one did.
    #[must_use]
    pub fn rule(self) -> Option<RuleRef> {
        match self {
            Self::Always(_) | Self::NotSelected | Self::NotNamed => None,
            Self::Protected { protection, rule } => Some(RuleRef::Protect { protection, rule }),
            Self::Kept(number) => Some(RuleRef::Keep(number)),
            Self::Selected(number) => Some(RuleRef::Delete(number)),
        }
    }

    /// Returns the reason's name in reports.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.kind().code()
    }
}

impl ReasonKind {
    /// Returns every reason of a package, in the order in which they are told. What only the execution of a saved plan
    /// tells is not among them, and not among those of a file.
    pub fn of_packages() -> impl Iterator<Item = Self> {
        let others = [Self::Protected, Self::KeptByRule, Self::NotSelected, Self::Selected];
        Guard::ALL.into_iter().map(Self::Always).chain(others)
    }

    /// Returns every reason of a file, in the order in which they are told.
    pub fn of_files() -> impl Iterator<Item = Self> {
        let all = [
            Self::Always(Guard::Unreadable),
            Self::Metadata,
            Self::Always(Guard::MinAge),
            Self::Always(Guard::SenselessDates),
            Self::Unfinished,
            Self::Orphan,
            Self::StaysWith,
            Self::NotMatched,
            Self::Newest,
            Self::TooYoung,
            Self::LastFile,
            Self::Selected,
            Self::Follows,
        ];
        all.into_iter()
    }

    /// Returns every reason, some of them twice.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::of_packages().chain(Self::of_files()).chain([Self::NotNamed])
    }

    /// Returns the verdict that the reason stands for.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Selected | Self::Follows => Verdict::Delete,
            Self::Always(_)
            | Self::Protected
            | Self::KeptByRule
            | Self::NotSelected
            | Self::Metadata
            | Self::Unfinished
            | Self::Orphan
            | Self::StaysWith
            | Self::NotMatched
            | Self::Newest
            | Self::TooYoung
            | Self::LastFile
            | Self::NotNamed => Verdict::Keep,
        }
    }

    /// Returns the reason's name in reports: a closed set, told in `docs/report.md`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Always(guard) => guard.code(),
            Self::Protected => "protected",
            Self::KeptByRule => "kept_by_rule",
            Self::NotSelected => "not_selected",
            Self::Selected => "selected",
            Self::Metadata => "metadata",
            Self::Unfinished => "unfinished",
            Self::Orphan => "orphan",
            Self::StaysWith => "stays_with",
            Self::NotMatched => "not_matched",
            Self::Newest => "newest",
            Self::TooYoung => "too_young",
            Self::LastFile => "last_file",
            Self::Follows => "follows",
            Self::NotNamed => "not_named",
        }
    }
}

/// Reasons stand in the order of their codes, and so does whatever is counted by them.
impl Ord for ReasonKind {
    fn cmp(&self, other: &Self) -> Ordering {
        self.code().cmp(other.code())
    }
}

impl PartialOrd for ReasonKind {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Verdict {
    /// Returns the verdict's name in reports.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Delete => "delete",
        }
    }
}

impl RuleRef {
    /// Returns every protect rule of a set, in its order.
    pub fn of_protections(set: &PolicySet) -> impl Iterator<Item = Self> {
        let protections = set.protections.iter().enumerate();
        protections
            .flat_map(|(protection, held)| (0..held.rules.len()).map(move |rule| Self::Protect { protection, rule }))
    }

    /// Returns the rule's name in reports: `delete[0]`, `keep[1]`, `files[0]`, `legal-hold.protect[0]`.
    #[must_use]
    pub fn label(self, set: &PolicySet) -> String {
        match self {
            Self::Protect { protection, rule } => {
                let name = set.protections.get(protection).map_or("?", |protection| protection.name.as_str());
                format!("{name}.protect[{rule}]")
            }
            Self::Keep(number) => format!("keep[{number}]"),
            Self::Delete(number) => format!("delete[{number}]"),
            Self::Files(number) => format!("files[{number}]"),
        }
    }
}
