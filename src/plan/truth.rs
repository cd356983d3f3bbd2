//! Tells whether a rule, or a condition of one, holds for a package.

use jiff::Timestamp;

use crate::package::{Content, Evidence, Package, Reference};
use crate::policy::{
    Age, Condition, DeleteRule, FileRule, Hold, Known, PolicySet, ProtectionScope, Reading, Truth, is_below,
};

/// Returns why a protection holds a package, or may hold it, by what its row alone tells; `None` where none does.
#[must_use]
pub fn protected_by(set: &PolicySet, package: &Package, now: Timestamp) -> Option<String> {
    let evidence = Evidence::none();
    let known = Known::new(package, &evidence, set.downloads(), now);
    set.protections.iter().find_map(|protection| {
        let within = protection.scope.as_ref().map_or(Truth::Yes, |scope| known.within(scope));
        let holds = |hold: &&Hold| within != Truth::No && known.held_by(hold) != Truth::No;
        let because = |hold: &Hold| match hold.from_file() {
            Some(from) => Condition::From(from.clone()).because(&known),
            None => "it is protected".to_owned(),
        };
        let hold = protection.rules.iter().find(holds)?;
        Some(format!("protected by {}: {}", protection.name, because(hold)))
    })
}

impl Known<'_> {
    /// Returns whether a delete rule selects the package. It fails on what isn't known, so `Unknown` settles it before
    /// `Pending` does.
    #[must_use]
    pub(super) fn selected_by(&self, rule: &DeleteRule) -> Truth {
        self.selected_by_all(&rule.conditions)
    }

    /// Returns whether a `files` rule is for the package. Its conditions are read as those of a delete rule.
    #[must_use]
    pub(super) fn trimmed_by(&self, rule: &FileRule) -> Truth {
        if self.package.package_type != rule.package_type {
            return Truth::No;
        }
        self.selected_by_all(&rule.conditions)
    }

    fn selected_by_all(&self, conditions: &[Condition]) -> Truth {
        Reading::Select.all(conditions.iter().map(|condition| self.selected_by_condition(condition)))
    }

    /// Returns whether a condition of a rule that deletes holds.
    #[must_use]
    pub(super) fn selected_by_condition(&self, condition: &Condition) -> Truth {
        condition.truth(self, Reading::Select)
    }

    /// Returns whether a keep or protect rule holds the package. It holds on what isn't known, so only `No` settles it
    /// before `Pending` does.
    #[must_use]
    pub(super) fn held_by(&self, rule: &Hold) -> Truth {
        if !rule.is_in_force(self.now) {
            return Truth::No;
        }
        self.held_by_all(&rule.conditions)
    }

    /// Returns whether these conditions of a rule that keeps hold.
    #[must_use]
    pub(super) fn held_by_all<'c>(&self, conditions: impl IntoIterator<Item = &'c Condition>) -> Truth {
        Reading::Hold.all(conditions.into_iter().map(|condition| self.held_by_condition(condition)))
    }

    /// Returns whether a condition of a rule that keeps holds.
    #[must_use]
    pub(super) fn held_by_condition(&self, condition: &Condition) -> Truth {
        condition.truth(self, Reading::Hold)
    }

    /// Returns whether a protection's scope takes the package in, by any path of its project and any topic that it was
    /// seen with. What is unknown may be one of them.
    #[must_use]
    pub(super) fn within(&self, scope: &ProtectionScope) -> Truth {
        let Package { project, package_type, .. } = self.package;
        let has_path = |fits: &dyn Fn(&str) -> bool| match project.paths().any(fits) {
            true => Truth::Yes,
            false if project.path.is_none() => Truth::Unknown,
            false => Truth::No,
        };
        let is_everywhere = scope.groups.is_empty() && scope.projects.is_empty();
        let place = if is_everywhere {
            Truth::Yes
        } else {
            let in_groups = scope.groups.iter().map(|group| has_path(&|path| is_below(path, group, scope.subgroups)));
            Truth::any(in_groups.chain(scope.projects.iter().map(|wanted| match wanted {
                Reference::Id(id) => Truth::from(*id == project.id.0),
                Reference::Path(wanted) => has_path(&|path| path.eq_ignore_ascii_case(wanted)),
            })))
        };
        let type_fits = Truth::from(scope.types.is_empty() || scope.types.contains(package_type));
        let path_fits = scope.paths.as_ref().map_or(Truth::Yes, |paths| Truth::known(paths.hold_project(project)));
        let topic_fits = scope
            .topics
            .as_ref()
            .map_or(Truth::Yes, |topics| Truth::known(project.topics.any(|all| topics.match_any(all))));
        Reading::Hold.all([place, type_fits, path_fits, topic_fits])
    }

    /// Returns whether the package is so young that an upload may be under way. One that is published in place is at
    /// most as old as its row.
    #[must_use]
    pub(super) fn is_fresh(&self, min_age: &Age) -> Truth {
        match self.content {
            Content::Since(date) if min_age.is_undercut(date, self.now) => Truth::Yes,
            _ => self.content_undercuts(min_age),
        }
    }
}
