//! Delete rules that another rule leaves nothing to do.

use super::{Frame, Role, Rule, Rules};
use crate::policy::document::Span;
use crate::policy::findings::Findings;
use crate::policy::pattern::Reading;
use crate::policy::places::{Located, PolicyPlaces, ProtectionPlaces};
use crate::policy::{Condition, DeleteRule, Hold, KeepRule, Policy, Protection};

/// Delete and files rules, and whole policies, of which everything is protected.
pub(super) fn by_protections(
    policies: &[Located<Policy, PolicyPlaces>],
    protections: &[Located<Protection, ProtectionPlaces>],
    findings: &mut [Findings<'_>],
) {
    for Located { file, value: policy, places } in policies {
        let frame = Frame::of_policy(&policy.scope);
        let guardian = |rule: &Rule<'_>, findings: &[Findings<'_>]| {
            protections.iter().find_map(|protection| {
                let span = protecting(rule, protection)?;
                let line = findings[protection.file].line_of(span);
                Some(format!("line {line} of {}", protection.value.source))
            })
        };
        let everything = Rule::everything(Role::Delete, &frame, &places.scope);
        if let Some(guardian) = guardian(&everything, findings) {
            let span = findings[*file].first_line(places.scope.whole);
            findings[*file].lint(
                span,
                format!("this policy deletes nothing: {guardian} protects everything in its scope"),
                "give the protection a narrower scope, or take the policy out",
            );
            continue;
        }
        let Rules { delete, files, .. } = Rules::of(policy, places, &frame);
        let rules = delete.iter().map(|(_, rule)| rule).chain(files.iter().map(|(_, rule)| rule));
        for rule in rules {
            if let Some(guardian) = guardian(rule, findings) {
                let span = rule.place(&findings[*file]);
                findings[*file].lint(
                    span,
                    format!("this rule deletes nothing: {guardian} protects everything that it selects"),
                    "make one of them narrower, or take this rule out",
                );
            }
        }
    }
}

/// The protect rule that holds for all that `rule` selects.
fn protecting(rule: &Rule<'_>, protection: &Located<Protection, ProtectionPlaces>) -> Option<Span> {
    let Located { value, places, .. } = protection;
    if !rule.lies_within(value.scope.as_ref()) {
        return None;
    }
    let mut rules = value.rules.iter().zip(&places.rules);
    rules.find(|(hold, _)| always_holds(hold, rule)).map(|(_, places)| places.whole)
}

/// Delete rules of which everything is kept by the policy itself.
pub(super) fn by_keep_rules(
    delete: &[(&DeleteRule, Rule<'_>)],
    keep: &[(&KeepRule, Rule<'_>)],
    findings: &mut Findings<'_>,
) {
    for (_, rule) in delete {
        let mut keepers = keep.iter().filter(|(keep, _)| keep.newest.is_none());
        if let Some((_, keeper)) = keepers.find(|(keep, _)| always_holds(&keep.hold, rule)) {
            let line = findings.line_of(keeper.places.whole);
            findings.lint(
                rule.place(findings),
                format!("this rule deletes nothing: the keep rule in line {line} keeps everything that it selects"),
                "make one of them narrower, or take this rule out",
            );
        }
    }
}

/// Whether a rule saves all that `rule` selects, for as long as the set stands.
fn always_holds(hold: &Hold, rule: &Rule<'_>) -> bool {
    hold.until.is_none() && hold.conditions.iter().all(|condition| rule.implies(condition, Reading::Hold))
}

/// Delete rules that select nothing but what another one does.
pub(super) fn by_delete_rules(rules: &[(&DeleteRule, Rule<'_>)], findings: &mut Findings<'_>) {
    for (index, (narrow, seen)) in rules.iter().enumerate() {
        let covers = |other: usize| {
            let (wide, wide_seen) = &rules[other];
            is_covered(narrow, seen, wide)
                // Of two that select the same the first stays.
                && (other < index || !is_covered(wide, wide_seen, narrow))
        };
        if let Some(other) = (0..rules.len()).filter(|other| *other != index).find(|other| covers(*other)) {
            let line = findings.line_of(rules[other].1.places.whole);
            findings.lint(
                seen.place(findings),
                format!("this rule adds nothing: the rule in line {line} selects everything that it does"),
                "take it out, or make the other one narrower",
            );
        }
    }
}

/// Whether `wide` selects all that `narrow` does, and lifts the same guards.
fn is_covered(narrow: &DeleteRule, seen: &Rule<'_>, wide: &DeleteRule) -> bool {
    let lifts = (wide.allow_latest || !narrow.allow_latest)
        && (wide.allow_released || !narrow.allow_released)
        && (wide.other_indexes || !narrow.other_indexes)
        && (lifts_min_age(wide) || !lifts_min_age(narrow));
    // Of a project that can't be read nobody knows the path, which fails wherever it is asked for.
    let asks = |rule: &DeleteRule| rule.conditions.iter().any(|condition| matches!(condition, Condition::Project(_)));
    lifts
        && lifts_tags(wide) >= lifts_tags(narrow)
        && (names_types(wide) || !names_types(narrow))
        && (asks(narrow) || !asks(wide))
        && wide.conditions.iter().all(|condition| seen.implies(condition, Reading::Select))
}

/// Whether the rule takes what `min_age` holds because its age is unknown.
fn lifts_min_age(rule: &DeleteRule) -> bool {
    rule.conditions.contains(&Condition::UnknownAge)
}

/// Whether the rule names npm's `latest`.
fn lifts_tags(rule: &DeleteRule) -> bool {
    rule.conditions.iter().any(|condition| matches!(condition, Condition::Tag(patterns) if patterns.name("latest")))
}

/// Whether the rule names a type that no rule deletes unless it names it.
fn names_types(rule: &DeleteRule) -> bool {
    rule.conditions.iter().any(|condition| match condition {
        Condition::Type(types) => types.iter().any(|one| one.facts().must_be_named),
        _ => false,
    })
}
