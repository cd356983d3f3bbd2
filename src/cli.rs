//! The command line: what was typed, which command it is, and the exit code that it ends with.

mod check;
mod explain;
mod gitlab;
mod memory;
mod moment;
mod package_ref;
mod policies;
mod progress;
mod run;
mod schema;
mod serve;
mod settings;
mod signals;
mod terminal;
mod test;

use std::error::Error;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::cli::settings::GitlabArgs;
use crate::policy::Age;
use crate::serve::log::LogFormat;
use moment::Moment;

/// What reports, pages and the state say that they were made by.
const GENERATOR: &str = concat!("gleaner ", env!("CARGO_PKG_VERSION"));

const EXIT_CODES: &str = "\
Exit codes: 0 done, or nothing to do; 1 failed; 2 bad usage or an invalid policy; 3 partly: deletions failed or were not \
attempted, or evidence was missing; 4 refused by limits";

#[derive(Debug, Parser)]
#[command(name = "gleaner", version, about, long_about = None, propagate_version = true, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Validate policy files: every problem of every file
    Check {
        #[command(flatten)]
        policies: PolicyArgs,
    },
    /// Run the unit tests of policies: cases in YAML, without any GitLab
    Test(TestArgs),
    /// Show what would be deleted, and why; delete nothing
    Plan(PlanArgs),
    /// Plan, and execute the policies in `mode: delete`
    Apply(ApplyArgs),
    /// Run the policies by their schedules, until it is stopped; delete nothing without --execute
    Serve(ServeArgs),
    /// Tell of one package what every rule of every policy says, and when it would go; delete nothing
    Explain(ExplainArgs),
    /// Print the JSON Schema of a policy file, for editors and for CI
    Schema,
    /// Serve a simulated GitLab until it is stopped
    Sandbox(gitlab_sandbox::cli::Args),
}

#[derive(Debug, Args)]
struct PolicyArgs {
    /// Policy files, or folders of them; the protections and the instance file beside a file are read with it
    #[arg(value_name = "POLICIES", default_value = "policies")]
    paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
struct TestArgs {
    #[command(flatten)]
    policies: PolicyArgs,

    /// Files of cases, or folders of them; by default the folder `cases` beside the policies
    #[arg(long, value_name = "FILES", num_args = 1..)]
    cases: Vec<PathBuf>,
}

#[derive(Debug, Args)]
struct PlanArgs {
    #[command(flatten)]
    run: RunArgs,

    /// Plan for another instant: a time, a date (UTC), or an offset such as +7d
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    as_of: Option<Moment>,

    /// Plan from the listing alone: faster, and an upper bound
    #[arg(long)]
    quick: bool,
}

#[derive(Debug, Args)]
struct ApplyArgs {
    #[command(flatten)]
    run: RunArgs,

    /// Don't ask before deleting; where there is no terminal, nothing is deleted without it
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Args)]
struct ServeArgs {
    #[command(flatten)]
    policies: PolicyArgs,

    /// Execute the policies in `mode: delete`
    #[arg(long)]
    execute: bool,

    /// Let new and changed policies delete without a dry run before
    #[arg(long, requires = "execute")]
    no_rehearsal: bool,

    /// Run every policy that has a schedule at once, too
    #[arg(long)]
    run_on_start: bool,

    /// Put scheduled runs off by up to so long, so that not everybody asks GitLab at the full hour
    #[arg(long, value_name = "TIME", default_value = "0s")]
    jitter: Age,

    /// Run at most so many cycles at once
    #[arg(long, value_name = "NUMBER", default_value = "2")]
    concurrent_cycles: NonZeroUsize,

    /// Where metrics, health checks and the status page are served
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9090")]
    listen: SocketAddr,

    /// Serve no page that names packages
    #[arg(long)]
    metrics_only: bool,

    /// Folder for what has to outlive a restart; without it every start rehearses
    #[arg(long, value_name = "FOLDER")]
    state_dir: Option<PathBuf>,

    /// The form of the log; text on a terminal, else JSON
    #[arg(long, value_name = "FORM")]
    log_format: Option<LogFormat>,

    #[command(flatten)]
    gitlab: GitlabArgs,
}

