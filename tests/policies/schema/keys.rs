//! The schema has the keys that the reader has, in the same places, and says what each means.

use std::collections::BTreeSet;

use gleaner::policy::{PolicySet, json_schema};
use gleaner::yaml::Source;
use serde_json::Value;

/// Every mapping of the language, with a file that has a key in it which nobody knows.
const PLACES: [(&str, &str); 19] = [
    ("policy", "{ HERE, version: 1 }"),
    ("protection", "{ HERE, version: 1, protect: [{ name: a }] }"),
    ("instance_file", "{ HERE, version: 1, instance: { paused: false } }"),
    ("scope", "{ version: 1, scope: { HERE }, delete: [{ name: a }] }"),
    ("protection_scope", "{ version: 1, scope: { HERE }, protect: [{ name: a }] }"),
    ("limits", "{ version: 1, scope: { group: a }, delete: [{ name: a }], limits: { HERE } }"),
    ("exception", "{ version: 1, scope: { group: a }, delete: [{ name: a }], limits: { exception: { HERE } } }"),
    ("delete_rule", "{ version: 1, scope: { group: a }, delete: [{ HERE }] }"),
    ("keep_rule", "{ version: 1, scope: { group: a }, delete: [{ name: a }], keep: [{ HERE }] }"),
    ("protect_rule", "{ version: 1, protect: [{ HERE }] }"),
    ("files_rule", "{ version: 1, scope: { group: a }, files: [{ HERE }] }"),
    ("refs_of_kinds", "{ version: 1, scope: { group: a }, delete: [{ built_from: { HERE } }] }"),
    ("instance", "{ version: 1, instance: { HERE } }"),
    ("freeze", "{ version: 1, instance: { freeze: [{ HERE }] } }"),
    ("downloads", "{ version: 1, instance: { downloads: { HERE } } }"),
    ("journal", "{ version: 1, instance: { journal: { HERE } } }"),
    ("ceiling", "{ version: 1, instance: { ceiling: { HERE } } }"),
    ("acceptance", "{ version: 1, instance: { accept_fewer_holds: [{ HERE }] } }"),
    ("exception_ceiling", "{ version: 1, instance: { ceiling: { exception: { HERE } } } }"),
];

#[test]
fn every_mapping_has_the_keys_that_the_reader_knows() {
    let schema = json_schema();
    for (place, file) in PLACES {
        let mut keys = keys_of(&schema["definitions"][place]);
        if place == "policy" {
            // They make another kind of file of it, so the schema has them one level up.
            keys.extend(["protect", "instance"].map(str::to_owned));
        }
        assert_eq!(keys, known_to_the_reader(file), "{place}");
        assert_eq!(schema["definitions"][place]["additionalProperties"], false, "{place}");
    }
}

#[test]
fn every_mapping_of_the_schema_is_looked_at() {
    let schema = json_schema();
    let definitions = schema["definitions"].as_object().unwrap().iter();
    let mappings = definitions.filter(|(_, definition)| definition.get("properties").is_some());
    let mappings: BTreeSet<&str> = mappings.map(|(name, _)| name.as_str()).collect();
    assert_eq!(mappings, PLACES.iter().map(|(place, _)| *place).collect());
}

#[test]
fn every_key_is_described() {
    let schema = json_schema();
    let mappings = PLACES.iter().map(|(place, _)| &schema["definitions"][place]).chain([&schema]);
    let mut count = 0;
    for (key, value) in mappings.flat_map(|mapping| mapping["properties"].as_object().unwrap()) {
        if *value == true {
            // Described for all kinds of file.
            continue;
        }
        let meant = value
            .get("$ref")
            .map_or(value, |name| schema.pointer(name.as_str().unwrap().trim_start_matches('#')).unwrap());
        let description = meant["description"].as_str().unwrap_or_else(|| panic!("{key}"));
        assert!(description.len() > 10 && description.ends_with('.'), "{key}: {description}");
        count += 1;
    }
    assert!(count > 80, "only {count} keys");
}

fn keys_of(mapping: &Value) -> BTreeSet<String> {
    mapping["properties"].as_object().unwrap().keys().cloned().collect()
}

/// The keys that the reader names when it meets one that it doesn't know.
fn known_to_the_reader(file: &str) -> BTreeSet<String> {
    let source = Source::new("file.yaml", file.replace("HERE", "zzzzzzzzzzzzzzzz: 1"));
    let problems = PolicySet::parse(&[source]).unwrap_err().to_string();
    let known = problems.split("known here are ").nth(1).unwrap_or_else(|| panic!("{file}: {problems}"));
    let known = known.lines().next().unwrap();
    known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
