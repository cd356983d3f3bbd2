//! Decides what leaves a package out of a policy's scope, and tells it with the words of the policy's file.

use std::collections::BTreeMap;
use std::fmt;

use super::{Archived, Reach, Scope};
use crate::package::{Package, PackageType, Project, Reference};
use crate::policy::quote::one_or_list;
use crate::policy::{Patterns, words};

/// The part of a scope that leaves out a package of its groups or projects.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outside<'a> {
    /// The scope names other types.
    Type {
        /// The types that the scope names.
        types: &'a [PackageType],
        /// The type of the package.
        package_type: &'a PackageType,
    },
    /// The project has no path that the scope's patterns match.
    Paths {
        /// The patterns of the scope.
        paths: &'a Patterns,
        /// The project.
        project: &'a Project,
    },
    /// The scope has patterns, and the project's path is unknown.
    UnknownPath {
        /// The patterns of the scope.
        paths: &'a Patterns,
        /// The project.
        project: &'a Project,
    },
    /// GitLab doesn't tell whether the project is archived.
    UnknownArchived {
        /// The project.
        project: &'a Project,
    },
    /// The project has no topic that the scope's patterns match, or has one that is taken away.
    Topics {
        /// The patterns of the scope.
        topics: &'a Patterns,
        /// The project.
        project: &'a Project,
    },
    /// The scope has patterns on topics, and GitLab doesn't tell those of the project.
    UnknownTopics {
        /// The patterns of the scope.
        topics: &'a Patterns,
        /// The project.
        project: &'a Project,
    },
    /// The project is archived, and the scope leaves those out.
    Archived,
    /// The project is not archived, and the scope is for those that are.
    NotArchived,
}

/// The groups that a project may be in, as far as a scope has to ask for them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupPaths {
    /// The full paths of groups that a scope names by their ids. A group that the token can't see is missing, and holds
    /// nothing.
    pub by_id: BTreeMap<u64, String>,
    /// The top-level group above the project; `None` under a person's namespace.
    pub top_level: Option<String>,
}

impl Reach {
    /// Returns whether a project's path is not enough to tell whether it is in here.
    #[must_use]
    pub fn asks_for_groups(&self) -> bool {
        matches!(self, Self::Everywhere { .. }) || self.group_ids().next().is_some()
    }

    /// Returns the groups that it names by their ids.
    pub fn group_ids(&self) -> impl Iterator<Item = u64> {
        let groups: &[Reference] = match self {
            Self::Groups { groups, .. } => groups,
            Self::Everywhere { .. } | Self::Projects(_) => &[],
        };
        groups.iter().filter_map(|group| match group {
            Reference::Id(id) => Some(*id),
            Reference::Path(_) => None,
        })
    }

    /// Returns why a project is not in it; `None` where it is.
    #[must_use]
    pub fn leaves_out(&self, project: &Project, groups: &GroupPaths) -> Option<String> {
        let is_in = match self {
            Self::Everywhere { subgroups } => in_any(project, groups.top_level.as_deref(), *subgroups),
            Self::Groups { groups: references, subgroups } => {
                let paths = references.iter().filter_map(|reference| match reference {
                    Reference::Id(id) => groups.by_id.get(id).map(String::as_str),
                    Reference::Path(path) => Some(&**path),
                });
                in_any(project, paths, *subgroups)
            }
            Self::Projects(references) => Some(references.iter().any(|reference| is_project(reference, project))),
        };
        match is_in {
            Some(true) => None,
            Some(false) => Some(format!("its scope is `{self}`, and {} is not in it", named(project))),
            None => Some(format!("its scope is `{self}`, and the path of {} can't be read", named(project))),
        }
    }
}

