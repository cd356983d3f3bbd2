//! The text that patterns are held against: read narrowly it is the text itself, read widely all its spellings.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::{Pattern, Patterns, Reading, Width};
use crate::package::{Ecosystem, NameRule};

/// A text as GitLab shows it, with the rule for its other spellings, which clients take for the same text.
#[derive(Debug, Clone, Copy)]
pub enum Shown<'a> {
    /// A text without other spellings.
    Plain(&'a str),
    /// A name, with the rule for names of its type.
    Name(&'a str, NameRule),
    /// A version, with its ecosystem.
    Version(&'a str, Ecosystem),
}

impl Patterns {
    /// Returns whether a text matches as delete and files rules and scopes read it. Patterns that include look at the
    /// text as shown, patterns that take away at all its spellings.
    #[must_use]
    pub fn select(&self, text: Shown<'_>) -> bool {
        self.read(text, Reading::Select)
    }

    /// Returns whether a text matches as keep and protect rules read it. Patterns that include look at all its
    /// spellings, patterns that take away at the text as shown.
    #[must_use]
    pub fn hold(&self, text: Shown<'_>) -> bool {
        self.read(text, Reading::Hold)
    }

    pub(super) fn read(&self, text: Shown<'_>, reading: Reading) -> bool {
        let spelt = Spelt::from(text);
        self.decide(|pattern| pattern.matches_as(reading, &spelt, self.kind))
    }
}

impl Pattern {
    pub(super) fn matches_as(&self, reading: Reading, text: &Spelt<'_>, kind: super::PatternKind) -> bool {
        match reading.width(self.effect) {
            Width::Narrow => self.regex.is_match(text.shown.as_str()),
            Width::Wide => self.matches_widely(text, kind),
        }
    }

    /// Returns whether a text matches when read widely. One that matches narrowly always does.
    fn matches_widely(&self, text: &Spelt<'_>, kind: super::PatternKind) -> bool {
        self.regex.is_match(text.shown.as_str()) || self.wide.matches(self.body(), kind, text)
    }
}

impl<'a> Shown<'a> {
    /// Returns the text as GitLab shows it.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        match self {
            Self::Plain(text) | Self::Name(text, _) | Self::Version(text, _) => text,
        }
    }

    /// Returns whether clients may know it by another spelling.
    #[must_use]
    pub fn has_spellings(self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Name(_, rule) => rule != NameRule::Exact,
            // Cargo's versions may differ in case and in build metadata.
            Self::Version(_, ecosystem) => ecosystem.has_spellings() || ecosystem == Ecosystem::Cargo,
        }
    }

    /// Returns the normal form, which all of its spellings share; in lower case where it has several.
    pub(super) fn normal(self) -> Cow<'a, str> {
        let normal = match self {
            _ if !self.has_spellings() => return Cow::Borrowed(self.as_str()),
            Self::Plain(text) => Cow::Borrowed(text),
            Self::Name(name, rule) => rule.normal(name),
            Self::Version(version, ecosystem) => ecosystem.normal(version),
        };
        Cow::Owned(normal.to_ascii_lowercase())
    }
}

/// A text with its other forms, which are made when somebody asks.
pub(super) struct Spelt<'a> {
    pub(super) shown: Shown<'a>,
    normal: OnceCell<Cow<'a, str>>,
    spellings: OnceCell<Vec<String>>,
}

impl<'a> From<Shown<'a>> for Spelt<'a> {
    fn from(shown: Shown<'a>) -> Self {
        Self { shown, normal: OnceCell::new(), spellings: OnceCell::new() }
    }
}

impl Spelt<'_> {
    pub(super) fn normal(&self) -> &str {
        self.normal.get_or_init(|| self.shown.normal())
    }

    /// Returns the spellings that expressions are tried on, in lower case.
    pub(super) fn spellings(&self) -> &[String] {
        self.spellings.get_or_init(|| {
            let mut spellings = match self.shown {
                Shown::Version(version, ecosystem) => ecosystem.spellings(version),
                Shown::Plain(_) | Shown::Name(..) => Vec::new(),
            };
            spellings.iter_mut().for_each(|spelling| spelling.make_ascii_lowercase());
            spellings.push(self.normal().to_owned());
            spellings
        })
    }
}
