//! Holds a plan against its limits before the first deletion. A plan beyond one of them is refused whole.

mod part;

use std::collections::BTreeSet;
use std::fmt;

use super::{Backlog, ItemId, Plan};
use crate::policy::{Exception, Limits, Policy};
use part::Part;

/// A plan that is within its limits. Execution takes nothing else.
#[derive(Debug)]
pub struct Approved<'a> {
    plan: &'a Plan,
    by_exception: Option<String>,
    /// How much of it one cycle deletes.
    per_cycle: Option<u64>,
}

/// The first limit that a plan is beyond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The limit.
    pub limit: LimitName,
    /// The most that the limit allows: a count, a percentage, or bytes.
    pub allowed: u64,
    /// The figure of the plan, rounded up; `None` for `max_bytes` where a size is unknown.
    pub wanted: Option<u64>,
    /// What set the limit.
    pub by: HeldBy,
    /// One sentence with the figures.
    pub because: String,
}

/// What set the limit that a plan is beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldBy {
    /// The policy's limits.
    Limits,
    /// The exception from them.
    Exception,
    /// The policy's limits, after the end of an exception that would let the figure pass.
    EndedException,
    /// The limit of the whole run.
    Run(RunLimit),
}

/// How much a whole run may delete, over all its policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunLimit {
    /// The most packages and files together.
    pub most: u64,
    /// How many of these the policies so far have left.
    pub left: u64,
}

/// The limits by their names in a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitName {
    /// How many packages and files go.
    MaxDeletions,
    /// How many of the packages in scope go.
    MaxPercent,
    /// How many of a project's packages go.
    MaxPercentPerProject,
    /// How many of the packages of a group and of those beneath it go.
    MaxPercentPerGroup,
    /// How many bytes go.
    MaxBytes,
}

impl LimitName {
    /// Every limit, in the order in which they are checked.
    pub const ALL: [Self; 5] =
        [Self::MaxDeletions, Self::MaxPercent, Self::MaxPercentPerProject, Self::MaxPercentPerGroup, Self::MaxBytes];

    /// Returns the limit's name in a policy.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MaxDeletions => "max_deletions",
            Self::MaxPercent => "max_percent",
            Self::MaxPercentPerProject => "max_percent_per_project",
            Self::MaxPercentPerGroup => "max_percent_per_group",
            Self::MaxBytes => "max_bytes",
        }
    }
}

impl Plan {
    /// Holds the plan against its limits, in the order of [`LimitName::ALL`]. An exception from them holds up to its last
    /// day, by the plan's instant.
    ///
    /// # Errors
    ///
    /// Returns the first limit that the plan is beyond.
    pub fn approve(&self, limits: &Limits) -> Result<Approved<'_>, Refusal> {
        let whole = Part { plan: self, only: None, approved: &self.backlog.approved };
        self.hold(whole, limits)?;
        // Whoever reads the plan has to know that its limits alone would refuse it.
        let by_exception = match &limits.exception {
            Some(exception) => whole.within(limits).err().map(|Refusal { because, .. }| {
                format!("{because}; it is within {exception}, and without that it would be refused")
            }),
            None => None,
        };
        Ok(Approved { plan: self, by_exception, per_cycle: limits.max_per_cycle })
    }

    /// Holds a part of the plan against limits that may have been lowered since the plan was approved: what is gone by now
    /// and what is about to go. Percentages are those of the whole plan's packages. Limits that are as they were, or
    /// higher, hold no part of an approved plan up. What earlier cycles have approved counts again as soon as the limits are
    /// others.
    ///
    /// # Errors
    ///
    /// Returns the first limit that the part is beyond.
    pub fn still_within(&self, policy: &Policy, part: &BTreeSet<ItemId>) -> Result<(), Refusal> {
        let (Backlog { by, approved, .. }, nothing) = (&self.backlog, BTreeSet::new());
        let approved = if *by == policy.approval_digest() { approved } else { &nothing };
        self.hold(Part { plan: self, only: Some(part), approved }, &policy.limits)
    }

    fn hold(&self, part: Part<'_>, limits: &Limits) -> Result<(), Refusal> {
        let told = |refusal: Refusal| match &limits.exception {
            Some(exception) => refusal.beside(exception, exception.holds(self.as_of())),
            None => refusal,
        };
        part.within(&limits.at(self.as_of())).map_err(|refusal| told(part.beside_approved(refusal)))
    }
}

