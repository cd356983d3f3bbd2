//! The packages that a policy looks at, and those that a protection holds for.

mod outside;

use serde::Serialize;

pub use outside::{GroupPaths, Outside, is_below};

use super::condition::type_;
use super::lint::key_says_nothing;
use super::{PatternKind, Patterns, pattern};
use crate::package::{PackageType, Reference};
use crate::yaml::ValueError;
use crate::yaml::document::{Node, NodeContent};
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;
use crate::yaml::text::{did_you_mean, shown};

/// The packages that a policy looks at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scope {
    /// The groups or projects whose packages are listed.
    pub reach: Reach,
    /// Patterns on the project's path; `None` is every project.
    pub paths: Option<Patterns>,
    /// The package types; empty is every type.
    pub types: Vec<PackageType>,
    /// Whether it looks at archived projects.
    pub archived: Archived,
    /// Patterns on the project's topics; `None` is every project.
    #[serde(rename = "topic", skip_serializing_if = "Option::is_none")]
    pub topics: Option<Patterns>,
}

/// Whether a policy looks at archived projects, which are kept for the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Archived {
    /// It looks only at projects that are not archived.
    #[default]
    Exclude,
    /// It looks at archived projects and all others.
    Include,
    /// It looks only at archived projects.
    Only,
}

/// The groups or projects that a policy names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Every top-level group that the token sees.
    Everywhere {
        /// Whether the groups below them belong to it.
        subgroups: bool,
    },
    /// Some groups.
    Groups {
        /// Never empty.
        groups: Vec<Reference>,
        /// Whether the groups below them belong to it.
        subgroups: bool,
    },
    /// Some projects. Never empty.
    Projects(Vec<Reference>),
}

impl Scope {
    /// Returns whether some package may be in both. In doubt it returns `true`: a group's id, for one, tells nothing
    /// without asking GitLab.
    #[must_use]
    pub fn may_overlap(&self, other: &Self) -> bool {
        let types = &self.types;
        let same_types =
            types.is_empty() || other.types.is_empty() || types.iter().any(|one| other.types.contains(one));
        same_types && self.reach.may_overlap(&other.reach)
    }
}

impl Reach {
    fn may_overlap(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Everywhere { .. }, _) | (_, Self::Everywhere { .. }) => true,
            (Self::Projects(ours), Self::Projects(theirs)) => any_pair(ours, theirs, may_be),
            (Self::Groups { groups, .. }, Self::Projects(projects)) => any_pair(groups, projects, may_hold),
            (Self::Projects(projects), Self::Groups { groups, .. }) => any_pair(groups, projects, may_hold),
            (Self::Groups { groups: ours, .. }, Self::Groups { groups: theirs, .. }) => {
                any_pair(ours, theirs, |a, b| may_hold(a, b) || may_hold(b, a))
            }
        }
    }
}

fn any_pair(ours: &[Reference], theirs: &[Reference], fits: impl Fn(&Reference, &Reference) -> bool) -> bool {
    ours.iter().any(|one| theirs.iter().any(|other| fits(one, other)))
}

/// Returns whether it is `*`, which is no path of a group.
fn is_everything(group: &Reference) -> bool {
    matches!(group, Reference::Path(path) if &**path == "*")
}

/// Returns whether both may be the same project.
fn may_be(one: &Reference, other: &Reference) -> bool {
    match (one, other) {
        (Reference::Id(one), Reference::Id(other)) => one == other,
        (Reference::Path(one), Reference::Path(other)) => one.to_lowercase() == other.to_lowercase(),
        _ => true,
    }
}

/// Returns whether the other may be this group or may be in it. `subgroups: false` is passed over, because a needless
/// wait is cheap.
fn may_hold(group: &Reference, other: &Reference) -> bool {
    let (Reference::Path(group), Reference::Path(inner)) = (group, other) else { return true };
    // GitLab's paths don't tell cases apart.
    let (group, inner) = (group.to_lowercase(), inner.to_lowercase());
    inner.strip_prefix(&group).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The packages that a protection holds for. A package's row in the listing decides it, so that it never widens a walk.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProtectionScope {
    /// Full paths of groups; empty together with `projects` is everywhere.
    pub groups: Vec<String>,
    /// Whether the groups below them belong to it.
    pub subgroups: bool,
    /// Single projects; empty together with `groups` is everywhere.
    pub projects: Vec<Reference>,
    /// Patterns on the project's path; `None` is every project.
    pub paths: Option<Patterns>,
    /// The package types; empty is every type.
    pub types: Vec<PackageType>,
    /// Patterns on the project's topics; `None` is every project.
    #[serde(rename = "topic", skip_serializing_if = "Option::is_none")]
    pub topics: Option<Patterns>,
}

