//! The names that are one to the clients of a type, however they are written.

use std::borrow::Cow;

/// How the clients of a type compare names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameRule {
    /// By every letter.
    Exact,
    /// Without regard to case.
    WithoutCase,
    /// Without regard to case, and with any run of `-`, `_` and `.` taken for the same, by PEP 503.
    Pep503,
    /// Without regard to case, and with `_` taken for `-`.
    Cargo,
}

impl NameRule {
    /// Returns the form that all spellings of one name have in common. It is a spelling itself.
    #[must_use]
    pub fn normal(self, name: &str) -> Cow<'_, str> {
        match self {
            Self::Exact => Cow::Borrowed(name),
            Self::WithoutCase => Cow::Owned(name.to_ascii_lowercase()),
            Self::Pep503 => Cow::Owned(pep503(name)),
            Self::Cargo => Cow::Owned(name.to_ascii_lowercase().replace('_', "-")),
        }
    }
}

fn pep503(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            c => normal.push(c.to_ascii_lowercase()),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::NameRule::{Cargo, Exact, Pep503, WithoutCase};

    #[test]
    fn spellings_of_a_name_have_one_form() {
        let table = [
            (Exact, "Acme_Core", "Acme_Core"),
            (WithoutCase, "Acme.Core", "acme.core"),
            (WithoutCase, "acme_core", "acme_core"),
            (Pep503, "Acme.Core", "acme-core"),
            (Pep503, "acme__core", "acme-core"),
            (Pep503, "acme_.-core", "acme-core"),
            (Pep503, "acme", "acme"),
            (Cargo, "Acme_Core", "acme-core"),
            (Cargo, "acme.core", "acme.core"),
        ];
        for (rule, name, normal) in table {
            assert_eq!(rule.normal(name), normal, "{rule:?} {name}");
        }
    }
}
