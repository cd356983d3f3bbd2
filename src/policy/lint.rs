//! What looks wrong in a set that is valid: rules that can't do what their author meant.
//!
//! Each lint is certain of what it says, or keeps silent. What it asks of patterns is asked of everything that they could
//! match, not of samples.

mod ages;
mod covered;
mod downloads;
mod frame;
mod imply;
mod kinds;
mod lists;
mod lookalike;
mod names;
mod never;
mod newest;
mod respelled;
mod shape;
mod shelf;
mod tags;
mod told;

use super::pattern::{Effect, Reading, Shown, Texts, Work};
use super::places::{Located, Places, PolicyPlaces, ProtectionPlaces};
use super::{Condition, DeleteRule, FileRule, Hold, Instance, KeepRule, Patterns, Policy, Protection};
use crate::package::{PackageType, Status};
use crate::yaml::document::Span;
use crate::yaml::findings::Findings;
use frame::Frame;
pub use told::Lints;

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
    covered::by_protections(policies, protections, &work, findings);
    if let Some((file, span)) = work.left_out() {
        findings[file].lint(
            span,
            "from here on, not every rule is compared with the others: the patterns of this set are too much work",
            "write globs in place of regular expressions, or fewer of them; what the rules do does not hang on it",
        );
    }
    of_days(policies, protections, findings)
}

/// What looks wrong on some days only.
fn of_days(
    policies: &[Located<Policy, PolicyPlaces>],
    protections: &[Located<Protection, ProtectionPlaces>],
    findings: &[Findings<'_>],
) -> Lints {
    let keep = policies.iter().flat_map(|Located { file, value, places }| {
        value.keep.iter().zip(&places.keep).map(|(rule, places)| (*file, &rule.hold, places))
    });
    let protect = protections.iter().flat_map(|Located { file, value, places }| {
        value.rules.iter().zip(&places.rules).map(|(hold, places)| (*file, hold, places))
    });
    let dated = keep
        .chain(protect)
        .filter_map(|(file, hold, places)| Some((hold.until?, findings[file].place(places.value("until", 0)))));
    let schedules = policies.iter().filter_map(|Located { file, value, places }| {
        Some((value.schedule.clone()?, findings[*file].place(places.schedule?)))
    });
    Lints { always: Vec::new(), dated: dated.collect(), schedules: schedules.collect() }
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
    // Of a rule that says something else than was meant nothing more is worth telling.
    delete.retain(|(_, rule)| alone(rule, instance, findings));
    keep.retain(|(_, rule)| alone(rule, instance, findings));
    files.retain(|(_, rule)| alone(rule, instance, findings));
    for (rule, seen) in &delete {
        never::lifts(rule, seen, findings);
        kinds::indexes(rule, seen, findings);
        ages::missing(seen, &policy.limits, findings);
    }
    for (rule, seen) in &files {
        lists::files(rule, seen, findings);
    }
    covered::by_keep_rules(&delete, &keep, findings);
    covered::by_delete_rules(&delete, findings);
    // A rule that is left out here may select what is counted.
    if delete.len() == policy.delete.len() {
        newest::counts(&delete, &keep, findings);
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
        let _ = alone(&Rule::hold(Role::Protect, hold, frame, places), instance, findings);
    }
}

/// Tells what can be said of a rule without the others, and returns whether it looks right.
fn alone(rule: &Rule<'_>, instance: Option<&Instance>, findings: &mut Findings<'_>) -> bool {
    rule.begin(findings);
    let before = findings.lints.len();
    never::holds(rule, findings);
    kinds::unknown_age(rule, findings);
    lists::rule(rule, findings);
    respelled::missed(rule, findings);
    tags::branches(rule, findings);
    if let Some(instance) = instance {
        downloads::incomplete(rule, instance, findings);
    }
    findings.lints.len() == before
}

/// A rule of any kind, as the lints see it.
struct Rule<'a> {
    role: Role,
    conditions: &'a [Condition],
    /// What a files rule is for.
    file_type: Option<&'a PackageType>,
    frame: &'a Frame<'a>,
    places: &'a Places,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Delete,
    Keep,
    Protect,
    Files,
}

/// The rules of one policy, each as it was read and as the lints see it.
struct Rules<'a> {
    delete: Vec<(&'a DeleteRule, Rule<'a>)>,
    keep: Vec<(&'a KeepRule, Rule<'a>)>,
    files: Vec<(&'a FileRule, Rule<'a>)>,
}

