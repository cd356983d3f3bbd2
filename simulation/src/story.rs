//! Tells a run: what there was, what was sent and answered, who did what, and what came of it.

use std::fmt::Write as _;

use gleaner::plan::Verdict;
use jiff::Timestamp;

use crate::case::Case;
use crate::notes::Exchange;
use crate::people;
use crate::run::{CycleEnd, CycleTold, Played};
use crate::time::At;

/// Returns what a case is made of.
#[must_use]
pub fn setting(case: &Case) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{:?}, pages of {}", case.command, case.page);
    for project in &case.registry.projects {
        let archived = if project.archived { ", archived" } else { "" };
        let _ = writeln!(text, "project {} {}{archived}", project.id, project.path);
        for package in case.registry.packages.iter().filter(|package| package.project_id == project.id) {
            let downloaded = package.last_downloaded_at.map(|at| format!(", downloaded {at}")).unwrap_or_default();
            let tags: Vec<&str> = package.tags.iter().map(|tag| tag.name.as_str()).collect();
            let tags = if tags.is_empty() { String::new() } else { format!(", tagged {}", tags.join(" ")) };
            let _ = writeln!(text, "  {} of {}{downloaded}{tags}", people::told(package), package.created_at);
            for file in package.files.iter().filter(|_| package.files.len() > 1) {
                let _ = writeln!(text, "    file {} {} of {}", file.id, file.file_name, file.created_at);
            }
        }
        for link in project.releases.iter().flat_map(|release| &release.links) {
            let _ = writeln!(text, "  a release links to {}", link.url);
        }
    }
    for rule in &case.registry.protection_rules {
        let _ =
            writeln!(text, "project {} protects {} {}", rule.project_id, rule.package_type, rule.package_name_pattern);
    }
    for file in &case.policies {
        let _ = writeln!(text, "--- {}\n{}", file.name, file.text.trim_end());
    }
    text
}

/// Returns everything that happened, in its order.
#[must_use]
pub fn story(played: &Played) -> String {
    let mut lines: Vec<(Timestamp, String)> = Vec::new();
    lines.extend(played.notes.exchanges.iter().map(|exchange| (exchange.sent, request(exchange))));
    lines.extend(played.notes.deeds.iter().map(|(at, words)| (*at, format!("  ** {words}"))));
    let deeds = played.notes.exchanges.iter().filter_map(|exchange| Some((exchange.done?, exchange.deletes?)));
    lines.extend(deeds.map(|(at, target)| (at, format!("     GitLab deletes {target}"))));
    lines.extend(outcomes(played));
    told(lines, played)
}

/// Returns the people's part of the story alone, and what became of deletions.
#[must_use]
pub fn interleaving(played: &Played) -> String {
    let mut lines: Vec<(Timestamp, String)> = Vec::new();
    let deletions = played.notes.exchanges.iter().filter(|exchange| exchange.method == "DELETE");
    lines.extend(deletions.map(|exchange| (exchange.sent, request(exchange))));
    lines.extend(played.notes.deeds.iter().map(|(at, words)| (*at, format!("  ** {words}"))));
    lines.extend(outcomes(played));
    told(lines, played)
}

/// Returns these lines in their order. The folder of all files is another one each time, and isn't told.
fn told(mut lines: Vec<(Timestamp, String)>, played: &Played) -> String {
    lines.sort_by_key(|(at, _)| *at);
    let text = lines.into_iter().fold(String::new(), |text, (at, line)| text + &format!("{} {line}\n", At(at)));
    let folder = played.notes.shelf.folder().parent().map(|folder| format!("{}/", folder.to_string_lossy()));
    folder.map_or_else(|| text.clone(), |folder| text.replace(&folder, ""))
}

fn request(exchange: &Exchange) -> String {
    let path = exchange.path.trim_start_matches("/api/v4");
    let status = exchange.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let lie = exchange.lie.map(|lie| format!(" ({lie:?})")).unwrap_or_default();
    format!("     {} {path}: {status}{lie}", exchange.method)
}

/// Returns the ends of the cycles that came to one.
fn outcomes(played: &Played) -> impl Iterator<Item = (Timestamp, String)> {
    played.cycles.iter().filter_map(|cycle| cycle.end.as_ref().map(|end| (end.at, outcome(cycle, end))))
}

fn outcome(cycle: &CycleTold, CycleEnd { report, .. }: &CycleEnd) -> String {
    let mut text =
        format!("  == {} {:?} as of {}: {}", report.policy, cycle.purpose, At(cycle.as_of), report.status.code());
    if let Some(error) = &report.error {
        let _ = write!(text, "; {error}");
    }
    for row in report.decisions.iter().chain(&report.file_decisions).filter(|row| row.verdict() == Verdict::Delete) {
        let what = row.item.file().map(|file| format!("file {file} of ")).unwrap_or_default();
        let ending = row.outcome().map_or("planned", |outcome| outcome.code());
        let problem = row.problem().map(|problem| format!(": {problem}")).unwrap_or_default();
        let _ = write!(
            text,
            "\n       {what}package {}: {ending}{problem} (it goes because {})",
            row.package.id, row.because
        );
    }
    text
}
