//! Writes the report as one HTML page: for a browser, a mail, an artifact of a pipeline.
//!
//! Every figure stands in a `data` element under its name in the JSON, and every decision in a row with its id.

mod decisions;
mod figures;
mod frame;

use maud::{Markup, html as markup};

pub(crate) use figures::{Rest, tiles};
pub(crate) use frame::{Tone, badge, content_policy, counted, figure, grouped, instant, note, page, prose, size};

pub(crate) use super::table::idle_holds;
use super::table::{printable, warnings};
use super::{CycleStatus, PolicyReport, Report};
use crate::plan::RuleRef;
use decisions::{decisions, file_decisions};
use figures::{reasons, rules};

/// Writes the whole report.
#[must_use]
pub fn html(report: &Report) -> String {
    let title = match report.policies.as_slice() {
        [policy] => title(policy),
        policies => counted(policies.len() as u64, "policy report"),
    };
    let header = markup! {
        p.brand { "gleaner" }
        h1 { (heading(report)) }
        p.about { (as_of(report)) }
    };
    let main = markup! {
        (attention(report))
        @if report.policies.len() > 1 { (overview(report)) }
        @for policy in &report.policies { (section(policy, Rest::InNewPlan)) }
    };
    page(&title, &header, &main, &footer(report))
}

/// Writes the report of one policy on a server that has others as well, and its JSON form at `json`. It leaves out idle
/// protections, which may match in the scope of another policy.
#[must_use]
pub(crate) fn served(report: &Report, json: &str, rest: Rest) -> String {
    let policy = report.policies.first();
    let header = markup! {
        p.brand { a href="/" { "gleaner" } }
        h1 { (heading(report)) }
        p.about {
            (as_of(report))
            " · " a href=(json) { "JSON" }
        }
    };
    let main = markup! { @if let Some(policy) = policy { (section(policy, rest)) } };
    page(&policy.map(title).unwrap_or_default(), &header, &main, &footer(report))
}

fn title(policy: &PolicyReport) -> String {
    format!("{}: {}", policy.policy, policy.status.code())
}

fn as_of(report: &Report) -> Markup {
    markup! { (printable(&report.instance)) " as of " (instant(report.as_of)) }
}

fn footer(report: &Report) -> Markup {
    markup! { p { "Made by " (report.generator) ", format " (report.format) "." } }
}

fn heading(report: &Report) -> String {
    let kind = match report.policies.iter().any(|policy| policy.totals.is_executed()) {
        _ if report.quick => "An upper bound of what would go",
        true => "What was deleted",
        false => "What would be deleted",
    };
    match report.policies.as_slice() {
        [policy] => format!("{kind} by {}", policy.policy),
        _ => kind.to_owned(),
    }
}

/// Shows what somebody has to look at, before anything else.
fn attention(report: &Report) -> Markup {
    let idle = idle_holds(&report.policies);
    // One policy's own stand in its section.
    let warned = if report.policies.len() > 1 { warnings(&report.policies) } else { Vec::new() };
    let told: Vec<&PolicyReport> =
        report.policies.iter().filter(|policy| policy.error.is_some() || policy.refusal.is_some()).collect();
    markup! {
        @if !warned.is_empty() || !idle.is_empty() || (report.policies.len() > 1 && !told.is_empty()) {
            ul.notes aria-label="Needs attention" {
                @if report.policies.len() > 1 {
                    @for policy in told {
                        li { (note(Tone::of(policy.status), &markup! {
                            p {
                                a href={ "#policy-" (policy.policy) } { (policy.policy) } " "
                                @match policy.status {
                                    CycleStatus::Refused => "is refused by a limit: nothing of its plan is deleted.",
                                    CycleStatus::Failed => "failed: it has no plan.",
                                    _ => "is done in part.",
                                }
                            }
                        })) }
                    }
                }
                @for warning in &warned {
                    li { (warning_note(warning)) }
                }
                @for rule in &idle {
                    li { (idle_hold(rule)) }
                }
            }
        }
    }
}

