//! A package with its files, tags and pipelines, and the rules that protect it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One row of the package registry: a name at a version, with an id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Package {
    /// Its number, which no other package has.
    pub id: u64,
    /// The id of its project.
    pub project_id: u64,
    /// Its format.
    pub package_type: PackageType,
    /// The raw name: for Conan without version, user and channel.
    pub name: String,
    /// `None` for a package that holds a Maven artifact's metadata and the like.
    pub version: Option<String>,
    /// How far its upload came, and whether it is shown.
    pub status: Status,
    /// When the row was made. A Go module tells the date of its commit there.
    pub created_at: Timestamp,
    /// When the row itself changed last; neither files nor downloads touch it.
    pub updated_at: Timestamp,
    /// When somebody downloaded a file of it last; `None` is never.
    pub last_downloaded_at: Option<Timestamp>,
    /// Its files, in any order.
    pub files: Vec<PackageFile>,
    /// Dist-tags (npm) and tags (NuGet).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// Oldest first; the API shows the last one. An id without a pipeline is one that was deleted since.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pipeline_ids: Vec<u64>,
    /// For Conan packages: `None` is a recipe without user and channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conan: Option<Conan>,
}

/// One file of a package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PackageFile {
    /// Its number, which no other file has.
    pub id: u64,
    /// Its name; slashes and the like are percent-encoded.
    pub file_name: String,
    /// In bytes.
    pub size: Option<u64>,
    /// The MD5 in hex; `None` where GitLab has none.
    pub md5: Option<String>,
    /// The SHA-1 in hex; `None` where GitLab has none.
    pub sha1: Option<String>,
    /// The SHA-256 in hex; `None` where GitLab has none.
    pub sha256: Option<String>,
    /// How far its upload came, and whether it is shown.
    pub status: FileStatus,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// When its row changed last.
    pub updated_at: Timestamp,
    /// The pipelines that uploaded it, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pipeline_ids: Vec<u64>,
}

/// A Conan package's user and channel, the end of its recipe `name/version@user/channel`. One that is blank stands for
/// `_`, as GitLab stores the absence of either (app/models/packages/conan/metadatum.rb).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conan {
    /// The user, `_` for none.
    pub username: String,
    /// The channel, `_` for none.
    pub channel: String,
}

/// A dist-tag or tag of a package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tag {
    /// Its number, which no other tag has.
    pub id: u64,
    /// The text of it, such as `latest`.
    pub name: String,
    /// When it was first given.
    pub created_at: Timestamp,
    /// When it was given last.
    pub updated_at: Timestamp,
}

/// A CI pipeline that published packages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pipeline {
    /// Its number, which no other pipeline has.
    pub id: u64,
    /// Its number within its project.
    pub iid: u64,
    /// The id of its project.
    pub project_id: u64,
    /// The user who started it; `None` when the account is gone.
    pub user: Option<String>,
    /// For a merge request `refs/merge-requests/7/head`, with the source `merge_request_event`.
    #[serde(rename = "ref")]
    pub ref_: String,
    /// The ref is a tag. `None` takes a name such as `v1.2` for one, as the generator's are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<bool>,
    /// The commit that it ran for.
    pub sha: String,
    /// How it stands, such as `success`.
    pub status: String,
    /// The event that started it, such as `push`.
    pub source: String,
    /// When it was started.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

impl Pipeline {
    pub(crate) fn is_for_tag(&self) -> bool {
        let looks_like_one =
            || self.ref_.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        self.tag.unwrap_or_else(looks_like_one)
    }
}

/// A rule that keeps packages of a name from being deleted by those below an access level
/// (app/models/packages/protection/rule.rb).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProtectionRule {
    /// The id of the project whose packages it protects.
    pub project_id: u64,
    /// The type of the packages that it protects.
    pub package_type: PackageType,
    /// `*` stands for anything; letters match whatever their case.
    pub package_name_pattern: String,
    /// The least access level that may delete; `None` protects from publishing alone.
    pub minimum_access_level_for_delete: Option<u8>,
}

/// `count` packages without files, with ids from `first_id`, created `every_seconds` after one another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Series {
    /// The id of the first package.
    pub first_id: u64,
    /// How many packages there are.
    pub count: u64,
    /// The id of their project.
    pub project_id: u64,
    /// Their format.
    pub package_type: PackageType,
    /// Their name.
    pub name: String,
    /// `{n}` in it stands for the package's number, from 1.
    pub version: String,
    /// Their status.
    pub status: Status,
    /// When the first was made.
    pub first_created_at: Timestamp,
    /// The seconds from one package to the next.
    pub every_seconds: u32,
    /// When their rows changed last.
    pub updated_at: Timestamp,
}

