//! Which warnings are denied, and which one is explained.

use super::super::UsageError;
use crate::policy::{LINTS, lint_named};
use crate::yaml::text::did_you_mean;
use crate::yaml::{Lint, LintKind};

/// The warnings that `--deny` names.
pub(super) enum Denied {
    All,
    Named(Vec<&'static LintKind>),
}

/// Stands for every warning.
const ALL: &str = "warnings";

impl Denied {
    /// Reads the values of `--deny`.
    ///
    /// # Errors
    ///
    /// One of them is neither `warnings` nor the name of a lint.
    pub(super) fn of(values: &[String]) -> Result<Self, UsageError> {
        let names = values.iter().filter(|value| *value != ALL);
        let named = names.map(|name| named_among(name, &[ALL])).collect::<Result<Vec<_>, _>>()?;
        Ok(if values.iter().any(|value| value == ALL) { Self::All } else { Self::Named(named) })
    }

    /// Returns how many of these lints are denied.
    pub(super) fn among(&self, lints: &[Lint]) -> usize {
        match self {
            Self::All => lints.len(),
            Self::Named(named) => lints.iter().filter(|lint| named.contains(&lint.kind)).count(),
        }
    }
}

/// Returns the lint of this name.
pub(super) fn named(name: &str) -> Result<&'static LintKind, UsageError> {
    named_among(name, &[])
}

/// Returns the lint of this name. `others` may have been meant, too.
fn named_among(name: &str, others: &[&'static str]) -> Result<&'static LintKind, UsageError> {
    lint_named(name).ok_or_else(|| {
        let names: Vec<&str> = others.iter().copied().chain(LINTS.map(|lint| lint.name)).collect();
        let meant = did_you_mean(name, names.iter().copied());
        UsageError::UnknownLint(name.to_owned(), meant, names.join(", "))
    })
}

/// Tells why the check ends with a failure.
pub(super) fn refusal(count: usize) -> String {
    match count {
        1 => "1 warning is denied".to_owned(),
        count => format!("{count} warnings are denied"),
    }
}
