//! `newest` that counts nothing of what would go.

use super::Rule;
use super::imply::are_apart;
use super::rule::taking_places;
use crate::policy::{Condition, DeleteRule, Patterns};
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;

pub(super) static LINT: LintKind = LintKind {
    name: "newest-counts-other-versions",
    explanation: "\
A keep rule has `newest` beside version patterns, and no delete rule selects a version that these match. So it keeps
nothing that would go.

Write the version patterns of the delete rules in it.

```yaml
scope: { group: acme, types: [maven] }
delete:
- { version: \"*-SNAPSHOT\", older_than: 30d }
keep:
- { newest: 3, version: \"*-rc1\" }
```",
};

/// Tells of a rule that counts nothing of what the delete rules select, and returns whether it does.
pub(super) fn look(keep: &Rule<'_>, delete: &[(&DeleteRule, Rule<'_>)], findings: &mut Findings<'_>) -> bool {
    let counted = keep.conditions.iter().find(|condition| version_patterns(condition).is_some());
    let mut taking = taking_places(delete).peekable();
    let Some(counted) = counted.filter(|_| taking.peek().is_some()) else { return false };
    let has_other_versions = |rule: &Rule<'_>| {
        let are_respelled = keep.has_spellings(counted) && rule.has_spellings(counted);
        let patterns = version_patterns(counted).filter(|_| !are_respelled);
        patterns.is_some_and(|counted| {
            rule.conditions.iter().filter_map(version_patterns).any(|own| are_apart(counted, own, keep.frame.work))
        })
    };
    let is_apart = taking.all(has_other_versions);
    if is_apart {
        findings.lint(
            &LINT,
            keep.places.key("version"),
            "this rule counts only versions that no delete rule selects, so it keeps nothing that would go",
            "write the patterns of the versions that would go",
        );
    }
    is_apart
}

fn version_patterns(condition: &Condition) -> Option<&Patterns> {
    match condition {
        Condition::Version(patterns) => Some(patterns),
        _ => None,
    }
}
