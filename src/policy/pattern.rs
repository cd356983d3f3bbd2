//! Name, path and version patterns: globs and `/regular expressions/`, anchored at both ends, always.

mod kind;
mod language;
mod literals;
mod machine;
mod project;
mod shown;
mod weight;
mod wide;
mod work;

use std::fmt;

use regex::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};
use serde::{Serialize, Serializer};

use super::glob::{self, Segments, Width};
use crate::yaml::Room;
use crate::yaml::ValueError;
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;

pub use kind::PatternKind;
pub(super) use language::{SearchResult, Texts, find};
pub use shown::Shown;
use shown::Spelt;
use wide::Wide;
pub(super) use work::Work;

/// A list of patterns: a text matches when one that includes matches (or there is none) and none that takes away does.
#[derive(Debug, Clone)]
pub struct Patterns {
    kind: PatternKind,
    /// Never empty.
    patterns: Vec<Pattern>,
}

/// The side that a rule and its patterns are read for. In doubt they are read so that more is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// For rules that delete, and for scopes: patterns that take away are read widely.
    Select,
    /// For rules that keep: patterns that include are read widely.
    Hold,
}

#[derive(Debug, Clone)]
struct Pattern {
    /// The pattern as it was written, `!` included.
    text: String,
    effect: Effect,
    /// The compiled narrow reading.
    regex: Regex,
    wide: Wide,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Include,
    /// Written with a `!`.
    TakeAway,
}

/// One pattern of a list.
#[derive(Debug)]
pub(super) struct ListItem<'p> {
    /// Without its `!`.
    pub(super) text: &'p str,
    pub(super) effect: Effect,
    /// The texts that it matches, whether they are taken away or not.
    pub(super) alone: Patterns,
    /// The reading that makes `alone` as wide as it is in its list.
    pub(super) reading: Reading,
}

impl ListItem<'_> {
    /// Returns the texts that it matches as shown, as an expression without anchors.
    pub(super) fn meaning(&self) -> Option<Hir> {
        meaning(self.text, self.alone.kind, Width::Narrow).ok()
    }
}

/// The most characters of a pattern. A longer one is better written as a list.
pub(super) const LENGTH_LIMIT: usize = 1000;
/// The most bytes of a compiled pattern.
const SIZE_LIMIT: usize = 1 << 20;

impl Reading {
    fn width(self, effect: Effect) -> Width {
        match (self, effect) {
            (Self::Select, Effect::Include) | (Self::Hold, Effect::TakeAway) => Width::Narrow,
            (Self::Select, Effect::TakeAway) | (Self::Hold, Effect::Include) => Width::Wide,
        }
    }
}

impl Patterns {
    /// Compiles a list of patterns.
    ///
    /// # Errors
    ///
    /// Tells the first pattern that can't be read, or that the list is empty.
    pub fn parse(texts: &[&str], kind: PatternKind) -> Result<Self, ValueError> {
        if texts.is_empty() {
            return Err(ValueError::new("there is no pattern", "write at least one"));
        }
        let mut room = Room::default();
        let patterns = texts.iter().map(|text| Pattern::parse(text, kind, &mut room)).collect::<Result<_, _>>()?;
        Ok(Self { kind, patterns })
    }

