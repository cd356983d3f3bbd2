//! The lines of the journal: what each kind says, and how a line is written and read back.
//!
//! `docs/journal.md` describes the form. What is read is text and numbers alone, so that a journal stays readable when
//! names of reasons or outcomes change.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::chain::{LineHash, Seq};
use super::open_line::{ItemKey, OpenLine};
use crate::package::{BuiltFrom, FileId, PackageFile, PackageId, ProjectId};
use crate::plan::{Item, Outcome};

/// The version of the lines' form. Whoever adds a field or a kind raises it: an older release has to see that it
/// doesn't know everything.
pub const FORMAT: u32 = 1;

/// Every kind of line that this release knows.
pub const KINDS: [&str; 6] = ["run", "delete", "ended", "closed", "torn", "rest"];

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The version of its form.
    pub format: u32,
    /// Its number.
    pub seq: Seq,
    /// The hash of the line before it.
    pub prev: LineHash,
    /// When it was written.
    pub time: Timestamp,
    /// The id of the run that wrote it.
    pub run: String,
    /// The kind, and what a line of this kind says.
    #[serde(flatten)]
    pub content: LineContent,
}

/// The kinds of lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LineContent {
    /// A run began. A file begins with such a line, so that it tells whose it is without the files before it.
    Run(RunLine),
    /// A deletion is about to be sent.
    Delete(Box<DeleteLine>),
    /// The end of a deletion is known.
    Ended(EndedLine),
    /// A later run found out what became of a deletion that an earlier run left open.
    Closed(ClosedLine),
    /// The line before was broken off.
    Torn {
        /// How many bytes of it were left.
        bytes: u64,
    },
    /// A run or a cycle came to its end.
    Rest {
        /// Every line that is still open. Nobody has to read further back than this.
        open: Vec<OpenLine>,
    },
}

/// The run that writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLine {
    /// When it began. A line that repeats this at the beginning of a file has a later `time`.
    pub began: Timestamp,
    /// The program, `gleaner X.Y.Z`.
    pub generator: String,
    /// The URL of the GitLab.
    pub instance: String,
    /// The command, `apply` or `serve`.
    pub command: String,
    /// The token's user, where it is known.
    pub who: Option<String>,
    /// The revision of the policies, where it is known.
    pub revision: Option<String>,
}

/// A deletion that is about to be sent, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteLine {
    /// The policy, and what in it decided.
    #[serde(flatten)]
    pub grounds: Grounds,
    /// GitLab's id of the project.
    pub project_id: ProjectId,
    /// The full path of the project; `None` where the token can't see it.
    pub project_path: Option<String>,
    /// GitLab's id of the package.
    pub package_id: PackageId,
    /// GitLab's `package_type`.
    pub package_type: String,
    /// The package's name; of Conan the bare one.
    pub name: String,
    /// Conan's user and channel.
    pub channel: Option<String>,
    /// The version, where there is one.
    pub version: Option<String>,
    /// GitLab's date of the package, or of the file.
    pub created_at: Option<Timestamp>,
    /// The size of what goes, where it is known.
    pub bytes: Option<u64>,
    /// The pipeline that published to the package last, where it is known.
    pub pipeline: Option<PipelineNote>,
    /// The files of a package that goes; `None` where they were not looked up.
    pub files: Option<Vec<FileNote>>,
    /// The file that goes, where the package stays.
    pub file: Option<FileNote>,
    /// 1, and one more each time that it is sent again because an answer was lost. The journal sets it.
    pub r#try: u32,
    /// The line of the try before. The journal sets it.
    pub again_of: Option<Seq>,
}

/// The policy that a deletion is by, and what in it decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grounds {
    /// The name of the policy.
    pub policy: String,
    /// Its fingerprint.
    pub policy_sha256: String,
    /// The revision of the policies, where it is known.
    pub revision: Option<String>,
    /// The rule that decided, `delete[0]`.
    pub rule: Option<String>,
    /// The reason by its code.
    pub reason: String,
    /// The reason as a sentence.
    pub because: String,
    /// The token's user, where it is known.
    pub who: Option<String>,
}

/// A pipeline that published to a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PipelineNote {
    /// The project that it ran in, where it is known.
    pub project_id: Option<ProjectId>,
    /// Its number, where it is known.
    pub id: Option<u64>,
    /// The ref that it ran for.
    pub r#ref: String,
}

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileNote {
    /// GitLab's id.
    pub id: FileId,
    /// The name, where GitLab tells it.
    pub name: Option<String>,
    /// The size in bytes, where it is known.
    pub size: Option<u64>,
    /// The SHA-256 in hex, where it was looked up.
    pub sha256: Option<String>,
}

