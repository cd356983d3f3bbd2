//! The line of a problem with carets below, cut to fit a terminal.

use std::fmt;
use std::ops::Range;

/// One line of a file, with the part that a message is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    number: usize,
    text: String,
    /// The part that the message is about, in characters of `text`.
    marked: Range<usize>,
}

/// The most characters of a line. Longer lines are cut around the marked part.
const WIDTH: usize = 100;
/// The characters of a cut line that are shown before the marked part.
const LEAD: usize = 40;

impl Excerpt {
    /// Returns the excerpt of a line. `marked` is in bytes of the line, and may reach beyond its end.
    pub(super) fn new(number: usize, line: &str, marked: Range<usize>) -> Self {
        let line = line.trim_end();
        let mut text = Vec::new();
        let mut start = None;
        let mut end = 0;
        for (offset, c) in line.char_indices() {
            if offset >= marked.start {
                start.get_or_insert(text.len());
            }
            match c {
                '\t' => text.extend([' '; 4]),
                c if c.is_control() => text.push(char::REPLACEMENT_CHARACTER),
                c => text.push(c),
            }
            if offset < marked.end {
                end = text.len();
            }
        }
        let start = start.unwrap_or(text.len());
        let (text, cut) = cut(&text, start);
        let start = start - cut;
        let end = end.saturating_sub(cut).min(text.chars().count()).max(start + 1);
        Self { number, text, marked: start..end }
    }
}

/// Returns the part of a line that is shown, and by how many characters the marked part moves to the left.
fn cut(line: &[char], start: usize) -> (String, usize) {
    let from = if line.len() > WIDTH { start.saturating_sub(LEAD) } else { 0 };
    let to = line.len().min(from + WIDTH);
    let mut text = String::new();
    if from > 0 {
        text.push('…');
    }
    text.extend(&line[from..to]);
    if to < line.len() {
        text.push('…');
    }
    (text, from.saturating_sub(1))
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let carets = "^".repeat(self.marked.len());
        let line = format!("{:>4} | {}", self.number, self.text);
        writeln!(f, "{}", line.trim_end())?;
        write!(f, "     | {}{carets}", " ".repeat(self.marked.start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(line: &str, marked: Range<usize>) -> (String, String) {
        let excerpt = Excerpt::new(7, line, marked).to_string();
        let (line, carets) = excerpt.split_once('\n').unwrap();
        (line.to_owned(), carets.to_owned())
    }

    /// Returns the text above the carets.
    fn marked(line: &str, range: Range<usize>) -> String {
        let (line, carets) = drawn(line, range);
        line.chars().zip(carets.chars()).filter(|(_, caret)| *caret == '^').map(|(c, _)| c).collect()
    }

    #[test]
    fn the_carets_stand_beneath_what_is_meant() {
        let expected = ("   7 | a: bc".to_owned(), "     |    ^^".to_owned());
        assert_eq!(drawn("a: bc", 3..5), expected);
        assert_eq!(marked("\ta:\tbc", 4..6), "bc");
        assert_eq!(marked("größe: ☃!", 9..12), "☃");
        assert_eq!(marked("a: bc\r", 3..6), "bc", "beyond the end");
        assert_eq!(marked("a\u{1b}[31m: b", 8..9), "b");
    }

    #[test]
    fn there_is_always_a_caret() {
        assert_eq!(drawn("a:", 2..2).1, "     |   ^");
        assert_eq!(drawn("", 0..0), ("   7 |".to_owned(), "     | ^".to_owned()));
        assert_eq!(drawn("", 5..9).1, "     | ^");
    }

    #[test]
    fn long_lines_are_cut_around_what_is_meant() {
        let line = format!("{}MEANT{}", "x".repeat(300), "y".repeat(300));
        assert_eq!(marked(&line, 300..305), "MEANT");
        let (shown, carets) = drawn(&line, 300..600);
        assert!(shown.chars().count() < 120 && carets.chars().count() < 120);
        assert!(shown.contains("| …x") && shown.ends_with("y…"));
        assert_eq!(marked(&line, 0..3), "xxx");
    }
}
