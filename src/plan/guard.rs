//! Guards keep packages, whatever the policies say.

use crate::package::Package;
use crate::policy::{Age, Condition, DeleteRule, Known, Truth};

/// A reason to keep a package before any rule is asked. The variants stand in the order in which guards are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Guard {
    /// The walk saw two copies of the row that differ.
    ChangedDuringWalk,
    /// The row's name, type, status or version could not be read.
    Unreadable,
    /// Its project, or a group above it, is on its way out, and its owner may take it back.
    MarkedForDeletion,
    /// A hold whose text was changed has let go of its project, and this run only shows what follows.
    Loosened,
    /// GitLab tells fewer than half of its project's holds, and this run only shows what follows.
    FewerHolds,
    /// GitLab warns that touching it corrupts it.
    Processing,
    /// It is on its way out; the API answers 404 to a delete.
    PendingDestruction,
    /// The API answers 404 to a delete.
    Hidden,
    /// A status that this release doesn't know.
    UnknownStatus,
    /// Maven's metadata lives in packages without a version.
    Versionless,
    /// A model, or a type that this release doesn't know, and no rule that selects it names its type.
    TypeNotNamed,
    /// Its newest content is so young that an upload may be under way.
    MinAge,
    /// Something that decides about it could not be looked up.
    NoEvidence,
    /// A date is missing, in the future, or older than package registries are.
    SenselessDates,
    /// npm's dist-tag `latest` points at it.
    NpmLatest,
    /// A rule of GitLab's own protects it from being deleted.
    ProtectedInGitlab,
    /// A release of its project links to it.
    Released,
    /// It is the latest version of its key.
    Latest,
    /// It may be the highest of its distribution or channel, which GitLab's API doesn't tell.
    OtherIndex,
}

impl Guard {
    /// Every guard, in the order in which they are asked.
    pub const ALL: [Self; 19] = [
        Self::ChangedDuringWalk,
        Self::Unreadable,
        Self::MarkedForDeletion,
        Self::Loosened,
        Self::FewerHolds,
        Self::Processing,
        Self::PendingDestruction,
        Self::Hidden,
        Self::UnknownStatus,
        Self::Versionless,
        Self::TypeNotNamed,
        Self::MinAge,
        Self::NoEvidence,
        Self::SenselessDates,
        Self::NpmLatest,
        Self::ProtectedInGitlab,
        Self::Released,
        Self::Latest,
        Self::OtherIndex,
    ];

    /// Returns whether `rule` says that it means such packages too.
    #[must_use]
    pub(super) fn is_lifted_by(self, rule: &DeleteRule, known: &Known<'_>, min_age: &Age) -> bool {
        let package = known.package;
        match self {
            // A row that is young itself has a known age.
            Self::MinAge => {
                known.is_fresh(min_age) == Truth::Unknown && rule.conditions.iter().any(Condition::means_unknown_age)
            }
            Self::TypeNotNamed => rule
                .conditions
                .iter()
                .any(|condition| matches!(condition, Condition::Type(types) if types.contains(&package.package_type))),
            // A rule for another tag does not mean what `latest` points at as well.
            Self::NpmLatest => rule
                .conditions
                .iter()
                .any(|condition| matches!(condition, Condition::Tag(patterns) if patterns.name("latest"))),
            Self::Released => rule.allow_released,
            Self::Latest => rule.allow_latest,
            Self::OtherIndex => rule.other_indexes,
            _ => false,
        }
    }

    /// Returns whether npm's `latest` points at the package, or may. Tags that can't be read may be any.
    #[must_use]
    pub fn carries_npm_latest(package: &Package) -> bool {
        package.package_type.facts().has_latest_tag
            && package.tags.as_ref().is_none_or(|tags| tags.iter().any(|tag| tag == "latest"))
    }

    /// Returns the guard's name in reports.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ChangedDuringWalk => "changed_during_walk",
            Self::Unreadable => "unreadable",
            Self::MarkedForDeletion => "marked_for_deletion",
            Self::Loosened => "loosened",
            Self::FewerHolds => "fewer_holds",
            Self::Processing => "processing",
            Self::PendingDestruction => "pending_destruction",
            Self::Hidden => "hidden",
            Self::UnknownStatus => "unknown_status",
            Self::Versionless => "versionless",
            Self::TypeNotNamed => "type_not_named",
            Self::MinAge => "min_age",
            Self::NoEvidence => "no_evidence",
            Self::SenselessDates => "senseless_dates",
            Self::NpmLatest => "npm_latest",
            Self::ProtectedInGitlab => "protected_in_gitlab",
            Self::Released => "released",
            Self::Latest => "latest",
            Self::OtherIndex => "other_index",
        }
    }
}
