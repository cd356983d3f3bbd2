//! The pipelines that published a corner's rows.

/// A pipeline before it has an id.
#[derive(Debug, Clone, Copy)]
pub(super) enum Run {
    Branch(&'static str),
    Tag(&'static str),
    /// By its ref, which is that of the request or, in older releases, of its source branch
    /// (app/models/merge_request.rb).
    MergeRequest(&'static str),
    /// The same as a branch's, in the project `publisher`.
    Elsewhere(&'static str),
    /// It was deleted since.
    Gone,
}

impl Run {
    /// The ref, whether it is a tag, and what the pipeline began by; `None` for one that is gone.
    pub(super) fn told(self) -> Option<(&'static str, bool, &'static str)> {
        match self {
            Self::Branch(name) | Self::Elsewhere(name) => Some((name, false, "push")),
            Self::Tag(name) => Some((name, true, "push")),
            Self::MergeRequest(name) => Some((name, false, "merge_request_event")),
            Self::Gone => None,
        }
    }
}