impl<'a> Rules<'a> {
    fn of(policy: &'a Policy, places: &'a PolicyPlaces, frame: &'a Frame<'a>) -> Self {
        let delete = policy.delete.iter().zip(&places.delete);
        let keep = policy.keep.iter().zip(&places.keep);
        let files = policy.files.iter().zip(&places.files);
        Self {
            delete: delete.map(|(rule, places)| (rule, Rule::delete(rule, frame, places))).collect(),
            keep: keep.map(|(rule, places)| (rule, Rule::hold(Role::Keep, &rule.hold, frame, places))).collect(),
            files: files.map(|(rule, places)| (rule, Rule::files(rule, frame, places))).collect(),
        }
    }
}

impl<'a> Rule<'a> {
    fn delete(rule: &'a DeleteRule, frame: &'a Frame<'a>, places: &'a Places) -> Self {
        Self { role: Role::Delete, conditions: &rule.conditions, file_type: None, frame, places }
    }

    fn hold(role: Role, hold: &'a Hold, frame: &'a Frame<'a>, places: &'a Places) -> Self {
        Self { role, conditions: &hold.conditions, file_type: None, frame, places }
    }

    fn files(rule: &'a FileRule, frame: &'a Frame<'a>, places: &'a Places) -> Self {
        let file_type = Some(&rule.package_type);
        Self { role: Role::Files, conditions: &rule.conditions, file_type, frame, places }
    }

    /// Everything in a scope, as a rule without conditions would select it.
    fn everything(role: Role, frame: &'a Frame<'a>, scope: &'a Places) -> Self {
        Self { role, conditions: &[], file_type: None, frame, places: scope }
    }

    /// The types that its packages can have; `None` is any.
    fn types(&self) -> Option<Vec<PackageType>> {
        let own = match self.file_type {
            Some(file_type) => Some(vec![file_type.clone()]),
            None => self.conditions.iter().find_map(|condition| match condition {
                Condition::Type(types) => Some(types.clone()),
                _ => None,
            }),
        };
        match (own, self.frame.types) {
            (own, []) => own,
            (None, types) => Some(types.to_vec()),
            (Some(own), types) => Some(own.into_iter().filter(|own| types.contains(own)).collect()),
        }
    }

    /// Whether it may select what clients can install.
    fn selects_installable(&self) -> bool {
        self.statuses().iter().any(|status| *status != Status::Error)
    }

    /// Of its patterns.
    fn reading(&self) -> Reading {
        match self.role {
            Role::Delete | Role::Files => Reading::Select,
            Role::Keep | Role::Protect => Reading::Hold,
        }
    }

    fn as_read<'p>(&self, patterns: &'p Patterns) -> Texts<'p> {
        Texts::List(patterns, self.reading())
    }

    /// Whether what a condition looks at may be written in several ways, by the types that the rule is for.
    fn has_spellings(&self, condition: &Condition) -> bool {
        let of_type: fn(&PackageType) -> bool = match condition {
            Condition::Name(_) => |own| Shown::Name("", own.facts().names).has_spellings(),
            Condition::Version(_) => |own| Shown::Version("", own.facts().versions).has_spellings(),
            _ => return false,
        };
        self.types().is_none_or(|types| types.iter().any(of_type))
    }

    /// Goes on to this rule.
    fn begin(&self, findings: &Findings<'_>) {
        self.frame.at(self.place(findings));
    }

    /// Where something is told of the rule as a whole.
    fn place(&self, findings: &Findings<'_>) -> Span {
        findings.first_line(self.places.whole)
    }
}

/// What a lint says, the place aside.
#[derive(Debug, PartialEq, Eq)]
struct Advice {
    message: String,
    /// What to do where no pattern can be named that would be right.
    hint: String,
    /// Why the patterns are other ones.
    because: &'static str,
    instead: Vec<Instead>,
}

/// Patterns one of which may be written in place of what is complained of: the first that is right.
#[derive(Debug, PartialEq, Eq)]
struct Instead {
    before: &'static str,
    patterns: Vec<String>,
    after: &'static str,
}

impl Advice {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), because: "", instead: Vec::new() }
    }

    fn because(self, because: &'static str) -> Self {
        Self { because, ..self }
    }

    /// With patterns that may be meant, and what is told before and after them.
    fn or(mut self, before: &'static str, patterns: impl IntoIterator<Item = String>, after: &'static str) -> Self {
        self.instead.push(Instead { before, patterns: patterns.into_iter().collect(), after });
        self
    }

    /// The hint, with those patterns that are right.
    fn hint(&self, effect: Effect, is_right: impl Fn(&str) -> bool) -> String {
        let sign = if effect == Effect::TakeAway { "!" } else { "" };
        let parts = self.instead.iter().filter_map(|Instead { before, patterns, after }| {
            let pattern = patterns.iter().find(|pattern| is_right(pattern))?;
            Some(format!("{before}`{sign}{pattern}`{after}"))
        });
        let mut parts: Vec<String> = parts.collect();
        parts.dedup();
        if parts.is_empty() { self.hint.clone() } else { format!("{}write {}", self.because, parts.join(", or ")) }
    }
}
