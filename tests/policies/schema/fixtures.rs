//! Files that are there for other tests: the schema takes what is valid, and of the rest what its list says.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::schema::{Editor, entries, read, root, shipped_policies};

#[test]
fn valid_files_are_accepted() {
    let editor = Editor::new();
    let fixtures = root().join("tests/fixtures/policies/valid");
    let fixtures =
        entries(&fixtures).into_iter().flat_map(|path| files(&path)).map(|text| ("a fixture".to_owned(), text));
    let shipped = shipped_policies().into_iter().map(|path| (path.clone(), read(&path)));
    for (name, text) in fixtures.chain(shipped).chain(blocks("README.md")).chain(blocks("docs/policy.md")) {
        if let Err(problems) = editor.check(&text) {
            panic!("{name}: {problems}\n{text}");
        }
    }
}

/// A fault that the schema can't express has its line in the list, with the reason; every other is found.
#[test]
fn invalid_files_are_rejected_but_for_those_on_the_list() {
    let editor = Editor::new();
    let fixtures = ["invalid", "broken"].map(|folder| entries(&root().join(FIXTURES).join(folder))).concat();
    let fixtures = fixtures.iter().filter(|path| path.extension().is_none_or(|ending| ending == "yaml"));
    let accepted = fixtures.filter(|path| files(path).iter().all(|text| editor.accepts(text)));
    let accepted: BTreeSet<String> = accepted.map(|path| name(path)).collect();
    assert_eq!(accepted, listed());
}

const FIXTURES: &str = "tests/fixtures/policies";

/// `invalid/age-list.yaml`.
fn name(path: &Path) -> String {
    path.strip_prefix(root().join(FIXTURES)).unwrap().to_str().unwrap().to_owned()
}

/// What the list names.
fn listed() -> BTreeSet<String> {
    let list = read(&format!("{FIXTURES}/accepted-by-the-schema.txt"));
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let names = lines.map(|line| {
        let (name, why) = line.split_once(": ").unwrap_or_else(|| panic!("no reason: {line}"));
        assert!(!why.is_empty(), "{line}");
        name.to_owned()
    });
    names.collect()
}

/// The text of a file, or of every file of a folder.
fn files(path: &Path) -> Vec<String> {
    let paths = if path.is_dir() { entries(path) } else { vec![path.to_owned()] };
    let paths = paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    paths.map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// The policies that a page shows whole.
fn blocks(page: &str) -> Vec<(String, String)> {
    let text = read(page);
    let blocks = text.split("```yaml\n").skip(1).map(|block| block.split("```").next().unwrap().to_owned());
    let blocks = blocks.filter(|block| block.starts_with("version: 1\n"));
    let blocks: Vec<_> = blocks.map(|block| (page.to_owned(), block)).collect();
    assert!(!blocks.is_empty(), "{page}");
    blocks
}
