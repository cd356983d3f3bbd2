//! Tells which packages of a case the scope of a policy takes in, and chooses the project and type of a package that
//! names none.

use crate::package::{Package, PackageType, Project, ProjectId, Reference};
use crate::policy::{Archived, GroupPaths, Patterns, Policy, Reach, Scope};

/// The values of a package for which the case gives none.
#[derive(Debug, Clone)]
pub(super) struct Usual {
    /// The first type that the scope takes.
    pub(super) package_type: PackageType,
    /// A path that the policy looks at; `None` where none could be thought of.
    pub(super) project: Option<String>,
    /// Whether its project is archived.
    pub(super) archived: bool,
    /// The topics of its project.
    pub(super) topics: Vec<String>,
}

impl Usual {
    /// Chooses values that the policy looks at.
    pub(super) fn of(policy: &Policy) -> Self {
        let scope = &policy.scope;
        Self {
            package_type: scope.types.first().cloned().unwrap_or_default(),
            project: paths(scope).into_iter().find(|path| looks_at(scope, path)),
            archived: scope.archived == Archived::Only,
            topics: topics(scope),
        }
    }
}

/// Chooses the values for a whole set: a generic package of a project that most of its policies look at.
pub(super) fn usual_of(policies: &[Policy]) -> Usual {
    let lookers = |path: &String| policies.iter().filter(|policy| looks_at(&policy.scope, path)).count();
    let paths: Vec<String> = policies.iter().flat_map(|policy| paths(&policy.scope)).collect();
    // `max_by_key` returns the last one of equals, and the first path is wanted.
    let project = paths.into_iter().rev().max_by_key(lookers);
    Usual { package_type: PackageType::default(), project, archived: false, topics: Vec::new() }
}

/// Tells why a policy doesn't look at a package; `None` where it does.
pub(super) fn outside(scope: &Scope, package: &Package) -> Option<String> {
    out_of_reach(scope, &package.project).or_else(|| Some(scope.filters_out(package)?.to_string()))
}

/// Tells why the walk of a policy doesn't reach a project; `None` where it does or may. One that is named by its id, or
/// whose path nobody knows, may be any.
fn out_of_reach(scope: &Scope, project: &Project) -> Option<String> {
    let is_id = |reference: &Reference| matches!(reference, Reference::Id(_));
    let may_be_any = match &scope.reach {
        Reach::Everywhere { .. } => false,
        Reach::Groups { groups: references, .. } | Reach::Projects(references) => references.iter().any(is_id),
    };
    let path = project.path.as_ref().filter(|_| !may_be_any)?;
    let top_level = path.split('/').next().map(str::to_owned);
    scope.reach.leaves_out(project, &GroupPaths { top_level, ..GroupPaths::default() })
}

fn looks_at(scope: &Scope, path: &str) -> bool {
    let project = Project::unread(ProjectId(1), Some(path.to_owned()));
    out_of_reach(scope, &project).is_none()
        && scope.paths.as_ref().is_none_or(|paths| paths.select_project(&project) == Some(true))
}

/// Returns topics that a scope looks at: a single one where it asks for some.
fn topics(scope: &Scope) -> Vec<String> {
    let Some(patterns) = &scope.topics else { return Vec::new() };
    let texts = patterns.texts().filter(|text| !text.starts_with(['!', '/']));
    let topics = texts.map(|text| vec![text.replace('*', "topic")]);
    topics.into_iter().find(|topics| patterns.match_any(topics)).unwrap_or_default()
}

/// Returns paths that a scope may look at, the plainest first.
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
                Reference::Path(path) => path.to_string(),
            })
            .collect(),
    };
    let patterns = scope.paths.iter().flat_map(Patterns::texts).filter(|text| !text.starts_with(['!', '/']));
    paths.extend(patterns.map(|text| text.replace("**", "project").replace('*', "project")));
    paths
}
