//! Whether a condition or a rule holds for one package, as far as that is known.

use super::pattern::{Patterns, Reading, Shown};

/// Whether something holds. Only `Yes` and `No` are knowledge. In a plan the other two select no package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    Yes,
    /// It does not hold.
    No,
    /// It can't be known: a date that GitLab did not send, a look-up that failed.
    Unknown,
    /// It could be looked up, and was not.
    Pending,
}

use Truth::{No, Pending, Unknown, Yes};

impl Truth {
    /// Every truth.
    pub const ALL: [Self; 4] = [Yes, No, Unknown, Pending];

    /// Returns its name in reports.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Yes => "yes",
            No => "no",
            Unknown => "unknown",
            Pending => "open",
        }
    }

    /// Returns `Unknown` where nothing is known.
    pub(crate) fn known(holds: Option<bool>) -> Self {
        holds.map_or(Unknown, Self::from)
    }

    /// Returns whether one of several parts holds.
    pub(crate) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let parts: Vec<Self> = parts.into_iter().collect();
        [Yes, Unknown].into_iter().find(|truth| parts.contains(truth)).unwrap_or(No)
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Yes } else { No }
    }
}

impl Reading {
    /// Returns whether all parts of a rule hold. In a rule that deletes, `Unknown` goes before `Pending`, because the
    /// rule fails on it and nothing needs to be asked. In a rule that keeps, `Pending` goes first, because its answer
    /// may show that the rule doesn't hold.
    pub(crate) fn all(self, parts: impl IntoIterator<Item = Truth>) -> Truth {
        let order = match self {
            Self::Select => [No, Unknown, Pending],
            Self::Hold => [No, Pending, Unknown],
        };
        let parts: Vec<Truth> = parts.into_iter().collect();
        order.into_iter().find(|truth| parts.contains(truth)).unwrap_or(Yes)
    }

    /// Returns whether a text matches.
    pub(super) fn matches(self, patterns: &Patterns, text: Shown<'_>) -> Truth {
        Truth::from(match self {
            Self::Select => patterns.select(text),
            Self::Hold => patterns.hold(text),
        })
    }
}
