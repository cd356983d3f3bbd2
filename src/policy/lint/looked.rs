//! One pattern of a list, and the questions that the lints ask about it.

use crate::policy::PatternKind;
use crate::policy::pattern::{Effect, ListItem, Reading, SearchResult, Texts, Work, find};

/// One pattern of a list, as far as it was looked at.
pub(super) struct Looked<'a> {
    pub(super) key: &'static str,
    pub(super) item: &'a ListItem<'a>,
    /// How its list is read.
    pub(super) reading: Reading,
    /// A text that it matches.
    pub(super) sample: SearchResult,
    pub(super) work: &'a Work,
}

impl Looked<'_> {
    pub(super) fn text(&self) -> &str {
        self.item.text
    }

    pub(super) fn kind(&self) -> PatternKind {
        self.item.alone.kind()
    }

    /// Returns the consequence of a pattern that matches nothing.
    pub(super) fn vain(&self) -> String {
        let text = self.text();
        match (self.item.effect, self.reading) {
            (Effect::TakeAway, _) => format!("so `!{text}` takes nothing away"),
            (Effect::Include, Reading::Hold) => format!("so nothing is held by `{text}`"),
            (Effect::Include, Reading::Select) => format!("so nothing matches `{text}`"),
        }
    }

    /// Returns whether it matches something, and nothing but what the expression does.
    pub(super) fn matches_only(&self, expression: &str) -> bool {
        self.is_sampled_by(expression) == Some(true)
            && find(self.kind(), &[self.item.into()], &[Texts::Expression(expression)], self.work)
                == SearchResult::Nothing
    }

    /// Returns whether it matches something, and nothing that the expression does.
    pub(super) fn misses(&self, expression: &str) -> bool {
        self.is_sampled_by(expression) == Some(false)
            && find(self.kind(), &[self.item.into(), Texts::Expression(expression)], &[], self.work)
                == SearchResult::Nothing
    }

    fn is_sampled_by(&self, expression: &str) -> Option<bool> {
        match &self.sample {
            SearchResult::Text(text) => Texts::Expression(expression).contains(text, self.kind(), self.work),
            SearchResult::Nothing | SearchResult::Unknown => None,
        }
    }
}
