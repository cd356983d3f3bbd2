//! What people do to the branches of a project.

use super::Directory;
use crate::happenings::ActError;
use crate::registry::Repository;

impl Directory {
    /// The repository of a project that has to be there.
    pub(crate) fn repository_of(&mut self, id: u64) -> Result<&mut Repository, ActError> {
        let at = self.present(id)?;
        Ok(self.projects[at].repository.get_or_insert_default())
    }
}

impl Repository {
    /// The default branch as the project's own row tells it: none of an empty repository.
    pub(crate) fn shown_default(&self) -> Option<&str> {
        (self.exists && !self.branches.is_empty()).then_some(self.default_branch.as_str())
    }

    pub(crate) fn create(&mut self, id: u64, branch: String) -> Result<(), ActError> {
        if self.branches.contains(&branch) {
            return Err(ActError::BranchTaken(id, branch));
        }
        if self.branches.is_empty() {
            self.default_branch.clone_from(&branch);
        }
        self.exists = true;
        self.branches.insert(branch);
        Ok(())
    }

    /// Source: app/services/branches/delete_service.rb.
    pub(crate) fn delete(&mut self, id: u64, branch: String) -> Result<(), ActError> {
        if branch == self.default_branch {
            return Err(ActError::DefaultBranch(id, branch));
        }
        if self.branches.remove(&branch) { Ok(()) } else { Err(ActError::NoBranch(id, branch)) }
    }

    /// People make the new branch, make it the default one, and delete the old one.
    pub(crate) fn rename_default(&mut self, id: u64, to: String) -> Result<(), ActError> {
        self.create(id, to.clone())?;
        let before = std::mem::replace(&mut self.default_branch, to);
        self.branches.remove(&before);
        Ok(())
    }

    pub(crate) fn unprotect(&mut self, id: u64, pattern: String) -> Result<(), ActError> {
        let before = self.protected_branches.len();
        self.protected_branches.retain(|one| *one != pattern);
        if self.protected_branches.len() < before { Ok(()) } else { Err(ActError::NoBranch(id, pattern)) }
    }
}
