//! Holds the metrics of a daemon to what its reports say and to what was on the wire.

use std::collections::BTreeMap;
use std::ops::Range;

use gleaner::plan::Outcome;
use gleaner::report::DecisionReport;

use crate::run::{CycleTold, Played};

/// What a daemon's metrics were when it ended. Each daemon counts from 0.
#[derive(Debug)]
pub struct Scrape {
    /// The number of its run.
    pub run: usize,
    /// Its requests, by their numbers.
    pub requests: Range<usize>,
    /// The metrics, as Prometheus reads them.
    pub text: String,
}

/// Counters by their name with its labels, as they are written.
type Counters = BTreeMap<String, u64>;

/// The counters of deletions, cycles and sent deletions. What isn't counted in one of these isn't looked at.
const NAMES: [&str; 5] = [
    "gleaner_deletions_total",
    "gleaner_file_deletions_total",
    "gleaner_deletions_failed_total",
    "gleaner_cycles_total",
    "gleaner_requests_total",
];

/// Returns where the counters of a daemon differ from what happened.
pub(crate) fn miscounted(scrape: &Scrape, played: &Played) -> Vec<String> {
    let told = counters(&scrape.text);
    let happened = happened(scrape, played);
    let count = |counters: &Counters, name: &str| counters.get(name).copied().unwrap_or(0);
    let names = told.keys().chain(happened.keys().filter(|name| !told.contains_key(*name)));
    let wrong = names.filter(|name| count(&told, name) != count(&happened, name));
    wrong.map(|name| format!("{name} is {}, and it was {}", count(&told, name), count(&happened, name))).collect()
}

/// Reads the counters that are looked at. Reads that were broken off may be counted or not.
fn counters(text: &str) -> Counters {
    let lines = text.lines().filter_map(|line| line.rsplit_once(' '));
    let wanted = lines.filter(|(name, _)| NAMES.contains(&name.split('{').next().unwrap_or_default()));
    let wanted = wanted.filter(|(name, _)| !name.contains("method=\"GET\""));
    wanted.filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?))).collect()
}

/// Counts the same by the reports and by the requests.
fn happened(scrape: &Scrape, played: &Played) -> Counters {
    let mut counters = Counters::new();
    let mut count = |name: String| *counters.entry(name).or_default() += 1;
    let own = played.cycles.iter().filter(|cycle| cycle.run == scrape.run);
    for report in own.filter_map(CycleTold::report) {
        let policy = &report.policy;
        count(format!("gleaner_cycles_total{{policy=\"{policy}\",status=\"{}\"}}", report.status.code()));
        let rows = report.decisions.iter().map(|row| ("deletions", row));
        let files = report.file_decisions.iter().map(|row| ("file_deletions", row));
        for (what, row) in rows.chain(files) {
            let Some(outcome) = row.outcome() else { continue };
            count(format!(
                "gleaner_{what}_total{{outcome=\"{}\",policy=\"{policy}\",type=\"{}\"}}",
                outcome.code(),
                type_of(row)
            ));
            if matches!(outcome, Outcome::Forbidden | Outcome::Unconfirmed | Outcome::Failed) {
                count(format!("gleaner_deletions_failed_total{{policy=\"{policy}\"}}"));
            }
        }
    }
    for exchange in played.notes.exchanges[scrape.requests.clone()].iter().filter(|one| one.method == "DELETE") {
        let class = exchange.status.map_or_else(|| "none".to_owned(), |status| format!("{}xx", status / 100));
        count(format!("gleaner_requests_total{{code=\"{class}\",method=\"DELETE\"}}"));
    }
    counters
}

fn type_of(row: &DecisionReport) -> &str {
    row.package.package_type.as_str()
}
