//! One pass of one policy: walk, shortlist, evidence, plan, approve, execute, report.
//!
//! The walk is a step of its own, because policies that list the same can share one. [`Cycle::estimate`] and
//! [`Cycle::rehearse`] have no writer, so they can't delete; [`Cycle::run`] takes one.

pub mod brake;
pub mod breaker;
pub mod clock;
mod ended;
pub mod execute;
pub mod explain;
pub mod in_use;
pub mod inspect;
pub mod load;
pub mod look;
pub mod marking;
pub mod progress;
pub mod recover;
mod remember;
pub mod scribe;
mod shown;
mod unmet;
pub mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::iter;

use tokio_util::sync::CancellationToken;

pub use ended::Ended;

use crate::cycle::ended::leaves_doubt;
use crate::cycle::execute::{Execution, Means, Tools, execute, hold_up};
use crate::cycle::inspect::{InspectError, inspect};
use crate::cycle::look::Basis;
use crate::cycle::marking::Marking;
use crate::cycle::progress::Observer;
use crate::cycle::scribe::InDoubt;
use crate::cycle::unmet::Unmet;
use crate::cycle::walk::{Route, Walk, WalkError};
use crate::gitlab::{self, GitlabClock, Reader, RequestCounts};
use crate::package::{BranchSighting, BranchesSeen, Evidence, PathsSeen, ProjectId};
use crate::plan::inventory::{Gone, Inventory, Stray, Walked};
use crate::plan::{HeldProjects, HoldsTold, Inquiry, Marks, Memory, Plan, Take, Taken, estimate, plan, would_be_gone};
use crate::policy::{InForce, Mode, Named, Patterns, Policy, Unusable};
use crate::record::saved_plan::SavedDeletions;
use crate::report::{Account, Gaps, PolicyReport, Rows};

/// The parts of a cycle. It reads no clock: everything in it is judged by the one instant of its policy.
#[derive(Clone, Copy)]
pub struct Cycle<'a> {
    /// Reads from GitLab.
    pub reader: &'a Reader,
    /// Counts the requests of this cycle.
    pub requests: &'a RequestCounts,
    /// The policy, with its set and the instant.
    pub in_force: InForce<'a>,
    /// Narrows the scope to projects whose path matches.
    pub projects: Option<&'a Patterns>,
    /// The packages and files that the policies before this one take: it is planned on what they leave.
    pub taken: &'a Taken,
    /// The memory of earlier runs; `None` where nobody keeps one.
    pub memory: Option<&'a Memory>,
    /// What a saved plan names of this policy, where one is executed. No more than that goes.
    pub saved: Option<&'a SavedDeletions>,
    /// The marks of earlier runs, for a policy with `grace`.
    pub marking: Marking<'a>,
    /// Which verdicts the report lists.
    pub rows: Rows,
    /// GitLab's clock, as far as its answers told it.
    pub theirs: &'a GitlabClock,
    /// Hears what happens.
    pub observer: &'a dyn Observer,
    /// Stops the cycle.
    pub stop: &'a CancellationToken,
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

/// A plan, and the gaps that it has.
struct Prepared {
    plan: Plan,
    gaps: Gaps,
    branches: BTreeMap<ProjectId, BranchSighting>,
    /// What the cycle was told that keeps packages.
    told: HoldsTold,
    /// What it was made of, beside its packages.
    frame: Inventory,
    evidence: Evidence,
    gone: Gone,
}

/// The purpose of a plan.
#[derive(Clone, Copy)]
enum Aim<'a> {
    /// A dry run shows what would follow from the plans of the policies before, and from a hold that has let go of a
    /// project.
    Show,
    /// An execution goes by what is there for certain. With a project that a hold has let go of, it waits for the next run.
    Execute(&'a InDoubt),
}

impl<'a> Cycle<'a> {
    /// Lists what the policy looks at.
    ///
    /// # Errors
    ///
    /// Anything that leaves the listing unfinished.
    pub async fn walk(&self) -> Result<Walked, WalkError> {
        let (route, named) = (Route::of(self.policy()), self.in_force.set().named(&[self.policy()]));
        let nothing = PathsSeen::default();
        let remembered = self.memory.map_or(&nothing, |memory| &memory.paths);
        let Self { reader, observer, stop, .. } = *self;
        Walk { reader, route: &route, named: &named, remembered, observer, stop }.run().await
    }

