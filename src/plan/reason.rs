//! Why a package stays or goes.

use super::guard::Guard;
use crate::policy::PolicySet;

/// The one reason that is told of a package: the first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Kept, whatever the policies say.
    Always(Guard),
    /// Kept by a protection's rule of this number.
    Protected { protection: usize, rule: usize },
    /// Kept by the policy's keep rule of this number.
    Kept(usize),
    /// Kept, because no delete rule selects it.
    NotSelected,
    /// Deleted: the delete rule of this number selects it, and nothing saves it.
    Selected(usize),
}

/// Which way a package goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Keep,
    Delete,
}

/// A rule by its place, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleRef {
    Protect { protection: usize, rule: usize },
    Keep(usize),
    Delete(usize),
    Files(usize),
}

impl Reason {
    /// Every code with the verdict that it stands for, in the order in which they are told.
    pub fn codes() -> impl Iterator<Item = (Verdict, &'static str)> {
        let others = [Self::Protected { protection: 0, rule: 0 }, Self::Kept(0), Self::NotSelected, Self::Selected(0)];
        Guard::ALL.into_iter().map(Self::Always).chain(others).map(|reason| (reason.verdict(), reason.code()))
    }

    #[must_use]
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Always(_) | Self::Protected { .. } | Self::Kept(_) | Self::NotSelected => Verdict::Keep,
            Self::Selected(_) => Verdict::Delete,
        }
    }

    /// The rule that decided, where one did.
    #[must_use]
    pub fn rule(self) -> Option<RuleRef> {
        match self {
            Self::Always(_) | Self::NotSelected => None,
            Self::Protected { protection, rule } => Some(RuleRef::Protect { protection, rule }),
            Self::Kept(number) => Some(RuleRef::Keep(number)),
            Self::Selected(number) => Some(RuleRef::Delete(number)),
        }
    }

    /// The reason's name in reports: a closed set, told in `docs/report.md`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Always(guard) => guard.code(),
            Self::Protected { .. } => "protected",
            Self::Kept(_) => "kept_by_rule",
            Self::NotSelected => "not_selected",
            Self::Selected(_) => "selected",
        }
    }
}

impl Verdict {
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Delete => "delete",
        }
    }
}

impl RuleRef {
    /// Every protect rule of a set, in its order.
    pub fn of_protections(set: &PolicySet) -> impl Iterator<Item = Self> {
        let protections = set.protections.iter().enumerate();
        protections
            .flat_map(|(protection, held)| (0..held.rules.len()).map(move |rule| Self::Protect { protection, rule }))
    }

    /// The rule's name in reports: `delete[0]`, `keep[1]`, `files[0]`, `legal-hold.protect[0]`.
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
