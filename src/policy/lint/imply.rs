//! Conclusions from the conditions of a rule and from its scope. Where one isn't plain, none is drawn.

use super::frame::projects_of;
use super::{Role, Rule};
use crate::package::{Reference, Status};
use crate::policy::condition::premise::{Premise, is_within};
use crate::policy::pattern::{Reading, SearchResult, Texts, Work, find};
use crate::policy::{Condition, Patterns, ProtectionScope};

impl Rule<'_> {
    /// Returns whether every package that this rule selects fulfils `wanted`, a condition of a rule that reads its patterns
    /// as `reading` says.
    pub(super) fn implies(&self, wanted: &Condition, reading: Reading) -> bool {
        if self.conditions.contains(wanted) {
            return true;
        }
        wanted.is_implied(&self.premise(), reading)
    }

    /// Returns whether one condition of this rule is implied by another one of it alone.
    pub(super) fn implies_by(&self, by: &Condition, wanted: &Condition) -> bool {
        let alone = Premise {
            reading: self.reading(),
            conditions: std::slice::from_ref(by),
            types: None,
            statuses: Status::KNOWN.to_vec(),
            project_paths: Vec::new(),
            work: self.frame.work,
        };
        wanted.is_implied(&alone, self.reading())
    }

    /// Returns what is known of every package that this rule selects. A condition tells from it whether it is implied.
    fn premise(&self) -> Premise<'_> {
        Premise {
            reading: self.reading(),
            conditions: self.conditions,
            types: self.types(),
            statuses: self.statuses(),
            project_paths: self.frame.project_paths().collect(),
            work: self.frame.work,
        }
    }

    /// Returns whether every package that this rule selects is of a type in the scope of a protection.
    pub(super) fn has_types_of(&self, scope: &ProtectionScope) -> bool {
        scope.types.is_empty() || self.types().is_some_and(|own| own.iter().all(|own| scope.types.contains(own)))
    }

    /// Returns whether every package that this rule selects is in a project in the scope of a protection.
    pub(super) fn has_place_in(&self, scope: &ProtectionScope) -> bool {
        let is_everywhere = scope.groups.is_empty() && scope.projects.is_empty();
        // An id names one project, whose path is not known here.
        let named: Vec<&Reference> = scope.projects.iter().filter(|one| matches!(one, Reference::Path(_))).collect();
        let only_paths = ProtectionScope { projects: named.into_iter().cloned().collect(), ..scope.clone() };
        let has_place = is_everywhere
            || projects_of(&only_paths)
                .is_some_and(|there| self.premise().keeps_to_projects(Texts::Expression(&there)));
        let has_path =
            |paths: &Patterns| !paths.have_ids() && self.premise().keeps_to_projects(Texts::List(paths, Reading::Hold));
        // What topics its projects have is not known here.
        scope.topics.is_none() && has_place && scope.paths.as_ref().is_none_or(has_path)
    }

    /// Returns the statuses that its packages can have.
    pub(super) fn statuses(&self) -> Vec<Status> {
        let possible: &[Status] = match self.role {
            Role::Delete => &[Status::Default, Status::Error, Status::Deprecated],
            Role::Files => &[Status::Default, Status::Deprecated],
            Role::Keep | Role::Protect => &Status::KNOWN,
        };
        let own = self.conditions.iter().find_map(|condition| match condition {
            Condition::Status(own) => Some(own),
            _ => None,
        });
        possible.iter().filter(|status| own.is_none_or(|own| own.contains(status))).cloned().collect()
    }
}

/// Returns whether a list matches every text as it is shown.
pub(super) fn is_everything(patterns: &Patterns, work: &Work) -> bool {
    is_within(patterns.kind(), &[], Texts::List(patterns, Reading::Select), work)
}

/// Returns whether no text matches both lists, each as it is shown.
pub(super) fn are_apart(one: &Patterns, other: &Patterns, work: &Work) -> bool {
    let texts = [one, other].map(|patterns| Texts::List(patterns, Reading::Select));
    find(one.kind(), &texts, &[], work) == SearchResult::Nothing
}
