use std::fs;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;

use super::*;
use crate::plan::Verdict;
use crate::report::DecisionReport;

const INSTANCE: &str = "https://gitlab.acme.example";

fn at(seconds: i64) -> Timestamp {
    Timestamp::constant(1_780_000_000, 0) + SignedDuration::from_secs(seconds)
}

fn folder(root: &tempfile::TempDir) -> ReportFolder {
    ReportFolder::beside(root.path(), "gleaner X.Y.Z", INSTANCE)
}

fn store(root: &tempfile::TempDir) -> ReportStore {
    let (store, errors) = ReportStore::open(folder(root));
    assert!(errors.is_empty(), "{errors:?}");
    store
}

/// A report with so many rows on packages and on files.
fn report(packages: usize, files: usize) -> PolicyReport {
    let row = |id: usize| {
        format!(
            r#"{{"id": {id}, "project_id": 1, "project_path": "acme/app", "package_type": "npm", "name": "]\n      ],", "version": "1",
                "status": "default", "bytes": 10, "verdict": "delete", "reason": "selected", "because": "\"decisions\": [",
                "rule": "delete[0]", "permitted": true}}"#
        )
    };
    let file = |id: usize| {
        format!(
            r#"{{"id": {id}, "package_id": 7, "project_id": 1, "package_type": "npm", "name": "core", "file_name": "a.tgz",
                "size": 10, "verdict": "delete", "reason": "selected", "because": "", "rule": "files[0]", "permitted": true}}"#
        )
    };
    let list = |rows: Vec<String>| rows.join(",");
    let text = format!(
        r#"{{"policy": "old", "policy_sha256": "ab", "mode": "delete", "status": "planned", "error": null,
            "warnings": ["      \"decisions\": ["], "scanned": 9, "projects": 1, "unknown_projects": 0, "unknown_places": 0,
            "loosened_projects": 0, "forgets_paths": false, "requests": {{"GET": 3}}, "refusal": null,
            "totals": {{"delete": {packages}, "delete_files": {files}}}, "rules": [],
            "decisions": [{}], "decisions_left_out": 2, "file_decisions": [{}], "file_decisions_left_out": 0}}"#,
        list((0..packages).map(row).collect()),
        list((0..files).map(file).collect()),
    );
    serde_json::from_str(&text).unwrap()
}

fn named(policy: &str) -> PolicyReport {
    PolicyReport { policy: policy.to_owned(), ..report(1, 0) }
}

fn names(store: &ReportStore, policy: &str) -> Vec<String> {
    store.of(policy).iter().map(|report| report.name.to_string()).collect()
}

