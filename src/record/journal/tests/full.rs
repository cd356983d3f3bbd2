//! Fills the disk, as far as a process can be told that it is full.

use super::*;

#[test]
fn a_journal_that_could_not_be_written_stays_so() {
    // The limit on the size of files holds for a whole process, so the writing is left to another one.
    if let Some(folder) = std::env::var_os("GLEANER_FULL_DISK") {
        let opened = Journal::open(Path::new(&folder), start("full"), noon(2)).unwrap();
        let mut result = Ok(Vec::new());
        for package in 10..100 {
            result = opened.journal.about(vec![deletion(package, None), deletion(package + 1000, None)], noon(2));
            if result.is_err() {
                break;
            }
        }
        let error = result.unwrap_err().to_string();
        assert!(error.contains("can't be written to"), "{error}");
        for later in [
            opened.journal.about(vec![deletion(1, None)], noon(3)).unwrap_err(),
            opened.journal.ended(Seq(2), deleted(), noon(3)).unwrap_err(),
            opened.journal.ended(Seq(7), deleted(), noon(3)).unwrap_err(),
            opened.journal.rest(noon(3)).unwrap_err(),
        ] {
            assert_eq!(later.to_string(), error);
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "record::journal::tests::full::a_journal_that_could_not_be_written_stays_so";
    let script = format!("trap '' XFSZ; ulimit -f 16; exec \"$0\" --exact {name} --nocapture");
    let ended = std::process::Command::new("sh")
        .args(["-c", &script])
        .arg(std::env::current_exe().unwrap())
        .env("GLEANER_FULL_DISK", folder.path())
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
    let text = fs::read(file_of(&folder, "2026-11")).unwrap();
    assert!(text.len() > 7000 && text.ends_with(b"\n"), "it is cut back to a whole line");
    assert_eq!(breaks(&[&text]), [""; 0]);
    let deletions = kinds(&file_of(&folder, "2026-11")).iter().filter(|kind| **kind == "delete").count();
    let opened = open(&folder, "next", noon(4)).unwrap();
    assert_eq!((opened.open.len(), opened.torn), (deletions, None));
}
