//! A lint's message, and the patterns that it offers in place of what it complains of.

use crate::policy::pattern::Effect;
use crate::yaml::LintKind;

/// A lint's message and its hint, without the place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Advice {
    pub(super) lint: &'static LintKind,
    pub(super) message: String,
    /// The hint where no pattern can be named that would be right.
    pub(super) hint: String,
    /// The reason why other patterns are offered.
    because: &'static str,
    instead: Vec<Instead>,
}

/// Patterns to write in place of what is complained of. The first that is right is offered.
#[derive(Debug, PartialEq, Eq)]
struct Instead {
    before: &'static str,
    patterns: Vec<String>,
    after: &'static str,
}

impl Advice {
    pub(super) fn new(lint: &'static LintKind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { lint, message: message.into(), hint: hint.into(), because: "", instead: Vec::new() }
    }

    pub(super) fn because(self, because: &'static str) -> Self {
        Self { because, ..self }
    }

    /// Adds patterns that may be meant, with the words before and after them.
    pub(super) fn or(
        mut self,
        before: &'static str,
        patterns: impl IntoIterator<Item = String>,
        after: &'static str,
    ) -> Self {
        self.instead.push(Instead { before, patterns: patterns.into_iter().collect(), after });
        self
    }

    /// Returns the hint, with those patterns that are right.
    pub(super) fn hint(&self, effect: Effect, is_right: impl Fn(&str) -> bool) -> String {
        let sign = if effect == Effect::TakeAway { "!" } else { "" };
        let parts = self.instead.iter().filter_map(|Instead { before, patterns, after }| {
            let pattern = patterns.iter().find(|pattern| is_right(pattern))?;
            Some(format!("{before}`{sign}{pattern}`{after}"))
        });
        let mut parts: Vec<String> = parts.collect();
        parts.dedup();
        if parts.is_empty() { self.hint.clone() } else { format!("{}write {}", self.because, parts.join(", or ")) }
    }
}
