//! A decision in a report: one row, of a package or of a file.

use jiff::Timestamp;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::package::{FileId, Package, PackageId, PackageType, Status};
use crate::plan::{Ending, ItemId, Maturity, Outcome, ReasonKind, Verdict};

/// The verdict on one package, or on one file of a package that stays.
#[derive(Debug, Clone)]
pub struct DecisionReport {
    /// The subject of the verdict, with the facts that only a package or only a file has.
    pub item: ItemReport,
    /// The package, or the one that the file is in.
    pub package: PackageReport,
    /// GitLab's date of the package, or of the file.
    pub created_at: Option<Timestamp>,
    /// When its newest content is of, where that is known: for a file that is its own date.
    pub content_at: Option<Timestamp>,
    /// The size, where it is known.
    pub bytes: Option<u64>,
    /// The first reason that applies. It stands for the verdict.
    pub reason: ReasonKind,
    /// The reason as a sentence.
    pub because: String,
    /// The name of the rule that decided, where one did.
    pub rule: Option<String>,
    /// False where GitLab tells that the token may not delete it.
    pub permitted: bool,
    /// How long it has been marked; `None` where it stays, or its policy has no grace.
    pub maturity: Option<Maturity>,
    /// The mark in words; `None` where there is no `maturity`.
    pub mark: Option<String>,
    /// How its deletion ended; `None` where none was to be executed.
    pub ending: Option<Ending>,
    /// The age of its newest content in words, for people.
    pub age: String,
}

/// The subject of a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemReport {
    /// A package as a whole.
    Package {
        /// GitLab's own status.
        status: Status,
        /// The last download that GitLab knows of.
        last_downloaded_at: Option<Timestamp>,
        /// Its place under the `newest` rule that keeps it, or else under the first that counts it.
        rank: Option<usize>,
    },
    /// A file of a package that stays.
    File {
        /// GitLab's id of the file.
        id: FileId,
        /// Its name; `None` where it can't be read.
        name: Option<String>,
    },
}

/// Which package it is.
#[derive(Debug, Clone, Serialize)]
pub struct PackageReport {
    /// GitLab's id of the package.
    pub id: PackageId,
    /// GitLab's id of its project.
    pub project_id: u64,
    /// The full path of its project; `None` where the token can't see it.
    pub project_path: Option<String>,
    /// GitLab's `package_type`.
    pub package_type: PackageType,
    /// Its name; of Conan the bare one.
    pub name: String,
    /// Conan's user and channel.
    pub channel: Option<String>,
    /// Its version, where it has one.
    pub version: Option<String>,
}

impl DecisionReport {
    /// Returns GitLab's id of the package or file.
    #[must_use]
    pub fn id(&self) -> ItemId {
        match &self.item {
            ItemReport::Package { .. } => ItemId::Package(self.package.id),
            ItemReport::File { id, .. } => ItemId::File(*id),
        }
    }

    /// Returns which way the package or file goes.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.reason.verdict()
    }

    /// Returns what became of its deletion; `None` where none was to be executed.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.ending.as_ref().map(|ending| ending.outcome)
    }

    /// Returns whether it goes, and waits under `grace`.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.maturity.is_some_and(Maturity::waits)
    }

    /// Returns what went wrong with its deletion, as one sentence without its full stop.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.ending.as_ref()?.problem.as_deref()
    }
}

impl ItemReport {
    /// Returns the id of a file; `None` for a package.
    #[must_use]
    pub fn file(&self) -> Option<FileId> {
        match self {
            Self::Package { .. } => None,
            Self::File { id, .. } => Some(*id),
        }
    }
}

impl PackageReport {
    /// Tells which package this is.
    #[must_use]
    pub fn of(package: &Package) -> Self {
        Self {
            id: package.id,
            project_id: package.project.id.0,
            project_path: package.project.path.clone(),
            package_type: package.package_type.clone(),
            name: package.name.clone(),
            channel: package.channel.clone(),
            version: package.version.clone(),
        }
    }
}

/// Writes the fields that `docs/report.md` tells of a decision, or of a decision on a file, in its order.
impl Serialize for DecisionReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { item, package, .. } = self;
        let mut row = serializer.serialize_map(None)?;
        match item {
            ItemReport::Package { .. } => row.serialize_entry("id", &package.id)?,
            ItemReport::File { id, .. } => {
                row.serialize_entry("id", id)?;
                row.serialize_entry("package_id", &package.id)?;
            }
        }
        row.serialize_entry("project_id", &package.project_id)?;
        row.serialize_entry("project_path", &package.project_path)?;
        row.serialize_entry("package_type", &package.package_type)?;
        row.serialize_entry("name", &package.name)?;
        match item {
            ItemReport::Package { status, last_downloaded_at, .. } => {
                row.serialize_entry("channel", &package.channel)?;
                row.serialize_entry("version", &package.version)?;
                row.serialize_entry("status", status)?;
                row.serialize_entry("created_at", &self.created_at)?;
                row.serialize_entry("content_at", &self.content_at)?;
                row.serialize_entry("last_downloaded_at", last_downloaded_at)?;
                row.serialize_entry("bytes", &self.bytes)?;
            }
            ItemReport::File { name, .. } => {
                row.serialize_entry("version", &package.version)?;
                row.serialize_entry("file_name", name)?;
                row.serialize_entry("size", &self.bytes)?;
                row.serialize_entry("created_at", &self.created_at)?;
            }
        }
        row.serialize_entry("verdict", &self.verdict())?;
        row.serialize_entry("reason", &self.reason)?;
        row.serialize_entry("because", &self.because)?;
        row.serialize_entry("rule", &self.rule)?;
        if let ItemReport::Package { rank, .. } = item {
            row.serialize_entry("rank", rank)?;
        }
        row.serialize_entry("permitted", &self.permitted)?;
        row.serialize_entry("marked_since", &self.maturity.and_then(Maturity::since))?;
        row.serialize_entry("goes_from", &self.maturity.and_then(Maturity::from))?;
        row.serialize_entry("mark", &self.mark)?;
        row.serialize_entry("outcome", &self.outcome())?;
        row.serialize_entry("problem", &self.problem())?;
        row.end()
    }
}
