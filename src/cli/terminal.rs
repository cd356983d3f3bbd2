//! Writes to stdout and stderr: data to the one, everything else to the other.

use std::error::Error;
use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::report::printable;

/// Stdout is closed or full, so whoever reads it may miss the part that matters.
#[derive(Debug, thiserror::Error)]
#[error("not everything could be written to stdout")]
pub(super) struct Unwritten(#[source] io::Error);

/// Prints data. A reader that closes its end too early is an error: nobody knows what it would have read.
pub(super) fn print(text: &str) -> Result<(), Unwritten> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Unwritten)
}

/// Says something that isn't data.
pub(super) fn say(text: &str) {
    // There is nobody left to tell when this fails.
    let _ = writeln!(io::stderr(), "{}", text.trim_end());
}

/// Returns whether stdout is a terminal, where somebody reads it at once.
pub(super) fn is_read() -> bool {
    io::stdout().is_terminal()
}

/// Returns whether stderr is a terminal, where a moving line is better than a log.
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Prints an error with its causes.
pub(super) fn complain(error: &dyn Error) {
    let mut text = format!("error: {error}");
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    // What stands in a file or comes from GitLab is shown and not obeyed.
    let lines: Vec<String> = text.lines().map(printable).collect();
    say(&lines.join("\n"));
}

/// How long a question stands. A plan that was left alone for longer is no longer what the registry looks like.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// A terminal with somebody at it. The answer is typed on stdin. This is where the question is seen, whatever stdout
/// and stderr were turned to.
pub(super) enum Terminal {
    Stderr,
    Other(File),
}

impl Terminal {
    /// Opens the terminal. There is none in a job or a container, behind a pipe, or wherever else nobody can be asked.
    pub(super) fn open() -> Option<Self> {
        if !io::stdin().is_terminal() {
            return None;
        }
        if io::stderr().is_terminal() {
            return Some(Self::Stderr);
        }
        File::options().write(true).open("/dev/tty").ok().map(Self::Other)
    }

    /// Asks for `count` to be typed in. Anything else, a stop, and no answer in time are a no.
    pub(super) async fn confirm(&self, text: &str, count: u64, stop: &CancellationToken) -> bool {
        if self.show(text).is_err() {
            return false;
        }
        // The read can't be taken back, so a stop leaves it behind on its own thread.
        let answer = tokio::task::spawn_blocking(|| {
            let mut answer = String::new();
            io::stdin().read_line(&mut answer).map(|_| answer)
        });
        tokio::select! {
            answer = answer => matches!(answer, Ok(Ok(answer)) if answer.trim() == count.to_string()),
            () = stop.cancelled() => false,
            () = tokio::time::sleep(PATIENCE) => {
                say("nobody answered, and nothing is deleted");
                false
            }
        }
    }

    fn show(&self, text: &str) -> io::Result<()> {
        match self {
            Self::Stderr => write!(io::stderr(), "{text} "),
            Self::Other(terminal) => write!(&mut &*terminal, "{text} "),
        }
    }
}

/// Returns the width of the terminal that stdout is, in columns. A narrow one is better left to break lines by itself.
pub(super) fn width() -> Option<u16> {
    let columns = || console::Term::stdout().size_checked().map(|(_, columns)| columns);
    io::stdout().is_terminal().then(columns).flatten().filter(|columns| *columns >= 80)
}
