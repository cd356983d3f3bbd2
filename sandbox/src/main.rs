//! The sandbox as a program of its own.

use std::process::ExitCode;

use clap::Parser;
use gitlab_sandbox::cli;

/// Serve a simulated GitLab package registry.
#[derive(Parser)]
#[command(version)]
struct Command {
    #[command(flatten)]
    args: cli::Args,
}

#[tokio::main]
async fn main() -> ExitCode {
    match cli::run(Command::parse().args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::complain(&error);
            ExitCode::FAILURE
        }
    }
}
