//! The scope of a policy or a protection, as the lints see it.

use std::cell::OnceCell;

use crate::package::{PackageType, Reference};
use crate::policy::pattern::{Reading, SearchResult, Texts, Work};
use crate::policy::{Patterns, ProtectionScope, Reach, Scope};
use crate::yaml::document::Span;

/// The packages that the rules of a policy or a protection look at.
pub(super) struct Frame<'a> {
    /// The types; empty is every type.
    pub(super) types: &'a [PackageType],
    /// The patterns on the project's path.
    pub(super) paths: Option<&'a Patterns>,
    /// The patterns on the project's topics.
    pub(super) topics: Option<&'a Patterns>,
    /// How `paths` and `topics` are read.
    pub(super) reading: Reading,
    /// Every path that a project of its groups can have, or that of each of its projects, as a regular expression; `None`
    /// where that is any path, or where an id stands for one.
    pub(super) projects: Option<String>,
    /// The one group that it names, by its path.
    pub(super) group: Option<&'a str>,
    /// A path of its projects, once somebody asked for one.
    pub(super) sample: OnceCell<SearchResult>,
    /// The number of the file that it stands in.
    file: usize,
    pub(super) work: &'a Work,
}

impl<'a> Frame<'a> {
    pub(super) fn of_policy(scope: &'a Scope, file: usize, work: &'a Work) -> Self {
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
        let (paths, topics) = (scope.paths.as_ref(), scope.topics.as_ref());
        Self { projects, group, topics, ..Self::around(&scope.types, paths, Reading::Select, file, work) }
    }

    /// Returns the frame of a protection. Without a scope everything is in it.
    pub(super) fn of_protection(scope: Option<&'a ProtectionScope>, file: usize, work: &'a Work) -> Self {
        let Some(scope) = scope else { return Self::around(&[], None, Reading::Hold, file, work) };
        let group = match scope.groups.as_slice() {
            [group] => Some(group.as_str()),
            _ => None,
        };
        let projects = projects_of(scope);
        let (paths, topics) = (scope.paths.as_ref(), scope.topics.as_ref());
        Self { projects, group, topics, ..Self::around(&scope.types, paths, Reading::Hold, file, work) }
    }

    fn around(
        types: &'a [PackageType],
        paths: Option<&'a Patterns>,
        reading: Reading,
        file: usize,
        work: &'a Work,
    ) -> Self {
        Self { types, paths, topics: None, reading, projects: None, group: None, sample: OnceCell::new(), file, work }
    }

    /// Tells the work that it goes on to this part of the file.
    pub(super) fn at(&self, span: Span) {
        self.work.at(self.file, span);
    }

    /// Returns all that the path of a project in it matches.
    pub(super) fn project_paths(&self) -> impl Iterator<Item = Texts<'_>> {
        // An id names one project, whose path is not known here.
        let paths = self.paths.filter(|paths| !paths.have_ids());
        self.reach().chain(paths.map(|paths| Texts::List(paths, self.reading)))
    }

    /// Returns the expression that the path of a project in its groups matches, or of one of its projects.
    pub(super) fn reach(&self) -> impl Iterator<Item = Texts<'_>> {
        self.projects.as_deref().map(Texts::Expression).into_iter()
    }
}

/// Returns every path that a project in the scope of a protection can have, as an expression, without a look at `paths`.
pub(super) fn projects_of(scope: &ProtectionScope) -> Option<String> {
    let groups: Vec<&str> = scope.groups.iter().map(String::as_str).collect();
    match groups.as_slice() {
        [] if scope.projects.is_empty() => None,
        [] => exactly(&scope.projects),
        groups => Some(in_groups(groups, scope.subgroups)),
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
