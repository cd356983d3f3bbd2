//! The rules of a policy or a protection as the lints see them.

use super::frame::Frame;
use crate::package::{PackageType, Status};
use crate::policy::pattern::{Reading, Shown, Texts};
use crate::policy::places::{Places, PolicyPlaces};
use crate::policy::{Age, Condition, DeleteRule, FileRule, Hold, KeepRule, Patterns, Policy};
use crate::yaml::document::Span;
use crate::yaml::findings::Findings;

/// A rule of any kind, as the lints see it.
pub(super) struct Rule<'a> {
    pub(super) role: Role,
    pub(super) conditions: &'a [Condition],
    /// The package type of a files rule.
    pub(super) file_type: Option<&'a PackageType>,
    pub(super) frame: &'a Frame<'a>,
    pub(super) places: &'a Places,
}

/// The kind of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Delete,
    Keep,
    Protect,
    Files,
}

/// The rules of one policy, each as it was read and as the lints see it.
pub(super) struct Rules<'a> {
    pub(super) delete: Vec<(&'a DeleteRule, Rule<'a>)>,
    pub(super) keep: Vec<(&'a KeepRule, Rule<'a>)>,
    pub(super) files: Vec<(&'a FileRule, Rule<'a>)>,
}

impl<'a> Rules<'a> {
    pub(super) fn of(policy: &'a Policy, places: &'a PolicyPlaces, frame: &'a Frame<'a>) -> Self {
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
    pub(super) fn delete(rule: &'a DeleteRule, frame: &'a Frame<'a>, places: &'a Places) -> Self {
        Self { role: Role::Delete, conditions: &rule.conditions, file_type: None, frame, places }
    }

    pub(super) fn hold(role: Role, hold: &'a Hold, frame: &'a Frame<'a>, places: &'a Places) -> Self {
        Self { role, conditions: &hold.conditions, file_type: None, frame, places }
    }

    pub(super) fn files(rule: &'a FileRule, frame: &'a Frame<'a>, places: &'a Places) -> Self {
        let file_type = Some(&rule.package_type);
        Self { role: Role::Files, conditions: &rule.conditions, file_type, frame, places }
    }

    /// Returns a rule without conditions, which selects everything in a scope.
    pub(super) fn everything(role: Role, frame: &'a Frame<'a>, scope: &'a Places) -> Self {
        Self { role, conditions: &[], file_type: None, frame, places: scope }
    }

    /// Returns the types that its packages can have; `None` is any.
    pub(super) fn types(&self) -> Option<Vec<PackageType>> {
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

    /// Returns the ages that its packages have to reach, each with its condition's key.
    pub(super) fn ages(&self) -> impl Iterator<Item = (&'static str, &Age)> {
        self.conditions.iter().filter_map(|condition| match condition {
            Condition::OlderThan(age) => Some(("older_than", age)),
            Condition::NotDownloadedFor(age) => Some(("not_downloaded_for", age)),
            Condition::SupersededFor(asked) => Some(("superseded_for", &asked.age)),
            _ => None,
        })
    }

    /// Returns whether it may select packages that clients can install.
    pub(super) fn selects_installable(&self) -> bool {
        self.statuses().iter().any(|status| *status != Status::Error)
    }

    /// Returns how its patterns are read.
    pub(super) fn reading(&self) -> Reading {
        match self.role {
            Role::Delete | Role::Files => Reading::Select,
            Role::Keep | Role::Protect => Reading::Hold,
        }
    }

    pub(super) fn as_read<'p>(&self, patterns: &'p Patterns) -> Texts<'p> {
        Texts::List(patterns, self.reading())
    }

    /// Returns whether the names or versions that a condition looks at have several spellings, by the types of the rule.
    pub(super) fn has_spellings(&self, condition: &Condition) -> bool {
        let of_type: fn(&PackageType) -> bool = match condition {
            Condition::Name(_) => |own| Shown::Name("", own.facts().names).has_spellings(),
            Condition::Version(_) => |own| Shown::Version("", own.facts().versions).has_spellings(),
            _ => return false,
        };
        self.types().is_none_or(|types| types.iter().any(of_type))
    }

    /// Tells the work that it goes on to this rule.
    pub(super) fn begin(&self, findings: &Findings<'_>) {
        self.frame.at(self.place(findings));
    }

    /// Returns where something is told of the rule as a whole.
    pub(super) fn place(&self, findings: &Findings<'_>) -> Span {
        findings.first_line(self.places.whole)
    }
}

/// Returns the delete rules that select something that takes a place under `newest`. What can't be installed takes none.
pub(super) fn taking_places<'a>(delete: &'a [(&'a DeleteRule, Rule<'a>)]) -> impl Iterator<Item = &'a Rule<'a>> {
    delete.iter().map(|(_, rule)| rule).filter(|rule| rule.selects_installable())
}
