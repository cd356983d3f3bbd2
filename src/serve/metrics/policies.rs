//! The metrics of each policy: its cycles, its plan, its deletions.
//!
//! A policy that leaves the set takes its series along, once its cycle has ended. All labels but the policy's name are
//! closed sets, so every series that may be there can be named.

use std::collections::BTreeSet;
use std::iter;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use prometheus::{GaugeVec, HistogramVec, IntCounterVec};

use crate::package::PackageType;
use crate::plan::{Item, LimitName, Outcome, ReasonKind};
use crate::policy::PolicySet;
use crate::report::{CycleStatus, PolicyReport};

use super::book::{Book, seconds, set_or_remove};
use crate::serve::notice::Authority;

pub(super) struct Policies {
    authority: Authority,
    present: Mutex<WithSeries>,
    executes: GaugeVec,
    schedule_interval: GaugeVec,
    next_run: GaugeVec,
    cycles: IntCounterVec,
    running: GaugeVec,
    duration: HistogramVec,
    last_success: GaugeVec,
    last_effective: GaugeVec,
    in_scope: GaugeVec,
    unknown_projects: GaugeVec,
    unknown_places: GaugeVec,
    loosened_projects: GaugeVec,
    planned: GaugeVec,
    planned_files: GaugeVec,
    planned_bytes: GaugeVec,
    grace: GaugeVec,
    waiting: GaugeVec,
    oldest_mark: GaugeVec,
    waiting_since: GaugeVec,
    deletions: IntCounterVec,
    file_deletions: IntCounterVec,
    deletions_failed: IntCounterVec,
    deleted_bytes: IntCounterVec,
    refusals: IntCounterVec,
}

/// The policies that have series.
#[derive(Default)]
struct WithSeries {
    in_force: BTreeSet<String>,
    running: BTreeSet<String>,
}

/// From the cycle of a few projects to the one that lists a large group.
const BUCKETS: [f64; 8] = [1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 7200.0];

impl Policies {
    pub(super) fn new(book: &Book<'_>, authority: Authority) -> Result<Self, prometheus::Error> {
        let gauges = |name, help| book.gauges(name, help, &["policy"]);
        let counters = |name, help| book.counters(name, help, &["policy"]);
        Ok(Self {
            authority,
            present: Mutex::default(),
            executes: gauges(
                "policy_executes",
                "1 when the daemon executes the policy's plans; 0 when it only plans.",
            )?,
            schedule_interval: gauges(
                "schedule_interval_seconds",
                "From the policy's next run to the one after it; absent without a schedule.",
            )?,
            next_run: gauges("next_run_timestamp_seconds", "When the policy runs next; absent without a schedule.")?,
            cycles: book.counters("cycles_total", "Cycles that ended, by status.", &["policy", "status"])?,
            running: gauges("cycle_running", "1 while a cycle of the policy runs.")?,
            duration: book.histograms("cycle_duration_seconds", "How long cycles took.", "policy", &BUCKETS)?,
            last_success: gauges(
                "last_success_timestamp_seconds",
                "When the last cycle that was planned or executed as a whole ended; absent until there is one.",
            )?,
            last_effective: gauges(
                "last_effective_timestamp_seconds",
                "When the last cycle that deleted something, or had nothing to delete, ended; absent until there is one.",
            )?,
            in_scope: gauges("packages_in_scope", "Packages in the policy's scope, in its last plan.")?,
            unknown_projects: gauges(
                "unknown_projects",
                "Projects that the policy's last plan leaves out because GitLab doesn't tell enough of them.",
            )?,
            unknown_places: gauges(
                "unknown_hold_places",
                "Projects and groups that holds name and GitLab doesn't show, in the policy's last plan.",
            )?,
            loosened_projects: gauges(
                "loosened_projects",
                "Projects that a hold let go of because its text was changed, in the policy's last plan.",
            )?,
            planned: book.gauges(
                "planned_packages",
                "Packages in the policy's last plan, by verdict and reason.",
                &["policy", "verdict", "reason"],
            )?,
            planned_files: gauges("planned_files", "Files that go by the policy's last plan, of packages that stay.")?,
            planned_bytes: gauges("planned_bytes", "The known sizes of what goes by the policy's last plan.")?,
            grace: gauges(
                "grace_seconds",
                "How long something has to have been marked before it goes; absent without `grace`.",
            )?,
            waiting: gauges("waiting", "Packages and files that wait under `grace`, in the policy's last plan.")?,
            oldest_mark: gauges(
                "oldest_mark_timestamp_seconds",
                "Since when what has been marked for the longest is marked, in the policy's last plan; absent without marks.",
            )?,
            waiting_since: gauges(
                "waiting_since_timestamp_seconds",
                "Since when all that the policy would delete waits under `grace`, and none of it came of age; absent otherwise.",
            )?,
            deletions: book.counters(
                "deletions_total",
                "Deletions that ended, by package type and outcome.",
                &["policy", "type", "outcome"],
            )?,
            file_deletions: book.counters(
                "file_deletions_total",
                "Deletions of files that ended, whose packages stay, by package type and outcome.",
                &["policy", "type", "outcome"],
            )?,
            deletions_failed: counters(
                "deletions_failed_total",
                "Deletions of packages and files that ended as forbidden, unconfirmed or failed.",
            )?,
            deleted_bytes: counters("deleted_bytes_total", "The known sizes of what is gone.")?,
            refusals: book.counters(
                "refusals_total",
                "Plans that were refused whole, by the limit that they were beyond.",
                &["policy", "limit"],
            )?,
        })
    }

