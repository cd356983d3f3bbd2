//! Regular expressions that match a single text.

use regex_syntax::hir::HirKind;

use super::Advice;
use super::looked::Looked;
use super::slashes::{inner, wider};
use crate::policy::PatternKind;
use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "regex-is-literal",
    explanation: "\
A regular expression has nothing of one between its slashes, as `/-rc/`. Patterns are anchored at both ends: it matches
this one text, and not what has it somewhere. Whoever wants that needs no slashes.

Write a wildcard where something may stand, `*-rc*`, or take the slashes away.

```yaml
delete:
- { version: \"/SNAPSHOT/\", older_than: 30d }
```",
};

/// Tells of an expression without any sign of one. It matches a single text, and whoever wants that needs no slashes.
pub(super) fn advice(looked: &Looked<'_>) -> Option<Advice> {
    let inner = inner(looked.text())?;
    let hir = regex_syntax::parse(inner).ok()?;
    let HirKind::Literal(literal) = hir.kind() else { return None };
    let text = std::str::from_utf8(&literal.0).ok()?;
    let anywhere = match looked.kind() {
        PatternKind::Text | PatternKind::Topic => wider(text, true, true),
        PatternKind::Name | PatternKind::Path | PatternKind::File => wider(&format!("/{inner}/"), true, true),
    };
    let advice = Advice::new(
        &LINT,
        format!("`/{inner}/` matches `{text}` and nothing else: patterns are anchored at both ends"),
        "write `.*` where anything may stand",
    );
    let only = text.to_owned();
    Some(advice.or("", [anywhere], " for what has it anywhere").or("", [only], " if nothing else is meant"))
}
