//! Writes the daemon's log: a line for each cycle, for each deletion, and for whatever somebody has to look into. A
//! failure is told once. Retries and waits are in the metrics alone.
//!
//! The names in `event` stay as they are. Texts from policies and from GitLab only ever go into fields, which both
//! forms write with their control characters escaped, so that no name begins a line of its own.

mod cycles;
mod form;
mod link;

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::{error, info, warn};

use crate::serve::notice::{Listener, Notice};

use cycles::Cycles;
use form::TARGET;
use link::Link;

pub use form::{LogError, LogFormat, dispatch, init};

/// Writes the daemon's lines by `tracing`.
#[derive(Debug, Default)]
pub struct Log {
    memory: Mutex<AlreadyTold>,
}

/// Remembers what was told, so that it is not told twice.
#[derive(Debug, Default)]
struct AlreadyTold {
    link: Link,
    cycles: Cycles,
    /// Why deletions are held up, as it was told last.
    halted: Option<String>,
}

/// Tells where metrics and pages are served.
pub fn listening(address: SocketAddr) {
    info!(target: TARGET, event = "listening", %address, "metrics and pages are served");
}

impl Listener for Log {
    fn on(&self, notice: &Notice<'_>) {
        let mut memory = self.memory();
        match *notice {
            Notice::Loaded { set, .. } => {
                let (policies, protections) = (set.policies.len(), set.protections.len());
                info!(target: TARGET, event = "policies_loaded", policies, protections, "policies are in force");
            }
            Notice::NotLoaded { problem, .. } => {
                error!(target: TARGET, event = "policies_not_loaded", problem, "the policies before stay in force");
            }
            Notice::Connected { token_expires } => memory.link.up(token_expires),
            Notice::NotConnected { problem } => memory.link.down(problem),
            Notice::Halted { why } => memory.halted(why),
            Notice::Complaint { problem } => {
                warn!(target: TARGET, event = "complaint", problem, "something wants to be looked at");
            }
            Notice::CycleBegan { policy, .. } => memory.cycles.began(policy),
            Notice::During { policy, event } => memory.cycles.during(policy, event),
            Notice::CycleEnded { purpose, report, took, .. } => cycles::ended(purpose, report, took),
            Notice::Stopping => {
                info!(target: TARGET, event = "stopping", "what is in flight is finished, and nothing else begins");
            }
            // One that can't be used halts deletions, which has a line.
            Notice::InUse { .. }
            | Notice::Scheduled { .. }
            | Notice::Recalled { .. }
            | Notice::Remembered { .. }
            | Notice::Waits { .. }
            | Notice::Planned { .. } => {}
        }
    }
}

impl Log {
    fn memory(&self) -> MutexGuard<'_, AlreadyTold> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AlreadyTold {
    fn halted(&mut self, why: Option<&str>) {
        if self.halted.as_deref() == why {
            return;
        }
        match why {
            Some(why) => warn!(target: TARGET, event = "deletions_halted", why, "deletions are held up"),
            None => info!(target: TARGET, event = "deletions_resumed", "deletions are no longer held up"),
        }
        self.halted = why.map(str::to_owned);
    }
}
