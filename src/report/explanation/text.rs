//! Writes the explanation for people: a verdict for each policy, and below it every rule with its conditions.

use jiff::Timestamp;

use super::super::table::{borderless, printable, project, row_lines, trimmed};
use super::{ExplanationReport, GuardReport, PackageReport, PolicyExplanation, RuleExplanation};
use crate::plan::Opening;
use crate::policy::Truth;
use crate::policy::words::age;

/// Writes the whole explanation. Lines are broken to `width` columns where one is given.
#[must_use]
pub fn explanation(report: &ExplanationReport, width: Option<u16>) -> String {
    let mut text = format!("{}\n", headline(&report.package));
    for policy in &report.policies {
        text.push('\n');
        text.push_str(&policy_explanation(policy, report.as_of, width));
    }
    text.push_str(&format!("\n{} as of {}\n", printable(&report.instance), report.as_of));
    if has_open_parts(report) {
        text.push_str("open: not looked up, because nothing hung on it.\n");
    }
    text.push_str("Limits were not looked at: a plan beyond them deletes nothing.\n");
    text
}

fn has_open_parts(report: &ExplanationReport) -> bool {
    let rules = report.policies.iter().flat_map(|policy| &policy.rules);
    rules.flat_map(|rule| &rule.parts).any(|part| part.holds == Truth::Pending)
}

/// Writes the part of one policy.
#[must_use]
pub fn policy_explanation(policy: &PolicyExplanation, as_of: Timestamp, width: Option<u16>) -> String {
    let mut text = vec![format!("{} (mode: {})", policy.policy, policy.mode.as_str())];
    let because = printable(&policy.because);
    match &policy.decision {
        None => text.push(format!("  {}: {because}", policy.standing.code().replace('_', " "))),
        Some(decision) => {
            let rule = decision.rule.as_ref().map_or_else(String::new, |rule| format!("{rule}: "));
            text.push(format!("  {}, {}: {rule}{because}", decision.verdict().code(), decision.reason.code()));
            if !decision.permitted {
                text.push("  the token may not delete it".to_owned());
            }
        }
    }
    text.extend(policy.would_go.as_ref().map(|opening| format!("  {}", would_go(opening, as_of))));
    text.extend(details(policy, width));
    if !policy.file_decisions.is_empty() {
        text.push("  files of the package:".to_owned());
        text.extend(row_lines(&policy.file_decisions, width));
    }
    text.iter().map(|line| format!("{line}\n")).collect()
}

fn headline(package: &PackageReport) -> String {
    let project = project(package.project_path.as_deref(), package.project_id);
    let channel = package.channel.as_ref().map_or_else(String::new, |channel| format!(" @{}", printable(channel)));
    let (package_type, name) = (printable(package.package_type.as_str()), printable(&package.name));
    let version = printable(package.version.as_deref().unwrap_or("(no version)"));
    format!("{project}  {package_type} {name}{channel} {version}, package {}", package.id)
}

fn would_go(opening: &Opening, as_of: Timestamp) -> String {
    let condition = "if nothing else changes";
    match opening {
        Opening::Now => "would go now".to_owned(),
        Opening::From(at) => format!("would go from {at} on, in {}, {condition}", age(as_of, *at)),
        Opening::NotBefore(at) if *at > as_of => {
            format!("would not go before {at}, in {}; what was not looked up may keep it longer", age(as_of, *at))
        }
        Opening::NotBefore(_) => "when it would go can't be told: that hangs on what was not looked up".to_owned(),
        Opening::Never { because, .. } => format!("would never go, {condition}: {}", printable(because)),
    }
}

/// Writes guards and rules in three columns: whether it holds, the condition, and the value that it saw.
fn details(policy: &PolicyExplanation, width: Option<u16>) -> Vec<String> {
    if policy.guards.is_empty() && policy.rules.is_empty() {
        return Vec::new();
    }
    let mut table = borderless(width);
    for guard in &policy.guards {
        table.add_row(guard_row(guard));
    }
    for rule in &policy.rules {
        table.add_row(rule_row(rule));
        for part in &rule.parts {
            let (condition, saw) = (printable(&part.condition), printable(&part.saw));
            table.add_row([format!("     {}", part.holds.code()), format!("  {condition}"), saw]);
        }
    }
    trimmed(&table)
}

fn guard_row(guard: &GuardReport) -> [String; 3] {
    let because = printable(&guard.because);
    if guard.lifted_by.is_empty() {
        ["   holds".to_owned(), format!("guard {}", guard.guard.code()), because]
    } else {
        let rules = guard.lifted_by.join(", ");
        ["   lifted".to_owned(), format!("guard {}", guard.guard.code()), format!("{because}; lifted by {rules}")]
    }
}

fn rule_row(rule: &RuleExplanation) -> [String; 3] {
    let until = match rule.until {
        Some(until) if rule.ended => Some(format!("ended on {until}")),
        Some(until) => Some(format!("until {until}")),
        None => None,
    };
    let own_words = [&rule.takes, &rule.note].into_iter().flatten().map(|words| printable(words));
    let remarks: Vec<String> = until.into_iter().chain(own_words).collect();
    [format!("   {}", rule.holds.code()), rule.rule.clone(), remarks.join("; ")]
}
