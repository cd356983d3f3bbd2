//! Asks journals, with and without their index.

use std::sync::LazyLock;

use super::*;
use crate::record::journal::{History, HistoryRow, ProjectQuery, Query};

fn named(package: u64) -> DeleteLine {
    let mut line = deletion(package, None);
    line.name = format!("nightly-{}", package % 5);
    line.grounds.policy = format!("policy-{}", package % 3);
    line.project_id = ProjectId(package % 4);
    line.project_path = Some(format!("Acme/g{}/p{}", package % 2, package % 4));
    line
}

fn rows(folder: &Path, query: &Query) -> Vec<HistoryRow> {
    let mut history = History::open(folder, query).unwrap();
    let mut rows = Vec::new();
    while let Some(some) = history.next_rows().unwrap() {
        rows.extend(some);
    }
    assert_eq!(history.unread(), []);
    rows
}

/// A query, and what of the rows it asks for.
type Asked = (Query, fn(&HistoryRow) -> bool);

static QUERIES: LazyLock<Vec<Asked>> = LazyLock::new(queries);

fn queries() -> Vec<Asked> {
    let projects = |texts: &[&str]| Query { projects: Some(ProjectQuery::parse(texts).unwrap()), ..Query::default() };
    let text = |text: &str| Some(text.to_owned());
    vec![
        (Query { package: text("nightly-3"), ..Query::default() }, |row| row.delete.name == "nightly-3"),
        (Query { package: text("nightly"), ..Query::default() }, |_| false),
        (Query { policy: text("policy-1"), ..Query::default() }, |row| row.delete.grounds.policy == "policy-1"),
        (Query { package: text("nightly-1"), policy: text("policy-0"), ..Query::default() }, |row| {
            row.delete.name == "nightly-1" && row.delete.grounds.policy == "policy-0"
        }),
        (projects(&["acme/g1/p3"]), |row| row.delete.project_id.0 == 3),
        (projects(&["2"]), |row| row.delete.project_id.0 == 2),
        (projects(&["acme/g1/*"]), |row| row.delete.project_id.0 % 2 == 1),
        (projects(&["acme/**", "!acme/g1/p3"]), |row| row.delete.project_id.0 != 3),
        (projects(&["!**/p1"]), |row| row.delete.project_id.0 != 1),
        (projects(&["/.*p[02]/", "acme/g1/p1"]), |row| row.delete.project_id.0 != 3),
        (projects(&["acme/g1"]), |_| false),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, ..ProptestConfig::default() })]

    /// An index hides no row and shows no other one, whatever it looks like.
    #[test]
    fn an_index_changes_no_answer(
        steps in prop::collection::vec(step(), 20..120),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 3),
        cut in any::<prop::sample::Index>(),
    ) {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let place = folder.path().join("gitlab.example.com");
        let mut month = 0;
        let now = |month: u32| at(&format!("{}-{:02}-01T00:00:00Z", 2026 + month / 12, month % 12 + 1));
        let mut opened = open(&folder, "run", now(month)).unwrap();
        let check = |what: &str| {
            let all = rows(&place, &Query::default());
            for (query, is_asked) in &*QUERIES {
                let expected: Vec<HistoryRow> = all.iter().filter(|row| is_asked(row)).cloned().collect();
                assert_eq!(rows(&place, query), expected, "{what}: {query:?}");
            }
        };
        let half = steps.len() / 2;
        for (number, step) in steps.into_iter().enumerate() {
            let open_lines = opened.journal.open_lines();
            let nth = |number: usize| open_lines.get(number % open_lines.len().max(1)).map_or(Seq(99_999), |line| line.seq);
            match step {
                Step::About(ids) => {
                    opened.journal.about(ids.iter().map(|id| named(*id)).collect(), now(month)).unwrap();
                }
                Step::End(number) => opened.journal.ended(nth(number), deleted(), now(month)).unwrap(),
                Step::Close(number) => {
                    opened.journal.closed(nth(number), Finding::Gone, now(month), now(month)).unwrap();
                }
                Step::Rest => opened.journal.rest(now(month)).unwrap(),
                Step::NextMonth => month += u32::from(number % 4 == 0),
                Step::Reopen => {
                    drop(opened);
                    opened = open(&folder, "run", now(month)).unwrap();
                }
            }
            if number == half {
                check("made");
            }
        }
        check("extended");
        for month in shelf::months(&place).unwrap() {
            let path = place.join(month.index_name());
            // One without a whole block has no index.
            let Ok(whole) = fs::read(&path) else { continue };
            for (place, byte) in &damage {
                let mut text = whole.clone();
                text[place.index(whole.len())] ^= byte;
                fs::write(&path, text).unwrap();
                check("damaged");
                assert_eq!(fs::read(&path).unwrap(), whole, "it is made anew");
            }
            fs::write(&path, &whole[..cut.index(whole.len())]).unwrap();
            check("cut");
        }
    }
}

