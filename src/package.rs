//! One row of GitLab's package listing, as the core knows it: what was read, and what could not be.
//!
//! Nothing here guesses. A field that GitLab did not send, or sent in a form that makes no sense, is told apart from
//! one that is empty, because a missing download date is not "never downloaded".

pub mod address;

mod branch;
mod built;
mod evidence;
mod file;
mod kind;
mod link;
mod project;
mod protection;
mod purl;
mod reference;
mod spelling;
mod status;
mod version;

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use branch::{
    Branch, BranchFate, BranchList, BranchOrigin, BranchSighting, BranchesSeen, COMMON_BRANCHES, MarkedBranches,
};
pub use built::{BuiltFrom, Pipeline, PipelineId, RefKind, RefKinds};
pub use evidence::{
    BranchStep, Bytes, Content, Evidence, HoldCounts, HoldKind, Lookup, Protected, Questions, Released,
};
pub use file::{FileId, PackageFile, Sha256};
pub use kind::{Elsewhere, Facts, Growth, Indexes, Latest, Links, PackageType, PurlName, Slash};
pub use link::{PAGES, ReleaseLink};
pub use project::{Namespace, PathsSeen, Project, ProjectId, ProjectRow, Topics, groups_above, is_marked_path};
pub use protection::ProtectionRule;
pub use purl::{Purl, PurlError, loosest_name, normal_name};
pub use reference::{FullPath, InvalidReference, Reference};
pub use spelling::NameRule;
pub use status::Status;
pub use version::{Build, Depth, Ecosystem, Rung, is_below, is_prerelease, is_same_version, rungs, series};

/// A GitLab row: a name at a version, with an id.
///
/// The order is that of the fields. It has no meaning but that it is total: where a walk saw two copies of a row that
/// differ, the lesser one stands for both, whatever order they came in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// Its number, which no other package of this GitLab has.
    pub id: PackageId,
    /// The project that holds it.
    pub project: Project,
    /// Its format.
    pub package_type: PackageType,
    /// The name as its clients know it: for Conan the bare name, without version, user and channel.
    pub name: String,
    /// Conan's `user/channel` as GitLab shows it; `None` for every other type.
    pub channel: Option<String>,
    /// `None` is a versionless package, where Maven keeps its metadata.
    pub version: Option<String>,
    /// How far its upload came, and whether listings show it.
    pub status: Status,
    /// `None` where GitLab sent no date, or one that can't be read.
    pub created_at: Option<Timestamp>,
    /// When somebody downloaded it last.
    pub downloaded: Downloaded,
    /// Dist-tags (npm) and tags (NuGet); `None` where they can't be read.
    pub tags: Option<Vec<String>>,
    /// The pipeline that published to it last.
    pub built_from: BuiltFrom,
    /// Whether the token may delete it.
    pub permission: Permission,
    /// The first field that could not be read at all, where the row can't be judged without it
    /// (name, type, status or version).
    pub unreadable: Option<&'static str>,
}

/// The number of a package, which no other package of this GitLab has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PackageId(pub u64);

impl fmt::Display for PackageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A package's last download, as far as GitLab knows.
///
/// Source: `app/models/concerns/packages/downloadable.rb`. A null also covers downloads from before the column existed
/// (15.x) and those through a Geo secondary or a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Downloaded {
    /// This is the last download.
    At(Timestamp),
    /// The key was there and null.
    Never,
    /// GitLab doesn't tell it for the package by itself either.
    Unknown,
    /// The key was there, and what it holds is no date.
    Unreadable,
    /// The key was absent: older servers don't send it in listings. The package can be asked for by itself.
    NotListed,
}

/// Whether the token may delete the package, told by `_links.delete_api_path`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// The row has a `delete_api_path`.
    Granted,
    /// The row has `_links`, and no `delete_api_path` among them.
    Denied,
    /// The row has no `_links` to tell by.
    Unknown,
}

/// All versions of one package: what `newest` counts within, and what has one latest version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageKey<'a> {
    /// The project that holds them.
    pub project: ProjectId,
    /// Their format.
    pub package_type: &'a PackageType,
    /// In the form that all of its spellings have in common.
    pub name: Cow<'a, str>,
    /// Conan's; `None` for every other type, and where there is none.
    pub channel: Option<&'a str>,
}

/// The text that GitLab shows for the user and channel of a Conan recipe that has none.
///
/// Source: `app/models/packages/conan/metadatum.rb`.
pub const NO_CHANNEL: &str = "_/_";

