//! Writes the report for people: what goes and why, grouped by project and package.

mod rows;

use std::collections::BTreeMap;

use bytesize::ByteSize;
use comfy_table::{ContentArrangement, Table, presets};

use super::{CycleStatus, PolicyReport, Report, RuleReport, Totals};
use crate::plan::{RuleRef, Verdict};
pub(super) use rows::{by_package, fate, label, listing, row_lines, trouble};

/// Writes the whole report as text. Lines are broken to `width` columns where one is given.
#[must_use]
pub fn table(report: &Report, width: Option<u16>) -> String {
    let mut parts: Vec<String> = Some(alerts(&report.policies)).filter(|text| !text.is_empty()).into_iter().collect();
    parts.extend(report.policies.iter().map(|policy| policy_table(policy, width)));
    parts.push(summary(report));
    parts.join("\n")
}

/// Writes the part of one policy. `apply` shows it before it asks.
#[must_use]
pub fn policy_table(policy: &PolicyReport, width: Option<u16>) -> String {
    let mut text = vec![format!("{} ({})", policy.policy, headline(policy))];
    text.extend(policy.error.iter().map(|error| format!("! {}", printable(error))));
    if policy.status == CycleStatus::Failed {
        return lines(&text);
    }
    for rule in policy.rules.iter().filter(|rule| rule.is_idle()) {
        match rule.place {
            RuleRef::Keep(_) => text.push(idle_hold(&rule.rule)),
            RuleRef::Delete(_) | RuleRef::Files(_) => text.push(format!("! {} matched nothing", rule.rule)),
            // It may match in another policy's scope; the whole report tells.
            RuleRef::Protect { .. } => {}
        }
    }
    for counted in policy.rules.iter().filter(|rule| rule.unknown > 0) {
        let RuleReport { rule, unknown, .. } = counted;
        let consequence = if counted.is_hold() { "holds" } else { "passes over" };
        text.push(format!("! {rule} {consequence} {unknown} packages, because what it asks is not known of them"));
    }
    if policy.is_bound && policy.has_files_rules() {
        text.push("! files were not looked up, so what files rules take is left out".to_owned());
    }
    text.push(what_goes(policy));
    text.extend(what_waits(&policy.totals));
    text.extend(what_stays(&policy.totals));
    if policy.totals.on_null_downloads > 0 {
        let count = policy.totals.on_null_downloads;
        text.push(format!("{count} of them would go because GitLab knows of no download"));
    }
    if policy.totals.forbidden() > 0 {
        text.push(format!("! the token may not delete {} of them", policy.totals.forbidden()));
    }
    text.extend(listing(&policy.decisions, width));
    text.extend(listing(&policy.file_decisions, width));
    if let Some(refusal) = &policy.refusal {
        text.push(format!("\n  REFUSED by {}: {}.", refusal.limit.as_str(), printable(&refusal.because)));
        text.push(format!("  Nothing of this plan is deleted. To let it pass: {}", refusal.remedy));
    }
    lines(&text)
}

fn headline(policy: &PolicyReport) -> String {
    match policy.status {
        CycleStatus::Planned => format!("mode: {}", policy.mode.as_str()),
        status => format!("mode: {}, {}", policy.mode.as_str(), status.code()),
    }
}

fn what_goes(policy: &PolicyReport) -> String {
    let PolicyReport { scanned, projects, totals, .. } = policy;
    let bound = if policy.is_bound { "at most " } else { "" };
    let verb = if totals.is_executed() { "were to go" } else { "would go" };
    let size = match (totals.deletions(), totals.unknown_sizes) {
        (0, _) => String::new(),
        (_, 0) => format!(", {}", bytes(totals.delete_bytes)),
        (all, unknown) if all == unknown => ", of unknown size".to_owned(),
        (_, unknown) => format!(", {} and {unknown} of unknown size", bytes(totals.delete_bytes)),
    };
    let counted = |count: u64, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let (packages, projects) = (counted(*scanned, "package"), counted(*projects, "project"));
    let files = match totals.delete_files {
        0 => String::new(),
        count => format!(", and {} of those that stay", counted(count, "file")),
    };
    format!("{packages} in {projects}; {bound}{} {verb}{files}{size}", totals.delete)
}

/// Tells how much of what goes waits under `grace`.
fn what_waits(totals: &Totals) -> Option<String> {
    let files = if totals.waiting_files > 0 { format!(" and {} files", totals.waiting_files) } else { String::new() };
    let since = totals.oldest_mark.map_or_else(String::new, |since| format!("; the oldest mark is from {since}"));
    (totals.waits() > 0).then(|| format!("{} packages{files} of them wait under grace{since}", totals.waiting))
}

