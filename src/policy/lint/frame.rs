//! What a scope lets its rules see, of a policy or of a protection.

use crate::package::PackageType;
use crate::policy::pattern::{Reading, Texts};
use crate::policy::{Patterns, ProtectionScope, Reach, Reference, Scope};

pub(super) struct Frame<'a> {
    /// Empty is every type.
    pub(super) types: &'a [PackageType],
    /// On the project's path.
    pub(super) paths: Option<&'a Patterns>,
    /// Of its paths.
    pub(super) reading: Reading,
    /// Every path that a project of its groups can have, or that of each of its projects, as a regular expression; `None`
    /// where that is any path, or where an id stands for one.
    pub(super) projects: Option<String>,
    /// The one group that it names, by its path.
    pub(super) group: Option<&'a str>,
}

impl<'a> Frame<'a> {
    pub(super) fn of_policy(scope: &'a Scope) -> Self {
        let (projects, group) = match &scope.reach {
            Reach::Everywhere { subgroups: true } => (None, None),
            Reach::Everywhere { subgroups: false } => (Some("[^/]+/[^/]+".to_owned()), None),
            Reach::Groups { groups, subgroups } => {
                let paths: Option<Vec<&str>> = groups.iter().map(path).collect();
                let group = match paths.as_deref() {
                    Some([group]) => Some(*group),
                    _ => None,
                };
                (paths.map(|paths| in_groups(&paths, *subgroups)), group)
            }
            Reach::Projects(projects) => (exactly(projects), None),
        };
        Self { types: &scope.types, paths: scope.paths.as_ref(), reading: Reading::Select, projects, group }
    }

    /// Of a protection everything is in the frame where it has no scope.
    pub(super) fn of_protection(scope: Option<&'a ProtectionScope>) -> Self {
        let Some(scope) = scope else {
            return Self { types: &[], paths: None, reading: Reading::Hold, projects: None, group: None };
        };
        let groups: Vec<&str> = scope.groups.iter().map(String::as_str).collect();
        let (projects, group) = match groups.as_slice() {
            [] if scope.projects.is_empty() => (None, None),
            [] => (exactly(&scope.projects), None),
            [group] => (Some(in_groups(&groups, scope.subgroups)), Some(*group)),
            _ => (Some(in_groups(&groups, scope.subgroups)), None),
        };
        Self { types: &scope.types, paths: scope.paths.as_ref(), reading: Reading::Hold, projects, group }
    }

    /// What the path of a project has to match to be in it.
    pub(super) fn project_paths(&self) -> impl Iterator<Item = Texts<'_>> {
        self.reach().chain(self.paths.map(|paths| Texts::List(paths, self.reading)))
    }

    /// What it has to match to be in one of its groups, or one of its projects.
    pub(super) fn reach(&self) -> impl Iterator<Item = Texts<'_>> {
        self.projects.as_deref().map(Texts::Expression).into_iter()
    }
}

fn path(reference: &Reference) -> Option<&str> {
    match reference {
        Reference::Path(path) => Some(path),
        Reference::Id(_) => None,
    }
}

fn in_groups(groups: &[&str], subgroups: bool) -> String {
    let below = if subgroups { "(?:/[^/]+)+" } else { "/[^/]+" };
    format!("(?:{}){below}", one_of(groups))
}

fn exactly(projects: &[Reference]) -> Option<String> {
    let paths: Option<Vec<&str>> = projects.iter().map(path).collect();
    paths.map(|paths| one_of(&paths))
}

fn one_of(paths: &[&str]) -> String {
    paths.iter().map(|path| regex_syntax::escape(path)).collect::<Vec<_>>().join("|")
}
