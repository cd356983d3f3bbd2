//! The collector for problems and lints. Reading goes on after a problem, so that all are told at once.

use super::allow::{self, Allow, Use};
use super::excerpt::Excerpt;
use super::language::Language;
use super::problem::{Lint, LintKind, Place, Problem, ValueError};
use super::room::Room;
use super::source::Source;
use super::span::Span;

/// The problems and lints of one file so far.
#[derive(Debug)]
pub(crate) struct Findings<'s> {
    file: &'s str,
    /// The language that the file is written in.
    pub(crate) language: Language,
    /// Its text, without the byte order mark that some editors write, which would shift every column.
    pub(crate) text: &'s str,
    /// The place where each line begins.
    line_starts: Vec<usize>,
    /// The problems in the order in which they were found.
    pub(crate) problems: Vec<Problem>,
    /// The lints in the order in which they were found.
    pub(crate) lints: Vec<Lint>,
    /// The comments that silence lints.
    pub(crate) allows: Vec<Allow>,
    /// The room that is left for costly values.
    pub(crate) room: Room,
}

impl<'s> Findings<'s> {
    /// Returns a collector for a file in which nothing has been found yet.
    pub(crate) fn new(source: &'s Source, language: Language) -> Self {
        let text = source.text.trim_start_matches('\u{feff}');
        let behind_line_ends = text.match_indices('\n').map(|(end, _)| end + 1);
        Self {
            file: &source.file,
            language,
            text,
            line_starts: std::iter::once(0).chain(behind_line_ends).collect(),
            problems: Vec::new(),
            lints: Vec::new(),
            allows: allow::read(text),
            room: Room::default(),
        }
    }

    /// Returns the file, as the user named it.
    pub(crate) fn file(&self) -> &'s str {
        self.file
    }

    /// Reports a problem; the hint can be added to what comes back.
    pub(crate) fn problem(&mut self, span: Span, message: impl Into<String>) -> &mut Problem {
        let index = self.problems.len();
        self.problems.push(Problem { place: Some(self.place(span)), message: message.into(), hint: None });
        &mut self.problems[index]
    }

    /// Returns the value, or reports why it can't be read.
    pub(crate) fn value<T>(&mut self, span: Span, result: Result<T, ValueError>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(span, error.message).hint = error.hint;
                None
            }
        }
    }

    /// Reports a lint, unless a comment above the place allows it.
    pub(crate) fn lint(
        &mut self,
        kind: &'static LintKind,
        span: Span,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        if !self.allows(kind, span) {
            let (message, hint) = (message.into(), Some(hint.into()));
            self.lints.push(Lint { kind, place: self.place(span), message, hint });
        }
    }

    /// Returns whether a comment above the place silences lints of this kind there. Such a comment counts as used then.
    pub(crate) fn allows(&mut self, kind: &LintKind, span: Span) -> bool {
        let line = self.line_of(span);
        let mut is_allowed = false;
        for allow in self.allows.iter_mut().filter(|allow| allow.silences(kind.name, line, span.start)) {
            allow.came_to = Use::At(span.start);
            is_allowed = true;
        }
        is_allowed
    }

    /// Notes that not every lint was looked for within a span, so that nobody can say of a comment there that it silences
    /// nothing.
    pub(crate) fn pass_over(&mut self, span: Span) {
        let lines = self.line_of(span)..=self.line_of(Span { start: span.end, end: span.end });
        for allow in self.allows.iter_mut().filter(|allow| allow.came_to == Use::None && lines.contains(&allow.line)) {
            allow.came_to = Use::Untried;
        }
    }

    /// Returns all problems and all lints, each in the order of their places.
    pub(crate) fn told(mut self) -> (Vec<Problem>, Vec<Lint>) {
        let place = |place: Option<&Place>| place.map(|place| (place.line, place.column));
        self.problems.sort_by_key(|problem| place(problem.place.as_ref()));
        self.lints.sort_by_key(|lint| place(Some(&lint.place)));
        (self.problems, self.lints)
    }

    /// Returns the part of a span that lies in its first line. Messages about a whole mapping point there.
    pub(crate) fn first_line(&self, span: Span) -> Span {
        let rest = self.text.get(span.start..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default().trim_end();
        Span { start: span.start, end: span.end.min(span.start + line.len()).max(span.start) }
    }

    /// Returns whether a problem has been reported in the line in which a span starts.
    pub(crate) fn has_problem_in_line_of(&self, span: Span) -> bool {
        let line = self.line_of(span);
        let mut places = self.problems.iter().filter_map(|problem| problem.place.as_ref());
        places.any(|place| place.line == line)
    }

    /// Returns the line in which a span starts, counted from 1.
    pub(crate) fn line_of(&self, span: Span) -> usize {
        self.line_starts.partition_point(|line_start| *line_start <= span.start)
    }

    /// Returns the place of a span, for people.
    pub(crate) fn place(&self, span: Span) -> Place {
        let line = self.line_of(span);
        let line_start = self.line_starts[line - 1];
        let text = self.text[line_start..].split('\n').next().unwrap_or_default();
        let marked = span.start - line_start..span.end - line_start;
        let before = text.get(..marked.start).unwrap_or(text);
        Place {
            file: self.file.to_owned(),
            line,
            column: before.chars().count() + 1,
            excerpt: Excerpt::new(line, text, marked),
        }
    }
}
