//! Reads a pipeline, by itself or in a package, and what kind of ref it ran for.
//!
//! Source: `lib/api/entities/ci/pipeline_basic.rb`, which packages and listings have, and
//! `lib/api/entities/ci/pipeline.rb` for the single pipeline. Only the latter has `tag`; both tell a merge request.

use serde_json::Value;

use crate::package::{Pipeline, PipelineId, ProjectId, RefKind, RefKinds};

use super::field::{self, Object};

/// The sources of pipelines that run for a merge request, or for one of another forge. Their ref may look like a branch.
///
/// Source: `app/models/concerns/enums/ci/pipeline.rb`.
const FOR_MERGE_REQUESTS: [&str; 2] = ["merge_request_event", "external_pull_request_event"];

/// Reads a pipeline in a package, or in a listing; `None` where it has no ref.
pub(super) fn listed(value: &Value) -> Option<Pipeline> {
    let pipeline = value.as_object()?;
    let git_ref = field::text(pipeline, "ref")?.to_owned();
    let project = field::number(pipeline, "project_id").map(ProjectId);
    let id = project.zip(field::number(pipeline, "id")).map(|(project, id)| PipelineId { project, id });
    // Without a source it may be a detached pipeline of an older release, which has its source branch for a ref.
    let candidates: &[RefKind] = match field::text(pipeline, "source") {
        Some(_) => &[RefKind::Branch, RefKind::Tag],
        None => &RefKind::ALL,
    };
    let kind = match id {
        _ if is_for_merge_request(pipeline) => RefKinds::Known(RefKind::MergeRequest),
        Some(_) => RefKinds::Open(candidates),
        None => RefKinds::Unknown(candidates),
    };
    Some(Pipeline { id, git_ref, kind })
}

/// Returns what kind of ref a single pipeline ran for; `None` where it doesn't say.
///
/// Source: `app/models/concerns/has_ref.rb`. What is neither a tag nor a merge request is a branch, but for the refs that
/// GitLab makes for work of its own, such as `refs/workloads/…`.
pub(super) fn kind(value: &Value) -> Option<RefKind> {
    let pipeline = value.as_object()?;
    if is_for_merge_request(pipeline) {
        return Some(RefKind::MergeRequest);
    }
    if field::boolean(pipeline, "tag")? {
        return Some(RefKind::Tag);
    }
    field::text(pipeline, "ref").filter(|name| !name.starts_with("refs/")).map(|_| RefKind::Branch)
}

fn is_for_merge_request(pipeline: &Object) -> bool {
    field::text(pipeline, "source").is_some_and(|source| FOR_MERGE_REQUESTS.contains(&source))
        || field::text(pipeline, "ref").is_some_and(|name| name.starts_with("refs/merge-requests/"))
}
