//! Tells whether GitLab answers, when that changes and not at every probe.

use jiff::Timestamp;
use tracing::{info, warn};

use super::form::TARGET;

/// The state that was told last.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Link {
    #[default]
    Unknown,
    Up {
        token_expires: Option<Timestamp>,
    },
    Down {
        problem: String,
    },
}

impl Link {
    pub(super) fn up(&mut self, token_expires: Option<Timestamp>) {
        let now = Self::Up { token_expires };
        if *self != now {
            let token_expires = token_expires.map(|instant| instant.to_string());
            info!(target: TARGET, event = "gitlab_connected", token_expires, "GitLab answers, and takes the token");
            *self = now;
        }
    }

    pub(super) fn down(&mut self, problem: &str) {
        let now = Self::Down { problem: problem.to_owned() };
        if *self != now {
            warn!(target: TARGET, event = "gitlab_not_connected", problem, "GitLab can't be asked");
            *self = now;
        }
    }
}
