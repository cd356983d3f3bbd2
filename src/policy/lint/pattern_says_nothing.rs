//! Patterns beside others that leave them nothing to do.

use super::Advice;
use crate::policy::Patterns;
use crate::policy::pattern::{Effect, ListItem};
use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "pattern-says-nothing",
    explanation: "\
A pattern changes nothing beside the others of its list: a `!` pattern takes away nothing that another one matches, or
what a pattern matches is taken away again. Whoever reads it may think that it does something.

Take it out, or write it as what it is to take away.

```yaml
delete:
- { type: maven, version: [\"1.*\", \"!2.0\"], older_than: 30d }
```",
};

/// Tells of a pattern. `included` are the patterns of its list that don't take away.
pub(super) fn advice(item: &ListItem<'_>, included: Option<&Patterns>) -> Advice {
    let text = item.text;
    match (item.effect, included) {
        (Effect::Include, _) => {
            Advice::new(&LINT, format!("`{text}` says nothing: it is taken away again"), "take one of them out")
        }
        (Effect::TakeAway, Some(_)) => Advice::new(
            &LINT,
            format!("`!{text}` takes nothing away: no other pattern here matches any of it"),
            "take it out, or write it as what it is to take away",
        ),
        (Effect::TakeAway, None) => Advice::new(&LINT, format!("`!{text}` takes nothing away"), "take it out"),
    }
}
