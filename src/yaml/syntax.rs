//! The message for a file that is not YAML: mostly a text lacks its quotes.

use std::ops::Range;

use granit_parser::{ErrorKind, ScanError};

use super::findings::Findings;
use super::span::Span;
use super::text::shown;

/// Reports the error at its place, unless its line has a problem already: an error after an unquoted `*` or `!` in the
/// same line is seldom a mistake of its own.
pub(super) fn report(error: &ScanError, findings: &mut Findings<'_>) {
    let text = findings.text;
    let Range { start, end } = word(error, text);
    let span = Span { start, end: end.max(start + 1) };
    if findings.has_problem_in_line_of(span) {
        return;
    }
    let word = text.get(start..end).unwrap_or_default();
    let (message, hint) = if let Some(whole) = bracketed(text, start) {
        (
            format!("`{}` has a bracket in it, and needs quotes here", shown(whole)),
            format!("write `\"{}\"`, the whole text in quotes", shown(whole)),
        )
    } else if text.get(..start).is_some_and(|before| before.ends_with([']', '}'])) {
        ("a text that begins with `[` or `{` needs quotes".to_owned(), "write the whole pattern in quotes".to_owned())
    } else {
        explain(error, word)
    };
    findings.problem(span, message).hint(hint);
}

/// Returns the place where the parser stopped, to the end of the word there.
fn word(error: &ScanError, text: &str) -> Range<usize> {
    let start = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
    let rest = text.get(start..).unwrap_or_default();
    let word = rest.split(['\n', '\r', ',', ']', '}', '#']).next().unwrap_or_default().trim_end();
    start..start + word.len()
}

/// Returns the text around a bracket that follows a word, as in `{ rule: delete[0] }`, where YAML expects none.
fn bracketed(text: &str, start: usize) -> Option<&str> {
    let (before, rest) = text.split_at_checked(start)?;
    if !rest.starts_with(['[', '{']) || !before.ends_with(|c: char| c.is_alphanumeric() || "*?_-.".contains(c)) {
        return None;
    }
    let word = before.rfind([' ', ',', '[', '{', '\n']).map_or(0, |end| end + 1);
    let closing = if rest.starts_with('[') { ']' } else { '}' };
    let closed = rest.find([closing, '\n']).filter(|&end| rest[end..].starts_with(closing))? + 1;
    let end = closed + rest[closed..].find([' ', ',', ']', '}', '\n', '\r']).unwrap_or(rest.len() - closed);
    text.get(word..start + end)
}

/// Returns the message for an error of the parser, and what to write instead.
fn explain(error: &ScanError, word: &str) -> (String, String) {
    let quoted = format!("\"{}\"", shown(&word.replace('"', "\\\"")));
    match error.kind() {
        ErrorKind::MissingAnchorOrAliasName => (
            "a text that begins with `*` or `&` needs quotes".to_owned(),
            format!("write `{quoted}`, the whole pattern in quotes"),
        ),
        ErrorKind::UnexpectedCharacter { character } if !character.is_control() => {
            (format!("a text that begins with `{character}` needs quotes"), format!("write `{quoted}`"))
        }
        ErrorKind::InvalidTagTerminator | ErrorKind::UndeclaredTagHandle | ErrorKind::MissingTagUri => {
            ("a text that begins with `!` needs quotes".to_owned(), "write the whole pattern in quotes".to_owned())
        }
        ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation => {
            ("a tab in the indentation".to_owned(), "indent with spaces".to_owned())
        }
        ErrorKind::MappingValueNotAllowed => (
            "a `:` that YAML does not expect here".to_owned(),
            "put the text in quotes, indent the key like its neighbours, and write a space behind every `:`".to_owned(),
        ),
        ErrorKind::RecursionLimitExceeded => ("nested too deeply".to_owned(), "write it in fewer levels".to_owned()),
        ErrorKind::DirectiveDisallowed => {
            ("YAML directives are not read here".to_owned(), "take the line out".to_owned())
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            "the quotes end before this".to_owned(),
            "write the whole text between one pair of quotes, and a comma between two texts of a list".to_owned(),
        ),
        ErrorKind::UnknownQuotedScalarEscape => (
            "`\\` has a meaning of its own in double quotes".to_owned(),
            "write the text in single quotes, as in `'/1\\.\\d+/'`".to_owned(),
        ),
        ErrorKind::UnclosedFlowCollection { open } => {
            let closing = if *open == '[' { ']' } else { '}' };
            (format!("`{open}` is not closed"), format!("close it with `{closing}`"))
        }
        ErrorKind::BlockEntryInFlowCollection
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::InvalidColonPlacement => (
            "a bracket before this is still open here".to_owned(),
            "close it, or write the comma that is missing".to_owned(),
        ),
        ErrorKind::InvalidQuotedScalarIndent => (
            "the quotes of the text before this are still open here".to_owned(),
            "close them at the end of their text".to_owned(),
        ),
        kind => (
            format!("not valid YAML: {kind}"),
            "look at the indentation, and at brackets and quotes that are not closed".to_owned(),
        ),
    }
}