/// GitLab had no package registry before this date, so an older one is a reproducible build's or a clock's mistake.
const FIRST_SENSIBLE_DATE: Timestamp = Timestamp::constant(1_293_840_000, 0);

impl Package {
    /// Returns the key that it shares with its other versions.
    #[must_use]
    pub fn key(&self) -> PackageKey<'_> {
        PackageKey {
            project: self.project.id,
            package_type: &self.package_type,
            name: self.package_type.facts().names.normal(&self.name),
            channel: self.own_channel(),
        }
    }

    /// Returns Conan's `user/channel`, where the recipe has one.
    #[must_use]
    pub fn own_channel(&self) -> Option<&str> {
        self.channel.as_deref().filter(|channel| *channel != NO_CHANNEL)
    }

    /// Returns whether the dates of the listing can be believed as of `now`: a creation date is there, and no date is
    /// in the future or older than the registry itself.
    #[must_use]
    pub fn has_sane_dates(&self, now: Timestamp) -> bool {
        let downloaded = match self.downloaded {
            Downloaded::At(date) => is_sane_date(date, now),
            Downloaded::Never | Downloaded::Unknown | Downloaded::NotListed => true,
            Downloaded::Unreadable => false,
        };
        downloaded && self.created_at.is_some_and(|date| is_sane_date(date, now))
    }

    /// Returns whether clients can install it: status default or deprecated, with a version and sane dates.
    #[must_use]
    pub fn is_installable(&self, now: Timestamp) -> bool {
        matches!(self.status, Status::Default | Status::Deprecated) && self.is_believed(now)
    }

    /// Returns whether its row can be believed, so that it can have a place among the versions of its key.
    #[must_use]
    pub fn is_believed(&self, now: Timestamp) -> bool {
        self.unreadable.is_none() && self.version.is_some() && self.has_sane_dates(now)
    }

    /// Returns whether it stands for an upload that is under way, or that failed, and not for a version.
    ///
    /// Source: `app/models/packages/package.rb`; rows such as `Helm.Temporary.Package` and npm's, which have the package's
    /// real name.
    #[must_use]
    pub fn is_upload(&self) -> bool {
        matches!(self.status, Status::Processing | Status::Error)
            && self.version.as_deref().and_then(|version| version.strip_prefix("0.0.0-")).is_some_and(is_uuid)
    }

    /// Returns whether its version is a branch, which is published in place.
    #[must_use]
    pub fn is_branch(&self) -> bool {
        let facts = self.package_type.facts();
        self.version.as_deref().is_some_and(|version| facts.versions.is_branch(version))
    }

    /// Returns its version in the form that all spellings of it have in common.
    #[must_use]
    pub fn normal_version(&self) -> Option<Cow<'_, str>> {
        Some(self.package_type.facts().versions.normal(self.version.as_deref()?))
    }

    /// Returns whether nobody can tell if it is the latest version: its type knows such a thing, and its version can't
    /// be read.
    #[must_use]
    pub fn may_be_latest(&self) -> bool {
        self.package_type.has_latest() && self.package_type.is_known() && self.is_prerelease().is_none()
    }

    /// Returns whether its version is a pre-release by its ecosystem's own rules; `None` where that can't be told.
    #[must_use]
    pub fn is_prerelease(&self) -> Option<bool> {
        is_prerelease(&self.package_type, self.version.as_deref()?)
    }
}

/// Returns whether a text is a UUID, as in `c2f9b1d0-5b0e-4d1c-9d0a-6f1f5a3b2c4d`.
fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// Returns whether a date from GitLab lies between the first package registry and `now`.
#[must_use]
pub fn is_sane_date(date: Timestamp, now: Timestamp) -> bool {
    date >= FIRST_SENSIBLE_DATE && date <= now
}

#[cfg(test)]
impl Package {
    /// Returns a generic package of which nothing more is told than these.
    pub(crate) fn plain(id: u64, project: Project) -> Self {
        Self {
            id: PackageId(id),
            project,
            package_type: PackageType::Generic,
            name: "app".to_owned(),
            channel: None,
            version: None,
            status: Status::Default,
            created_at: None,
            downloaded: Downloaded::Never,
            tags: None,
            built_from: BuiltFrom::NotListed,
            permission: Permission::Granted,
            unreadable: None,
        }
    }
}
