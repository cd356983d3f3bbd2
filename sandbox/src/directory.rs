//! Who is there and who sees what: users, tokens, groups, projects, memberships and protection rules.
//!
//! Nothing in it changes while the server runs. Groups and projects are named by their place in their lists.

use std::collections::HashMap;

use crate::registry::{Group, Package, Project, ProtectionRule, Registry, Token, User, Visibility};
use crate::wildcard;

/// An administrator's access level; an owner has 50 (lib/gitlab/access.rb).
pub(crate) const ADMIN: u8 = 60;
pub(crate) const MAINTAINER: u8 = 40;
pub(crate) const REPORTER: u8 = 20;

/// Everything about a GitLab except its packages.
pub(crate) struct Directory {
    pub(crate) users: Vec<User>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) groups: Vec<Group>,
    pub(crate) projects: Vec<Project>,
    rules: Vec<ProtectionRule>,
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

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    Anonymous,
    /// A place in the list of users.
    User(usize),
}

impl Directory {
    /// Takes these parts out of a registry that has been checked.
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let mut directory = Self {
            users: std::mem::take(&mut registry.users),
            tokens: std::mem::take(&mut registry.tokens),
            groups: std::mem::take(&mut registry.groups),
            projects: std::mem::take(&mut registry.projects),
            rules: std::mem::take(&mut registry.protection_rules),
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
        directory.groups_by_path = places(directory.groups.iter().map(|group| group.path.to_lowercase()));
        directory.projects_by_path = places(directory.projects.iter().map(|project| project.path.to_lowercase()));
        for (at, project) in directory.projects.iter().enumerate() {
            let paths = project.former_paths.iter().map(|path| path.to_lowercase());
            // What a project or a group is called now leads nowhere else (`delete_conflicting_redirects` in
            // app/models/route.rb).
            let free = paths.filter(|path| {
                !directory.projects_by_path.contains_key(path) && !directory.groups_by_path.contains_key(path)
            });
            directory.projects_by_former_path.extend(free.map(|path| (path, at)));
        }
        directory.projects_by_id = places(directory.projects.iter().map(|project| project.id));
        for user in &directory.users {
            let level = |path: &str| {
                let memberships = registry.members.iter().filter(|member| {
                    member.user == user.username
                        && (member.group.as_deref().is_some_and(|group| is_within(path, group))
                            || member.project.as_deref() == Some(path))
                });
                memberships.map(|member| member.access_level).max().unwrap_or(0).max(if user.admin { ADMIN } else { 0 })
            };
            directory.project_levels.push(directory.projects.iter().map(|project| level(&project.path)).collect());
            directory.group_levels.push(directory.groups.iter().map(|group| level(&group.path)).collect());
        }
        directory
    }

    pub(crate) fn token(&self, text: &str) -> Option<(usize, &Token)> {
        let at = *self.tokens_by_text.get(text)?;
        Some((at, &self.tokens[at]))
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

    /// The project that was called so once.
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

    /// A group is seen by its members, by the members of anything in it, and by everybody when it is public.
    pub(crate) fn sees_group(&self, caller: Caller, at: usize) -> bool {
        is_open(self.groups[at].visibility, caller) || self.belongs_to(caller, at)
    }

    /// Whether the caller is a member of the group, or of anything in it.
    pub(crate) fn belongs_to(&self, caller: Caller, at: usize) -> bool {
        let group = &self.groups[at];
        let Caller::User(user) = caller else { return false };
        let member_of = |levels: &[u8], at: usize| levels[at] > 0;
        (0..self.groups.len())
            .any(|other| is_within(&self.groups[other].path, &group.path) && member_of(&self.group_levels[user], other))
            || self.projects_in(at, true).any(|project| member_of(&self.project_levels[user], project))
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

    /// Whether a rule keeps somebody of this level from deleting the package
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

/// Whether the path is the group's own or lies below it.
fn is_within(path: &str, group: &str) -> bool {
    path.get(..group.len()).is_some_and(|start| start.eq_ignore_ascii_case(group))
        && matches!(path.as_bytes().get(group.len()), None | Some(b'/'))
}

fn places<T: Eq + std::hash::Hash>(all: impl Iterator<Item = T>) -> HashMap<T, usize> {
    all.enumerate().map(|(at, one)| (one, at)).collect()
}
