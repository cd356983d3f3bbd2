//! What people do to groups and projects. Whatever can't be done changes nothing. After each, [`Directory::index`] works
//! out what follows.

use jiff::civil::Date;

use super::{Directory, Of, is_within};
use crate::happenings::ActError;
use crate::registry::{Group, Project};

impl Directory {
    /// The place of a project that has to be there.
    pub(crate) fn present(&self, id: u64) -> Result<usize, ActError> {
        self.project_by_id(id).ok_or(ActError::NoProject(id))
    }

    /// A project that has to be there.
    pub(crate) fn project_mut(&mut self, id: u64) -> Result<&mut Project, ActError> {
        let at = self.present(id)?;
        Ok(&mut self.projects[at])
    }

    /// A group that has to be there, by its full path or its id.
    pub(crate) fn group_mut(&mut self, group: &str) -> Result<&mut Group, ActError> {
        let at = self.named(group)?;
        Ok(&mut self.groups[at])
    }

    fn named(&self, group: &str) -> Result<usize, ActError> {
        self.group(group).ok_or_else(|| ActError::NoGroup(group.to_owned()))
    }

    pub(crate) fn rename_project(&mut self, id: u64, to: &str) -> Result<(), ActError> {
        let at = self.present(id)?;
        let (parent, _) = to.rsplit_once('/').unwrap_or_default();
        self.named(parent)?;
        self.free(to, &self.projects[at].path)?;
        self.projects[at].be_called(to.to_owned());
        Ok(())
    }

    /// Renames a group with everything below it. The old paths of its projects still lead to them. Its own leads to nothing
    /// (`find_group` in lib/api/helpers.rb follows no redirect).
    pub(crate) fn move_group(&mut self, group: &str, to: &str) -> Result<(), ActError> {
        let at = self.named(group)?;
        let from = self.groups[at].path.clone();
        if let Some((parent, _)) = to.rsplit_once('/') {
            self.named(parent)?;
        }
        self.free(to, &from)?;
        if is_within(to, &from) && to.len() > from.len() {
            return Err(ActError::Within(from));
        }
        let moved = |path: &str| is_within(path, &from).then(|| format!("{to}{}", &path[from.len()..]));
        for group in &mut self.groups {
            if let Some(path) = moved(&group.path) {
                group.path = path;
            }
        }
        for project in &mut self.projects {
            if let Some(path) = moved(&project.path) {
                project.be_called(path);
            }
        }
        Ok(())
    }

    /// Source: app/services/projects/mark_for_deletion_service.rb.
    pub(crate) fn mark_project(&mut self, id: u64, today: Date) -> Result<(), ActError> {
        let at = self.present(id)?;
        let project = &self.projects[at];
        if project.marked_for_deletion_on.is_some() {
            return Err(ActError::Marked(project.path.clone()));
        }
        self.rename_project(id, &marked(&project.path, id))?;
        let project = &mut self.projects[at];
        (project.archived, project.marked_for_deletion_on) = (true, Some(today));
        Ok(())
    }

    /// Source: app/services/projects/restore_service.rb, which unarchives whatever was archived before the mark.
    pub(crate) fn unmark_project(&mut self, id: u64) -> Result<(), ActError> {
        let at = self.present(id)?;
        let project = &self.projects[at];
        if project.marked_for_deletion_on.is_none() {
            return Err(ActError::Unmarked(project.path.clone()));
        }
        let to = unmarked(&project.path).to_owned();
        self.rename_project(id, &to)?;
        let project = &mut self.projects[at];
        (project.archived, project.marked_for_deletion_on) = (false, None);
        Ok(())
    }

    /// Source: app/services/groups/mark_for_deletion_service.rb.
    pub(crate) fn mark_group(&mut self, path: &str, today: Date) -> Result<(), ActError> {
        let at = self.named(path)?;
        let group = &self.groups[at];
        if group.marked_for_deletion_on.is_some() {
            return Err(ActError::Marked(group.path.clone()));
        }
        self.move_group(path, &marked(&group.path, group.id))?;
        self.groups[at].marked_for_deletion_on = Some(today);
        Ok(())
    }

    /// Source: app/services/groups/restore_service.rb. The path may be the one from before the mark.
    pub(crate) fn unmark_group(&mut self, path: &str) -> Result<(), ActError> {
        let before = || self.groups.iter().position(|group| unmarked(&group.path).eq_ignore_ascii_case(path));
        let at = self.group(path).or_else(before).ok_or_else(|| ActError::NoGroup(path.to_owned()))?;
        let group = &self.groups[at];
        if group.marked_for_deletion_on.is_none() {
            return Err(ActError::Unmarked(group.path.clone()));
        }
        let (from, to) = (group.path.clone(), unmarked(&group.path).to_owned());
        self.move_group(&from, &to)?;
        self.groups[at].marked_for_deletion_on = None;
        Ok(())
    }

    /// Removes a project with its rules and roles.
    pub(crate) fn delete_project(&mut self, id: u64) -> Result<(), ActError> {
        let at = self.present(id)?;
        self.projects.remove(at);
        self.rules.retain(|rule| rule.project_id != id);
        self.memberships.retain(|membership| membership.of != Of::Project(id));
        Ok(())
    }

    /// Refuses a path that something else has. GitLab itself would restore a marked one under another name.
    fn free(&self, path: &str, own: &str) -> Result<(), ActError> {
        let key = path.to_lowercase();
        let taken = self.groups_by_path.contains_key(&key) || self.projects_by_path.contains_key(&key);
        if taken && !path.eq_ignore_ascii_case(own) {
            return Err(ActError::Taken(path.to_owned()));
        }
        Ok(())
    }
}

impl Project {
    fn be_called(&mut self, path: String) {
        let before = std::mem::replace(&mut self.path, path);
        self.former_paths.push(before);
    }
}

/// Returns the path that the mark makes of a path (app/services/namespaces/mark_for_deletion_base_service.rb).
fn marked(path: &str, id: u64) -> String {
    format!("{path}-deletion_scheduled-{id}")
}

/// The path before the mark; older releases wrote `deleted` (app/services/namespaces/restore_base_service.rb).
fn unmarked(path: &str) -> &str {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    let bare = path.rsplit_once('-').filter(|(_, id)| is_number(id)).map(|(bare, _)| bare);
    let bare = bare.and_then(|bare| bare.strip_suffix("-deletion_scheduled").or_else(|| bare.strip_suffix("-deleted")));
    bare.unwrap_or(path)
}
