//! The report as Markdown, short enough for a note on a merge request.
//!
//! GitLab obeys what it reads in a note: it mentions `@people`, links `#1` and runs `/quick_actions`. So whatever comes
//! from outside stands in code, where nothing is obeyed; only names and codes of closed sets stand outside.

use super::html::{counted, grouped};
use super::table::{idle_holds, listing, printable, short_size};
use super::{PolicyReport, Report, Status};
use crate::plan::RuleRef;

/// So many deletions of a policy are listed.
const ROWS: usize = 20;

/// A longer line of the list, or a longer problem, is cut.
const LINE: usize = 300;
const PROBLEM: usize = 500;

/// So many problems are told.
const PROBLEMS: usize = 100;

/// Once the lists have so many bytes, no further one is begun. GitLab's own limit for a note is 1,000,000 characters.
const ENOUGH: usize = 100_000;

/// The whole report.
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
    text.push_str("\n| policy | mode | status | packages | keep | delete | size |\n|---|---|---|--:|--:|--:|--:|\n");
    for policy in &report.policies {
        text.push_str(&summary(policy));
    }
    let mut lists = String::new();
    for policy in report.policies.iter().filter(|policy| policy.totals.delete > 0) {
        lists.push_str(&if lists.len() < ENOUGH { details(policy) } else { not_listed(policy) });
    }
    text.push_str(&lists);
    let instant = if report.quick { "an upper bound as of" } else { "as of" };
    let foot = format!("{}, {instant} {}, {}", report.instance, report.as_of, report.generator);
    text.push_str(&format!("\n{}\n", code(&foot)));
    text
}

fn heading(report: &Report) -> &'static str {
    match report.policies.iter().any(|policy| !policy.totals.by_outcome.is_empty()) {
        true => "gleaner: what was deleted",
        false => "gleaner: what would be deleted",
    }
}

/// What somebody has to look at: what failed, was refused or is incomplete, and then what protects nothing.
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
            let what = if policy.status == Status::Failed { "failed" } else { "is incomplete" };
            urgent.push(format!("**{name} {what}**: {}", code(error)));
        }
        if policy.totals.not_permitted > 0 {
            urgent.push(format!("**{name}**: the token may not delete {} of them", policy.totals.not_permitted));
        }
        let holds = policy.rules.iter().filter(|rule| rule.is_idle() && matches!(rule.place, RuleRef::Keep(_)));
        idle.extend(holds.map(|rule| idle_hold(&format!("{name}: {}", rule.rule))));
    }
    idle.extend(idle_holds(&report.policies).into_iter().map(idle_hold));
    [urgent, idle].concat()
}

fn idle_hold(rule: &str) -> String {
    format!("{} matched nothing: it may protect less than its author thinks", code(rule))
}

fn summary(policy: &PolicyReport) -> String {
    let PolicyReport { policy: name, mode, status, scanned, totals, .. } = policy;
    let status = status.code();
    if policy.status == Status::Failed {
        return format!("| {name} | {mode} | **{status}** | – | – | – | – |\n");
    }
    let figures = [*scanned, totals.keep, totals.delete].map(grouped).join(" | ");
    let status = if policy.refusal.is_some() { format!("**{status}**") } else { status.to_owned() };
    format!("| {name} | {mode} | {status} | {figures} | {} |\n", short_size(totals))
}

/// The first deletions of a policy, folded away.
fn details(policy: &PolicyReport) -> String {
    let deletions = policy.decisions.iter().filter(|row| row.verdict == "delete");
    let lines: Vec<String> = listing(deletions.take(ROWS), None).map(|line| cut(&line, LINE)).collect();
    // Every line begins with a place or a verdict, and none is empty of them, so none ends the block.
    let list = lines.join("\n");
    let more = policy.totals.delete.saturating_sub(ROWS as u64);
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
    let verb = if policy.totals.by_outcome.is_empty() { "would go" } else { "were to go" };
    format!("{}: {} {verb}", policy.policy, counted(policy.totals.delete, "package"))
}

/// Text from outside as a code span of one line.
fn code(text: &str) -> String {
    let text = cut(&printable(text), PROBLEM);
    let fence = "`".repeat(longest_run_of_backticks(&text) + 1);
    // A space keeps the fence and a backtick of the text apart, and is taken away again.
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

fn longest_run_of_backticks(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// At most so many characters.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