    /// Reports the upper bound that the listing alone gives, without evidence.
    #[must_use]
    pub fn estimate(self, walked: Result<&Walked, &WalkError>) -> Ended {
        let walked = match walked {
            Ok(walked) => walked,
            Err(error) => return self.failed(error),
        };
        let estimate = estimate(self.in_force, self.inventory(walked, &self.taken.in_plans()));
        Ended::of(self.account().estimated(&estimate, &self.gaps(walked)))
    }

    /// Reports the policy as failed without asking GitLab, which an earlier policy could not reach.
    #[must_use]
    pub fn give_up(self) -> Ended {
        let why = "not tried, because GitLab can't be asked as it is set up: see the policy before";
        Ended::of(self.account().failed(why.to_owned()))
    }

    /// Plans, and reports what an execution would do.
    pub async fn rehearse(self, walked: Result<&Walked, &WalkError>) -> Ended {
        let Prepared { plan, mut gaps, branches, told, .. } = match self.prepare(walked, Aim::Show).await {
            Ok(prepared) => prepared,
            Err(error) => return self.failed(error.as_error()),
        };
        let ended = match plan.approve(&self.policy().limits) {
            Ok(approved) => {
                gaps.warnings.extend(approved.by_exception().map(str::to_owned));
                gaps.warnings.extend(approved.in_parts());
                gaps.warnings.extend(approved.approved_before());
                let take = Take::Planned(would_be_gone(&plan, self.in_force));
                Ended { take, ..Ended::of(self.account().planned(&plan, &gaps)) }
            }
            Err(refusal) => Ended::of(self.account().refused(&plan, &gaps, &refusal)),
        };
        let holds = self.holds_after(&told);
        Ended { held: self.held_by(&plan), holds, branches, shows_enough: self.shows_enough(&plan), ..ended }
    }

    /// Plans, and executes if the policy is in `mode: delete`, for as long as the brake lets it. `consent` sees the
    /// plan's report before the first deletion. If it says no, nothing is deleted, and the report tells its reason, as
    /// a sentence.
    pub async fn run(
        self,
        walked: Result<&Walked, &WalkError>,
        tools: Tools<'_>,
        consent: impl AsyncFnOnce(&PolicyReport) -> Result<(), String>,
    ) -> Ended {
        if self.policy().mode == Mode::DryRun {
            return self.rehearse(walked).await;
        }
        let doubt = tools.scribe.in_doubt(self.in_force.now());
        let Prepared { plan, mut gaps, branches, told, frame, evidence, gone } =
            match self.prepare(walked, Aim::Execute(&doubt)).await {
                Ok(prepared) => prepared,
                Err(error) => return self.failed(error.as_error()),
            };
        let (held, shows_enough) = (self.held_by(&plan), self.shows_enough(&plan));
        let holds = self.holds_left(&told, &plan, &Gone::default());
        let plan = match self.saved {
            None => plan,
            Some(saved) => match plan.approve(&self.policy().limits) {
                Ok(_) => plan.only(&saved.named),
                // What is beyond its limits as a whole is not deleted in slices.
                Err(refusal) => {
                    let ended = Ended::of(self.account().refused(&plan, &gaps, &refusal));
                    return Ended { held, holds, branches, shows_enough, ..ended };
                }
            },
        };
        let approved = plan.approve(&self.policy().limits).and_then(|approved| approved.within_run(tools.run_limit));
        let approved = match approved {
            Ok(approved) => approved,
            Err(refusal) => {
                let ended = Ended::of(self.account().refused(&plan, &gaps, &refusal));
                return Ended { held, holds, branches, shows_enough, ..ended };
            }
        };
        gaps.warnings.extend(approved.by_exception().map(str::to_owned));
        gaps.warnings.extend(approved.in_parts());
        gaps.warnings.extend(approved.approved_before());
        // Where nothing may be deleted there is nothing to ask; what is forbidden is only marked.
        let has_work = !would_be_gone(&plan, self.in_force).is_empty();
        // Nobody is asked about deletions that are held up.
        let halted = if has_work { tools.brake.glance(self.in_force).err() } else { None };
        let was_held_up = halted.is_some();
        let consented = match &halted {
            None if has_work => consent(&self.account().planned(&plan, &gaps)).await,
            _ => Ok(()),
        };
        let mut execution = match (halted, &consented) {
            (Some(halt), _) => hold_up(&approved, halt, self.observer),
            (None, Ok(())) => {
                let (paths, nothing) = (self.paths(walked), BranchesSeen::default());
                let basis = Basis {
                    in_force: self.in_force,
                    plan: &plan,
                    frame: &frame,
                    evidence: &evidence,
                    gone: &gone.files,
                    paths: &paths,
                    branches: self.memory.map_or(&nothing, |memory| &memory.branches),
                    projects: self.projects,
                };
                let Self { reader, theirs, observer, stop, marking, .. } = self;
                execute(Means { reader, tools, marking, theirs, observer, stop }, &approved, basis).await
            }
            (None, Err(_)) => Execution::of_nothing(&approved),
        };
        let unmet = match self.saved {
            Some(saved) => Unmet::of(&self, saved, &plan, &gone).await,
            None => Unmet::default(),
        };
        execution.endings.extend(unmet.endings);
        // A run that was narrowed says nothing of the rest. One that was held up approves nothing, nor one that nobody agreed to.
        let is_whole = self.projects.is_none() && self.saved.is_none() && !was_held_up && consented.is_ok();
        let given_up = execution.given_up.keys().copied().collect();
        let backlog = is_whole.then(|| plan.leaves(self.policy(), &execution.endings, &given_up));
        let why = execution.halt.as_ref().map(ToString::to_string).or(consented.err()).or(execution.why_left());
        let report = self.account().executed(&plan, &gaps, &execution.endings, why.as_deref());
        let mut report = match &execution.unrecorded {
            Some(problem) => report.unrecorded(problem),
            None => report,
        };
        let unsettled = execution.unsettled.iter().map(|why| format!("marks that were to go are still kept: {why}"));
        report.warnings.extend(unsettled);
        let report = report.with_unknown(unmet.unknown);
        let leaves_doubt = leaves_doubt(&execution.endings);
        // Whatever a deletion was sent for takes no place in a later plan: it may go at any time.
        let mut taken: Gone = execution.endings.gone().collect();
        taken.packages.extend(&execution.sent);
        let holds = self.holds_left(&told, &plan, &taken);
        // What is left to a later cycle takes none either: it would be the newest, and go after what stays for it.
        taken.packages.extend(execution.endings.later());
        let (take, sent) = (Take::Deleted(taken), execution.sent);
        Ended { take, held, holds, branches, shows_enough, leaves_doubt, sent, backlog, ..Ended::of(report) }
    }