    /// Takes over a set of policies. Counters of the policies in force begin at 0, so that their first step can be
    /// seen.
    pub(super) fn loaded(&self, set: &PolicySet) {
        let mut present = self.present();
        let in_force: BTreeSet<String> = set.policies.iter().map(|policy| policy.name.clone()).collect();
        for gone in present.in_force.difference(&in_force).filter(|name| !present.running.contains(*name)) {
            self.forget(gone);
        }
        for policy in &set.policies {
            let name = policy.name.as_str();
            let executes = self.authority.executes(policy.mode);
            self.executes.with_label_values(&[name]).set(if executes { 1.0 } else { 0.0 });
            set_or_remove(&self.grace, &[name], policy.grace.as_ref().map(|grace| grace.duration().as_secs_f64()));
            if policy.schedule.is_none() {
                self.schedule(name, None, None);
            }
            for status in CycleStatus::ALL {
                self.cycles.with_label_values(&[name, status.code()]);
            }
            for limit in LimitName::ALL {
                self.refusals.with_label_values(&[name, limit.as_str()]);
            }
            self.running.with_label_values(&[name]);
            self.duration.with_label_values(&[name]);
            self.deletions_failed.with_label_values(&[name]);
            self.deleted_bytes.with_label_values(&[name]);
        }
        present.in_force = in_force;
    }

    pub(super) fn scheduled(&self, policy: &str, next: Option<Timestamp>, interval: Option<Duration>) {
        if self.present().in_force.contains(policy) {
            self.schedule(policy, next, interval);
        }
    }

    pub(super) fn recalled(&self, policy: &str, success: Option<Timestamp>, effective: Option<Timestamp>) {
        if self.present().in_force.contains(policy) {
            set_or_remove(&self.last_success, &[policy], success.map(seconds));
            set_or_remove(&self.last_effective, &[policy], effective.map(seconds));
        }
    }

    pub(super) fn waits(&self, policy: &str, since: Option<Timestamp>) {
        if self.present().in_force.contains(policy) {
            set_or_remove(&self.waiting_since, &[policy], since.map(seconds));
        }
    }

    pub(super) fn began(&self, policy: &str) {
        let mut present = self.present();
        if present.in_force.contains(policy) {
            present.running.insert(policy.to_owned());
            self.running.with_label_values(&[policy]).set(1.0);
        }
    }

    pub(super) fn planned(&self, report: &PolicyReport) {
        if self.present().has(&report.policy) {
            self.plan(report);
        }
    }

    pub(super) fn deleted(&self, policy: &str, item: &Item, outcome: Outcome) {
        let present = self.present();
        if !present.has(policy) {
            return;
        }
        let deletions = match item {
            Item::Package { .. } => &self.deletions,
            Item::File { .. } => &self.file_deletions,
        };
        deletions.with_label_values(&[policy, type_label(&item.package().package_type), outcome.code()]).inc();
        if outcome.is_failure() {
            self.deletions_failed.with_label_values(&[policy]).inc();
        }
        if outcome.is_gone() {
            self.deleted_bytes.with_label_values(&[policy]).inc_by(item.bytes().unwrap_or(0));
        }
    }

