//! Globs as regular expressions: `*`, `**`, `?`, `[a-z]`, `{a,b}` and `\` before a character that is meant as itself.

mod braces;

use std::iter::Peekable;
use std::str::CharIndices;

use crate::yaml::ValueError;
pub(super) use braces::{Listed, listed};

/// Whether `/` parts a text into segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Segments {
    /// `*`, `?` and `[…]` stop at `/`, and `**` is any number of segments.
    Slash,
    /// `/` is a character like any other.
    None,
}

/// How much a pattern matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// Exactly what is written.
    Narrow,
    /// Also what may be meant: `a/**` is `a` too.
    Wide,
}

/// Returns the regular expression that matches what the glob does; the caller anchors it, and lets `.` match everything.
pub(super) fn to_regex(glob: &str, segments: Segments, width: Width) -> Result<String, ValueError> {
    let rest = glob.char_indices().peekable();
    let mut translation = Translation { glob, rest, segments, width, regex: String::new(), open_braces: 0 };
    translation.run()?;
    Ok(translation.regex)
}

/// Deeper braces are a mistake, and would make the regular expression recurse deeply.
const BRACE_LIMIT: usize = 10;

/// `**/` as a regular expression.
const SEGMENTS: &str = "(?:.*/)?";

struct Translation<'g> {
    glob: &'g str,
    rest: Peekable<CharIndices<'g>>,
    segments: Segments,
    width: Width,
    regex: String,
    open_braces: usize,
}

impl Translation<'_> {
    fn run(&mut self) -> Result<(), ValueError> {
        while let Some((index, c)) = self.rest.next() {
            match c {
                '*' if self.glob[index..].starts_with("**") => self.double_star(index)?,
                '*' => self.regex.push_str(match self.segments {
                    Segments::Slash => "[^/]*",
                    Segments::None => ".*",
                }),
                '?' => self.regex.push_str(match self.segments {
                    Segments::Slash => "[^/]",
                    Segments::None => ".",
                }),
                '[' => self.class()?,
                '{' => {
                    self.open_braces += 1;
                    if self.open_braces > BRACE_LIMIT {
                        return Err(ValueError::new("the braces are nested too deeply", "write several patterns"));
                    }
                    self.regex.push_str("(?:");
                }
                '}' if self.open_braces == 0 => {
                    return Err(ValueError::new("`}` closes nothing", r"write `\}` for the character itself"));
                }
                '}' => {
                    self.open_braces -= 1;
                    self.regex.push(')');
                }
                ',' if self.open_braces > 0 => self.regex.push('|'),
                '\\' => match self.rest.next() {
                    Some((_, escaped)) => self.literal(escaped),
                    None => {
                        return Err(ValueError::new(
                            r"the pattern ends in `\`",
                            r"write `\\` for the character itself",
                        ));
                    }
                },
                c => self.literal(c),
            }
        }
        if self.open_braces > 0 {
            return Err(ValueError::new(
                "`{` is not closed",
                r"close it with `}`, or write `\{` for the character itself",
            ));
        }
        Ok(())
    }

    /// `**` is any number of whole segments: alone, or between `/` and the end.
    fn double_star(&mut self, index: usize) -> Result<(), ValueError> {
        if self.segments == Segments::None {
            return Err(ValueError::new("`**` has no meaning here", "`*` is enough: it matches `/` too"));
        }
        let before = &self.glob[..index];
        let after = &self.glob[index + 2..];
        let begins = before.is_empty() || before.ends_with('/');
        if !begins || !(after.is_empty() || after.starts_with('/')) {
            return Err(ValueError::new(
                "`**` stands for whole segments of a path",
                "write it between slashes, as in `acme/**/api`; within a segment `*` is enough",
            ));
        }
        self.rest.next();
        if after.is_empty() {
            self.last_segments();
        } else {
            self.rest.next();
            self.regex.push_str(SEGMENTS);
        }
        Ok(())
    }

    /// Writes a `**` at the end. It matches everything beneath the text before it, and read widely that text as well.
    fn last_segments(&mut self) {
        let before = self.regex.trim_end_matches(SEGMENTS).strip_suffix('/').filter(|before| !before.is_empty());
        self.regex = match (self.width, before) {
            (Width::Wide, Some(before)) => format!("{before}(?:/.*)?"),
            _ => format!("{}.*", self.regex),
        };
    }

    /// `[a-z]`, `[!a-z]`: one character; a `]` right after the bracket is meant as itself.
    fn class(&mut self) -> Result<(), ValueError> {
        let mut class = String::from("[");
        if self.rest.next_if(|(_, c)| matches!(c, '!' | '^')).is_some() {
            class.push('^');
        }
        let mut is_first = true;
        loop {
            let start = match self.class_char()? {
                ClassChar::End if !is_first => break,
                ClassChar::End => ']',
                ClassChar::One(c) => c,
            };
            is_first = false;
            push_class_literal(&mut class, start);
            let mut ahead = self.rest.clone();
            if ahead.next().is_some_and(|(_, c)| c == '-') && ahead.next().is_some_and(|(_, c)| c != ']') {
                self.rest.next();
                let ClassChar::One(end) = self.class_char()? else {
                    return Err(unclosed_class());
                };
                if end < start {
                    return Err(ValueError::new(
                        format!("the range `{start}-{end}` is empty"),
                        format!("write `{end}-{start}`"),
                    ));
                }
                class.push('-');
                push_class_literal(&mut class, end);
            }
        }
        class.push(']');
        match self.segments {
            Segments::Slash => self.regex.push_str(&format!("[{class}&&[^/]]")),
            Segments::None => self.regex.push_str(&class),
        }
        Ok(())
    }

    fn class_char(&mut self) -> Result<ClassChar, ValueError> {
        match self.rest.next() {
            Some((_, ']')) => Ok(ClassChar::End),
            Some((_, '\\')) => match self.rest.next() {
                Some((_, c)) => Ok(ClassChar::One(c)),
                None => Err(unclosed_class()),
            },
            Some((_, c)) => Ok(ClassChar::One(c)),
            None => Err(unclosed_class()),
        }
    }

    fn literal(&mut self, c: char) {
        self.regex.push_str(&regex_syntax::escape(c.encode_utf8(&mut [0; 4])));
    }
}

enum ClassChar {
    One(char),
    End,
}

fn unclosed_class() -> ValueError {
    ValueError::new("`[` is not closed", r"close it with `]`, or write `\[` for the character itself")
}

/// Escapes everything odd: inside brackets a regular expression gives meaning to doubled signs, too.
fn push_class_literal(class: &mut String, c: char) {
    if c.is_alphanumeric() || c == '_' {
        class.push(c);
    } else {
        class.push_str(&format!(r"\u{{{:x}}}", u32::from(c)));
    }
}
