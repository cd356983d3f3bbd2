//! Delete rules that no age holds back.

use super::Rule;
use crate::package::Status;
use crate::policy::{Condition, Limits};
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;

pub(super) static LINT: LintKind = LintKind {
    name: "rule-without-age",
    explanation: "\
A delete rule says none of `older_than`, `not_downloaded_for`, `superseded_for` and `branch_gone_for`. `min_age` is all that
holds it back, so it takes a package a few days after it was published, while somebody may still wait for it.

Write the age that you mean. If `min_age` is what you mean, write that: then nobody has to guess.

```yaml
delete:
- version: \"*-SNAPSHOT\"
```",
};

pub(super) fn look(rule: &Rule<'_>, limits: &Limits, findings: &mut Findings<'_>) {
    // What GitLab could not process can't be installed, so nobody can miss it.
    let is_of_failed_uploads = rule.statuses() == [Status::Error];
    // `unknown_age` says that there is no age to go by, and `branch_gone_for` goes by another one.
    let has_its_own = rule.conditions.iter().any(Condition::means_unknown_age);
    if rule.ages().next().is_some() || is_of_failed_uploads || has_its_own {
        return;
    }
    let min_age = &limits.min_age;
    findings.lint(
        &LINT,
        rule.place(findings),
        format!("this rule has no age: it selects a package as soon as `min_age` lets it, after {min_age}"),
        format!("write how old it has to be, as in `older_than: 30d`, or `older_than: {min_age}` if that is meant"),
    );
}
