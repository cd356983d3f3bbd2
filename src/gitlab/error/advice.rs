//! Tells whoever runs gleaner what to do about an error, in a sentence or two.

use super::{Error, Fault, TokenRejection};
use crate::gitlab::credential::TokenError;
use crate::gitlab::subject::Subject;

impl Error {
    /// Returns what to do about it; `None` where the message says all there is to say.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        let advice = match self {
            Self::BadUrl(_) => "Give the address that a browser opens GitLab with, such as https://gitlab.example.com.",
            Self::CaFile { .. } => {
                "Give a file with one or more certificates in PEM, which begin with `-----BEGIN CERTIFICATE-----`."
            }
            Self::NoCertificates => {
                "Install the package ca-certificates, or name a file with the authority's certificate by --ca-file or SSL_CERT_FILE."
            }
            Self::Client(_) => return None,
            Self::Token(TokenError::Unreadable { .. }) => {
                "Check that the file is there and may be read by the user that gleaner runs as."
            }
            Self::Token(_) => "Put the token, and nothing else, on one line.",
            Self::JobToken { what: Subject::Group(_) | Subject::TopLevelGroups } => {
                "GitLab doesn't let a CI job's token list a group. Use `project:` scopes, or a group or personal access token."
            }
            Self::JobToken { .. } => "Use a project, group or personal access token.",
            Self::Unauthorized(rejection) => return Some(against(*rejection).to_owned()),
            Self::InsufficientScope { .. } => {
                "A token needs the scope read_api for dry runs, and api to delete. Scopes can't be added to a token: make a new one."
            }
            Self::Forbidden { what: Subject::Group(_), .. } => {
                "To list a group's packages the token's owner needs at least the role Reporter in the group."
            }
            Self::Forbidden { .. } => {
                "The token's owner needs at least the role Reporter in the project, and its package registry has to be switched on."
            }
            Self::NotFound { what: Subject::Group(_) | Subject::Project(_) } => {
                "Check how the path is spelled, from the top-level group down. GitLab gives the same answer where the token's owner is no member."
            }
            Self::NotFound { .. } => return None,
            Self::Unseen { .. } => {
                "Give a token by --token-file, GITLAB_TOKEN_FILE or GITLAB_TOKEN: with the scope read_api for dry runs, api to delete."
            }
            Self::RateLimited { .. } => {
                "Try again later, run less often, or ask the administrator of GitLab to raise the rate limit of the API for this user."
            }
            Self::Unavailable { last: Fault::Status { status: 500.., .. }, .. } => {
                "GitLab or something in front of it is in trouble; nothing is wrong with the request. Try again later."
            }
            Self::Unavailable { .. } => {
                "Check the network and whatever stands between here and GitLab, then try again."
            }
            Self::Connect { host, .. } => {
                return Some(format!(
                    "Check that the name and port in {host} are right, and that they can be reached from here."
                ));
            }
            Self::Tls { host, source } => return Some(about_tls(host, source)),
            Self::Redirected { to } => return Some(after_redirect(to)),
            Self::NotGitlab { .. } => {
                "Give the address that a browser opens GitLab with, with its path prefix if it has one, such as https://gitlab.example.com or https://example.com/gitlab."
            }
            Self::BadRow { .. } | Self::BadAnswer { .. } => {
                "The listing can't be trusted, so nothing is planned from it. If it happens again, something between here and GitLab may change its answers."
            }
            Self::NotFresh { .. } => {
                "Nothing is deleted on what a cache remembers. Have whatever stands in front of GitLab pass on every request to its API."
            }
            Self::Rejected { .. } => return None,
            Self::UnknownProject { .. } => {
                "It may have been moved or made a moment ago. Run again; if it stays, give the token's owner at least the role Reporter in that project."
            }
        };
        Some(advice.to_owned())
    }
}

fn against(rejection: TokenRejection) -> &'static str {
    match rejection {
        TokenRejection::Wrong => {
            "The token is mistyped, or belongs to another GitLab. The tokens in force are listed under Access tokens, in the settings of the user, project or group."
        }
        TokenRejection::Expired => {
            "Make a new token under Access tokens, in the settings of the user, project or group."
        }
        TokenRejection::Revoked => {
            "Somebody revoked it under Access tokens, in the settings of the user, project or group. Ask why before making a new one there."
        }
        TokenRejection::Missing => "Give a token by --token-file, GITLAB_TOKEN_FILE or GITLAB_TOKEN.",
    }
}

fn about_tls(host: &str, error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer) => {
            format!(
                "The certificate of {host} is signed by an authority that isn't known here: name its certificate by --ca-file."
            )
        }
        rustls::Error::InvalidCertificate(_) => {
            format!(
                "Look at the certificate of {host}: its dates, and whether it is made out to this name. A private authority is named by --ca-file."
            )
        }
        _ => format!(
            "Check that {host} speaks TLS; an address that begins with http:// may be meant. A private authority is named by --ca-file."
        ),
    }
}

fn after_redirect(to: &str) -> String {
    match to.split_once("/api/v4") {
        Some((instance, _)) => format!("The token is sent to no other address than the one that was given. If GitLab lives at {instance}, give that."),
        None => "Something in front of GitLab answers in its place, a sign-in page perhaps. Give an address where its API can be reached.".to_owned(),
    }
}
