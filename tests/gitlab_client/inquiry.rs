//! What a plan asks for, in its order, where only one answer tells what to ask next.

use std::collections::HashSet;

use gleaner::cycle::inspect::inspect;
use gleaner::cycle::progress::{Event, Observer};
use gleaner::package::{BranchesSeen, Package, PackageType};
use gleaner::plan::{Inquiry, plan};
use gleaner::yaml::Source;
use gleaner_support::{NOW, inventory, parsed, project};
use tokio_util::sync::CancellationToken;

use crate::script::{Script, answer};

/// An old package, of which no listing shows a pipeline.
fn package() -> Package {
    Package { project: project(2, "acme/app"), package_type: PackageType::Npm, ..gleaner_support::package(12) }
}

/// The last pipeline of the package is asked for, and then that pipeline, if its ref is one that would go.
#[tokio::test]
async fn a_pipeline_that_is_found_is_asked_what_it_ran_for() {
    let policy = "version: 1\nscope: { group: acme }\ndelete: [{ built_from: ['*', '!main'], allow_latest: true }]\n";
    let set = parsed(&[Source::new("p.yaml", policy)]);
    let in_force = set.policies_at(NOW).next().unwrap();
    for (git_ref, tag, requests, reason) in
        [("feature/x", "false", 3, "selected"), ("feature/x", "true", 3, "latest"), ("main", "false", 2, "latest")]
    {
        let row = format!(r#"{{"id": 31, "project_id": 5, "ref": "{git_ref}", "source": "push""#);
        let script = Script::start([
            answer(200, "[]"),
            answer(200, format!("[{row}}}]")),
            answer(200, format!(r#"{row}, "tag": {tag}}}"#)),
        ])
        .await;
        let inventory = inventory(&set, [package()]);
        let gone = HashSet::new();
        let branches = BranchesSeen::default();
        let inquiry = Inquiry { in_force, inventory: &inventory, gone: &gone, branches: &branches, wanted: None };
        let client = script.connect();
        let stop = CancellationToken::new();
        let evidence = inspect(&client.reader, &inquiry, &Silent, &stop).await.unwrap();
        let targets = [
            "/api/v4/projects/2/packages/protection/rules?per_page=100&page=1",
            "/api/v4/projects/2/packages/12/pipelines?per_page=1",
            "/api/v4/projects/5/pipelines/31",
        ];
        assert_eq!(script.targets(), targets[..requests], "{git_ref} {tag}");
        let plan = plan(in_force, inventory, &evidence);
        assert_eq!(plan.decisions()[0].reason.code(), reason, "{git_ref} {tag}");
    }
}

struct Silent;

impl Observer for Silent {
    fn on(&self, _: &Event) {}
}
