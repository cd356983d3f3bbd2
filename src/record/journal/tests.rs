//! Opens, writes, breaks and opens again.

mod asked;
mod broken;
mod full;

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use tempfile::TempDir;

use super::chain::Chain;
use super::line::{FileNote, Grounds, Line};
use super::*;
use crate::package::{FileId, PackageId, ProjectId};
use crate::plan::{Ending, Outcome};

const URL: &str = "https://gitlab.example.com";

fn start(run: &str) -> RunStart {
    let text = |text: &str| text.to_owned();
    RunStart {
        run: text(run),
        generator: text("gleaner 0.1.0"),
        instance: Address::parse(URL).unwrap(),
        command: text("apply"),
        who: Some(text("retention-bot")),
        revision: None,
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn noon(day: u32) -> Timestamp {
    at(&format!("2026-11-{day:02}T12:00:00Z"))
}

fn open(folder: &TempDir, run: &str, now: Timestamp) -> Result<OpenedJournal, JournalError> {
    Journal::open(folder.path(), start(run), now)
}

fn deletion(package: u64, file: Option<u64>) -> DeleteLine {
    let text = |text: &str| text.to_owned();
    let note = |id| FileNote { id: FileId(id), name: Some(text("core.jar")), size: Some(1), sha256: None };
    DeleteLine {
        grounds: Grounds {
            policy: text("nightlies"),
            policy_sha256: text("00"),
            revision: None,
            rule: Some(text("delete[0]")),
            reason: text("selected"),
            because: text("it is “old”\nand big"),
            who: None,
        },
        project_id: ProjectId(42),
        project_path: Some(text("acme/api")),
        package_id: PackageId(package),
        package_type: text("generic"),
        name: text("nightly"),
        channel: None,
        version: Some(format!("1.{package}")),
        created_at: None,
        bytes: Some(1),
        pipeline: None,
        files: None,
        file: file.map(note),
        r#try: 1,
        again_of: None,
    }
}

fn deleted() -> JournalEnding {
    JournalEnding { ending: Ending::of(Outcome::Deleted), request_ids: vec!["01J".to_owned()] }
}

fn file_of(folder: &TempDir, month: &str) -> PathBuf {
    folder.path().join("gitlab.example.com").join(format!("journal-{month}.jsonl"))
}

/// It may still be done, so a later run has to look.
#[test]
fn a_deletion_that_nobody_could_confirm_stays_open() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(&folder, "one", noon(1)).unwrap().journal;
    journal.about(vec![deletion(1, None), deletion(2, None)], noon(1)).unwrap();
    let ending = Ending::with(Outcome::Unconfirmed, "the deletion was sent, and GitLab still has it");
    journal.ended(Seq(2), JournalEnding { ending, request_ids: Vec::new() }, noon(1)).unwrap();
    journal.ended(Seq(3), deleted(), noon(1)).unwrap();
    let numbers = |lines: Vec<OpenLine>| lines.into_iter().map(|line| line.seq).collect::<Vec<_>>();
    assert_eq!(numbers(journal.open_lines()), [Seq(2)]);
    drop(journal);
    assert_eq!(numbers(open(&folder, "two", noon(2)).unwrap().open), [Seq(2)]);
}

/// Every line of a file that can be read.
fn lines(path: &PathBuf) -> Vec<Line> {
    let text = fs::read(path).unwrap();
    text.split(|byte| *byte == b'\n').filter_map(|line| Line::read(line).ok()).collect()
}

fn kinds(path: &PathBuf) -> Vec<&'static str> {
    let kind = |line: &Line| match line.content {
        LineContent::Run(_) => "run",
        LineContent::Delete(_) => "delete",
        LineContent::Ended(_) => "ended",
        LineContent::Closed(_) => "closed",
        LineContent::Torn { .. } => "torn",
        LineContent::Rest { .. } => "rest",
    };
    lines(path).iter().map(kind).collect()
}

