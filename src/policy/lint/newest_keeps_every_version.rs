//! `newest` by series that have a single version each.

use super::Rule;
use crate::policy::{Newest, Per};
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;

pub(super) static LINT: LintKind = LintKind {
    name: "newest-keeps-every-version",
    explanation: "\
The group of `newest_per` takes in the whole version. So each version is a series of its own and the newest of it, and
the rule keeps every version.

Leave what changes within a series outside of the group, as in `/([0-9]+\\.[0-9]+)\\..*/`.

```yaml
delete:
- older_than: 30d
keep:
- { newest: 3, newest_per: '/(.*)/' }
```",
};

pub(super) fn look(newest: &Newest, keep: &Rule<'_>, findings: &mut Findings<'_>) {
    if let Some(Per::Capture(capture)) = &newest.per
        && newest.last_series.is_none()
        && capture.is_whole()
    {
        findings.lint(
            &LINT,
            keep.places.value("newest_per", 0),
            "this keeps every version: each is a series of its own, because the group takes in all of it",
            r"leave what changes within a series outside of the group, as in `/([0-9]+\.[0-9]+)\..*/`",
        );
    }
}
