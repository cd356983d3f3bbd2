//! The content of a simulated GitLab, as plain data: users, tokens, groups, projects and packages.
//!
//! A registry is a value: write one by hand in a test, read one from JSON, or let [`Registry::generate`] make one.
//! Fields that a JSON file leaves out take the value of `Default`; fields that it has and this release doesn't know are
//! passed over, so that the format may grow.

mod check;
mod package;
mod release;
mod repository;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use check::RegistryError;
pub use package::{
    Conan, FileStatus, Package, PackageFile, PackageType, Pipeline, ProtectionRule, Series, Status, Tag,
};
pub use release::{AccessLevel, LinkType, Release, ReleaseLink};
pub use repository::Repository;

/// Everything that a simulated GitLab holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Registry {
    /// Everybody who has an account.
    pub users: Vec<User>,
    /// The tokens by which requests are let in.
    pub tokens: Vec<Token>,
    /// All groups and subgroups.
    pub groups: Vec<Group>,
    /// All projects, with their releases.
    pub projects: Vec<Project>,
    /// The roles of users in groups and projects.
    pub members: Vec<Member>,
    /// The pipelines that published packages.
    pub pipelines: Vec<Pipeline>,
    /// The rules that protect packages from being deleted.
    pub protection_rules: Vec<ProtectionRule>,
    /// All packages, with their files.
    pub packages: Vec<Package>,
    /// Shorthand for many packages that differ in a number alone.
    pub series: Vec<Series>,
}

impl Registry {
    /// Reads a registry from JSON, and checks that it hangs together.
    ///
    /// # Errors
    /// When the text is no such JSON, when an id or a path is there twice, or when something belongs to a user, a group
    /// or a project that isn't there.
    pub fn from_json(json: &str) -> Result<Self, RegistryError> {
        let registry: Self = serde_json::from_str(json)?;
        registry.check()?;
        Ok(registry)
    }
}

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    /// Its number, which no other user has.
    pub id: u64,
    /// The name to log in by, which no other user has.
    pub username: String,
    /// The name that pages show.
    pub name: String,
    /// `active` or `blocked`; a blocked user is refused with 403.
    pub state: String,
    /// An administrator sees everything, and protection rules don't hold for one.
    pub admin: bool,
}

impl Default for User {
    fn default() -> Self {
        Self { id: 0, username: String::new(), name: String::new(), state: "active".to_owned(), admin: false }
    }
}

/// A personal access token, or the token of a running CI job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Token {
    /// The secret itself.
    pub token: String,
    /// The username of its owner.
    pub user: String,
    /// `api` reads and deletes, `read_api` reads, anything else is refused.
    pub scopes: Vec<String>,
    /// The first day (UTC) on which it no longer works; `None` never ends.
    pub expires_on: Option<Date>,
    /// It was taken back: requests with it are refused with 401.
    pub revoked: bool,
    /// The token of a CI job: accepted as `JOB-TOKEN`, by the routes of projects and by `GET /job` alone.
    pub job: bool,
    /// The id of the job's project, which `GET /job` tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<u64>,
}

/// A group or a subgroup; its parent is the one whose path is the longest prefix of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// Its number, which no other group has.
    pub id: u64,
    /// The full path, such as `acme/platform`.
    pub path: String,
    /// The people who see it without being members.
    pub visibility: Visibility,
    /// Archived itself; its projects and subgroups have flags of their own.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// The day on which somebody asked for its deletion, which can be taken back for some days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marked_for_deletion_on: Option<Date>,
}

/// A project; its group is its path without the last segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Project {
    /// Its number, which no other project has.
    pub id: u64,
    /// The full path, such as `acme/platform/api`.
    pub path: String,
    /// Full paths that it had before: they lead to it for as long as nothing else is called so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub former_paths: Vec<String>,
    /// The people who see it without being members.
    pub visibility: Visibility,
    /// Its own flag.
    pub archived: bool,
    /// The day on which somebody asked for its deletion, which can be taken back for some days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marked_for_deletion_on: Option<Date>,
    /// Without a package registry the routes of its packages answer 403, and group listings leave it out.
    pub packages_enabled: bool,
    /// About to be removed: nobody sees it any more.
    pub pending_delete: bool,
    /// Where releases are switched off, or the caller is no member and has to be one, their route answers 403.
    pub releases_access_level: AccessLevel,
    /// Its releases, in any order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub releases: Vec<Release>,
    /// Its topics, in any order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// Its branches; `None` has `main`, and each branch that a pipeline ran for in the 60 days before the last one of
    /// the whole registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<Repository>,
}

impl Default for Project {
    fn default() -> Self {
        Self {
            id: 0,
            path: String::new(),
            former_paths: Vec::new(),
            visibility: Visibility::default(),
            archived: false,
            marked_for_deletion_on: None,
            packages_enabled: true,
            pending_delete: false,
            releases_access_level: AccessLevel::default(),
            releases: Vec::new(),
            topics: Vec::new(),
            repository: None,
        }
    }
}

/// The people who see a group or a project without being members.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Members alone.
    #[default]
    Private,
    /// Everybody who is logged in.
    Internal,
    /// Everybody, logged in or not.
    Public,
}

/// A user's role in a group, its subgroups and their projects, or in a single project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Member {
    /// The username.
    pub user: String,
    /// The full path of a group; this or `project` is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The full path of a project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// 10 guest, 20 reporter, 30 developer, 40 maintainer, 50 owner.
    pub access_level: u8,
}
