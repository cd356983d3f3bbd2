//! Every lint has a name, a file of that name, and an example in its explanation that it is told of.

use std::fs;
use std::path::Path;

use gleaner::policy::LINTS;

use crate::lints::{lints, told as told_of};

/// Those whose explanation has no example: they need other files, or more patterns than anybody wants to read.
const WITHOUT_EXAMPLE: [&str; 3] = ["downloads-incomplete", "in-use-file-unusable", "patterns-not-compared"];

const POLICY: &str = "version: 1\nscope: { group: acme }\ndelete: [{ status: error }]\n";

#[test]
fn names_are_in_kebab_case_and_in_their_order() {
    let names = LINTS.map(|lint| lint.name);
    assert!(names.is_sorted() && names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    for name in names {
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{name}");
    }
}

#[test]
fn every_file_of_a_lint_is_in_the_list_by_its_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/policy/lint");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_lint = |path: &Path| fs::read_to_string(path).unwrap().contains(" static LINT: LintKind");
    let mut names: Vec<String> = files
        .filter(|path| is_lint(path))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().replace('_', "-"))
        .collect();
    names.sort();
    assert_eq!(names, LINTS.map(|lint| lint.name));
}

#[test]
fn the_example_of_a_lint_is_told_of() {
    let mut untold = Vec::new();
    for lint in LINTS {
        let Some((_, rest)) = lint.explanation.split_once("```yaml\n") else {
            assert!(WITHOUT_EXAMPLE.contains(&lint.name), "{} has no example", lint.name);
            continue;
        };
        let mut policy = format!("version: 1\n{}", rest.split("```").next().unwrap());
        for (key, text) in [("scope:", "scope: { group: acme }\n"), ("delete:", "delete: [{ status: error }]\n")] {
            if !policy.contains(&format!("\n{key}")) {
                policy.push_str(text);
            }
        }
        // An instance file has no rules, and a set has a policy.
        let files = match rest.starts_with("version: 1\ninstance:") {
            true => vec![("i.yaml", rest.split("```").next().unwrap()), ("p.yaml", POLICY)],
            false => vec![("p.yaml", policy.as_str())],
        };
        let told = lints(&files);
        if told.iter().all(|told| told.kind != lint) {
            untold.push(format!("{}: {:?}\n{policy}", lint.name, told.iter().map(told_of).collect::<Vec<_>>()));
        }
    }
    assert!(untold.is_empty(), "{}", untold.join("\n"));
}
