//! `docs/metrics.md` is what the program renders, in both directions.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use gleaner::package::PackageType;
use gleaner::plan::LimitName;
use gleaner::report::CycleStatus;

use crate::metrics::budget::everything;
use crate::metrics::life::Life;

/// What a metric is called, by its name.
type Book = BTreeMap<String, Entry>;

#[derive(Debug, PartialEq, Eq)]
struct Entry {
    kind: String,
    labels: BTreeSet<String>,
    help: String,
}

#[test]
fn every_metric_is_documented_and_every_documented_metric_is_there() {
    let (documented, rendered) = (documented(), rendered());
    let names = |book: &Book| book.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&documented), names(&rendered));
    assert_eq!(documented, rendered);
}

#[test]
fn units_stand_in_the_names() {
    for (name, unit) in units() {
        let stem = name.trim_end_matches("_total");
        for known in ["seconds", "bytes"] {
            // A point in time is told as seconds since 1970.
            assert_eq!(stem.ends_with(&format!("_{known}")), unit == known, "{name}: {unit}");
        }
    }
}

#[test]
fn closed_label_sets_are_told_whole() {
    let page = page();
    let limits = LimitName::ALL.map(LimitName::as_str);
    let statuses = CycleStatus::ALL.map(CycleStatus::code);
    let types = PackageType::KNOWN;
    let types = types.iter().map(PackageType::as_str).chain(["other"]);
    for value in limits.into_iter().chain(statuses).chain(types) {
        assert!(page.contains(&format!("`{value}`")), "{value}");
    }
}

/// Every metric after everything happened once.
fn rendered() -> Book {
    let life = Life::with(&["tidy"]);
    everything(&life, &["tidy"]);
    let text = life.0.render().unwrap();
    let mut book = Book::new();
    let mut helps = BTreeMap::new();
    for line in text.lines() {
        if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' ')) {
            helps.insert(name.to_owned(), help.to_owned());
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            let help = helps.remove(name).unwrap();
            book.insert(name.to_owned(), Entry { kind: kind.to_owned(), labels: BTreeSet::new(), help });
        } else {
            let series = line.rsplit_once(' ').unwrap().0;
            let (name, labels) = series.split_once('{').unwrap_or((series, ""));
            let stem = ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part));
            let name = stem.filter(|stem| book.contains_key(*stem)).unwrap_or(name);
            let labels = labels.split(',').filter_map(|label| Some(label.split_once('=')?.0));
            // A histogram's own label is part of its type.
            let labels = labels.filter(|label| *label != "le").map(str::to_owned);
            book.get_mut(name).unwrap().labels.extend(labels);
        }
    }
    book
}

fn documented() -> Book {
    let entry = |[name, kind, labels, _, help]: [String; 5]| {
        let labels =
            labels.split(", ").filter(|label| !label.is_empty()).map(|label| label.trim_matches('`').to_owned());
        (name, Entry { kind, labels: labels.collect(), help })
    };
    rows().into_iter().map(entry).collect()
}

fn units() -> Vec<(String, String)> {
    rows().into_iter().map(|[name, _, _, unit, _]| (name, unit)).collect()
}

/// The rows of the tables of metrics: name, type, labels, unit, help.
fn rows() -> Vec<[String; 5]> {
    let cells = |line: &str| -> Option<[String; 5]> {
        let row = line.strip_prefix("| `")?.strip_suffix('|')?;
        let cells: Vec<String> = row.split('|').map(|cell| cell.trim().to_owned()).collect();
        let [name, rest @ ..]: [String; 5] = cells.try_into().ok()?;
        let [kind, labels, unit, help] = rest;
        Some([name.trim_end_matches('`').to_owned(), kind, labels, unit, help])
    };
    page().lines().filter_map(cells).collect()
}

pub(crate) fn page() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md")).unwrap()
}
