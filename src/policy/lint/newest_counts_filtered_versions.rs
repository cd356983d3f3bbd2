//! `newest` beside a condition that few versions fulfil.

use super::Rule;
use crate::policy::condition::meaning::Counted;
use crate::policy::{DeleteRule, Newest};
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;

pub(super) static LINT: LintKind = LintKind {
    name: "newest-counts-filtered-versions",
    explanation: "\
A keep rule has `newest` beside a condition on the age, the downloads, the size or the id. It counts only versions that
fulfil this condition: it keeps the newest three of what was downloaded of late, not the newest three and what was
downloaded of late.

To keep both, write two rules.

```yaml
delete:
- older_than: 30d
keep:
- { newest: 3, downloaded_within: 30d }
```",
};

/// Tells of a filter that the delete rules don't have. It gives the places to some of the versions only.
pub(super) fn look(newest: &Newest, keep: &Rule<'_>, delete: &[(&DeleteRule, Rule<'_>)], findings: &mut Findings<'_>) {
    let count = newest.count;
    for condition in keep.conditions {
        let Counted::Only(counted) = condition.counted() else { continue };
        if delete.iter().any(|(_, rule)| rule.conditions.contains(condition)) {
            continue;
        }
        findings.lint(
            &LINT,
            keep.places.key(condition.key()),
            format!("`newest: {count}` counts only what {counted}"),
            format!("to keep the newest of all as well as what {counted}, write two rules"),
        );
    }
}
