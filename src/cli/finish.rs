//! The end of a run: its report, what is said besides, and the exit code.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use serde::Serialize;

use super::terminal::{is_read, print, say, width};
use super::{Exit, Output, RunArgs, UsageError};
use crate::plan::Outcome;
use crate::report::{
    CycleStatus, PlanDiff, PolicyReport, Report, Totals, csv, diff_markdown, diff_table, html, markdown, printable,
    table, warnings,
};

/// Writes the report to stdout.
pub(super) fn show(output: Output, report: &Report) -> Result<(), Box<dyn Error>> {
    match output {
        Output::Table => print(&table(report, width()))?,
        Output::Json => print(&format!("{}\n", serde_json::to_string_pretty(report)?))?,
        Output::Csv => print(&csv(report)?)?,
        Output::Markdown => print(&markdown(report))?,
        Output::Html => print(&html(report))?,
    }
    Ok(())
}

/// A report with how it differs from an earlier one.
#[derive(Serialize)]
struct Compared<'a> {
    #[serde(flatten)]
    report: &'a Report,
    diff: &'a PlanDiff,
}

/// Writes to stdout how a report differs from an earlier one.
pub(super) fn show_diff(output: Output, report: &Report, diff: &PlanDiff) -> Result<(), Box<dyn Error>> {
    match output {
        Output::Table => print(&diff_table(diff, width()))?,
        Output::Json => print(&format!("{}\n", serde_json::to_string_pretty(&Compared { report, diff })?))?,
        Output::Markdown => print(&diff_markdown(diff))?,
        Output::Csv | Output::Html => return Err(UsageError::NoFormOfDiff.into()),
    }
    Ok(())
}

/// Says what a reader of the report might miss.
pub(super) fn say_problems(args: &RunArgs, report: &Report) {
    if !args.projects.is_empty() && report.policies.iter().all(|policy| policy.scanned == 0) {
        say("warning: no package is in a project that --project matches");
    }
    if args.output == Output::Csv {
        // CSV has rows alone.
        for warning in warnings(&report.policies) {
            say(&printable(&format!("warning: {warning}")));
        }
    }
    // A table on a terminal has told it already.
    if args.output != Output::Table || !is_read() {
        for policy in &report.policies {
            let refusal = policy.refusal.as_ref();
            let refusal = refusal.map(|refusal| format!("{}; to let it pass: {}", refusal.because, refusal.remedy));
            for told in policy.error.iter().chain(&refusal) {
                say(&printable(&format!("error: policy {}: {told}", policy.policy)));
            }
        }
    }
}

/// Returns how much was deleted, for where nobody can read it in the report.
pub(super) fn deleted(report: &Report) -> String {
    let count = |of: fn(&Totals) -> &BTreeMap<Outcome, u64>, outcome: Outcome| -> u64 {
        report.policies.iter().filter_map(|policy| of(&policy.totals).get(&outcome)).sum()
    };
    let both =
        |outcome| count(|totals| &totals.by_outcome, outcome) + count(|totals| &totals.files_by_outcome, outcome);
    let packages = count(|totals| &totals.by_outcome, Outcome::Deleted);
    let files = count(|totals| &totals.files_by_outcome, Outcome::Deleted);
    let unconfirmed = both(Outcome::Unconfirmed);
    format!("packages deleted: {packages}; files deleted: {files}; deletions that are not confirmed: {unconfirmed}")
}

/// Returns how a run over these policies ended. One that was cut short by a stop is no failure.
#[must_use]
pub fn exit(policies: &[PolicyReport], cut_short: &BTreeSet<String>) -> Exit {
    let any = |wanted: &dyn Fn(&PolicyReport) -> bool| policies.iter().any(wanted);
    let is_cut_short = |policy: &PolicyReport| cut_short.contains(&policy.policy);
    if any(&|policy| policy.status == CycleStatus::Failed && !is_cut_short(policy)) {
        Exit::Failed
    } else if any(&|policy| {
        policy.status == CycleStatus::Partial
            || is_cut_short(policy)
            || (policy.refusal.is_some() && policy.error.is_some())
    }) {
        Exit::Partial
    } else if any(&|policy| policy.status == CycleStatus::Refused) {
        Exit::Refused
    } else {
        Exit::Done
    }
}