#[derive(Debug, Args)]
struct ExplainArgs {
    /// The package: PROJECT/ID, as in acme/platform/api/48213 or 42/48213, or its address in GitLab or in the API
    #[arg(value_name = "PACKAGE")]
    package: String,

    /// Policy files, or folders of them (may be repeated); what stands beside a file is read with it
    #[arg(long, value_name = "POLICIES", default_value = "policies")]
    policies: Vec<PathBuf>,

    /// Ask only the policy of this name (may be repeated)
    #[arg(long = "policy", value_name = "NAME")]
    names: Vec<String>,

    /// Explain for another instant: a time, a date (UTC), or an offset such as +7d
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    as_of: Option<Moment>,

    /// Folder that remembers under which paths projects were seen
    #[arg(long, value_name = "FOLDER")]
    state_dir: Option<PathBuf>,

    /// The form of the explanation
    #[arg(long, value_name = "FORM", default_value = "table")]
    output: ExplanationForm,

    #[command(flatten)]
    gitlab: GitlabArgs,
}

/// What `plan` and `apply` have in common.
#[derive(Debug, Args)]
struct RunArgs {
    #[command(flatten)]
    policies: PolicyArgs,

    /// Run only the policy of this name (may be repeated)
    #[arg(long = "policy", value_name = "NAME")]
    names: Vec<String>,

    /// Look only at projects whose path matches (may be repeated)
    #[arg(long = "project", value_name = "PATTERN")]
    projects: Vec<String>,

    /// The form of the report
    #[arg(long, value_name = "FORM", default_value = "table")]
    output: Output,

    /// Report what is kept as well
    #[arg(long)]
    all: bool,

    /// Folder that remembers under which paths projects were seen, and what holds held: that of a daemon, or one of its own
    #[arg(long, value_name = "FOLDER")]
    state_dir: Option<PathBuf>,

    #[command(flatten)]
    gitlab: GitlabArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    Table,
    Json,
    Csv,
    Markdown,
    Html,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ExplanationForm {
    Table,
    Json,
}

/// How a command ends. Of several, the first of `Failed`, `Partial`, `Refused` is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    Done,
    Failed,
    Invalid,
    Partial,
    Refused,
}

/// Why a command could not begin: bad usage or an invalid policy. Exit code 2.
#[derive(Debug, thiserror::Error)]
enum UsageError {
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
    #[error("there is no policy named `{0}`; there are: {1}")]
    UnknownPolicy(String, String),
    #[error(transparent)]
    Files(#[from] crate::serve::FilesError),
    #[error(transparent)]
    State(#[from] crate::record::state::StateError),
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
         deletes without asking"
    )]
    NobodyToAsk,
}

/// Runs the command that was typed.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal::complain(&error);
            return Exit::Failed.into();
        }
    };
    let exit = match cli.command {
        Command::Check { policies } => check::check(&policies),
        Command::Test(args) => test::test(&args),
        Command::Plan(args) => runtime.block_on(run::plan(&args)),
        Command::Apply(args) => runtime.block_on(run::apply(&args)),
        Command::Explain(args) => runtime.block_on(explain::explain(&args)),
        Command::Serve(args) => runtime.block_on(serve::serve(args)),
        Command::Schema => schema::schema(),
        Command::Sandbox(args) => match runtime.block_on(gitlab_sandbox::cli::run(args)) {
            Ok(()) => Ok(Exit::Done),
            Err(error) => Err(error.into()),
        },
    };
    // A question that nobody answered must not hold the end up.
    runtime.shutdown_background();
    match exit {
        Ok(exit) => exit.into(),
        Err(error) => {
            let exit = if error.is::<UsageError>() { Exit::Invalid } else { Exit::Failed };
            terminal::complain(error.as_ref());
            if let Some(UsageError::Connection(error)) = error.downcast_ref()
                && let Some(advice) = error.advice()
            {
                terminal::say(&advice);
            }
            exit.into()
        }
    }
}

type CommandResult = Result<Exit, Box<dyn Error>>;

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Invalid => 2,
            Exit::Partial => 3,
            Exit::Refused => 4,
        })
    }
}