/// What lies in the folder of a policy.
fn files(root: &tempfile::TempDir, policy: &str) -> Vec<String> {
    let entries = fs::read_dir(root.path().join("reports").join(policy)).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn ids(rows: &[DecisionReport]) -> usize {
    rows.iter().filter(|row| row.verdict() == Verdict::Delete).count()
}

#[test]
fn the_last_ten_of_each_policy_are_kept_and_known_after_a_restart() {
    let root = tempfile::tempdir().unwrap();
    let first = store(&root);
    for second in 0..13 {
        assert!(first.keep(at(second), &named("old")).is_none());
        if second < 2 {
            assert!(first.keep(at(second), &named("new-2")).is_none());
        }
    }
    assert_eq!(files(&root, "old").len(), KEPT);
    assert_eq!((files(&root, "new-2").len(), first.of("new-2").len()), (2, 2), "each policy has its own");
    let known = first.of("old");
    assert_eq!((known[0].as_of, known[9].as_of), (at(12), at(3)), "the newest first");
    assert_eq!((known[0].deletions, known[0].gone, known[0].status), (1, None, CycleStatus::Planned));
    let again = store(&root);
    assert_eq!((again.of("old"), again.of("new-2")), (known, first.of("new-2")));
    assert!(again.of("else").is_empty());
}

#[test]
fn a_file_is_the_report_that_output_json_writes() {
    let root = tempfile::tempdir().unwrap();
    let (store, policy) = (store(&root), report(3, 2));
    assert!(store.keep(at(0), &policy).is_none());
    let path = store.file("old", "2026-05-28T20-26-40Z").unwrap();
    assert_eq!(path, root.path().join("reports/old/2026-05-28T20-26-40Z.json"));
    let text = fs::read_to_string(path).unwrap();
    let whole = Report {
        format: 1,
        generator: "gleaner X.Y.Z".to_owned(),
        instance: INSTANCE.to_owned(),
        as_of: at(0),
        quick: false,
        policies: vec![policy],
    };
    assert_eq!(text, serde_json::to_string_pretty(&whole).unwrap() + "\n");
}

#[test]
fn two_of_one_second_are_two_files() {
    let root = tempfile::tempdir().unwrap();
    let (store, other) = (store(&root), folder(&root));
    assert!(store.keep(at(0), &report(1, 0)).is_none());
    // Another process writes there as well.
    other.keep(at(0), &report(2, 0)).unwrap();
    assert!(store.keep(at(0) + SignedDuration::from_millis(500), &report(3, 0)).is_none());
    let second = "2026-05-28T20-26-40Z";
    assert_eq!(names(&store, "old"), [format!("{second}_03"), format!("{second}_02"), second.to_owned()]);
    let counts: Vec<u64> = store.of("old").iter().map(|report| report.deletions).collect();
    assert_eq!(counts, [3, 2, 1]);
    // And one that has only begun has the name already.
    fs::write(root.path().join("reports/old/2026-05-28T20-26-41Z.json.new"), "{").unwrap();
    assert!(store.keep(at(1), &report(4, 0)).is_none());
    assert_eq!(names(&store, "old")[0], "2026-05-28T20-26-41Z_02");
}

#[test]
fn nothing_but_its_own_files_is_removed() {
    let root = tempfile::tempdir().unwrap();
    let place = root.path().join("reports/old");
    let foreign =
        ["notes.json", "2020-01-01.json", "2020-01-01T00-00-00Z.html", "2020-01-01T00-00-00Z_1.json", "z.json.new"];
    fs::create_dir_all(place.join("2020-01-02T00-00-00Z.json")).unwrap();
    for name in foreign {
        fs::write(place.join(name), "mine").unwrap();
    }
    // Broken off long ago, and just now by another process.
    fs::write(place.join("2020-01-01T00-00-00Z.json.new"), "{").unwrap();
    fs::write(place.join("2030-01-01T00-00-00Z.json.new"), "{").unwrap();
    fs::create_dir_all(root.path().join("reports/Not A Policy")).unwrap();
    fs::write(root.path().join("reports/file"), "").unwrap();
    let store = store(&root);
    for second in 0..12 {
        assert!(store.keep(at(second), &report(1, 0)).is_none());
    }
    let left = files(&root, "old");
    for name in foreign.into_iter().chain(["2020-01-02T00-00-00Z.json", "2030-01-01T00-00-00Z.json.new"]) {
        assert!(left.iter().any(|file| file == name), "{name} is not among {left:?}");
    }
    assert!(!left.iter().any(|file| file == "2020-01-01T00-00-00Z.json.new"), "{left:?}");
    assert_eq!(left.len(), KEPT + foreign.len() + 2);
    assert!(root.path().join("reports/Not A Policy").is_dir());
}

#[test]
fn the_new_one_stays_though_the_clock_was_set_back() {
    let root = tempfile::tempdir().unwrap();
    let store = store(&root);
    for second in 100..110 {
        assert!(store.keep(at(second), &report(1, 0)).is_none());
    }
    assert!(store.keep(at(0), &report(5, 0)).is_none());
    assert_eq!(store.of("old").len(), KEPT);
    assert_eq!(store.of("old")[9].deletions, 5);
}

#[test]
fn a_folder_that_can_not_be_had_is_told_once_until_it_can() {
    let root = tempfile::tempdir().unwrap();
    let place = root.path().join("reports");
    fs::write(&place, "").unwrap();
    let (store, errors) = ReportStore::open(folder(&root));
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(store.keep(at(0), &report(1, 0)).is_none(), "that was told");
    assert!(store.problem("old").unwrap().contains("the report can't be written to "));
    fs::remove_file(&place).unwrap();
    assert!(store.keep(at(2), &report(1, 0)).is_none());
    assert_eq!((store.problem("old"), store.of("old").len()), (None, 1));
    fs::remove_dir_all(&place).unwrap();
    fs::write(&place, "").unwrap();
    let error = store.keep(at(3), &report(1, 0)).unwrap();
    assert!(error.to_string().starts_with("the report can't be written to "), "{error}");
    assert!(store.keep(at(4), &report(1, 0)).is_none(), "that was told");
}

#[test]
fn one_that_is_damaged_is_told_and_left_out() {
    let root = tempfile::tempdir().unwrap();
    assert!(store(&root).keep(at(0), &report(1, 0)).is_none());
    fs::write(root.path().join("reports/old/2026-05-28T20-26-50Z.json"), "{\"format\": 1,").unwrap();
    let (store, errors) = ReportStore::open(folder(&root));
    assert!(errors.len() == 1 && errors[0].to_string().contains("2026-05-28T20-26-50Z.json"), "{errors:?}");
    assert_eq!(names(&store, "old"), ["2026-05-28T20-26-40Z"]);
    assert!(store.keep(at(60), &report(1, 0)).is_none(), "that was told");
    assert_eq!(store.of("old").len(), 2);
}

#[test]
fn where_none_are_kept_nothing_is_written() {
    let store = ReportStore::nowhere("`--no-journal` was given");
    assert!(store.keep(at(0), &report(1, 0)).is_none());
    assert!(store.of("old").is_empty() && store.last("old").is_empty());
    assert_eq!(store.why_none(), Some("`--no-journal` was given"));
}

#[test]
fn no_text_but_the_name_of_a_known_report_is_a_file() {
    let root = tempfile::tempdir().unwrap();
    let store = store(&root);
    assert!(store.keep(at(0), &report(1, 0)).is_none());
    let name = "2026-05-28T20-26-40Z";
    // There is such a file, and nobody wrote it down.
    let unknown = root.path().join("reports/old/2026-05-28T20-26-41Z.json");
    fs::copy(store.file("old", name).unwrap(), unknown).unwrap();
    for (policy, name) in [
        ("old", "2026-05-28T20-26-41Z"),
        ("old", "../old/2026-05-28T20-26-40Z"),
        ("old", ""),
        ("", name),
        ("../reports/old", name),
        ("./old", name),
        ("old/", name),
    ] {
        assert_eq!(store.file(policy, name), None::<PathBuf>, "{policy} {name}");
    }
}

#[test]
fn the_last_plan_is_told_beside_a_failure() {
    let root = tempfile::tempdir().unwrap();
    let store = store(&root);
    let failed = || PolicyReport { status: CycleStatus::Failed, ..report(0, 0) };
    let told = |store: &ReportStore| -> Vec<(Timestamp, usize)> {
        store.last("old").iter().map(|report| (report.as_of, report.policies[0].decisions.len())).collect()
    };
    assert!(store.keep(at(0), &failed()).is_none());
    assert_eq!(told(&store), [(at(0), 0)]);
    assert!(store.keep(at(1), &report(4, 0)).is_none());
    assert_eq!(told(&store), [(at(1), 0)], "without its rows");
    assert!(store.keep(at(2), &failed()).is_none());
    assert!(store.keep(at(3), &failed()).is_none());
    assert_eq!(told(&store), [(at(1), 0), (at(3), 0)]);
}

#[test]
fn the_first_rows_of_a_large_report_are_read_with_how_many_there_are_more() {
    let root = tempfile::tempdir().unwrap();
    let store = store(&root);
    let rows = |path: &Path, most: usize| {
        let policy = first_rows(path, most).unwrap().policies.remove(0);
        let left_out = (policy.decisions_left_out, policy.file_decisions_left_out);
        (ids(&policy.decisions), ids(&policy.file_decisions), left_out)
    };
    for (second, (packages, files)) in [(5, 3), (0, 3), (5, 0), (0, 0)].into_iter().enumerate() {
        assert!(store.keep(at(second as i64), &report(packages, files)).is_none());
        let path = store.file("old", &names(&store, "old")[0]).unwrap();
        for most in 0..10 {
            let (kept, kept_files) = (packages.min(most), files.min(most - packages.min(most)));
            let left_out = (2 + (packages - kept) as u64, (files - kept_files) as u64);
            assert_eq!(rows(&path, most), (kept, kept_files, left_out), "{packages} {files} {most}");
        }
        let whole = serde_json::to_value(Report::parse(&fs::read_to_string(&path).unwrap()).unwrap()).unwrap();
        assert_eq!(serde_json::to_value(first_rows(&path, 100).unwrap()).unwrap(), whole);
        let mut head = serde_json::to_value(head(&path).unwrap()).unwrap();
        for list in ["decisions", "file_decisions", "decisions_left_out"] {
            head["policies"][0][list] = whole["policies"][0][list].clone();
        }
        assert_eq!(head, whole);
    }
}
