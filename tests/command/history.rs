//! `gleaner history`: the deletions of a journal in every form, and what is wrong with it.

use std::fs;
use std::path::PathBuf;

use gleaner::package::address::Address;
use gleaner::package::{FileId, PackageId, ProjectId};
use gleaner::plan::{Ending, Outcome};
use gleaner::record::journal::chain::Seq;
use gleaner::record::journal::line::{DeleteLine, FileNote, Finding, Grounds};
use gleaner::record::journal::{Journal, JournalEnding, RunStart, folder_name};
use gleaner_support::run_start;
use jiff::Timestamp;
use serde_json::Value;

use crate::cli::program::{Ended, Program};

const URL: &str = "https://gitlab.example.com";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn opened(program: &Program, url: &str, run: &str, now: &str) -> Journal {
    let who = Some("retention-bot".to_owned());
    let start = RunStart { generator: "gleaner 0.1.0".to_owned(), who, ..run_start(run, url) };
    Journal::open(&program.folder().join("journal"), start, at(now)).unwrap().journal
}

fn deletion(package: u64, name: &str, policy: &str) -> DeleteLine {
    DeleteLine {
        grounds: Grounds {
            policy: policy.to_owned(),
            policy_sha256: "ab".repeat(32),
            revision: Some("9c1f3a77".to_owned()),
            rule: Some("delete[0]".to_owned()),
            reason: "selected".to_owned(),
            because: "version matches *-SNAPSHOT; never downloaded in 1148 days (not_downloaded_for 90d)".to_owned(),
            who: Some("retention-bot".to_owned()),
        },
        project_id: ProjectId(42),
        project_path: Some("acme/platform/api".to_owned()),
        package_id: PackageId(package),
        package_type: "maven".to_owned(),
        name: name.to_owned(),
        channel: None,
        version: Some(format!("1.{package}-SNAPSHOT")),
        created_at: Some(at("2023-01-01T00:00:00Z")),
        bytes: Some(package * 1000),
        pipeline: None,
        files: None,
        file: None,
        r#try: 1,
        again_of: None,
    }
}

fn ending(outcome: Outcome, problem: Option<&str>) -> JournalEnding {
    let ending = Ending { outcome, problem: problem.map(str::to_owned) };
    JournalEnding { ending, request_ids: vec!["01JDQ".to_owned()] }
}

/// A journal of two months and two runs: what went, a file, what was forbidden, what an earlier run left, and what is open.
fn written() -> Program {
    let program = Program::with(&[]);
    let journal = opened(&program, URL, "run-1", "2026-11-29T02:30:00Z");
    let november = at("2026-11-29T02:31:07.25Z");
    let file = FileNote { id: FileId(9), name: Some("core-1.3.jar".to_owned()), size: Some(70), sha256: None };
    let deletions = vec![
        deletion(1, "com/acme/core", "snapshots"),
        deletion(2, "com/acme/core", "snapshots"),
        DeleteLine { file: Some(file), ..deletion(3, "com/acme/core", "snapshots") },
        DeleteLine { channel: Some("acme/\u{1b}[31mstable".to_owned()), ..deletion(4, "=zlib", "candidates") },
    ];
    assert_eq!(journal.about(deletions, november).unwrap(), [Seq(2), Seq(3), Seq(4), Seq(5)]);
    journal.ended(Seq(2), ending(Outcome::Deleted, None), november).unwrap();
    let problem = "GitLab answered 403: \"403 Forbidden\"";
    journal.ended(Seq(4), ending(Outcome::Forbidden, Some(problem)), november).unwrap();
    journal.about(vec![deletion(2, "com/acme/core", "snapshots")], november).unwrap();
    drop(journal);
    let journal = opened(&program, URL, "run-2", "2026-12-01T02:30:00Z");
    let december = at("2026-12-01T02:31:00Z");
    journal.closed(Seq(5), Finding::Gone, december, december).unwrap();
    journal.closed(Seq(8), Finding::NotDeleted, december, december).unwrap();
    let mut last = deletion(5, "com/acme/core", "snapshots");
    (last.project_id, last.project_path) = (ProjectId(7), None);
    journal.about(vec![last], december).unwrap();
    program
}

fn file_of(program: &Program, name: &str) -> PathBuf {
    program.folder().join("journal/gitlab.example.com").join(name)
}

fn history(program: &Program, arguments: &[&str]) -> Ended {
    program.run(&[&["history", "--journal", "journal"], arguments].concat())
}

/// The packages that the JSON form tells of, each with its outcome.
fn told(program: &Program, arguments: &[&str]) -> Vec<(u64, String)> {
    let ended = history(program, &[&["--output", "json"], arguments].concat());
    let rows = ended.json()["deletions"].as_array().unwrap().clone();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(rows.is_empty(), ended.stderr == "the journal has no such deletion\n", "{}", ended.stderr);
    let outcome = |row: &Value| row["outcome"].as_str().unwrap().to_owned();
    rows.iter().map(|row| (row["package_id"].as_u64().unwrap(), outcome(row))).collect()
}