impl Scope {
    /// Returns what leaves out a package that is in its groups or projects; `None` where nothing does.
    #[must_use]
    pub fn filters_out<'a>(&'a self, package: &'a Package) -> Option<Outside<'a>> {
        let Package { project, package_type, .. } = package;
        if !self.types.is_empty() && !self.types.contains(package_type) {
            return Some(Outside::Type { types: &self.types, package_type });
        }
        if let Some(paths) = &self.paths {
            match paths.select_project(project) {
                Some(true) => {}
                Some(false) => return Some(Outside::Paths { paths, project }),
                None => return Some(Outside::UnknownPath { paths, project }),
            }
        }
        // Whatever GitLab answered, the project has to have such a topic: somebody may just have taken it off.
        let by_topics = self.topics.as_ref().map(|topics| (topics, project.topics.all(|all| topics.match_any(all))));
        if let Some((topics, Some(false))) = by_topics {
            return Some(Outside::Topics { topics, project });
        }
        match (self.archived, project.archived) {
            (_, None) => return Some(Outside::UnknownArchived { project }),
            (Archived::Exclude, Some(true)) => return Some(Outside::Archived),
            (Archived::Only, Some(false)) => return Some(Outside::NotArchived),
            (Archived::Exclude | Archived::Include | Archived::Only, Some(_)) => {}
        }
        by_topics.filter(|(_, fit)| fit.is_none()).map(|(topics, _)| Outside::UnknownTopics { topics, project })
    }
}

/// Writes the sentence that people read.
impl fmt::Display for Outside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type { types, package_type } => {
                write!(f, "its scope has `types: {}`, and this is {package_type}", one_or_list(types))
            }
            Self::Paths { paths, project } | Self::UnknownPath { paths, project } => {
                let paths = paths.texts().collect::<Vec<_>>();
                write!(f, "its scope has `paths: {}`, which {} does not match", one_or_list(&paths), named(project))
            }
            Self::Topics { topics, project } => {
                let texts = topics.texts().collect::<Vec<_>>();
                let has = words::topics(project);
                write!(f, "its scope has `topic: {}`, and {} has {has}", one_or_list(&texts), named(project))
            }
            Self::UnknownTopics { project, .. } => write!(
                f,
                "nobody can tell the topics of {}, and what can't be told is in no scope that asks for them",
                named(project)
            ),
            Self::UnknownArchived { project } => write!(
                f,
                "nobody can tell whether {} is archived, and what can't be told is in no scope",
                named(project)
            ),
            Self::Archived => f.write_str("its scope leaves archived projects out, and this one is"),
            Self::NotArchived => f.write_str("its scope has `archived: only`, and the project is not"),
        }
    }
}

fn is_project(reference: &Reference, project: &Project) -> bool {
    match reference {
        Reference::Id(id) => *id == project.id.0,
        Reference::Path(wanted) => project.paths().any(|path| path.eq_ignore_ascii_case(wanted)),
    }
}

/// Returns whether a project is in one of the groups; `None` where its path is unknown.
fn in_any<'a>(project: &Project, groups: impl IntoIterator<Item = &'a str>, subgroups: bool) -> Option<bool> {
    let path = project.path.as_deref()?;
    Some(groups.into_iter().any(|group| is_below(path, group, subgroups)))
}

fn named(project: &Project) -> String {
    project.path.clone().unwrap_or_else(|| format!("project {}", project.id))
}

