//! The decisions on files, grouped by the package that they are in.

use maud::{Markup, html};

use super::decisions::tone;
use super::figures::files_left_out;
use super::frame::badge;
use crate::report::table::{by_version, bytes, printable, verdict};
use crate::report::{FileDecisionReport, PolicyReport};

pub(super) fn file_decisions(report: &PolicyReport) -> Markup {
    let rows = &report.file_decisions;
    let has_kept = rows.iter().any(|row| row.verdict == "keep");
    html! {
        @if !rows.is_empty() {
            table.decisions {
                caption { @if has_kept { "Every file of packages that stay" } @else { "Which files go of packages that stay, and why" } }
                thead { tr {
                    th scope="col" { "File" }
                    th.shrink scope="col" { "Verdict" }
                    th.shrink scope="col" { "Age" }
                    th.number.shrink scope="col" { "Size" }
                    th scope="col" { "Why" }
                } }
                @for ((project, package), rows) in by_version(rows) {
                    tbody {
                        tr.group { th scope="rowgroup" colspan="5" { (package) " " span.quiet { "in " (project) } } }
                        @for row in rows { (file(row)) }
                    }
                }
            }
        }
        (files_left_out(report))
    }
}

fn file(row: &FileDecisionReport) -> Markup {
    let name = row.file_name.as_deref().map_or_else(|| "(no name)".to_owned(), printable);
    html! {
        tr data-file=(row.id) data-verdict=(row.verdict) data-reason=(row.reason) {
            th.version scope="row" { (name) }
            td.shrink { (badge(tone(row.verdict, row.permitted, row.outcome), verdict(row.verdict, row.permitted, row.outcome))) }
            td.shrink { (row.age) }
            td.number.shrink {
                @match row.size {
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
