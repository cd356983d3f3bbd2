//! Everything that a simulated GitLab holds, and what people do to it.

mod snapshot;

use jiff::Timestamp;
use jiff::tz::Offset;

use crate::directory::{Caller, Directory, REPORTER};
use crate::edition::Edition;
use crate::happenings::{Act, ActError, NewFile};
use crate::store::Store;

/// Everything that GitLab holds. A request locks it once, after its token was found good, and so sees one state of it.
pub(crate) struct World {
    pub(crate) directory: Directory,
    pub(crate) store: Store,
}

impl World {
    /// Returns whether the caller may read a project's packages. Since guests may pull packages, whoever sees a project
    /// may; before, it took a reporter in what isn't public (app/finders/packages/projects_finder.rb).
    pub(crate) fn reads_packages(&self, caller: Caller, project: usize) -> bool {
        let directory = &self.directory;
        let open = directory.sees_project(Caller::Anonymous, project);
        directory.projects[project].packages_enabled
            && directory.sees_project(caller, project)
            && (self.store.context().edition == Edition::V18_5 || open || directory.level(caller, project) >= REPORTER)
    }

    /// Does what somebody does at this time. An act that can't be done changes nothing.
    pub(crate) fn act(&mut self, act: Act, now: Timestamp) -> Result<(), ActError> {
        let Self { directory, store } = self;
        match act {
            Act::Publish(publication) => {
                let project = directory.present(publication.project)?;
                return store.publish(publication, project, now);
            }
            Act::UploadFile { package, name, size } => return store.upload(package, NewFile { name, size }, now),
            Act::Download { package } => return store.download(package, now),
            Act::DeletePackage { package } => return store.delete_package(package, now),
            Act::DeleteFile { package, file } => return store.delete_file(package, file, now),
            Act::MoveTag { package, tag } => return store.move_tag(package, tag, now),
            Act::RemoveTag { package, tag } => return store.remove_tag(package, tag),
            Act::RenameProject { id, to } => directory.rename_project(id, &to)?,
            Act::MoveGroup { from, to } => directory.move_group(&from, &to)?,
            Act::ArchiveProject { id } => directory.project_mut(id)?.archived = true,
            Act::UnarchiveProject { id } => directory.project_mut(id)?.archived = false,
            Act::ArchiveGroup { path } => directory.group_mut(&path)?.archived = true,
            Act::UnarchiveGroup { path } => directory.group_mut(&path)?.archived = false,
            Act::MarkProject { id } => directory.mark_project(id, Offset::UTC.to_datetime(now).date())?,
            Act::UnmarkProject { id } => directory.unmark_project(id)?,
            Act::MarkGroup { path } => directory.mark_group(&path, Offset::UTC.to_datetime(now).date())?,
            Act::UnmarkGroup { path } => directory.unmark_group(&path)?,
            Act::SetTopics { id, topics } => directory.project_mut(id)?.topics = topics,
            Act::DeleteProject { id } => directory.delete_project(id)?,
            Act::CreateBranch { id, branch } => directory.repository_of(id)?.create(id, branch)?,
            Act::DeleteBranch { id, branch } => directory.repository_of(id)?.delete(id, branch)?,
            Act::RenameDefaultBranch { id, to } => directory.repository_of(id)?.rename_default(id, to)?,
            Act::ProtectBranch { id, pattern } => directory.repository_of(id)?.protected_branches.push(pattern),
            Act::UnprotectBranch { id, pattern } => directory.repository_of(id)?.unprotect(id, pattern)?,
            Act::DeleteRepository { id } => directory.repository_of(id)?.exists = false,
            Act::LinkRelease { project, tag, url } => directory.link_release(project, tag, url, now)?,
            Act::UnlinkRelease { project, tag, url } => directory.unlink_release(project, tag, url)?,
            Act::ProtectPackage { project, package_type, pattern, level } => {
                directory.protect(project, package_type, pattern, level)?;
            }
            Act::UnprotectPackage { project, package_type, pattern } => {
                directory.unprotect(project, package_type, pattern)?;
            }
        }
        directory.index();
        store.follow(directory);
        Ok(())
    }
}
