//! Each fixture is a file of cases with problems, told exactly as the `.expected` beside it says.

use std::fs;
use std::path::PathBuf;

use gleaner::case::Cases;
use gleaner::policy::PolicySet;
use gleaner::yaml::Source;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/cases");
/// What was told in place of an expectation is written here, ready to be compared and copied.
const ACTUAL: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/cases");

#[test]
fn problems_are_told_as_expected_all_at_once() {
    fs::create_dir_all(ACTUAL).unwrap();
    let mut differences = Vec::new();
    let fixtures = files("yaml");
    assert!(fixtures.len() > 9, "only {} fixtures", fixtures.len());
    for fixture in &fixtures {
        let name = fixture.file_name().unwrap().to_str().unwrap();
        let source = Source::new(name, fs::read_to_string(fixture).unwrap());
        let told = match Cases::parse(&[source], &set()) {
            Ok(_) => "read without a problem\n".to_owned(),
            Err(errors) => format!("{errors}\n"),
        };
        if fs::read_to_string(fixture.with_extension("expected")).ok().as_ref() != Some(&told) {
            fs::write(PathBuf::from(ACTUAL).join(name).with_extension("expected"), &told).unwrap();
            differences.push(format!("{name}:\n{told}"));
        }
    }
    assert!(differences.is_empty(), "compare with {ACTUAL}\n\n{}", differences.join("\n"));
    assert_eq!(files("expected").len(), fixtures.len(), "an expectation belongs to nothing");
}

/// Policies, one of which has a scope that no path can be guessed for, and a protection.
fn set() -> PolicySet {
    let sources = [
        ("old.yaml", "version: 1\nscope: { group: acme }\ndelete: [{ older_than: 30d }]\nkeep: [{ newest: 2 }]\n"),
        (
            "narrow.yaml",
            "version: 1\nscope: { group: acme, paths: '/acme/team-[0-9]+/.*/' }\ndelete: [{ older_than: 30d }]\n",
        ),
        (
            "trim.yaml",
            "version: 1\nscope: { group: acme }\nfiles: [{ type: generic, keep_newest: 2 }]\nkeep: [{ name: x }]\n",
        ),
        ("on-hold.yaml", "version: 1\nprotect: [{ name: evidence }]\n"),
    ];
    PolicySet::parse(&sources.map(|(file, text)| Source::new(file, text))).unwrap().0
}

fn files(ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(FIXTURES).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|other| other == ending)).collect();
    files.sort();
    files
}
