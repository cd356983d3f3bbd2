//! Notices of what happens in the daemon, for its metrics, its log and its status page.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::cycle::brake::InUseStanding;
use crate::cycle::progress::Event;
use crate::policy::{Mode, PolicySet};
use crate::report::{PolicyReport, Report};

/// Something that listens to the daemon. It is called in the middle of the work, so it must not block.
pub trait Listener: Send + Sync {
    /// Hears of one thing that happened.
    fn on(&self, notice: &Notice<'_>);
}

/// Everybody who listens, cheap to clone.
#[derive(Clone)]
pub struct Listeners(Arc<[Arc<dyn Listener>]>);

impl Listeners {
    /// Gathers those who listen.
    #[must_use]
    pub fn new(listeners: Vec<Arc<dyn Listener>>) -> Self {
        Self(listeners.into())
    }

    /// Tells everybody.
    pub fn tell(&self, notice: &Notice<'_>) {
        for listener in &*self.0 {
            listener.on(notice);
        }
    }
}

/// One thing that happened. No notice holds a token or a URL's query.
#[derive(Debug, Clone, Copy)]
pub enum Notice<'a> {
    /// A set of policies is in force, the first one or a new one.
    Loaded {
        /// The set in force.
        set: &'a PolicySet,
        /// When it happened.
        at: Timestamp,
    },
    /// The policy files can't be read or are invalid: the set before stays in force. `problem` is text of several lines.
    NotLoaded {
        /// What is wrong.
        problem: &'a str,
        /// When it happened.
        at: Timestamp,
    },
    /// A policy runs next at `next`; `None` where it has no schedule. `interval` is from that run to the one after it.
    Scheduled {
        /// The name of the policy.
        policy: &'a str,
        /// When it runs next.
        next: Option<Timestamp>,
        /// From that run to the one after it.
        interval: Option<Duration>,
    },
    /// The state tells of a policy in force, from before the daemon's start, when its last cycle that was a success
    /// ended, and its last that was effective.
    Recalled {
        /// The name of the policy.
        policy: &'a str,
        /// When its last success ended.
        last_success: Option<Timestamp>,
        /// When its last effective cycle ended.
        last_effective: Option<Timestamp>,
    },
    /// The report of a policy in force, from before the daemon's start, of its last cycle or of the last that came to a plan.
    /// It lacks the rows. The last is told last.
    Remembered {
        /// The report.
        report: &'a Report,
    },
    /// Since when everything that the policy would delete has waited under `grace`, with none of it coming of age; `None`
    /// where that is not so.
    Waits {
        /// The name of the policy.
        policy: &'a str,
        /// Since when.
        since: Option<Timestamp>,
    },
    /// GitLab answered, and takes the token. `token_expires` is the instant from which it won't, where GitLab tells it.
    Connected {
        /// The instant from which the token is no longer taken; `None` where GitLab tells none.
        token_expires: Option<Timestamp>,
    },
    /// GitLab did not answer, or does not take the token. `problem` is one paragraph.
    NotConnected {
        /// What is wrong.
        problem: &'a str,
    },
    /// Deletions are held up, or (with `None`) no longer are. `why` is one sentence.
    Halted {
        /// Why they are, as one sentence.
        why: Option<&'a str>,
    },
    /// The in-use files of the set, all of them, where one of them is no longer as it was told last.
    InUse {
        /// The files, in the order of their paths.
        files: &'a [InUseStanding],
    },
    /// A cycle began.
    CycleBegan {
        /// The name of the policy.
        policy: &'a str,
        /// The purpose of the cycle.
        purpose: Purpose,
        /// When it happened.
        at: Timestamp,
    },
    /// A cycle has its plan, which is within the limits, and is about to execute it.
    Planned {
        /// The purpose of the cycle.
        purpose: Purpose,
        /// The report, as far as it goes.
        report: &'a PolicyReport,
    },
    /// Something happened in the middle of a cycle; `policy` is `None` where it belongs to no cycle. A walk that
    /// several policies share belongs to the first of them.
    During {
        /// The name of the policy.
        policy: Option<&'a str>,
        /// What happened.
        event: &'a Event,
    },
    /// A cycle ended, failed ones included. `as_of` is the instant that it judged by. If it shared a walk with others,
    /// that is before it began.
    CycleEnded {
        /// The purpose of the cycle.
        purpose: Purpose,
        /// The report, as far as it goes.
        report: &'a PolicyReport,
        /// The instant that it judged by.
        as_of: Timestamp,
        /// When it began.
        began: Timestamp,
        /// How long it took.
        took: Duration,
    },
    /// Something is wrong that doesn't stop the daemon, and that somebody should look at. `problem` is a sentence.
    Complaint {
        /// What is wrong.
        problem: &'a str,
    },
    /// A signal came: what is in flight is finished, and nothing else begins.
    Stopping,
}

/// Whether the daemon may delete. It is the second of the two keys; the first is a policy's `mode: delete`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// Every cycle is a dry run.
    PlanOnly,
    /// Policies in `mode: delete` are executed.
    Execute,
}

impl Authority {
    /// Returns whether both keys are turned for a policy in this mode.
    #[must_use]
    pub fn executes(self, mode: Mode) -> bool {
        self == Self::Execute && mode == Mode::Delete
    }
}

/// The purpose of a cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// The first cycle of a new or changed policy: a dry run, whatever its mode.
    Rehearsal,
    /// The policy is in `mode: dry-run`, or the daemon was not told to execute.
    DryRun,
    /// The plan is executed.
    Execution,
}

impl Purpose {
    /// Returns its name in metrics, log lines and pages.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Rehearsal => "rehearsal",
            Self::DryRun => "dry_run",
            Self::Execution => "execution",
        }
    }
}
