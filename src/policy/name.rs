//! The names of policies and protections.

use crate::yaml::ValueError;
use crate::yaml::text::shown;

/// Reads a name: lower-case letters, digits and hyphens.
pub(super) fn parse(text: &str) -> Result<String, ValueError> {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !text.is_empty() && text.chars().all(is_allowed) {
        return Ok(text.to_owned());
    }
    let tame: String = text.to_lowercase().chars().map(|c| if is_allowed(c) { c } else { '-' }).collect();
    Err(ValueError::new(
        format!("`{}` is no name: names have lower-case letters, digits and hyphens", shown(text)),
        format!("write `{}`", shown(&tame)),
    ))
}
