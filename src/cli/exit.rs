//! How a command ends: its exit code, and why it could not begin.

use std::error::Error;
use std::process::ExitCode;

/// How a command ended, or the error that it broke off with.
pub(super) type CommandResult = Result<Exit, Box<dyn Error>>;

/// How a command ends. Of several, the first of `Failed`, `Partial`, `Refused`, `Deletions` is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything is done, or there was nothing to do.
    Done,
    /// It failed.
    Failed,
    /// It could not begin.
    Invalid,
    /// A part of it failed or was not attempted, or evidence was missing.
    Partial,
    /// A limit refused it.
    Refused,
    /// Something would go, and `--fail-on-deletions` says that nothing should.
    Deletions,
}

/// Why a command could not begin: bad usage or an invalid policy. Exit code 2.
#[derive(Debug, thiserror::Error)]
pub(super) enum UsageError {
    #[error(transparent)]
    Load(#[from] crate::cycle::load::LoadError),
    #[error(transparent)]
    Settings(#[from] crate::cli::settings::SettingsError),
    #[error(transparent)]
    Connection(#[from] crate::gitlab::Error),
    #[error("`--project {0}` is not a pattern")]
    Project(String, #[source] crate::yaml::ValueError),
    #[error("`--as-of` is beyond all calendars")]
    BeyondCalendars,
    #[error("`{0}` is beyond all calendars")]
    Beyond(&'static str),
    #[error("`--gitlab-url` is no address of a GitLab: {0}")]
    Url(&'static str),
    #[error("there is no policy named `{0}`; there are: {1}")]
    UnknownPolicy(String, String),
    #[error("there is no warning named `{0}`{1}; there are: {2}")]
    UnknownLint(String, String, String),
    #[error(transparent)]
    Files(#[from] crate::serve::FilesError),
    #[error(transparent)]
    State(#[from] crate::record::state::StateError),
    #[error(transparent)]
    Journal(#[from] crate::record::journal::JournalError),
    #[error(transparent)]
    Lock(#[from] crate::record::lock::LockError),
    #[error("{0}")]
    ForgetsMarks(String),
    #[error(
        "there is no folder for the journal, which has every deletion before it is sent: name one with --journal, or a \
         --state-dir, or set XDG_STATE_HOME; --no-journal deletes without"
    )]
    NoJournalFolder,
    #[error(transparent)]
    SavedPlan(#[from] crate::record::saved_plan::SavedPlanError),
    #[error("the report in {0} can't be read: {1}")]
    UnreadableReport(String, String),
    #[error(
        "the plan to compare with is one of {theirs}, and {ours} is the GitLab that was named: ids of two are not compared"
    )]
    DiffElsewhere { theirs: String, ours: String },
    #[error("`--diff` is told as a table, in JSON and in Markdown: take `--output table`, `json` or `markdown`")]
    NoFormOfDiff,
    #[error("the plan can't be saved to {}: name a plain file, or a new one, in a folder that is there", .0.display())]
    NoPlaceForPlan(std::path::PathBuf),
    #[error("the files that were named hold no policy")]
    NoPolicy,
    #[error(
        "there is no case to run: write some into `cases/*.yaml` beside the policies, or name their files with `--cases`"
    )]
    NoCase,
    #[error(
        "{file} is for {url}, and {address} is another GitLab, so nothing was asked of it: name the right one, or take \
         other policies"
    )]
    Elsewhere { file: String, url: String, address: String },
    #[error(
        "`{0}` names no package: write PROJECT/ID, as in `acme/platform/api/48213` or `42/48213`, or the address of its \
         page in GitLab"
    )]
    Package(String),
    #[error(
        "the address that was given is not a package's: write that of its page, which ends in `/-/packages/ID`, or \
         PROJECT/ID"
    )]
    Link,
    #[error(
        "the package is one of {link}, and {address} is the GitLab to ask: name the right one with --gitlab-url, or \
         write PROJECT/ID"
    )]
    LinkElsewhere { link: String, address: String },
    #[error(
        "no GitLab is named: give --gitlab-url, or set GITLAB_URL. {link} is not asked, because it only stands in the \
         package's address: the token goes to no address that may have come out of somebody's message"
    )]
    LinkOnly { link: String },
    #[error("no policy here is in `mode: delete`, so there is nothing to apply; `gleaner plan` shows a dry run")]
    NothingToApply,
    #[error(
        "there is no terminal to ask on, so nothing was done: read what `gleaner plan` shows, then `gleaner apply --yes` \
         deletes without asking; a plan that was saved with `--out` is executed by `--plan FILE --accept COUNT`"
    )]
    NobodyToAsk,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Invalid => 2,
            Exit::Partial => 3,
            Exit::Refused => 4,
            Exit::Deletions => 5,
        })
    }
}
