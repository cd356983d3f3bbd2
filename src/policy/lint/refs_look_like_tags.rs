//! Patterns on branches that were written for tags.

use std::collections::BTreeMap;

use super::slashes::inner;
use super::{Role, Rule};
use crate::package::RefKind;
use crate::policy::pattern::{Effect, Reading};
use crate::policy::{Condition, Patterns, Refs};
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;

pub(super) static LINT: LintKind = LintKind {
    name: "refs-look-like-tags",
    explanation: "\
The patterns under `built_from` look like tags. In a delete or files rule patterns without a kind mean branches, so the
rule takes nothing that was built from a tag.

Write the kind: `built_from: { tag: … }`, or `built_from: { branch: … }` if branches are meant.

```yaml
delete:
- { built_from: \"v*\", older_than: 30d }
```",
};

/// In a rule that takes, patterns without a kind mean branches, whatever they look like.
pub(super) fn look(rule: &Rule<'_>, findings: &mut Findings<'_>) {
    if !matches!(rule.role, Role::Delete | Role::Files) {
        return;
    }
    for condition in rule.conditions {
        let Condition::BuiltFrom(Refs::Plain(patterns)) = condition else { continue };
        let Some(first) = first_tag(patterns) else { continue };
        let of = |kind| Condition::BuiltFrom(Refs::OfKinds(BTreeMap::from([(kind, patterns.clone())])));
        findings.lint(
            &LINT,
            rule.places.key("built_from"),
            format!("`{first}` means branches here, and looks like tags"),
            format!("write `{}`, or `{}` if branches are meant", of(RefKind::Tag), of(RefKind::Branch)),
        );
    }
}

/// Returns the first pattern that includes, where all of those look like tags.
fn first_tag(patterns: &Patterns) -> Option<&str> {
    let mut included =
        patterns.items(Reading::Select).filter(|item| item.effect == Effect::Include).map(|item| item.text);
    let first = included.next()?;
    (looks_like_tag(first) && included.all(looks_like_tag)).then_some(first)
}

/// Returns whether a pattern begins as versions do: with a number, or a `v` and a number or a wildcard.
fn looks_like_tag(pattern: &str) -> bool {
    let text = inner(pattern).unwrap_or(pattern);
    let after_v = text.strip_prefix(['v', 'V']);
    let begins_with_number = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_digit()) || text.starts_with("[0-9") || text.starts_with("\\d")
    };
    begins_with_number(after_v.unwrap_or(text)) || after_v.is_some_and(|rest| rest.starts_with(['*', '?']))
}