/// Reads the scope of a policy.
pub(super) fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Scope> {
    let parts = ScopeParts::read(node, ReferenceKind::Group, findings)?;
    let reach = match (parts.groups, parts.projects) {
        (Some(groups), None) if groups.iter().any(is_everything) => Reach::Everywhere { subgroups: parts.subgroups },
        (Some(groups), None) => Reach::Groups { groups, subgroups: parts.subgroups },
        (None, Some(projects)) => Reach::Projects(projects),
        _ => {
            if !parts.names_reach {
                let span = findings.first_line(node.span);
                findings
                    .problem(span, "`scope` names neither a group nor a project")
                    .hint("write `group: acme/platform` or `project: acme/platform/api`");
            }
            return None;
        }
    };
    let archived = parts.archived.unwrap_or_default();
    Some(Scope { reach, paths: parts.paths, types: parts.types, archived, topics: parts.topics })
}

/// Reads the scope of a protection.
pub(super) fn read_protection(node: &Node, findings: &mut Findings<'_>) -> Option<ProtectionScope> {
    let parts = ScopeParts::read(node, ReferenceKind::GroupByPath, findings)?;
    if !parts.names_reach && !parts.names_packages {
        let span = findings.first_line(node.span);
        findings
            .problem(span, "`scope` names nothing")
            .hint("take it out: a protection without a scope holds everywhere");
    }
    let groups = parts.groups.unwrap_or_default().into_iter().filter_map(|group| match group {
        Reference::Path(path) => Some(path.into()),
        Reference::Id(_) => None,
    });
    Some(ProtectionScope {
        groups: groups.collect(),
        subgroups: parts.subgroups,
        projects: parts.projects.unwrap_or_default(),
        paths: parts.paths,
        types: parts.types,
        topics: parts.topics,
    })
}

/// The parts that both kinds of scope are written with.
struct ScopeParts {
    /// Whether there are groups or projects, readable or not, or an unknown key that may be meant as one.
    names_reach: bool,
    /// Whether there are paths, types or topics, readable or not.
    names_packages: bool,
    groups: Option<Vec<Reference>>,
    projects: Option<Vec<Reference>>,
    subgroups: bool,
    paths: Option<Patterns>,
    types: Vec<PackageType>,
    archived: Option<Archived>,
    topics: Option<Patterns>,
}