    /// Returns whether a text matches as it stands there.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.decide(|pattern| pattern.regex.is_match(text))
    }

    /// Returns whether any of several texts matches, such as a package's tags. A pattern that takes away one of them
    /// makes it `false`.
    #[must_use]
    pub fn match_any(&self, texts: &[String]) -> bool {
        self.decide(|pattern| texts.iter().any(|text| pattern.regex.is_match(text)))
    }

    fn decide(&self, is_match: impl Fn(&Pattern) -> bool) -> bool {
        let matching = |effect| self.patterns.iter().any(|pattern| pattern.effect == effect && is_match(pattern));
        (self.only_takes_away() || matching(Effect::Include)) && !matching(Effect::TakeAway)
    }

    /// Returns whether a pattern that includes matches: then the author named this text.
    #[must_use]
    pub fn name(&self, text: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.effect == Effect::Include && pattern.regex.is_match(text))
    }

    /// Returns whether all patterns take away, so that everything else matches.
    #[must_use]
    pub fn only_takes_away(&self) -> bool {
        !self.has(Effect::Include)
    }

    pub(super) fn has(&self, effect: Effect) -> bool {
        self.patterns.iter().any(|pattern| pattern.effect == effect)
    }

    pub(super) fn kind(&self) -> PatternKind {
        self.kind
    }

    /// Returns only the patterns that include; `None` where all of them take away.
    pub(super) fn included(&self) -> Option<Self> {
        let patterns: Vec<Pattern> =
            self.patterns.iter().filter(|pattern| pattern.effect == Effect::Include).cloned().collect();
        (!patterns.is_empty()).then_some(Self { kind: self.kind, patterns })
    }

    /// Returns a list that includes what this one takes away; `None` where it takes nothing away.
    pub(super) fn taken_away(&self) -> Option<Self> {
        let taken_away = self.patterns.iter().filter(|pattern| pattern.effect == Effect::TakeAway);
        let patterns: Vec<Pattern> =
            taken_away.map(|pattern| Pattern { effect: Effect::Include, ..pattern.clone() }).collect();
        (!patterns.is_empty()).then_some(Self { kind: self.kind, patterns })
    }

    /// Returns the number of patterns.
    pub(super) fn len(&self) -> usize {
        self.patterns.len()
    }

    /// Returns each pattern by itself, in their order.
    pub(super) fn items(&self, reading: Reading) -> impl Iterator<Item = ListItem<'_>> {
        self.patterns.iter().map(move |pattern| {
            let alone = Pattern { effect: Effect::Include, ..pattern.clone() };
            let alone = Self { kind: self.kind, patterns: vec![alone] };
            let reading = match reading.width(pattern.effect) {
                Width::Narrow => Reading::Select,
                Width::Wide => Reading::Hold,
            };
            ListItem { text: pattern.body(), effect: pattern.effect, alone, reading }
        })
    }

    /// Returns the patterns of this effect, without their `!`.
    pub(super) fn texts_of(&self, effect: Effect) -> impl Iterator<Item = &str> {
        self.patterns.iter().filter(move |pattern| pattern.effect == effect).map(Pattern::body)
    }

    /// Returns the patterns as they were written.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.patterns.iter().map(|pattern| pattern.text.as_str())
    }
}

/// A regular expression with one group, which picks out a part of a version. It is anchored, as all are.
#[derive(Debug, Clone)]
pub struct Capture {
    /// The expression as it was written.
    text: String,
    regex: Regex,
}

impl Capture {
    /// Returns the text in the group; `None` where the expression does not match, or matches without its group.
    #[must_use]
    pub fn of<'t>(&self, text: &'t str) -> Option<&'t str> {
        Some(self.regex.captures(text)?.get(1)?.as_str())
    }

    /// Returns whether the group is the whole expression, so that it picks out the whole of each version.
    pub(super) fn is_whole(&self) -> bool {
        regular_expression(&self.text, PatternKind::Text).is_ok_and(|hir| matches!(hir.kind(), HirKind::Capture(_)))
    }

    /// Reads `/…/` with one group.
    pub(super) fn parse(text: &str) -> Result<Self, ValueError> {
        let hir = regular_expression(text, PatternKind::Text).map_err(|error| match error {
            // The hint for a list would not help here.
            error if error.message == LOOK_AROUND => ValueError::new(error.message, "the whole version has to match"),
            error => error,
        })?;
        let groups = hir.properties().explicit_captures_len();
        if groups != 1 {
            return Err(ValueError::new(
                format!("the expression has {groups} groups, and takes one"),
                "put what makes a series into parentheses, as in `/([0-9]+)\\..*/`; write `(?:…)` around the rest",
            ));
        }
        Ok(Self { text: text.to_owned(), regex: compile(&hir)? })
    }
}

/// Reads one pattern or a list of them.
pub(super) fn read(node: &Node, kind: PatternKind, findings: &mut Findings<'_>) -> Option<Patterns> {
    let patterns = scalar::each(node, findings, |item, findings| {
        let mut room = std::mem::take(&mut findings.room);
        // The first pattern without room has been reported, and those behind it would only repeat that.
        let pattern = if room.is_there() {
            scalar::parsed(item, findings, |text| Pattern::parse(text, kind, &mut room))
        } else {
            None
        };
        findings.room = room;
        pattern
    })?;
    Some(Patterns { kind, patterns })
}

impl Pattern {
    fn parse(text: &str, kind: PatternKind, room: &mut Room) -> Result<Self, ValueError> {
        let (effect, body) = match text.strip_prefix('!') {
            Some(body) => (Effect::TakeAway, body),
            None => (Effect::Include, text),
        };
        if body.is_empty() {
            return Err(ValueError::new(
                format!("`{text}` is no pattern"),
                "write what is to match, or `*` for everything",
            ));
        }
        if body.starts_with('!') {
            return Err(ValueError::new("`!` stands here twice", "one `!` takes away"));
        }
        if body.trim() != body {
            return Err(ValueError::new(
                "the pattern begins or ends with a space or a line end",
                format!("write `{}`", text.trim()),
            ));
        }
        if body.chars().count() > LENGTH_LIMIT {
            return Err(ValueError::new(
                format!("the pattern is longer than {LENGTH_LIMIT} characters"),
                "write a list of patterns",
            ));
        }
        let meaning = meaning(body, kind, Width::Narrow)?;
        let regex = compile(&meaning)?;
        weight::take(room, &meaning)?;
        Ok(Self { text: text.to_owned(), effect, regex, wide: Wide::default() })
    }

