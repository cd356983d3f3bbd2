//! The part of the board that is about one policy.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::cycle::progress::Event;
use crate::policy::{Age, Limits, Policy, Schedule};
use crate::report::{CycleStatus, PolicyReport, Report};
use crate::serve::notice::{Authority, Purpose};

/// Everything that is known of one policy.
#[derive(Debug, Clone)]
pub struct PolicyBoard {
    /// Its name.
    pub name: String,
    /// Its description, from its file.
    pub description: Option<String>,
    /// Both keys are turned: the daemon executes it.
    pub executes: bool,
    /// When it runs; `None` where nobody wrote that down.
    pub schedule: Option<Schedule>,
    /// The limits of its plans.
    pub limits: Limits,
    /// How long something has to have been marked before it goes; `None` lets it go at once.
    pub grace: Option<Age>,
    /// When it runs next.
    pub next: Option<Timestamp>,
    /// Its cycle that is under way.
    pub running: Option<RunningCycle>,
    /// Its last cycle that ended.
    pub last: Option<EndedCycle>,
    /// Its last cycle that came to a plan, which a failed one does not.
    pub last_plan: Option<EndedCycle>,
    /// The last cycle judged by other rules than those that are in force now.
    pub is_outdated: bool,
    sha: String,
}

/// The cycle that is under way.
#[derive(Debug, Clone)]
pub struct RunningCycle {
    /// The purpose of the cycle.
    pub purpose: Purpose,
    /// When it began.
    pub since: Timestamp,
    /// How far it has come.
    pub progress: CycleProgress,
}

/// How far a cycle has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CycleProgress {
    /// Rows of the listing that were read.
    pub rows: u64,
    /// Look-ups that ended.
    pub looked_up: u64,
    /// Deletions that ended, however.
    pub deletions: u64,
}

/// A cycle that has ended.
#[derive(Debug, Clone)]
pub struct EndedCycle {
    /// How it ran; `None` where that was before the daemon's start, and only its report is left.
    pub run: Option<CycleRun>,
    /// When it began, or the instant that it judged by where nobody knows.
    pub began: Timestamp,
    /// Holds this policy alone, and perhaps not all of its decisions; none of them where it was before the start.
    pub report: Arc<Report>,
}

/// How a cycle ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CycleRun {
    /// The purpose of the cycle.
    pub purpose: Purpose,
    /// How long it took.
    pub took: Duration,
}

impl PolicyBoard {
    /// Makes the board of a policy. `before` is what was known of the policy of this name in the set before.
    pub(super) fn new(policy: &Policy, authority: Authority, sha: String, before: Option<Self>) -> Self {
        let known = before.as_ref().and_then(|before| before.last.as_ref()).and_then(EndedCycle::policy);
        Self {
            name: policy.name.clone(),
            description: policy.description.clone(),
            executes: authority.executes(policy.mode),
            schedule: policy.schedule.clone(),
            limits: policy.limits.clone(),
            grace: policy.grace.clone(),
            next: None,
            is_outdated: known.is_some_and(|report| report.policy_sha256 != sha),
            running: before.as_ref().and_then(|before| before.running.clone()),
            last_plan: before.as_ref().and_then(|before| before.last_plan.clone()),
            last: before.and_then(|before| before.last),
            sha,
        }
    }

    pub(super) fn during(&mut self, event: &Event) {
        let Some(RunningCycle { progress, .. }) = &mut self.running else { return };
        match event {
            Event::PageRead { rows } => progress.rows += *rows as u64,
            Event::EvidenceRead { .. } => progress.looked_up += 1,
            Event::DeletionSent => progress.deletions += 1,
            _ => {}
        }
    }

    /// Notes a cycle from before the start, unless one has ended since.
    pub(super) fn remember(&mut self, report: &Report) {
        if self.last.as_ref().is_none_or(|last| last.run.is_none()) {
            self.note(EndedCycle { run: None, began: report.as_of, report: Arc::new(report.clone()) });
            self.is_outdated = report.policies.iter().any(|report| report.policy_sha256 != self.sha);
        }
    }

    /// Notes that a cycle ended. `loaded` is when the set in force was loaded.
    pub(super) fn end(&mut self, last: EndedCycle, loaded: Option<Timestamp>) {
        self.running = None;
        // Hashes alone would not do: when its day comes, a rule with an `until` leaves its policy's hash.
        let began_before = loaded.is_some_and(|loaded| last.began < loaded);
        self.is_outdated = began_before && last.policy().is_some_and(|report| report.policy_sha256 != self.sha);
        self.note(last);
    }

    fn note(&mut self, last: EndedCycle) {
        if last.policy().is_some_and(|report| report.status != CycleStatus::Failed) {
            self.last_plan = Some(last.clone());
        }
        self.last = Some(last);
    }
}

impl RunningCycle {
    pub(super) fn new(purpose: Purpose, since: Timestamp) -> Self {
        Self { purpose, since, progress: CycleProgress::default() }
    }
}

impl EndedCycle {
    /// Returns the policy's part of its report.
    #[must_use]
    pub fn policy(&self) -> Option<&PolicyReport> {
        self.report.policies.first()
    }
}

/// Returns a copy with the first `most` decisions, those on packages before those on files. It says how many it left
/// out.
pub(super) fn shortened(report: &PolicyReport, most: usize) -> PolicyReport {
    let kept = report.decisions.len().min(most);
    let left_out = (report.decisions.len() - kept) as u64;
    let kept_files = report.file_decisions.len().min(most - kept);
    let files_left_out = (report.file_decisions.len() - kept_files) as u64;
    PolicyReport {
        policy: report.policy.clone(),
        is_bound: report.is_bound,
        policy_sha256: report.policy_sha256.clone(),
        mode: report.mode,
        status: report.status,
        error: report.error.clone(),
        warnings: report.warnings.clone(),
        scanned: report.scanned,
        projects: report.projects,
        unknown_projects: report.unknown_projects,
        unknown_places: report.unknown_places,
        loosened_projects: report.loosened_projects,
        forgets_paths: report.forgets_paths,
        requests: report.requests.clone(),
        refusal: report.refusal.clone(),
        totals: report.totals.clone(),
        rules: report.rules.clone(),
        decisions: report.decisions[..kept].to_vec(),
        decisions_left_out: report.decisions_left_out + left_out,
        file_decisions: report.file_decisions[..kept_files].to_vec(),
        file_decisions_left_out: report.file_decisions_left_out + files_left_out,
    }
}
