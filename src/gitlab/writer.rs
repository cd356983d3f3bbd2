//! Deletes packages and package files. It can't read.

use jiff::Timestamp;
use reqwest::{StatusCode, Url};

use crate::package::{FileId, PackageId, ProjectId};

use super::connection::Connection;
use super::error::Error;
use super::refusal::refusal;
use super::request::Request;
use super::subject::Subject;
use super::traffic::{Endpoint, Method};

/// Deletes. A dry run never makes one.
#[derive(Debug, Clone)]
pub struct Writer {
    connection: Connection,
}

/// GitLab's answer to a deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deletion {
    /// It was accepted, which is no proof: 17.x says so of protected packages too, and deletes nothing
    /// (`lib/api/project_packages.rb`). [`super::Reader::package_exists`] tells.
    Accepted,
    /// There is nothing to delete: an earlier try got through, somebody else was faster, or it is hidden from the API.
    AlreadyGone,
    /// It was changed after `unmodified_since`, and stays.
    Changed,
    /// The token may not delete it, or it is protected; with GitLab's own words.
    Forbidden(Option<String>),
}

impl Writer {
    /// Makes a writer that deletes over this connection.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    /// Deletes a package, unless its row was changed after `unmodified_since`, rounded down to the second. GitLab
    /// doesn't count new files and downloads as changes of a package.
    ///
    /// # Errors
    /// When GitLab gives no answer that settles this package, and when the token or its scopes are refused.
    pub async fn delete_package(
        &self,
        project: ProjectId,
        package: PackageId,
        unmodified_since: Timestamp,
    ) -> Result<Deletion, Error> {
        let path = ["projects", &project.to_string(), "packages", &package.to_string()];
        let url = self.connection.api(&path, &[]);
        let subject = Subject::Package { project, package };
        self.delete(Endpoint::Package, subject, url, unmodified_since).await
    }

    /// Deletes one file of a package, unless the file was changed after `unmodified_since`, rounded down to the second.
    ///
    /// # Errors
    /// When GitLab gives no answer that settles this file, and when the token or its scopes are refused.
    pub async fn delete_file(
        &self,
        project: ProjectId,
        package: PackageId,
        file: FileId,
        unmodified_since: Timestamp,
    ) -> Result<Deletion, Error> {
        let (project_id, package_id, file_id) = (project.to_string(), package.to_string(), file.to_string());
        let path = ["projects", &project_id, "packages", &package_id, "package_files", &file_id];
        let url = self.connection.api(&path, &[]);
        let subject = Subject::File { project, package, file };
        self.delete(Endpoint::PackageFile, subject, url, unmodified_since).await
    }

    async fn delete(
        &self,
        endpoint: Endpoint,
        subject: Subject,
        url: Url,
        unmodified_since: Timestamp,
    ) -> Result<Deletion, Error> {
        let request =
            Request { method: Method::Delete, endpoint, subject, url, unmodified_since: Some(unmodified_since) };
        let answer = self.connection.send(&request).await?;
        if matches!(answer.status, StatusCode::NO_CONTENT | StatusCode::ACCEPTED | StatusCode::OK) {
            return Ok(Deletion::Accepted);
        }
        if answer.status == StatusCode::PRECONDITION_FAILED {
            return Ok(Deletion::Changed);
        }
        match refusal(&request, &answer) {
            Error::NotFound { what } if what == request.subject => Ok(Deletion::AlreadyGone),
            Error::Forbidden { message, .. } => Ok(Deletion::Forbidden(message)),
            error => Err(error),
        }
    }
}