    /// Returns the text without its `!`.
    fn body(&self) -> &str {
        self.text.strip_prefix('!').unwrap_or(&self.text)
    }
}

fn meaning(body: &str, kind: PatternKind, width: Width) -> Result<Hir, ValueError> {
    if is_expression(body) { regular_expression(body, kind) } else { parse(&glob(body, kind, width)?, kind) }
}

/// Returns the pattern as a regular expression, without anchors.
fn expression(body: &str, kind: PatternKind, width: Width) -> Result<String, ValueError> {
    match body.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
        Some(inner) => Ok(inner.to_owned()),
        None => glob(body, kind, width),
    }
}

fn is_expression(body: &str) -> bool {
    body.starts_with('/')
}

/// `/…/`, without its own anchors.
///
/// The expression is parsed alone and printed again from what it means. So nothing in it (an unbalanced `)`, a comment
/// under `(?x)`) can reach into the anchors that are put around it.
fn regular_expression(body: &str, kind: PatternKind) -> Result<Hir, ValueError> {
    let Some(inner) = body.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')).filter(|inner| !inner.is_empty())
    else {
        let hint = match kind {
            PatternKind::Path => "a regular expression ends with `/`; a path begins without one",
            PatternKind::File => "a regular expression ends with `/`; a file's name begins without one",
            PatternKind::Name | PatternKind::Text | PatternKind::Topic => "a regular expression is written `/…/`",
        };
        return Err(ValueError::new("a pattern that begins with `/` has to end with it, with something between", hint));
    };
    let hir = parse(inner, kind)?;
    if hir.properties().look_set().contains_anchor() {
        return Err(ValueError::new(
            "`^`, `$`, `\\A` and `\\z` are not needed: the expression is anchored at both ends",
            "take them out, and write `.*` where anything may stand",
        ));
    }
    Ok(hir)
}

fn glob(body: &str, kind: PatternKind, width: Width) -> Result<String, ValueError> {
    let segments = kind.segments();
    if segments == Segments::Slash && body.ends_with('/') {
        return Err(ValueError::new(
            "no name and no path ends with `/`",
            format!("write `{body}**` for everything beneath it"),
        ));
    }
    // A glob's own signs match everything, line ends included.
    Ok(format!("(?s:{})", glob::to_regex(body, segments, width)?))
}

const LOOK_AROUND: &str = "the regular expression looks ahead or behind, which is not supported";

fn parse(regex: &str, kind: PatternKind) -> Result<Hir, ValueError> {
    let mut parser = ParserBuilder::new().case_insensitive(kind.ignores_case()).build();
    parser.parse(regex).map_err(|error| {
        if let regex_syntax::Error::Parse(error) = &error
            && *error.kind() == regex_syntax::ast::ErrorKind::UnsupportedLookAround
        {
            let list = match kind {
                PatternKind::Name => "[\"**\", \"!internal-*\"]",
                PatternKind::Path => "[\"**\", \"!acme/legacy/**\"]",
                PatternKind::File => "[\"**\", \"!**/*.log\"]",
                PatternKind::Text | PatternKind::Topic => "[\"*\", \"!main\"]",
            };
            return ValueError::new(
                LOOK_AROUND,
                format!("write what is left out as a pattern of its own with `!` before it, as in `{list}`"),
            );
        }
        let (what, place) = match &error {
            regex_syntax::Error::Parse(error) => (error.kind().to_string(), Some(error.span().start.column)),
            regex_syntax::Error::Translate(error) => (error.kind().to_string(), Some(error.span().start.column)),
            _ => (error.to_string(), None),
        };
        ValueError {
            message: format!("the regular expression can't be read: {what}"),
            hint: place.map(|place| format!("look at its character {place}")),
        }
    })
}

fn compile(hir: &Hir) -> Result<Regex, ValueError> {
    let anchored = format!(r"\A(?:{hir})\z");
    let regex = RegexBuilder::new(&anchored).size_limit(SIZE_LIMIT).build();
    regex.map_err(|_| ValueError::new("the pattern is too large", "repeat less, or write a list of patterns"))
}

impl PartialEq for Patterns {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.texts().eq(other.texts())
    }
}

impl fmt::Display for Patterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, text) in self.texts().enumerate() {
            f.write_str(if index > 0 { ", " } else { "" })?;
            f.write_str(text)?;
        }
        Ok(())
    }
}

impl PartialEq for Capture {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Display for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Capture {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl Serialize for Patterns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.texts())
    }
}

#[cfg(test)]
mod tests;
