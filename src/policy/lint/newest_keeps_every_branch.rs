//! `newest` among branches, where nothing tells which of them was published last.

use super::Rule;
use super::imply::are_apart;
use crate::package::{Growth, PackageType};
use crate::policy::{By, Condition, DeleteRule, Newest, PatternKind, Patterns};
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;
use crate::yaml::text::any_of;

pub(super) static LINT: LintKind = LintKind {
    name: "newest-keeps-every-branch",
    explanation: "\
A keep rule counts Composer's branches by their newest content. A branch grows in place, and GitLab doesn't tell when that
happened last, so each may be the newest and all of them stay.

Write `by: created` in a keep rule for Composer: it goes by when a branch was first published.

```yaml
scope: { group: acme, types: [composer] }
delete:
- unknown_age: true
keep:
- newest: 3
```",
};

/// Every version that may be a branch, whatever its case.
const BRANCHES: &str = "/(?i:dev-.*|.*dev)/";

/// Tells of `newest` by content among branches that a delete rule takes: nothing tells which was published last.
pub(super) fn look(newest: &Newest, keep: &Rule<'_>, delete: &[(&DeleteRule, Rule<'_>)], findings: &mut Findings<'_>) {
    let types = keep.types();
    let is_counting = types.as_ref().is_none_or(|types| types.iter().any(is_in_place));
    if newest.by != By::Content || !is_counting || !may_fit_branches(keep) {
        return;
    }
    // Without such a rule every branch stays by `min_age`.
    let lifts = |rule: &Rule<'_>| rule.conditions.iter().any(Condition::means_unknown_age);
    let takes = |rule: &Rule<'_>| lifts(rule) && may_fit_branches(rule);
    if !delete.iter().any(|(_, rule)| takes(rule) && have_versions_in_common(keep, rule)) {
        return;
    }
    let is_alone = types.is_some_and(|types| types.iter().all(is_in_place));
    let place = if is_alone { "beside it".to_owned() } else { format!("in a rule of its own for {}", in_place()) };
    findings.lint(
        &LINT,
        keep.places.key("newest"),
        format!("this keeps every branch of {} that fits: nothing tells which was published last", in_place()),
        format!("write `by: created` {place}, which goes by when a branch was first published"),
    );
}

fn may_fit_branches(rule: &Rule<'_>) -> bool {
    let Ok(branches) = Patterns::parse(&[BRANCHES], PatternKind::Text) else { return true };
    rule.conditions.iter().all(|condition| match condition {
        Condition::Version(patterns) => !are_apart(patterns, &branches, rule.frame.work),
        Condition::Prerelease(wanted) => *wanted,
        _ => true,
    })
}

fn have_versions_in_common(one: &Rule<'_>, other: &Rule<'_>) -> bool {
    let versions = |rule: &'_ Rule<'_>| -> Vec<Patterns> {
        let patterns = rule.conditions.iter().filter_map(|condition| match condition {
            Condition::Version(patterns) => Some(patterns.clone()),
            _ => None,
        });
        patterns.collect()
    };
    let (other, work) = (versions(other), one.frame.work);
    !versions(one).iter().any(|own| other.iter().any(|theirs| are_apart(own, theirs, work)))
}

/// Returns whether versions of the type can be branches, which grow in place.
pub(super) fn is_in_place(package_type: &PackageType) -> bool {
    package_type.facts().growth == Growth::InPlace
}

/// Returns the types with branches, as they are told.
pub(super) fn in_place() -> String {
    any_of(PackageType::names_where(|facts| facts.growth == Growth::InPlace))
}