    async fn prepare<'w>(
        &self,
        walked: Result<&Walked, &'w WalkError>,
        aim: Aim<'_>,
    ) -> Result<Prepared, Unprepared<'w>> {
        let walked = walked.map_err(Unprepared::Walk)?;
        let gone = match aim {
            Aim::Show => self.taken.in_plans(),
            Aim::Execute(doubt) => doubt.and(self.taken.in_fact()),
        };
        let inventory = self.inventory(walked, &gone);
        let in_force = self.in_force;
        let nothing = BranchesSeen::default();
        let branches = self.memory.map_or(&nothing, |memory| &memory.branches);
        let inquiry = Inquiry { in_force, inventory: &inventory, gone: &gone.files, branches, wanted: None };
        let evidence = inspect(self.reader, &inquiry, self.observer, self.stop).await;
        let mut evidence = evidence.map_err(Unprepared::Inspect)?;
        if let Aim::Execute(doubt) = aim {
            evidence.doubt_files(&doubt.trimmed);
        }
        let told = HoldsTold::of(in_force, walked, &inventory, &evidence);
        let fewer = self.fewer_holds(&told);
        let (left_out, inventory) = match aim {
            Aim::Show => (0, inventory),
            Aim::Execute(_) => (fewer.left_out.len(), inventory.with_fewer_holds(fewer.left_out.clone())),
        };
        let mut frame = inventory.frame();
        let present: BTreeSet<ProjectId> = inventory.packages().iter().map(|package| package.project.id).collect();
        let before = self.memory.and_then(|memory| memory.held.as_ref());
        // Only a changed text can let go of a project, so only then the plan may have to be made anew.
        let again = before.filter(|before| HeldProjects::of(in_force).differs_in_text(before));
        let again = again.map(|_| inventory.clone());
        let mut planned = plan(in_force, inventory, &evidence);
        let mut loosened = before.map(|before| planned.held().loosened_since(before, &present)).unwrap_or_default();
        if let Some(inventory) = again.filter(|_| matches!(aim, Aim::Execute(_)) && !loosened.projects.is_empty()) {
            let inventory = inventory.with_loosened(loosened.projects.keys().copied().collect());
            frame = inventory.frame();
            planned = plan(in_force, inventory, &evidence);
        }
        // What an in-use file names changes from day to day, and a protection that goes by one may hold nothing today.
        loosened.emptied.retain(|hold| !self.goes_by_files(hold));
        let mut gaps = Gaps { lookups: evidence.failures(), left_out, ..self.gaps(walked) };
        gaps.tell_loosened(&loosened, walked);
        gaps.tell_fewer_holds(&fewer, walked);
        let branches = evidence.branch_sightings();
        if !self.memory.is_some_and(|memory| memory.is_kept) && in_force.goes_by_branches() {
            gaps.tell_forgotten_branches(branches.values().map(|seen| seen.gone.len()).sum(), in_force.now());
        }
        gaps.tell_unread_branches(&evidence.projects_without_branches());
        let planned = self.under_grace(planned, walked, &evidence, &mut gaps);
        let backlog = self.memory.and_then(|memory| memory.backlog.as_ref());
        let planned = planned.with_backlog(in_force, backlog);
        Ok(Prepared { plan: planned, gaps, branches, told, frame, evidence, gone })
    }

    /// Returns the plan with what waits under `grace`, by the marks of the runs before and of this one.
    fn under_grace(&self, plan: Plan, walked: &Walked, evidence: &Evidence, gaps: &mut Gaps) -> Plan {
        let mut unanswered = evidence.unanswered();
        unanswered.extend(walked.untold(&self.policy().scope, self.projects));
        let marks = self.marking.renewed(self.in_force, &plan, &unanswered).unwrap_or_else(|error| {
            let told = format!("nothing under `grace` goes, because marks are not kept: {}", paragraph(&error));
            gaps.warnings.insert(0, told);
            Marks::default()
        });
        plan.under_grace(self.in_force, &marks)
    }

    /// Returns what the walk leaves open.
    fn gaps(&self, walked: &Walked) -> Gaps {
        let untold = walked.untold(&self.policy().scope, self.projects);
        let named = self.in_force.set().named(&[self.policy()]);
        let gaps = Gaps::of(untold.len(), &strays(walked, &named));
        let is_remembered = self.memory.is_some_and(|memory| memory.is_kept);
        let unusable = self.unusable().into_iter().map(|(file, why)| format!("{file} can't be used, because {why}"));
        Gaps { in_use: unusable.collect(), forgets_paths: !named.is_empty() && !is_remembered, ..gaps }
    }

    /// Returns whether the plan shows what an execution would do.
    fn shows_enough(&self, plan: &Plan) -> bool {
        plan.shows_enough() && self.unusable().is_empty()
    }

    fn unusable(&self) -> BTreeMap<&str, &Unusable> {
        self.in_force.set().unusable_at(self.in_force.now())
    }

    fn goes_by_files(&self, hold: &str) -> bool {
        let mut protections = self.in_force.set().protections.iter();
        protections.any(|protection| protection.name == hold && protection.goes_by_files())
    }

    fn inventory(&self, walked: &Walked, gone: &Gone) -> Inventory {
        let inventory = walked.within(&self.policy().scope, self.projects).without(&gone.packages);
        match self.memory {
            Some(memory) => inventory.without(&memory.sent),
            None => inventory,
        }
    }

    fn failed(&self, error: &(dyn Error + 'static)) -> Ended {
        let is_cut_off = chain(error)
            .filter_map(|cause| cause.downcast_ref::<gitlab::Error>())
            .any(gitlab::Error::is_about_the_settings);
        Ended { is_cut_off, ..Ended::of(self.account().failed(paragraph(error))) }
    }

    fn policy(&self) -> &'a Policy {
        self.in_force.policy()
    }

    fn account(&self) -> Account<'_> {
        let requests = self.requests.by_method();
        Account { in_force: self.in_force, rows: self.rows, requests }
    }
}

/// Returns what this policy's rules name, and is not where they name it. The walk may be shared with other policies,
/// which name more.
fn strays(walked: &Walked, named: &[Named]) -> Vec<Stray> {
    let strays = walked.strays.iter().filter_map(|stray| {
        let named = named.iter().find(|named| named.path == stray.named.path)?.clone();
        Some(Stray { named, whereabouts: stray.whereabouts.clone() })
    });
    strays.collect()
}

/// Returns the error with its causes, and what to do about it.
#[must_use]
pub fn paragraph(error: &(dyn Error + 'static)) -> String {
    let causes: Vec<String> = chain(error).map(ToString::to_string).collect();
    let advice = chain(error).find_map(|cause| cause.downcast_ref::<gitlab::Error>()?.advice());
    match advice {
        Some(advice) => format!("{}. {advice}", causes.join(": ")),
        None => causes.join(": "),
    }
}

/// Returns the error and its causes.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    iter::successors(Some(error), |&cause| cause.source())
}
