//! Deletes packages and package files. It can't read.

use std::time::Duration;

use reqwest::Url;

use crate::package::{FileId, PackageId, ProjectId};

use super::answer::Answer;
use super::connection::Connection;
use super::error::{Error, Fault};
use super::exchange::Sent;
use super::freshness::Freshness;
use super::redirect;
use super::refusal::refusal;
use super::request::{Errand, Request};
use super::subject::Subject;
use super::traffic::Endpoint;

/// Deletes. A dry run never makes one.
#[derive(Debug, Clone)]
pub struct Writer {
    connection: Connection,
}

/// A deletion that was to be sent.
#[derive(Debug)]
pub struct Attempt {
    /// What came of it.
    ///
    /// An error where GitLab refuses the request or the token, or can't be reached. Nothing was done then.
    pub deletion: Result<Deletion, Error>,
    /// The name of the request, where something answered: `X-Request-Id`. GitLab's own logs have it as `correlation_id`
    /// (`doc/administration/logs/tracing_correlation_id.md`).
    pub request_id: Option<String>,
}

/// What came of a deletion. None of it proves that something is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deletion {
    /// GitLab accepted it: 17.x says so of protected packages too, and deletes nothing (`lib/api/project_packages.rb`).
    Accepted,
    /// It was answered 404, by GitLab or by something in front of it. It is gone, hidden from the API, or out of the
    /// token's view.
    Absent,
    /// It was changed after [`Freshness::unmodified_since`], and stays.
    Changed,
    /// The token may not delete it, or it is protected; with GitLab's own words.
    Forbidden(Option<String>),
    /// It was sent, and no answer tells whether it was done. It is sent again by whoever has read what is there now.
    Lost {
        /// What came instead of an answer, as part of a sentence.
        problem: String,
        /// How long GitLab asks to be left alone, if it does.
        asked: Option<Duration>,
    },
    /// The look behind it is no longer fresh, or it would have had to wait for long. So it was not sent, or not again, and
    /// nothing was done.
    TooLate,
}

impl Writer {
    /// Makes a writer that deletes over this connection.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    /// Deletes a package, unless its row was changed after `freshness.unmodified_since`. GitLab doesn't count new files
    /// and downloads as changes of a package.
    ///
    /// No try is sent at `freshness.until` or later. A try is repeated only where the last one did nothing for certain.
    pub async fn delete_package(&self, project: ProjectId, package: PackageId, freshness: &Freshness) -> Attempt {
        let path = ["projects", &project.to_string(), "packages", &package.to_string()];
        let url = self.connection.api(&path, &[]);
        self.delete(Endpoint::Package, Subject::Package { project, package }, url, freshness).await
    }

    /// Deletes one file of a package, unless the file was changed after `freshness.unmodified_since`. It is sent and
    /// repeated like the deletion of a package.
    pub async fn delete_file(
        &self,
        project: ProjectId,
        package: PackageId,
        file: FileId,
        freshness: &Freshness,
    ) -> Attempt {
        let (project_id, package_id, file_id) = (project.to_string(), package.to_string(), file.to_string());
        let path = ["projects", &project_id, "packages", &package_id, "package_files", &file_id];
        let url = self.connection.api(&path, &[]);
        self.delete(Endpoint::PackageFile, Subject::File { project, package, file }, url, freshness).await
    }

    async fn delete(&self, endpoint: Endpoint, subject: Subject, url: Url, freshness: &Freshness) -> Attempt {
        let request = Request { endpoint, subject, url, errand: Errand::Delete(*freshness) };
        let unnamed = |deletion| Attempt { deletion, request_id: None };
        match self.connection.send_while_fresh(&request, freshness).await {
            Ok(Sent::Answered(answer)) => {
                Attempt { deletion: meaning(&request, &answer), request_id: answer.request_id() }
            }
            Ok(Sent::Lost(trouble)) => {
                unnamed(Ok(Deletion::Lost { problem: trouble.fault.with_causes(), asked: trouble.asked }))
            }
            Ok(Sent::TooLate) => unnamed(Ok(Deletion::TooLate)),
            Err(error) => unnamed(Err(error)),
        }
    }
}

/// Returns what an answer to a deletion means. The status decides, never the body. A refusal proves that nothing was
/// done; what is neither that nor a success proves nothing.
fn meaning(request: &Request, answer: &Answer) -> Result<Deletion, Error> {
    match answer.status.as_u16() {
        200..=299 => Ok(Deletion::Accepted),
        403 => Ok(Deletion::Forbidden(words_against(answer))),
        404 => Ok(Deletion::Absent),
        412 => Ok(Deletion::Changed),
        307 | 308 => Err(redirect::refused(request, answer)),
        // A server or proxy that lost its patience may have passed the request on before.
        status @ (408 | 499) => Ok(lost(status, answer)),
        400..=499 => Err(refusal(request, answer)),
        status => Ok(lost(status, answer)),
    }
}

fn lost(status: u16, answer: &Answer) -> Deletion {
    let fault = Fault::Status { status, message: answer.words() };
    Deletion::Lost { problem: fault.to_string(), asked: None }
}

/// Returns GitLab's words of a 403, which name the token's scopes where they are the reason.
fn words_against(answer: &Answer) -> Option<String> {
    const SCOPE: &str = "insufficient_scope";
    let is_scope = answer.oauth_error() == Some(SCOPE);
    answer.message().map(|message| if is_scope && message != SCOPE { format!("{SCOPE}: {message}") } else { message })
}
