//! One pass of one policy: walk, shortlist, evidence, plan, approve, execute, report.
//!
//! The walk is a step of its own, because policies that list the same can share one. [`Cycle::estimate`] and
//! [`Cycle::rehearse`] have no writer, so they can't delete; [`Cycle::run`] takes one.

use std::error::Error;
use std::iter;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::brake::Brake;
use crate::event::{Observer, RequestCounts};
use crate::execute::{Execution, execute, hold_up};
use crate::gitlab::{self, Reader, Writer};
use crate::inspect::{InspectError, inspect};
use crate::inventory::{Gone, Inventory, Walked};
use crate::plan::{Inquiry, Plan, plan, shortlist, would_be_gone};
use crate::policy::{Mode, Patterns, Policy, PolicySet};
use crate::report::{Account, PolicyReport, Rows};
use crate::walk::{Route, WalkError, walk};

/// What a cycle is made of. It reads no clock: `now` is the one instant that everything in it is judged by.
#[derive(Clone, Copy)]
pub struct Cycle<'a> {
    pub reader: &'a Reader,
    /// Counts the requests of this cycle.
    pub requests: &'a RequestCounts,
    pub set: &'a PolicySet,
    pub policy: &'a Policy,
    /// Narrows the scope to projects whose path matches.
    pub projects: Option<&'a Patterns>,
    /// What the policies before this one delete: it is planned on what they leave.
    pub gone: &'a Gone,
    pub now: Timestamp,
    pub rows: Rows,
    pub observer: &'a dyn Observer,
    pub stop: &'a CancellationToken,
}

/// What a cycle came to.
#[derive(Debug)]
pub struct Ended {
    pub report: PolicyReport,
    /// What is gone, or would be if the plan were executed: the next policy is planned without it.
    pub gone: Gone,
    /// The address, the certificates or the token are wrong, so that every other policy would fail the same way.
    pub is_cut_off: bool,
}

/// Why there is no plan.
enum Unprepared<'w> {
    Walk(&'w WalkError),
    Inspect(InspectError),
}

impl Unprepared<'_> {
    fn as_error(&self) -> &(dyn Error + 'static) {
        match self {
            Self::Walk(error) => *error,
            Self::Inspect(error) => error,
        }
    }
}

/// A plan, and the number of look-ups that failed for it.
struct Prepared {
    plan: Plan,
    failures: usize,
}

impl Ended {
    fn of(report: PolicyReport) -> Self {
        Self { report, gone: Gone::default(), is_cut_off: false }
    }

    fn leaving_out(self, gone: Gone) -> Self {
        Self { gone, ..self }
    }
}

