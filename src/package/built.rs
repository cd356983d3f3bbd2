//! The origin of a package: the pipeline that published to it last, and the ref that it ran for.

use std::fmt;

use serde::Serialize;

use super::ProjectId;

/// The last pipeline of a package, as far as the listing tells.
///
/// Source: `lib/api/entities/package.rb`. The key `pipeline` is there where a pipeline built the package and the
/// token may read it. It is null where that pipeline is gone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum BuiltFrom {
    /// The listing shows this one.
    Pipeline(Pipeline),
    /// The key had no ref in it. A look-up would tell of another pipeline, or of none.
    Unknown,
    /// The key was absent. The package's pipelines can be asked for.
    NotListed,
}

/// A pipeline, and the ref that it ran for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pipeline {
    /// `None` where GitLab doesn't tell it. Then the pipeline can't be asked for by itself.
    pub id: Option<PipelineId>,
    /// As GitLab shows it: `main`, `v1.2`, `refs/merge-requests/7/head`.
    pub git_ref: String,
    /// The kind of the ref.
    pub kind: RefKinds,
}

/// A pipeline's id, with the project that it ran in: any project's pipelines may publish to a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PipelineId {
    /// The project that it ran in.
    pub project: ProjectId,
    /// Its number, which no other pipeline has.
    pub id: u64,
}

/// The kind of ref that a pipeline ran for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefKind {
    /// A branch.
    Branch,
    /// A tag.
    Tag,
    /// A merge request.
    MergeRequest,
}

/// The kind of a ref, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefKinds {
    /// It is this one.
    Known(RefKind),
    /// One of these. The pipeline itself tells which, and was not asked.
    Open(&'static [RefKind]),
    /// One of these, and nobody can tell which: the pipeline is gone, or out of view, or doesn't say.
    Unknown(&'static [RefKind]),
}

impl BuiltFrom {
    /// Returns the pipeline that can tell the kind of the ref, where it wasn't asked yet.
    #[must_use]
    pub fn open(&self) -> Option<PipelineId> {
        match self {
            Self::Pipeline(pipeline) => pipeline.open(),
            Self::Unknown | Self::NotListed => None,
        }
    }
}

impl Pipeline {
    /// Returns a pipeline of which nothing but the ref is known.
    #[must_use]
    pub fn of(kind: RefKind, git_ref: impl Into<String>) -> Self {
        Self { id: None, git_ref: git_ref.into(), kind: RefKinds::Known(kind) }
    }

    /// Takes in the kind that the pipeline itself told; `None` where it told none.
    #[must_use]
    pub fn told(self, kind: Option<RefKind>) -> Self {
        let kind = match (kind, self.kind) {
            (Some(kind), _) => RefKinds::Known(kind),
            (None, RefKinds::Open(candidates)) => RefKinds::Unknown(candidates),
            (None, known) => known,
        };
        Self { kind, ..self }
    }

    /// Returns its id where it can tell the kind of the ref and wasn't asked yet.
    #[must_use]
    pub fn open(&self) -> Option<PipelineId> {
        self.id.filter(|_| matches!(self.kind, RefKinds::Open(_)))
    }
}

impl RefKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Branch, Self::Tag, Self::MergeRequest];

    /// Its key in policies.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Branch => "branch",
            Self::Tag => "tag",
            Self::MergeRequest => "merge_request",
        }
    }
}

impl RefKinds {
    /// Returns every kind that it may be.
    #[must_use]
    pub fn candidates(&self) -> &[RefKind] {
        match self {
            Self::Known(kind) => std::slice::from_ref(kind),
            Self::Open(candidates) | Self::Unknown(candidates) => candidates,
        }
    }
}

impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let RefKinds::Known(kind) = self.kind {
            write!(f, "{kind} ")?;
        }
        f.write_str(&self.git_ref)
    }
}

impl fmt::Display for PipelineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pipeline {} of project {}", self.id, self.project)
    }
}

impl fmt::Display for RefKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_str().replace('_', " "))
    }
}
