//! `docs/policy.md`: every policy on it is read, and does to the packages beneath it what the page says. Every key of the
//! language is on it, in an example.

use std::collections::BTreeSet;
use std::fs;

use gleaner::case::Cases;
use gleaner::plan::Guard;
use gleaner::policy::{PolicySet, json_schema};
use gleaner::yaml::Source;
use serde_json::Value;

#[test]
fn every_example_does_what_the_page_says() {
    let (mut run, mut expectations) = (0, 0);
    let mut otherwise = String::new();
    for example in examples(&page()) {
        let Example { heading, policies, cases } = &example;
        let sources = completed(policies);
        let (set, _) = PolicySet::parse(&sources).unwrap_or_else(|errors| panic!("{heading}: {errors}\n{sources:#?}"));
        let Some(cases) = cases else { continue };
        let cases = Source::new(heading, file_of_cases(cases, heading, &set));
        let cases = Cases::parse(&[cases], &set).unwrap_or_else(|errors| panic!("{errors}"));
        let outcome = cases.run(&set);
        if !outcome.is_as_expected() {
            otherwise.push_str(&outcome.to_string());
        }
        let unshown = outcome
            .unshown
            .iter()
            .filter(|unshown| unshown.source != BESIDE)
            .map(|unshown| format!("{heading}: {unshown}\n"));
        otherwise.extend(unshown.filter(|unshown| unshown != HOLDS_NEVER));
        run += 1;
        expectations += outcome.expectations;
    }
    assert!(otherwise.is_empty(), "{otherwise}");
    assert!(run >= 30 && expectations >= 100, "{run} examples, {expectations} expectations");
}

#[test]
fn a_case_fails_as_the_page_shows() {
    let page = page();
    let example = examples(&page).into_iter().find(|example| example.heading == "Testing policies").unwrap();
    let policies: Vec<String> = example.policies.iter().map(|text| text.replace("30d", "120d")).collect();
    let (set, _) = PolicySet::parse(&completed(&policies)).unwrap();
    let cases = Source::new("policies/cases/nightlies.yaml", example.cases.unwrap());
    let outcome = Cases::parse(&[cases], &set).unwrap().run(&set);
    let first = outcome.failures[0].to_string();
    let shown: String = first.trim_end().lines().map(|line| format!("    {line}\n")).collect();
    assert!(page.contains(&shown), "the page doesn't show\n{shown}");
}

#[test]
fn every_key_stands_in_an_example() {
    let schema = json_schema();
    let definitions = schema["definitions"].as_object().unwrap().values();
    let mappings = definitions.chain([&schema]).filter_map(|mapping| mapping.get("properties")?.as_object());
    let keys: BTreeSet<&String> = mappings.flat_map(serde_json::Map::keys).collect();
    let yaml: Vec<String> = examples(&page()).into_iter().flat_map(|example| example.policies).collect();
    let missing: Vec<_> = keys.into_iter().filter(|key| !yaml.iter().any(|yaml| has_key(yaml, key))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_reason_to_keep_stands_on_the_page() {
    let page = page();
    let missing: Vec<&str> =
        Guard::ALL.into_iter().map(Guard::code).filter(|code| !page.contains(&format!("| `{code}` |"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The one rule on the page that is there to be seen not to hold.
const HOLDS_NEVER: &str = "`downloads`: no case shows delete[0] of example-2\n";

/// Policies that stand together under a heading, and what becomes of some packages.
struct Example {
    heading: String,
    policies: Vec<String>,
    cases: Option<String>,
}

fn examples(page: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    for section in format!("\n{page}").split("\n#").skip(1) {
        let heading = section.lines().next().unwrap().trim_start_matches('#').trim();
        let mut policies = Vec::new();
        for block in section.split("\n```yaml").skip(1) {
            let (kind, rest) = block.split_once('\n').unwrap();
            let text = rest.split("```").next().unwrap().to_owned();
            match kind {
                "" => policies.push(text),
                " cases" => {
                    assert!(!policies.is_empty(), "{heading}: cases of no policy");
                    let policies = std::mem::take(&mut policies);
                    examples.push(Example { heading: heading.to_owned(), policies, cases: Some(text) });
                }
                _ => panic!("{heading}: what is ```yaml{kind}?"),
            }
        }
        if !policies.is_empty() {
            examples.push(Example { heading: heading.to_owned(), policies, cases: None });
        }
    }
    examples
}

/// What is left out of an example, as the page says at its top.
fn completed(policies: &[String]) -> Vec<Source> {
    let mut sources = Vec::new();
    for (number, policy) in policies.iter().enumerate() {
        let mut text = policy.clone();
        let is_policy = is_policy(policy);
        let mut complete = |is_missing: bool, line: &str| {
            if is_missing {
                text.push_str(line);
            }
        };
        complete(!has_top_key(policy, "version"), "version: 1\n");
        complete(is_policy && !has_top_key(policy, "scope"), "scope: { group: acme }\n");
        let deletes = ["delete", "files"].iter().any(|key| has_top_key(policy, key));
        complete(is_policy && !deletes, "delete: [{ name: \"**\" }]\n");
        let name = if number == 0 { "example.yaml".to_owned() } else { format!("example-{}.yaml", number + 1) };
        sources.push(Source::new(name, text));
    }
    if policies.iter().all(|policy| !is_policy(policy)) {
        let policy = "version: 1\nscope: { group: acme }\ndelete: [{ name: \"**\" }]\n";
        sources.push(Source::new(BESIDE, policy));
    }
    if policies.iter().any(|policy| policy.contains("require: [legal-hold]")) {
        sources.push(Source::new("legal-hold.yaml", "version: 1\nprotect: [{ name: evidence }]\n"));
    }
    sources
}

fn is_policy(text: &str) -> bool {
    !has_top_key(text, "protect") && !has_top_key(text, "instance")
}

const BESIDE: &str = "everything.yaml";

/// The packages of an example as a whole file of cases; some are one already.
fn file_of_cases(packages: &str, heading: &str, set: &PolicySet) -> String {
    if has_top_key(packages, "cases") {
        return packages.to_owned();
    }
    let policy = match set.policies.as_slice() {
        [policy] => format!("policy: {}\n", policy.name),
        _ => String::new(),
    };
    let rows: String = packages.lines().map(|line| format!("      {line}\n")).collect();
    let heading = Value::from(heading);
    format!("version: 1\nas_of: 2026-06-01\n{policy}cases:\n  - case: {heading}\n    packages:\n{rows}")
}

fn has_top_key(yaml: &str, key: &str) -> bool {
    yaml.lines().any(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')))
}

fn has_key(yaml: &str, key: &str) -> bool {
    let is_key = |at: usize| {
        let before = yaml[..at].chars().next_back();
        before.is_none_or(|c| " \n{".contains(c)) && yaml[at + key.len()..].starts_with(':')
    };
    yaml.match_indices(key).any(|(at, _)| is_key(at))
}

fn page() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/policy.md")).unwrap()
}
