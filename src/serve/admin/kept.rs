//! The reports that are kept in files: the list of a policy's, and each as a page and as JSON.

use std::fs::File;
use std::path::Path;

use hyper::{Response, StatusCode};
use maud::{Markup, html};

use super::answer::{HTML, JSON, TEXT, answer};
use super::body::AnswerBody;
use crate::record::reports::{KEPT, KeptReport, ReportStore, first_rows};
use crate::report::html::{Rest, Tone, badge, grouped, instant, served};
use crate::serve::board::DECISIONS_OF_A_POLICY;

/// Lists the reports of a policy, the newest first.
pub(super) fn list(policy: &str, reports: &ReportStore) -> Markup {
    let kept = reports.of(policy);
    html! {
        @if !kept.is_empty() {
            h3 { "Last reports" }
            table {
                thead { tr {
                    th scope="col" { "As of" }
                    th.shrink scope="col" { "Status" }
                    th.number.shrink scope="col" { "To go" }
                    th.number.shrink scope="col" { "Gone" }
                    th.shrink scope="col" { "Also as" }
                } }
                tbody { @for report in &kept { (row(policy, report)) } }
            }
        }
        @if let Some(problem) = reports.problem(policy) {
            p.small { "Reports are not kept as they should be: " (problem) "." }
        }
    }
}

fn row(policy: &str, report: &KeptReport) -> Markup {
    let path = format!("/reports/{policy}/{}", report.name);
    html! {
        tr {
            th scope="row" { a href={ (path) ".html" } { (instant(report.as_of)) } }
            td.shrink { (badge(Tone::of(report.status), report.status.code())) }
            td.number.shrink { (grouped(report.deletions)) }
            td.number.shrink { @match report.gone { Some(gone) => (grouped(gone)), None => "–" } }
            td.shrink { a href={ (path) ".json" } aria-label={ "Report as of " (report.as_of) " as JSON" } { "JSON" } }
        }
    }
}

/// Answers with a report as a page. It has as many rows as the last one has; the file has all.
pub(super) fn page(path: &Path, json: &str) -> Response<AnswerBody> {
    match first_rows(path, DECISIONS_OF_A_POLICY) {
        Ok(report) => answer(StatusCode::OK, HTML, served(&report, json, Rest::InJson)),
        Err(_) => unreadable(),
    }
}

/// Answers with the file of a report.
pub(super) fn json(path: &Path) -> Response<AnswerBody> {
    match File::open(path).and_then(AnswerBody::of_file) {
        Ok(body) => answer(StatusCode::OK, JSON, body),
        Err(_) => unreadable(),
    }
}

/// Another process may have removed it meanwhile.
fn unreadable() -> Response<AnswerBody> {
    answer(StatusCode::NOT_FOUND, TEXT, "the report is no longer there, or can't be read\n".to_owned())
}

pub(super) fn not_kept() -> Response<AnswerBody> {
    answer(StatusCode::NOT_FOUND, TEXT, format!("no such report is kept: there are the last {KEPT} of each policy\n"))
}
