//! Reads the branches of a project: their list, the protected names, and one branch by itself.

use std::collections::HashSet;

use serde_json::Value;

use super::{ListingReading, Reader};
use crate::gitlab::branch;
use crate::gitlab::error::Error;
use crate::gitlab::subject::Subject;
use crate::gitlab::traffic::Endpoint;
use crate::package::{BranchList, ProjectId};

impl Reader {
    /// Lists the branches of a project once; `None` where there is no repository, or the token may not read it. GitLab
    /// may answer with what was true 30 seconds ago, and a branch may slip through between two pages. So a branch that
    /// the list lacks has to be asked for by itself, too.
    ///
    /// Source: `lib/api/branches.rb`.
    ///
    /// # Errors
    /// When the listing can't be read to its end, or a branch in it has no name.
    pub async fn branches(&self, project: ProjectId) -> Result<Option<BranchList>, Error> {
        let url = self.connection.api(&["projects", &project.to_string(), "repository", "branches"], &[]);
        let read = |value: &Value| branch::read(value).map(|row| (None, row));
        let reading = self.all_pages(Endpoint::Branches, &Subject::Project(project.into()), &url, read).await;
        let list = self.if_shown(reading)?.map(|reading| BranchList {
            default: reading.rows.iter().find(|row| row.is_default).map(|row| row.name.clone()),
            names: reading.rows.into_iter().map(|row| row.name).collect(),
        });
        Ok(list)
    }

    /// Lists the names of a project's protected branches once; `None` where the token may not read them. In older
    /// releases it takes the role Maintainer.
    ///
    /// Source: `lib/api/protected_branches.rb`.
    ///
    /// # Errors
    /// When the listing can't be read to its end, or a row in it has no name.
    pub async fn protected_branches(&self, project: ProjectId) -> Result<Option<ListingReading<String>>, Error> {
        let url = self.connection.api(&["projects", &project.to_string(), "protected_branches"], &[]);
        let read = |value: &Value| branch::protected(value).map(|name| (None, name));
        let subject = Subject::Project(project.into());
        let reading = self.all_pages(Endpoint::ProtectedBranches, &subject, &url, read).await;
        let reading = self.if_shown(reading)?;
        let mut seen = HashSet::new();
        match reading.iter().flat_map(|reading| &reading.rows).find(|name| !seen.insert(*name)) {
            // Where one is listed twice, another one may have slipped through.
            Some(name) => Err(Error::BadAnswer {
                what: subject,
                problem: format!("the protected branch {name:?} is listed twice"),
            }),
            None => Ok(reading),
        }
    }

    /// Asks whether a branch is there; `None` where the token may not know. A 404 is believed only of a project whose list
    /// of branches could be read.
    ///
    /// Source: `lib/api/branches.rb`.
    ///
    /// # Errors
    /// When GitLab doesn't answer, or answers with something else.
    pub async fn branch_exists(&self, project: ProjectId, name: &str) -> Result<Option<bool>, Error> {
        let url = self.connection.api(&["projects", &project.to_string(), "repository", "branches", name], &[]);
        let subject = Subject::Branch { project, name: name.to_owned() };
        let read = |value: &Value| match branch::read(value)?.name == name {
            true => Ok(()),
            false => Err("it is about another branch"),
        };
        match self.single(Endpoint::Branch, subject.clone(), url, read).await {
            Ok(()) => Ok(Some(true)),
            Err(Error::NotFound { what }) if what == subject => Ok(Some(false)),
            Err(error) if self.is_hidden_by(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
