//! A process of gleaner, which may be killed at any time.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::Notify;

use crate::outages::{Kill, Machine};

/// A process, as the wire knows it.
#[derive(Debug)]
pub(crate) struct Process {
    /// The number of its run.
    pub(crate) run: usize,
    /// The machine that it runs on.
    pub(crate) machine: Machine,
    /// The number of the cycle that it is in.
    cycle: Mutex<Option<usize>>,
    /// How it was killed, once it was.
    killed: OnceLock<Kill>,
    dies: Notify,
}

impl Process {
    pub(crate) fn of(run: usize, machine: Machine) -> Self {
        Self { run, machine, cycle: Mutex::default(), killed: OnceLock::new(), dies: Notify::new() }
    }

    /// Returns the number of the cycle that it is in.
    pub(crate) fn cycle(&self) -> MutexGuard<'_, Option<usize>> {
        self.cycle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Kills it. What was killed stays so.
    pub(crate) fn kill(&self, kill: Kill) {
        let _ = self.killed.set(kill);
        self.dies.notify_one();
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.killed.get().is_some()
    }

    /// Waits until it is killed.
    pub(crate) async fn killed(&self) -> Kill {
        loop {
            if let Some(kill) = self.killed.get() {
                return *kill;
            }
            self.dies.notified().await;
        }
    }
}