/// The breaks of the chain through these texts.
fn breaks(texts: &[&[u8]]) -> Vec<String> {
    let mut chain = Chain::default();
    let mut found = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        chain.begin_file(&format!("{number}"));
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            found.extend(chain.take(line.strip_suffix(b"\n").unwrap_or(line)));
        }
    }
    assert_eq!(chain.end().torn, None);
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn a_run_is_written_down_and_what_it_leaves_open_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let OpenedJournal { journal, open: none, torn } = open(&folder, "one", noon(1)).unwrap();
    assert_eq!((none, torn), (vec![], None));
    let seqs = journal.about(vec![deletion(1, None), deletion(2, Some(9)), deletion(3, None)], noon(1)).unwrap();
    assert_eq!(seqs, [Seq(2), Seq(3), Seq(4)]);
    journal.ended(Seq(2), deleted(), noon(1)).unwrap();
    let again = journal.about(vec![deletion(3, None)], noon(2)).unwrap();
    assert_eq!(again, [Seq(6)]);
    drop(journal);

    let opened = open(&folder, "two", noon(3)).unwrap();
    let key = |package, file: Option<u64>| ItemKey {
        project_id: ProjectId(42),
        package_id: PackageId(package),
        file_id: file.map(FileId),
    };
    let line = |seq, time, item, r#try| OpenLine {
        seq: Seq(seq),
        time,
        item,
        package_type: "generic".to_owned(),
        name: "nightly".to_owned(),
        r#try,
    };
    let expected = [line(3, noon(1), key(2, Some(9)), 1), line(6, noon(2), key(3, None), 2)];
    assert_eq!(opened.open, expected);
    opened.journal.rest(noon(3)).unwrap();
    opened.journal.rest(noon(3)).unwrap();
    opened.journal.closed(Seq(3), Finding::Gone, noon(3), noon(3)).unwrap();
    assert_eq!(opened.journal.open_lines(), expected[1..]);
    drop(opened);

    // Nothing before `rest` is read.
    let path = file_of(&folder, "2026-11");
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(breaks(&[text.as_bytes()]), [""; 0]);
    fs::write(&path, text.replacen("\"seq\":2", "\"seq\":x", 1)).unwrap();
    assert_eq!(open(&folder, "three", noon(4)).unwrap().open, expected[1..]);
    let expected = ["run", "delete", "delete", "ended", "delete", "run", "rest", "closed", "run"];
    assert_eq!(kinds(&path), expected);
    assert_eq!(lines(&path).last().unwrap().seq, Seq(10));
}

#[test]
fn a_new_month_begins_a_file_and_a_clock_that_goes_back_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(&folder, "one", noon(30)).unwrap().journal;
    journal.about(vec![deletion(1, None)], noon(30)).unwrap();
    journal.ended(Seq(2), deleted(), at("2026-12-01T00:00:00Z")).unwrap();
    journal.about(vec![deletion(2, None)], noon(30)).unwrap();
    journal.rest(at("2026-12-02T00:00:00Z")).unwrap();
    let (november, december) = (file_of(&folder, "2026-11"), file_of(&folder, "2026-12"));
    assert_eq!(kinds(&november), ["run", "delete"]);
    assert_eq!(kinds(&december), ["run", "ended", "delete", "rest"]);
    let texts = [fs::read(&november).unwrap(), fs::read(&december).unwrap()];
    assert_eq!(breaks(&[&texts[0], &texts[1]]), [""; 0]);
    let first = &lines(&december)[0];
    assert!(matches!(&first.content, LineContent::Run(run) if run.began == noon(30)), "{first:?}");
    drop(journal);
    // A later month begins its file at once, an earlier one goes on with the newest.
    open(&folder, "two", at("2027-01-01T00:00:00Z")).unwrap();
    let opened = open(&folder, "three", noon(1)).unwrap();
    assert_eq!(kinds(&file_of(&folder, "2027-01")), ["run", "run"]);
    assert_eq!(opened.open.len(), 1);
    assert_eq!(lines(&december).last().unwrap().seq, Seq(6));
}

#[test]
fn whole_months_are_forgotten_with_their_index() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(&folder, "one", at("2024-01-01T00:00:00Z")).unwrap().journal;
    let seqs = journal.about(vec![deletion(1, None)], at("2024-02-01T00:00:00Z")).unwrap();
    for month in ["2024-03", "2024-04"] {
        let seqs = journal.about(vec![deletion(2, None)], at(&format!("{month}-01T00:00:00Z"))).unwrap();
        journal.ended(seqs[0], deleted(), at(&format!("{month}-01T00:00:00Z"))).unwrap();
    }
    let index = journal.folder().join("journal-2024-01.index");
    fs::write(&index, "").unwrap();
    let forgotten =
        |before: &str| -> Vec<String> { journal.forget(at(before)).unwrap().iter().map(ToString::to_string).collect() };
    assert_eq!(forgotten("2023-12-01T00:00:00Z"), [""; 0]);
    assert_eq!(forgotten("2030-01-01T00:00:00Z"), ["2024-01"]);
    assert!(!index.exists());
    journal.ended(seqs[0], deleted(), at("2024-04-02T00:00:00Z")).unwrap();
    assert_eq!(forgotten("2030-01-01T00:00:00Z"), ["2024-02", "2024-03"]);
    journal.rest(at("2024-04-02T00:00:00Z")).unwrap();
    drop(journal);
    assert_eq!(open(&folder, "two", at("2024-04-02T00:00:00Z")).unwrap().open, []);
}

