//! Values as they are written in YAML, so that readers find them there.

use std::fmt::Display;

use super::Patterns;

/// Returns one value by itself, and several in brackets.
pub(super) fn one_or_list<T: Display>(values: &[T]) -> String {
    match values {
        [value] => value.to_string(),
        values => format!("[{}]", values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// Returns patterns, each in quotes.
pub(super) fn patterns(patterns: &Patterns) -> String {
    one_or_list(&patterns.texts().map(quoted).collect::<Vec<_>>())
}

/// Returns a pattern in quotes, so that YAML reads it as it is.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = !text.contains(['\\', '"']) && !text.contains(char::is_control);
    if is_plain { format!("\"{text}\"") } else { format!("'{}'", text.replace('\'', "''")) }
}