/// How a deletion ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedLine {
    /// The line that it ends.
    pub of: Seq,
    /// The package or file of that line.
    pub item: ItemKey,
    /// The outcome by its code.
    pub outcome: String,
    /// The problem, where something went wrong.
    pub problem: Option<String>,
    /// GitLab's `X-Request-Id` of each answer.
    pub request_ids: Vec<String>,
}

/// What a later run found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedLine {
    /// The line that it closes.
    pub of: Seq,
    /// The package or file of that line.
    pub item: ItemKey,
    /// What the answer says.
    pub found: Finding,
    /// When GitLab gave that answer.
    pub seen_at: Timestamp,
}

/// What GitLab shows of a package or file whose deletion broke off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// It is still there.
    NotDeleted,
    /// It is gone. Whether by that deletion, nobody knows.
    Gone,
}

/// Why a line is no [`Line`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineProblem {
    /// A newer release wrote it.
    Newer,
    /// It is no line of a journal. The text is part of a sentence.
    Unreadable(String),
}

impl Line {
    /// Writes the line with the newline at its end.
    ///
    /// # Errors
    ///
    /// None that can happen with lines: their maps have keys of text.
    pub fn written(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads a line without the newline at its end.
    ///
    /// # Errors
    ///
    /// When a newer release wrote it, or it is no line of a journal.
    pub fn read(bytes: &[u8]) -> Result<Self, LineProblem> {
        match serde_json::from_slice::<Self>(bytes) {
            Ok(line) if line.format <= FORMAT => Ok(line),
            Ok(_) => Err(LineProblem::Newer),
            Err(error) => Err(match serde_json::from_slice::<Kind>(bytes) {
                Ok(kind) if kind.format > FORMAT || !KINDS.contains(&kind.kind.as_str()) => LineProblem::Newer,
                _ => LineProblem::Unreadable(error.to_string()),
            }),
        }
    }
}

/// The least that tells a line of a newer release from damage.
#[derive(Deserialize)]
struct Kind {
    format: u32,
    kind: String,
}

impl EndedLine {
    /// Returns whether it settles what became of the deletion. One that nobody could confirm may still be done.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.outcome != Outcome::Unconfirmed.code()
    }
}

impl DeleteLine {
    /// Describes the deletion of an item, without the files of a package.
    #[must_use]
    pub fn of(item: &Item, grounds: Grounds) -> Self {
        let package = item.package();
        let file = item.file();
        Self {
            grounds,
            project_id: package.project.id,
            project_path: package.project.path.clone(),
            package_id: package.id,
            package_type: package.package_type.to_string(),
            name: package.name.clone(),
            channel: package.channel.clone(),
            version: package.version.clone(),
            created_at: file.map_or(package.created_at, |file| file.created_at),
            bytes: item.bytes(),
            pipeline: PipelineNote::of(&package.built_from),
            files: None,
            file: file.map(FileNote::of),
            r#try: 1,
            again_of: None,
        }
    }

    /// Adds the files of the package, as they were looked up.
    #[must_use]
    pub fn with_files(self, files: &[PackageFile]) -> Self {
        Self { files: Some(files.iter().map(FileNote::of).collect()), ..self }
    }

    /// Returns which package or file goes.
    #[must_use]
    pub fn item(&self) -> ItemKey {
        ItemKey {
            project_id: self.project_id,
            package_id: self.package_id,
            file_id: self.file.as_ref().map(|file| file.id),
        }
    }
}

impl PipelineNote {
    fn of(built_from: &BuiltFrom) -> Option<Self> {
        match built_from {
            BuiltFrom::Pipeline(pipeline) => Some(Self {
                project_id: pipeline.id.map(|id| id.project),
                id: pipeline.id.map(|id| id.id),
                r#ref: pipeline.git_ref.clone(),
            }),
            BuiltFrom::Unknown | BuiltFrom::NotListed => None,
        }
    }
}

impl FileNote {
    /// Describes a file, as far as GitLab tells.
    #[must_use]
    pub fn of(file: &PackageFile) -> Self {
        Self {
            id: file.id,
            name: file.name.clone(),
            size: file.size,
            sha256: file.sha256.map(|digest| digest.to_string()),
        }
    }
}

impl Finding {
    /// Returns its name in the journal.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotDeleted => "not_deleted",
            Self::Gone => "gone",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Sha256;

    #[test]
    fn a_digest_is_written_down_where_gitlab_tells_it() {
        let digest = "ab".repeat(32);
        let file = PackageFile {
            id: FileId(7),
            name: None,
            size: Some(1),
            created_at: None,
            sha256: Sha256::parse(&digest.to_uppercase()),
        };
        assert_eq!(FileNote::of(&file).sha256, Some(digest));
        assert_eq!(FileNote::of(&PackageFile { sha256: None, ..file }).sha256, None);
    }
}
