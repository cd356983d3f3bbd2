//! Shows the figures of one policy.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::frame::{counted, figure, grouped, instant, size_figure};
use crate::plan::Outcome;
use crate::report::PolicyReport;

/// Where the decisions are that a page leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Nowhere, so a new plan has to be made.
    InNewPlan,
    /// In the JSON form of the same report.
    InJson,
}

/// Shows how many packages are in scope, stay and go, and how large those are that go.
#[must_use]
pub(crate) fn tiles(report: &PolicyReport) -> Markup {
    let PolicyReport { policy, totals, .. } = report;
    let verb = if totals.is_executed() { "Were to go" } else { "Would go" };
    let bound = if report.is_bound { "at most " } else { "" };
    html! {
        dl.tiles {
            div {
                dt { "Packages in scope" }
                dd {
                    (figure(policy, "scanned", report.scanned))
                    span.small.quiet {
                        "in " (figure(policy, "projects", report.projects))
                        @if report.projects == 1 { " project" } @else { " projects" }
                    }
                }
            }
            div { dt { "Kept" } dd { (figure(policy, "totals.keep", totals.keep)) } }
            div {
                dt { (verb) }
                dd {
                    (bound) (figure(policy, "totals.delete", totals.delete))
                    (outcomes(policy, "totals.by_outcome", &totals.by_outcome))
                    @if totals.on_null_downloads > 0 {
                        span.small.quiet {
                            (figure(policy, "totals.on_null_downloads", totals.on_null_downloads))
                            " because GitLab knows of no download"
                        }
                    }
                    (waiting(policy, "totals.waiting", totals.waiting))
                    @if let Some(since) = totals.oldest_mark { span.small.quiet { "the oldest mark is from " (instant(since)) } }
                    (not_permitted(policy, "totals.not_permitted", totals.not_permitted))
                }
            }
            @if totals.delete_files > 0 {
                div {
                    dt { "Files of those that stay" }
                    dd {
                        (figure(policy, "totals.delete_files", totals.delete_files))
                        (outcomes(policy, "totals.files_by_outcome", &totals.files_by_outcome))
                        (waiting(policy, "totals.waiting_files", totals.waiting_files))
                        (not_permitted(policy, "totals.not_permitted_files", totals.not_permitted_files))
                    }
                }
            }
            div {
                dt { "Size of what goes" }
                dd {
                    (size_figure(policy, "totals.delete_bytes", totals.delete_bytes))
                    @if totals.unknown_sizes > 0 {
                        span.small.quiet {
                            "and " (figure(policy, "totals.unknown_sizes", totals.unknown_sizes)) " of unknown size"
                        }
                    }
                }
            }
        }
    }
}

/// Shows how many wait under `grace`, under a figure.
fn waiting(policy: &str, name: &str, count: u64) -> Markup {
    html! { @if count > 0 { span.small.quiet { (figure(policy, name, count)) " wait under " code { "grace" } } } }
}

/// Shows how many the token may not delete, under a figure.
fn not_permitted(policy: &str, name: &str, count: u64) -> Markup {
    html! { @if count > 0 { span.small.quiet { (figure(policy, name, count)) " not permitted by the token" } } }
}

/// Shows the outcomes of deletions, under a figure.
fn outcomes(policy: &str, name: &str, outcomes: &BTreeMap<Outcome, u64>) -> Markup {
    html! {
        @for (outcome, count) in outcomes {
            span.small.quiet {
                (figure(policy, &format!("{name}.{}", outcome.code()), *count)) " " (outcome.code().replace('_', " "))
            }
        }
    }
}

/// Shows why packages stay or go, the most frequent reason first.
#[must_use]
pub(super) fn reasons(report: &PolicyReport) -> Markup {
    let mut reasons: Vec<_> = report.totals.by_reason.iter().collect();
    reasons.sort_by_key(|(reason, count)| (std::cmp::Reverse(**count), **reason));
    html! {
        @if !reasons.is_empty() {
            table {
                caption { "Reasons" }
                thead { tr { th scope="col" { "Reason" } th.number scope="col" { "Packages" } } }
                tbody {
                    @for (reason, count) in reasons {
                        tr {
                            th scope="row" { code { (reason.code()) } }
                            td.number { (figure(&report.policy, &format!("totals.by_reason.{}", reason.code()), *count)) }
                        }
                    }
                }
            }
        }
    }
}

/// Shows how many packages or files each rule matched, whatever became of them.
#[must_use]
pub(super) fn rules(report: &PolicyReport) -> Markup {
    html! {
        table {
            caption { "Rules" }
            thead { tr { th scope="col" { "Rule" } th.number scope="col" { "Matched" } } }
            tbody {
                @for (number, rule) in report.rules.iter().enumerate() {
                    tr {
                        th scope="row" {
                            code { (rule.rule) }
                            (remarks(report, number))
                        }
                        td.number { (figure(&report.policy, &format!("rules.{number}.matched"), rule.matched)) }
                    }
                }
            }
        }
    }
}

/// Adds what the bare count of a rule does not tell.
fn remarks(report: &PolicyReport, number: usize) -> Markup {
    let rule = &report.rules[number];
    let name = |field: &str| format!("rules.{number}.{field}");
    html! {
        @if rule.is_idle() {
            div.small.quiet { "matched nothing" }
        }
        @if rule.unknown > 0 {
            div.small.quiet {
                @if rule.is_hold() { "holds " } @else { "passes over " }
                (figure(&report.policy, &name("unknown"), rule.unknown)) " of which nobody can tell"
            }
        }
        @if rule.open > 0 {
            div.small.quiet {
                (figure(&report.policy, &name("open"), rule.open)) " not looked up, because nothing needed it"
            }
        }
    }
}

/// Tells how many decisions on packages a report left out.
pub(super) fn left_out(report: &PolicyReport, rest: Rest) -> Markup {
    let (left_out, listed) = (report.decisions_left_out, report.decisions.len() as u64);
    more(report, rest, "decisions_left_out", (left_out, listed), "decision")
}

/// Tells how many decisions on files a report left out.
pub(super) fn files_left_out(report: &PolicyReport, rest: Rest) -> Markup {
    let (left_out, listed) = (report.file_decisions_left_out, report.file_decisions.len() as u64);
    more(report, rest, "file_decisions_left_out", (left_out, listed), "file decision")
}

fn more(report: &PolicyReport, rest: Rest, name: &str, (left_out, listed): (u64, u64), noun: &str) -> Markup {
    html! {
        @if left_out > 0 {
            p.quiet {
                (figure(&report.policy, name, left_out))
                " more are left out here, after the first " (grouped(listed)) ". "
                @match rest {
                    Rest::InNewPlan => { code { "gleaner plan --policy " (report.policy) } },
                    Rest::InJson => "The JSON form",
                }
                " lists all " (counted(left_out + listed, noun)) "."
            }
        }
    }
}
