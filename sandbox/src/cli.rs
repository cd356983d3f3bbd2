//! The command line of the sandbox, to be run by itself or as another program's subcommand.

use std::error::Error as _;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::Value;
use tokio::signal::unix::{SignalKind, signal};

use crate::{Clock, DownloadsTold, Edition, Faults, Options, RateLimit, Registry, RegistryError, Server, StartError};

/// What the sandbox is told on its command line.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Where to listen; port 0 is any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Serve this registry, a JSON file, instead of a generated one
    #[arg(long, value_name = "FILE", conflicts_with_all = ["packages", "seed", "corners"])]
    pub registry: Option<PathBuf>,
    /// How many packages to generate
    #[arg(long, value_name = "N", default_value_t = 8000)]
    pub packages: usize,
    /// What the generated registry is made from: the same one for the same seed
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Add the group acme/corners: rows that get files later, temporary ones, spellings and more, of every package type, and
    /// projects that moved, are archived or marked for deletion
    #[arg(long)]
    pub corners: bool,
    /// The URL that GitLab believes to have: used in `Link` headers and links (default: the address it listens on)
    #[arg(long, value_name = "URL")]
    pub external_url: Option<String>,
    /// Leave out totals above this many rows; gitlab.com does above 10000
    #[arg(long, value_name = "ROWS")]
    pub count_limit: Option<usize>,

    /// The most rows on a page, whatever is asked for
    #[arg(long, value_name = "ROWS", default_value_t = 100)]
    pub largest_page: usize,
    /// Wait this long before every answer, such as 20ms
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub latency: Option<Duration>,
    /// Answer 429 beyond so many requests, such as 600/60s
    #[arg(long, value_name = "N/PERIOD")]
    pub rate_limit: Option<RateLimit>,
    /// Let things go wrong as this JSON file tells
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
    /// Let people publish, download, delete, move and archive meanwhile, as this JSON file tells
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// Behave like this release of GitLab: 15.11, 17.11 or 18.5
    #[arg(long, value_name = "RELEASE", default_value_t)]
    pub gitlab: Edition,
    /// Answer what is read with the state of this long ago, such as 20s, as a replica that lags
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub lag: Option<Duration>,
    /// Answer a listing of branches from a cache for this long; GitLab does for 30s
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub branches_cached: Option<Duration>,
    /// Send no Date header, as behind some proxies
    #[arg(long)]
    pub no_date: bool,
}

/// Serves until SIGTERM or SIGINT. When it listens, it says so in one line of JSON on stdout, with its URL, a token
/// that may do everything, and the groups.
///
/// # Errors
/// When a file can't be read, the registry or a script makes no sense, or the address is taken.
pub async fn run(args: Args) -> Result<(), RunError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(RunError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(RunError::Signals)?;
    let clock = Clock::default();
    let registry = match &args.registry {
        Some(path) => Registry::from_json(&read(path)?)?,
        None => {
            let start = clock.now();
            let registry = Registry::generate(args.packages, args.seed, start);
            if args.corners { registry.with_corners(start) } else { registry }
        }
    };
    let faults = match &args.faults {
        Some(path) => {
            let json = read(path)?;
            Faults::from_json(&json).map_err(|mistake| RunError::Faults { path: path.clone(), mistake })?
        }
        None => Faults::default(),
    };
    let happenings = match &args.script {
        Some(path) => {
            let json = read(path)?;
            serde_json::from_str(&json).map_err(|mistake| RunError::Script { path: path.clone(), mistake })?
        }
        None => Vec::new(),
    };
    let options = Options {
        listen: args.listen,
        external_url: args.external_url,
        count_limit: args.count_limit,
        largest_page: args.largest_page,
        latency: args.latency.unwrap_or_default(),
        rate_limit: args.rate_limit,
        faults,
        happenings,
        gitlab: args.gitlab,
        downloads: DownloadsTold::default(),
        tells_time: !args.no_date,
        lag: args.lag.unwrap_or_default(),
        branches_cached: args.branches_cached.unwrap_or_default(),
        clock,
        keep_requests: false,
    };
    let server = Server::start(registry, options).await?;
    let groups = Value::from(server.groups());
    let (url, token) = (Value::from(server.url()), Value::from(server.token()));
    let mut stdout = io::stdout();
    writeln!(stdout, r#"{{"url": {url}, "token": {token}, "groups": {groups}}}"#)
        .and_then(|()| stdout.flush())
        .map_err(RunError::Stdout)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    server.stop().await;
    Ok(())
}

/// Prints an error with its causes on stderr.
pub fn complain(error: &RunError) {
    let mut text = format!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    // There is nobody left to tell when this fails.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Why the sandbox could not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A file that was named can't be read.
    #[error("can't read {}", path.display())]
    Read {
        /// The file, as it was named.
        path: PathBuf,
        /// Why it can't be read.
        source: io::Error,
    },
    /// The registry's file is no registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The file of faults is no such script.
    #[error("{}\n  = a script of faults is such as {FAULTS}", place_of(path, mistake))]
    Faults {
        /// The file, as it was named.
        path: PathBuf,
        /// The first mistake in its text.
        mistake: serde_json::Error,
    },
    /// The file of happenings is no such script.
    #[error("{}\n  = a script of happenings is such as {HAPPENINGS}", place_of(path, mistake))]
    Script {
        /// The file, as it was named.
        path: PathBuf,
        /// The first mistake in its text.
        mistake: serde_json::Error,
    },
    /// The server did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The system lets nobody wait for signals.
    #[error("can't listen to signals")]
    Signals(#[source] io::Error),
    /// The address can't be told.
    #[error("can't write to stdout")]
    Stdout(#[source] io::Error),
}

const FAULTS: &str = r#"{"rules": [{"method": "DELETE", "when": {"first": 1}, "fault": "hang_up_after"}]};
    the sandbox's README.md has every fault, under "What goes wrong""#;
const HAPPENINGS: &str = r#"[{"before": 1, "method": "DELETE", "act": {"download": {"package": 7}}}];
    the sandbox's README.md has every act, under "What people do meanwhile""#;

/// A mistake in a file, with its line and column before it in place of behind it.
fn place_of(path: &Path, mistake: &serde_json::Error) -> String {
    let (line, column, text) = (mistake.line(), mistake.column(), mistake.to_string());
    let bare = text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text);
    format!("{}:{line}:{column}: {bare}", path.display())
}

fn read(path: &PathBuf) -> Result<String, RunError> {
    std::fs::read_to_string(path).map_err(|source| RunError::Read { path: path.clone(), source })
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let duration: SignedDuration = text.parse().map_err(|error: jiff::Error| error.to_string())?;
    Duration::try_from(duration).map_err(|error| error.to_string())
}
