//! Holds a saved plan against the present: the GitLab, the time, and the policies as they are now.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::error::SavedPlanProblem as Problem;
use super::{LONGEST, SavedPlan, SavedPlanError, SavedPolicy};
use crate::package::address::Address;
use crate::policy::{PatternKind, Patterns, PolicySet};

impl SavedPlan {
    /// Checks that it is a plan for this GitLab, by the policies of the set as they are now.
    ///
    /// Protections and keep rules may have come since: they hold. One that is gone or was changed may be what kept the rest
    /// from being named, and whoever read the plan read it with that rule.
    ///
    /// # Errors
    ///
    /// When it was made of another GitLab, or by other rules.
    pub fn is_bound_to(&self, address: &Address, set: &PolicySet) -> Result<(), SavedPlanError> {
        let theirs = self.report.instance.clone();
        if Address::parse(&theirs).as_ref() != Ok(address) {
            return Err(self.refused(Problem::Foreign { theirs, ours: address.to_string() }));
        }
        self.saved
            .policies
            .iter()
            .try_for_each(|policy| self.is_as_bound(policy, set))
            .map_err(|problem| self.refused(problem))
    }

    /// Checks that it may be executed at this time. `theirs` is the time at GitLab; `None` where GitLab hasn't told it.
    ///
    /// # Errors
    ///
    /// When it is of the future, or too old.
    pub fn is_timely(&self, now: Timestamp, theirs: Option<Timestamp>) -> Result<(), SavedPlanError> {
        let (as_of, expires_at) = (self.report.as_of, self.saved.expires_at);
        let present = theirs.unwrap_or(now);
        if as_of > present {
            return Err(self.refused(Problem::OfTheFuture { as_of, now: present }));
        }
        let latest = now.max(present);
        if latest.duration_since(as_of) > SignedDuration::from_hours(i64::from(LONGEST) * 24) {
            return Err(self.refused(Problem::TooOld { as_of }));
        }
        if latest > expires_at {
            return Err(self.refused(Problem::Expired { expires_at, now: latest }));
        }
        Ok(())
    }

    /// Checks that it has exactly so many deletions.
    ///
    /// # Errors
    ///
    /// When it has more or fewer.
    pub fn has_exactly(&self, accepted: u64) -> Result<(), SavedPlanError> {
        let counted = self.deletions();
        if counted == accepted { Ok(()) } else { Err(self.refused(Problem::NotAccepted { counted, accepted })) }
    }

    /// Returns what narrows the projects; `None` where nothing does.
    ///
    /// # Errors
    ///
    /// When a pattern can't be read.
    pub fn narrowed(&self) -> Result<Option<Patterns>, SavedPlanError> {
        let texts: Vec<&str> = self.saved.projects.iter().map(String::as_str).collect();
        if texts.is_empty() {
            return Ok(None);
        }
        let parsed = Patterns::parse(&texts, PatternKind::Path).map(Some);
        parsed.map_err(|_| self.refused(Problem::NoPattern { pattern: texts.join(" ") }))
    }

    fn is_as_bound(&self, saved: &SavedPolicy, set: &PolicySet) -> Result<(), Problem> {
        let policy = saved.policy.clone();
        let Some(in_force) = set.policy_at(&policy, self.report.as_of) else {
            return Err(Problem::NoPolicy { policy });
        };
        if in_force.policy().selection_digest() != saved.binding {
            return Err(Problem::Rebound { policy, file: in_force.policy().source.clone() });
        }
        let now: HashSet<String> = in_force.hold_texts().into_iter().map(|hold| hold.sha256).collect();
        match saved.holds.iter().find(|hold| !now.contains(&hold.sha256)) {
            Some(hold) => Err(Problem::HoldGone { policy, rule: hold.rule.clone() }),
            None => Ok(()),
        }
    }

    fn refused(&self, problem: Problem) -> SavedPlanError {
        SavedPlanError::Refused { path: self.path.clone(), problem }
    }
}
