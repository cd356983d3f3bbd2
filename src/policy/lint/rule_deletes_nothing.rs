//! Rules and policies whose packages all stay.

use std::collections::HashMap;

use super::shelf::{Samples, Shelf};
use super::{Frame, Role, Rule, Rules};
use crate::policy::pattern::{Reading, Work};
use crate::policy::places::{Located, PolicyPlaces, ProtectionPlaces};
use crate::policy::{Condition, DeleteRule, Hold, KeepRule, Policy, Protection};
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;

pub(super) static LINT: LintKind = LintKind {
    name: "rule-deletes-nothing",
    explanation: "\
Everything that a delete or files rule selects stays, because a keep rule of the policy or a protection holds for all of
it. The same is told of a whole policy whose scope is protected. Holds that end, those with `until`, don't count.

Make one of both rules narrower, or take the delete rule out.

```yaml
delete:
- { version: \"*-rc1\", older_than: 90d }
keep:
- version: \"*-rc*\"
```",
};

/// Tells of delete and files rules, and of whole policies, where everything is protected.
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
                &LINT,
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
                    &LINT,
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
    /// The rules of the protections, each by the number of its protection and its own.
    shelf: &'a Shelf<(usize, usize)>,
    /// By the number of a protection: its scope has all projects that the policy looks at.
    has_place: HashMap<usize, bool>,
}

impl Guardians<'_> {
    /// Returns where the first protect rule stands that holds for everything that `rule` selects, as it is told.
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

    /// Returns whether everything that `rule` selects is in the scope of a protection.
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

/// Tells of delete rules where the policy itself keeps everything.
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
                &LINT,
                rule.place(findings),
                format!("this rule deletes nothing: the keep rule in line {line} keeps everything that it selects"),
                "make one of them narrower, or take this rule out",
            );
        }
    }
}

/// Returns whether a hold saves everything that `rule` selects, for as long as the set stands.
fn always_holds(hold: &Hold, rule: &Rule<'_>) -> bool {
    hold.until.is_none() && hold.conditions.iter().all(|condition| rule.implies(condition, Reading::Hold))
}
