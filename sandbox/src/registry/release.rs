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
    /// When it was made.
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
    /// Its number, which no other link has.
    pub id: u64,
    /// The text that pages show for it.
    pub name: String,
    /// `{url}` in it stands for the address that clients are told.
    pub url: String,
    /// Where the link is found below the release, such as `/bin/linux`; `None` has no such address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direct_asset_path: Option<String>,
    /// The kind of thing that it leads to, as its author says.
    pub link_type: LinkType,
}

/// The kind of thing that a link leads to, as its author says (app/models/releases/link.rb).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkType {
    /// Anything else.
    #[default]
    Other,
    /// Instructions for operators.
    Runbook,
    /// A container image.
    Image,
    /// A package.
    Package,
}

/// Who may use a part of a project, among those who see it (app/models/project_feature.rb).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessLevel {
    /// Nobody.
    Disabled,
    /// Members alone.
    Private,
    /// Everybody who sees the project.
    #[default]
    Enabled,
}