impl ScopeParts {
    fn read(node: &Node, group_kind: ReferenceKind, findings: &mut Findings<'_>) -> Option<Self> {
        let mut fields = Fields::of(node, "`scope`", findings)?;
        let group = fields.take("group");
        let project = fields.take("project");
        let subgroups = fields.take("subgroups");
        if let (Some(_), Some(project)) = (group, project) {
            findings
                .problem(project.span, "`group` and `project` exclude each other")
                .hint("write two files, one for the group and one for the project");
        }
        if let (None, Some(subgroups)) = (group, subgroups) {
            findings.lint(
                &key_says_nothing::LINT,
                subgroups.span,
                "`subgroups` goes with `group`, and says nothing here",
                "take it out",
            );
        }
        let archived = match group_kind {
            ReferenceKind::GroupByPath => {
                fields.refuse(
                    "archived",
                    "a protection can't tell archived projects",
                    "take it out: policies pass over archived projects unless their own scope says otherwise",
                    findings,
                );
                None
            }
            ReferenceKind::Group | ReferenceKind::Project => {
                fields.read("archived", findings, |node, findings| scalar::parsed(node, findings, parse_archived))
            }
        };
        let groups = group.and_then(|node| {
            refuse_everything_and_more(node, group_kind, findings);
            scalar::each(node, findings, reference(group_kind))
        });
        let types = match group_kind {
            ReferenceKind::GroupByPath => type_::held_types,
            ReferenceKind::Group | ReferenceKind::Project => type_::types,
        };
        let names_packages = ["paths", "types", "topic"].iter().any(|key| fields.has(key));
        let mut parts = Self {
            names_reach: group.is_some() || project.is_some(),
            names_packages,
            groups,
            projects: project.and_then(|node| scalar::each(node, findings, reference(ReferenceKind::Project))),
            subgroups: subgroups.and_then(|node| scalar::switch(node, findings)).unwrap_or(true),
            paths: fields.read("paths", findings, |node, findings| pattern::read(node, PatternKind::Path, findings)),
            types: fields.read("types", findings, types).unwrap_or_default(),
            archived,
            topics: fields.read("topic", findings, |node, findings| pattern::read(node, PatternKind::Topic, findings)),
        };
        parts.names_reach |= fields.has_other_than(&[]);
        fields.finish(findings);
        Some(parts)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReferenceKind {
    Group,
    /// A package's row has the path of its group, and not its id.
    GroupByPath,
    Project,
}

/// Reports a `*` in a list: it is every group already.
fn refuse_everything_and_more(node: &Node, kind: ReferenceKind, findings: &mut Findings<'_>) {
    let NodeContent::List(groups) = &node.content else { return };
    let everything =
        groups.iter().find(|group| matches!(&group.content, NodeContent::Scalar { text, .. } if text == "*"));
    if let Some(everything) = everything.filter(|_| groups.len() > 1 && kind == ReferenceKind::Group) {
        findings
            .problem(everything.span, "`*` is every group already, and stands alone")
            .hint("write `group: \"*\"`, or name the groups");
    }
}

fn parse_archived(text: &str) -> Result<Archived, ValueError> {
    match text {
        "exclude" => Ok(Archived::Exclude),
        "include" => Ok(Archived::Include),
        "only" => Ok(Archived::Only),
        _ => Err(ValueError::new(
            format!("`archived` takes no `{}`{}", shown(text), did_you_mean(text, ["exclude", "include", "only"])),
            "write `exclude`, which is the default, `include` or `only`",
        )),
    }
}

fn reference(kind: ReferenceKind) -> impl FnMut(&Node, &mut Findings<'_>) -> Option<Reference> {
    move |node, findings| scalar::parsed(node, findings, |text| parse(text, kind))
}

/// Reads a project, by its full path or its id.
pub(super) fn project(node: &Node, findings: &mut Findings<'_>) -> Option<Reference> {
    scalar::parsed(node, findings, |text| parse(text, ReferenceKind::Project))
}

fn parse(text: &str, kind: ReferenceKind) -> Result<Reference, ValueError> {
    if scalar::is_digits(text) {
        return match text.parse() {
            Ok(id) if id > 0 && kind == ReferenceKind::GroupByPath => Err(ValueError::new(
                format!("a protection can't tell a group by its id {id}"),
                "write the group's full path: a package's row has no group id to compare with",
            )),
            Ok(id) if id > 0 => Ok(Reference::Id(id)),
            _ => Err(ValueError::new(format!("`{text}` is no id"), "ids are whole numbers from 1")),
        };
    }
    let what = match kind {
        ReferenceKind::Group | ReferenceKind::GroupByPath => "a group",
        ReferenceKind::Project => "a project",
    };
    let wrong = |message: &str, hint: String| Err(ValueError::new(format!("`{}` {message}", shown(text)), hint));
    if let Some((_, address)) = text.split_once("://") {
        let path = address.split_once('/').map_or("", |(_, path)| path);
        let path = path.split("/-/").next().unwrap_or_default().trim_matches('/');
        return wrong("is an address", format!("write {what}'s full path, as in `{}`", shown(path)));
    }
    let trimmed = text.trim_matches('/');
    if trimmed != text {
        return wrong("begins or ends with a slash", format!("write `{}`", shown(trimmed)));
    }
    if text == "*" && kind == ReferenceKind::GroupByPath {
        return wrong("is everything", "take it out: a protection without a scope holds everywhere".to_owned());
    }
    let is_everything = text == "*" && kind == ReferenceKind::Group;
    if !is_everything && text.contains(['*', '?', '[', ']', '{', '}', '!']) {
        return wrong("is a pattern", format!("name {what} here, and write patterns under `paths`"));
    }
    let is_word = |segment: &str| {
        !segment.is_empty() && segment.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
    };
    let is_plain = is_everything || text.split('/').all(is_word);
    let Some(reference) = Reference::parse(text).ok().filter(|_| is_plain) else {
        return wrong("is no path", format!("write {what}'s full path, as in its address in GitLab"));
    };
    if kind == ReferenceKind::Project && !text.contains('/') {
        return wrong("is no full path of a project", format!("write its group before it, as in `acme/{text}`"));
    }
    Ok(reference)
}

#[cfg(test)]
mod tests {
    use crate::policy::PolicySet;
    use crate::yaml::Source;

    #[test]
    fn scopes_overlap_unless_it_is_plain_that_they_do_not() {
        let table = [
            ("group: acme", "group: acme", true),
            ("group: acme", "group: Acme/platform", true),
            ("group: acme/platform/api", "group: acme", true),
            ("group: acme", "group: acme2", false),
            ("group: acme/web", "group: acme/platform", false),
            ("group: [acme/web, beta]", "group: [acme/platform, beta/core]", true),
            ("group: acme", "project: acme/api", true),
            ("project: ACME/api", "group: acme", true),
            ("group: acme/web", "project: acme/api", false),
            ("project: acme/api", "project: Acme/API", true),
            ("project: acme/api", "project: acme/api2", false),
            ("project: [7, 8]", "project: [8]", true),
            ("project: 7", "project: 8", false),
            ("project: 7", "project: acme/api", true),
            ("group: 7", "group: 8", true),
            ("group: 7", "project: acme/api", true),
            ("group: acme, types: maven", "group: acme, types: npm", false),
            ("group: acme, types: [maven, npm]", "group: acme, types: npm", true),
            ("group: acme, types: maven", "group: acme", true),
        ];
        for (one, other, expected) in table {
            let policy = |name: &str, scope: &str| {
                let text = format!("version: 1\nscope: {{ {scope} }}\ndelete: [{{ status: error }}]\n");
                Source::new(format!("{name}.yaml"), text)
            };
            let (set, _) = PolicySet::parse(&[policy("one", one), policy("other", other)]).unwrap();
            let [one_policy, other_policy] = set.policies.as_slice() else { panic!("two policies") };
            assert_eq!(one_policy.scope.may_overlap(&other_policy.scope), expected, "{one} | {other}");
            assert_eq!(other_policy.scope.may_overlap(&one_policy.scope), expected, "{other} | {one}");
        }
    }
}