fn overview(report: &Report) -> Markup {
    let has_files = report.policies.iter().any(PolicyReport::has_files_rules);
    markup! {
        div.sheet {
            table.overview {
                caption { "All policies" }
                thead { tr {
                    th scope="col" { "Policy" }
                    th scope="col" { "Status" }
                    th.number.optional scope="col" { "In scope" }
                    th.number.optional scope="col" { "Kept" }
                    th.number scope="col" { "To delete" }
                    @if has_files { th.number.optional scope="col" { "Files" } }
                    th.number scope="col" { "Size" }
                } }
                tbody {
                    @for policy in &report.policies {
                        tr {
                            th scope="row" { a href={ "#policy-" (policy.policy) } { (policy.policy) } }
                            td { (badge(Tone::of(policy.status), policy.status.code())) }
                            @if policy.status == CycleStatus::Failed {
                                td.number.optional { "–" } td.number.optional { "–" } td.number { "–" }
                                @if has_files { td.number.optional { "–" } }
                                td.number { "–" }
                            } @else {
                                td.number.optional { (grouped(policy.scanned)) }
                                td.number.optional { (grouped(policy.totals.keep)) }
                                td.number { (grouped(policy.totals.delete)) }
                                @if has_files { td.number.optional { (grouped(policy.totals.delete_files)) } }
                                td.number { (super::table::short_size(&policy.totals)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn section(policy: &PolicyReport, rest: Rest) -> Markup {
    let id = format!("policy-{}", policy.policy);
    markup! {
        section.sheet id=(id) aria-labelledby={ (id) "-name" } data-status=(policy.status.code()) {
            div.row {
                h2 id={ (id) "-name" } { (policy.policy) }
                (badge(Tone::of(policy.status), policy.status.code()))
                (badge(Tone::Plain, &format!("mode: {}", policy.mode.as_str())))
            }
            (problems(policy))
            @if policy.status != CycleStatus::Failed {
                (tiles(policy))
                div.side {
                    (reasons(policy))
                    (rules(policy))
                }
                (decisions(policy, rest))
                (file_decisions(policy, rest))
            }
            p.quiet.small {
                "Requests: "
                @for (number, (method, count)) in policy.requests.iter().enumerate() {
                    @if number > 0 { ", " }
                    (figure(&policy.policy, &format!("requests.{method}"), *count)) " " (method)
                }
                ". Rules: " code { (policy.policy_sha256.get(..12).unwrap_or(&policy.policy_sha256)) } "."
            }
        }
    }
}

/// Shows what went wrong with a policy, and what to do about it.
#[must_use]
pub(crate) fn problems(policy: &PolicyReport) -> Markup {
    // A protection may match in another policy's scope; the whole report tells.
    let idle = policy.rules.iter().filter(|rule| rule.is_idle() && matches!(rule.place, RuleRef::Keep(_)));
    markup! {
        @for warning in &policy.warnings { (warning_note(warning)) }
        @if let Some(error) = &policy.error {
            (note(Tone::of(policy.status), &markup! { p { strong { (headline(policy.status)) } " " (prose(error)) } }))
        }
        @if let Some(refusal) = &policy.refusal {
            (note(Tone::Care, &markup! {
                p {
                    strong { "Refused by " code { (refusal.limit.as_str()) } "." } " " (prose(&refusal.because))
                    ". Nothing of this plan is deleted."
                }
                p {
                    "Allowed: " (figure(&policy.policy, "refusal.allowed", refusal.allowed))
                    @if let Some(wanted) = refusal.wanted {
                        "; planned: " (figure(&policy.policy, "refusal.wanted", wanted))
                    }
                    ". To let it pass: " (prose(&refusal.remedy))
                }
            }))
        }
        @for rule in idle { (idle_hold(&rule.rule)) }
    }
}

fn warning_note(warning: &str) -> Markup {
    note(Tone::Care, &markup! { p { (prose(warning)) "." } })
}

/// Warns of a hold that matched nothing.
#[must_use]
pub(crate) fn idle_hold(rule: &str) -> Markup {
    note(Tone::Care, &markup! { p { code { (rule) } " matched nothing: it may protect less than its author thinks." } })
}

fn headline(status: CycleStatus) -> &'static str {
    match status {
        CycleStatus::Failed => "Failed:",
        _ => "A part is missing:",
    }
}
