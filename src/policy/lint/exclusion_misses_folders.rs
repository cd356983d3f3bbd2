//! Exclusions of files that match no file in a folder.

use super::Advice;
use crate::policy::pattern::{Effect, ListItem};
use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "exclusion-misses-folders",
    explanation: "\
A `!` pattern under `file` has no `/`, and a star stops at `/`. It takes away the files that lie in no folder. Those in
folders stay selected, so more goes than is meant.

Write the folders as well, as in `!debug/*.log`, or `!**/*.log` for wherever they lie.

```yaml
files:
- { type: generic, keep_newest: 3, file: [\"**\", \"!*.log\"] }
```",
};

/// Tells of a pattern that takes files away and matches none in a folder.
pub(super) fn advice(item: &ListItem<'_>) -> Option<Advice> {
    let text = item.text;
    let has_wildcard = text.contains(['*', '?', '[']);
    if item.effect != Effect::TakeAway || text.contains('/') || text == "**" || !has_wildcard {
        return None;
    }
    let message = format!("`!{text}` takes away files that lie in no folder alone");
    let advice = Advice::new(&LINT, message, "write the folders as well, as in `debug/*.log`");
    Some(advice.or("", [format!("**/{text}")], " to take them away wherever they lie"))
}
