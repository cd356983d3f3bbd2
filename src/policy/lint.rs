//! Lints: warnings about a set that is valid, and has rules that can't do what their author meant.
//!
//! Each lint is certain of what it says, or keeps silent. It asks about everything that a pattern could match, not about
//! samples.

pub(super) mod acceptance_ended;
mod advice;
mod frame;
mod idle_keys;
mod imply;
mod lists;
mod looked;
mod rule;
mod shelf;
mod slashes;
mod told;

// One lint each, by its name.
mod age_below_min_age;
mod all_taken_away;
mod allow_incomplete;
mod allow_of_nothing;
mod allow_of_unknown_lint;
mod branch_gone_never_holds;
mod channel_without_user;
mod condition_foreign_to_type;
mod conditions_contradict;
mod downloads_incomplete;
mod exception_ended;
mod exclusion_misses_folders;
mod file_never_selected;
mod full_ref_name;
mod glob_looks_like_regex;
mod hold_misses_spelling;
mod in_use_file_unusable;
pub(super) mod key_says_nothing;
mod name_never_matches;
mod newest_counts_every_version;
mod newest_counts_filtered_versions;
mod newest_counts_other_versions;
mod newest_keeps_every_branch;
mod newest_keeps_every_version;
mod other_indexes_missing;
mod path_without_group;
mod pattern_lacks_wildcard;
mod pattern_never_matches;
mod pattern_says_nothing;
mod patterns_not_compared;
mod project_outside_scope;
mod refs_look_like_tags;
mod regex_is_literal;
mod rule_adds_nothing;
mod rule_deletes_nothing;
mod rule_ends;
mod rule_without_age;
mod schedule_seldom_fires;
mod star_stops_at_slash;
mod status_never_deleted;
mod type_outside_scope;
mod unknown_age_never_holds;
pub(super) mod unknown_package_type;
mod version_never_below;
mod version_never_matches;

use super::pattern::Work;
use super::places::{Located, PolicyPlaces, ProtectionPlaces};
use super::{DeleteRule, Instance, KeepRule, Policy, Protection};
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;
use advice::Advice;
use frame::Frame;
use rule::{Role, Rule, Rules};
pub use told::Lints;

/// Every lint, in the order of their names. Their documentation, `check --explain` and what a comment may allow derive
/// from it.
pub static LINTS: [&LintKind; 46] = [
    &acceptance_ended::LINT,
    &age_below_min_age::LINT,
    &all_taken_away::LINT,
    &allow_incomplete::LINT,
    &allow_of_nothing::LINT,
    &allow_of_unknown_lint::LINT,
    &branch_gone_never_holds::LINT,
    &channel_without_user::LINT,
    &condition_foreign_to_type::LINT,
    &conditions_contradict::LINT,
    &downloads_incomplete::LINT,
    &exception_ended::LINT,
    &exclusion_misses_folders::LINT,
    &file_never_selected::LINT,
    &full_ref_name::LINT,
    &glob_looks_like_regex::LINT,
    &hold_misses_spelling::LINT,
    &in_use_file_unusable::LINT,
    &key_says_nothing::LINT,
    &name_never_matches::LINT,
    &newest_counts_every_version::LINT,
    &newest_counts_filtered_versions::LINT,
    &newest_counts_other_versions::LINT,
    &newest_keeps_every_branch::LINT,
    &newest_keeps_every_version::LINT,
    &other_indexes_missing::LINT,
    &path_without_group::LINT,
    &pattern_lacks_wildcard::LINT,
    &pattern_never_matches::LINT,
    &pattern_says_nothing::LINT,
    &patterns_not_compared::LINT,
    &project_outside_scope::LINT,
    &refs_look_like_tags::LINT,
    &regex_is_literal::LINT,
    &rule_adds_nothing::LINT,
    &rule_deletes_nothing::LINT,
    &rule_ends::LINT,
    &rule_without_age::LINT,
    &schedule_seldom_fires::LINT,
    &star_stops_at_slash::LINT,
    &status_never_deleted::LINT,
    &type_outside_scope::LINT,
    &unknown_age_never_holds::LINT,
    &unknown_package_type::LINT,
    &version_never_below::LINT,
    &version_never_matches::LINT,
];

/// Returns the lint of this name.
#[must_use]
pub fn lint_named(name: &str) -> Option<&'static LintKind> {
    LINTS.into_iter().find(|lint| lint.name == name)
}

