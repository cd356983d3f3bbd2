//! Keys of rules that change nothing for the types of the rule, or beside its other keys.

use super::Rule;
use super::key_says_nothing::LINT;
use crate::package::{Indexes, PackageType};
use crate::policy::{Condition, DeleteRule, FileRule, Newest, Per, Refs, Together};
use crate::yaml::findings::Findings;
use crate::yaml::text::any_of;

/// Tells of `allow_latest` for packages that have no latest version.
pub(super) fn allow_latest(rule: &DeleteRule, seen: &Rule<'_>, findings: &mut Findings<'_>) {
    let Some(types) = seen.types().filter(|types| !types.is_empty()) else { return };
    if rule.allow_latest && !types.iter().any(PackageType::has_latest) {
        findings.lint(
            &LINT,
            seen.places.key("allow_latest"),
            format!("`allow_latest` says nothing: of {} packages no version is the latest", told(&types)),
            "take it out",
        );
    }
}

/// Tells of `other_indexes` for packages that have one index.
pub(super) fn other_indexes(rule: &DeleteRule, seen: &Rule<'_>, findings: &mut Findings<'_>) {
    let Some(types) = seen.types().filter(|types| !types.is_empty()) else { return };
    if rule.other_indexes && types.iter().all(|one| one.facts().indexes != Indexes::Several) {
        findings.lint(
            &LINT,
            seen.places.key("other_indexes"),
            format!("`other_indexes` says nothing: {} packages have one index", told(&types)),
            "take it out",
        );
    }
}

/// Tells of conditions that follow from `superseded` or `superseded_for` beside them, or from which `superseded` follows.
pub(super) fn successors(rule: &Rule<'_>, findings: &mut Findings<'_>) {
    let pairs = rule.conditions.iter().flat_map(|by| rule.conditions.iter().map(move |idle| (by, idle)));
    for (by, idle) in pairs.filter(|(by, idle)| by != idle && [by, idle].iter().any(|one| one.successors().is_some())) {
        if rule.implies_by(by, idle) {
            findings.lint(
                &LINT,
                rule.places.key(idle.key()),
                format!("`{idle}` says nothing beside `{by}`, which holds for nothing else"),
                format!("take `{}` out", idle.key()),
            );
        }
    }
}

/// Tells of `keep_newest_per` where no file stays for its place.
pub(super) fn keep_newest_per(rule: &FileRule, seen: &Rule<'_>, findings: &mut Findings<'_>) {
    if rule.keep_newest == 0 && rule.together == Together::Package {
        findings.lint(
            &LINT,
            seen.places.key("keep_newest_per"),
            "`keep_newest_per` says nothing beside `keep_newest: 0`: no file stays for its place",
            "take it out",
        );
    }
}

/// Tells of `last_series` where all versions that are counted are of one series.
pub(super) fn last_series(newest: &Newest, seen: &Rule<'_>, findings: &mut Findings<'_>) {
    if newest.last_series.is_none() || newest.per != Some(Per::Ref) {
        return;
    }
    let refs = seen.conditions.iter().filter_map(|condition| match condition {
        Condition::BuiltFrom(refs) => Some(refs),
        _ => None,
    });
    if let Some(only) = refs.filter_map(Refs::only).next() {
        findings.lint(
            &LINT,
            seen.places.key("last_series"),
            format!("`last_series` says nothing: `{only}` is the only series that this rule counts"),
            "take it out, or name more refs under `built_from`",
        );
    }
}

fn told(types: &[PackageType]) -> String {
    any_of(types.iter().map(PackageType::as_str))
}
