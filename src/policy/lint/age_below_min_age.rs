//! Ages of delete rules that `min_age` makes longer.

use super::Rule;
use crate::policy::Limits;
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;

pub(super) static LINT: LintKind = LintKind {
    name: "age-below-min-age",
    explanation: "\
The age of a delete rule is less than `min_age`. What is younger than `min_age` always stays, so the rule waits longer
than it says.

Write the longer age in the rule, or a lower `min_age` under `limits`.

```yaml
delete:
- version: \"*-SNAPSHOT\"
  older_than: 1d
```",
};

pub(super) fn look(rule: &Rule<'_>, limits: &Limits, findings: &mut Findings<'_>) {
    let min_age = &limits.min_age;
    if let Some((key, age)) = rule.ages().next()
        && rule.ages().all(|(_, age)| !age.reaches(min_age))
    {
        findings.lint(
            &LINT,
            rule.places.value(key, 0),
            format!("`{key}: {age}` waits for {min_age}: what is younger stays by `min_age`"),
            format!("write `{key}: {min_age}`, or a lower `min_age` under `limits`"),
        );
    }
}
