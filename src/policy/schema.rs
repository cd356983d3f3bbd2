//! The JSON Schema of a policy file. Editors complete and check files by it, and show what each key means.
//!
//! It checks a file by itself: which keys stand where, the form of their values, and which keys go together. It takes
//! every file that the reader takes, except that a text that YAML reads as `true` or `false` needs quotes. It is
//! written in draft 7, because every editor knows that one.

mod instance;
mod mapping;
mod policy;
mod rule;
mod shape;
mod value;

use serde_json::{Map, Value, json};

use mapping::{PROTECT, add, has_any, mapping, more_than};
use value::{described, form};

/// Returns the schema of all three kinds of file. The kind depends on the same keys as in the reader.
#[must_use]
pub fn json_schema() -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "gleaner policy file",
        "description": "A policy (`delete`, `files`), a protection (`protect`) or the instance file (`instance`).",
        "type": "object",
        "required": ["version"],
        "properties": {
            "version": {
                "description": "The version of the policy language: the first line of every file.",
                "enum": [1, "1"],
                "default": 1,
            },
            "name": described(
                "name",
                "What reports, metrics and `--policy` call it; unique in its folder. Default: the file's name without \
                 `.yaml`.",
            ),
            "description": described("text", "What it is for, in a sentence; reports show it."),
            // The form of these two depends on the kind of file that they make it.
            "protect": { "description": PROTECT },
            "instance": { "description": INSTANCE },
        },
        "if": { "required": ["instance"] },
        "then": form("instance_file"),
        "else": { "if": { "required": ["protect"] }, "then": form("protection"), "else": form("policy") },
        "definitions": definitions(),
    })
}

const INSTANCE: &str = "What holds for the whole GitLab, whatever the policies say. It makes the file the instance file, \
    of which a folder has one at most.";

fn definitions() -> Map<String, Value> {
    let kinds = [
        ("policy", file(policy::keys(), &json!({ "required": ["scope"], "anyOf": has_any(&["delete", "files"]) }))),
        ("protection", file(policy::protection_keys(), &json!({}))),
        ("instance_file", file(json!({ "instance": described("instance", INSTANCE) }), &json!({}))),
    ];
    let parts = kinds.into_iter().chain(policy::parts()).chain(instance::parts());
    let parts = parts.map(|(name, schema)| (name.to_owned(), schema));
    parts.chain(rule::definitions()).chain(value::definitions()).collect()
}

/// Returns the schema of one kind of file, with these keys beside those of every file.
fn file(keys: Value, more: &Value) -> Value {
    let mut keys = keys;
    add(&mut keys, &json!({ "version": true, "name": true, "description": true }));
    let mut file = json!({ "properties": keys, "additionalProperties": false });
    add(&mut file, more);
    file
}
