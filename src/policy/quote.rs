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

/// Returns a text as it stands, where YAML reads it so, else in quotes.
pub(super) fn plain(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    let is_safe = text.chars().all(is_plain) && text.starts_with(|c: char| c.is_alphabetic() || matches!(c, '/' | '.'));
    if is_safe { text.to_owned() } else { quoted(text) }
}

/// Returns a pattern in quotes, so that YAML reads it as it is.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = !text.contains(['\\', '"']) && !text.contains(char::is_control);
    if is_plain { format!("\"{text}\"") } else { format!("'{}'", text.replace('\'', "''")) }
}