impl Cycle<'_> {
    /// Lists what the policy looks at.
    ///
    /// # Errors
    ///
    /// Anything that leaves the listing unfinished.
    pub async fn walk(&self) -> Result<Walked, WalkError> {
        walk(self.reader, &Route::of(self.policy)?, self.observer, self.stop).await
    }

    /// The upper bound that the listing alone gives, without evidence.
    #[must_use]
    pub fn estimate(self, walked: Result<&Walked, &WalkError>) -> Ended {
        let inventory = match walked {
            Ok(walked) => self.inventory(walked),
            Err(error) => return self.failed(error),
        };
        let shortlist = shortlist(self.set, self.policy, &inventory, self.now);
        Ended::of(self.account().estimated(&shortlist))
    }

    /// Reports the policy as failed without asking GitLab, which an earlier policy could not reach.
    #[must_use]
    pub fn give_up(self) -> Ended {
        let why = "not tried, because GitLab can't be asked as it is set up: see the policy before";
        Ended::of(self.account().failed(why.to_owned()))
    }

    /// A dry run.
    pub async fn rehearse(self, walked: Result<&Walked, &WalkError>) -> Ended {
        let Prepared { plan, failures } = match self.prepare(walked).await {
            Ok(prepared) => prepared,
            Err(error) => return self.failed(error.as_error()),
        };
        match plan.approve(&self.policy.limits) {
            Ok(_) => Ended::of(self.account().planned(&plan, failures)).leaving_out(would_be_gone(&plan, self.policy)),
            Err(refusal) => Ended::of(self.account().refused(&plan, failures, &refusal)),
        }
    }

    /// Plans, and executes if the policy is in `mode: delete`, for as long as the brake lets it. `consent` sees the plan's
    /// report before the first deletion; without it nothing is deleted, and the report tells why, as a sentence.
    pub async fn run(
        self,
        walked: Result<&Walked, &WalkError>,
        writer: &Writer,
        brake: &Brake,
        consent: impl AsyncFnOnce(&PolicyReport) -> Result<(), String>,
    ) -> Ended {
        if self.policy.mode == Mode::DryRun {
            return self.rehearse(walked).await;
        }
        let Prepared { plan, failures } = match self.prepare(walked).await {
            Ok(prepared) => prepared,
            Err(error) => return self.failed(error.as_error()),
        };
        let approved = match plan.approve(&self.policy.limits) {
            Ok(approved) => approved,
            Err(refusal) => return Ended::of(self.account().refused(&plan, failures, &refusal)),
        };
        // With nothing that may be deleted there is nothing to ask; what is forbidden is only marked.
        let has_work = !would_be_gone(&plan, self.policy).is_empty();
        // Nobody is asked about deletions that are held up.
        let held = if has_work { brake.check().err() } else { None };
        let consented = match &held {
            None if has_work => consent(&self.account().planned(&plan, failures)).await,
            _ => Ok(()),
        };
        let execution = match (held, &consented) {
            (Some(halt), _) => hold_up(&approved, halt, self.observer),
            (None, Ok(())) => execute(self.reader, writer, &approved, brake, self.observer, self.stop).await,
            (None, Err(_)) => Execution::of_nothing(&approved),
        };
        let why = execution.halt.as_ref().map(ToString::to_string).or(consented.err());
        let report = self.account().executed(&plan, failures, &execution.outcomes, why.as_deref());
        let (packages, files) = (execution.outcomes.packages, execution.outcomes.files);
        let gone = Gone {
            packages: packages.into_iter().filter_map(|(id, outcome)| outcome.is_gone().then_some(id)).collect(),
            files: files.into_iter().filter_map(|(id, outcome)| outcome.is_gone().then_some(id)).collect(),
        };
        Ended::of(report).leaving_out(gone)
    }

    async fn prepare<'w>(&self, walked: Result<&Walked, &'w WalkError>) -> Result<Prepared, Unprepared<'w>> {
        let inventory = self.inventory(walked.map_err(Unprepared::Walk)?);
        let Self { set, policy, now, .. } = *self;
        let inquiry = Inquiry { set, policy, inventory: &inventory, now, gone: &self.gone.files, wanted: None };
        let evidence = inspect(self.reader, &inquiry, self.observer, self.stop).await;
        let evidence = evidence.map_err(Unprepared::Inspect)?;
        let failures = evidence.failures();
        let plan = plan(self.set, self.policy, inventory, &evidence, self.now);
        Ok(Prepared { plan, failures })
    }

    fn inventory(&self, walked: &Walked) -> Inventory {
        walked.within(&self.policy.scope, self.projects).without(&self.gone.packages)
    }

    fn failed(&self, error: &(dyn Error + 'static)) -> Ended {
        let is_cut_off = chain(error)
            .filter_map(|cause| cause.downcast_ref::<gitlab::Error>())
            .any(gitlab::Error::is_about_the_settings);
        Ended { is_cut_off, ..Ended::of(self.account().failed(paragraph(error))) }
    }

    fn account(&self) -> Account<'_> {
        let requests = self.requests.by_method();
        Account { set: self.set, policy: self.policy, now: self.now, rows: self.rows, requests }
    }
}

/// The error with its causes, and what to do about it.
#[must_use]
pub fn paragraph(error: &(dyn Error + 'static)) -> String {
    let told: Vec<String> = chain(error).map(ToString::to_string).collect();
    let advice = chain(error).find_map(|cause| cause.downcast_ref::<gitlab::Error>()?.advice());
    match advice {
        Some(advice) => format!("{}. {advice}", told.join(": ")),
        None => told.join(": "),
    }
}

/// The error and its causes.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    iter::successors(Some(error), |&cause| cause.source())
}
