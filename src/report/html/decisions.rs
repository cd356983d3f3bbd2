//! Shows the decisions of one policy, grouped by project and package.

use maud::{Markup, html};

use super::figures::{Rest, files_left_out, left_out};
use super::frame::{Tone, badge};
use crate::plan::{Outcome, Verdict};
use crate::report::table::{by_package, bytes, fate, label, printable, trouble};
use crate::report::{DecisionReport, ItemReport, PolicyReport};

/// Shows the decisions on packages. Their verdicts have a column where they differ.
pub(super) fn decisions(report: &PolicyReport, rest: Rest) -> Markup {
    let rows = &report.decisions;
    if rows.is_empty() {
        return html! { @if report.totals.delete_files == 0 { p.quiet { "Nothing goes." } } };
    }
    let caption = if has_kept(rows) { "Every package" } else { "What goes, and why" };
    let columns =
        if rows.iter().all(|row| fate(row) == Verdict::Delete.code()) { Columns::NoVerdict } else { Columns::Verdict };
    html! {
        (listing(rows, caption, "Version", columns))
        (left_out(report, rest))
    }
}

/// Shows the decisions on files of packages that stay.
pub(super) fn file_decisions(report: &PolicyReport, rest: Rest) -> Markup {
    let rows = &report.file_decisions;
    let caption = if has_kept(rows) {
        "Every file of packages that stay"
    } else {
        "Which files go of packages that stay, and why"
    };
    html! {
        @if !rows.is_empty() { (listing(rows, caption, "File", Columns::Verdict)) }
        (files_left_out(report, rest))
    }
}

fn has_kept(rows: &[DecisionReport]) -> bool {
    rows.iter().any(|row| row.verdict() == Verdict::Keep)
}

/// The columns of a table. A column of verdicts would be noise where all are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Columns {
    Verdict,
    NoVerdict,
}

impl Columns {
    fn count(self) -> usize {
        match self {
            Self::Verdict => 5,
            Self::NoVerdict => 4,
        }
    }
}

/// Makes a table of decisions. `subject` stands above the column that tells the rows of a group apart.
fn listing(rows: &[DecisionReport], caption: &str, subject: &str, columns: Columns) -> Markup {
    html! {
        table.decisions {
            caption { (caption) }
            thead { tr {
                th scope="col" { (subject) }
                @if columns == Columns::Verdict { th.shrink scope="col" { "Verdict" } }
                th.shrink scope="col" { "Age" }
                th.number.shrink scope="col" { "Size" }
                th scope="col" { "Why" }
            } }
            @for ((project, package), rows) in by_package(rows) {
                tbody {
                    tr.group { th scope="rowgroup" colspan=(columns.count()) { (package) " " span.quiet { "in " (project) } } }
                    @for row in rows { (decision(row, columns)) }
                }
            }
        }
    }
}

fn decision(row: &DecisionReport, columns: Columns) -> Markup {
    let (package, file) = match row.item {
        ItemReport::Package { .. } => (Some(row.package.id), None),
        ItemReport::File { id, .. } => (None, Some(id)),
    };
    html! {
        tr data-id=[package] data-file=[file] data-verdict=(row.verdict().code()) data-reason=(row.reason.code()) {
            th.version scope="row" { (label(row)) }
            @if columns == Columns::Verdict { td.shrink { (badge(tone(row), fate(row))) } }
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
                @if let Some(mark) = &row.mark { div.quiet { (mark) } }
                @if let Some(trouble) = trouble(row) { div.quiet { (trouble) } }
            }
        }
    }
}

fn tone(row: &DecisionReport) -> Tone {
    match row.outcome() {
        Some(outcome) if outcome.is_gone() => Tone::Good,
        Some(Outcome::Failed) => Tone::Bad,
        Some(_) => Tone::Care,
        None if row.verdict() == Verdict::Delete && !row.permitted => Tone::Care,
        None if row.waits() => Tone::Care,
        None => Tone::Plain,
    }
}