/// Tells the reasons of the packages that stay, the most frequent first.
fn what_stays(totals: &Totals) -> Option<String> {
    let mut reasons: Vec<_> = totals.by_reason.iter().filter(|(reason, _)| reason.verdict() == Verdict::Keep).collect();
    reasons.sort_by_key(|(reason, count)| (std::cmp::Reverse(**count), **reason));
    let reasons: Vec<String> = reasons.iter().map(|(reason, count)| format!("{count} {}", reason.code())).collect();
    (!reasons.is_empty()).then(|| format!("kept: {}", reasons.join(", ")))
}

/// Names a project by its path, or by its id where the token can't see the path.
pub(crate) fn project(path: Option<&str>, id: u64) -> String {
    path.map_or_else(|| format!("project {id}"), printable)
}

/// Makes a table without lines around its columns, broken to `width` where one is given.
pub(crate) fn borderless(width: Option<u16>) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    match width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table
}

fn summary(report: &Report) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let has_files = report.policies.iter().any(PolicyReport::has_files_rules);
    let files = |text: String| has_files.then_some(text);
    let header = ["POLICY", "STATUS", "PACKAGES", "KEEP", "DELETE"].map(str::to_owned);
    table.set_header(header.into_iter().chain(files("FILES".to_owned())).chain(["SIZE".to_owned()]));
    for policy in &report.policies {
        let totals = &policy.totals;
        let known = |figure: String| if policy.status == CycleStatus::Failed { "-".to_owned() } else { figure };
        let figures = [policy.scanned, totals.keep, totals.delete].map(|count| known(count.to_string()));
        let files = files(known(totals.delete_files.to_string()));
        let first = [policy.policy.clone(), policy.status.code().to_owned()];
        table.add_row(first.into_iter().chain(figures).chain(files).chain([known(short_size(totals))]));
    }
    let mut text = trimmed(&table);
    let instant = if report.quick { "an upper bound as of" } else { "as of" };
    text.push(format!("{} {instant} {}", printable(&report.instance), report.as_of));
    if report.policies.iter().any(|policy| policy.forgets_paths) {
        text.push("nobody remembers under which paths projects were seen before (--state-dir)".to_owned());
    }
    lines(&text)
}

/// Writes the size of all deletions for a column. A size that is only partly known says so.
pub(super) fn short_size(totals: &Totals) -> String {
    match (totals.deletions(), totals.unknown_sizes) {
        (_, 0) => bytes(totals.delete_bytes),
        (all, unknown) if all == unknown => "?".to_owned(),
        _ => format!("at least {}", bytes(totals.delete_bytes)),
    }
}

/// Writes the lines above everything else: one for each warning, and one for each protect rule that matched nothing in the
/// scope of any of the policies.
#[must_use]
pub fn alerts(policies: &[PolicyReport]) -> String {
    let warnings = warnings(policies).into_iter().map(|warning| format!("! {}", printable(warning)));
    lines(&warnings.chain(idle_holds(policies).iter().map(idle_hold)).collect::<Vec<_>>())
}

/// Returns the warnings of all policies, each once.
#[must_use]
pub fn warnings<'a>(policies: impl IntoIterator<Item = &'a PolicyReport>) -> Vec<&'a str> {
    let mut warnings = Vec::new();
    for warning in policies.into_iter().flat_map(|policy| &policy.warnings) {
        if !warnings.contains(&warning.as_str()) {
            warnings.push(warning.as_str());
        }
    }
    warnings
}

/// Returns the protect rules that matched nothing in the scope of any of the policies.
#[must_use]
pub(crate) fn idle_holds<'a>(policies: impl IntoIterator<Item = &'a PolicyReport>) -> Vec<&'a str> {
    let mut idle: BTreeMap<&str, bool> = BTreeMap::new();
    let rules = policies.into_iter().flat_map(|policy| &policy.rules);
    for rule in rules.filter(|rule| matches!(rule.place, RuleRef::Protect { .. })) {
        *idle.entry(&rule.rule).or_insert(true) &= rule.is_idle_hold();
    }
    idle.into_iter().filter(|(_, idle)| *idle).map(|(label, _)| label).collect()
}

fn idle_hold(label: impl AsRef<str>) -> String {
    format!("! {} matched nothing: it may protect less than its author thinks", label.as_ref())
}

/// Writes a number of bytes for people.
pub(super) fn bytes(count: u64) -> String {
    ByteSize(count).display().si().to_string()
}

/// Escapes the characters in a text from GitLab that a terminal would obey or that nobody sees.
#[must_use]
pub fn printable(text: &str) -> String {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars().flat_map(|c| if is_hidden(c) { c.escape_default().collect() } else { vec![c] }).collect()
}

/// Returns the lines of a table without spaces at their ends.
pub(crate) fn trimmed(table: &Table) -> Vec<String> {
    table.lines().map(|line| line.trim_end().to_owned()).collect()
}

pub(super) fn lines(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}
