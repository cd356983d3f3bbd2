//! Which notices are told, how often, and in which words.

use std::collections::BTreeMap;
use std::time::Duration;

use gleaner::cycle::progress::{Event, Sought};
use gleaner::gitlab::{Method, Traffic};
use gleaner::package::{PackageId, ProjectId};
use gleaner::plan::Outcome;
use gleaner::policy::PolicySet;
use gleaner::report::{CycleStatus, PolicyReport, Totals};
use gleaner::serve::log::LogFormat;
use gleaner::serve::notice::{Notice, Purpose};
use gleaner::yaml::Source;
use gleaner_support::NOW;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::log::paper::{deleted, during, ended, file_deleted, json_lines, refusal, report, written};

#[test]
fn a_cycle_is_one_line_with_its_figures() {
    let text = "version: 1\nscope: { group: acme }\ndelete: [{ status: error }]\n";
    let (set, _) = PolicySet::parse(&[Source::new("tidy.yaml", text)]).unwrap();
    let report = PolicyReport {
        totals: Totals {
            delete: 4,
            delete_files: 9,
            by_outcome: BTreeMap::from([(Outcome::Deleted, 2), (Outcome::AlreadyGone, 1), (Outcome::Failed, 1)]),
            files_by_outcome: BTreeMap::from([(Outcome::Deleted, 7), (Outcome::Forbidden, 1), (Outcome::Stale, 1)]),
            ..Totals::default()
        },
        error: Some("planned deletions that were not done or not confirmed: 1".to_owned()),
        ..report(CycleStatus::Partial)
    };
    let lines = json_lines(&[
        Notice::Loaded { set: &set, at: NOW },
        Notice::CycleBegan { policy: "tidy", purpose: Purpose::Execution, at: NOW },
        Notice::Planned { purpose: Purpose::Execution, report: &report },
        ended(&report),
        Notice::Stopping,
    ]);
    assert_eq!(
        lines,
        [
            json!({"level": "INFO", "event": "policies_loaded", "policies": 1, "protections": 0,
                "message": "policies are in force"}),
            json!({"level": "WARN", "event": "cycle_ended", "policy": "tidy", "purpose": "execution",
                "status": "partial", "scanned": 100, "delete": 4, "delete_files": 9, "deleted": 3,
                "deleted_files": 7, "failed": 2, "requests": 9,
                "seconds": 1.5, "error": "planned deletions that were not done or not confirmed: 1",
                "message": "a cycle ended"}),
            json!({"level": "INFO", "event": "stopping",
                "message": "what is in flight is finished, and nothing else begins"}),
        ]
    );
}

#[test]
fn the_level_of_a_cycle_is_that_of_its_status() {
    let table = [
        (CycleStatus::Planned, "INFO"),
        (CycleStatus::Executed, "INFO"),
        (CycleStatus::Partial, "WARN"),
        (CycleStatus::Refused, "WARN"),
        (CycleStatus::Failed, "ERROR"),
    ];
    for (status, level) in table {
        let lines = json_lines(&[ended(&report(status))]);
        assert_eq!((lines.len(), &lines[0]["level"]), (1, &json!(level)), "{lines:?}");
    }
}

#[test]
fn a_refusal_tells_the_limit_and_the_figures() {
    let report = PolicyReport { refusal: Some(refusal()), ..report(CycleStatus::Refused) };
    let lines = json_lines(&[ended(&report)]);
    assert_eq!(lines[0]["limit"], "max_percent");
    assert_eq!(lines[0]["refusal"], "93 of 100 packages in scope would go, more than the 30% that are allowed");
    assert!(lines[0].get("error").is_none());
}

#[test]
fn a_deletion_is_a_line_that_says_what_is_gone() {
    let done = deleted("core", Outcome::Deleted, None);
    let failed = deleted("core", Outcome::Failed, Some("GitLab answered 500"));
    let skipped = deleted("core", Outcome::NotAttempted, None);
    let lines = json_lines(&[during(&done), during(&failed), during(&skipped)]);
    let line = json!({"level": "INFO", "event": "deletion", "policy": "tidy", "outcome": "deleted", "package": 7,
        "project": "acme/app", "project_id": 1, "package_type": "npm", "name": "core", "version": "1.0", "bytes": 1000,
        "message": "a deletion ended"});
    let mut bad = line.clone();
    bad["level"] = json!("WARN");
    bad["outcome"] = json!("failed");
    bad["problem"] = json!("GitLab answered 500");
    assert_eq!(lines, [line, bad]);
    for outcome in Outcome::ALL.into_iter().filter(|outcome| *outcome != Outcome::NotAttempted) {
        let level = if outcome.is_failure() { "WARN" } else { "INFO" };
        let lines = json_lines(&[during(&deleted("core", outcome, None))]);
        assert_eq!(lines[0]["level"], level, "{outcome:?}");
    }
}

