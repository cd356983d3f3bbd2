//! The shipped policies and their cases.

use std::fs;
use std::path::Path;

use gleaner::case::Cases;
use gleaner::policy::{PolicySet, Source};

use crate::mutants;

#[test]
fn the_cases_of_the_shipped_policies_pass_and_show_every_rule() {
    let set = set(&shipped("policies"));
    let outcome = Cases::parse(&shipped("policies/cases"), &set).unwrap_or_else(|errors| panic!("{errors}")).run(&set);
    assert!(outcome.is_as_expected(), "{outcome}");
    assert!(outcome.unshown.is_empty(), "{:?}", outcome.unshown);
    for source in shipped("policies") {
        assert!(
            Path::new(&source.file.replace("policies/", "policies/cases/")).exists(),
            "{} has no cases",
            source.file
        );
    }
}

#[test]
fn every_change_of_a_condition_fails_a_case() {
    let sources = shipped("policies");
    let cases = shipped("policies/cases");
    let (mut failing, mut unreadable, mut invalid) = (0, 0, Vec::new());
    let mut survivors = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        for mutant in mutants::of(&source.text) {
            let what = format!("{}: {}", source.file, mutant.what);
            let mut changed = sources.clone();
            changed[index].text = mutant.text;
            let Ok((set, _)) = PolicySet::parse(&changed) else {
                invalid.push(what);
                continue;
            };
            match Cases::parse(&cases, &set).map(|cases| cases.run(&set)) {
                Ok(outcome) if outcome.is_as_expected() => survivors.push(what),
                Ok(_) => failing += 1,
                Err(_) => unreadable += 1,
            }
        }
    }
    let (mutants, policies) = (failing + unreadable + survivors.len(), sources.len());
    println!(
        "{mutants} changes to {policies} policies: {failing} fail a case, {unreadable} take a rule away that a case names, \
         {} survive; {} more are no valid policy",
        survivors.len(),
        invalid.len()
    );
    assert!(survivors.is_empty(), "no case fails after\n{}", survivors.join("\n"));
    assert!(mutants > 150, "only {mutants} changes");
    assert!(invalid.len() * 5 < mutants, "too many changes are no valid policy:\n{}", invalid.join("\n"));
}

#[test]
fn the_case_in_the_readme_passes() {
    let readme = fs::read_to_string("README.md").unwrap();
    let (_, from_there) = readme.split_once("    version: 1\n    policy: maven-snapshots\n").unwrap();
    let body = from_there.split("\n\n").next().unwrap().replace("\n    ", "\n");
    let text = format!("version: 1\npolicy: maven-snapshots\n{}", body.trim_start());
    let set = set(&shipped("policies"));
    let cases = Cases::parse(&[Source::new("README.md", text)], &set).unwrap_or_else(|errors| panic!("{errors}"));
    let outcome = cases.run(&set);
    assert!(outcome.is_as_expected() && outcome.expectations == 2, "{outcome}");
}

fn set(sources: &[Source]) -> PolicySet {
    PolicySet::parse(sources).unwrap_or_else(|errors| panic!("{errors}")).0
}

/// Tests run in the folder of the package.
fn shipped(folder: &str) -> Vec<Source> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|ending| ending == "yaml")).collect();
    files.sort();
    files.iter().map(|path| Source::new(path.display().to_string(), fs::read_to_string(path).unwrap())).collect()
}
