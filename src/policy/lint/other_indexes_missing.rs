//! Delete rules for types whose every version may be the highest of an index that GitLab doesn't tell.

use super::Rule;
use crate::package::{Indexes, PackageType, Status};
use crate::policy::DeleteRule;
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;
use crate::yaml::text::any_of;

pub(super) static LINT: LintKind = LintKind {
    name: "other-indexes-missing",
    explanation: "\
A delete rule is for Helm or Debian packages and lacks `other_indexes`. Each of their versions may be the highest of its
channel or distribution, which GitLab's API doesn't tell. Without `other_indexes` all of them stay, so the rule deletes
failed uploads at most.

Write `other_indexes: true` if all but the highest version may go, and `allow_latest: true` beside it if the highest may
go as well.

```yaml
delete:
- { type: helm, older_than: 90d }
```",
};

pub(super) fn look(rule: &DeleteRule, seen: &Rule<'_>, findings: &mut Findings<'_>) {
    let types = seen.types().unwrap_or_default();
    let has_several = |one: &&PackageType| one.facts().indexes == Indexes::Several;
    let several: Vec<&str> = types.iter().filter(has_several).map(PackageType::as_str).collect();
    // What can't be installed is in no index.
    if rule.other_indexes || several.is_empty() || !seen.selects_installable() {
        return;
    }
    let taken = if seen.statuses().contains(&Status::Error) { "failed uploads alone" } else { "none" };
    findings.lint(
        &LINT,
        seen.place(findings),
        format!(
            "of {} packages this rule takes {taken}: each version may be the highest of its distribution or channel, which \
             GitLab's API doesn't tell, and stays as `other_index`",
            any_of(several)
        ),
        "to delete them, write `other_indexes: true`; to delete the highest as well, also `allow_latest: true`",
    );
}
