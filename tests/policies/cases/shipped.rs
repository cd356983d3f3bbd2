//! The shipped policies and their cases.

use std::fs;
use std::path::Path;
use std::thread;

use gleaner::case::Cases;
use gleaner::policy::PolicySet;
use gleaner::yaml::Source;

use crate::cases::mutants;

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
    let (sources, cases) = (shipped("policies"), shipped("policies/cases"));
    // Each file on a thread of its own: there are many sets to read.
    let fates: Vec<(String, Fate)> = thread::scope(|scope| {
        let (sources, cases) = (&sources, &cases);
        let started: Vec<_> =
            (0..sources.len()).map(|file| scope.spawn(move || changed(file, sources, cases))).collect();
        started.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let of = |fate| fates.iter().filter(|(_, other)| *other == fate).map(|(what, _)| what.as_str()).collect::<Vec<_>>();
    let [fails, unreadable, survives, invalid] = [Fate::Fails, Fate::Unreadable, Fate::Survives, Fate::Invalid].map(of);
    println!(
        "{} changes to {} policies: {} fail a case, {} take a rule away that a case names, {} survive; {} more are no \
         valid policy",
        fates.len() - invalid.len(),
        sources.len(),
        fails.len(),
        unreadable.len(),
        survives.len(),
        invalid.len()
    );
    assert!(survives.is_empty(), "no case fails after\n{}", survives.join("\n"));
    assert!(fails.len() > 150, "only {} changes fail a case", fails.len());
    assert!(invalid.len() * 5 < fails.len(), "too many changes are no valid policy:\n{}", invalid.join("\n"));
}

/// What becomes of a change.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// A case fails, as it should.
    Fails,
    /// A case names a rule that is no longer there.
    Unreadable,
    Survives,
    /// It is no valid policy, so that nothing runs.
    Invalid,
}

/// Every change to one of the files.
fn changed(file: usize, sources: &[Source], cases: &[Source]) -> Vec<(String, Fate)> {
    let fate = |text: String| {
        let mut changed = sources.to_vec();
        changed[file].text = text;
        let Ok((set, _)) = PolicySet::parse(&changed) else { return Fate::Invalid };
        match Cases::parse(cases, &set).map(|cases| cases.run(&set)) {
            Ok(outcome) if outcome.is_as_expected() => Fate::Survives,
            Ok(_) => Fate::Fails,
            Err(_) => Fate::Unreadable,
        }
    };
    let mutants = mutants::of(&sources[file].text).into_iter();
    mutants.map(|mutant| (format!("{}: {}", sources[file].file, mutant.what), fate(mutant.text))).collect()
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
