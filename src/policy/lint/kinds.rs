//! Rules that come to something else than they seem to, because of what GitLab tells of a package type.

use super::imply::are_apart;
use super::{Role, Rule};
use crate::package::{Growth, Indexes, PackageType, Status};
use crate::policy::{By, Condition, DeleteRule, Newest, PatternKind, Patterns};
use crate::yaml::findings::Findings;
use crate::yaml::text::any_of;

/// Every version that may be a branch, whatever its case.
const BRANCHES: &str = "/(?i:dev-.*|.*dev)/";

/// Delete rules for types of which every version may be the highest of an index that GitLab doesn't tell.
pub(super) fn indexes(rule: &DeleteRule, seen: &Rule<'_>, findings: &mut Findings<'_>) {
    let Some(types) = seen.types().filter(|types| !types.is_empty()) else { return };
    let several: Vec<&str> = named_where(&types, |one| one.facts().indexes == Indexes::Several);
    if rule.other_indexes {
        if several.is_empty() {
            findings.lint(
                seen.places.key("other_indexes"),
                format!("`other_indexes` says nothing: {} packages have one index", any_of(names(&types))),
                "take it out",
            );
        }
        return;
    }
    // What can't be installed is in no index.
    if several.is_empty() || !seen.selects_installable() {
        return;
    }
    let taken = if seen.statuses().contains(&Status::Error) { "failed uploads alone" } else { "none" };
    findings.lint(
        seen.place(findings),
        format!(
            "of {} packages this rule takes {taken}: each version may be the highest of its distribution or channel, which \
             GitLab's API doesn't tell, and stays as `other_index`",
            any_of(several)
        ),
        "to delete them, write `other_indexes: true`; to delete the highest as well, also `allow_latest: true`",
    );
}

/// Rules about an age that can't be known.
pub(super) fn unknown_age(rule: &Rule<'_>, findings: &mut Findings<'_>) {
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
            rule.places.key("unknown_age"),
            format!("{never}: the age of {} packages is known", any_of(names(&types))),
            format!("only branches of {} have an unknown age", in_place()),
        );
        return;
    }
    for condition in rule.conditions.iter().filter(|_| is_deleting) {
        let key = match condition {
            Condition::OlderThan(_) => "older_than",
            Condition::YoungerThan(_) => "younger_than",
            Condition::NotDownloadedFor(_) => "not_downloaded_for",
            _ => continue,
        };
        findings.lint(
            rule.places.key(key),
            format!("this rule never holds: of an unknown age nobody knows whether it is what `{key}` says"),
            format!("take `{key}` out; a larger `min_age` under `limits` waits longer after it was first made"),
        );
    }
}

/// `newest` by content among branches that a delete rule takes: nothing tells which of them was published last.
pub(super) fn newest(
    newest: &Newest,
    keep: &Rule<'_>,
    delete: &[(&DeleteRule, Rule<'_>)],
    findings: &mut Findings<'_>,
) {
    let types = keep.types();
    let is_counting = types.as_ref().is_none_or(|types| types.iter().any(is_in_place));
    if newest.by != By::Content || !is_counting || !may_fit_branches(keep) {
        return;
    }
    // Without such a rule every branch stays by `min_age`.
    let takes = |rule: &Rule<'_>| rule.conditions.contains(&Condition::UnknownAge) && may_fit_branches(rule);
    if !delete.iter().any(|(_, rule)| takes(rule) && have_versions_in_common(keep, rule)) {
        return;
    }
    let is_alone = types.is_some_and(|types| types.iter().all(is_in_place));
    let place = if is_alone { "beside it".to_owned() } else { format!("in a rule of its own for {}", in_place()) };
    findings.lint(
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

fn is_in_place(package_type: &PackageType) -> bool {
    package_type.facts().growth == Growth::InPlace
}

/// The types with branches, as they are told.
fn in_place() -> String {
    any_of(PackageType::names_where(|facts| facts.growth == Growth::InPlace))
}

fn names(types: &[PackageType]) -> impl Iterator<Item = &str> {
    types.iter().map(PackageType::as_str)
}

fn named_where(types: &[PackageType], wanted: fn(&PackageType) -> bool) -> Vec<&str> {
    types.iter().filter(|one| wanted(one)).map(PackageType::as_str).collect()
}
