//! Types of rules that the scope leaves out.

use super::Rule;
use crate::package::PackageType;
use crate::policy::Condition;
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;
use crate::yaml::text::all_of;

pub(super) static LINT: LintKind = LintKind {
    name: "type-outside-scope",
    explanation: "\
A rule names a package type that `types` of its scope leaves out. The policy never looks at packages of that type, so the
type says nothing there, and a rule for it alone never holds.

Take the type out of the rule, or add it to `types`.

```yaml
scope: { group: acme, types: [npm] }
delete:
- { type: maven, older_than: 30d }
```",
};

pub(super) fn look(rule: &Rule<'_>, findings: &mut Findings<'_>) {
    let looked_at = rule.frame.types;
    if looked_at.is_empty() {
        return;
    }
    let only = all_of(looked_at.iter().map(PackageType::as_str));
    if let Some(file_type) = rule.file_type {
        let own = file_type;
        if !looked_at.contains(own) {
            let message = format!("this rule never holds: `scope.types` leaves `{own}` out, and has only {only}");
            findings.lint(&LINT, rule.places.value("type", 0), message, format!("add `{own}` to `scope.types`"));
        }
        return;
    }
    for condition in rule.conditions {
        let Condition::Type(own) = condition else { continue };
        let never = own.iter().all(|own| !looked_at.contains(own));
        for (index, left_out) in own.iter().enumerate().filter(|(_, own)| !looked_at.contains(own)) {
            let message = if never {
                format!("this rule never holds: `scope.types` leaves `{left_out}` out, and has only {only}")
            } else {
                format!("`{left_out}` says nothing here: `scope.types` leaves it out, and has only {only}")
            };
            let hint = format!("take it out, or add `{left_out}` to `scope.types`");
            findings.lint(&LINT, rule.places.value("type", index), message, hint);
        }
    }
}
