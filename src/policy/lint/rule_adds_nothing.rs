//! Delete rules that select nothing but what another one does.

use super::Rule;
use super::shelf::{Samples, Shelf};
use crate::policy::pattern::Reading;
use crate::policy::{Condition, DeleteRule};
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;

pub(super) static LINT: LintKind = LintKind {
    name: "rule-adds-nothing",
    explanation: "\
Another delete rule of the policy selects all that this one does, and lifts the same guards. So the rule adds nothing.
Whoever changes it later wonders why nothing changes.

Take it out, or make the other one narrower.

```yaml
delete:
- { name: \"acme-*\", older_than: 30d }
- { name: acme-api, older_than: 90d }
```",
};

/// Tells of delete rules that select nothing but what another one does.
pub(super) fn look(rules: &[(&DeleteRule, Rule<'_>)], findings: &mut Findings<'_>) {
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
                &LINT,
                seen.place(findings),
                format!("this rule adds nothing: the rule in line {line} selects everything that it does"),
                "take it out, or make the other one narrower",
            );
        }
    }
}

/// Returns whether `wide` selects everything that `narrow` does, and lifts the same guards.
fn is_covered(narrow: &DeleteRule, seen: &Rule<'_>, wide: &DeleteRule) -> bool {
    let lifts = (wide.allow_latest || !narrow.allow_latest)
        && (wide.allow_released || !narrow.allow_released)
        && (wide.other_indexes || !narrow.other_indexes)
        && (lifts_min_age(wide) || !lifts_min_age(narrow));
    // Nobody knows the path of a project that can't be read, so a condition on it fails.
    let asks = |rule: &DeleteRule| rule.conditions.iter().any(|condition| matches!(condition, Condition::Project(_)));
    lifts
        && lifts_tags(wide) >= lifts_tags(narrow)
        && (names_types(wide) || !names_types(narrow))
        && (asks(narrow) || !asks(wide))
        && wide.conditions.iter().all(|condition| seen.implies(condition, Reading::Select))
}

/// Returns whether the rule takes packages that `min_age` holds because their age is unknown.
fn lifts_min_age(rule: &DeleteRule) -> bool {
    rule.conditions.iter().any(Condition::means_unknown_age)
}

/// Returns whether the rule names npm's `latest`.
fn lifts_tags(rule: &DeleteRule) -> bool {
    rule.conditions.iter().any(|condition| matches!(condition, Condition::Tag(patterns) if patterns.name("latest")))
}

/// Returns whether the rule names a type that is deleted only where a rule names it.
fn names_types(rule: &DeleteRule) -> bool {
    rule.conditions.iter().any(|condition| match condition {
        Condition::Type(types) => types.iter().any(|one| one.facts().must_be_named),
        _ => false,
    })
}
