//! The decisions of one policy, grouped by project and package.

use maud::{Markup, html};

use super::figures::left_out;
use super::frame::{Tone, badge};
use crate::plan::Outcome;
use crate::report::table::{by_package, bytes, printable, verdict};
use crate::report::{DecisionReport, PolicyReport};

pub(super) fn decisions(report: &PolicyReport) -> Markup {
    if report.decisions.is_empty() {
        return html! { @if report.totals.delete_files == 0 { p.quiet { "Nothing goes." } } };
    }
    let has_kept = report.decisions.iter().any(|row| row.verdict == "keep");
    let columns = Columns::of(&report.decisions);
    html! {
        table.decisions {
            caption { @if has_kept { "Every package" } @else { "What goes, and why" } }
            thead { tr {
                th scope="col" { "Version" }
                @if columns == Columns::Verdict { th.shrink scope="col" { "Verdict" } }
                th.shrink scope="col" { "Age" }
                th.number.shrink scope="col" { "Size" }
                th scope="col" { "Why" }
            } }
            @for ((project, package), rows) in by_package(&report.decisions) {
                tbody {
                    tr.group { th scope="rowgroup" colspan=(columns.count()) { (package) " " span.quiet { "in " (project) } } }
                    @for row in rows { (decision(row, columns)) }
                }
            }
        }
        (left_out(report))
    }
}

/// Whether a column tells the verdicts. Where all are the same it would be noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Columns {
    Verdict,
    NoVerdict,
}

impl Columns {
    fn of(rows: &[DecisionReport]) -> Self {
        if rows.iter().all(|row| told(row) == "delete") { Self::NoVerdict } else { Self::Verdict }
    }

    fn count(self) -> usize {
        match self {
            Self::Verdict => 5,
            Self::NoVerdict => 4,
        }
    }
}

fn decision(row: &DecisionReport, columns: Columns) -> Markup {
    let version = row.version.as_deref().map_or_else(|| "(no version)".to_owned(), printable);
    html! {
        tr data-id=(row.id) data-verdict=(row.verdict) data-reason=(row.reason) {
            th.version scope="row" { (version) }
            @if columns == Columns::Verdict { td.shrink { (badge(tone(row.verdict, row.permitted, row.outcome), told(row))) } }
            td.shrink { (row.age) }
            td.number.shrink {
                @match row.bytes {
                    Some(count) => data value=(count) { (bytes(count)) },
                    None => span.quiet { "unknown" },
                }
            }
            td.why {
                @if let Some(rule) = &row.rule { code { (rule) } " " }
                (printable(&row.because))
            }
        }
    }
}

fn told(row: &DecisionReport) -> &'static str {
    verdict(row.verdict, row.permitted, row.outcome)
}

pub(super) fn tone(verdict: &str, permitted: bool, outcome: Option<Outcome>) -> Tone {
    match outcome {
        Some(outcome) if outcome.is_gone() => Tone::Good,
        Some(Outcome::Failed) => Tone::Bad,
        Some(_) => Tone::Care,
        None if verdict == "delete" && !permitted => Tone::Care,
        None => Tone::Plain,
    }
}
