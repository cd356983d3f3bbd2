//! Globs that were meant as regular expressions.

use super::Advice;
use super::looked::Looked;
use super::slashes::inner;
use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "glob-looks-like-regex",
    explanation: "\
A pattern has signs that only regular expressions need, as `.*`, `^` or `(a|b)` have, and stands without slashes. So it is
read as a glob, in which these signs stand for themselves, and matches next to nothing.

Write the expression between slashes, `/.*-SNAPSHOT/`, or a glob: there a star stands for any text, `?` for one sign and
`{a,b}` for one of both.

```yaml
delete:
- { version: \".*-SNAPSHOT\", older_than: 30d }
```",
};

pub(super) fn advice(looked: &Looked<'_>) -> Option<Advice> {
    let (key, text) = (looked.key, looked.text());
    if inner(text).is_some() || !looks_regular(text) {
        return None;
    }
    let message = format!("`{text}` looks like a regular expression, and is read as a glob");
    let advice =
        Advice::new(&LINT, message, format!("write `{key}` as a glob, or as a regular expression between slashes"));
    Some(advice.or(
        "the expression between slashes: ",
        [as_expression(text)],
        ", or a glob, in which a star stands for any text",
    ))
}

/// Writes the expression between slashes. Where it had one anchor alone, it may go on at the other end.
fn as_expression(text: &str) -> String {
    let (begins, core, ends) = without_anchors(text);
    let before = if ends && !begins { ".*" } else { "" };
    let after = if begins && !ends { ".*" } else { "" };
    let core = core.strip_suffix(after).filter(|_| !after.is_empty()).unwrap_or(core);
    format!("/{before}{core}{after}/")
}

/// Splits off the anchors: whether one is at the start, the text between them, and whether one is at the end.
fn without_anchors(text: &str) -> (bool, &str, bool) {
    let core = text.strip_prefix('^').unwrap_or(text);
    let begins = core.len() < text.len();
    let ends = ends_in_dollar(core);
    (begins, if ends { &core[..core.len() - 1] } else { core }, ends)
}

/// Returns whether a glob has signs that only regular expressions need, and no name, path, version, tag or ref has.
fn looks_regular(glob: &str) -> bool {
    if glob.starts_with('^') || ends_in_dollar(glob) {
        return true;
    }
    let signs: Vec<char> = glob.chars().collect();
    signs.iter().enumerate().any(|(index, sign)| {
        let before = index.checked_sub(1).map(|before| signs[before]);
        let after = signs.get(index + 1).copied();
        match (sign, after) {
            // In `1.*` the dot stands for itself. No name, version or ref has a part that begins with a dot.
            ('.', Some('*')) => before.is_none_or(|before| matches!(before, '/' | '-' | '_' | '+' | '@' | ')')),
            ('.', Some('+')) | ('(', Some('?')) => true,
            ('|', _) => true,
            ('\\', Some(escaped)) => matches!(escaped, 'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'b' | 'B' | '.' | '-'),
            (']' | ')', Some('+')) => true,
            (')', Some('*' | '?')) => true,
            (']' | ')', Some('{')) => signs.get(index + 2).is_some_and(char::is_ascii_digit),
            _ => false,
        }
    })
}

fn ends_in_dollar(glob: &str) -> bool {
    glob.ends_with('$') && !glob.ends_with("\\$")
}
