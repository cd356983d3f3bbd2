//! Comments that name a lint which doesn't exist.

use crate::yaml::LintKind;
use crate::yaml::findings::Findings;
use crate::yaml::text::{did_you_mean, shown};

pub(super) static LINT: LintKind = LintKind {
    name: "allow-of-unknown-lint",
    explanation: "\
A comment allows a warning by a name that no warning has. It silences nothing.

Look at the spelling: a warning ends with its name in brackets, and all names stand in this document.

```yaml
delete:
# gleaner: allow rule-without-an-age, because all of them may go
- version: \"*-SNAPSHOT\"
```",
};

/// `lints` are all that there are.
pub(super) fn look(lints: &[&LintKind], findings: &mut Findings<'_>) {
    let names = findings.allows.iter().filter_map(|allow| Some((allow.span, allow.name.as_ref().ok()?.clone())));
    for (span, name) in names.filter(|(_, name)| lints.iter().all(|lint| lint.name != *name)).collect::<Vec<_>>() {
        let names = lints.iter().map(|lint| lint.name);
        let message = format!("there is no lint `{}`{}", shown(&name), did_you_mean(&name, names));
        findings.lint(&LINT, span, message, "a warning ends with its name in brackets");
    }
}
