//! Reads single fields of GitLab's JSON. Whatever isn't as it should be is `None`: unknown, never a guess.

use jiff::Timestamp;
use serde_json::{Map, Value};

pub(super) type Object = Map<String, Value>;

/// Returns a text that isn't empty.
pub(super) fn text<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str().filter(|text| !text.is_empty())
}

pub(super) fn number(object: &Object, key: &str) -> Option<u64> {
    object.get(key)?.as_u64()
}

pub(super) fn boolean(object: &Object, key: &str) -> Option<bool> {
    object.get(key)?.as_bool()
}

pub(super) fn object<'a>(object: &'a Object, key: &str) -> Option<&'a Object> {
    object.get(key)?.as_object()
}

/// Reads a date in RFC 3339, with any offset.
pub(super) fn date(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}
