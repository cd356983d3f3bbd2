//! A row of the history with the names that every form has.

use jiff::Timestamp;
use serde::Serialize;

use crate::package::{FileId, PackageId, ProjectId};
use crate::record::journal::line::{FileNote, Finding, PipelineNote};
use crate::record::journal::{HistoryRow, RowEnd};

/// A deletion as `docs/journal.md` describes it in JSON.
#[derive(Debug, Serialize)]
pub(super) struct HistoryEntry<'r> {
    pub(super) gitlab: &'r str,
    pub(super) time: Timestamp,
    pub(super) who: Option<&'r str>,
    pub(super) project_id: ProjectId,
    pub(super) project_path: Option<&'r str>,
    pub(super) package_id: PackageId,
    pub(super) package_type: &'r str,
    pub(super) name: &'r str,
    pub(super) channel: Option<&'r str>,
    pub(super) version: Option<&'r str>,
    pub(super) file_id: Option<FileId>,
    pub(super) file_name: Option<&'r str>,
    pub(super) created_at: Option<Timestamp>,
    pub(super) bytes: Option<u64>,
    pub(super) pipeline: Option<&'r PipelineNote>,
    pub(super) files: Option<&'r [FileNote]>,
    pub(super) outcome: &'r str,
    pub(super) problem: Option<&'r str>,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) request_ids: &'r [String],
    pub(super) policy: &'r str,
    pub(super) policy_sha256: &'r str,
    pub(super) revision: Option<&'r str>,
    pub(super) rule: Option<&'r str>,
    pub(super) reason: &'r str,
    pub(super) because: &'r str,
    pub(super) run: &'r str,
    pub(super) r#try: u32,
    pub(super) seq: u64,
}

impl<'r> HistoryEntry<'r> {
    pub(super) fn of(gitlab: &'r str, row: &'r HistoryRow) -> Self {
        let HistoryRow { seq, time, run, delete, .. } = row;
        let End { outcome, problem, ended_at, request_ids } = End::of(row);
        let grounds = &delete.grounds;
        Self {
            gitlab,
            time: *time,
            who: grounds.who.as_deref(),
            project_id: delete.project_id,
            project_path: delete.project_path.as_deref(),
            package_id: delete.package_id,
            package_type: &delete.package_type,
            name: &delete.name,
            channel: delete.channel.as_deref(),
            version: delete.version.as_deref(),
            file_id: delete.file.as_ref().map(|file| file.id),
            file_name: delete.file.as_ref().and_then(|file| file.name.as_deref()),
            created_at: delete.created_at,
            bytes: delete.bytes,
            pipeline: delete.pipeline.as_ref(),
            files: delete.files.as_deref(),
            outcome,
            problem,
            ended_at,
            request_ids,
            policy: &grounds.policy,
            policy_sha256: &grounds.policy_sha256,
            revision: grounds.revision.as_deref(),
            rule: grounds.rule.as_deref(),
            reason: &grounds.reason,
            because: &grounds.because,
            run,
            r#try: delete.r#try,
            seq: seq.0,
        }
    }
}

struct End<'r> {
    outcome: &'r str,
    problem: Option<&'r str>,
    ended_at: Option<Timestamp>,
    request_ids: &'r [String],
}

impl<'r> End<'r> {
    fn of(row: &'r HistoryRow) -> Self {
        match &row.end {
            Some(RowEnd::Ended(ended, at)) => Self {
                outcome: &ended.outcome,
                problem: ended.problem.as_deref(),
                ended_at: Some(*at),
                request_ids: &ended.request_ids,
            },
            Some(RowEnd::Closed(closed, _)) => Self {
                outcome: closed.found.code(),
                problem: Some(match closed.found {
                    Finding::Gone => "it was about to be deleted when the run broke off, and was found to be gone",
                    Finding::NotDeleted => {
                        "it was about to be deleted when the run broke off, and was found to be there"
                    }
                }),
                ended_at: Some(closed.seen_at),
                request_ids: &[],
            },
            None => Self {
                outcome: "unknown",
                problem: Some("it was about to be deleted, and nobody knows what became of it"),
                ended_at: None,
                request_ids: &[],
            },
        }
    }
}
