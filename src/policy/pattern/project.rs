//! Matches a project with a list of patterns: by its id, its path, and every path that it had.

use super::shown::Shown;
use super::{Effect, ListItem, Pattern, PatternKind, Patterns, Reading, Spelt};
use crate::package::Project;

impl Patterns {
    /// Returns whether a delete or files rule or a scope takes the project; `None` where that depends on its unknown
    /// path. Patterns that include look at its present path, patterns that take away at all its paths.
    #[must_use]
    pub fn select_project(&self, project: &Project) -> Option<bool> {
        let id = project.id.to_string();
        let is_taken_away = |path: &str| self.has_match(Effect::TakeAway, Reading::Select, path);
        if self.has_id(Effect::TakeAway, &id) || project.paths().any(is_taken_away) {
            return Some(false);
        }
        let by_id = self.only_takes_away() || self.has_id(Effect::Include, &id);
        match &project.path {
            Some(path) => Some(by_id || self.has_match(Effect::Include, Reading::Select, path)),
            None => self.without_path(by_id),
        }
    }

    /// Returns whether a keep or protect rule takes the project, by any of its paths; `None` where that depends on its
    /// unknown path.
    #[must_use]
    pub fn hold_project(&self, project: &Project) -> Option<bool> {
        let id = project.id.to_string();
        if self.has_id(Effect::TakeAway, &id) {
            return Some(false);
        }
        let by_id = self.only_takes_away() || self.has_id(Effect::Include, &id);
        let is_held = |path: &str| {
            (by_id || self.has_match(Effect::Include, Reading::Hold, path))
                && !self.has_match(Effect::TakeAway, Reading::Hold, path)
        };
        match &project.path {
            _ if project.paths().any(is_held) => Some(true),
            Some(_) => Some(false),
            None => self.without_path(by_id),
        }
    }

    /// Returns whether some of the patterns are ids of projects.
    pub(in crate::policy) fn have_ids(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern.is_id(self.kind))
    }

    /// Returns the answer by the id alone; `None` where the path could change it.
    fn without_path(&self, by_id: bool) -> Option<bool> {
        let changes_it = if by_id { Effect::TakeAway } else { Effect::Include };
        let mut of_effect = self.patterns.iter().filter(|pattern| pattern.effect == changes_it);
        of_effect.all(|pattern| pattern.is_id(self.kind)).then_some(by_id)
    }

    fn has_id(&self, effect: Effect, id: &str) -> bool {
        let mut of_effect = self.patterns.iter().filter(|pattern| pattern.effect == effect);
        of_effect.any(|pattern| pattern.is_id(self.kind) && pattern.body() == id)
    }

    fn has_match(&self, effect: Effect, reading: Reading, path: &str) -> bool {
        let spelt = Spelt::from(Shown::Plain(path));
        let mut of_effect = self.patterns.iter().filter(|pattern| pattern.effect == effect);
        of_effect.any(|pattern| !pattern.is_id(self.kind) && pattern.matches_as(reading, &spelt, self.kind))
    }
}

impl ListItem<'_> {
    /// Returns whether it is the id of a project.
    pub(in crate::policy) fn is_id(&self) -> bool {
        self.alone.have_ids()
    }
}

impl Pattern {
    /// Returns whether it is the id of a project: no path of a project is digits alone.
    pub(super) fn is_id(&self, kind: PatternKind) -> bool {
        kind == PatternKind::Path && self.body().bytes().all(|byte| byte.is_ascii_digit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::ProjectId;

    fn project(path: Option<&str>, others: &[&str]) -> Project {
        let other_paths = others.iter().map(|path| (*path).to_owned()).collect();
        Project { other_paths, ..Project::unread(ProjectId(12), path.map(str::to_owned)) }
    }

    const YES: Option<bool> = Some(true);
    const NO: Option<bool> = Some(false);

    /// Whether the moved project, the nameless one and the one with only an old path are taken.
    type Takes = [Option<bool>; 3];

    #[test]
    fn holds_go_by_every_path_and_selections_by_the_one_that_it_has() {
        let moved = project(Some("acme/new"), &["acme/old"]);
        let nameless = project(None, &[]);
        let once = project(None, &["acme/old"]);
        // The patterns, the projects that they hold, and those that they select.
        let table: &[(&[&str], Takes, Takes)] = &[
            (&["acme/old"], [YES, None, YES], [NO, None, None]),
            (&["acme/new"], [YES, None, None], [YES, None, None]),
            (&["acme/other"], [NO, None, None], [NO, None, None]),
            (&["acme/**", "!acme/old"], [YES, None, None], [NO, None, NO]),
            (&["acme/**", "!acme/new"], [YES, None, YES], [NO, None, None]),
            (&["!acme/old"], [YES, None, None], [NO, None, NO]),
            (&["!acme/other"], [YES, None, YES], [YES, None, None]),
            (&["12"], [YES, YES, YES], [YES, YES, YES]),
            (&["13"], [NO, NO, NO], [NO, NO, NO]),
            (&["13", "acme/old"], [YES, None, YES], [NO, None, None]),
            (&["12", "acme/old"], [YES, YES, YES], [YES, YES, YES]),
            (&["12", "!acme/old"], [YES, None, None], [NO, None, NO]),
            (&["acme/**", "!12"], [NO, NO, NO], [NO, NO, NO]),
            (&["!12"], [NO, NO, NO], [NO, NO, NO]),
            (&["!13"], [YES, YES, YES], [YES, YES, YES]),
            (&["*"], [NO, None, None], [NO, None, None]),
            (&["**"], [YES, None, YES], [YES, None, None]),
        ];
        for (texts, held, selected) in table {
            let patterns = Patterns::parse(texts, PatternKind::Path).unwrap();
            let projects = [&moved, &nameless, &once];
            assert_eq!(projects.map(|project| patterns.hold_project(project)), *held, "{texts:?} held");
            assert_eq!(projects.map(|project| patterns.select_project(project)), *selected, "{texts:?} selected");
        }
    }
}
