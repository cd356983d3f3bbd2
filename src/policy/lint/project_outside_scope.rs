//! Patterns that match no project of the scope.

use super::Advice;
use crate::policy::pattern::{Effect, ListItem};
use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "project-outside-scope",
    explanation: "\
A pattern under `project` or `paths` matches no project in the scope. Patterns there are held against the project's full
path. The pattern does nothing, and a rule whose patterns are all like this never holds.

Write a path in the group of the scope, or widen the scope.

```yaml
scope: { group: acme }
delete:
- { project: \"other/**\", older_than: 30d }
```",
};

/// Tells of the list under `key`, where no pattern matches a project in the scope. `nothing` is the consequence.
pub(super) fn of_list(nothing: &str, key: &str, hint: String) -> Advice {
    Advice::new(&LINT, format!("{nothing}: no project in the scope matches `{key}`"), hint)
}

/// Tells of one pattern that matches no project in the scope.
pub(super) fn of_item(item: &ListItem<'_>, hint: String) -> Advice {
    let text = item.text;
    let message = match item.effect {
        Effect::Include => format!("no project in the scope matches `{text}`"),
        Effect::TakeAway => format!("`!{text}` takes nothing away: no project in the scope matches it"),
    };
    Advice::new(&LINT, message, hint)
}