impl Series {
    /// The packages that it stands for.
    pub(crate) fn packages(&self) -> impl Iterator<Item = Package> + '_ {
        let first = self.first_created_at.as_second();
        (0..self.count).map(move |n| {
            let second = first.saturating_add_unsigned(n.saturating_mul(self.every_seconds.into()));
            let created = Timestamp::new(second, self.first_created_at.subsec_nanosecond());
            Package {
                id: self.first_id + n,
                project_id: self.project_id,
                package_type: self.package_type.clone(),
                name: self.name.clone(),
                version: Some(self.version.replace("{n}", &(n + 1).to_string())),
                status: self.status,
                created_at: created.unwrap_or(Timestamp::MAX),
                updated_at: self.updated_at,
                ..Package::default()
            }
        })
    }
}

/// A package's format. The set is open: later releases of GitLab know more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PackageType {
    /// Maven, Gradle and sbt.
    Maven,
    /// npm, Yarn and pnpm.
    Npm,
    /// Conan, for C and C++.
    Conan,
    /// NuGet, for .NET.
    Nuget,
    /// PyPI, for Python.
    Pypi,
    /// Composer, for PHP.
    Composer,
    /// Files of any kind.
    #[default]
    Generic,
    /// Go modules.
    Golang,
    /// Debian packages.
    Debian,
    /// RubyGems.
    Rubygems,
    /// Helm charts.
    Helm,
    /// Terraform and OpenTofu modules.
    TerraformModule,
    /// RPM packages.
    Rpm,
    /// Models of the model registry.
    MlModel,
    /// GitLab 19 brought it, behind a flag.
    Cargo,
    /// One that isn't in the list above, by its name in the API.
    #[serde(untagged)]
    Other(Box<str>),
}

impl PackageType {
    /// The known ones, in the order of their numbers in GitLab's database (app/models/packages/package.rb); the newest
    /// one is taken to come last.
    pub const KNOWN: [Self; 15] = [
        Self::Maven,
        Self::Npm,
        Self::Conan,
        Self::Nuget,
        Self::Pypi,
        Self::Composer,
        Self::Generic,
        Self::Golang,
        Self::Debian,
        Self::Rubygems,
        Self::Helm,
        Self::TerraformModule,
        Self::Rpm,
        Self::MlModel,
        Self::Cargo,
    ];

    /// Its name in the API.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Maven => "maven",
            Self::Npm => "npm",
            Self::Conan => "conan",
            Self::Nuget => "nuget",
            Self::Pypi => "pypi",
            Self::Composer => "composer",
            Self::Generic => "generic",
            Self::Golang => "golang",
            Self::Debian => "debian",
            Self::Rubygems => "rubygems",
            Self::Helm => "helm",
            Self::TerraformModule => "terraform_module",
            Self::Rpm => "rpm",
            Self::MlModel => "ml_model",
            Self::Cargo => "cargo",
            Self::Other(name) => name,
        }
    }

    /// Returns the number that `order_by=type` sorts by: its own in GitLab's database, and for the others one beyond.
    pub(crate) fn number(&self) -> usize {
        Self::KNOWN.iter().position(|known| known == self).unwrap_or(Self::KNOWN.len())
    }
}

impl fmt::Display for PackageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A package's status (app/models/packages/package.rb).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Complete and shown.
    #[default]
    Default,
    /// Complete and not shown.
    Hidden,
    /// Its upload is under way.
    Processing,
    /// Its upload failed.
    Error,
    /// It was deleted, and waits to be removed.
    PendingDestruction,
    /// Complete and shown, with a warning against it.
    Deprecated,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Default, Self::Hidden, Self::Processing, Self::Error, Self::PendingDestruction, Self::Deprecated];

    /// Its name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Hidden => "hidden",
            Self::Processing => "processing",
            Self::Error => "error",
            Self::PendingDestruction => "pending_destruction",
            Self::Deprecated => "deprecated",
        }
    }

    /// Listed without a `status` parameter, and the only ones that can be found by id, or deleted.
    pub(crate) fn is_displayable(self) -> bool {
        matches!(self, Self::Default | Self::Error | Self::Deprecated)
    }

    /// Can be fetched by clients.
    pub(crate) fn is_installable(self) -> bool {
        matches!(self, Self::Default | Self::Hidden | Self::Deprecated)
    }

    /// Has a page of its own, and an answer to the single GET.
    pub(crate) fn has_details(self) -> bool {
        matches!(self, Self::Default | Self::Deprecated)
    }
}

/// A package file's status (app/models/packages/package_file.rb); the API lists `default` alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileStatus {
    /// Complete and shown.
    #[default]
    Default,
    /// It was deleted, and waits to be removed.
    PendingDestruction,
    /// Its upload is under way.
    Processing,
    /// Its upload failed.
    Error,
}
