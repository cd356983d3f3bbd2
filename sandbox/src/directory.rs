//! Users, tokens, groups, projects, memberships and protection rules, and who sees which of them.
//!
//! Users and tokens stay what they are while the server runs; groups and projects change by what people do to them.
//! They are named by their place in their lists, which holds until the next act.

mod acts;
mod releases;
mod repository;
mod rules;

use std::collections::{HashMap, HashSet};

use crate::registry::{Group, Member, Package, Project, ProtectionRule, Registry, Repository, Token, User, Visibility};
use crate::wildcard;

/// An administrator's access level; an owner has 50 (lib/gitlab/access.rb).
pub(crate) const ADMIN: u8 = 60;
pub(crate) const OWNER: u8 = 50;
pub(crate) const MAINTAINER: u8 = 40;
pub(crate) const REPORTER: u8 = 20;

/// Everything about a GitLab except its packages.
pub(crate) struct Directory {
    pub(crate) users: Vec<User>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) groups: Vec<Group>,
    pub(crate) projects: Vec<Project>,
    rules: Vec<ProtectionRule>,
    memberships: Vec<Membership>,
    tokens_by_text: HashMap<String, usize>,
    users_by_name: HashMap<String, usize>,
    groups_by_path: HashMap<String, usize>,
    projects_by_path: HashMap<String, usize>,
    projects_by_former_path: HashMap<String, usize>,
    projects_by_id: HashMap<u64, usize>,
    /// For each user their access level in each project, and in each group.
    project_levels: Vec<Vec<u8>>,
    group_levels: Vec<Vec<u8>>,
}

/// The role of a user in a group or a project. The user is named by the place in the list, and the group or project by the
/// id, so that the role outlives all renaming.
struct Membership {
    user: usize,
    of: Of,
    level: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Group(u64),
    Project(u64),
}

/// The caller of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    Anonymous,
    /// A place in the list of users.
    User(usize),
}

