//! `docs/log.md` is what is written, in both directions.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use gleaner::cycle::progress::{Event, Sought};
use gleaner::package::{Package, PackageId, PipelineId, ProjectId};
use gleaner::plan::{Item, Outcome};
use gleaner::policy::PolicySet;
use gleaner::report::{CycleStatus, PolicyReport};
use gleaner::serve::log::{LogFormat, listening};
use gleaner::serve::notice::Notice;
use gleaner_support::NOW;

use crate::log::paper::{deleted, during, ended, file_deleted, json_lines, objects, refusal, report, written_during};

/// The levels and the fields of each event.
type Events = BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)>;

#[test]
fn every_event_is_documented_with_its_levels_and_fields() {
    assert_eq!(documented(), written());
}

/// A line that no notice here is told by would be missing on both sides.
#[test]
fn every_event_of_the_source_is_documented() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src/serve/log");
    let mut files = vec![PathBuf::from(source).with_extension("rs")];
    files.extend(fs::read_dir(source).unwrap().map(|entry| entry.unwrap().path()));
    let texts: Vec<String> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    // One name, or one for each kind of item.
    let named: BTreeSet<&str> = texts
        .iter()
        .flat_map(|text| text.split(" event = ").skip(1))
        .map(|rest| rest.split(if rest.starts_with("match") { "};" } else { "," }).next().unwrap())
        .flat_map(|told| told.split('"').skip(1).step_by(2))
        .collect();
    let documented = documented();
    assert_eq!(named, documented.keys().map(String::as_str).collect());
}

fn documented() -> Events {
    fn words(cell: &str) -> BTreeSet<String> {
        cell.split(',').map(|word| word.trim().trim_matches('`').to_owned()).filter(|word| !word.is_empty()).collect()
    }
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| `")?.strip_suffix('|')?.split('|');
        let event = cells.next()?.trim().trim_end_matches('`').to_owned();
        Some((event, (words(cells.next()?), words(cells.next()?))))
    };
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/log.md")).unwrap();
    page.lines().filter_map(row).collect()
}

/// Every event with every field that it can have.
fn written() -> Events {
    let set = PolicySet::default();
    let project = ProjectId(1);
    let of_package = [Sought::Files, Sought::Pipelines, Sought::Downloads].map(|of| of(PackageId(1)));
    let of_project = [
        Sought::Releases(project),
        Sought::ProtectionRules(project),
        Sought::Pipeline(PipelineId { project, id: 1 }),
        Sought::Branches(project),
        Sought::ProtectedBranches(project),
        Sought::Branch(project),
    ];
    let sought = of_package.into_iter().chain(of_project);
    let lookups: Vec<Event> =
        sought.map(|of| Event::EvidenceRead { of, problem: Some("no answer".to_owned()) }).collect();
    let deletions =
        [Outcome::Deleted, Outcome::Failed].map(|outcome| with_channel(deleted("core", outcome, Some("no"))));
    let reports = [CycleStatus::Planned, CycleStatus::Refused, CycleStatus::Failed].map(|status| PolicyReport {
        refusal: Some(refusal()),
        error: Some("an error".to_owned()),
        warnings: vec!["a path leads nowhere".to_owned()],
        ..report(status)
    });
    let mut notices = vec![
        Notice::Loaded { set: &set, at: NOW },
        Notice::NotLoaded { problem: "broken", at: NOW },
        Notice::Connected { token_expires: Some(NOW) },
        Notice::NotConnected { problem: "no answer" },
        Notice::Halted { why: Some("paused") },
        Notice::Halted { why: None },
        Notice::Complaint { problem: "no policy has a schedule" },
        Notice::Stopping,
    ];
    let files = [Outcome::Deleted, Outcome::Failed].map(|outcome| file_deleted("core.jar", outcome, Some("no")));
    notices.extend(lookups.iter().chain(&deletions).chain(&files).map(during));
    notices.extend(reports.iter().map(ended));
    let mut events = Events::new();
    let listening = written_during(LogFormat::Json, || listening("127.0.0.1:9090".parse().unwrap()));
    for line in json_lines(&notices).into_iter().chain(objects(&listening)) {
        let (levels, fields) = events.entry(line["event"].as_str().unwrap().to_owned()).or_default();
        levels.insert(line["level"].as_str().unwrap().to_owned());
        let is_own = |field: &&String| !["event", "level", "message"].contains(&field.as_str());
        fields.extend(line.as_object().unwrap().keys().filter(is_own).cloned());
    }
    events
}

fn with_channel(event: Event) -> Event {
    match event {
        Event::Deleted { item, ending } => {
            let package = Package { channel: Some("acme/stable".to_owned()), ..item.package().clone() };
            Event::Deleted { item: Box::new(Item::Package { package, bytes: item.bytes() }), ending }
        }
        other => other,
    }
}
