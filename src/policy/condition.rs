//! The conditions of delete, keep, protect and files rules, as they were read.
//!
//! Each condition has a file, which implements [`meaning::Meaning`].

pub(in crate::policy) mod all;
pub(in crate::policy) mod meaning;
pub(in crate::policy) mod premise;

mod branch_gone_for;
mod built_from;
mod channel;
mod downloaded_within;
pub(in crate::policy) mod from;
mod id;
mod larger_than;
mod name;
mod never_downloaded;
mod not_downloaded_for;
mod older_than;
mod prerelease;
mod project;
pub(in crate::policy) mod status;
mod superseded;
mod superseded_by;
mod superseded_for;
mod tag;
mod topic;
pub(in crate::policy) mod type_;
mod unknown_age;
mod version;
mod version_below;
mod younger_than;

use serde::Serialize;

use super::{Age, FromFile, Patterns, Refs, Size, SupersededSince, Supersession, VersionBound};
use crate::package::{PackageId, PackageType, Status};

/// One condition. A rule holds when all of its conditions do.
///
/// Policies' fingerprints are made of its serialized form.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The package's type is one of these.
    Type(Vec<PackageType>),
    /// Its name matches.
    Name(Patterns),
    /// The path or the id of its project matches.
    Project(Patterns),
    /// Any topic of its project matches. Keep and protect rules only.
    Topic(Patterns),
    /// Its version matches.
    Version(Patterns),
    /// Its version comes before this one.
    VersionBelow(VersionBound),
    /// Any of npm's dist-tags or NuGet's tags matches.
    Tag(Patterns),
    /// Conan's `user/channel` matches.
    Channel(Patterns),
    /// Its status is one of these.
    Status(Vec<Status>),
    /// It is one of these packages. Keep and protect rules only.
    Id(Vec<PackageId>),
    /// Its newest content is older.
    OlderThan(Age),
    /// Its newest content is younger.
    YoungerThan(Age),
    /// Nobody has pulled it for longer.
    NotDownloadedFor(Age),
    /// Somebody has pulled it since.
    DownloadedWithin(Age),
    /// Nobody has ever pulled it.
    NeverDownloaded,
    /// Its version is a pre-release, or isn't.
    Prerelease(bool),
    /// A release in the listing supersedes it, or none does.
    Superseded(Supersession),
    /// A release has superseded it for longer.
    SupersededFor(SupersededSince),
    /// Its last pipeline ran for one of these refs.
    BuiltFrom(Refs),
    /// The branch that built it has been gone for longer.
    BranchGoneFor(Age),
    /// Its files are larger together.
    LargerThan(Size),
    /// Nothing tells when it was last published.
    UnknownAge,
    /// An in-use file names it. Protect rules only.
    From(FromFile),
}

impl Condition {
    /// Returns whether a rule with it means packages whose age is unknown, too. Nobody publishes a branch of a Composer
    /// package any more that has been gone for long.
    pub(crate) fn means_unknown_age(&self) -> bool {
        matches!(self, Self::UnknownAge | Self::BranchGoneFor(_))
    }
}
