//! Globs that were meant as regular expressions, and regular expressions that were meant to match a part of a text.

use regex_syntax::hir::HirKind;

use super::Advice;
use super::lists::Looked;
use crate::policy::PatternKind;

pub(super) fn advice(looked: &Looked<'_>) -> Option<Advice> {
    match inner(looked.text()) {
        Some(inner) => literal(inner, looked.kind()),
        None if looks_regular(looked.text()) => Some(meant(looked.key, looked.text())),
        None => None,
    }
}

/// What stands between the slashes of a regular expression.
pub(super) fn inner(text: &str) -> Option<&str> {
    text.strip_prefix('/')?.strip_suffix('/')
}

/// An expression without any sign of one matches a single text, and whoever wants that has no need for slashes.
fn literal(inner: &str, kind: PatternKind) -> Option<Advice> {
    let hir = regex_syntax::parse(inner).ok()?;
    let HirKind::Literal(literal) = hir.kind() else { return None };
    let text = std::str::from_utf8(&literal.0).ok()?;
    let anywhere = match kind {
        PatternKind::Text => wider(text, true, true),
        PatternKind::Name | PatternKind::Path | PatternKind::File => wider(&format!("/{inner}/"), true, true),
    };
    let advice = Advice::new(
        format!("`/{inner}/` matches `{text}` and nothing else: patterns are anchored at both ends"),
        "write `.*` where anything may stand",
    );
    let only = text.to_owned();
    Some(advice.or("", [anywhere], " for what has it anywhere").or("", [only], " if nothing else is meant"))
}

/// The pattern for what has something before or after it.
pub(super) fn wider(text: &str, before: bool, after: bool) -> String {
    let (inner, any) = match inner(text) {
        Some(inner) => (Some(grouped(inner)), ".*"),
        None => (None, "*"),
    };
    let (before, after) = (if before { any } else { "" }, if after { any } else { "" });
    match inner {
        Some(inner) => format!("/{before}{inner}{after}/"),
        None => format!("{before}{text}{after}"),
    }
}

/// What can stand beside something else in an expression.
pub(super) fn grouped(inner: &str) -> String {
    if inner.contains('|') { format!("(?:{inner})") } else { inner.to_owned() }
}

/// Whether a glob has what only regular expressions need, and no name, path, version, tag or ref has.
fn looks_regular(glob: &str) -> bool {
    if glob.starts_with('^') || ends_in_dollar(glob) {
        return true;
    }
    let signs: Vec<char> = glob.chars().collect();
    signs.iter().enumerate().any(|(index, sign)| {
        let before = index.checked_sub(1).map(|before| signs[before]);
        let after = signs.get(index + 1).copied();
        match (sign, after) {
            // A dot that a star follows stands for itself in `1.*`. Nothing has one at the start of a part.
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

fn meant(key: &str, text: &str) -> Advice {
    let message = format!("`{text}` looks like a regular expression, and is read as a glob");
    let advice = Advice::new(message, format!("write `{key}` as a glob, or as a regular expression between slashes"));
    advice.or("", as_glob(text), "").or("the expression between slashes: ", [as_expression(text)], "")
}

/// The expression between slashes. Where it had one anchor alone, it may go on at the other end.
fn as_expression(text: &str) -> String {
    let (begins, core, ends) = without_anchors(text);
    let before = if ends && !begins { ".*" } else { "" };
    let after = if begins && !ends { ".*" } else { "" };
    let core = core.strip_suffix(after).filter(|_| !after.is_empty()).unwrap_or(core);
    format!("/{before}{core}{after}/")
}

/// Whether the text has an anchor at its start, what is between them, and whether it has one at its end.
fn without_anchors(text: &str) -> (bool, &str, bool) {
    let core = text.strip_prefix('^').unwrap_or(text);
    let begins = core.len() < text.len();
    let ends = ends_in_dollar(core);
    (begins, if ends { &core[..core.len() - 1] } else { core }, ends)
}

/// The glob for what the expression means, where there is one.
fn as_glob(text: &str) -> Option<String> {
    let (begins, core, ends) = without_anchors(text);
    let mut glob = String::new();
    if ends && !begins {
        glob.push('*');
    }
    glob.push_str(&alternatives(core)?);
    if begins && !ends && !glob.ends_with('*') {
        glob.push('*');
    }
    // Two stars say no more than one, and would be read as something else.
    while glob.contains("**") {
        glob = glob.replace("**", "*");
    }
    Some(glob)
}

/// `a|b` as `{a,b}`, and everything else as a sequence.
fn alternatives(expression: &str) -> Option<String> {
    let mut depth = 0_u32;
    let mut parts = vec![String::new()];
    let mut signs = expression.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            '|' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        let last = parts.last_mut()?;
        last.push(sign);
        if sign == '\\' {
            last.push(signs.next()?);
        }
    }
    let parts: Vec<String> = parts.iter().map(|part| sequence(part)).collect::<Option<_>>()?;
    match parts.as_slice() {
        [one] => Some(one.clone()),
        several => Some(format!("{{{}}}", several.join(","))),
    }
}

/// One part after the other; `None` where one has no counterpart in a glob.
fn sequence(expression: &str) -> Option<String> {
    let mut glob = String::new();
    let mut rest = expression;
    while let Some(sign) = rest.chars().next() {
        let (part, behind) = match sign {
            '.' if rest.starts_with(".*") => ("*".to_owned(), &rest[2..]),
            '.' if rest.starts_with(".+") => ("?*".to_owned(), &rest[2..]),
            '\\' => {
                let escaped = rest[1..].chars().next()?;
                let part = match escaped {
                    'd' => "[0-9]".to_owned(),
                    c if c.is_alphanumeric() => return None,
                    c @ ('*' | '?' | '[' | ']' | '{' | '}' | '\\') => format!("\\{c}"),
                    c => c.to_string(),
                };
                (part, &rest[1 + escaped.len_utf8()..])
            }
            '[' => {
                let end = rest.find(']')?;
                (rest[..=end].to_owned(), &rest[end + 1..])
            }
            '(' => {
                let end = closing(rest)?;
                let inner = rest[1..end].strip_prefix("?:").unwrap_or(&rest[1..end]);
                if inner.starts_with('?') {
                    return None;
                }
                let part = alternatives(inner)?;
                (part, &rest[end + 1..])
            }
            c => (c.to_string(), &rest[c.len_utf8()..]),
        };
        // What is repeated can't be written as a glob, but for the star of a glob itself.
        let is_group = matches!(sign, '\\' | '[' | '(');
        if behind.starts_with(['+', '{']) && (is_group || behind.starts_with('{'))
            || is_group && behind.starts_with(['*', '?'])
        {
            return None;
        }
        glob.push_str(&part);
        rest = behind;
    }
    Some(glob)
}

/// Where the parenthesis closes that the text begins with.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    let mut signs = text.char_indices();
    while let Some((index, sign)) = signs.next() {
        match sign {
            '\\' => {
                signs.next()?;
            }
            '(' => depth += 1,
            ')' if depth == 1 => return Some(index),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}
