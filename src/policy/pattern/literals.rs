//! The literal parts of a pattern, which every text that it matches contains.

use regex_syntax::hir::{Hir, HirKind};

use super::{Effect, Patterns, Reading, expression};

impl Patterns {
    /// Returns for each pattern that includes the literals, in lower case, that every text that it matches contains.
    pub(in crate::policy) fn literals(&self, reading: Reading) -> impl Iterator<Item = Vec<String>> {
        let included = self.patterns.iter().filter(|pattern| pattern.effect == Effect::Include);
        included.map(move |pattern| {
            let expression = expression(pattern.body(), self.kind, reading.width(pattern.effect)).unwrap_or_default();
            let mut literals = Vec::new();
            // Case may count here, because the literals become lower case in the end.
            if let Ok(hir) = regex_syntax::parse(&expression) {
                collect(&hir, &mut literals);
            }
            literals
        })
    }
}

fn collect(hir: &Hir, literals: &mut Vec<String>) {
    match hir.kind() {
        HirKind::Literal(literal) => literals.push(String::from_utf8_lossy(&literal.0).to_ascii_lowercase()),
        HirKind::Capture(capture) => collect(&capture.sub, literals),
        HirKind::Concat(parts) => parts.iter().for_each(|part| collect(part, literals)),
        // Optional parts are not in every text.
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::PatternKind::{self, Name, Path, Text};
    use super::*;

    #[test]
    fn what_every_text_has_in_it() {
        let table: &[(PatternKind, &str, Reading, &[&str])] = &[
            (Text, "1.0-RC1", Reading::Select, &["1.0-rc1"]),
            (Text, "1.*-rc*", Reading::Select, &["1.", "-rc"]),
            (Text, "{a,b}-x", Reading::Select, &["-x"]),
            (Text, "/(abc)[0-9]+(de|f)?/", Reading::Select, &["abc"]),
            (Text, "*", Reading::Select, &[]),
            (Path, "Acme/**", Reading::Select, &["acme/"]),
            (Path, "Acme/**", Reading::Hold, &["acme"]),
            (Name, "**/api", Reading::Select, &["api"]),
        ];
        for (kind, text, reading, expected) in table {
            let patterns = Patterns::parse(&["!no", text], *kind).unwrap();
            assert_eq!(patterns.literals(*reading).collect::<Vec<_>>(), [*expected], "{text}");
        }
    }
}
