//! Reads chains that somebody cut, changed or put together from parts.

use super::*;
use crate::record::journal::verify;

/// A journal of three months, as its files.
fn written(folder: &TempDir) -> [PathBuf; 3] {
    let journal = open(folder, "one", noon(1)).unwrap().journal;
    for (package, day) in [(1, "2026-11-01"), (2, "2026-12-01"), (3, "2027-01-01"), (4, "2027-01-02")] {
        let day = at(&format!("{day}T12:00:00Z"));
        let seqs = journal.about(vec![deletion(package, None)], day).unwrap();
        journal.ended(seqs[0], deleted(), day).unwrap();
    }
    ["2026-11", "2026-12", "2027-01"].map(|month| file_of(folder, month))
}

fn found(files: &[PathBuf]) -> Vec<String> {
    let verified = verify(files[0].parent().unwrap()).unwrap();
    verified.breaks.iter().map(ToString::to_string).collect()
}

fn edit(path: &PathBuf, change: impl FnOnce(&mut Vec<String>)) {
    let text = fs::read_to_string(path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    change(&mut lines);
    fs::write(path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
}

#[test]
fn every_break_is_told_with_its_file_and_line() {
    let skipped = |line: u64, expected: u64, found: u64| {
        format!("journal-2027-01.jsonl:{line}: it is line {found} of the journal, and should be {expected}")
    };
    let hash = |line: u64| {
        format!("journal-2027-01.jsonl:{line}: the line before it is not the one that was there when it was written")
    };
    type Change = fn(&mut Vec<String>);
    let table: [(Change, Vec<String>); 7] = [
        (|_| {}, vec![]),
        (|lines| lines[1] = lines[1].replace("nightly", "daily"), vec![hash(3)]),
        (|lines| drop(lines.remove(2)), vec![skipped(3, 9, 10)]),
        (|lines| lines.insert(2, lines[1].clone()), vec![skipped(3, 9, 8)]),
        (|lines| lines.swap(1, 2), vec![skipped(2, 8, 9), skipped(3, 10, 8), skipped(4, 9, 10)]),
        (|lines| lines[1] = "?".to_owned(), vec!["journal-2027-01.jsonl:2: it can't be read".to_owned()]),
        // A cut at the end can't be seen.
        (|lines| lines.truncate(2), vec![]),
    ];
    for (change, expected) in table {
        let folder = tempfile::tempdir().unwrap();
        let files = written(&folder);
        edit(&files[2], change);
        assert_eq!(found(&files), expected);
    }
}

#[test]
fn a_file_that_is_missing_between_two_is_told_and_one_before_all_is_no_break() {
    let folder = tempfile::tempdir().unwrap();
    let files = written(&folder);
    fs::remove_file(&files[1]).unwrap();
    let told = "journal-2027-01.jsonl:1: the file begins with line 7 of the journal, and should begin with 4: a file before \
                it is missing, or was cut";
    assert_eq!(found(&files), [told]);
    fs::remove_file(&files[0]).unwrap();
    let verified = verify(files[0].parent().unwrap()).unwrap();
    assert_eq!((verified.breaks, verified.end.begins_at, verified.end.lines), (vec![], Some(Seq(7)), 5));
}

#[test]
fn a_last_line_that_is_broken_off_is_told_and_no_break() {
    let folder = tempfile::tempdir().unwrap();
    let files = written(&folder);
    let text = fs::read(&files[2]).unwrap();
    fs::write(&files[2], &text[..text.len() - 10]).unwrap();
    let verified = verify(files[0].parent().unwrap()).unwrap();
    assert_eq!((verified.breaks, verified.end.torn), (vec![], Some(("journal-2027-01.jsonl".to_owned(), 5))));
    // What a line says to be torn has to be of that size.
    open(&folder, "two", at("2027-01-03T00:00:00Z")).unwrap();
    assert_eq!(found(&files), [""; 0]);
    edit(&files[2], |lines| lines[4].push('x'));
    assert_eq!(found(&files), ["journal-2027-01.jsonl:5: it can't be read"]);
}
