//! Comments that silence a lint: `# gleaner: allow NAME, because …` on a line above its place.

use granit_parser::{Event, Parser, Placement};

use super::span::Span;

/// A comment that is addressed to gleaner.
#[derive(Debug)]
pub(crate) struct Allow {
    /// The place of the whole comment.
    pub(crate) span: Span,
    /// The name of the lint that it silences, or what the comment lacks.
    pub(crate) name: Result<String, Lack>,
    /// The first line below it that is no comment, counted from 1. A lint at this line is silenced.
    pub(super) line: usize,
    /// What it has come to.
    pub(crate) came_to: Use,
}

/// What has come of such a comment so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// It has silenced nothing.
    None,
    /// It has silenced a lint that is told at this byte, and silences it nowhere else.
    At(usize),
    /// Nobody has looked whether there is something for it to silence.
    Untried,
}

/// Why a comment silences nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lack {
    /// It has another word than `allow`.
    Word,
    /// It names no lint.
    Name,
    /// It gives no reason.
    Reason,
    /// It stands behind something, and not on a line of its own.
    Line,
}

/// The beginning of such a comment, without its `#`.
const ADDRESS: &str = "gleaner:";

/// Reads all comments of a file that are addressed to gleaner. Text in quotes and block scalars holds no comment.
pub(super) fn read(text: &str) -> Vec<Allow> {
    // Most files have none, and need not be parsed again.
    if !text.contains(ADDRESS) {
        return Vec::new();
    }
    let options = granit_parser::options! { emit_comments: true, max_buffered_comment_events: usize::MAX };
    let events = Parser::new_from_str_with_options(text, options).map_while(Result::ok);
    let comments = events.filter_map(|(event, place)| {
        let Event::Comment(comment, placement) = event else { return None };
        let order = comment.trim().strip_prefix(ADDRESS)?;
        let (start, end) = (place.start.byte_offset()?, place.end.byte_offset()?);
        let name = if placement == Placement::Right { Err(Lack::Line) } else { name(order) };
        Some(Allow { span: Span { start, end }, name, line: line_below(text, start), came_to: Use::None })
    });
    comments.collect()
}

impl Allow {
    /// Returns whether it silences the lint of this name at this byte of this line. It does so at one place alone: a line
    /// may hold several rules, and the reason is that of one.
    pub(super) fn silences(&self, name: &str, line: usize, start: usize) -> bool {
        let is_free = match self.came_to {
            Use::None | Use::Untried => true,
            Use::At(used) => used == start,
        };
        is_free && self.line == line && self.name.as_deref() == Ok(name)
    }
}

/// Reads `allow NAME, because …`.
fn name(order: &str) -> Result<String, Lack> {
    let (word, rest) = split(order);
    if word != "allow" {
        return Err(Lack::Word);
    }
    let (name, reason) = rest.split_once(',').unwrap_or((rest, ""));
    let (name, behind) = split(name);
    if name.is_empty() {
        return Err(Lack::Name);
    }
    match split(reason) {
        ("because", why) if !why.is_empty() && behind.is_empty() => Ok(name.to_owned()),
        _ => Err(Lack::Reason),
    }
}

/// Returns the first word, and the text after it.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim_start())
}

/// Returns the first line below the one at `start` that is no comment, counted from 1.
fn line_below(text: &str, start: usize) -> usize {
    let (before, rest) = text.split_at(start);
    let comments = rest.lines().skip(1).take_while(|line| line.trim_start().starts_with('#')).count();
    before.matches('\n').count() + comments + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the names or lacks of all comments, each with the line that it is for.
    fn read(text: &str) -> Vec<(Result<String, Lack>, usize)> {
        super::read(text).into_iter().map(|allow| (allow.name, allow.line)).collect()
    }

    #[test]
    fn a_comment_names_a_lint_and_a_reason() {
        let table = [
            ("# gleaner: allow a-b, because so", Ok("a-b")),
            ("   #gleaner:allow  a-b ,because so it is", Ok("a-b")),
            ("# gleaner: allow a-b", Err(Lack::Reason)),
            ("# gleaner: allow a-b because so", Err(Lack::Reason)),
            ("# gleaner: allow a-b, because", Err(Lack::Reason)),
            ("# gleaner: allow a-b, becauseso", Err(Lack::Reason)),
            ("# gleaner: allow a-b, c-d, because so", Err(Lack::Reason)),
            ("# gleaner: allow", Err(Lack::Name)),
            ("# gleaner: allow , because so", Err(Lack::Name)),
            ("# gleaner: deny a-b, because so", Err(Lack::Word)),
            ("# gleaner:", Err(Lack::Word)),
        ];
        for (comment, expected) in table {
            assert_eq!(read(&format!("{comment}\na: b\n")), [(expected.map(str::to_owned), 2)], "{comment}");
        }
    }

    #[test]
    fn it_is_for_the_next_line_that_is_no_comment() {
        let text = "a:\n  # gleaner: allow x, because so\n  # and so on\n  # gleaner: allow y, because so\n  b: c\n";
        assert_eq!(read(text), [(Ok("x".to_owned()), 5), (Ok("y".to_owned()), 5)]);
        assert_eq!(read("a: b\n# gleaner: allow x, because so"), [(Ok("x".to_owned()), 3)]);
        assert_eq!(read("# gleaner: allow x, because so\n\na: b\n"), [(Ok("x".to_owned()), 2)]);
    }

    #[test]
    fn a_comment_behind_something_is_for_no_line() {
        assert_eq!(read("a: b # gleaner: allow x, because so\nc: d\n"), [(Err(Lack::Line), 2)]);
    }

    #[test]
    fn any_number_of_comments_may_stand_before_it() {
        let text = format!("a:\n{}# gleaner: allow x, because so\nb: c\n", "# and so on\n".repeat(1_000));
        assert_eq!(read(&text), [(Ok("x".to_owned()), 1_003)]);
    }

    #[test]
    fn text_is_no_comment() {
        let texts = [
            "a: |\n  # gleaner: allow x, because so\nb: c\n",
            "a: >\n  text\n  # gleaner: allow x, because so\nb: c\n",
            "a: \"\n  # gleaner: allow x, because so\"\nb: c\n",
            "a: '\n\n  # gleaner: allow x, because so\n  '\nb: c\n",
            "# about gleaner: allow x, because so\na: b\n",
        ];
        for text in texts {
            assert_eq!(read(text), [], "{text}");
        }
    }
}
