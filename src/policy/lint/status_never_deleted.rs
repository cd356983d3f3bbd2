//! Statuses whose packages are never deleted.

use super::{Role, Rule};
use crate::package::Status;
use crate::policy::Condition;
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;
use crate::yaml::text::all_of;

pub(super) static LINT: LintKind = LintKind {
    name: "status-never-deleted",
    explanation: "\
A rule that deletes names only statuses of which nothing is deleted. GitLab's API can't delete hidden packages and those
that it is about to remove, and what is still processed always stays. Files go only of packages that can be installed.

Write a status that can go, or take the rule out.

```yaml
delete:
- { status: hidden, older_than: 30d }
```",
};

/// GitLab's API can't delete hidden packages and those that it is about to remove, and processing ones are always kept.
pub(super) fn look(rule: &Rule<'_>, findings: &mut Findings<'_>) {
    let names_status = rule.conditions.iter().any(|condition| matches!(condition, Condition::Status(_)));
    if !names_status || !rule.statuses().is_empty() {
        return;
    }
    let (message, possible): (_, &[Status]) = match rule.role {
        Role::Delete => (
            "this rule can never delete: packages of such a status are always kept",
            &[Status::Default, Status::Error, Status::Deprecated],
        ),
        Role::Files => (
            "this rule never holds: files go only of packages that can be installed",
            &[Status::Default, Status::Deprecated],
        ),
        Role::Keep | Role::Protect => return,
    };
    let verb = if rule.role == Role::Delete { "deletable statuses are" } else { "their statuses are" };
    findings.lint(
        &LINT,
        rule.place(findings),
        message,
        format!("{verb} {}", all_of(possible.iter().map(Status::as_str))),
    );
}
