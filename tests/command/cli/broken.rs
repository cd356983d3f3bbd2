//! Policy files with mistakes sown into them: `gleaner check` finds every one in a single run, and nothing else. In a file
//! that is not YAML, the mistakes behind the first place that isn't are not marked, and not found.
//!
//! A mistake is marked in a comment beneath its line, with a caret below its column: `#     ^ message`; in the first
//! column it is `#< message`. Where a comment in between would change what the file is, the marks stand at its end with
//! line and column: `#@ 3:1 message`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::program::{Ended, Program};

/// File, line, column and message; a message that begins with `warning: ` is a lint.
type Told = (String, usize, usize, String);

#[test]
fn every_mistake_is_found_in_one_run() {
    let fixtures = entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/policies/broken"));
    let mut broken = 0;
    let mut mistakes = 0;
    for fixture in &fixtures {
        let files = if fixture.is_dir() { entries(fixture) } else { vec![fixture.clone()] };
        let files: Vec<(String, String)> = files
            .iter()
            .map(|file| (file.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(file).unwrap()))
            .collect();
        let sown: BTreeSet<Told> = files.iter().flat_map(|(name, text)| marked(name, text)).collect();
        assert!((2..=12).contains(&sown.len()), "{}: {} mistakes", fixture.display(), sown.len());
        let is_valid = sown.iter().all(|(_, _, _, message)| message.starts_with("warning: "));
        let policies: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let ended = Program::with(&policies).run(&["check"]);
        assert_eq!(ended.code, if is_valid { 0 } else { 2 }, "{}: {}", fixture.display(), ended.stderr);
        let found = found(&ended, &files);
        let told = |told: &BTreeSet<Told>, others: &BTreeSet<Told>| {
            let lines = told
                .difference(others)
                .map(|(file, line, column, message)| format!("{file}:{line}:{column} {message}"));
            lines.collect::<Vec<_>>().join("\n")
        };
        assert!(
            found == sown,
            "{}\nsown and not found:\n{}\nfound and not sown:\n{}",
            fixture.display(),
            told(&sown, &found),
            told(&found, &sown)
        );
        broken += usize::from(!is_valid);
        mistakes += sown.len();
    }
    assert!(broken >= 30, "only {broken} files are broken");
    assert!(mistakes >= 200, "only {mistakes} mistakes");
}

/// The marks of a file.
fn marked(file: &str, text: &str) -> Vec<Told> {
    let mut line = 0;
    let mut marks = Vec::new();
    for (index, text) in text.lines().enumerate() {
        let (line, column, message) = if let Some(rest) = text.strip_prefix("#@ ") {
            let (place, message) = rest.split_once(' ').unwrap();
            let (line, column) = place.split_once(':').unwrap();
            (line.parse().unwrap(), column.parse().unwrap(), message)
        } else if let Some(message) = text.strip_prefix("#< ") {
            (line, 1, message)
        } else if let Some((before, message)) = text.strip_prefix('#').and_then(|rest| rest.split_once("^ "))
            && before.trim().is_empty()
        {
            (line, before.len() + 2, message)
        } else {
            line = index + 1;
            continue;
        };
        marks.push((file.to_owned(), line, column, message.to_owned()));
    }
    marks
}

/// What the program told, each with the line that it is about.
fn found(ended: &Ended, files: &[(String, String)]) -> BTreeSet<Told> {
    let mut found = BTreeSet::new();
    let mut lines = ended.stderr.lines().peekable();
    while let Some(line) = lines.next() {
        let (level, rest) = match line.strip_prefix("warning: ") {
            Some(rest) => ("warning: ", rest),
            None => ("", line),
        };
        let Some(rest) = rest.strip_prefix("policies/") else {
            assert!(line.is_empty() || line.starts_with("  "), "{line:?} has no place");
            continue;
        };
        let [file, line, column, message] = rest.splitn(4, ':').collect::<Vec<_>>()[..] else { panic!("{rest}") };
        let (line, column): (usize, usize) = (line.parse().unwrap(), column.parse().unwrap());
        assert_excerpt(&[lines.next().unwrap(), lines.next().unwrap()], files, (file, line, column));
        let is_new = found.insert((file.to_owned(), line, column, format!("{level}{}", message.trim_start())));
        assert!(is_new, "{file}:{line}:{column}:{message} is told twice");
    }
    found
}

/// The line itself, with a caret below what is meant.
fn assert_excerpt(excerpt: &[&str; 2], files: &[(String, String)], (file, line, column): (&str, usize, usize)) {
    let (_, text) = files.iter().find(|(name, _)| name == file).unwrap();
    let meant = text.trim_start_matches('\u{feff}').lines().nth(line - 1).unwrap_or_default().trim_end();
    let shown = excerpt[0].strip_prefix(&format!("{line:>4} |")).unwrap_or_else(|| panic!("{excerpt:?}"));
    let caret = excerpt[1].chars().position(|c| c == '^').unwrap_or_else(|| panic!("{excerpt:?}"));
    // A long line is cut, and a tab is four blanks.
    if meant.chars().count() <= 100 && !meant.contains('\t') {
        assert_eq!(shown.trim_start(), meant.trim_start());
        assert_eq!(caret, "     | ".len() + column - 1, "{excerpt:?}");
    } else {
        let above = |text: &str| text.chars().nth(caret);
        assert_eq!(above(excerpt[0]), meant.chars().nth(column - 1), "{excerpt:?}");
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