#[test]
fn a_deletion_of_a_file_is_a_line_of_its_own_event() {
    let done = file_deleted("core.jar", Outcome::Deleted, None);
    let failed = file_deleted("core.jar", Outcome::Failed, Some("GitLab answered 500"));
    let skipped = file_deleted("core.jar", Outcome::NotAttempted, None);
    let lines = json_lines(&[during(&done), during(&failed), during(&skipped)]);
    let line = json!({"level": "INFO", "event": "file_deletion", "policy": "tidy", "outcome": "deleted", "file": 8,
        "file_name": "core.jar", "package": 7, "project": "acme/app", "project_id": 1, "package_type": "npm",
        "name": "core", "version": "1.0", "bytes": 10, "message": "a deletion of a file ended"});
    let mut bad = line.clone();
    bad["level"] = json!("WARN");
    bad["outcome"] = json!("failed");
    bad["problem"] = json!("GitLab answered 500");
    assert_eq!(lines, [line, bad]);
}

#[test]
fn what_changes_is_told_once_per_change() {
    let (up, later) = (Notice::Connected { token_expires: Some(NOW) }, Notice::Connected { token_expires: None });
    let (down, worse) = (Notice::NotConnected { problem: "no answer" }, Notice::NotConnected { problem: "a 401" });
    let (paused, frozen) = (Notice::Halted { why: Some("paused") }, Notice::Halted { why: Some("frozen") });
    let resumed = Notice::Halted { why: None };
    let notices =
        [resumed, up, up, down, down, worse, worse, up, later, later, paused, paused, frozen, resumed, resumed];
    let told: Vec<Value> = json_lines(&notices)
        .iter()
        .map(|line| json!([line["level"], line["event"], line["problem"], line["why"], line["token_expires"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!(["INFO", "gitlab_connected", null, null, NOW.to_string()]),
            json!(["WARN", "gitlab_not_connected", "no answer", null, null]),
            json!(["WARN", "gitlab_not_connected", "a 401", null, null]),
            json!(["INFO", "gitlab_connected", null, null, NOW.to_string()]),
            json!(["INFO", "gitlab_connected", null, null, null]),
            json!(["WARN", "deletions_halted", null, "paused", null]),
            json!(["WARN", "deletions_halted", null, "frozen", null]),
            json!(["INFO", "deletions_resumed", null, null, null]),
        ]
    );
}

#[test]
fn the_first_look_ups_that_fail_are_told_in_each_cycle() {
    let failed =
        |id| Event::EvidenceRead { of: Sought::Files(PackageId(id)), problem: Some(format!("no answer about {id}")) };
    let failed: Vec<Event> = (1..=20).map(failed).collect();
    let began = Notice::CycleBegan { policy: "tidy", purpose: Purpose::DryRun, at: NOW };
    let cycle = || std::iter::once(began).chain(failed.iter().map(during));
    let lines = json_lines(&cycle().chain(cycle()).collect::<Vec<_>>());
    assert_eq!(lines.len(), 10);
    assert_eq!(
        lines[9],
        json!({"level": "WARN", "event": "lookup_failed", "policy": "tidy", "what": "files", "package": 5,
            "problem": "no answer about 5", "message": "what it was for is kept"})
    );
}

#[test]
fn what_is_only_passing_is_no_line() {
    let retrying = Event::Traffic(Traffic::Retrying {
        method: Method::Get,
        path: "/api/v4".to_owned(),
        why: "GitLab answered 500".to_owned(),
        wait: Duration::from_secs(1),
        attempt: 1,
        tries: 6,
    });
    let throttled = Event::Traffic(Traffic::Throttled { wait: Duration::from_secs(1) });
    let read = Event::EvidenceRead { of: Sought::Releases(ProjectId(1)), problem: None };
    let next = Notice::Scheduled { policy: "tidy", next: Some(NOW), interval: None };
    assert_eq!(json_lines(&[during(&retrying), during(&throttled), during(&read), next]), [Value::Null; 0]);
}

/// What somebody wrote into a name or a policy begins no line of its own, and nothing that a terminal would obey.
#[test]
fn no_text_gets_out_of_its_field() {
    let evil = "evil\n2026-01-01T00:00:00Z INFO gleaner: all is well\u{1b}[2J\r\u{202e}\" event=\"x";
    let named = deleted(evil, Outcome::Failed, Some(evil));
    let report = PolicyReport { error: Some(evil.to_owned()), ..report(CycleStatus::Failed) };
    let notices = [
        during(&named),
        ended(&report),
        Notice::NotLoaded { problem: evil, at: NOW },
        Notice::NotConnected { problem: evil },
        Notice::Halted { why: Some(evil) },
    ];
    let text = written(LogFormat::Text, &notices);
    assert_eq!(text.lines().count(), notices.len(), "{text}");
    assert!(!text.contains(['\u{1b}', '\r', '\u{202e}']), "{text}");
    assert_eq!(
        text.matches(r#"evil\n2026-01-01T00:00:00Z INFO gleaner: all is well\u{1b}[2J\r\u{202e}\" ev"#).count(),
        6
    );
    let lines = json_lines(&notices);
    assert_eq!(lines.len(), notices.len());
    assert_eq!((&lines[0]["name"], &lines[2]["problem"]), (&json!(evil), &json!(evil)));
}

#[test]
fn text_is_for_people() {
    let text = written(LogFormat::Text, &[Notice::Halted { why: Some("frozen until Monday") }]);
    let (time, line) = text.split_once(' ').unwrap();
    assert!(time.parse::<Timestamp>().is_ok(), "{text}");
    assert_eq!(line, " WARN gleaner: deletions are held up event=\"deletions_halted\" why=\"frozen until Monday\"\n");
}
