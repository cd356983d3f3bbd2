//! Writes the report as Markdown, short enough for a note on a merge request.
//!
//! GitLab obeys what it reads in a note: it mentions `@people`, links `#1` and runs `/quick_actions`. So text from
//! outside stands in code, where nothing is obeyed; only names and codes of closed sets stand outside.

use super::html::{counted, grouped};
use super::table::{idle_holds, listing, printable, short_size, warnings};
use super::{CycleStatus, DecisionReport, PolicyReport, Report};
use crate::plan::{RuleRef, Verdict};

/// The number of deletions of a policy that are listed.
const ROWS: usize = 20;

/// Longer lines of the list are cut.
const LINE: usize = 300;

/// Longer problems are cut.
const PROBLEM: usize = 500;

/// The number of problems that are told.
const PROBLEMS: usize = 100;

/// Once the lists have so many bytes, no further one is begun. GitLab's own limit for a note is 1,000,000 characters.
const ENOUGH: usize = 100_000;

/// Writes the whole report.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut text = format!("### {}\n", heading(report));
    let problems = problems(report);
    if !problems.is_empty() {
        text.push('\n');
        for problem in problems.iter().take(PROBLEMS) {
            text.push_str(&format!("- {problem}\n"));
        }
        if problems.len() > PROBLEMS {
            text.push_str(&format!("- and {} more\n", grouped((problems.len() - PROBLEMS) as u64)));
        }
    }
    let has_files = report.policies.iter().any(PolicyReport::has_files_rules);
    let (files, line) = if has_files { (" files |", "--:|") } else { ("", "") };
    text.push_str(&format!("\n| policy | mode | status | packages | keep | delete |{files} size |\n"));
    text.push_str(&format!("|---|---|---|--:|--:|--:|{line}--:|\n"));
    for policy in &report.policies {
        text.push_str(&summary(policy, has_files.then_some(policy.totals.delete_files)));
    }
    let mut lists = String::new();
    for policy in report.policies.iter().filter(|policy| policy.totals.deletions() > 0) {
        lists.push_str(&if lists.len() < ENOUGH { details(policy) } else { not_listed(policy) });
    }
    text.push_str(&lists);
    let instant = if report.quick { "an upper bound as of" } else { "as of" };
    let foot = format!("{}, {instant} {}, {}", report.instance, report.as_of, report.generator);
    text.push_str(&format!("\n{}\n", code(&foot)));
    text
}

fn heading(report: &Report) -> &'static str {
    match report.policies.iter().any(|policy| policy.totals.is_executed()) {
        true => "gleaner: what was deleted",
        false => "gleaner: what would be deleted",
    }
}

/// Returns what somebody has to look at: what failed, was refused or is incomplete, then warnings, then idle holds.
fn problems(report: &Report) -> Vec<String> {
    let mut urgent = Vec::new();
    let mut idle = Vec::new();
    for policy in &report.policies {
        let name = &policy.policy;
        if let Some(refusal) = &policy.refusal {
            let (because, remedy) = (code(&refusal.because), code(&refusal.remedy));
            urgent.push(format!(
                "**{name} is refused by {}**: {because}; nothing of its plan is deleted. To let it pass: {remedy}",
                refusal.limit
            ));
        }
        if let Some(error) = &policy.error {
            let what = if policy.status == CycleStatus::Failed { "failed" } else { "is incomplete" };
            urgent.push(format!("**{name} {what}**: {}", code(error)));
        }
        if policy.totals.forbidden() > 0 {
            urgent.push(format!("**{name}**: the token may not delete {} of them", policy.totals.forbidden()));
        }
        let holds = policy.rules.iter().filter(|rule| rule.is_idle() && matches!(rule.place, RuleRef::Keep(_)));
        idle.extend(holds.map(|rule| idle_hold(&format!("{name}: {}", rule.rule))));
    }
    idle.extend(idle_holds(&report.policies).into_iter().map(idle_hold));
    let told = warnings(&report.policies).into_iter().map(code).collect();
    [urgent, told, idle].concat()
}

fn idle_hold(rule: &str) -> String {
    format!("{} matched nothing: it may protect less than its author thinks", code(rule))
}

/// Writes the line of a policy. `files` is the figure in the column of files, where there is one.
fn summary(policy: &PolicyReport, files: Option<u64>) -> String {
    let PolicyReport { policy: name, mode, status, scanned, totals, .. } = policy;
    let counts = [*scanned, totals.keep, totals.delete].into_iter().chain(files).map(grouped);
    let figures: Vec<String> = counts.chain([short_size(totals)]).collect();
    let (status, figures) = match policy.status {
        CycleStatus::Failed => (format!("**{}**", status.code()), vec!["–".to_owned(); figures.len()]),
        _ if policy.refusal.is_some() => (format!("**{}**", status.code()), figures),
        _ => (status.code().to_owned(), figures),
    };
    format!("| {name} | {} | {status} | {} |\n", mode.as_str(), figures.join(" | "))
}

/// Lists the first deletions of a policy, folded away.
fn details(policy: &PolicyReport) -> String {
    let goes = |row: &&DecisionReport| row.verdict() == Verdict::Delete;
    let packages: Vec<_> = policy.decisions.iter().filter(goes).take(ROWS).collect();
    let files = policy.file_decisions.iter().filter(goes).take(ROWS - packages.len());
    let lines = listing(packages, None).chain(listing(files, None));
    let lines: Vec<String> = lines.map(|line| cut(&line, LINE)).collect();
    // Every line begins with a place, a verdict or the mark of a problem, so none ends the block.
    let list = lines.join("\n");
    let more = policy.totals.deletions().saturating_sub(ROWS as u64);
    let more = if more > 0 { format!("\nand {} more\n", grouped(more)) } else { String::new() };
    format!(
        "\n<details><summary>{}</summary>\n\n```text\n{}\n```\n{more}\n</details>\n",
        what_goes(policy),
        list.trim_start_matches('\n')
    )
}

fn not_listed(policy: &PolicyReport) -> String {
    format!("\n{} (not listed: the note would be too long)\n", what_goes(policy))
}

fn what_goes(policy: &PolicyReport) -> String {
    let totals = &policy.totals;
    let verb = if totals.is_executed() { "were to go" } else { "would go" };
    let files = match totals.delete_files {
        0 => String::new(),
        count => format!(", and {} of those that stay", counted(count, "file")),
    };
    let waiting = match totals.waits() {
        0 => String::new(),
        count => format!(
            "; {} of all these under grace",
            if count == 1 { "1 waits".to_owned() } else { format!("{} wait", grouped(count)) }
        ),
    };
    format!("{}: {} {verb}{files}{waiting}", policy.policy, counted(totals.delete, "package"))
}

/// Writes text from outside as a code span of one line.
pub(super) fn code(text: &str) -> String {
    let text = cut(&printable(text), PROBLEM);
    let fence = "`".repeat(longest_run_of_backticks(&text) + 1);
    // A space keeps the fence and a backtick of the text apart, and is taken away again.
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

fn longest_run_of_backticks(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Cuts a text after so many characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