/// Looks at a whole set. `findings` are those of its files.
pub(super) fn set(
    policies: &[Located<Policy, PolicyPlaces>],
    protections: &[Located<Protection, ProtectionPlaces>],
    instance: Option<&Instance>,
    findings: &mut [Findings<'_>],
) -> Lints {
    let work = Work::new();
    for Located { file, value, places } in policies {
        let frame = Frame::of_policy(&value.scope, *file, &work);
        policy(value, places, &frame, instance, &mut findings[*file]);
    }
    for Located { file, value, places } in protections {
        let frame = Frame::of_protection(value.scope.as_ref(), *file, &work);
        protection(value, places, &frame, instance, &mut findings[*file]);
    }
    rule_deletes_nothing::by_protections(policies, protections, &work, findings);
    patterns_not_compared::look(&work, findings);
    let lints = of_days(policies, protections, findings);
    for findings in findings {
        allow_incomplete::look(findings);
        allow_of_unknown_lint::look(&LINTS, findings);
        // Where the search was cut short, nobody knows what a comment would silence.
        if work.left_out().is_none() {
            allow_of_nothing::look(&LINTS, findings);
        }
    }
    lints
}

/// Collects what looks wrong on some days only.
fn of_days(
    policies: &[Located<Policy, PolicyPlaces>],
    protections: &[Located<Protection, ProtectionPlaces>],
    findings: &mut [Findings<'_>],
) -> Lints {
    let keep = policies.iter().flat_map(|Located { file, value, places }| {
        value.keep.iter().zip(&places.keep).map(|(rule, places)| (*file, &rule.hold, places))
    });
    let protect = protections.iter().flat_map(|Located { file, value, places }| {
        value.rules.iter().zip(&places.rules).map(|(hold, places)| (*file, hold, places))
    });
    let mut lints = Lints::default();
    for (file, hold, places) in keep.chain(protect) {
        let (findings, span) = (&mut findings[file], places.value("until", 0));
        if let Some(until) = hold.until
            && !findings.allows(&rule_ends::LINT, span)
        {
            lints.dated.push((until, findings.place(span)));
        }
    }
    for Located { file, value, places } in policies {
        let findings = &mut findings[*file];
        if let (Some(exception), Some(span)) = (&value.limits.exception, places.exception_until)
            && !findings.allows(&exception_ended::LINT, span)
        {
            lints.exceptions.push((exception.until, findings.place(span)));
        }
        if let (Some(schedule), Some(span)) = (&value.schedule, places.schedule)
            && !findings.allows(&schedule_seldom_fires::LINT, span)
        {
            lints.schedules.push((schedule.clone(), findings.place(span)));
        }
    }
    lints
}

fn policy(
    policy: &Policy,
    places: &PolicyPlaces,
    frame: &Frame<'_>,
    instance: Option<&Instance>,
    findings: &mut Findings<'_>,
) {
    lists::scope(frame, &places.scope, findings);
    let Rules { mut delete, mut keep, mut files } = Rules::of(policy, places, frame);
    // Nothing more is worth telling about a rule that says something else than was meant.
    delete.retain(|(_, rule)| alone(rule, instance, findings));
    keep.retain(|(_, rule)| alone(rule, instance, findings));
    files.retain(|(_, rule)| alone(rule, instance, findings));
    for (rule, seen) in &delete {
        idle_keys::allow_latest(rule, seen, findings);
        idle_keys::other_indexes(rule, seen, findings);
        other_indexes_missing::look(rule, seen, findings);
        rule_without_age::look(seen, &policy.limits, findings);
        age_below_min_age::look(seen, &policy.limits, findings);
    }
    for (rule, seen) in &files {
        lists::files(rule, seen, findings);
        idle_keys::keep_newest_per(rule, seen, findings);
    }
    rule_deletes_nothing::by_keep_rules(&delete, &keep, findings);
    rule_adds_nothing::look(&delete, findings);
    // A rule that is left out here may select what is counted.
    if delete.len() == policy.delete.len() {
        newest(&delete, &keep, findings);
    }
}

/// Looks at keep rules with `newest`, which may count something else than their author thinks.
fn newest(delete: &[(&DeleteRule, Rule<'_>)], keep: &[(&KeepRule, Rule<'_>)], findings: &mut Findings<'_>) {
    for (rule, seen) in keep {
        let KeepRule { newest: Some(newest), .. } = rule else { continue };
        seen.begin(findings);
        // Each is held against all delete rules.
        if seen.frame.work.pay(delete.len()).is_none() {
            return;
        }
        idle_keys::last_series(newest, seen, findings);
        newest_keeps_every_version::look(newest, seen, findings);
        newest_keeps_every_branch::look(newest, seen, delete, findings);
        if newest_counts_other_versions::look(seen, delete, findings) {
            continue;
        }
        newest_counts_filtered_versions::look(newest, seen, delete, findings);
        newest_counts_every_version::look(newest, seen, delete, findings);
    }
}

fn protection(
    protection: &Protection,
    places: &ProtectionPlaces,
    frame: &Frame<'_>,
    instance: Option<&Instance>,
    findings: &mut Findings<'_>,
) {
    if let Some(places) = &places.scope {
        lists::scope(frame, places, findings);
    }
    for (hold, places) in protection.rules.iter().zip(&places.rules) {
        in_use_file_unusable::look(hold, places, findings);
        let _ = alone(&Rule::hold(Role::Protect, hold, frame, places), instance, findings);
    }
}

/// Looks at a rule without the others, and returns whether it looks right.
fn alone(rule: &Rule<'_>, instance: Option<&Instance>, findings: &mut Findings<'_>) -> bool {
    rule.begin(findings);
    let before = findings.lints.len();
    conditions_contradict::look(rule, findings);
    type_outside_scope::look(rule, findings);
    status_never_deleted::look(rule, findings);
    condition_foreign_to_type::look(rule, findings);
    unknown_age_never_holds::look(rule, findings);
    version_never_below::look(rule, findings);
    idle_keys::successors(rule, findings);
    branch_gone_never_holds::look(rule, findings);
    lists::rule(rule, findings);
    hold_misses_spelling::look(rule, findings);
    refs_look_like_tags::look(rule, findings);
    if let Some(instance) = instance {
        downloads_incomplete::look(rule, instance, findings);
    }
    let looks_right = findings.lints.len() == before;
    if !looks_right {
        findings.pass_over(rule.places.whole);
    }
    looks_right
}
