//! Lists of patterns that leave nothing.

use super::Advice;
use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "all-taken-away",
    explanation: "\
The `!` patterns of a list take away all that its other patterns match. So the rule never holds, or there is nothing in
the scope. `!` takes away what it matches, whatever stands before or behind it.

Take one of the patterns out, or make the `!` pattern narrower.

```yaml
delete:
- { version: [\"1.*\", \"!*\"], older_than: 30d }
```",
};

/// Tells of the list under `key`. `nothing` is the consequence.
pub(super) fn advice(nothing: &str, key: &str) -> Advice {
    Advice::new(
        &LINT,
        format!("{nothing}: all that `{key}` names is taken away again"),
        "`!` takes away what it matches, whatever stands before or behind it",
    )
}
