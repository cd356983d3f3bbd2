//! The schemas of mappings: their keys, and what holds between them.

use serde_json::{Value, json};

/// The description of `protect`, wherever it stands.
pub(super) const PROTECT: &str = "What every policy keeps: whatever any of these rules matches, and its files. It makes the file a \
    protection, which deletes nothing itself.";

/// Returns the schema of a mapping of these keys and no others. `more` is added to it.
pub(super) fn mapping(description: &str, keys: &Value, more: &Value) -> Value {
    let mut mapping =
        json!({ "description": description, "type": "object", "properties": keys, "additionalProperties": false });
    add(&mut mapping, more);
    mapping
}

/// Adds these keys with their values.
pub(super) fn add(to: &mut Value, more: &Value) {
    for (key, value) in more.as_object().into_iter().flatten() {
        to[key] = value.clone();
    }
}

/// Asks for one of these keys.
pub(super) fn has_any(keys: &[&str]) -> Value {
    keys.iter().map(|key| json!({ "required": [key] })).collect()
}

/// Asks for another key than these. The message names `such_as` as the missing one.
pub(super) fn more_than(keys: &[&str], such_as: &str, why: &str) -> Value {
    json!({
        "if": { "propertyNames": { "enum": keys } },
        "then": { "required": [such_as], "errorMessage": why },
    })
}
