//! The lines of cycles: what each came to, its deletions, and the first look-ups that failed.

use std::collections::BTreeMap;
use std::time::Duration;

use tracing::{error, info, warn};

use crate::cycle::progress::{Event, Sought};
use crate::plan::{Ending, Item, Outcome};
use crate::report::{CycleStatus, PolicyReport};
use crate::serve::notice::Purpose;

use super::form::TARGET;

/// How many failed look-ups of a cycle are told. Its own line has their number.
const LOOKUPS_TOLD: u32 = 5;

/// The look-ups that failed in the running cycle of each policy.
#[derive(Debug, Default)]
pub(super) struct Cycles {
    lookups_failed: BTreeMap<String, u32>,
}

impl Cycles {
    pub(super) fn began(&mut self, policy: &str) {
        self.lookups_failed.remove(policy);
    }

    pub(super) fn during(&mut self, policy: Option<&str>, event: &Event) {
        match event {
            Event::EvidenceRead { of, problem: Some(problem) } => self.lookup_failed(policy, *of, problem),
            Event::Deleted { item, ending } => deletion(policy, item, ending),
            _ => {}
        }
    }

    fn lookup_failed(&mut self, policy: Option<&str>, of: Sought, problem: &str) {
        let failed = self.lookups_failed.entry(policy.unwrap_or_default().to_owned()).or_default();
        *failed += 1;
        if *failed <= LOOKUPS_TOLD {
            let (what, package, project_id) = match of {
                Sought::Files(package) => ("files", Some(package.0), None),
                Sought::Pipelines(package) => ("pipelines", Some(package.0), None),
                Sought::Pipeline(pipeline) => ("pipeline", None, Some(pipeline.project.0)),
                Sought::Downloads(package) => ("downloads", Some(package.0), None),
                Sought::Releases(project) => ("releases", None, Some(project.0)),
                Sought::ProtectionRules(project) => ("protection_rules", None, Some(project.0)),
                Sought::Branches(project) => ("branches", None, Some(project.0)),
                Sought::ProtectedBranches(project) => ("protected_branches", None, Some(project.0)),
                Sought::Branch(project) => ("branch", None, Some(project.0)),
            };
            warn!(target: TARGET, event = "lookup_failed", policy, what, package, project_id, problem, "what it was for is kept");
        }
    }
}

/// Writes the line of a deletion. One that was not attempted has no line: the cycle's line has the figures.
fn deletion(policy: Option<&str>, item: &Item, ending: &Ending) {
    let (package, file) = (item.package(), item.file());
    let event = match item {
        Item::Package { .. } => "deletion",
        Item::File { .. } => "file_deletion",
    };
    let what = match item {
        Item::Package { .. } => "a deletion",
        Item::File { .. } => "a deletion of a file",
    };
    macro_rules! tell {
        ($level:ident) => {
            $level!(
                target: TARGET,
                event,
                policy,
                outcome = ending.outcome.code(),
                file = file.map(|file| file.id.0),
                file_name = file.and_then(|file| file.name.as_deref()),
                package = package.id.0,
                project = package.project.path,
                project_id = package.project.id.0,
                package_type = package.package_type.as_str(),
                name = package.name,
                channel = package.channel,
                version = package.version,
                bytes = item.bytes(),
                problem = ending.problem,
                "{what} ended"
            )
        };
    }
    match ending.outcome {
        Outcome::NotAttempted => {}
        outcome if outcome.is_failure() => tell!(warn),
        _ => tell!(info),
    }
}

/// Writes the line of a cycle, after what its reader has to know first.
pub(super) fn ended(purpose: Purpose, report: &PolicyReport, took: Duration) {
    for problem in &report.warnings {
        warn!(target: TARGET, event = "plan_warning", policy = report.policy, problem, "a plan needs attention");
    }
    macro_rules! tell {
        ($level:ident) => {
            $level!(
                target: TARGET,
                event = "cycle_ended",
                policy = report.policy,
                purpose = purpose.code(),
                status = report.status.code(),
                scanned = report.scanned,
                delete = report.totals.delete,
                delete_files = report.totals.delete_files,
                deleted = report.totals.gone(),
                deleted_files = report.totals.gone_files(),
                failed = report.totals.failures(),
                requests = report.requests.values().sum::<u64>(),
                seconds = took.as_secs_f64(),
                limit = report.refusal.as_ref().map(|refusal| refusal.limit.as_str()),
                refusal = report.refusal.as_ref().map(|refusal| refusal.because.as_str()),
                error = report.error,
                "a cycle ended"
            )
        };
    }
    match report.status {
        CycleStatus::Planned | CycleStatus::Executed => tell!(info),
        CycleStatus::Partial | CycleStatus::Refused => tell!(warn),
        CycleStatus::Failed => tell!(error),
    }
}
