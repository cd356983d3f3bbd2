//! What a lint says, and which patterns it offers in place of what it complains of.

use crate::policy::pattern::Effect;
use crate::yaml::LintKind;

/// What a lint says, the place aside.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Advice {
    pub(super) lint: &'static LintKind,
    pub(super) message: String,
    /// What to do where no pattern can be named that would be right.
    pub(super) hint: String,
    /// Why the patterns are other ones.
    because: &'static str,
    instead: Vec<Instead>,
}

/// Patterns one of which may be written in place of what is complained of: the first that is right.
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

    /// With patterns that may be meant, and what is told before and after them.
    pub(super) fn or(
        mut self,
        before: &'static str,
        patterns: impl IntoIterator<Item = String>,
        after: &'static str,
    ) -> Self {
        self.instead.push(Instead { before, patterns: patterns.into_iter().collect(), after });
        self
    }

    /// The hint, with those patterns that are right.
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
