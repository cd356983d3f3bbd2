//! Comments that silence nothing where they stand.

use crate::yaml::findings::Findings;
use crate::yaml::{LintKind, Use};

pub(super) static LINT: LintKind = LintKind {
    name: "allow-of-nothing",
    explanation: "\
A comment allows a warning that there is not at this place: the rule was mended since, or the comment stands in the wrong
line. Left alone it would silence the next mistake. A warning about such comments can't be allowed.

Take it out, or write it directly above the line that the warning names.

```yaml
delete:
# gleaner: allow rule-without-age, because all of them may go
- { version: \"*-SNAPSHOT\", older_than: 30d }
```",
};

/// `lints` are all that there are.
pub(super) fn look(lints: &[&LintKind], findings: &mut Findings<'_>) {
    let idle = findings.allows.iter().filter(|allow| allow.came_to == Use::None);
    let idle = idle.filter_map(|allow| Some((allow.span, allow.name.as_ref().ok()?.clone())));
    for (span, name) in idle.filter(|(_, name)| lints.iter().any(|lint| lint.name == *name)).collect::<Vec<_>>() {
        let message = format!("this comment silences nothing: `{name}` is not told of the line below it");
        findings.lint(&LINT, span, message, "take it out, or write it directly above the line that the warning names");
    }
}
