//! The arguments of the commands.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::moment::{AsOf, Until};
use super::settings::GitlabArgs;
use crate::policy::Age;
use crate::record::saved_plan::Validity;
use crate::serve::log::LogFormat;

#[derive(Debug, Args)]
pub(super) struct PolicyArgs {
    /// Policy files, or folders of them; the protections and the instance file beside a file are read with it
    #[arg(value_name = "POLICIES", default_value = "policies")]
    pub(super) paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    pub(super) policies: PolicyArgs,

    /// End with exit code 2 if any warning is told, or one of this name (may be repeated); all files of a folder count
    #[arg(long, value_name = "warnings|NAME")]
    pub(super) deny: Vec<String>,

    /// Tell what a warning of this name means and how to mend it, and read no policy
    #[arg(long, value_name = "NAME", conflicts_with_all = ["deny", "paths"])]
    pub(super) explain: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct TestArgs {
    #[command(flatten)]
    pub(super) policies: PolicyArgs,

    /// Files of cases, or folders of them; by default the folder `cases` beside the policies
    #[arg(long, value_name = "FILES", num_args = 1..)]
    pub(super) cases: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    pub(super) run: RunArgs,

    /// Plan for another instant: a time, a date (UTC), or an offset such as +7d
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(super) as_of: Option<AsOf>,

    /// Plan from the listing alone: faster, and an upper bound
    #[arg(long)]
    pub(super) quick: bool,

    /// Tell only how the plan differs from this one: a saved plan, or a report in JSON
    #[arg(long, value_name = "FILE", conflicts_with = "quick")]
    pub(super) diff: Option<PathBuf>,

    /// End with exit code 5 if anything would go
    #[arg(long)]
    pub(super) fail_on_deletions: bool,

    /// Save the plan to this file, to be read, and to be executed by `gleaner apply --plan`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["as_of", "quick"])]
    pub(super) out: Option<PathBuf>,

    /// For how long the saved plan may be executed, at most 7d
    #[arg(long, value_name = "TIME", default_value = "24h", requires = "out")]
    pub(super) valid_for: Validity,
}

#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    #[command(flatten)]
    pub(super) run: RunArgs,

    /// Don't ask before deleting; where there is no terminal, nothing is deleted without it
    #[arg(long)]
    pub(super) yes: bool,

    /// Delete no more than this plan names, which `gleaner plan --out` saved
    #[arg(long, value_name = "FILE", conflicts_with_all = ["names", "projects"])]
    pub(super) plan: Option<PathBuf>,

    /// Don't ask, if the saved plan has exactly so many deletions
    #[arg(long, value_name = "COUNT", requires = "plan", conflicts_with = "yes")]
    pub(super) accept: Option<u64>,

    /// The most packages and files that all policies together may delete; a plan beyond what is left of it is refused whole
    #[arg(long, value_name = "COUNT")]
    pub(super) max_deletions: Option<u64>,

    #[command(flatten)]
    pub(super) journal: JournalArgs,
}

/// Where deletions are written down.
#[derive(Debug, Args)]
pub(super) struct JournalArgs {
    /// Folder of the journal, which has every deletion before it is sent; by default `journal` in the folder of the state,
    /// else `gleaner/journal` in $XDG_STATE_HOME or ~/.local/state
    #[arg(long, value_name = "FOLDER", conflicts_with = "no_journal")]
    pub(super) journal: Option<PathBuf>,

