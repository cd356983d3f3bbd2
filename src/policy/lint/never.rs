//! Rules that hold for no package, and conditions that say nothing of the packages that a rule is for.

use super::{Advice, Role, Rule};
use crate::package::{Facts, PackageType, Status};
use crate::policy::{Condition, DeleteRule, Patterns};
use crate::yaml::findings::Findings;
use crate::yaml::text::{all_of, any_of};

pub(super) fn holds(rule: &Rule<'_>, findings: &mut Findings<'_>) {
    contradictions(rule, findings);
    types(rule, findings);
    undeletable(rule, findings);
    foreign(rule, findings);
}

/// `allow_latest` for packages of which none is the latest.
pub(super) fn lifts(rule: &DeleteRule, seen: &Rule<'_>, findings: &mut Findings<'_>) {
    let Some(types) = seen.types().filter(|types| !types.is_empty()) else { return };
    if rule.allow_latest && !types.iter().any(PackageType::has_latest) {
        findings.lint(
            seen.places.key("allow_latest"),
            format!("`allow_latest` says nothing: of {} packages no version is the latest", told(&types)),
            "take it out",
        );
    }
}

/// Ages that no package can have at once are seldom meant.
fn contradictions(rule: &Rule<'_>, findings: &mut Findings<'_>) {
    for (index, one) in rule.conditions.iter().enumerate() {
        for other in &rule.conditions[index + 1..] {
            let contradiction = match (one, other) {
                (Condition::OlderThan(older), Condition::YoungerThan(younger)) if older.reaches(younger) => {
                    format!("no package is older than {older} and younger than {younger}")
                }
                (Condition::NotDownloadedFor(not_for), Condition::DownloadedWithin(within))
                    if not_for.reaches(within) =>
                {
                    format!("no package was downloaded within {within} and not for {not_for}")
                }
                (Condition::DownloadedWithin(_), Condition::NeverDownloaded) => {
                    "no package was downloaded of late and never".to_owned()
                }
                // What a delete rule selects by its downloads is as old itself.
                (Condition::YoungerThan(younger), Condition::NotDownloadedFor(not_for))
                    if rule.role == Role::Delete && not_for.reaches(younger) =>
                {
                    format!("what is younger than {younger} can't have gone without a download for {not_for}")
                }
                _ => continue,
            };
            findings.lint(
                rule.place(findings),
                format!("this rule never holds: {contradiction}"),
                "write two rules if either is meant",
            );
        }
    }
}

/// Types that the scope leaves out.
fn types(rule: &Rule<'_>, findings: &mut Findings<'_>) {
    let looked_at = rule.frame.types;
    if looked_at.is_empty() {
        return;
    }
    let only = all_of(looked_at.iter().map(PackageType::as_str));
    if let Some(file_type) = rule.file_type {
        let own = file_type;
        if !looked_at.contains(own) {
            let message = format!("this rule never holds: `scope.types` leaves `{own}` out, and has only {only}");
            findings.lint(rule.places.value("type", 0), message, format!("add `{own}` to `scope.types`"));
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
            findings.lint(rule.places.value("type", index), message, hint);
        }
    }
}

/// GitLab's API can't delete hidden packages and those that it is about to remove, and processing ones are always kept.
fn undeletable(rule: &Rule<'_>, findings: &mut Findings<'_>) {
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
    findings.lint(rule.place(findings), message, format!("{verb} {}", all_of(possible.iter().map(Status::as_str))));
}

/// Conditions on what the packages of the rule's types don't have.
fn foreign(rule: &Rule<'_>, findings: &mut Findings<'_>) {
    let Some(types) = rule.types().filter(|types| !types.is_empty()) else { return };
    for condition in rule.conditions {
        let (key, advice) = match condition {
            Condition::Tag(patterns) if !types.iter().any(|one| one.facts().has_tags || !one.is_known()) => {
                ("tag", missing("tags", &types, patterns, |facts| facts.has_tags))
            }
            Condition::Channel(_) if !types.iter().any(|one| one.facts().has_channel || !one.is_known()) => {
                ("channel", never("channel", &types, |facts| facts.has_channel))
            }
            Condition::Prerelease(_) if !types.iter().any(|one| one.facts().versions.has_prereleases()) => {
                ("prerelease", unknown(rule, &types))
            }
            _ => continue,
        };
        findings.lint(rule.places.key(key), advice.message, advice.hint);
    }
}

/// A list of only `!` patterns holds for what has no tags, so nothing is excluded.
fn missing(what: &str, types: &[PackageType], patterns: &Patterns, owners: fn(&Facts) -> bool) -> Advice {
    if patterns.included().is_some() {
        return never(what, types, owners);
    }
    Advice::new(
        format!("this says nothing: {} packages have no {what}", told(types)),
        format!("only {} packages have {what}", all_of(PackageType::names_where(owners))),
    )
}

fn never(what: &str, types: &[PackageType], owners: fn(&Facts) -> bool) -> Advice {
    Advice::new(
        format!("this rule never holds: {} packages have no {what}", told(types)),
        format!("only {} packages have {what}", all_of(PackageType::names_where(owners))),
    )
}

/// What isn't known fails where it would delete, and holds where it saves.
fn unknown(rule: &Rule<'_>, types: &[PackageType]) -> Advice {
    let hint = "write patterns under `version`, as in `version: [\"*-rc*\", \"*-SNAPSHOT\"]`";
    let types = told(types);
    match rule.role {
        Role::Delete | Role::Files => {
            Advice::new(format!("this rule never holds: of {types} packages nobody can tell the pre-releases"), hint)
        }
        Role::Keep | Role::Protect => Advice::new(
            format!("this holds for each of them: of {types} packages nobody can tell the pre-releases"),
            hint,
        ),
    }
}

fn told(types: &[PackageType]) -> String {
    any_of(types.iter().map(PackageType::as_str))
}