#[test]
fn the_second_of_two_is_told_who_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(&folder, "one", noon(1)).unwrap();
    let error = open(&folder, "two", noon(2)).unwrap_err().to_string();
    let holder = format!("in use, by process {}", std::process::id());
    assert!(error.contains(&holder) && error.contains("since 2026-11-01T12:00:00Z"), "{error}");
    // What the file says is a message and no more.
    fs::write(first.journal.folder().join("lock"), "{}").unwrap();
    let error = open(&folder, "two", noon(2)).unwrap_err();
    assert!(matches!(error, JournalError::Taken { holder: None, .. }), "{error}");
    drop(first);
    open(&folder, "two", noon(2)).unwrap();
}

#[test]
fn a_journal_that_this_release_cant_go_on_with_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    open(&folder, "one", noon(1)).unwrap();
    let path = file_of(&folder, "2026-11");
    let text = fs::read_to_string(&path).unwrap();
    let refused = |text: &str| {
        fs::write(&path, text).unwrap();
        let error = open(&folder, "two", noon(2)).unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "nothing is written to it");
        error.to_string()
    };
    let line = "{\"format\":1,\"seq\":2,\"prev\":\"00\",\"kind\":\"marked\"}\n";
    let newer = [text.clone() + line, text.replacen("\"format\":1", "\"format\":2", 1)];
    for (text, number) in newer.iter().zip([2, 1]) {
        let error = refused(text);
        assert!(error.starts_with(&format!("line {number} of {}", path.display())), "{error}");
        assert!(error.contains("is from a newer release of gleaner"), "{error}");
    }
    let error = refused(&text.replacen("gitlab.example", "gitlab.elsewhere", 1));
    assert!(error.contains("is of the GitLab at https://gitlab.elsewhere.com"), "{error}");
    let error = refused(&format!("{text}{{\"format\":1,\"kind\":\"delete\"}}\n"));
    assert!(error.starts_with("line 2 of ") && error.contains("missing field"), "{error}");
    let error = refused(&format!("what is this\n{text}"));
    assert!(error.starts_with("line 1 of ") && error.contains("can't be used"), "{error}");
}

#[test]
fn what_is_no_file_is_a_clear_error_and_what_is_empty_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(&folder, "one", noon(1)).unwrap().journal;
    journal.about(vec![deletion(1, None)], noon(1)).unwrap();
    drop(journal);
    // A crash may leave a file without a line.
    fs::write(file_of(&folder, "2026-12"), "").unwrap();
    let opened = open(&folder, "two", noon(2)).unwrap();
    assert_eq!(opened.open.len(), 1);
    assert_eq!(lines(&file_of(&folder, "2026-12"))[0].seq, Seq(3));
    drop(opened);

    fs::create_dir(file_of(&folder, "2027-01")).unwrap();
    let error = open(&folder, "three", noon(2)).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(error.to_string().contains("can't be read from ") && cause.contains("s a directory"), "{error}: {cause}");

    let file = tempfile::NamedTempFile::new().unwrap();
    let error = Journal::open(file.path(), start("four"), noon(2)).unwrap_err();
    assert!(error.to_string().starts_with("the folder for the journal, "), "{error}");
}

#[test]
fn a_tail_of_nothing_but_zeros_is_told_as_torn() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(&folder, "one", noon(1)).unwrap().journal;
    journal.about(vec![deletion(1, None)], noon(1)).unwrap();
    drop(journal);
    let path = file_of(&folder, "2026-11");
    let text = [fs::read(&path).unwrap(), vec![0; 300_000]].concat();
    fs::write(&path, &text).unwrap();
    let opened = open(&folder, "two", noon(2)).unwrap();
    assert_eq!((opened.open.len(), opened.torn), (1, Some(300_000)));
    assert_eq!(kinds(&path), ["run", "delete", "torn", "run"]);
    assert_eq!(breaks(&[&fs::read(&path).unwrap()]), [""; 0]);
}

