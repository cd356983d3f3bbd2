//! The result of a cycle, and what is to be remembered of it.

use std::collections::{BTreeMap, HashSet};

use crate::package::{BranchSighting, PackageId, ProjectId};
use crate::plan::inventory::Walked;
use crate::plan::{Backlog, Ending, Endings, HeldProjects, HoldsSeen, ItemId, Outcome, Take};
use crate::record::state::Noted;
use crate::report::PolicyReport;

/// The result of a cycle.
#[derive(Debug)]
pub struct Ended {
    /// The report of the cycle.
    pub report: PolicyReport,
    /// What it takes from the policies after it.
    pub take: Take,
    /// The projects that the holds held, to be remembered; `None` where not all of the scope was planned.
    pub held: Option<HeldProjects>,
    /// What the policy's cycles were told that keeps packages, to be remembered; `None` where not all of the scope was
    /// planned, or nobody remembers.
    pub holds: Option<HoldsSeen>,
    /// What was seen of the branches of projects, to be remembered.
    pub branches: BTreeMap<ProjectId, BranchSighting>,
    /// The address, the certificates or the token are wrong, so that every other policy would fail the same way.
    pub is_cut_off: bool,
    /// There is a plan, and it shows what an execution would do.
    pub shows_enough: bool,
    /// Some package may or may not be gone. The next plan counts what is there, so it has to list anew: a package that
    /// is gone must not take the place of one that is there.
    pub leaves_doubt: bool,
    /// The packages that a deletion was sent for.
    pub sent: HashSet<PackageId>,
    /// What an approved plan that goes in parts leaves; `None` where that is as it was.
    pub backlog: Option<Backlog>,
}

impl Ended {
    pub(super) fn of(report: PolicyReport) -> Self {
        let (take, held, holds, branches) = (Take::default(), None, None, BTreeMap::new());
        let (is_cut_off, shows_enough, leaves_doubt) = (false, false, false);
        let (sent, backlog) = (HashSet::new(), None);
        Self { report, take, held, holds, branches, is_cut_off, shows_enough, leaves_doubt, sent, backlog }
    }
}

impl Ended {
    /// Returns what is to be remembered of the cycle. `walked` is its walk, if that came to its end.
    #[must_use]
    pub fn noted<'a>(&'a self, walked: Option<&'a Walked>) -> Noted<'a> {
        Noted {
            paths: walked.map(|walked| &walked.seen),
            branches: Some(&self.branches),
            held: self.held.as_ref(),
            holds: self.holds.as_ref(),
            backlog: self.backlog.as_ref(),
        }
    }
}

/// Returns whether some package may or may not be gone.
pub(super) fn leaves_doubt(endings: &Endings) -> bool {
    let is_doubtful = |ending: &Ending| matches!(ending.outcome, Outcome::Unconfirmed | Outcome::Failed);
    endings.iter().any(|(item, ending)| matches!(item, ItemId::Package(_)) && is_doubtful(ending))
}
