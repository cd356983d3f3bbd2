//! What the scope of a policy takes in of a case's packages, and which project and type are meant where a case names
//! none.

use crate::package::{PackageType, Project};
use crate::policy::{Archived, Patterns, Policy, Reach, Reference, Scope};

/// What a package of a case is, where the case doesn't say.
#[derive(Debug, Clone)]
pub(super) struct Usual {
    pub(super) package_type: PackageType,
    /// A path that the policy looks at; `None` where none could be thought of.
    pub(super) project: Option<String>,
    pub(super) archived: bool,
}

impl Usual {
    pub(super) fn of(policy: &Policy) -> Self {
        let scope = &policy.scope;
        Self {
            package_type: scope.types.first().cloned().unwrap_or(PackageType::Generic),
            project: paths(scope).into_iter().find(|path| path_outside(scope, path).is_none()),
            archived: scope.archived == Archived::Only,
        }
    }
}

/// The same for a whole set: a generic package of a project that most of its policies look at.
pub(super) fn usual_of(policies: &[Policy]) -> Usual {
    let looked_at =
        |path: &String| policies.iter().filter(|policy| path_outside(&policy.scope, path).is_none()).count();
    let paths: Vec<String> = policies.iter().flat_map(|policy| paths(&policy.scope)).collect();
    // Of equals the last one is the maximum.
    let project = paths.into_iter().rev().max_by_key(looked_at);
    Usual { package_type: PackageType::Generic, project, archived: false }
}

/// Why a policy doesn't look at a package at all; `None` where it does.
pub(super) fn outside(scope: &Scope, project: &Project, package_type: &PackageType) -> Option<String> {
    let archived = project.archived == Some(true);
    if !scope.types.is_empty() && !scope.types.contains(package_type) {
        return Some(format!("`types` has no {package_type}"));
    }
    match scope.archived {
        Archived::Exclude if archived => return Some("its project is archived".to_owned()),
        Archived::Only if !archived => return Some("its project is not archived".to_owned()),
        Archived::Exclude | Archived::Include | Archived::Only => {}
    }
    match &project.path {
        Some(path) => path_outside(scope, path),
        None => scope.paths.as_ref().map(|_| "its project's path is unknown, and the scope has `paths`".to_owned()),
    }
}

fn path_outside(scope: &Scope, path: &str) -> Option<String> {
    if !reaches(&scope.reach, path) {
        return Some(format!("{path} is not in its group or project"));
    }
    let matches = |patterns: &Patterns| patterns.matches(path);
    (!scope.paths.as_ref().is_none_or(matches)).then(|| format!("`paths` leaves {path} out"))
}

/// Whether the walk of a policy comes by a project. What is named by its id may be anything.
fn reaches(reach: &Reach, path: &str) -> bool {
    match reach {
        Reach::Everywhere { subgroups } => *subgroups || path.matches('/').count() == 1,
        Reach::Groups { groups, subgroups } => groups.iter().any(|group| match group {
            Reference::Id(_) => true,
            Reference::Path(group) => is_below(path, group, *subgroups),
        }),
        Reach::Projects(projects) => projects.iter().any(|project| match project {
            Reference::Id(_) => true,
            Reference::Path(project) => project.to_lowercase() == path.to_lowercase(),
        }),
    }
}

/// GitLab's paths are unique without regard to case.
fn is_below(path: &str, group: &str, subgroups: bool) -> bool {
    let (path, group) = (path.to_lowercase(), group.to_lowercase());
    let rest = path.strip_prefix(&group).and_then(|rest| rest.strip_prefix('/'));
    rest.is_some_and(|rest| subgroups || !rest.contains('/'))
}

/// Paths that a scope may look at, the plainest first.
fn paths(scope: &Scope) -> Vec<String> {
    let unnamed = || "group/project".to_owned();
    let mut paths: Vec<String> = match &scope.reach {
        Reach::Everywhere { .. } => vec![unnamed()],
        Reach::Groups { groups, .. } => groups
            .iter()
            .map(|group| match group {
                Reference::Id(_) => unnamed(),
                Reference::Path(path) => format!("{path}/project"),
            })
            .collect(),
        Reach::Projects(projects) => projects
            .iter()
            .map(|project| match project {
                Reference::Id(_) => unnamed(),
                Reference::Path(path) => path.clone(),
            })
            .collect(),
    };
    let patterns = scope.paths.iter().flat_map(Patterns::texts).filter(|text| !text.starts_with(['!', '/']));
    paths.extend(patterns.map(|text| text.replace("**", "project").replace('*', "project")));
    paths
}