#[test]
fn an_index_of_other_lines_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let other = tempfile::tempdir().unwrap();
    let place = |folder: &TempDir| folder.path().join("gitlab.example.com");
    for (folder, begin) in [(&folder, 0), (&other, 1000)] {
        let journal = open(folder, "one", noon(1)).unwrap().journal;
        journal.about((begin..begin + 100).map(named).collect(), noon(1)).unwrap();
    }
    let query = Query { package: Some("nightly-3".to_owned()), ..Query::default() };
    assert_eq!((rows(&place(&folder), &query).len(), rows(&place(&other), &query).len()), (20, 20));
    let index = |folder: &TempDir| place(folder).join("journal-2026-11.index");
    let right = fs::read(index(&folder)).unwrap();
    fs::copy(index(&other), index(&folder)).unwrap();
    let found: Vec<u64> = rows(&place(&folder), &query).iter().map(|row| row.delete.package_id.0).collect();
    assert_eq!(found, (0..100).filter(|id| id % 5 == 3).collect::<Vec<_>>());
    assert_eq!(fs::read(index(&folder)).unwrap(), right);
    // It can't be written.
    fs::remove_file(index(&folder)).unwrap();
    fs::create_dir(index(&folder)).unwrap();
    assert_eq!(rows(&place(&folder), &query).len(), 20);
}

#[test]
fn a_time_is_found_and_so_is_an_end_that_comes_later() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(&folder, "one", noon(1)).unwrap().journal;
    let mut seqs = Vec::new();
    for day in 1..=30 {
        seqs.extend(
            journal.about((0..4).map(|package| named(u64::from(day) * 10 + package)).collect(), noon(day)).unwrap(),
        );
    }
    for seq in &seqs[..80] {
        journal.ended(*seq, deleted(), at("2027-01-01T00:00:00Z")).unwrap();
    }
    let between =
        |since: &str, until: &str| Query { since: Some(at(since)), until: Some(at(until)), ..Query::default() };
    let place = folder.path().join("gitlab.example.com");
    let found = rows(&place, &between("2026-11-10T12:00:00Z", "2026-11-12T12:00:00Z"));
    assert_eq!((found.len(), found.iter().filter(|row| row.end.is_some()).count()), (8, 8));
    let found = rows(&place, &between("2026-11-20T12:00:00Z", "2026-11-22T12:00:00Z"));
    assert_eq!((found.len(), found.iter().filter(|row| row.end.is_some()).count()), (8, 4));
    assert_eq!(rows(&place, &between("2026-11-12T12:00:01Z", "2026-11-13T12:00:00Z")).len(), 0);
}

#[test]
fn what_cant_be_read_is_told_and_the_rest_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(&folder, "one", noon(1)).unwrap().journal;
    journal.about((0..40).map(named).collect(), noon(1)).unwrap();
    drop(journal);
    let path = file_of(&folder, "2026-11");
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let newer = lines[5].replace("\"format\":1", "\"format\":2");
    let spoilt = text.replace(lines[5], &newer).replace(lines[30], "?").replace(lines[31], "{}");
    fs::write(&path, spoilt).unwrap();
    for query in [Query::default(), Query { package: Some("nightly-4".to_owned()), ..Query::default() }] {
        let mut history = History::open(path.parent().unwrap(), &query).unwrap();
        let mut count = 0;
        while let Some(rows) = history.next_rows().unwrap() {
            count += rows.len();
        }
        // Packages 4, 29 and 30.
        assert_eq!(count, if query.is_narrow() { 6 } else { 37 });
        let unread = history.unread();
        assert_eq!((unread[0].line, unread[0].count, unread.len()), (6, 3, 1), "{unread:?}");
        assert_eq!(unread[0].problem, line::LineProblem::Newer);
    }
}
