//! The token: where it comes from, and the header that it goes into. It shows up nowhere else.

use std::path::{Path, PathBuf};
use std::{fs, io};

use reqwest::header::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

/// The token that gleaner sends, or none.
#[derive(Debug, Clone)]
pub enum Credential {
    /// Nothing: GitLab shows what is public.
    None,
    /// A token that stays the same.
    Fixed {
        /// The kind of token.
        kind: TokenKind,
        /// The token.
        token: SecretString,
    },
    /// A token in a file, which may be replaced at any time.
    File {
        /// The kind of token.
        kind: TokenKind,
        /// Where the file is.
        path: PathBuf,
    },
}

/// The kinds of token, which go into different headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A personal, project or group access token, sent as `PRIVATE-TOKEN`.
    Private,
    /// A CI job's token, sent as `JOB-TOKEN`. Only a project's own routes take it: `lib/api/group_packages.rb` doesn't
    /// allow it.
    Job,
}

/// Why there is no token to send.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Its file can't be read.
    #[error("the token file {} can't be read", path.display())]
    Unreadable {
        /// Where the file is.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// There is nothing but white space.
    #[error("{place} is empty")]
    Empty {
        /// Where the token comes from.
        place: String,
    },
    /// A token is one line.
    #[error("{place} has more than one line")]
    ManyLines {
        /// Where the token comes from.
        place: String,
    },
    /// A header can't hold it, or no token looks like that.
    #[error("{place} has characters that no token has")]
    OddCharacters {
        /// Where the token comes from.
        place: String,
    },
}

impl Credential {
    /// Returns the header for the next request. A file is read each time: it is small, and so a new token is used at
    /// once.
    pub(super) fn header(&self) -> Result<Option<(HeaderName, HeaderValue)>, TokenError> {
        let (kind, value) = match self {
            Self::None => return Ok(None),
            Self::Fixed { kind, token } => (kind, header_value(token, || "the token".to_owned())?),
            Self::File { kind, path } => {
                let place = || format!("the token file {}", path.display());
                (kind, header_value(&read(path)?, place)?)
            }
        };
        Ok(Some((kind.header_name(), value)))
    }

    pub(super) fn is_job_token(&self) -> bool {
        match self {
            Self::None => false,
            Self::Fixed { kind, .. } | Self::File { kind, .. } => *kind == TokenKind::Job,
        }
    }
}

impl TokenKind {
    fn header_name(self) -> HeaderName {
        match self {
            Self::Private => HeaderName::from_static("private-token"),
            Self::Job => HeaderName::from_static("job-token"),
        }
    }
}

fn read(path: &Path) -> Result<SecretString, TokenError> {
    let text = fs::read_to_string(path).map_err(|source| TokenError::Unreadable { path: path.to_owned(), source })?;
    Ok(text.into())
}

fn header_value(token: &SecretString, place: impl Fn() -> String) -> Result<HeaderValue, TokenError> {
    let token = token.expose_secret().trim();
    if token.is_empty() {
        return Err(TokenError::Empty { place: place() });
    }
    if token.lines().nth(1).is_some() {
        return Err(TokenError::ManyLines { place: place() });
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(TokenError::OddCharacters { place: place() });
    }
    let mut value = HeaderValue::from_str(token).map_err(|_| TokenError::OddCharacters { place: place() })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    fn fixed(token: &str) -> Credential {
        Credential::Fixed { kind: TokenKind::Private, token: token.into() }
    }

    #[test]
    fn the_header_is_sensitive_and_named_after_the_kind() {
        let (name, value) = fixed(" glpat-hush\n").header().unwrap().unwrap();
        assert_eq!((name.as_str(), value.as_bytes()), ("private-token", &b"glpat-hush"[..]));
        assert!(value.is_sensitive());
        let job = Credential::Fixed { kind: TokenKind::Job, token: "secret".into() };
        assert_eq!(job.header().unwrap().unwrap().0.as_str(), "job-token");
        assert!(Credential::None.header().unwrap().is_none());
    }

    #[test]
    fn what_is_no_token_is_a_clear_error_that_does_not_show_it() {
        let table = [
            ("", "is empty"),
            (" \n ", "is empty"),
            ("glpat-hush\nglpat-other", "has more than one line"),
            ("glpat hush", "has characters that no token has"),
            ("glpat-hüsh", "has characters that no token has"),
        ];
        let folder = tempfile::tempdir().unwrap();
        for (content, problem) in table {
            let path = folder.path().join("token");
            fs::write(&path, content).unwrap();
            let kind = TokenKind::Private;
            for (credential, place) in [
                (fixed(content), "the token".to_owned()),
                (Credential::File { kind, path: path.clone() }, format!("the token file {}", path.display())),
            ] {
                let error = credential.header().unwrap_err();
                assert_eq!(error.to_string(), format!("{place} {problem}"));
                assert!(!format!("{error:?}{credential:?}").contains("glpat"), "{error:?} {credential:?}");
            }
        }
    }

    #[test]
    fn a_file_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let credential = Credential::File { kind: TokenKind::Private, path: path.clone() };
        assert!(credential.header().unwrap_err().source().is_some());
        for token in ["glpat-one", "glpat-two"] {
            fs::write(&path, token).unwrap();
            assert_eq!(credential.header().unwrap().unwrap().1, token);
        }
    }
}
