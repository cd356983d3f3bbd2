//! Rows that pipelines published: of branches, tags and merge requests, of a branch that is gone, of a pipeline that is,
//! and of another project's.
//!
//! A package shows the ref of its last pipeline and not of which kind it is; the pipeline by itself has `tag`
//! (lib/api/entities/ci/pipeline.rb).

use jiff::Timestamp;

use super::draft::Draft;
use super::run::Run;
use super::{DAY, OLD};
use crate::registry::PackageType;

/// The project whose pipelines publish to the other one. It has no packages.
pub(super) const PUBLISHER: &str = "publisher";

pub(super) fn publisher(_: Timestamp) -> Vec<Draft> {
    Vec::new()
}

pub(super) fn built(_: Timestamp) -> Vec<Draft> {
    let row = |version: &str, days, run| {
        let age = OLD - days * DAY;
        let file = format!("corner-build-{version}.tar.gz");
        Draft::new(PackageType::Generic, "corner-build", version, age).file(file, age).built_by(run)
    };
    vec![
        row("1.0.0", 0, Run::Tag("v1.0.0")),
        // Nothing in the names tells that this is a tag, and the next one a branch.
        row("1.0.1", 10, Run::Tag("release-1.0")),
        row("1.0.2-dev.1", 20, Run::Branch("v1")),
        row("1.1.0-main.1", 30, Run::Branch("main")),
        row("1.1.0-login.1", 40, Run::Branch("feature/login")),
        row("1.1.0-request.1", 50, Run::MergeRequest("refs/merge-requests/7/head")),
        row("1.1.0-search.1", 60, Run::MergeRequest("feature/search")),
        row("1.1.0-elsewhere.1", 70, Run::Elsewhere("feature/elsewhere")),
        row("1.1.0-gone.1", 80, Run::Gone),
        // The last one counts.
        row("1.1.0", 90, Run::Branch("main")).built_by(Run::Tag("v1.1.0")),
    ]
}