impl RunLimit {
    /// Returns the limit after so many more deletions.
    #[must_use]
    pub fn after(self, deletions: u64) -> Self {
        Self { left: self.left.saturating_sub(deletions), ..self }
    }
}

impl Refusal {
    /// Tells what the exception has to do with it.
    fn beside(self, exception: &Exception, holds: bool) -> Self {
        let raised = match self.limit {
            LimitName::MaxDeletions => exception.max_deletions,
            LimitName::MaxPercent => exception.max_percent.map(u64::from),
            LimitName::MaxPercentPerProject => exception.max_percent_per_project.map(u64::from),
            LimitName::MaxPercentPerGroup => exception.max_percent_per_group.map(u64::from),
            LimitName::MaxBytes => exception.max_bytes,
        };
        // A size that nobody knows is beyond any limit.
        let (Some(raised), Some(wanted)) = (raised, self.wanted) else { return self };
        let because = &self.because;
        let (because, by) = if holds {
            (format!("{because} by {exception}"), HeldBy::Exception)
        } else {
            let by = if wanted <= raised { HeldBy::EndedException } else { HeldBy::Limits };
            (format!("{because}; {exception}, which allowed {raised}, has ended"), by)
        };
        Self { because, by, ..self }
    }
}

impl<'a> Approved<'a> {
    /// Returns the plan.
    #[must_use]
    pub fn plan(&self) -> &'a Plan {
        self.plan
    }

    /// Holds the plan against what is left of the limit of the whole run.
    ///
    /// # Errors
    ///
    /// It is beyond that.
    pub fn within_run(self, run: Option<RunLimit>) -> Result<Self, Refusal> {
        let all = self.plan.going().count() as u64;
        let wanted = self.per_cycle.map_or(all, |most| most.min(all));
        let Some(run) = run.filter(|run| wanted > run.left) else { return Ok(self) };
        let RunLimit { most, left } = run;
        Err(Refusal {
            limit: LimitName::MaxDeletions,
            allowed: left,
            wanted: Some(wanted),
            by: HeldBy::Run(run),
            because: format!("{wanted} deletions are planned, and of the {most} of --max-deletions {left} are left"),
        })
    }

    /// Returns how many packages and files one cycle deletes at most; `None` for the whole plan.
    #[must_use]
    pub fn per_cycle(&self) -> Option<u64> {
        self.per_cycle
    }

    /// Returns that one cycle deletes only a part of the plan, as a sentence; `None` where it deletes the whole.
    #[must_use]
    pub fn in_parts(&self) -> Option<String> {
        let all = self.plan.going().filter(|(item, _)| !self.plan.waits(*item)).count() as u64;
        let most = self.per_cycle.filter(|most| *most < all)?;
        Some(format!(
            "of {all} deletions at most {most} are done in one cycle, the oldest first, by max_per_cycle: {most}; the rest \
             is left to later ones, each of which plans anew"
        ))
    }

    /// Returns how much of the plan earlier cycles have approved, as a sentence; `None` where they have approved nothing.
    #[must_use]
    pub fn approved_before(&self) -> Option<String> {
        let count = self.plan.backlog.approved.len();
        (count > 0).then(|| {
            format!(
                "{count} of these deletions were approved by earlier cycles, and are not held against the limits again"
            )
        })
    }

    /// Returns what the plan's ordinary limits would have refused, and which exception lets it pass; `None` where it is
    /// within them.
    #[must_use]
    pub fn by_exception(&self) -> Option<&str> {
        self.by_exception.as_deref()
    }
}

impl fmt::Display for LimitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
