//! Makes an error of an answer without success.

use reqwest::StatusCode;

use super::answer::Answer;
use super::error::{Error, TokenRejection, address};
use super::request::Request;
use super::subject::Subject;

/// Returns the error that an answer without success stands for.
///
/// The status decides, never the text: `lib/api/helpers.rb`, `lib/api/api_guard.rb`. The text only tells apart
/// what a person has to do.
pub(super) fn refusal(request: &Request, answer: &Answer) -> Error {
    let what = request.subject.clone();
    match answer.status {
        // Rails, a proxy or a load balancer: the API itself speaks JSON.
        StatusCode::NOT_FOUND if answer.json.is_err() => Error::NotGitlab { url: address(&request.url), status: 404 },
        StatusCode::NOT_FOUND if answer.token.is_none() => Error::Unseen { what },
        StatusCode::NOT_FOUND => Error::NotFound { what: unseen(what, answer) },
        StatusCode::UNAUTHORIZED => Error::Unauthorized(rejection(answer)),
        StatusCode::FORBIDDEN if answer.oauth_error() == Some("insufficient_scope") => {
            Error::InsufficientScope { what }
        }
        StatusCode::FORBIDDEN => Error::Forbidden { what, message: answer.message() },
        status => Error::Rejected { what, status: status.as_u16(), message: answer.message() },
    }
}

/// Returns what GitLab says against the token.
fn rejection(answer: &Answer) -> TokenRejection {
    let text = answer.oauth_description().unwrap_or_default().to_lowercase();
    if answer.token.is_none() {
        TokenRejection::Missing
    } else if text.contains("expired") {
        TokenRejection::Expired
    } else if text.contains("revoked") {
        TokenRejection::Revoked
    } else {
        TokenRejection::Wrong
    }
}

/// Returns what a 404 says isn't there: what was asked for, or its whole project. A project that has gone out of the
/// token's view says nothing about its packages. Only the text tells the two apart ("404 Project Not Found",
/// `lib/api/helpers.rb`). If GitLab changes that text, a 404 is taken to be about what was asked for, but for a branch: that
/// one counts as gone by it.
fn unseen(asked: Subject, answer: &Answer) -> Subject {
    let message = answer.message().unwrap_or_default().to_lowercase();
    match asked {
        // A repository may have been switched off, and a proxy that decodes `%2F` leads elsewhere. So a branch is not there
        // only where GitLab says so: "404 Branch Not Found", `lib/api/branches.rb`.
        Subject::Branch { project, .. } if !message.contains("branch not found") => Subject::Project(project.into()),
        Subject::Package { project, .. } | Subject::File { project, .. } if message.contains("project not found") => {
            Subject::Project(project.into())
        }
        asked => asked,
    }
}
