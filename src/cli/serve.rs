//! `gleaner serve`: puts the daemon together, and runs it until a signal comes.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::gitlab::Gitlab;
use super::journal::{folder, open_journal};
use super::memory::lasting_state_for;
use super::moment::{now, present};
use super::signals::daemon_signals;
use super::terminal::{is_watched, say};
use super::{CommandResult, Exit, GENERATOR, ServeArgs, UsageError};
use crate::cycle::clock::Clock;
use crate::cycle::paragraph;
use crate::gitlab::RequestCounts;
use crate::record::journal::folder_name;
use crate::record::reports::{ReportFolder, ReportStore};
use crate::record::state::StateStore;
use crate::serve::admin::{self, Pages, Site};
use crate::serve::agenda::Jitter;
use crate::serve::board::{About, Board};
use crate::serve::log::{self, Log, LogFormat};
use crate::serve::metrics::Metrics;
use crate::serve::notice::{Authority, Listeners, Notice};
use crate::serve::{Daemon, DaemonParts, FilesError, OnStart, Options, PolicyFiles, Rehearsal, Signals};

#[derive(Debug, thiserror::Error)]
#[error("can't listen on {address}")]
struct ListenError {
    address: SocketAddr,
    source: io::Error,
}

pub(super) async fn serve(args: ServeArgs) -> CommandResult {
    let begun = now();
    let mut files = PolicyFiles::new(args.policies.paths.clone());
    let set = match files.read() {
        Ok(read) => read,
        Err(FilesError::Policies(errors)) => {
            say(&errors.to_string());
            return Ok(Exit::Invalid);
        }
        Err(error) => return Err(UsageError::from(error).into()),
    };
    if args.execute && args.state_dir.is_none() {
        lasting_state_for(set.policies.iter())?;
    }
    // Each cycle counts its own requests.
    let mut gitlab = Gitlab::open(&args.gitlab, &set, begun, Arc::new(RequestCounts::default())).await?;
    let (stop, reload) = daemon_signals()?;
    let (listener, address) = listen(args.listen).await?;
    let _lock = match args.execute {
        true => gitlab.lock("serve --execute", begun).map_err(UsageError::from)?,
        false => None,
    };
    let (state, complaint) = state(&args, gitlab.connection.url())?;
    let journal = match args.execute {
        true => open_journal(&args.journal, args.state_dir.as_deref(), &mut gitlab, "serve", begun)?,
        false => None,
    };
    let options = options(&args);
    let (reports, untold) = reports(&args, &gitlab);
    let metrics = Arc::new(Metrics::new(options.authority)?);
    log::init(args.log_format.unwrap_or_else(log_format))?;
    let clock = Clock::new(present);
    let board = Arc::new(Board::new(About {
        generator: GENERATOR.to_owned(),
        instance: gitlab.connection.url().to_owned(),
        authority: options.authority,
        started: begun,
    }));
    let listeners = Listeners::new(vec![Arc::new(Log::default()), metrics.clone(), board.clone()]);
    log::listening(address);
    for problem in complaint.iter().chain(&untold) {
        listeners.tell(&Notice::Complaint { problem });
    }
    let parts = DaemonParts {
        connection: gitlab.connection.clone(),
        clock: clock.clone(),
        listeners,
        state,
        journal,
        reports: reports.clone(),
        address: gitlab.real_address().cloned(),
        files,
    };
    let site = Site {
        board,
        reports,
        metrics: Arc::new(move || metrics.render().unwrap_or_else(|error| format!("# {error}\n"))),
        pages: if args.metrics_only { Pages::MetricsOnly } else { Pages::All },
        clock,
    };
    // Until the last cycle has ended, and not only until the signal: its end is for everybody to see.
    let ended = CancellationToken::new();
    let serving = tokio::spawn(admin::serve(listener, site, ended.clone()));
    Daemon::new(options, Signals { stop, reload }, parts).run(set).await;
    ended.cancel();
    serving.await?;
    Ok(Exit::Done)
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ListenError> {
    let failed = |source| ListenError { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

fn options(args: &ServeArgs) -> Options {
    // Any number will do, as long as two daemons have different ones.
    let seed = RandomState::new().hash_one(args.listen);
    Options {
        authority: if args.execute { Authority::Execute } else { Authority::PlanOnly },
        rehearsal: if args.no_rehearsal { Rehearsal::Waived } else { Rehearsal::Required },
        on_start: if args.run_on_start { OnStart::Run } else { OnStart::Wait },
        jitter: Jitter { max: args.jitter.duration(), seed },
        concurrent: args.concurrent_cycles.get(),
    }
}

fn state(args: &ServeArgs, instance: &str) -> Result<(StateStore, Option<String>), UsageError> {
    match &args.state_dir {
        Some(folder) => Ok(StateStore::open(folder, GENERATOR, instance)?),
        None => Ok((StateStore::in_memory(GENERATOR, instance), None)),
    }
}

/// Opens the store of the reports, beside the journal that there is or would be. A daemon that has none goes on: what is wrong
/// is returned.
fn reports(args: &ServeArgs, gitlab: &Gitlab) -> (Arc<ReportStore>, Vec<String>) {
    let nowhere = |why: &str| (Arc::new(ReportStore::nowhere(why)), Vec::new());
    if args.journal.no_journal {
        return nowhere("`--no-journal` is given");
    }
    if args.journal.journal.is_none() && gitlab.real_address().is_none() {
        return nowhere("the embedded GitLab is gone with them; `--journal` would keep them all the same");
    }
    let connection = &gitlab.connection;
    match folder(&args.journal, args.state_dir.as_deref()) {
        Ok(folder) => {
            let journal = folder.join(folder_name(connection.address()));
            let (store, errors) = ReportStore::open(ReportFolder::beside(&journal, GENERATOR, connection.url()));
            (Arc::new(store), errors.iter().map(|error| paragraph(error)).collect())
        }
        Err(error) => {
            let why = match error {
                UsageError::NoJournalFolder => {
                    "no folder is named by --journal or --state-dir, and HOME is not set".to_owned()
                }
                error => paragraph(&error),
            };
            let told = format!("no reports are kept: {why}");
            (Arc::new(ReportStore::nowhere(why)), vec![told])
        }
    }
}

fn log_format() -> LogFormat {
    if is_watched() { LogFormat::Text } else { LogFormat::Json }
}
