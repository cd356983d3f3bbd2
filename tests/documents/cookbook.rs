//! `docs/cookbook.md`: each need on it is a set of files that is read without a warning, does to its cases what they
//! say, and has no rule that no case shows.

use std::collections::BTreeSet;
use std::fs;

use gleaner::case::Cases;
use gleaner::policy::PolicySet;
use gleaner::yaml::Source;
use jiff::Timestamp;

/// The day on which the cases are judged, and the warnings looked for.
const DAY: &str = "2026-06-01T00:00:00Z";

#[test]
fn every_need_is_met_by_files_that_can_be_copied() {
    let now: Timestamp = DAY.parse().unwrap();
    let page = page();
    let needs = needs(&page);
    let mut otherwise = String::new();
    for Need { heading, policies, cases } in &needs {
        let (set, lints) = PolicySet::parse(policies).unwrap_or_else(|errors| panic!("{heading}: {errors}"));
        otherwise.extend(lints.as_of(now).iter().map(|lint| format!("{heading}: {lint}\n")));
        let results = Cases::parse(cases, &set).unwrap_or_else(|errors| panic!("{heading}: {errors}")).run(&set);
        if !results.is_as_expected() {
            otherwise.push_str(&results.to_string());
        }
        otherwise.extend(results.unshown.iter().map(|unshown| format!("{heading}: {unshown}\n")));
        assert!(results.expectations >= 3, "{heading}: {} expectations", results.expectations);
    }
    assert!(otherwise.is_empty(), "{otherwise}");
    assert_eq!(needs.len(), 16);
}

#[test]
fn the_list_of_needs_is_whole_and_leads_to_them() {
    let page = page();
    let listed: Vec<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| [")?.split_once("](#"))
        .map(|(need, rest)| format!("{need} {}", rest.split(')').next().unwrap()))
        .collect();
    let needs = needs(&page);
    let there: Vec<String> = needs.iter().map(|need| format!("{} {}", need.heading, anchor(&need.heading))).collect();
    assert_eq!(listed, there);
}

#[test]
fn files_stand_where_gleaner_looks_for_them_and_once() {
    let page = page();
    let mut seen = BTreeSet::new();
    for Need { heading, policies, cases } in needs(&page) {
        for (sources, folder) in [(policies, "policies/"), (cases, "policies/cases/")] {
            for Source { file, .. } in sources {
                let name = file.strip_prefix(folder).unwrap_or_else(|| panic!("{heading}: {file} is not in {folder}"));
                assert!(!name.contains('/') && name.ends_with(".yaml"), "{heading}: {file}");
                assert!(seen.insert(file.clone()), "{heading}: {file} stands there twice");
            }
        }
    }
}

/// A need, and the files that meet it.
struct Need {
    heading: String,
    policies: Vec<Source>,
    cases: Vec<Source>,
}

fn needs(page: &str) -> Vec<Need> {
    let sections = page.split("\n## ").skip(1).map(|section| section.split_once('\n').unwrap());
    let needs = sections.map(|(heading, text)| {
        let files = |kind: &str| -> Vec<Source> {
            let blocks = text.split("\n```").skip(1).step_by(2).filter_map(|block| block.strip_prefix(kind));
            blocks.map(source).collect()
        };
        Need { heading: heading.to_owned(), policies: files("yaml\n"), cases: files("yaml cases\n") }
    });
    needs.filter(|need| !need.policies.is_empty()).collect()
}

/// A block whose first line is a comment with the file's name.
fn source(block: &str) -> Source {
    let (name, _) = block.split_once('\n').unwrap();
    let name = name.strip_prefix("# ").unwrap_or_else(|| panic!("`{name}` names no file"));
    Source::new(name, block)
}

/// The name by which a heading can be led to.
fn anchor(heading: &str) -> String {
    let letters = heading.chars().filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-');
    letters.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn page() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/cookbook.md")).unwrap()
}
