//! Comments to gleaner that silence nothing because they lack something.

use crate::yaml::findings::Findings;
use crate::yaml::{Lack, LintKind};

pub(super) static LINT: LintKind = LintKind {
    name: "allow-incomplete",
    explanation: "\
A comment speaks to gleaner and isn't of the form `# gleaner: allow NAME, because …` on a line of its own. It silences
nothing: whoever reads it later has to know which warning was meant, and why.

Write the name of the warning and the reason. A warning ends with its name in brackets.

```yaml
delete:
# gleaner: allow rule-without-age
- version: \"*-SNAPSHOT\"
```",
};

pub(super) fn look(findings: &mut Findings<'_>) {
    let lacks = findings.allows.iter().filter_map(|allow| Some((allow.span, *allow.name.as_ref().err()?)));
    for (span, lack) in lacks.collect::<Vec<_>>() {
        let message = match lack {
            Lack::Word => "this comment silences nothing: only `allow` is understood here",
            Lack::Name => "this comment silences nothing: it names no lint",
            Lack::Reason => "this comment silences nothing: it gives no reason",
            Lack::Line => "this comment silences nothing: it stands behind something",
        };
        findings.lint(&LINT, span, message, "write `# gleaner: allow NAME, because …` on a line above what it allows");
    }
}
