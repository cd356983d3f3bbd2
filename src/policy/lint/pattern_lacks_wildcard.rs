//! Patterns that lack a wildcard at one of their ends.

use super::Advice;
use super::looked::Looked;
use super::slashes::wider;
use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "pattern-lacks-wildcard",
    explanation: "\
A pattern begins or ends with what no version and no ref begins or ends with, as `-rc` does. Patterns are anchored at both
ends: they match the whole text, not a part of it. So the pattern matches nothing.

Write a wildcard where something may stand: `*-rc`, `feature/*`, `/.*-rc/`.

```yaml
delete:
- { version: \"-rc*\", older_than: 30d }
```",
};

/// Tells of a pattern that begins or ends with a separator: versions don't, and refs don't with `/`.
pub(super) fn advice(looked: &Looked<'_>) -> Option<Advice> {
    let (what, begins, ends) = match looked.key {
        "version" => ("version", ['-', '.', '+', '~'].as_slice(), ['-', '.'].as_slice()),
        "built_from" => ("ref", ['/', '-'].as_slice(), ['/', '.'].as_slice()),
        _ => return None,
    };
    let text = looked.text();
    // Most globs begin and end with what any version may.
    let is_plain = |c: Option<char>| !text.starts_with('/') && c.is_some_and(|c| c.is_alphanumeric() || c == '*');
    let begins = if is_plain(text.chars().next()) { &[] } else { begins };
    let ends = if is_plain(text.chars().next_back()) { &[] } else { ends };
    let (message, before, after) =
        if let Some(c) = begins.iter().find(|c| looked.matches_only(&format!("{}.*", escaped(**c)))) {
            (format!("no {what} begins with `{c}`, {}", looked.vain()), true, false)
        } else {
            let c = ends.iter().find(|c| looked.matches_only(&format!(".*{}", escaped(**c))))?;
            (format!("no {what} ends with `{c}`, {}", looked.vain()), false, true)
        };
    let advice = Advice::new(&LINT, message, "patterns are anchored at both ends");
    // A pattern that lacks something at both ends is told about one of them.
    Some(advice.because("patterns are anchored at both ends: ").or(
        "",
        [wider(text, before, after), wider(text, true, true)],
        "",
    ))
}

fn escaped(c: char) -> String {
    regex_syntax::escape(c.encode_utf8(&mut [0; 4]))
}