impl Directory {
    /// Takes these parts out of a registry that has been checked.
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let mut told = Repository::of_pipelines(&registry.pipelines);
        for project in registry.projects.iter_mut().filter(|project| project.repository.is_none()) {
            project.repository = Some(told.remove(&project.id).unwrap_or_default());
        }
        let mut directory = Self {
            users: std::mem::take(&mut registry.users),
            tokens: std::mem::take(&mut registry.tokens),
            groups: std::mem::take(&mut registry.groups),
            projects: std::mem::take(&mut registry.projects),
            rules: std::mem::take(&mut registry.protection_rules),
            memberships: Vec::new(),
            tokens_by_text: HashMap::new(),
            users_by_name: HashMap::new(),
            groups_by_path: HashMap::new(),
            projects_by_path: HashMap::new(),
            projects_by_former_path: HashMap::new(),
            projects_by_id: HashMap::new(),
            project_levels: Vec::new(),
            group_levels: Vec::new(),
        };
        directory.tokens_by_text = places(directory.tokens.iter().map(|token| token.token.clone()));
        directory.users_by_name = places(directory.users.iter().map(|user| user.username.clone()));
        directory.index();
        directory.memberships = registry.members.iter().flat_map(|member| directory.memberships_of(member)).collect();
        directory.index();
        directory
    }

    fn memberships_of(&self, member: &Member) -> Vec<Membership> {
        let Some(user) = self.user(&member.user) else { return Vec::new() };
        let group = member.group.as_deref().and_then(|path| self.groups_by_path.get(&path.to_lowercase()));
        let project = member.project.as_deref().and_then(|path| self.projects_by_path.get(&path.to_lowercase()));
        let group = group.map(|at| Of::Group(self.groups[*at].id));
        let project = project.map(|at| Of::Project(self.projects[*at].id));
        let of = group.into_iter().chain(project);
        of.map(|of| Membership { user, of, level: member.access_level }).collect()
    }

    /// Works out anew what follows from the groups, the projects and the memberships.
    pub(crate) fn index(&mut self) {
        self.groups_by_path = places(self.groups.iter().map(|group| group.path.to_lowercase()));
        self.projects_by_path = places(self.projects.iter().map(|project| project.path.to_lowercase()));
        self.projects_by_id = places(self.projects.iter().map(|project| project.id));
        // A path that a project or a group has now no longer leads to the one that had it before, and never will again
        // (`delete_conflicting_redirects` in app/models/route.rb).
        let taken: HashSet<_> = self.groups_by_path.keys().chain(self.projects_by_path.keys()).collect();
        for project in &mut self.projects {
            project.former_paths.retain(|path| !taken.contains(&path.to_lowercase()));
        }
        let former = self.projects.iter().enumerate();
        let former = former.flat_map(|(at, project)| project.former_paths.iter().map(move |path| (path, at)));
        self.projects_by_former_path = former.map(|(path, at)| (path.to_lowercase(), at)).collect();

        let users = 0..self.users.len();
        self.group_levels = users
            .clone()
            .map(|user| self.groups.iter().map(|group| self.level_at(user, &group.path, Of::Group(group.id))).collect())
            .collect();
        self.project_levels = users
            .map(|user| {
                let level = |project: &Project| self.level_at(user, &project.path, Of::Project(project.id));
                self.projects.iter().map(level).collect()
            })
            .collect();
    }

    /// Returns the highest level that a user has as a member of this group or project, or of a group around it.
    fn level_at(&self, user: usize, path: &str, itself: Of) -> u8 {
        let around = |of: Of| match of {
            Of::Group(id) => self.groups.iter().any(|group| group.id == id && is_within(path, &group.path)),
            Of::Project(_) => of == itself,
        };
        let own = self.memberships.iter().filter(|membership| membership.user == user && around(membership.of));
        let level = own.map(|membership| membership.level).max().unwrap_or(0);
        if self.users[user].admin { level.max(ADMIN) } else { level }
    }

    pub(crate) fn token(&self, text: &str) -> Option<(usize, &Token)> {
        let at = *self.tokens_by_text.get(text)?;
        Some((at, &self.tokens[at]))
    }

    /// The tokens, as a registry has them: those of jobs without the projects that are gone.
    pub(crate) fn tokens(&self) -> Vec<Token> {
        let mut tokens = self.tokens.clone();
        for token in &mut tokens {
            token.project = token.project.filter(|id| self.project_by_id(*id).is_some());
        }
        tokens
    }

    /// The roles, as a registry has them: by the paths of now.
    pub(crate) fn members(&self) -> impl Iterator<Item = Member> {
        self.memberships.iter().map(|membership| {
            let (group, project) = match membership.of {
                Of::Group(id) => {
                    (self.groups.iter().find(|group| group.id == id).map(|group| group.path.clone()), None)
                }
                Of::Project(id) => (None, self.project_by_id(id).map(|at| self.projects[at].path.clone())),
            };
            let user = self.users[membership.user].username.clone();
            Member { user, group, project, access_level: membership.level }
        })
    }

    pub(crate) fn rules(&self) -> &[ProtectionRule] {
        &self.rules
    }

    pub(crate) fn user(&self, username: &str) -> Option<usize> {
        self.users_by_name.get(username).copied()
    }

    /// The group with this id or full path, whatever its case.
    pub(crate) fn group(&self, id: &str) -> Option<usize> {
        match id.parse::<u64>() {
            Ok(number) => self.groups.iter().position(|group| group.id == number),
            Err(_) => self.groups_by_path.get(&id.to_lowercase()).copied(),
        }
    }

    /// The project with this id or full path, whatever its case.
    pub(crate) fn project(&self, id: &str) -> Option<usize> {
        match id.parse::<u64>() {
            Ok(number) => self.project_by_id(number),
            Err(_) => self.projects_by_path.get(&id.to_lowercase()).copied(),
        }
    }

    /// Returns the project that had this path once.
    pub(crate) fn moved_project(&self, path: &str) -> Option<usize> {
        self.projects_by_former_path.get(&path.to_lowercase()).copied()
    }

    pub(crate) fn project_by_id(&self, id: u64) -> Option<usize> {
        self.projects_by_id.get(&id).copied()
    }

    /// The caller's access level in a project, 0 for none.
    pub(crate) fn level(&self, caller: Caller, project: usize) -> u8 {
        match caller {
            Caller::Anonymous => 0,
            Caller::User(user) => self.project_levels[user][project],
        }
    }

    /// The caller's access level in a group, 0 for none.
    pub(crate) fn group_level(&self, caller: Caller, group: usize) -> u8 {
        match caller {
            Caller::Anonymous => 0,
            Caller::User(user) => self.group_levels[user][group],
        }
    }

    pub(crate) fn sees_project(&self, caller: Caller, at: usize) -> bool {
        let project = &self.projects[at];
        !project.pending_delete && (is_open(project.visibility, caller) || self.level(caller, at) > 0)
    }

    /// Returns whether the caller sees a group. Its members do, the members of anything in it, and everybody when it is
    /// public.
    pub(crate) fn sees_group(&self, caller: Caller, at: usize) -> bool {
        is_open(self.groups[at].visibility, caller) || self.belongs_to(caller, at)
    }

    /// Returns whether the caller is a member of the group, or of anything in it.
    pub(crate) fn belongs_to(&self, caller: Caller, at: usize) -> bool {
        let group = &self.groups[at];
        let Caller::User(user) = caller else { return false };
        let member_of = |levels: &[u8], at: usize| levels[at] > 0;
        (0..self.groups.len())
            .any(|other| is_within(&self.groups[other].path, &group.path) && member_of(&self.group_levels[user], other))
            || self.projects_in(at, true).any(|project| member_of(&self.project_levels[user], project))
    }

    /// Returns whether the caller may read the code of a project that it sees: whoever is no guest, and everybody where
    /// it is open to them (`download_code` and `read_code` in app/policies/project_policy.rb).
    pub(crate) fn reads_code(&self, caller: Caller, at: usize) -> bool {
        is_open(self.projects[at].visibility, caller) || self.level(caller, at) >= REPORTER
    }

    /// The projects of a group, with those of its subgroups or without.
    pub(crate) fn projects_in(&self, group: usize, subgroups: bool) -> impl Iterator<Item = usize> {
        let group = &self.groups[group].path;
        self.projects.iter().enumerate().filter_map(move |(at, project)| {
            let (parent, _) = project.path.rsplit_once('/')?;
            let there = if subgroups { is_within(parent, group) } else { parent.eq_ignore_ascii_case(group) };
            there.then_some(at)
        })
    }

    /// The protection rules of a project, each with its place among all of them.
    pub(crate) fn protection_rules(&self, project_id: u64) -> impl Iterator<Item = (usize, &ProtectionRule)> {
        self.rules.iter().enumerate().filter(move |(_, rule)| rule.project_id == project_id)
    }

    /// Returns whether a rule keeps somebody of this level from deleting the package
    /// (app/services/packages/protection/check_rule_existence_service.rb).
    pub(crate) fn is_protected(&self, package: &Package, level: u8) -> bool {
        let name = comparable(package, &package.name);
        self.rules.iter().any(|rule| {
            rule.project_id == package.project_id
                && rule.package_type == package.package_type
                && level < ADMIN
                && rule.minimum_access_level_for_delete.is_some_and(|least| level < least)
                && wildcard::fits(&comparable(package, &rule.package_name_pattern), &name)
        })
    }
}

/// A name as protection rules compare it: in lower case, and for PyPI with every run of `-`, `_` and `.` as one dash.
fn comparable(package: &Package, name: &str) -> String {
    let name = name.to_lowercase();
    if package.package_type.name() != "pypi" {
        return name;
    }
    let mut dashed = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '-' | '_' | '.' if dashed.ends_with('-') => {}
            '-' | '_' | '.' => dashed.push('-'),
            other => dashed.push(other),
        }
    }
    dashed
}

fn is_open(visibility: Visibility, caller: Caller) -> bool {
    match visibility {
        Visibility::Public => true,
        Visibility::Internal => caller != Caller::Anonymous,
        Visibility::Private => false,
    }
}

/// Returns whether the path is the group's own or lies below it.
fn is_within(path: &str, group: &str) -> bool {
    path.get(..group.len()).is_some_and(|start| start.eq_ignore_ascii_case(group))
        && matches!(path.as_bytes().get(group.len()), None | Some(b'/'))
}

fn places<T: Eq + std::hash::Hash>(all: impl Iterator<Item = T>) -> HashMap<T, usize> {
    all.enumerate().map(|(at, one)| (one, at)).collect()
}