/// Returns whether the project at `path` lies in `group`, or in one of its subgroups where they count. Case doesn't
/// count, because GitLab's paths are unique without it.
#[must_use]
pub fn is_below(path: &str, group: &str, subgroups: bool) -> bool {
    let Some((head, tail)) = path.split_at_checked(group.len()) else {
        return false;
    };
    let Some(rest) = tail.strip_prefix('/') else {
        return false;
    };
    head.eq_ignore_ascii_case(group) && (subgroups || !rest.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::{ProjectId, Topics};
    use crate::policy::PolicySet;
    use crate::yaml::Source;

    #[test]
    fn what_leaves_a_project_out_is_told() {
        let groups =
            GroupPaths { by_id: BTreeMap::from([(7, "acme/platform".to_owned())]), top_level: Some("acme".to_owned()) };
        let table = [
            ("group: acme", None),
            ("group: ACME/platform", None),
            ("group: [beta, acme/platform]", None),
            ("group: 7", None),
            ("group: \"*\"", None),
            ("project: acme/platform/api", None),
            ("project: [41, 42]", None),
            ("group: acme/plat", Some("its scope is `group: acme/plat`, and acme/platform/api is not in it")),
            ("group: [8, beta]", Some("its scope is `group: [8, beta]`, and acme/platform/api is not in it")),
            (
                "group: acme, subgroups: false",
                Some("its scope is `group: acme, subgroups: false`, and acme/platform/api is not in it"),
            ),
            (
                "group: \"*\", subgroups: false",
                Some("its scope is `group: \"*\", subgroups: false`, and acme/platform/api is not in it"),
            ),
            (
                "project: [41, acme/api]",
                Some("its scope is `project: [41, acme/api]`, and acme/platform/api is not in it"),
            ),
        ];
        for (written, expected) in table {
            let told = scope(written).reach.leaves_out(&project(Some("acme/platform/api")), &groups);
            assert_eq!(told.as_deref(), expected, "{written}");
        }
        let of_a_person = GroupPaths { top_level: None, ..groups.clone() };
        let told = scope("group: \"*\"").reach.leaves_out(&project(Some("ada/toys")), &of_a_person);
        assert_eq!(told.as_deref(), Some("its scope is `group: \"*\"`, and ada/toys is not in it"));
        let told = scope("group: acme").reach.leaves_out(&project(None), &groups);
        assert_eq!(told.as_deref(), Some("its scope is `group: acme`, and the path of project 42 can't be read"));
    }

    #[test]
    fn topics_that_leave_a_package_out_are_told() {
        let of = |topics: &[&str]| Some(topics.iter().map(|topic| (*topic).to_owned()).collect::<Vec<_>>());
        let table = [
            ("topic: backend", vec![of(&["Backend"])], None),
            ("topic: [backend, \"lib-*\"]", vec![of(&["x", "lib-a"])], None),
            ("topic: \"!legacy\"", vec![of(&[])], None),
            ("topic: backend", vec![of(&[])], Some("its scope has `topic: backend`, and acme/api has no topic")),
            (
                "topic: [\"*\", \"!legacy\"]",
                vec![of(&["a", "Legacy"])],
                Some("its scope has `topic: [*, !legacy]`, and acme/api has the topics a, Legacy"),
            ),
            (
                "topic: backend",
                vec![of(&["backend"]), of(&["web"])],
                Some("its scope has `topic: backend`, and acme/api has the topic backend, or the topic web"),
            ),
            (
                "topic: backend",
                vec![of(&["backend"]), None],
                Some(
                    "nobody can tell the topics of acme/api, and what can't be told is in no scope that asks for them",
                ),
            ),
            ("archived: include", vec![None], None),
        ];
        for (written, readings, expected) in table {
            let scope = scope(&format!("group: acme, {written}"));
            let project = Project { topics: Topics::of(readings), ..project(Some("acme/api")) };
            let package = Package { project, ..package() };
            assert_eq!(scope.filters_out(&package).map(|out| out.to_string()).as_deref(), expected, "{written}");
        }
    }

    fn package() -> Package {
        Package::plain(1, project(None))
    }

    fn scope(written: &str) -> Scope {
        let text = format!("version: 1\nscope: {{ {written} }}\ndelete: [{{ status: error }}]\n");
        PolicySet::parse(&[Source::new("p.yaml", text)]).unwrap().0.policies[0].scope.clone()
    }

    fn project(path: Option<&str>) -> Project {
        Project { archived: Some(false), ..Project::unread(ProjectId(42), path.map(str::to_owned)) }
    }
}
