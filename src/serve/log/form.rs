//! The two forms of a line, and where lines go.

use std::io;

use clap::ValueEnum;
use tracing::Dispatch;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::MakeWriter;

/// The target of every line.
pub(super) const TARGET: &str = "gleaner";

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people: the time, the level, and the fields as `name=value`.
    Text,
    /// One JSON object on each line: `timestamp`, `level`, `target`, `message`, and the fields beside them.
    Json,
}

/// Lines can't be written twice over.
#[derive(Debug, thiserror::Error)]
#[error("the log is set up already")]
pub struct LogError(#[from] tracing::dispatcher::SetGlobalDefaultError);

/// Sends every line of the process to stderr, in this form. It is for the edge alone, and once.
///
/// # Errors
///
/// When that was done before.
pub fn init(format: LogFormat) -> Result<(), LogError> {
    Ok(tracing::dispatcher::set_global_default(dispatch(format, io::stderr))?)
}

/// Returns a dispatcher that writes lines in this form to `writer`.
pub fn dispatch<W>(format: LogFormat, writer: W) -> Dispatch
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = fmt().with_max_level(LevelFilter::INFO).with_writer(writer);
    match format {
        LogFormat::Text => Dispatch::new(lines.with_ansi(false).finish()),
        LogFormat::Json => {
            let lines = lines.json().flatten_event(true).with_current_span(false).with_span_list(false);
            Dispatch::new(lines.finish())
        }
    }
}
