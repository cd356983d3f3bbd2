//! Checks that a registry hangs together: ids and paths are unique, and nothing belongs to what isn't there.

use std::collections::HashSet;
use std::hash::Hash;

use super::Registry;

/// Why a registry can't be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The text is no JSON, or not that of a registry.
    #[error("the registry is no valid JSON of its format")]
    Json(#[from] serde_json::Error),
    /// Two things have one id or one name.
    #[error("two {what}s are called {name}")]
    Twice {
        /// The kind of thing, such as `group`.
        what: &'static str,
        /// The id or name that both have.
        name: String,
    },
    /// Something belongs to what isn't there.
    #[error("{who} names the {what} {name}, which is not there")]
    Missing {
        /// Whoever names it, such as `package 7`.
        who: String,
        /// The kind of thing that is missing, such as `project`.
        what: &'static str,
        /// The id or name that nothing has.
        name: String,
    },
}

impl Registry {
    /// Finds the first thing that doesn't fit.
    pub(crate) fn check(&self) -> Result<(), RegistryError> {
        let users = unique("user", self.users.iter().map(|user| user.username.clone()))?;
        unique("token", self.tokens.iter().map(|token| token.token.clone()))?;
        unique("group id", self.groups.iter().map(|group| group.id))?;
        let groups = unique("group", self.groups.iter().map(|group| group.path.to_lowercase()))?;
        let projects = unique("project id", self.projects.iter().map(|project| project.id))?;
        let paths = unique("project", self.projects.iter().map(|project| project.path.to_lowercase()))?;
        let former = self.projects.iter().flat_map(|project| &project.former_paths);
        unique("former path", former.map(|path| path.to_lowercase()))?;
        unique("pipeline id", self.pipelines.iter().map(|pipeline| pipeline.id))?;
        let series = self.series.iter().flat_map(|series| series.first_id..series.first_id + series.count);
        unique("package id", self.packages.iter().map(|package| package.id).chain(series))?;
        unique("package file id", self.packages.iter().flat_map(|package| &package.files).map(|file| file.id))?;

        let releases = || self.projects.iter().flat_map(|project| &project.releases);
        unique("release link id", releases().flat_map(|release| &release.links).map(|link| link.id))?;
        for project in &self.projects {
            unique("release", project.releases.iter().map(|release| release.tag.clone()))?;
        }

        for token in &self.tokens {
            found(&users, &token.user, "user", || "a token".to_owned())?;
            if let Some(project) = &token.project {
                found(&projects, project, "project", || format!("a token of {}", token.user))?;
            }
        }
        for group in &self.groups {
            if let Some((parent, _)) = group.path.rsplit_once('/') {
                found(&groups, &parent.to_lowercase(), "group", || format!("group {}", group.path))?;
            }
        }
        for project in &self.projects {
            let (parent, _) = project.path.rsplit_once('/').unwrap_or(("", &project.path));
            found(&groups, &parent.to_lowercase(), "group", || format!("project {}", project.path))?;
        }
        for (project, repository) in self.projects.iter().filter_map(|one| Some((one, one.repository.as_ref()?))) {
            let branches: HashSet<String> = repository.branches.iter().cloned().collect();
            if !branches.is_empty() {
                found(&branches, &repository.default_branch, "branch", || format!("project {}", project.path))?;
            }
        }
        for member in &self.members {
            let who = || format!("a membership of {}", member.user);
            found(&users, &member.user, "user", who)?;
            if let Some(group) = &member.group {
                found(&groups, &group.to_lowercase(), "group", who)?;
            }
            if let Some(project) = &member.project {
                found(&paths, &project.to_lowercase(), "project", who)?;
            }
        }
        for pipeline in &self.pipelines {
            found(&projects, &pipeline.project_id, "project", || format!("pipeline {}", pipeline.id))?;
        }
        for rule in &self.protection_rules {
            found(&projects, &rule.project_id, "project", || "a protection rule".to_owned())?;
        }
        for package in &self.packages {
            found(&projects, &package.project_id, "project", || format!("package {}", package.id))?;
        }
        for series in &self.series {
            found(&projects, &series.project_id, "project", || format!("the series {}", series.name))?;
        }
        Ok(())
    }
}

fn unique<T: Eq + Hash + ToString + Clone>(
    what: &'static str,
    all: impl Iterator<Item = T>,
) -> Result<HashSet<T>, RegistryError> {
    let mut seen = HashSet::new();
    for one in all {
        if !seen.insert(one.clone()) {
            return Err(RegistryError::Twice { what, name: one.to_string() });
        }
    }
    Ok(seen)
}

fn found<T: Eq + Hash + ToString>(
    there: &HashSet<T>,
    name: &T,
    what: &'static str,
    who: impl Fn() -> String,
) -> Result<(), RegistryError> {
    if there.contains(name) {
        return Ok(());
    }
    Err(RegistryError::Missing { who: who(), what, name: name.to_string() })
}
