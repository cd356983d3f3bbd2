//! Rules about an age that can't be known.

use super::newest_keeps_every_branch::{in_place, is_in_place};
use super::{Role, Rule};
use crate::package::PackageType;
use crate::policy::Condition;
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;
use crate::yaml::text::any_of;

pub(super) static LINT: LintKind = LintKind {
    name: "unknown-age-never-holds",
    explanation: "\
`unknown_age` stands in a rule that it makes hold for nothing. Only branches of Composer have an unknown age, so it holds
for no other type. Beside `older_than`, `younger_than`, `not_downloaded_for` or `superseded_for` a delete rule never holds either: of an
unknown age nobody knows whether it is what these say.

Write it in a rule of its own for Composer packages, without a condition on the age.

```yaml
delete:
- { type: npm, unknown_age: true }
```",
};

pub(super) fn look(rule: &Rule<'_>, findings: &mut Findings<'_>) {
    if !rule.conditions.contains(&Condition::UnknownAge) {
        return;
    }
    let is_deleting = matches!(rule.role, Role::Delete | Role::Files);
    if let Some(types) = rule.types().filter(|types| !types.is_empty())
        && !types.iter().any(is_in_place)
    {
        // A row without a date has none either, and always stays.
        let never = if is_deleting { "this rule can never delete" } else { "this rule saves nothing" };
        findings.lint(
            &LINT,
            rule.places.key("unknown_age"),
            format!("{never}: the age of {} packages is known", any_of(types.iter().map(PackageType::as_str))),
            format!("only branches of {} have an unknown age", in_place()),
        );
        return;
    }
    for condition in rule.conditions.iter().filter(|_| is_deleting) {
        let key = match condition {
            Condition::OlderThan(_) => "older_than",
            Condition::YoungerThan(_) => "younger_than",
            Condition::NotDownloadedFor(_) => "not_downloaded_for",
            Condition::SupersededFor(_) => "superseded_for",
            _ => continue,
        };
        findings.lint(
            &LINT,
            rule.places.key(key),
            format!("this rule never holds: of an unknown age nobody knows whether it is what `{key}` says"),
            format!("take `{key}` out; a larger `min_age` under `limits` waits longer after it was first made"),
        );
    }
}
