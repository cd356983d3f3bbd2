//! A project's releases, and what they link to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A release of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Release {
    /// The tag in the repository; no two releases of a project have the same.
    pub tag: String,
    /// Blank stands for the tag.
    pub name: String,
    pub created_at: Timestamp,
    /// In the future for one that is announced.
    pub released_at: Timestamp,
    /// Oldest first; the API shows the newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<ReleaseLink>,
}

/// A link among the assets of a release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReleaseLink {
    pub id: u64,
    pub name: String,
    /// `{url}` in it stands for the address that clients are told.
    pub url: String,
    /// Where the link is found below the release, such as `/bin/linux`; `None` has no such address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direct_asset_path: Option<String>,
    pub link_type: LinkType,
}

/// What a link leads to, by what its author says (app/models/releases/link.rb).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkType {
    #[default]
    Other,
    Runbook,
    Image,
    Package,
}

/// Who may use a part of a project, among those who see it (app/models/project_feature.rb).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessLevel {
    Disabled,
    /// Members alone.
    Private,
    #[default]
    Enabled,
}