/// The file is cut at any byte of its last lines, and the journal that was opened then is cut again.
#[test]
fn no_cut_loses_or_invents_a_whole_line() {
    // Some thousand journals are opened, each of which waits for the disk, unless it is none.
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let journal = open(&folder, "one", noon(1)).unwrap().journal;
    journal.about(vec![deletion(1, None), deletion(2, None)], noon(1)).unwrap();
    journal.ended(Seq(2), deleted(), noon(1)).unwrap();
    drop(journal);
    let path = file_of(&folder, "2026-11");
    let whole = fs::read(&path).unwrap();
    let ends = |text: &[u8]| text.iter().filter(|byte| **byte == b'\n').count();
    let cut_and_open = |text: &[u8]| {
        fs::write(&path, text).unwrap();
        let opened = open(&folder, "two", noon(2)).unwrap();
        let after = fs::read(&path).unwrap();
        assert!(after.starts_with(text));
        assert_eq!(breaks(&[&after]), [""; 0], "{}", String::from_utf8_lossy(&after));
        (opened, after)
    };
    for cut in 0..=whole.len() {
        let (opened, after) = cut_and_open(&whole[..cut]);
        // A line that lacks nothing but its newline is whole.
        let is_line = whole.get(cut) == Some(&b'\n');
        let told = ends(&whole[..cut]) + usize::from(is_line);
        let is_torn = !is_line && cut > 0 && whole[cut - 1] != b'\n';
        assert_eq!(opened.torn.is_some(), is_torn, "{cut}");
        assert_eq!(lines(&path).len(), told + 1 + usize::from(is_torn), "{cut}");
        assert_eq!(opened.open.len(), [0, 0, 1, 2, 1][told], "{cut}");
        drop(opened);
        // The line that tells of it may be broken off as well, and the one after that.
        if cut % 97 == 0 {
            for cut in (cut..after.len()).step_by(13) {
                let (opened, _) = cut_and_open(&after[..cut]);
                assert_eq!(opened.open.len(), [0, 0, 1, 2, 1][told], "{cut}");
            }
        }
    }
}

#[derive(Debug, Clone)]
enum Step {
    About(Vec<u64>),
    End(usize),
    Close(usize),
    Rest,
    Reopen,
    NextMonth,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::collection::btree_set(0_u64..12, 1..4).prop_map(|ids| Step::About(ids.into_iter().collect())),
        4 => (0_usize..8).prop_map(Step::End),
        1 => (0_usize..8).prop_map(Step::Close),
        1 => Just(Step::Rest),
        1 => Just(Step::Reopen),
        1 => Just(Step::NextMonth),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// Whatever is written, what the next run finds open is what this one knows as open.
    #[test]
    fn reading_back_finds_what_was_open(steps in prop::collection::vec(step(), 1..40)) {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let mut month = 0;
        let now = |month: u32| at(&format!("{}-{:02}-01T00:00:00Z", 2026 + month / 12, month % 12 + 1));
        let mut opened = open(&folder, "run", now(month)).unwrap();
        for step in steps {
            let open_lines = opened.journal.open_lines();
            let nth = |number: usize| open_lines.get(number % open_lines.len().max(1)).map_or(Seq(99_999), |line| line.seq);
            match step {
                Step::About(ids) => {
                    let deletions = ids.iter().map(|id| deletion(*id, None)).collect();
                    opened.journal.about(deletions, now(month)).unwrap();
                }
                Step::End(number) => opened.journal.ended(nth(number), deleted(), now(month)).unwrap(),
                Step::Close(number) => {
                    opened.journal.closed(nth(number), Finding::NotDeleted, now(month), now(month)).unwrap();
                }
                Step::Rest => opened.journal.rest(now(month)).unwrap(),
                Step::NextMonth => month += 1,
                Step::Reopen => {
                    drop(opened);
                    opened = open(&folder, "run", now(month)).unwrap();
                    prop_assert_eq!(&opened.open, &open_lines);
                }
            }
        }
        let open_lines = opened.journal.open_lines();
        drop(opened);
        let texts: Vec<Vec<u8>> = shelf::months(&folder.path().join("gitlab.example.com")).unwrap().iter()
            .map(|month| fs::read(file_of(&folder, &month.to_string())).unwrap()).collect();
        let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
        prop_assert_eq!(breaks(&texts), Vec::<String>::new());
        prop_assert_eq!(open(&folder, "last", now(month)).unwrap().open, open_lines);
    }
}