    /// Keep no journal: then nobody can tell afterwards what was deleted, and why
    #[arg(long)]
    pub(super) no_journal: bool,
}

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    pub(super) policies: PolicyArgs,

    /// Execute the policies in `mode: delete`
    #[arg(long)]
    pub(super) execute: bool,

    /// Let new and changed policies delete without a dry run before
    #[arg(long, requires = "execute")]
    pub(super) no_rehearsal: bool,

    /// Run every policy that has a schedule at once, too
    #[arg(long)]
    pub(super) run_on_start: bool,

    /// Put scheduled runs off by up to so long, so that not everybody asks GitLab at the full hour
    #[arg(long, value_name = "TIME", default_value = "0s")]
    pub(super) jitter: Age,

    /// Run at most so many cycles at once
    #[arg(long, value_name = "NUMBER", default_value = "2")]
    pub(super) concurrent_cycles: NonZeroUsize,

    /// Where metrics, health checks and the status page are served
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9090")]
    pub(super) listen: SocketAddr,

    /// Serve no page that names packages
    #[arg(long)]
    pub(super) metrics_only: bool,

    /// Folder for what has to outlive a restart; without it every start rehearses
    #[arg(long, value_name = "FOLDER")]
    pub(super) state_dir: Option<PathBuf>,

    #[command(flatten)]
    pub(super) journal: JournalArgs,

    /// The form of the log; text on a terminal, else JSON
    #[arg(long, value_name = "FORM")]
    pub(super) log_format: Option<LogFormat>,

    #[command(flatten)]
    pub(super) gitlab: GitlabArgs,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The package: PROJECT/ID, as in acme/platform/api/48213 or 42/48213, or its address in GitLab or in the API
    #[arg(value_name = "PACKAGE")]
    pub(super) package: String,

    /// Policy files, or folders of them (may be repeated); what stands beside a file is read with it
    #[arg(long, value_name = "POLICIES", default_value = "policies")]
    pub(super) policies: Vec<PathBuf>,

    /// Ask only the policy of this name (may be repeated)
    #[arg(long = "policy", value_name = "NAME")]
    pub(super) names: Vec<String>,

    /// Explain for another instant: a time, a date (UTC), or an offset such as +7d
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(super) as_of: Option<AsOf>,

    /// Folder that remembers under which paths projects were seen, and since when branches are gone
    #[arg(long, value_name = "FOLDER")]
    pub(super) state_dir: Option<PathBuf>,

    /// Folder of the journal, which tells of a package that is gone; by default `journal` in the folder of the state, else
    /// `gleaner/journal` in $XDG_STATE_HOME or ~/.local/state
    #[arg(long, value_name = "FOLDER")]
    pub(super) journal: Option<PathBuf>,

    /// The form of the explanation
    #[arg(long, value_name = "FORM", default_value = "table")]
    pub(super) output: ExplanationForm,

    #[command(flatten)]
    pub(super) gitlab: GitlabArgs,
}

#[derive(Debug, Args)]
pub(super) struct HistoryArgs {
    /// Folder of the journal; else $XDG_STATE_HOME/gleaner/journal, else ~/.local/state/gleaner/journal
    #[arg(long, value_name = "FOLDER")]
    pub(super) journal: Option<PathBuf>,

    /// Tell only of the GitLab at this address; else of all that have a journal there
    #[arg(long, value_name = "URL")]
    pub(super) gitlab_url: Option<String>,

    /// Tell only of deletions from this time on: a time, a date (UTC), or an offset such as -7d
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(super) since: Option<AsOf>,

    /// Tell only of deletions before this time, or up to the end of this date (UTC)
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(super) until: Option<Until>,

    /// Tell only of projects whose path or id matches (may be repeated)
    #[arg(long = "project", value_name = "PATTERN")]
    pub(super) projects: Vec<String>,

    /// Tell only of packages with this name
    #[arg(long, value_name = "NAME")]
    pub(super) package: Option<String>,

    /// Tell only of what this policy deleted
    #[arg(long, value_name = "NAME")]
    pub(super) policy: Option<String>,

    /// Tell only of what this run deleted
    #[arg(long, value_name = "ID")]
    pub(super) run: Option<String>,

    /// The form of the history
    #[arg(long, value_name = "FORM", default_value = "table")]
    pub(super) output: HistoryOutput,

    /// Check that no line was changed or taken out since it was written; tell of no deletion
    #[arg(long, conflicts_with_all = ["since", "until", "projects", "package", "policy", "run", "output"])]
    pub(super) verify: bool,
}

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// A report that `--output json` wrote, or a plan that `gleaner plan --out` saved
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,

    /// The form to render it in
    #[arg(long, value_name = "FORM", default_value = "table")]
    pub(super) output: Output,
}

/// The arguments that `plan` and `apply` share.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) policies: PolicyArgs,

    /// Run only the policy of this name (may be repeated)
    #[arg(long = "policy", value_name = "NAME")]
    pub(super) names: Vec<String>,

    /// Look only at projects whose path matches (may be repeated)
    #[arg(long = "project", value_name = "PATTERN")]
    pub(super) projects: Vec<String>,

    /// The form of the report
    #[arg(long, value_name = "FORM", default_value = "table")]
    pub(super) output: Output,

    /// Report what is kept as well
    #[arg(long)]
    pub(super) all: bool,

    /// Folder that remembers under which paths projects were seen, what holds held, and since when branches are gone: that
    /// of a daemon, or one of its own
    #[arg(long, value_name = "FOLDER")]
    pub(super) state_dir: Option<PathBuf>,

    #[command(flatten)]
    pub(super) gitlab: GitlabArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    Table,
    Json,
    Csv,
    Markdown,
    Html,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ExplanationForm {
    Table,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum HistoryOutput {
    Table,
    Json,
    Csv,
}
