//! The command line: what was typed, which command it is, and the exit code that it ends with.

mod args;
mod check;
mod exit;
mod explain;
mod finish;
mod generator;
mod gitlab;
mod history;
mod journal;
mod memory;
mod moment;
mod package_ref;
mod policies;
mod progress;
mod report;
mod run;
mod saved_plan;
mod schema;
mod serve;
mod settings;
mod signals;
mod terminal;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use args::{
    ApplyArgs, CheckArgs, ExplainArgs, ExplanationForm, HistoryArgs, JournalArgs, Output, PlanArgs, PolicyArgs,
    ReportArgs, RunArgs, ServeArgs, TestArgs,
};
use exit::{CommandResult, UsageError};
use generator::GENERATOR;

pub use exit::Exit;
pub use finish::exit;

const EXIT_CODES: &str = "\
Exit codes: 0 done, or nothing to do; 1 failed; 2 bad usage, an invalid policy, or a denied warning; 3 partly: deletions \
failed or were not attempted, or evidence was missing; 4 refused by limits; 5 with --fail-on-deletions: something would go";

#[derive(Debug, Parser)]
#[command(name = "gleaner", version, about, long_about = None, propagate_version = true, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Validate policy files: every problem of every file
    Check(CheckArgs),
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
    /// Tell who deleted what, when and why, from the journal alone; ask no GitLab
    History(HistoryArgs),
    /// Render a saved plan, or a report in JSON, in any form; ask no GitLab
    Report(ReportArgs),
    /// Print the JSON Schema of a policy file, for editors and for CI
    Schema,
    /// Serve a simulated GitLab until it is stopped
    Sandbox(gitlab_sandbox::cli::Args),
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
        Command::Check(args) => check::check(&args),
        Command::Test(args) => test::test(&args),
        Command::Plan(args) => runtime.block_on(run::plan(&args)),
        Command::Apply(args) => runtime.block_on(run::apply(&args)),
        Command::Explain(args) => runtime.block_on(explain::explain(&args)),
        Command::Serve(args) => runtime.block_on(serve::serve(args)),
        Command::History(args) => history::history(&args),
        Command::Report(args) => report::report(&args),
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