    pub(super) fn ended(&self, report: &PolicyReport, began: Timestamp, took: Duration) {
        let mut present = self.present();
        let policy = report.policy.as_str();
        if !present.has(policy) {
            return;
        }
        present.running.remove(policy);
        if !present.in_force.contains(policy) {
            self.forget(policy);
            return;
        }
        let end = seconds(began) + took.as_secs_f64();
        self.running.with_label_values(&[policy]).set(0.0);
        self.duration.with_label_values(&[policy]).observe(took.as_secs_f64());
        if report.is_success() {
            self.last_success.with_label_values(&[policy]).set(end);
        }
        if report.is_effective() {
            self.last_effective.with_label_values(&[policy]).set(end);
        }
        if let Some(refusal) = &report.refusal {
            self.refusals.with_label_values(&[policy, refusal.limit.as_str()]).inc();
        }
        // A cycle that failed has no plan, and says nothing against the one before.
        if report.status != CycleStatus::Failed {
            self.plan(report);
        }
        // Whoever sees that the cycle has ended sees everything else of it, at the latest in the next scrape.
        self.cycles.with_label_values(&[policy, report.status.code()]).inc();
    }

    fn schedule(&self, policy: &str, next: Option<Timestamp>, interval: Option<Duration>) {
        set_or_remove(&self.next_run, &[policy], next.map(seconds));
        set_or_remove(&self.schedule_interval, &[policy], interval.map(|interval| interval.as_secs_f64()));
    }

    /// Sets the figures of a plan. A reason that no package has any more goes back to 0.
    fn plan(&self, report: &PolicyReport) {
        let policy = report.policy.as_str();
        self.in_scope.with_label_values(&[policy]).set(report.scanned as f64);
        self.unknown_projects.with_label_values(&[policy]).set(report.unknown_projects as f64);
        self.unknown_places.with_label_values(&[policy]).set(report.unknown_places as f64);
        self.loosened_projects.with_label_values(&[policy]).set(report.loosened_projects as f64);
        for reason in ReasonKind::of_packages() {
            let count = report.totals.by_reason.get(&reason).copied().unwrap_or(0);
            self.planned.with_label_values(&[policy, reason.verdict().code(), reason.code()]).set(count as f64);
        }
        self.planned_files.with_label_values(&[policy]).set(report.totals.delete_files as f64);
        self.planned_bytes.with_label_values(&[policy]).set(report.totals.delete_bytes as f64);
        self.waiting.with_label_values(&[policy]).set(report.totals.waits() as f64);
        set_or_remove(&self.oldest_mark, &[policy], report.totals.oldest_mark.map(seconds));
    }

    /// Takes away every series of a policy. Many of them were never there.
    fn forget(&self, policy: &str) {
        let gauges = [
            &self.executes,
            &self.schedule_interval,
            &self.next_run,
            &self.running,
            &self.last_success,
            &self.last_effective,
            &self.in_scope,
            &self.unknown_projects,
            &self.unknown_places,
            &self.loosened_projects,
            &self.planned_files,
            &self.planned_bytes,
            &self.grace,
            &self.waiting,
            &self.oldest_mark,
            &self.waiting_since,
        ];
        for gauge in gauges {
            let _ = gauge.remove_label_values(&[policy]);
        }
        for reason in ReasonKind::of_packages() {
            let _ = self.planned.remove_label_values(&[policy, reason.verdict().code(), reason.code()]);
        }
        let _ = self.duration.remove_label_values(&[policy]);
        let _ = self.deletions_failed.remove_label_values(&[policy]);
        let _ = self.deleted_bytes.remove_label_values(&[policy]);
        for status in CycleStatus::ALL {
            let _ = self.cycles.remove_label_values(&[policy, status.code()]);
        }
        for limit in LimitName::ALL {
            let _ = self.refusals.remove_label_values(&[policy, limit.as_str()]);
        }
        for package_type in PackageType::KNOWN.iter().map(type_label).chain(iter::once(OTHER)) {
            for outcome in Outcome::ALL {
                let _ = self.deletions.remove_label_values(&[policy, package_type, outcome.code()]);
                let _ = self.file_deletions.remove_label_values(&[policy, package_type, outcome.code()]);
            }
        }
    }

    /// Locks the names of the policies that have series. Whoever touches the series of a policy holds this, so that
    /// none comes back after it was taken away.
    fn present(&self) -> MutexGuard<'_, WithSeries> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WithSeries {
    fn has(&self, policy: &str) -> bool {
        self.in_force.contains(policy) || self.running.contains(policy)
    }
}

/// The label of every type that this release doesn't know: GitLab's names for them are no closed set.
const OTHER: &str = "other";

fn type_label(package_type: &PackageType) -> &str {
    if package_type.is_known() { package_type.as_str() } else { OTHER }
}
