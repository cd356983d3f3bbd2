//! Versions to compare with that a type of the rule can't read.

use super::{Role, Rule};
use crate::package::PackageType;
use crate::policy::Condition;
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;
use crate::yaml::text::any_of;

pub(super) static LINT: LintKind = LintKind {
    name: "version-never-below",
    explanation: "\
The version under `version_below` can't be read as one of a type that the rule is for: those of Go modules begin with `v`,
and those of npm packages have three numbers. A version that can't be compared with it never goes by the rule, and is
always held by it.

Write it as versions of that type are written, in a rule for this type alone if the rule is for several.

```yaml
delete:
- { type: golang, version_below: 3.0.0, older_than: 30d }
```",
};

pub(super) fn look(rule: &Rule<'_>, findings: &mut Findings<'_>) {
    let types = rule.types().unwrap_or_default();
    for condition in rule.conditions {
        let Condition::VersionBelow(bound) = condition else { continue };
        let unread: Vec<&PackageType> = types.iter().filter(|one| !bound.is_read_by(one)).collect();
        let Some(first) = unread.first() else { continue };
        let told = any_of(unread.iter().map(|one| one.as_str()));
        let is_deleting = matches!(rule.role, Role::Delete | Role::Files);
        let consequence = match (is_deleting, unread.len() == types.len()) {
            (true, true) => "this rule never holds".to_owned(),
            (true, false) => format!("of {told} packages this takes none"),
            (false, true) => "this holds for each of them".to_owned(),
            (false, false) => format!("of {told} packages this holds each"),
        };
        let facts = first.facts();
        let prefix = facts.version_prefix;
        let prefixed = format!("{prefix}{bound}");
        let hint = match facts.version_begin {
            Some((_, begin)) if !prefix.is_empty() && !bound.text().starts_with(prefix) => {
                format!("versions of `{first}` packages begin {begin}: write `{prefixed}`")
            }
            _ => "write the version as GitLab lists those of such packages".to_owned(),
        };
        let message = format!("{consequence}: `{bound}` can't be read as a version of {told} packages");
        findings.lint(&LINT, rule.places.value("version_below", 0), message, hint);
    }
}
