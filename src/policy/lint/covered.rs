//! Delete rules that another rule leaves nothing to do.

use std::collections::HashMap;

use super::shelf::{Samples, Shelf};
use super::{Frame, Role, Rule, Rules, rule_adds_nothing, rule_deletes_nothing};
use crate::policy::pattern::{Reading, Work};
use crate::policy::places::{Located, PolicyPlaces, ProtectionPlaces};
use crate::policy::{Condition, DeleteRule, Hold, KeepRule, Policy, Protection};
use crate::yaml::findings::Findings;

/// Delete and files rules, and whole policies, of which everything is protected.
pub(super) fn by_protections(
    policies: &[Located<Policy, PolicyPlaces>],
    protections: &[Located<Protection, ProtectionPlaces>],
    work: &Work,
    findings: &mut [Findings<'_>],
) {
    let holds = protections.iter().enumerate().flat_map(|(number, Located { value, .. })| {
        let rules = value.rules.iter().enumerate().filter(|(_, hold)| hold.until.is_none());
        rules.map(move |(index, hold)| (hold.conditions.as_slice(), (number, index)))
    });
    let shelf = Shelf::of(holds, Reading::Hold);
    for Located { file, value: policy, places } in policies {
        let frame = Frame::of_policy(&policy.scope, *file, work);
        let mut guardians = Guardians { protections, shelf: &shelf, has_place: HashMap::new() };
        let everything = Rule::everything(Role::Delete, &frame, &places.scope);
        everything.begin(&findings[*file]);
        if let Some(guardian) = guardians.of(&everything, findings) {
            let span = findings[*file].first_line(places.scope.whole);
            findings[*file].lint(
                &rule_deletes_nothing::LINT,
                span,
                format!("this policy deletes nothing: {guardian} protects everything in its scope"),
                "give the protection a narrower scope, or take the policy out",
            );
            continue;
        }
        let Rules { delete, files, .. } = Rules::of(policy, places, &frame);
        let rules = delete.iter().map(|(_, rule)| rule).chain(files.iter().map(|(_, rule)| rule));
        for rule in rules {
            rule.begin(&findings[*file]);
            if let Some(guardian) = guardians.of(rule, findings) {
                let span = rule.place(&findings[*file]);
                findings[*file].lint(
                    &rule_deletes_nothing::LINT,
                    span,
                    format!("this rule deletes nothing: {guardian} protects everything that it selects"),
                    "make one of them narrower, or take this rule out",
                );
            }
        }
    }
}

/// The protections, for the rules of one policy.
struct Guardians<'a> {
    protections: &'a [Located<Protection, ProtectionPlaces>],
    /// Their rules, each by the number of its protection and its own.
    shelf: &'a Shelf<(usize, usize)>,
    /// Whether the scope of a protection has all projects that the policy looks at.
    has_place: HashMap<usize, bool>,
}

impl Guardians<'_> {
    /// The first protect rule that holds for all that `rule` selects, as it is told.
    fn of(&mut self, rule: &Rule<'_>, findings: &[Findings<'_>]) -> Option<String> {
        let samples = Samples::of_rule(rule);
        let (number, index) = self.shelf.near(&samples)?.into_iter().find(|(number, index)| {
            let hold = &self.protections[*number].value.rules[*index];
            samples.may_fulfil(&hold.conditions, Reading::Hold)
                && self.holds_around(*number, rule)
                && always_holds(hold, rule)
        })?;
        let Located { file, value, places } = &self.protections[number];
        let line = findings[*file].line_of(places.rules[index].whole);
        Some(format!("line {line} of {}", value.source))
    }

    /// Whether all that `rule` selects is in the scope of a protection.
    fn holds_around(&mut self, number: usize, rule: &Rule<'_>) -> bool {
        let Some(scope) = &self.protections[number].value.scope else { return true };
        let names_projects = rule.conditions.iter().any(|condition| matches!(condition, Condition::Project(_)));
        rule.has_types_of(scope)
            && if names_projects {
                rule.has_place_in(scope)
            } else {
                *self.has_place.entry(number).or_insert_with(|| rule.has_place_in(scope))
            }
    }
}

/// Delete rules of which everything is kept by the policy itself.
pub(super) fn by_keep_rules(
    delete: &[(&DeleteRule, Rule<'_>)],
    keep: &[(&KeepRule, Rule<'_>)],
    findings: &mut Findings<'_>,
) {
    let keepers = keep.iter().enumerate();
    let keepers = keepers.filter(|(_, (keep, _))| keep.newest.is_none() && keep.hold.until.is_none());
    let keepers = keepers.map(|(index, (keep, _))| (keep.hold.conditions.as_slice(), index));
    let shelf = Shelf::of(keepers, Reading::Hold);
    for (_, rule) in delete {
        rule.begin(findings);
        let samples = Samples::of_rule(rule);
        let Some(near) = shelf.near(&samples) else { return };
        let holds = |hold: &Hold| samples.may_fulfil(&hold.conditions, Reading::Hold) && always_holds(hold, rule);
        if let Some(index) = near.into_iter().find(|index| holds(&keep[*index].0.hold)) {
            let line = findings.line_of(keep[index].1.places.whole);
            findings.lint(
                &rule_deletes_nothing::LINT,
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
    let all = rules.iter().enumerate().map(|(index, (rule, _))| (rule.conditions.as_slice(), index));
    let shelf = Shelf::of(all, Reading::Select);
    for (index, (narrow, seen)) in rules.iter().enumerate() {
        seen.begin(findings);
        let samples = Samples::of_rule(seen);
        let Some(near) = shelf.near(&samples) else { return };
        let covers = |other: usize| {
            let (wide, wide_seen) = &rules[other];
            samples.may_fulfil(&wide.conditions, Reading::Select)
                && is_covered(narrow, seen, wide)
                // Of two that select the same the first stays.
                && (other < index || !is_covered(wide, wide_seen, narrow))
        };
        if let Some(other) = near.into_iter().filter(|other| *other != index).find(|other| covers(*other)) {
            let line = findings.line_of(rules[other].1.places.whole);
            findings.lint(
                &rule_adds_nothing::LINT,
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
