//! The metrics of the daemon as a whole: its policy files, its token, its GitLab.

use jiff::Timestamp;
use prometheus::{Gauge, GaugeVec, IntCounterVec};

use crate::cycle::brake::InUseStanding;
use crate::policy::PolicySet;

use super::book::{Book, seconds, set_or_remove};

pub(super) struct Service {
    policies: Gauge,
    policies_valid: Gauge,
    reload_success: GaugeVec,
    reloads: IntCounterVec,
    paused: Gauge,
    in_use_usable: GaugeVec,
    in_use_as_of: GaugeVec,
    gitlab_up: Gauge,
    token_expires: GaugeVec,
}

impl Service {
    pub(super) fn new(book: &Book<'_>) -> Result<Self, prometheus::Error> {
        let build = book.gauges("build_info", "Always 1; the label tells which release runs.", &["version"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1.0);
        let reloads =
            book.counters("reloads_total", "How often the policy files were read, by result.", &["result"])?;
        for result in ["success", "failure"] {
            reloads.with_label_values(&[result]);
        }
        Ok(Self {
            policies: book.gauge("policies", "Policies in force.")?,
            policies_valid: book.gauge("policies_valid", "1 when the policy files, as they are now, are valid.")?,
            reload_success: book.gauges(
                "reload_success_timestamp_seconds",
                "When the policies in force were read.",
                &[],
            )?,
            reloads,
            paused: book.gauge("paused", "1 when deletions are held up by the instance file or an in-use file.")?,
            in_use_usable: book.gauges(
                "in_use_file_usable",
                "1 when the in-use file can be used as it is now.",
                &["file"],
            )?,
            in_use_as_of: book.gauges(
                "in_use_file_timestamp_seconds",
                "Of what time the in-use file is, by its own word; absent where that can't be told.",
                &["file"],
            )?,
            gitlab_up: book
                .gauge("gitlab_up", "1 when GitLab answered, and took the token, the last time it was probed.")?,
            token_expires: book.gauges(
                "token_expires_timestamp_seconds",
                "When GitLab will stop to take the token; absent where GitLab doesn't tell, or the token has no end.",
                &[],
            )?,
        })
    }

    pub(super) fn loaded(&self, set: &PolicySet, at: Timestamp) {
        self.policies.set(set.policies.len() as f64);
        self.policies_valid.set(1.0);
        set_or_remove(&self.reload_success, &[], Some(seconds(at)));
        self.reloads.with_label_values(&["success"]).inc();
    }

    pub(super) fn not_loaded(&self) {
        self.policies_valid.set(0.0);
        self.reloads.with_label_values(&["failure"]).inc();
    }

    pub(super) fn connected(&self, token_expires: Option<Timestamp>) {
        self.gitlab_up.set(1.0);
        set_or_remove(&self.token_expires, &[], token_expires.map(seconds));
    }

    /// Notes that GitLab can't be asked. What it told about the token stays: the token still ends when it ends.
    pub(super) fn not_connected(&self) {
        self.gitlab_up.set(0.0);
    }

    /// Notes how the in-use files are. Those that are no longer among them have no figures.
    pub(super) fn in_use(&self, files: &[InUseStanding]) {
        self.in_use_usable.reset();
        self.in_use_as_of.reset();
        for InUseStanding { file, as_of, is_usable } in files {
            self.in_use_usable.with_label_values(&[file]).set(if *is_usable { 1.0 } else { 0.0 });
            set_or_remove(&self.in_use_as_of, &[file], as_of.map(seconds));
        }
    }

    pub(super) fn halted(&self, why: Option<&str>) {
        self.paused.set(if why.is_some() { 1.0 } else { 0.0 });
    }
}
