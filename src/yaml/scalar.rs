//! Single values: texts, switches, counts, percentages, dates; and one value or a list of them.

use std::str::FromStr;

use jiff::civil::Date;

use super::document::{Node, NodeContent, Style};
use super::fields::what_stands_there;
use super::findings::Findings;
use super::problem::ValueError;
use super::text::shown;

/// Reads a single value, and returns its text, never empty.
pub(crate) fn text<'n>(node: &'n Node, findings: &mut Findings<'_>) -> Option<&'n str> {
    match &node.content {
        NodeContent::Scalar { text, .. } if text.is_empty() => {
            findings
                .problem(node.span, format!("`{}` is an empty text", shown(&node.key)))
                .hint("write its value, or take it out");
            None
        }
        NodeContent::Scalar { text, .. } => Some(text),
        NodeContent::Broken => None,
        NodeContent::List(_) | NodeContent::Mapping(_) => {
            findings
                .problem(node.span, format!("`{}` takes a single value", shown(&node.key)))
                .hint(what_stands_there(node));
            None
        }
    }
}

/// Reads a single value by `parse`.
pub(crate) fn parsed<T>(
    node: &Node,
    findings: &mut Findings<'_>,
    parse: impl FnOnce(&str) -> Result<T, ValueError>,
) -> Option<T> {
    let text = text(node, findings)?;
    findings.value(node.span, parse(text))
}

/// Reads one value, or a list that is not empty.
pub(crate) fn one_or_more<'n>(node: &'n Node, findings: &mut Findings<'_>) -> Option<Vec<&'n Node>> {
    match &node.content {
        NodeContent::Scalar { .. } => Some(vec![node]),
        NodeContent::List(items) if items.is_empty() => {
            findings
                .problem(node.span, format!("`{}` is an empty list", shown(&node.key)))
                .hint("write at least one value, or take the key out");
            None
        }
        NodeContent::List(items) => Some(items.iter().collect()),
        NodeContent::Broken => None,
        NodeContent::Mapping(_) => {
            findings
                .problem(node.span, format!("`{}` takes one value or a list", shown(&node.key)))
                .hint(what_stands_there(node));
            None
        }
    }
}

/// Reads one value or a list, each by `read`; all of them are looked at, even after one that can't be read.
pub(crate) fn each<T>(
    node: &Node,
    findings: &mut Findings<'_>,
    mut read: impl FnMut(&Node, &mut Findings<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let items = one_or_more(node, findings)?;
    let values: Vec<Option<T>> = items.into_iter().map(|item| read(item, findings)).collect();
    values.into_iter().collect()
}

/// Reads `true` or `false`, and nothing else that YAML has had for them.
pub(crate) fn switch(node: &Node, findings: &mut Findings<'_>) -> Option<bool> {
    let text = text(node, findings)?;
    match (text, is_plain(node)) {
        ("true", true) => Some(true),
        ("false", true) => Some(false),
        _ => {
            let meant = match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "y" | "1" => "write `true`, without quotes",
                "false" | "no" | "off" | "n" | "0" => "write `false`, without quotes",
                _ => "write `true` or `false`",
            };
            findings
                .problem(
                    node.span,
                    format!("`{}` takes `true` or `false`, not `{}`", shown(&node.key), as_written(node, text)),
                )
                .hint(meant);
            None
        }
    }
}

/// Reads a whole number.
pub(crate) fn count<T: FromStr>(node: &Node, findings: &mut Findings<'_>) -> Option<T> {
    let text = text(node, findings)?;
    let number = if is_digits(text) { text.parse().ok() } else { None };
    if number.is_none() || !is_plain(node) {
        let hint = match text {
            text if is_digits(text) && number.is_none() => "the number is too large".to_owned(),
            text if is_digits(text) => format!("write `{text}`, without quotes"),
            _ => "write it in digits alone, as in `500`".to_owned(),
        };
        findings
            .problem(
                node.span,
                format!("`{}` takes a whole number, not `{}`", shown(&node.key), as_written(node, text)),
            )
            .hint(hint);
        return None;
    }
    number
}

/// Reads a whole number from 0 to 100.
pub(crate) fn percent(node: &Node, findings: &mut Findings<'_>) -> Option<u8> {
    let key = shown(&node.key);
    if let Some(number) = text(node, findings)?.strip_suffix('%') {
        findings
            .problem(node.span, format!("`{key}` takes a number without `%`"))
            .hint(format!("write `{key}: {}`", shown(number.trim_end())));
        return None;
    }
    let percent = count(node, findings)?;
    if percent > 100 {
        findings
            .problem(node.span, format!("`{key}` takes a number from 0 to 100, not {percent}"))
            .hint(format!("write it as in `{key}: 30`"));
        return None;
    }
    Some(percent)
}

/// Reads a day, as `2027-01-31`.
pub(crate) fn date(node: &Node, findings: &mut Findings<'_>) -> Option<Date> {
    parsed(node, findings, |text| {
        // A day with a single digit or a time behind it would be read too, and may be meant otherwise.
        let date = if text.len() == "2027-01-31".len() { text.parse().ok() } else { None };
        date.ok_or_else(|| {
            ValueError::new(
                format!("`{}` takes a day, not `{}`", shown(&node.key), shown(text)),
                "write it as year, month and day: `2027-01-31`",
            )
        })
    })
}

/// Returns whether the text is digits alone, and at least one.
pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the text as it stands in the file, quotes included.
fn as_written(node: &Node, text: &str) -> String {
    if is_plain(node) { shown(text).into_owned() } else { format!("\"{}\"", shown(text)) }
}

fn is_plain(node: &Node) -> bool {
    matches!(node.content, NodeContent::Scalar { style: Style::Plain, .. })
}
