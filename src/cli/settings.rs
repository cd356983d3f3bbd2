//! Which GitLab to talk to, and as whom: options, environment and token files, read in one place.

use std::path::{Path, PathBuf};

use clap::Args;
use secrecy::SecretString;

use crate::gitlab::{ConnectionOptions, Credential, TokenKind};

/// The options of every command that talks to GitLab. No token is ever an argument: arguments show in process lists.
#[derive(Debug, Clone, Args)]
pub(super) struct GitlabArgs {
    /// Address of the GitLab; else $GITLAB_URL, else $CI_SERVER_URL
    #[arg(long, value_name = "URL", conflicts_with = "sandbox")]
    pub gitlab_url: Option<String>,

    /// File that holds the token; else $GITLAB_TOKEN_FILE, else the token in $GITLAB_TOKEN, else $CI_JOB_TOKEN (which
    /// can list projects, but no groups)
    #[arg(long, value_name = "FILE", conflicts_with = "sandbox")]
    pub token_file: Option<PathBuf>,

    /// Certificate authority of the GitLab, in PEM, beside the machine's own and $SSL_CERT_FILE
    #[arg(long, value_name = "FILE", conflicts_with = "sandbox")]
    pub ca_file: Option<PathBuf>,

    /// Start the embedded GitLab with a seeded registry, and use that
    #[arg(long)]
    pub sandbox: bool,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum SettingsError {
    #[error("no GitLab is named: give --gitlab-url, set GITLAB_URL, or try the embedded one with --sandbox")]
    NoUrl,
    #[error("no folder for the journal is named: give --journal, or set HOME")]
    NoJournal,
    #[error("the variable {0} is not valid text")]
    NotText(&'static str),
}

impl GitlabArgs {
    /// Returns the options of the connection that the arguments and the environment ask for.
    ///
    /// # Errors
    ///
    /// When no address is given, or a variable is not text.
    pub(super) fn connection(&self) -> Result<ConnectionOptions, SettingsError> {
        let url = match &self.gitlab_url {
            Some(url) => Some(url.clone()),
            None => match variable("GITLAB_URL")? {
                None => variable("CI_SERVER_URL")?,
                url => url,
            },
        };
        let mut options = ConnectionOptions::new(url.ok_or(SettingsError::NoUrl)?, self.credential()?);
        options.ca_file.clone_from(&self.ca_file);
        Ok(options)
    }

    fn credential(&self) -> Result<Credential, SettingsError> {
        let file = match &self.token_file {
            Some(path) => Some(path.clone()),
            None => variable("GITLAB_TOKEN_FILE")?.map(PathBuf::from),
        };
        if let Some(path) = file {
            return Ok(Credential::File { kind: TokenKind::Private, path });
        }
        let fixed = |kind, token: String| Credential::Fixed { kind, token: SecretString::from(token) };
        if let Some(token) = variable("GITLAB_TOKEN")? {
            return Ok(fixed(TokenKind::Private, token));
        }
        Ok(variable("CI_JOB_TOKEN")?.map_or(Credential::None, |token| fixed(TokenKind::Job, token)))
    }
}

/// Returns the revision of the policies, as a pipeline tells it.
pub(super) fn revision() -> Result<Option<String>, SettingsError> {
    variable("GLEANER_REVISION")
}

/// Returns the folder of the journal: the one that was named, else that of the user's state.
pub(super) fn journal_folder(named: Option<&Path>) -> Result<PathBuf, SettingsError> {
    if let Some(folder) = named {
        return Ok(folder.to_owned());
    }
    // The XDG Base Directory Specification says that a relative path is to be ignored.
    let state = variable("XDG_STATE_HOME")?.map(PathBuf::from).filter(|path| path.is_absolute());
    let state = match state {
        Some(state) => state,
        None => PathBuf::from(variable("HOME")?.ok_or(SettingsError::NoJournal)?).join(".local/state"),
    };
    Ok(state.join("gleaner/journal"))
}

/// Reads a variable of the environment; an empty one counts as absent.
#[expect(clippy::disallowed_methods, reason = "settings are the edge that reads the environment")]
fn variable(name: &'static str) -> Result<Option<String>, SettingsError> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(SettingsError::NotText(name)),
    }
}