fn ids(program: &Program, arguments: &[&str]) -> Vec<u64> {
    told(program, arguments).into_iter().map(|(id, _)| id).collect()
}

#[test]
fn the_table_tells_who_deleted_what_when_and_why() {
    let ended = history(&written(), &[]);
    let expected = r#"https://gitlab.example.com

run run-1, by retention-bot, policy snapshots at 9c1f3a77
  acme/platform/api  maven com/acme/core
    2026-11-29T02:31:07Z  deleted        1.1-SNAPSHOT
      delete[0]: version matches *-SNAPSHOT; never downloaded in 1148 days
      (not_downloaded_for 90d)
    2026-11-29T02:31:07Z  not_deleted    1.2-SNAPSHOT
      delete[0]: version matches *-SNAPSHOT; never downloaded in 1148 days
      (not_downloaded_for 90d)
      ! it was about to be deleted when the run broke off, and was found to be
      there
    2026-11-29T02:31:07Z  forbidden      1.3-SNAPSHOT, file core-1.3.jar
      delete[0]: version matches *-SNAPSHOT; never downloaded in 1148 days
      (not_downloaded_for 90d)
      ! GitLab answered 403: "403 Forbidden"

run run-1, by retention-bot, policy candidates at 9c1f3a77
  acme/platform/api  maven =zlib @acme/\u{1b}[31mstable
    2026-11-29T02:31:07Z  gone           1.4-SNAPSHOT
      delete[0]: version matches *-SNAPSHOT; never downloaded in 1148 days
      (not_downloaded_for 90d)
      ! it was about to be deleted when the run broke off, and was found to be
      gone

run run-2, by retention-bot, policy snapshots at 9c1f3a77
  project 7  maven com/acme/core
    2026-12-01T02:31:00Z  unknown        1.5-SNAPSHOT
      delete[0]: version matches *-SNAPSHOT; never downloaded in 1148 days
      (not_downloaded_for 90d)
      ! it was about to be deleted, and nobody knows what became of it
"#;
    assert_eq!((ended.code, ended.stdout.as_str()), (0, expected), "{}", ended.stderr);
    let widest = ended.stdout.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{widest:?}: {}", ended.stdout);
}

#[test]
fn json_has_everything_and_the_oldest_first() {
    let program = written();
    let report = history(&program, &["--output", "json"]).json();
    assert_eq!(report["format"], 1);
    assert!(report["generator"].as_str().unwrap().starts_with("gleaner "));
    let rows = report["deletions"].as_array().unwrap();
    let expected = serde_json::json!({
        "gitlab": URL, "time": "2026-11-29T02:31:07.25Z", "who": "retention-bot", "project_id": 42,
        "project_path": "acme/platform/api", "package_id": 3, "package_type": "maven", "name": "com/acme/core",
        "channel": null, "version": "1.3-SNAPSHOT", "file_id": 9, "file_name": "core-1.3.jar",
        "created_at": "2023-01-01T00:00:00Z", "bytes": 3000, "pipeline": null, "files": null, "outcome": "forbidden",
        "problem": "GitLab answered 403: \"403 Forbidden\"", "ended_at": "2026-11-29T02:31:07.25Z",
        "request_ids": ["01JDQ"], "policy": "snapshots", "policy_sha256": "ab".repeat(32), "revision": "9c1f3a77",
        "rule": "delete[0]", "reason": "selected",
        "because": "version matches *-SNAPSHOT; never downloaded in 1148 days (not_downloaded_for 90d)",
        "run": "run-1", "try": 1, "seq": 4
    });
    assert_eq!(rows[2], expected);
    assert_eq!((&rows[1]["try"], &rows[1]["seq"]), (&2.into(), &8.into()));
    let expected = [(1, "deleted"), (2, "not_deleted"), (3, "forbidden"), (4, "gone"), (5, "unknown")];
    assert_eq!(told(&program, &[]), expected.map(|(id, outcome)| (id, outcome.to_owned())));
    let empty = history(&program, &["--output", "json", "--run", "nobody"]).json();
    assert_eq!(empty["deletions"], serde_json::json!([]));
}

#[test]
fn csv_is_harmless_in_a_spreadsheet() {
    let ended = history(&written(), &["--output", "csv"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(lines.len(), 6, "{}", ended.stdout);
    assert!(
        lines[0].starts_with("time,who,gitlab,project_path,package_type,name,channel,version,file_name,bytes,outcome,")
    );
    assert!(lines[4].contains(",'=zlib,"), "{}", lines[4]);
    assert!(
        lines[1]
            .starts_with("2026-11-29T02:31:07.25Z,retention-bot,https://gitlab.example.com,acme/platform/api,maven,")
    );
}

#[test]
fn what_is_asked_for_is_told_and_nothing_else() {
    let program = written();
    let table: [(&[&str], &[u64]); 19] = [
        (&["--package", "com/acme/core"], &[1, 2, 3, 5]),
        (&["--package", "core"], &[]),
        (&["--policy", "candidates"], &[4]),
        (&["--run", "run-2"], &[5]),
        (&["--run", "run-1", "--policy", "snapshots"], &[1, 2, 3]),
        (&["--project", "acme/platform/api"], &[1, 2, 3, 4]),
        (&["--project", "acme/**"], &[1, 2, 3, 4]),
        (&["--project", "acme/*"], &[]),
        (&["--project", "7"], &[5]),
        (&["--project", "7", "--project", "acme/**"], &[1, 2, 3, 4, 5]),
        (&["--since", "2026-11-30"], &[5]),
        (&["--since", "2026-11-29T02:31:07Z"], &[1, 2, 3, 4, 5]),
        (&["--since", "2026-11-29T02:31:08Z"], &[5]),
        (&["--until", "2026-11-28"], &[]),
        (&["--until", "2026-11-29"], &[1, 2, 3, 4]),
        (&["--until", "2026-11-29T02:31:07Z"], &[]),
        (&["--until", "-999999d"], &[]),
        (&["--gitlab-url", "https://GitLab.example.com:443/"], &[1, 2, 3, 4, 5]),
        (&[], &[1, 2, 3, 4, 5]),
    ];
    for (arguments, expected) in table {
        assert_eq!(ids(&program, arguments), expected, "{arguments:?}");
    }
    for arguments in
        [&["--project", "a["][..], &["--gitlab-url", "ftp://x"], &["--since", "yesterday"], &["--verify", "--run", "x"]]
    {
        let ended = history(&program, arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn every_gitlab_below_the_folder_is_told_and_the_folder_of_one_as_well() {
    let program = written();
    let other = opened(&program, "http://127.0.0.1:3000/git", "run-3", "2026-11-01T00:00:00Z");
    other.about(vec![deletion(8, "other", "other")], at("2026-11-01T00:00:00Z")).unwrap();
    assert_eq!(ids(&program, &[]), [8, 1, 2, 3, 4, 5]);
    assert_eq!(ids(&program, &["--gitlab-url", "http://127.0.0.1:3000/git"]), [8]);
    let name = folder_name(&Address::parse("http://127.0.0.1:3000/git").unwrap());
    let ended = program.run(&["history", "--journal", &format!("journal/{name}"), "--output", "json"]);
    assert_eq!(ended.json()["deletions"][0]["package_id"], 8);
}

#[test]
fn without_a_journal_it_says_where_it_looked() {
    let program = Program::with(&[]).env("XDG_STATE_HOME", "");
    let missing = "; deletions are recorded by `apply` and `serve --execute`\n";
    let looked = |program: &Program, arguments: &[&str], place: &str| {
        let ended = program.run(&[&["history"], arguments].concat());
        assert_eq!((ended.code, ended.stdout.as_str()), (1, ""));
        assert_eq!(ended.stderr, format!("error: no journal in {place}{missing}"));
    };
    looked(&program, &["--journal", "nowhere"], "nowhere");
    fs::create_dir_all(program.folder().join("empty/gitlab.example.com")).unwrap();
    looked(&program, &["--journal", "empty"], "empty");
    looked(&program, &["--journal", "empty", "--gitlab-url", URL], "empty/gitlab.example.com");
    let ended = program.run(&["history"]);
    assert_eq!((ended.code, ended.stderr.contains("give --journal, or set HOME")), (2, true), "{}", ended.stderr);
    let program = program.env("HOME", "/nowhere").env("XDG_STATE_HOME", "relative");
    looked(&program, &[], "/nowhere/.local/state/gleaner/journal");
    looked(&program.env("XDG_STATE_HOME", "/state"), &[], "/state/gleaner/journal");
}

#[test]
fn a_broken_last_line_is_no_trouble_and_a_newer_one_is_told() {
    let program = written();
    let path = file_of(&program, "journal-2026-12.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let (whole, torn) = text.split_at(text.len() - 30);
    fs::write(&path, whole).unwrap();
    let ended = history(&program, &["--output", "json"]);
    assert_eq!((ended.code, ended.json()["deletions"].as_array().unwrap().len()), (3, 4));
    assert!(ended.stderr.contains("warning: line 4 of journal/gitlab.example.com/journal-2026-12.jsonl can't be read"));
    // The next run tells of it, and then it hides nothing.
    drop(opened(&program, URL, "run-4", "2026-12-02T00:00:00Z"));
    assert_eq!(ids(&program, &[]), [1, 2, 3, 4]);
    let verified = history(&program, &["--verify"]);
    assert_eq!((verified.code, verified.stderr.as_str()), (0, ""), "{}", verified.stdout);
    assert!(
        verified.stdout.contains(": 14 lines in journal/gitlab.example.com, and the chain holds\n"),
        "{}",
        verified.stdout
    );

    let newer = format!("{whole}{torn}").replace("\"kind\":\"closed\"", "\"kind\":\"understood\"");
    fs::write(&path, newer).unwrap();
    for arguments in [&["--output", "json"][..], &["--output", "json", "--package", "com/acme/core"]] {
        let ended = history(&program, arguments);
        assert_eq!(ended.code, 3, "{}", ended.stderr);
        let told = "warning: 2 lines of journal/gitlab.example.com/journal-2026-12.jsonl, from line 2 on, can't be read by \
                    this release of gleaner: a newer one wrote that\n";
        assert_eq!(ended.stderr, told);
        assert_eq!(ended.json()["deletions"][1]["outcome"], "unknown");
    }
}

#[test]
fn a_line_that_was_changed_is_found() {
    let program = written();
    let path = file_of(&program, "journal-2026-11.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("retention-bot\",\"project_id", "somebody-else\",\"project_id", 1)).unwrap();
    let ended = history(&program, &["--verify"]);
    assert_eq!(ended.code, 1, "{}", ended.stdout);
    let expected = "https://gitlab.example.com: 12 lines in journal/gitlab.example.com, and the chain is broken\n  \
                    journal-2026-11.jsonl:3: the line before it is not the one that was there when it was written\n";
    assert_eq!(ended.stdout, expected);
    fs::remove_file(&path).unwrap();
    let ended = history(&program, &["--verify"]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    assert!(
        ended.stdout.contains("it begins with line 9 of the journal: the files before were removed"),
        "{}",
        ended.stdout
    );
}

#[test]
fn an_index_is_made_and_a_damaged_one_hides_nothing() {
    let program = Program::with(&[]);
    let journal = opened(&program, URL, "run-1", "2026-11-01T00:00:00Z");
    let deletions = (0..3000).map(|package| deletion(package, &format!("core-{}", package % 1000), "snapshots"));
    journal.about(deletions.collect(), at("2026-11-01T00:00:00Z")).unwrap();
    let expected = [7, 1007, 2007];
    assert_eq!(ids(&program, &["--package", "core-7"]), expected);
    let index = file_of(&program, "journal-2026-11.index");
    let whole = fs::read(&index).unwrap();
    for place in (0..whole.len()).step_by(997) {
        let mut text = whole.clone();
        text[place] ^= 0x55;
        fs::write(&index, text).unwrap();
        assert_eq!(ids(&program, &["--package", "core-7"]), expected, "{place}");
    }
    assert_eq!(fs::read(&index).unwrap(), whole);
    // What came after it is found, and what can't be kept is no trouble.
    journal.about(vec![deletion(9007, "core-7", "snapshots")], at("2026-11-01T00:00:00Z")).unwrap();
    fs::remove_file(&index).unwrap();
    fs::create_dir(&index).unwrap();
    assert_eq!(ids(&program, &["--package", "core-7"]), [7, 1007, 2007, 9007]);
}

/// The run that sent it could not confirm it, and a later one found out.
#[test]
fn what_a_later_run_found_out_stands_for_what_could_not_be_confirmed() {
    let program = Program::with(&[]);
    let (first, later) = (at("2026-11-29T02:31:00Z"), at("2026-12-01T02:31:00Z"));
    let journal = opened(&program, URL, "run-1", "2026-11-29T02:30:00Z");
    let deletions = [1, 2, 3].map(|id| deletion(id, "com/acme/core", "snapshots"));
    assert_eq!(journal.about(deletions.to_vec(), first).unwrap(), [Seq(2), Seq(3), Seq(4)]);
    for seq in [Seq(2), Seq(3)] {
        journal.ended(seq, ending(Outcome::Unconfirmed, Some("GitLab still has it")), first).unwrap();
    }
    journal.ended(Seq(4), ending(Outcome::Deleted, None), first).unwrap();
    drop(journal);
    let journal = opened(&program, URL, "run-2", "2026-12-01T02:30:00Z");
    journal.closed(Seq(2), Finding::Gone, later, later).unwrap();
    let expected = [(1, "gone"), (2, "unconfirmed"), (3, "deleted")].map(|(id, outcome)| (id, outcome.to_owned()));
    for arguments in [&[][..], &["--package", "com/acme/core"]] {
        assert_eq!(told(&program, arguments), expected);
    }
}
